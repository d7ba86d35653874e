//! Redaction of a text that comes in pieces: a value that is split over two of them is found as well.

use super::Vault;
use crate::{Detector, Redacted};

/// Bytes held back until more is known: longer than any value but a key in armour.
const HOLD: usize = 2_000;
/// Most bytes held back for a value that has not ended yet, such as a key in armour.
const MOST: usize = 64_000;
/// Bytes of what went out that are kept, so that a word that announces a value is still seen.
const CONTEXT: usize = 200;

/// One stream. What it gives out is final.
#[derive(Debug)]
pub struct Stream<'a> {
    vault: &'a mut Vault,
    detector: &'a Detector,
    held: String,
    /// Bytes at the start of `held` that went out already.
    context: usize,
}

impl<'a> Stream<'a> {
    /// A new stream of a conversation.
    pub fn new(vault: &'a mut Vault, detector: &'a Detector) -> Self {
        Self { vault, detector, held: String::new(), context: 0 }
    }

    /// Takes a piece and gives out what is certain by now; often nothing.
    pub fn push(&mut self, piece: &str) -> Redacted {
        self.held.push_str(piece);
        if self.held.len() < self.context + HOLD * 2 {
            return Redacted::new(String::new());
        }
        self.out(self.held.len() - HOLD)
    }

    /// The rest.
    pub fn finish(mut self) -> Redacted {
        self.out(usize::MAX)
    }

    fn out(&mut self, upto: usize) -> Redacted {
        let spans = self.detector.find(&self.held);
        let last = upto == usize::MAX;
        let mut cut = self.held.len();
        if !last {
            // Behind white space, and not inside of a value; a placeholder look-alike has no white space.
            let limit = upto.min(self.held.len());
            cut = self
                .held
                .char_indices()
                .take_while(|(i, _)| *i < limit)
                .filter(|(_, c)| c.is_whitespace())
                .last()
                .map_or(0, |(i, c)| i + c.len_utf8());
            if let Some(s) = spans.iter().find(|s| s.start < cut && s.end > cut) {
                cut = s.start;
            }
            if cut <= self.context {
                if self.held.len() - self.context < MOST {
                    return Redacted::new(String::new());
                }
                cut = self.held.len();
            }
        }
        let from = self.context;
        let inside: Vec<_> = spans
            .iter()
            .filter(|s| s.end > from && s.start < cut)
            .map(|s| crate::Span::new(s.start.max(from) - from, s.end.min(cut) - from, s.kind))
            .collect();
        let text = self.held.get(from..cut).unwrap_or_default().to_owned();
        let out = self.vault.replace(&text, &inside);
        let mut keep = cut.saturating_sub(CONTEXT);
        while !self.held.is_char_boundary(keep) {
            keep += 1;
        }
        self.held.drain(..keep);
        self.context = cut - keep;
        out
    }
}
