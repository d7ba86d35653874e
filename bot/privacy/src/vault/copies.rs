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
    let signs = Signs::of(text, &found);
    let mut patterns: Vec<(String, Kind, bool)> = Vec::new();
    for (v, k) in values.into_iter().filter(|(v, _)| (3..=1_000).contains(&v.len())) {
        // All other kinds are found by their shape wherever they stand.
        if matches!(k, Kind::Person | Kind::Password | Kind::Token | Kind::Phone | Kind::Custom | Kind::Address) {
            patterns.push((v.to_owned(), k, true));
        }
        if v.len() >= CODED {
            patterns.extend(codings(v, signs).into_iter().map(|c| (c, k, false)));
        }
    }
    // An automaton costs more to build than some searches of a short text.
    let hits: Vec<(usize, usize, usize)> = if patterns.len() <= 24 {
        let mut hits: Vec<_> = patterns
            .iter()
            .enumerate()
            .flat_map(|(n, (v, ..))| text.match_indices(v.as_str()).map(move |(i, v)| (i, i + v.len(), n)))
            .collect();
        hits.sort_unstable_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        hits
    } else {
        let mut builder = AhoCorasick::builder();
        let Ok(automaton) = builder.match_kind(MatchKind::LeftmostLongest).build(patterns.iter().map(|(v, ..)| v))
        else {
            return found;
        };
        automaton.find_iter(text).map(|m| (m.start(), m.end(), m.pattern().as_usize())).collect()
    };
    let mut all = found;
    let first = all.len();
    for (start, end, n) in hits {
        let Some((_, kind, word)) = patterns.get(n) else { continue };
        if *word && !whole(text, start, end) {
            continue;
        }
        // The whole run of base 64 goes: half of it is half of a value.
        let (start, end) = if *word { (start, end) } else { widen(text, start, end) };
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

/// Which codings a text shows signs of.
#[derive(Debug, Clone, Copy)]
struct Signs {
    percent: bool,
    printable: bool,
    escaped: bool,
    base64: bool,
}

impl Signs {
    fn of(text: &str, found: &[Span]) -> Self {
        let b = text.as_bytes();
        let hex = |i: usize| b.get(i + 1..i + 3).is_some_and(|h| h.iter().all(u8::is_ascii_hexdigit));
        let any = |sign: u8, fits: &dyn Fn(usize) -> bool| {
            text.contains(char::from(sign)) && b.iter().enumerate().any(|(i, c)| *c == sign && fits(i))
        };
        Self {
            percent: any(b'%', &hex),
            printable: any(b'=', &hex),
            escaped: text.contains('\\'),
            base64: base64_word(b, found),
        }
    }
}

/// Whether a word outside of the found values may be base 64: twelve letters and digits or more in mixed case.
fn base64_word(b: &[u8], found: &[Span]) -> bool {
    let mut i = 11;
    while i < b.len() {
        if !b[i].is_ascii_alphanumeric() {
            i += 12;
            continue;
        }
        let from = i - b[..i].iter().rev().take_while(|c| c.is_ascii_alphanumeric()).count();
        let to = i + b[i..].iter().take_while(|c| c.is_ascii_alphanumeric()).count();
        let word = b.get(from..to).unwrap_or_default();
        let inner = word.iter().skip(1).any(u8::is_ascii_uppercase) && word.iter().any(u8::is_ascii_lowercase);
        let at = found.partition_point(|s| s.end <= from);
        if word.len() >= 12 && inner && found.get(at).is_none_or(|s| s.start >= to) {
            return true;
        }
        i = to + 12;
    }
    false
}

/// Percent and quoted-printable coding in both cases, JSON's, and base 64 at its three places.
fn codings(v: &str, signs: Signs) -> Vec<String> {
    let bytes = |form: fn(u8) -> String, keep: fn(u8) -> bool| -> String {
        v.bytes().map(|b| if keep(b) { char::from(b).to_string() } else { form(b) }).collect()
    };
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    let printable = |b: u8| (b'!'..=b'~').contains(&b) && b != b'=' || b == b' ';
    let mut all = Vec::new();
    if signs.percent {
        all.push(bytes(|b| format!("%{b:02X}"), unreserved));
        all.push(bytes(|b| format!("%{b:02x}"), unreserved));
        all.push(bytes(|b| if b == b' ' { "+".to_owned() } else { format!("%{b:02X}") }, unreserved));
    }
    if signs.printable {
        all.push(bytes(|b| format!("={b:02X}"), printable));
        all.push(bytes(|b| format!("={b:02X}"), |b| b.is_ascii_alphanumeric()));
        all.push(bytes(|b| format!("={b:02X}"), unreserved));
    }
    if signs.escaped
        && let Ok(json) = serde_json::to_string(v)
    {
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
    if signs.base64 {
        all.extend(base64_cores(v.as_bytes()));
    }
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
