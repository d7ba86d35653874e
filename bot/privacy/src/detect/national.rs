//! Numbers that states give to people. A form that says by itself what it is needs only its check digits; all others
//! must be announced by a word, too: one plain number in eleven passes a check.

use super::cues::{Cue, Seen};
use super::number::{Group, digits, ends, gap};
use super::text::{head, wordy};
use crate::Kind;
use crate::span::{Ranked, Span, rank};
use nightbell_core::checksum::luhn;

/// Forms with their own punctuation: Switzerland `756.1234.5678.97`, Brazil `123.456.789-09`.
pub(super) fn grouped(text: &str, groups: &[Group], k: usize) -> Option<usize> {
    let part = groups.get(k..k + 4)?;
    let lengths: Vec<usize> = part.iter().map(|g| g.len()).collect();
    let gaps = (gap(text, groups, k), gap(text, groups, k + 1), gap(text, groups, k + 2));
    let d = digits(text, part);
    let fine = match (lengths.as_slice(), gaps) {
        ([3, 4, 4, 2], (".", ".", ".")) => swiss(&d),
        ([3, 3, 3, 2], (".", ".", "-")) => brazil(&d),
        _ => false,
    };
    (fine && ends(text, groups, k + 3)).then_some(k + 3)
}

/// Behind a word that announces one.
pub(super) fn announced(text: &str, seen: &Seen, out: &mut Vec<Ranked>) {
    for (_, end) in seen.all(Cue::National) {
        let rest = head(text, end, 48);
        let Some(skip) = rest.find(|c: char| c.is_ascii_digit()) else { continue };
        // Letters that belong to the number stand directly before its first digit.
        let from = rest.get(..skip).map_or(skip, |t| t.trim_end_matches(|c: char| c.is_ascii_uppercase()).len());
        let part = rest.get(from..).unwrap_or_default();
        let stop = part
            .find(|c: char| !(c.is_ascii_digit() || c.is_ascii_uppercase() || matches!(c, ' ' | '-' | '.' | '/' | '+')))
            .unwrap_or(part.len());
        let part = part.get(..stop).unwrap_or_default();
        // The longest prefix that ends with a whole word and passes.
        let mut ends: Vec<usize> = part.match_indices([' ', '-', '.', '/']).map(|(i, _)| i).collect();
        ends.push(part.len());
        for e in ends.into_iter().rev().take(8) {
            let id: String = part.get(..e).unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
            let place = end + from;
            let whole = !text.as_bytes().get(place + e).is_some_and(|b| wordy(*b));
            if whole && e > 0 && valid(&id) {
                out.push((rank::CHECKED, Span::new(place, place + e, Kind::NationalId)));
                break;
            }
        }
    }
}

/// Whether one of the known forms fits.
fn valid(id: &str) -> bool {
    let d: Vec<u8> = id.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    let letters = id.bytes().filter(u8::is_ascii_uppercase).count();
    match (letters, d.len()) {
        (0, 9) => luhn(&d) || weighted(&d, &[9, 8, 7, 6, 5, 4, 3, 2], 11, |r, c| r == c),
        (0, 10) => luhn(&d) || weighted(&d, &[10, 9, 8, 7, 6, 5, 4, 3, 2], 11, |r, c| (11 - r) % 11 == c) || birth(&d),
        (0, 11) => germany(&d) || poland(&d) || brazil(&d) || belgium(&d) || norway(&d),
        (0, 12) => verhoeff(&d) || d.get(2..).is_some_and(luhn),
        (0, 13) => swiss(&d),
        (0, 15) => france(&d),
        (1 | 2, 7 | 8) => spain(id),
        (3, 6) => britain(id),
        (9, 7) => italy(id),
        // Passports have no check digit on the cover.
        (0..=2, 6..=9) => letters > 0 && (7..=9).contains(&id.len()),
        _ => false,
    }
}

fn weighted(d: &[u8], weights: &[u32], modulus: u32, fits: fn(u32, u32) -> bool) -> bool {
    let sum: u32 = d.iter().zip(weights).map(|(d, w)| u32::from(*d) * w).sum();
    d.len() == weights.len() + 1 && d.last().is_some_and(|c| fits(sum % modulus, u32::from(*c)))
}

fn number(d: &[u8]) -> u64 {
    d.iter().fold(0, |a, x| a * 10 + u64::from(*x))
}

/// Denmark: the day and month of birth stand first; the check digit is out of use since 2007.
fn birth(d: &[u8]) -> bool {
    matches!(d.get(..4).map(number), Some(n) if (1..=31).contains(&(n / 100)) && (1..=12).contains(&(n % 100)))
}

/// Tax id (ISO 7064, MOD 11,10).
fn germany(d: &[u8]) -> bool {
    let Some((check, body)) = d.split_last() else { return false };
    let mut p = 10;
    for x in body {
        let s = (u32::from(*x) + p) % 10;
        p = (if s == 0 { 10 } else { s } * 2) % 11;
    }
    body.first() != Some(&0) && (11 - p) % 10 == u32::from(*check)
}

fn poland(d: &[u8]) -> bool {
    weighted(d, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10, |r, c| (10 - r) % 10 == c)
}

fn brazil(d: &[u8]) -> bool {
    let check = |n: u32, upto: usize| {
        let sum: u32 = d.iter().take(upto).enumerate().map(|(i, x)| u32::from(*x) * (n - i as u32)).sum();
        let r = sum * 10 % 11 % 10;
        d.get(upto).is_some_and(|c| u32::from(*c) == r)
    };
    d.len() == 11 && d.iter().any(|x| Some(x) != d.first()) && check(10, 9) && check(11, 10)
}

fn belgium(d: &[u8]) -> bool {
    let (Some(body), Some(check)) = (d.get(..9), d.get(9..)) else { return false };
    [0, 2_000_000_000].iter().any(|century| 97 - (number(body) + century) % 97 == number(check))
}

fn norway(d: &[u8]) -> bool {
    let sum = |w: &[u32]| d.iter().zip(w).map(|(x, w)| u32::from(*x) * w).sum::<u32>() % 11;
    sum(&[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) == 0 && sum(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) == 0
}

fn france(d: &[u8]) -> bool {
    let (Some(body), Some(check)) = (d.get(..13), d.get(13..)) else { return false };
    matches!(d.first(), Some(1 | 2)) && 97 - number(body) % 97 == number(check)
}

/// EAN-13 with the country in front.
fn swiss(d: &[u8]) -> bool {
    d.starts_with(&[7, 5, 6]) && weighted(d, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3], 10, |r, c| (10 - r) % 10 == c)
}

/// The dihedral group of order ten (Verhoeff 1969), as India uses it.
fn verhoeff(d: &[u8]) -> bool {
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let c = d.iter().rev().enumerate().fold(0, |c, (i, x)| times(c, P[i % 8][usize::from(*x % 10)]));
    matches!(d.first(), Some(2..=9)) && c == 0
}

/// Eight digits (foreigners: X, Y or Z and seven) and a letter.
fn spain(id: &str) -> bool {
    let id = match id.as_bytes().first() {
        Some(b'X') => id.replacen('X', "0", 1),
        Some(b'Y') => id.replacen('Y', "1", 1),
        Some(b'Z') => id.replacen('Z', "2", 1),
        _ => id.to_owned(),
    };
    let (Some(body), Some(letter)) = (id.get(..8), id.as_bytes().get(8)) else { return false };
    id.len() == 9 && body.parse::<usize>().is_ok_and(|n| b"TRWAGMYFPDXBNJZSQVHLCKE".get(n % 23) == Some(letter))
}

fn britain(id: &str) -> bool {
    let b = id.as_bytes();
    b.len() == 9
        && b.iter().take(2).all(|c| c.is_ascii_uppercase() && !b"DFIQUV".contains(c))
        && b.iter().skip(2).take(6).all(u8::is_ascii_digit)
        && matches!(b.last(), Some(b'A'..=b'D'))
        && !matches!(id.get(..2), Some("BG" | "GB" | "KN" | "NK" | "NT" | "TN" | "ZZ"))
}

fn italy(id: &str) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let b = id.as_bytes();
    let value = |c: u8| u32::from(if c.is_ascii_digit() { c - b'0' } else { c.wrapping_sub(b'A') });
    let form = b.len() == 16
        && b.iter().enumerate().all(|(i, c)| {
            if matches!(i, 6 | 7 | 9 | 10 | 12..=14) { c.is_ascii_digit() } else { c.is_ascii_uppercase() }
        });
    let sum = |b: &[u8]| -> u32 {
        b.iter()
            .take(15)
            .enumerate()
            .map(|(i, c)| if i % 2 == 0 { ODD[(value(*c) as usize).min(25)] } else { value(*c) })
            .sum()
    };
    form && b.last().is_some_and(|c| value(*c) == sum(b) % 26)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_check() {
        // Made for this test after the published rules.
        for id in [
            "86095742719",
            "44051401359",
            "11144477735",
            "7569217076985",
            "234123412346",
            "12345678Z",
            "X1234567L",
            "AB123456C",
            "RSSMRA85T10A562S",
            "046454286",
            "111222333",
            "9434765919",
        ] {
            assert!(valid(id), "{id}");
        }
        for id in
            ["86095742718", "44051401358", "7569217076984", "12345678A", "BG123456C", "RSSMRA85T10A562T", "046454288"]
        {
            assert!(!valid(id), "{id}");
        }
    }
}
