//! Private keys in armour, passwords in addresses and values that a name calls secret.

use super::cues::{Cue, Seen};
use super::marks::{Mark, Marks};
use super::text::{at, entropy, head, run};
use crate::Kind;
use crate::span::{Ranked, Span, rank};

pub(super) fn find(text: &str, seen: &Seen, marks: &Marks, out: &mut Vec<Ranked>) {
    armour(text, marks, out);
    user_info(text, marks, out);
    assigned(text, seen, out);
}

/// Most bytes of a key in armour: 16,384 bits are 13 KB.
const ARMOUR: usize = 32_000;

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the base 64 where the end was cut off. Line ends may be
/// written as `\n`.
fn armour(text: &str, marks: &Marks, out: &mut Vec<Ranked>) {
    const BEGIN: &str = "-----BEGIN ";
    let mut done = 0;
    for (start, from) in marks.all(Mark::Armour).filter(|(s, _)| text.get(*s..).is_some_and(|t| t.starts_with(BEGIN))) {
        if start < done {
            continue;
        }
        let Some(label) = head(text, from, 64).split("-----").next().filter(|l| l.contains("PRIVATE KEY")) else {
            continue;
        };
        let body = from + label.len() + 5;
        let rest = head(text, body, ARMOUR);
        let next = rest.find(BEGIN).unwrap_or(rest.len());
        let rest = rest.get(..next).unwrap_or_default();
        let end = match rest.find("-----END ") {
            Some(e) => {
                let tail = rest.get(e + 9..).unwrap_or_default();
                body + e + 9 + tail.find("-----").filter(|n| *n < 64).map_or(0, |n| n + 5)
            }
            None => body + open_end(rest),
        };
        out.push((rank::ARMOUR, Span::new(start, end, Kind::PrivateKey)));
        done = end;
    }
}

/// Length of the base 64 lines at the start; a word with fewer than 16 characters among blanks ends them.
fn open_end(rest: &str) -> usize {
    let mut end = 0;
    let mut i = 0;
    let armour = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    loop {
        let mut from = run(rest, i, usize::MAX, |b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\''));
        while at(rest, from) == b'\\' && matches!(at(rest, from + 1), b'n' | b'r') {
            from += 2;
        }
        let stop = run(rest, from, usize::MAX, armour);
        if stop == from || (stop - from < 16 && at(rest, stop) == b' ') {
            return end;
        }
        end = stop;
        i = stop;
    }
}

/// `scheme://user:password@host`: the password.
fn user_info(text: &str, marks: &Marks, out: &mut Vec<Ranked>) {
    for (_, start) in marks.all(Mark::Scheme) {
        let stop = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>' | '`' | '|');
        let rest = head(text, start, 400);
        let authority = rest.split(stop).next().unwrap_or_default();
        let Some((info, _)) = authority.rsplit_once('@') else { continue };
        let Some((user, password)) = info.split_once(':') else { continue };
        // `{password}`, `$PASSWORD`, `***`: a template.
        let template = password.starts_with(['{', '$', '<', '*', '%']) && !password.bytes().any(|b| b.is_ascii_digit());
        if password.is_empty() || template || user.contains(['?', '#']) {
            continue;
        }
        let at = start + user.len() + 1;
        out.push((rank::USER_INFO, Span::new(at, at + password.len(), Kind::Password)));
    }
}

/// `client_secret = 9f…`, `Authorization: Bearer …`: long and random.
fn assigned(text: &str, seen: &Seen, out: &mut Vec<Ranked>) {
    for (_, end) in seen.all(Cue::Secret) {
        let mut i = run(text, end, 40, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
        let mut linked = i == end && matches!(at(text, i), b' ' | b'\t');
        for _ in 0..8 {
            match at(text, i) {
                b'=' | b':' | b'>' => linked = true,
                b' ' | b'\t' | b'"' | b'\'' | b'`' | b'[' | b'(' => {}
                _ => break,
            }
            i += 1;
        }
        for word in ["is ", "bearer ", "basic ", "token "] {
            if head(text, i, word.len()).eq_ignore_ascii_case(word) {
                i += word.len();
                linked = true;
            }
        }
        let stop = run(text, i, 513, |b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_' | b'.' | b'~' | b'%' | b'!' | b'$')
        });
        let value = text.get(i..stop).unwrap_or_default().trim_end_matches(['.', '-', '/']);
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let random = digits >= 2
            && value.bytes().any(|b| b.is_ascii_alphabetic())
            && entropy(value) >= 3.0
            && !value.contains("://")
            && value.split(['/', '.']).count() <= 4
            && !super::text::is_uuid(value);
        if linked && (16..=512).contains(&value.len()) && random {
            out.push((rank::ASSIGNED, Span::new(i, i + value.len(), Kind::Token)));
        }
    }
}
