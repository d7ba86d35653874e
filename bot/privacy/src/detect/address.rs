//! Postal addresses: a number and a word for a street, or a post box. Towns alone are no private data.

use super::marks::{Mark, Marks};
use super::text::{at, before, head, tail, wordy};
use crate::Kind;
use crate::span::{Ranked, Span, rank};

/// Words that end the name of a street, with a number before it.
const ENGLISH: [&str; 22] = [
    "street",
    "st",
    "road",
    "rd",
    "avenue",
    "ave",
    "boulevard",
    "blvd",
    "lane",
    "ln",
    "drive",
    "dr",
    "court",
    "ct",
    "square",
    "terrace",
    "highway",
    "hwy",
    "parkway",
    "place",
    "crescent",
    "way",
];

/// Ends of words that name a street, with a number behind it.
const COMPOUND: [&str; 14] = [
    "straße", "strasse", "str.", "gasse", "weg", "platz", "allee", "straat", "laan", "gatan", "vägen", "gade", "vej",
    "katu",
];

/// Words before the name of a street: `Rue de …`, `Via …`, `Calle …`.
const FIRST: [&str; 10] = ["rue", "avenue", "via", "calle", "rua", "plaza", "piazza", "ulica", "ul.", "corso"];

pub(super) fn find(text: &str, marks: &Marks, out: &mut Vec<Ranked>) {
    let bytes = text.as_bytes();
    let mut i = 0;
    while let Some(p) = bytes.get(i..).and_then(|r| r.iter().position(u8::is_ascii_digit)) {
        let start = i + p;
        let end = super::text::run(text, start, 12, |b| b.is_ascii_digit());
        i = end;
        let longest = end - start <= 5
            && !matches!(before(text, start), b'.' | b',' | b'-' | b'/' | b'$' | b':' | b'#' | b'_')
            && !wordy(before(text, start));
        if !longest {
            i = super::text::run(text, end, usize::MAX, |b| b.is_ascii_digit());
            continue;
        }
        if let Some(e) = english(text, end) {
            out.push((rank::NAME, Span::new(start, e, Kind::Address)));
            i = e;
        } else if let Some(s) = continental(text, start) {
            let house = end + usize::from(at(text, end).is_ascii_lowercase() && !wordy(at(text, end + 1)));
            out.push((rank::NAME, Span::new(s, house, Kind::Address)));
        }
    }
    for (p, from) in marks.all(Mark::Box) {
        let end = super::text::run(text, from, 8, |b| b.is_ascii_digit());
        if end > from && !wordy(before(text, p)) {
            out.push((rank::NAME, Span::new(p, end, Kind::Address)));
        }
    }
}

/// `660 High Street`: one to four capitalised words and a word for a street.
fn english(text: &str, number: usize) -> Option<usize> {
    let rest = head(text, number, 60);
    let mut at = 0;
    for (n, w) in rest.split(' ').enumerate().take(6) {
        if n > 0 {
            let bare = w.trim_end_matches([',', '.', ';', ':', '?', '!', '\n']);
            let bare = bare.split(['\n', ',']).next().unwrap_or(bare);
            let street = ENGLISH.iter().any(|s| s.eq_ignore_ascii_case(bare))
                && bare.chars().next().is_some_and(char::is_uppercase);
            if street && n > 1 {
                return Some(number + at + bare.len());
            }
            if bare.is_empty()
                || bare.len() != w.len()
                || !bare.chars().next().is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
            {
                return None;
            }
        } else if !w.is_empty() {
            return None;
        }
        at += w.len() + 1;
    }
    None
}

/// `Lange Straße 12`, `Rue du Bac 5`: the start of the name before a number.
fn continental(text: &str, number: usize) -> Option<usize> {
    let line = tail(text, number, 48).rsplit(['\n', ',', ';', ':', '.']).next().unwrap_or_default();
    let line = if tail(text, number, 6).ends_with("str. ") {
        tail(text, number, 48).rsplit(['\n', ',', ';', ':']).next().unwrap_or_default()
    } else {
        line
    };
    let name = line.strip_suffix(' ')?;
    let last = name.rsplit(' ').next()?;
    let lower = last.to_lowercase();
    if last.chars().next().is_some_and(char::is_uppercase) && COMPOUND.iter().any(|c| lower.ends_with(c)) {
        return Some(number - 1 - last.len());
    }
    let mut from = name.len();
    for w in name.rsplit(' ').take(5) {
        from = from.saturating_sub(w.len());
        if w.chars().next().is_some_and(char::is_uppercase)
            && FIRST.iter().any(|f| f.eq_ignore_ascii_case(w))
            && from + w.len() < name.len()
        {
            return Some(number - 1 - name.len() + from);
        }
        from = from.saturating_sub(1);
    }
    None
}
