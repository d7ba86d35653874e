//! Telephone numbers and coin addresses in a text.

use crate::facts::Text;
use nightbell_core::mail::Where;

/// Telephone numbers: 9 to 15 digits with separators (ITU-T E.164 allows 15), starting like one.
#[allow(clippy::many_single_char_names)] // positions in a scan, or the usual f, r, s of the rules
pub(crate) fn phones(t: &Text, out: &mut Vec<(String, Where)>) {
    let chars: Vec<char> = t.shown.chars().collect();
    let mut i = 0;
    while i < chars.len() && out.len() < 20 {
        let c = chars.get(i).copied().unwrap_or(' ');
        let before = i.checked_sub(1).and_then(|k| chars.get(k)).copied().unwrap_or(' ');
        if !(c == '+' || c == '(' || c.is_ascii_digit())
            || before.is_alphanumeric()
            || matches!(before, '/' | '=' | '-' | '.' | '_' | '#')
        {
            i += 1;
            continue;
        }
        let (mut j, mut last) = (i, i);
        let (mut digits, mut gaps) = (String::new(), 0);
        while let Some(d) = chars.get(j) {
            if d.is_ascii_digit() || (*d == '+' && j == i) {
                digits.push(*d);
                last = j;
            } else if matches!(d, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}' | '\u{2010}'..='\u{2013}') {
                let twice = chars.get(j + 1).is_some_and(|n| matches!(n, '-' | '.' | '/') && *d != ' ');
                if twice {
                    break;
                }
                gaps += 1;
            } else {
                break;
            }
            j += 1;
        }
        // Brackets and dots behind the number belong to the sentence.
        let end = last + 1;
        let n = digits.trim_start_matches('+').len();
        let tail = chars.get(end).is_some_and(|c| c.is_alphanumeric());
        if (9..=15).contains(&n) && !tail && (digits.starts_with('+') || gaps >= 2) {
            let value = digits.clone();
            if !out.iter().any(|(v, _)| *v == value) {
                out.push((value, t.place_chars(i, end)));
            }
        }
        i = j.max(i + 1);
    }
}

/// A Bitcoin address: Base58 starting with 1 or 3, or Bech32 (BIP 173). Only the form, not the checksum.
pub(crate) fn bitcoin(t: &Text) -> Option<(String, Where)> {
    let mut at = 0;
    for w in t.shown.split(|c: char| c.is_whitespace() || matches!(c, ':' | ',' | '"' | '(' | ')' | '[' | ']')) {
        let n = w.chars().count();
        let base58 = (26..=35).contains(&n)
            && w.starts_with(['1', '3'])
            && w.bytes().all(|b| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'))
            && w.bytes().any(|b| b.is_ascii_lowercase())
            && w.bytes().any(|b| b.is_ascii_uppercase());
        let bech = (42..=62).contains(&n) && w.starts_with("bc1") && w.bytes().all(|b| b.is_ascii_alphanumeric());
        if base58 || bech {
            return Some((w.to_owned(), t.place_chars(at, at + n)));
        }
        at += n + 1;
    }
    None
}
