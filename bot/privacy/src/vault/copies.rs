//! Other places of a known value: written again, or in another coding.

use crate::fence::base64_cores;
use crate::{Kind, Span};
use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Most values that are looked for again in one text.
const MOST: usize = 500;
/// Shortest value whose coded form is no accident, in bytes.
const CODED: usize = 6;

/// The found spans, and all copies of their values and of those that the vault holds.
pub(super) fn with_copies(text: &str, found: Vec<Span>, held: &BTreeMap<Kind, Vec<String>>) -> Vec<Span> {
    let mut values: BTreeSet<(&str, Kind)> =
        found.iter().filter_map(|s| Some((text.get(s.start..s.end)?, s.kind))).take(MOST).collect();
    for (k, list) in held {
        values.extend(list.iter().rev().take(MOST - values.len().min(MOST)).map(|v| (v.as_str(), *k)));
    }
    let coded = text.contains(['%', '=', '\\']) || long_run(text);
    let mut patterns: Vec<(String, Kind, bool)> = Vec::new();
    for (v, k) in values.into_iter().filter(|(v, _)| (3..=1_000).contains(&v.len())) {
        // All other kinds are found by their shape wherever they stand.
        if matches!(k, Kind::Person | Kind::Password | Kind::Token | Kind::Phone | Kind::Custom | Kind::Address) {
            patterns.push((v.to_owned(), k, true));
        }
        if coded && v.len() >= CODED {
            patterns.extend(codings(v).into_iter().map(|c| (c, k, false)));
        }
    }
    let lonely =
        patterns.len() == found.len() && patterns.iter().all(|(v, ..)| text.matches(v.as_str()).nth(1).is_none());
    if patterns.is_empty() || lonely {
        return found;
    }
    let Ok(automaton) =
        AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns.iter().map(|(v, ..)| v))
    else {
        return found;
    };
    let mut all = found;
    let first = all.len();
    for m in automaton.find_iter(text) {
        let Some((_, kind, word)) = patterns.get(m.pattern().as_usize()) else { continue };
        if *word && !whole(text, m.start(), m.end()) {
            continue;
        }
        // The whole run of base 64 goes: half of it is half of a value.
        let (start, end) = if *word { (m.start(), m.end()) } else { widen(text, m.start(), m.end()) };
        let known = all.get(..first).unwrap_or_default();
        let at = known.partition_point(|s| s.end <= start);
        let free = known.get(at).is_none_or(|s| s.start >= end)
            && all.get(first..).unwrap_or_default().last().is_none_or(|s| s.end <= start);
        if free {
            all.push(Span::new(start, end, *kind));
        }
    }
    all.sort_unstable_by_key(|s| s.start);
    all
}

fn whole(text: &str, start: usize, end: usize) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    !text.get(..start).is_some_and(|t| t.ends_with(word)) && !text.get(end..).is_some_and(|t| t.starts_with(word))
}

/// Whether a text has a word that may be base 64 of a value.
fn long_run(text: &str) -> bool {
    let b = text.as_bytes();
    let mut i = 11;
    while i < b.len() {
        if b[i].is_ascii_alphanumeric() {
            let from = b[..i].iter().rev().take_while(|c| c.is_ascii_alphanumeric()).count();
            let to = b[i..].iter().take(12).take_while(|c| c.is_ascii_alphanumeric()).count();
            if from + to >= 12 {
                return true;
            }
        }
        i += 12;
    }
    false
}

/// Percent and quoted-printable coding in both cases, JSON's, and base 64 at its three places.
fn codings(v: &str) -> Vec<String> {
    let bytes = |form: fn(u8) -> String, keep: fn(u8) -> bool| -> String {
        v.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { form(b) }).collect()
    };
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let printable = |b: u8| (b'!'..=b'~').contains(&b) && b != b'=' || b == b' ';
    let mut all = vec![
        bytes(|b| format!("%{b:02X}"), unreserved),
        bytes(|b| format!("%{b:02x}"), unreserved),
        bytes(|b| if b == b' ' { "+".to_owned() } else { format!("%{b:02X}") }, unreserved),
        bytes(|b| format!("={b:02X}"), printable),
        bytes(|b| format!("={b:02X}"), |b| b.is_ascii_alphanumeric()),
        bytes(|b| format!("={b:02X}"), unreserved),
    ];
    if let Ok(json) = serde_json::to_string(v) {
        all.push(json.trim_matches('"').to_owned());
        let mut ascii = String::with_capacity(v.len() * 2);
        for c in v.chars() {
            if c.is_ascii() {
                ascii.push(c);
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
        all.push(ascii);
    }
    all.extend(base64_cores(v.as_bytes()));
    all.retain(|c| c != v);
    all.sort();
    all.dedup();
    all
}

/// To the ends of the run of base 64.
fn widen(text: &str, mut start: usize, mut end: usize) -> (usize, usize) {
    let b = text.as_bytes();
    let fits = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/' | b'-' | b'_');
    if !text.get(start..end).is_some_and(|t| t.bytes().all(fits)) {
        return (start, end);
    }
    while start > 0 && fits(b[start - 1]) {
        start -= 1;
    }
    while end < b.len() && (fits(b[end]) || b[end] == b'=') {
        end += 1;
    }
    (start, end)
}
