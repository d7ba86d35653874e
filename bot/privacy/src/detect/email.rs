//! Mail addresses, also in the forms that people use so that they cannot be clicked.

use super::marks::{Mark, Marks};
use super::text::{at, before, head, tail};
use crate::Kind;
use crate::span::{Ranked, Span, rank};

pub(super) fn find(text: &str, marks: &Marks, out: &mut Vec<Ranked>) {
    let mut i = 0;
    while let Some(p) = text.get(i..).and_then(|t| t.find('@')) {
        let sign = i + p;
        i = sign + 1;
        let open = before(text, sign) == b'[';
        let (left, right) = if open && at(text, i) == b']' { (sign - 1, i + 1) } else { (sign, i) };
        if let Some(s) = around(text, left, right) {
            i = s.end.max(i);
            out.push((rank::SHAPE, s));
        }
    }
    for (mark, spelled) in [(Mark::At, false), (Mark::AtWord, true)] {
        for (left, right) in marks.all(mark) {
            // `name at example dot com`: only with the dot in words, else it is a sentence.
            if spelled && !near_dot(head(text, right, 80)) {
                continue;
            }
            let left = tail(text, left, 2).trim_end().len() + left.saturating_sub(tail(text, left, 2).len());
            let right = right + head(text, right, 1).len() - head(text, right, 1).trim_start().len();
            if let Some(s) = around(text, left, right) {
                out.push((rank::SHAPE, s));
            }
        }
    }
}

/// Words for the dot of a domain.
const DOTS: [&str; 8] = ["[.]", "(.)", "[dot]", "(dot)", " dot ", " DOT ", " [dot] ", " (dot) "];

/// Whether the first word is followed by a spelled dot.
fn near_dot(rest: &str) -> bool {
    let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap_or(rest.len());
    word > 0 && DOTS.iter().any(|d| rest.get(word..).is_some_and(|t| t.starts_with(d)))
}

/// The address around its sign: the local part ends at `left`, the domain begins at `right`.
fn around(text: &str, left: usize, right: usize) -> Option<Span> {
    let local =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'' | '!' | '&' | '=' | '~');
    let window = tail(text, left, 64);
    let part = window.get(
        window
            .rfind(|c| !local(c))
            .map_or(0, |p| p + window.get(p..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8))..,
    )?;
    // `user=a@b`, `'a@b'`, `.a@b`
    let part = part.rsplit(['=', '&']).next().unwrap_or(part).trim_start_matches(['.', '\'', '-', '!', '~', '+']);
    let start = left - part.len();
    if part.is_empty() || part.ends_with('.') {
        return None;
    }
    let end = domain(text, right)?;
    let git = part == "git" && matches!(at(text, end), b':');
    // The user part of an address with a password belongs to the password.
    let user_info =
        tail(text, start, 64).rsplit(char::is_whitespace).next().is_some_and(|t| t.contains("://") && t.ends_with(':'));
    (!git && !user_info).then(|| Span::new(start, end, Kind::Email))
}

/// The end of a domain with two labels or more, the last one of letters.
fn domain(text: &str, from: usize) -> Option<usize> {
    let mut i = from;
    let mut labels = 0;
    let mut good = None;
    while i - from < 253 {
        let rest = head(text, i, 64);
        let len = rest.find(|c: char| !(c.is_alphanumeric() || c == '-')).unwrap_or(rest.len());
        let label = rest.get(..len)?;
        let shape = label.trim_end_matches('-');
        if shape.is_empty() || label.starts_with('-') {
            break;
        }
        labels += 1;
        i += shape.len();
        let top = shape.chars().all(char::is_alphabetic) || shape.starts_with("xn--");
        if labels >= 2 && top && shape.chars().count() >= 2 {
            good = Some(i);
        }
        let next = head(text, i, 10);
        let dot =
            if next.starts_with('.') { Some(1) } else { DOTS.iter().find(|d| next.starts_with(**d)).map(|d| d.len()) };
        match dot {
            Some(n) if shape.len() == label.len() => i += n,
            _ => break,
        }
    }
    good
}
