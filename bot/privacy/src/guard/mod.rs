//! Whether a text tries to give orders to a machine. A hint for analysts and a reason to be stricter, never a
//! permission: a text without signals is as untrusted as before.

pub(crate) mod normal;
mod shape;
mod words;

use crate::Untrusted;
use base64::Engine as _;
use regex::Regex;
use serde::Serialize;
use std::sync::LazyLock;

/// From this score on a text is called suspicious.
pub const THRESHOLD: f64 = 0.55;

/// Most bytes that are looked at: the first three quarters from the start, the rest from the end.
const MOST: usize = 128 * 1024;

/// One reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signal {
    /// Short name, such as `override`.
    pub code: &'static str,
    /// How much it says alone, 0 to 1.
    pub weight: f64,
    /// What was seen, at most 120 characters. A quote of an untrusted text: for people only.
    pub text: String,
}

impl Signal {
    fn new(code: &'static str, weight: f64, seen: &str) -> Self {
        Self { code, weight, text: nightbell_core::text::one_line(seen, 120) }
    }
}

/// What the guard thinks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Opinion {
    /// Whether the score reaches [`THRESHOLD`].
    pub suspicious: bool,
    /// 0 (nothing seen) to 1.
    pub score: f64,
    /// The reasons, the strongest first.
    pub signals: Vec<Signal>,
}

static WORDINGS: LazyLock<Vec<(&'static str, f64, Regex)>> = LazyLock::new(|| {
    let all = words::WORDINGS.iter();
    all.filter_map(|(name, weight, p)| {
        let re = regex::RegexBuilder::new(p).size_limit(64 << 20).dfa_size_limit(8 << 20).build().ok()?;
        Some((*name, *weight, re))
    })
    .collect()
});

pub(crate) fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Looks at a text.
pub fn weigh(text: &Untrusted) -> Opinion {
    let all = text.evidence();
    let cut;
    let seen = if all.len() <= MOST {
        all
    } else {
        let (head, tail) = (floor(all, MOST / 4 * 3), floor(all, all.len() - MOST / 4));
        cut = format!("{}\n{}", all.get(..head).unwrap_or_default(), all.get(tail..).unwrap_or_default());
        &cut
    };
    let folded = normal::folded(seen);
    let mut signals = Vec::new();
    wordings(&folded, 1.0, &mut signals);
    shape::look(seen, &folded, &mut signals);
    // What is hidden in tag characters, in base 64 or behind digits for letters says the same as in clear.
    for inner in [normal::folded(&normal::tagged(seen)), decoded(seen), normal::unleet(&folded)] {
        if !inner.is_empty() && inner != folded {
            wordings(&inner, 0.9, &mut signals);
        }
    }
    signals.sort_by(|a: &Signal, b: &Signal| b.weight.total_cmp(&a.weight).then(a.code.cmp(b.code)));
    let mut codes = Vec::new();
    signals.retain(|s| {
        !codes.contains(&s.code) && {
            codes.push(s.code);
            true
        }
    });
    let clean = signals.iter().fold(1.0, |p, s| p * (1.0 - s.weight));
    let score = ((1.0 - clean) * 1000.0).round() / 1000.0;
    Opinion { suspicious: score >= THRESHOLD, score, signals }
}

fn wordings(folded: &str, trust: f64, out: &mut Vec<Signal>) {
    for (name, weight, re) in WORDINGS.iter() {
        if let Some(m) = re.find_iter(folded).find(|m| !warns(folded, m.start())) {
            out.push(Signal::new(name, weight * trust, m.as_str()));
        }
    }
}

/// "Never share your password" warns; it asks for nothing.
fn warns(folded: &str, at: usize) -> bool {
    let before = folded.get(floor(folded, at.saturating_sub(24))..at).unwrap_or_default();
    [
        "never ",
        "don't ",
        "do not ",
        "not ",
        "nobody ",
        "no one ",
        "must not ",
        "will ask you to ",
        "will never ",
        "asks you to ",
        "niemals ",
        "nie ",
    ]
    .iter()
    .any(|w| before.ends_with(w))
}

/// Texts in base 64 (24 letters or more), decoded and folded.
fn decoded(text: &str) -> String {
    let mut out = String::new();
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_');
    for w in text.split(|c| !word(c)).filter(|w| (24..=8_000).contains(&w.len())).take(50) {
        let plain = w.trim_end_matches('=').replace('-', "+").replace('_', "/");
        let clear =
            base64::engine::general_purpose::STANDARD_NO_PAD.decode(plain).ok().and_then(|b| String::from_utf8(b).ok());
        if let Some(t) = clear.filter(|t| t.chars().all(|c| !c.is_control() || c.is_whitespace())) {
            out.push_str(&t);
            out.push('\n');
        }
    }
    normal::folded(&out)
}
