//! People and hosts that the company named: found exactly, as whole words, never inside another word.

use super::text::{at, before, wordy};
use crate::Kind;
use crate::span::{Ranked, Span, rank};
use aho_corasick::{AhoCorasick, MatchKind};
use nightbell_core::person::Person;

/// What names a human.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// Full names and aliases. Found in any case when they have two words or more, else as they are written.
    pub names: Vec<String>,
    /// Mail addresses, in any case.
    pub emails: Vec<String>,
    /// Accounts and handles, as they are written, with or without `@`.
    pub accounts: Vec<String>,
}

impl From<&Person> for Known {
    fn from(p: &Person) -> Self {
        Self { names: vec![p.name.clone()], emails: p.emails.clone(), accounts: p.accounts.values().cloned().collect() }
    }
}

/// The searchable form of a directory.
#[derive(Debug, Default)]
pub(super) struct Index {
    automaton: Option<AhoCorasick>,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    text: String,
    kind: Kind,
    exact: bool,
    /// `.corp.example`: the labels before it belong to the name.
    suffix: bool,
}

impl Index {
    pub(super) fn new(people: &[Known], hosts: &[String]) -> Result<Self, String> {
        let mut entries = Vec::new();
        let mut add = |text: &str, kind, exact: bool| {
            let text = text.trim();
            // A single character names nothing: it would hide half of every text.
            if text.chars().count() < 2 {
                return;
            }
            let suffix = kind == Kind::Host && text.starts_with('.');
            let mut forms = vec![text.to_owned()];
            if !exact && !text.is_ascii() {
                forms.extend([text.to_lowercase(), text.to_uppercase()]);
            }
            entries.extend(forms.into_iter().map(|text| Entry { text, kind, exact, suffix }));
        };
        for p in people {
            for n in &p.names {
                add(n, Kind::Person, !n.trim().contains(char::is_whitespace));
            }
            for e in &p.emails {
                add(e, Kind::Email, false);
            }
            for a in &p.accounts {
                add(a, Kind::Person, true);
            }
        }
        for h in hosts {
            add(h, Kind::Host, false);
        }
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .build(entries.iter().map(|e| e.text.as_str()))
            .map_err(|e| e.to_string())?;
        Ok(Self { automaton: (!entries.is_empty()).then_some(automaton), entries })
    }

    pub(super) fn find(&self, text: &str, out: &mut Vec<Ranked>) {
        for m in self.automaton.iter().flat_map(|a| a.find_overlapping_iter(text)) {
            let Some(e) = self.entries.get(m.pattern().as_usize()) else { continue };
            let mut start = m.start();
            if e.suffix {
                while label(before(text, start)) && m.start() - start < 253 {
                    start -= 1;
                }
            }
            if (e.exact && text.get(m.range()) != Some(&e.text)) || (e.suffix && start == m.start()) {
                continue;
            }
            if whole(text, start, m.end(), e.kind) {
                out.push((rank::OPERATOR, Span::new(start, m.end(), e.kind)));
            }
        }
    }
}

const fn label(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_')
}

/// Not a part of a longer word, address or path name.
fn whole(text: &str, start: usize, end: usize, kind: Kind) -> bool {
    let (b, a) = (before(text, start), at(text, end));
    if wordy(b) || wordy(a) || b == b'_' || a == b'_' {
        return false;
    }
    let joined = |c: u8, next: u8| matches!(c, b'-' | b'.') && wordy(next);
    match kind {
        Kind::Person => !joined(b, before(text, start.saturating_sub(1))) && !joined(a, at(text, end + 1)),
        Kind::Host => !joined(b, before(text, start.saturating_sub(1))) && !joined(a, at(text, end + 1)) && b != b'@',
        _ => b != b'.' && b != b'+' && b != b'-' && !joined(a, at(text, end + 1)),
    }
}
