//! Addresses of the Internet protocol.

use super::number::{Group, gap};
use super::text::{at, before};
use crate::Kind;
use crate::span::{Ranked, Span, rank};
use std::net::Ipv6Addr;

pub(super) fn find(text: &str, out: &mut Vec<Ranked>) {
    four(text, out);
    six(text, out);
}

/// Four numbers below 256 with dots; not a part of a longer number or name, not a version.
fn four(text: &str, out: &mut Vec<Ranked>) {
    let bytes = text.as_bytes();
    let mut i = 0;
    while let Some(p) = bytes.get(i..).and_then(|r| r.iter().position(|b| *b == b'.')) {
        let dot = i + p;
        i = dot + 1;
        let mut start = dot;
        while before(text, start).is_ascii_digit() && dot - start < 4 {
            start -= 1;
        }
        let Some(end) = quad(text, start) else { continue };
        if free(text, start, end) && !version(text, start) {
            out.push((rank::SHAPE, Span::new(start, end, Kind::Ip)));
        }
        i = end;
    }
}

/// The end of `1.2.3.4` that begins here.
fn quad(text: &str, start: usize) -> Option<usize> {
    let mut i = start;
    for k in 0..4 {
        let (mut n, from) = (0u32, i);
        while at(text, i).is_ascii_digit() && i - from < 4 {
            n = n * 10 + u32::from(at(text, i) - b'0');
            i += 1;
        }
        if i == from || i - from > 3 || n > 255 {
            return None;
        }
        if k < 3 {
            // Defanged: `1.2.3[.]4`.
            i += match text.get(i..) {
                Some(t) if t.starts_with("[.]") => 3,
                Some(t) if t.starts_with('.') => 1,
                _ => return None,
            };
        }
    }
    Some(i)
}

fn free(text: &str, start: usize, end: usize) -> bool {
    let (b, a) = (before(text, start), at(text, end));
    let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
    // `0x` numbers, names with digits (`1.2.3.4.example`), longer versions.
    let inside = matches!(b, b'.' | b'-') && before(text, start.saturating_sub(1)).is_ascii_alphanumeric();
    let goes_on = a == b'.' && at(text, end + 1).is_ascii_alphanumeric();
    !word(b) && !word(a) && !inside && !goes_on
}

/// "version 1.2.3.4", "v1.2.3.4", "Chrome/1.2.3.4".
fn version(text: &str, start: usize) -> bool {
    let t = super::text::tail(text, start, 24).to_ascii_lowercase();
    let t = t.trim_end_matches([' ', ':', '=', '(', '/']);
    let word = t.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    matches!(
        word,
        "version"
            | "versions"
            | "ver"
            | "release"
            | "build"
            | "firmware"
            | "driver"
            | "v"
            | "agent"
            | "patch"
            | "update"
    ) || (before(text, start) == b'/'
        && word.len() > 2
        && word.bytes().all(|b| b.is_ascii_alphabetic())
        && !t.contains("://")
        && !matches!(word, "http" | "https"))
}

/// Whether these groups are one address: telephone numbers have dots, too.
pub(super) fn dotted(text: &str, groups: &[Group], k: usize) -> Option<()> {
    let part = groups.get(k..k + 4)?;
    let dots = (0..3).all(|i| gap(text, groups, k + i) == ".");
    (dots && part.iter().all(|g| g.len() <= 3 && text.get(g.start..g.end).is_some_and(|t| t.parse::<u8>().is_ok())))
        .then_some(())
}

fn six(text: &str, out: &mut Vec<Ranked>) {
    let fits = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
    let mut i = 0;
    while let Some(p) = text.as_bytes().get(i..).and_then(|r| r.iter().position(|b| *b == b':')) {
        let colon = i + p;
        let mut start = colon;
        while start > i && fits(before(text, start)) && colon - start < 6 {
            start -= 1;
        }
        let mut end = colon;
        while fits(at(text, end)) && end - start < 48 {
            end += 1;
        }
        i = end.max(colon + 1);
        // A full stop or a colon of the sentence behind it.
        let mut stop = end;
        while before(text, stop) == b'.' || (before(text, stop) == b':' && before(text, stop - 1) != b':') {
            stop -= 1;
        }
        let mut begin = start;
        while at(text, begin) == b'.' {
            begin += 1;
        }
        let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        let Some(s) = text.get(begin..stop) else { continue };
        let groups = s.split(':').filter(|g| !g.is_empty()).count();
        let digit = s.bytes().any(|b| b.is_ascii_digit());
        if s.len() >= 3
            && (groups >= 4 || digit)
            && !word(before(text, begin))
            && !word(at(text, stop))
            && s.parse::<Ipv6Addr>().is_ok()
        {
            out.push((rank::SHAPE, Span::new(begin, stop, Kind::Ip)));
        }
    }
}
