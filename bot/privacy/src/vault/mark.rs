//! Placeholders in a text: making look-alikes harmless, and finding the real ones.

use crate::Kind;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// Underscores, a label, a number; the boundaries are checked in code.
static NUMBERED: LazyLock<Option<Regex>> = LazyLock::new(|| pattern("(_*)(LABELS)_([0-9]{1,6})"));
/// Without a number, in brackets.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| pattern("<(_*)(LABELS)>"));

fn pattern(form: &str) -> Option<Regex> {
    let labels: Vec<&str> = Kind::ALL.iter().map(|k| k.label()).collect();
    Regex::new(&format!("(?i-u){}", form.replace("LABELS", &labels.join("|")))).ok()
}

fn kind(label: &str) -> Option<Kind> {
    Kind::ALL.iter().copied().find(|k| k.label().eq_ignore_ascii_case(label))
}

/// Whether a match is a word of its own.
fn whole(text: &str, start: usize, end: usize) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    !text.get(..start).is_some_and(|t| t.ends_with(word)) && !text.get(end..).is_some_and(|t| t.starts_with(word))
}

/// What stands instead of a match: its start, its end and the new text.
type New<'a> = dyn Fn(&Captures<'_>, usize, usize) -> Option<(usize, usize, String)> + 'a;

/// Walks over all matches; `f` says what stands instead, `None`: what stood there.
fn rewrite(re: &LazyLock<Option<Regex>>, text: &str, f: &New<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for c in re.iter().flat_map(|r| r.captures_iter(text)) {
        let Some(m) = c.get(0) else { continue };
        if let Some((start, end, new)) = f(&c, m.start(), m.end())
            && start >= from
        {
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(&new);
            from = end;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Look-alikes get one underscore more, which [`restore`] takes away.
pub(super) fn escape_into(text: &str, out: &mut String) {
    // `_1` and `<A`, `<_` are in every placeholder: most texts end here.
    let pair = |p: &[u8]| {
        (p[0] == b'_' && p[1].is_ascii_digit()) || (p[0] == b'<' && (p[1] == b'_' || p[1].is_ascii_alphabetic()))
    };
    if !text.as_bytes().windows(2).any(pair) {
        out.push_str(text);
        return;
    }
    let numbered =
        rewrite(&NUMBERED, text, &|c, start, end| whole(text, start, end).then(|| (start, end, format!("_{}", &c[0]))));
    let all = rewrite(&BARE, &numbered, &|c, start, end| Some((start, end, format!("<_{}{}>", &c[1], &c[2]))));
    out.push_str(&all);
}

type Values<'a> = dyn Fn(Kind, usize) -> Option<&'a str> + 'a;

/// Placeholders as the vault wrote them become values, escaped look-alikes themselves again. One pass: what a value
/// contains is not looked at.
pub(super) fn restore(text: &str, value: &Values<'_>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    let mut put = |upto: usize, end: usize, new: &str| {
        out.push_str(text.get(from..upto).unwrap_or_default());
        out.push_str(new);
        from = end;
    };
    let mut all: Vec<(usize, usize, Option<String>)> = Vec::new();
    for c in NUMBERED.iter().flat_map(|r| r.captures_iter(text)) {
        let Some(m) = c.get(0) else { continue };
        if !whole(text, m.start(), m.end()) {
            continue;
        }
        if c[1].is_empty() {
            let framed = text.get(..m.start()).is_some_and(|t| t.ends_with('<'))
                && text.get(m.end()..).is_some_and(|t| t.starts_with('>'));
            let known = kind(&c[2]).filter(|k| k.label() == &c[2]).and_then(|k| value(k, c[3].parse().ok()?));
            if framed && let Some(v) = known {
                all.push((m.start() - 1, m.end() + 1, Some(v.to_owned())));
            }
        } else {
            all.push((m.start(), m.start() + 1, None));
        }
    }
    for c in BARE.iter().flat_map(|r| r.captures_iter(text)) {
        if let Some(m) = c.get(1).filter(|m| !m.is_empty()) {
            all.push((m.start(), m.start() + 1, None));
        }
    }
    all.sort_unstable_by_key(|a| a.0);
    for (start, end, new) in all {
        put(start, end, new.as_deref().unwrap_or_default());
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// As [`restore`], for what a model wrote.
pub(super) fn restore_loosely(text: &str, value: &Values<'_>) -> String {
    rewrite(&NUMBERED, text, &|c, start, end| {
        if !whole(text, start, end) {
            return None;
        }
        let (b, a) = (text.as_bytes().get(start.wrapping_sub(1)), text.as_bytes().get(end));
        let framed = matches!((b, a), (Some(b'<'), Some(b'>')) | (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}')));
        let (from, to) = if framed { (start - 1, end + 1) } else { (start, end) };
        if !c[1].is_empty() {
            return Some((start, end, c[0].get(1..)?.to_owned()));
        }
        let known = kind(&c[2]).and_then(|k| value(k, c[3].parse().ok()?));
        Some((from, to, known.unwrap_or("…").to_owned()))
    })
}
