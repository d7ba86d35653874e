//! Runs of digits: payment cards, bank accounts, social security numbers, telephone numbers and their look-alikes.

use super::cues::{Cue, Seen};
use super::text::{at, before, is_uuid, run};
use super::{national, net, phone};
use crate::Kind;
use crate::span::{Ranked, Span, rank};
use nightbell_core::checksum::{iban_remainder, luhn};

/// Groups of digits that may be one number. More than sixteen groups are a table.
const GROUPS: usize = 16;

/// Digits between separators, as bytes of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Group {
    pub start: usize,
    pub end: usize,
}

impl Group {
    pub(super) const fn len(self) -> usize {
        self.end - self.start
    }
}

pub(super) fn find(text: &str, seen: &Seen, out: &mut Vec<Ranked>) {
    national::announced(text, seen, out);
    let bytes = text.as_bytes();
    let mut groups = Vec::with_capacity(GROUPS);
    let mut i = 0;
    while let Some(p) = bytes.get(i..).and_then(|r| r.iter().position(u8::is_ascii_digit)) {
        i += p;
        if let Some(end) = iban(text, i) {
            out.push((rank::CHECKED, Span::new(i - 2, end, Kind::Iban)));
            i = end;
            continue;
        }
        gather(text, i, &mut groups);
        let mut k = 0;
        while let Some(g) = groups.get(k).copied() {
            let hit = begins(text, &groups, k).then(|| best(text, &groups, k, seen)).flatten();
            if let Some((r, span, last)) = hit {
                out.push((r, span));
                k = last + 1;
                i = i.max(span.end);
            } else {
                k += 1;
                i = i.max(g.end);
            }
        }
    }
}

/// The groups of a run; between them at most three separators.
fn gather(text: &str, from: usize, groups: &mut Vec<Group>) {
    groups.clear();
    let mut start = from;
    while groups.len() < GROUPS {
        // Longer than any number: a hash, a picture in digits.
        let end = run(text, start, usize::MAX, |b| b.is_ascii_digit());
        groups.push(Group { start, end });
        let next = run(text, end, 4, |b| matches!(b, b' ' | b'-' | b'.' | b'/' | b'(' | b')' | 0xc2 | 0xa0));
        if next == end || next - end > 3 || !at(text, next).is_ascii_digit() {
            return;
        }
        start = next;
    }
}

/// What stands between two groups.
pub(super) fn gap<'a>(text: &'a str, groups: &[Group], k: usize) -> &'a str {
    match (groups.get(k), groups.get(k + 1)) {
        (Some(a), Some(b)) => text.get(a.end..b.start).unwrap_or_default(),
        _ => "",
    }
}

/// Whether a number may begin at this group: not in the middle of a word, a price, an amount or a version.
fn begins(text: &str, groups: &[Group], k: usize) -> bool {
    let Some(g) = groups.get(k) else { return false };
    if k > 0 {
        let gap = gap(text, groups, k - 1);
        return gap.contains([' ', '(', '\u{a0}']) && !gap.contains(['-', '.', '/']);
    }
    let mut s = g.start;
    while matches!(before(text, s), b'+' | b'(') && g.start - s < 2 {
        s -= 1;
    }
    let Some(c) = text.get(..s).and_then(|t| t.chars().next_back()) else { return true };
    let second = before(text, s - c.len_utf8());
    if c.is_alphanumeric() || matches!(c, '_' | '$' | '€' | '£' | '¥' | '@' | '&' | '%') {
        return false;
    }
    match c {
        '-' | '/' | '\\' => !(second.is_ascii_alphanumeric() || second == b'_'),
        '.' | ',' | ':' => !second.is_ascii_digit() && (c != '.' || s == g.start || !second.is_ascii_alphabetic()),
        _ => true,
    }
}

/// Whether a number may end with this group.
pub(super) fn ends(text: &str, groups: &[Group], k: usize) -> bool {
    let Some(g) = groups.get(k) else { return false };
    if k + 1 < groups.len() {
        let gap = gap(text, groups, k);
        return gap.contains([' ', '\u{a0}']) && !gap.contains(['-', '.', '/']);
    }
    let Some(c) = text.get(g.end..).and_then(|t| t.chars().next()) else { return true };
    let second = at(text, g.end + c.len_utf8());
    if c.is_alphanumeric() || matches!(c, '_' | '%' | '€' | '@') {
        return false;
    }
    !(matches!(c, '.' | ',' | ':' | '-' | '/') && second.is_ascii_digit())
}

/// The digits of some groups as values.
pub(super) fn digits(text: &str, groups: &[Group]) -> Vec<u8> {
    groups
        .iter()
        .flat_map(|g| text.as_bytes().get(g.start..g.end).unwrap_or_default())
        .map(|b| b.wrapping_sub(b'0'))
        .collect()
}

fn best(text: &str, groups: &[Group], k: usize, seen: &Seen) -> Option<(u8, Span, usize)> {
    let first = groups.get(k)?;
    if let Some(last) = card(text, groups, k, seen) {
        let end = groups.get(last)?.end;
        return Some((rank::CHECKED, Span::new(first.start, end, Kind::CreditCard), last));
    }
    if net::dotted(text, groups, k).is_some() {
        return None;
    }
    if let Some(last) = ssn(text, groups, k, seen) {
        return Some((rank::CHECKED, Span::new(first.start, groups.get(last)?.end, Kind::UsSsn), last));
    }
    if let Some(last) = national::grouped(text, groups, k) {
        return Some((rank::CHECKED, Span::new(first.start, groups.get(last)?.end, Kind::NationalId), last));
    }
    let (start, end, last) = phone::find(text, groups, k, seen)?;
    Some((rank::SHAPE, Span::new(start, end, Kind::Phone), last))
}

/// First digits and lengths in use (ISO/IEC 7812-2; the issuers' own pages). The flag: rare, so a word must announce it.
fn issuer(d: &[u8]) -> Option<bool> {
    let n = |k: usize| d.iter().take(k).fold(0u32, |a, x| a * 10 + u32::from(*x));
    let len = d.len();
    Some(match (n(1), n(2), n(3), n(4)) {
        (4, ..) if matches!(len, 16 | 19) => false,
        (4, ..) if len == 13 => true,
        (_, 51..=55, ..) | (.., 2221..=2720) if len == 16 => false,
        (_, 34 | 37, ..) if len == 15 => false,
        (_, 36 | 38 | 39, ..) | (.., 300..=305 | 309, _) if len == 14 => false,
        (_, 36 | 38 | 39, ..) | (.., 300..=305 | 309, _) if (15..=19).contains(&len) => true,
        (.., 3528..=3589) if (16..=19).contains(&len) => false,
        (.., 1800 | 2131) if len == 15 => false,
        (.., 2200..=2204) if (16..=19).contains(&len) => false,
        (.., 6011) | (_, 62 | 65 | 81, ..) | (.., 644..=649, _) if (16..=19).contains(&len) => false,
        (.., 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) if (12..=19).contains(&len) => len < 16,
        (_, 50 | 56..=58 | 60..=69, ..) if (12..=19).contains(&len) => true,
        _ => return None,
    })
}

fn card(text: &str, groups: &[Group], k: usize, seen: &Seen) -> Option<usize> {
    let first = groups.get(k)?;
    let announced = seen.near(Cue::Card, first.start, 60) || seen.follows(Cue::Card, first.end, 40);
    let ordered = seen.near(Cue::Order, first.start, 24);
    let mut last = None;
    let mut total = 0;
    for (h, g) in groups.iter().enumerate().skip(k).take(8) {
        if h > k {
            let gap = gap(text, groups, h - 1);
            if !matches!(gap, " " | "-" | "." | "\u{a0}" | "  " | " - " | "/") {
                break;
            }
        }
        total += g.len();
        if total > 19 || (g.len() < 2 && h == k) {
            break;
        }
        if total < 12 || !ends(text, groups, h) {
            continue;
        }
        let part = groups.get(k..=h)?;
        let d = digits(text, part);
        let even = h == k || (part.len() <= 5 && first.len() == 4 && part.iter().all(|g| (2..=7).contains(&g.len())));
        let needs = issuer(&d);
        if let Some(rare) = needs
            && luhn(&d)
            && d.iter().any(|x| *x != d[0])
            && (announced || (!rare && even && !ordered))
        {
            last = Some(h);
        }
    }
    last
}

fn ssn(text: &str, groups: &[Group], k: usize, seen: &Seen) -> Option<usize> {
    let announced = || {
        let from = groups.get(k).map_or(0, |g| g.start);
        seen.near(Cue::Ssn, from, 40)
    };
    let valid = |d: &[u8]| {
        let n = |r: std::ops::Range<usize>| d.get(r).into_iter().flatten().fold(0u32, |a, x| a * 10 + u32::from(*x));
        let area = n(0..3);
        // 900 to 999 are numbers of the tax office, in the same form.
        d.len() == 9 && area != 0 && area != 666 && (area < 900 || announced()) && n(3..5) != 0 && n(5..9) != 0
    };
    let part = groups.get(k..k + 3);
    if let Some(part) = part
        && part.iter().map(|g| g.len()).eq([3, 2, 4])
    {
        let (a, b) = (gap(text, groups, k), gap(text, groups, k + 1));
        if a == b && (a == "-" || (matches!(a, " " | "." | "\u{a0}") && announced())) && ends(text, groups, k + 2) {
            return valid(&digits(text, part)).then_some(k + 2);
        }
    }
    let g = groups.get(k)?;
    (g.len() == 9 && announced() && ends(text, groups, k) && valid(&digits(text, &[*g]))).then_some(k)
}

/// Length of the number per country (SWIFT, IBAN registry).
const IBAN: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

/// The end of a bank account number whose check digits begin here.
fn iban(text: &str, digit: usize) -> Option<usize> {
    let start = digit.checked_sub(2)?;
    let country = text.get(start..digit)?.to_ascii_uppercase();
    if !at(text, digit + 1).is_ascii_digit()
        || text.get(..start)?.chars().next_back().is_some_and(char::is_alphanumeric)
    {
        return None;
    }
    let want = IBAN.iter().find(|(c, _)| *c == country)?.1;
    let mut number = String::with_capacity(want);
    let mut i = start;
    while number.len() < want {
        match at(text, i) {
            b if b.is_ascii_alphanumeric() => number.push(char::from(b.to_ascii_uppercase())),
            b' ' | b'-' | b'.' | 0xc2 | 0xa0 if at(text, i - 1).is_ascii_alphanumeric() || at(text, i) == 0xa0 => {}
            _ => return None,
        }
        i += 1;
    }
    (iban_remainder(&number) == 1
        && !at(text, i).is_ascii_alphanumeric()
        && !is_uuid(text.get(start..start + 36).unwrap_or_default()))
    .then_some(i)
}
