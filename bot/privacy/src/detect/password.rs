//! Passwords in prose: a word that announces one, and a value that looks like one. Either is not enough: "the password
//! is expired" has no value, `INC-2024-17` is no password.

use super::credible::{ordinary, stop, strength, template};
use super::cues::{Cue, Seen};
use super::marks::{Mark, Marks};
use super::text::{at, before, floor, head};
use super::words::Words;
use crate::Kind;
use crate::span::{Ranked, Span, rank};

/// Farthest from the word that announces it, in bytes.
const REACH: usize = 110;

pub(super) fn find(text: &str, seen: &Seen, marks: &Marks, out: &mut Vec<Ranked>) {
    let mut looked = 0;
    for (start, end) in seen.all(Cue::Password) {
        if let Some(s) = behind(text, end) {
            out.push((rank::CUE, s));
        } else if start >= looked
            && let Some(s) = ahead(text, start)
        {
            out.push((rank::CUE, s));
        }
        looked = end;
    }
    for (_, end) in seen.all(Cue::Pin) {
        if let Some(s) = pin(text, end) {
            out.push((rank::CUE, s));
        }
    }
    options(text, marks, out);
}

/// One word of the text with what joins it to the word before.
struct Word<'a> {
    start: usize,
    text: &'a str,
    /// Between quotation marks.
    quoted: bool,
}

const QUOTES: [(char, char); 9] =
    [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('„', '“'), ('«', '»'), ('‘', '’'), ('「', '」'), ('*', '*')];

/// The next word from a place, at most 64 bytes long.
fn word(text: &str, from: usize, limit: usize) -> Option<Word<'_>> {
    let rest = text.get(from..limit)?;
    let skip =
        rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{a0}', '(', '[', ',', ';', '—', '–']).len();
    let start = from + skip;
    let rest = text.get(start..)?;
    let first = rest.chars().next()?;
    if let Some((_, close)) = QUOTES.iter().find(|(open, _)| *open == first) {
        let inner = start + first.len_utf8();
        let body = head(text, inner, 80);
        if let Some(n) = body.find(*close)
            && n > 0
            && !body.get(..n)?.contains('\n')
        {
            return Some(Word { start: inner, text: body.get(..n)?, quoted: true });
        }
        return word_plain(text, inner);
    }
    word_plain(text, start)
}

fn word_plain(text: &str, start: usize) -> Option<Word<'_>> {
    let rest = head(text, start, 80);
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '”' | '„' | '`' | '<' | '>'))
        .unwrap_or(rest.len());
    (end > 0).then_some(())?;
    Some(Word { start, text: rest.get(..end)?, quoted: false })
}

/// Words that join the announcement to the value.
static LINKS: Words = Words::new(
    "is was are were be it's its it´s = : -> => → to set reset changed now still currently as ist war lautet lautete auf \
heißt heisst est était es era sera será é è was=  staat zijn jest to är er on olio on това это — – - using use used with mit con avec via for für \
the my his her our their your a an this that old new temporary temp default initial root admin user account wifi vpn share shared same \
und and of von vom de del la le el il du des den das der die dem mein meine dein sein ihr unser el mi tu su meu minha seu moje mijn het \
works stayed remains again just also should will today yesterday he she they we i you put typed entered wrote gave told sent me him them in into \
portal system server laptop database db mail email service mailbox box site app following below here",
);

fn links(w: &str) -> bool {
    let w = w.trim_end_matches([':', ',', '.']);
    w.is_empty() || LINKS.has(w)
}

/// Direct joints: what stands behind them is the value, whatever it looks like.
fn joint(w: &str) -> bool {
    const WORDS: [&str; 22] = [
        "is", "was", "=", ":", "->", "=>", "→", "lautet", "ist", "war", "est", "es", "era", "é", "è", "jest", "är",
        "er", "lautete", "это", "be", "to",
    ];
    w.ends_with([':', '=']) || WORDS.iter().any(|j| w.eq_ignore_ascii_case(j))
}

/// The value behind a word that announces it.
fn behind(text: &str, end: usize) -> Option<Span> {
    let limit = floor(text, end + REACH);
    let mut i = end;
    // `password"`, `password]:`, `passwords =`, `PASSWORD_FILE=` and the plural of other languages.
    let mut direct = false;
    for _ in 0..8 {
        match at(text, i) {
            b'=' | b':' => direct = true,
            b'"' | b'\'' | b'`' | b')' | b']' | b'*' => {}
            b' ' | b'\t' if matches!(at(text, i + 1), b'=' | b':') => {}
            b'>' if direct => {}
            _ => break,
        }
        // The quotation mark that opens the value.
        if direct && matches!(at(text, i), b'"' | b'\'' | b'`') {
            break;
        }
        i += 1;
    }
    for glued in ["は", "：", "는", "은", "是", "为"] {
        if text.get(i..).is_some_and(|t| t.starts_with(glued)) {
            i += glued.len();
            direct = true;
        }
    }
    // A piece of a longer token: an address, a path, the name of a file.
    if !direct
        && matches!(at(text, i), b'_' | b'.' | b'/' | b'-' | b'?' | b'&' | b'#' | b'@' | b'\\')
        && !at(text, i + 1).is_ascii_whitespace()
    {
        return None;
    }
    let option = text.get(..end)?.rsplit(char::is_whitespace).next().is_some_and(|w| w.starts_with("--"));
    let mut strict = direct || option;
    for n in 0..9 {
        let w = word(text, i, limit)?;
        // A new sentence is another thought; a value in the next line must be joined by a colon.
        let between = text.get(i..w.start).unwrap_or_default();
        if n > 0 && !strict && between.contains('\n') {
            return None;
        }
        if let Some(s) = value(text, &w, strict, direct && n == 0) {
            return Some(s);
        }
        if w.quoted || (strict && direct && n == 0) && !links(w.text) {
            return None;
        }
        let sentence = w.text.ends_with(['.', '!', '?', ';']) && w.text.len() > 1;
        if sentence {
            return None;
        }
        strict = joint(w.text);
        if !links(w.text) && n >= 5 {
            return None;
        }
        direct = w.text.ends_with([':', '=']);
        i = w.start + w.text.len();
        while matches!(at(text, i), b'"' | b'\'' | b'`') {
            i += 1;
        }
    }
    None
}

/// `Winter24! is my password`: only what cannot be anything else, in the same sentence.
fn ahead(text: &str, start: usize) -> Option<Span> {
    let from = floor(text, start.saturating_sub(60));
    let part = text.get(from..start)?;
    let mut end = part.len();
    for _ in 0..7 {
        let trimmed = part.get(..end)?.trim_end_matches([' ', '\t', ',', '(', '"', '\'', '`']);
        let begin = trimmed
            .rfind(|c: char| c.is_whitespace() || matches!(c, '"' | '`' | '“' | '('))
            .map_or(0, |p| p + trimmed.get(p..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8));
        let w = trimmed.get(begin..)?;
        if w.is_empty() || trimmed.contains('\n') && w.is_empty() || w.ends_with(['.', ';']) {
            return None;
        }
        let word = Word { start: from + begin, text: w, quoted: false };
        if begin > 0 || from == 0 {
            let s = value(text, &word, false, false);
            if s.is_some() {
                return s;
            }
        }
        end = begin;
        if part.get(..end)?.ends_with('\n') || end == 0 {
            return None;
        }
    }
    None
}

/// The span of a word when it is credible as a password.
fn value(text: &str, w: &Word<'_>, strict: bool, direct: bool) -> Option<Span> {
    let mut v = if w.quoted { w.text } else { trimmed(w.text) };
    let mut start = w.start + w.text.find(v).unwrap_or(0);
    // `admin/Winter24!`, `admin:Winter24!`
    if v.contains("://")
        || ["](", "{%", "</", "<", "[", "{"].iter().any(|m| v.contains(m) && !w.quoted)
        || (w.start > 0 && matches!(before(text, w.start), b'/' | b'#'))
    {
        return None;
    }
    if !w.quoted
        && let Some(p) = v.find(['/', ':'])
        && p > 1
        && v.get(..p)?.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@'))
        && strength(v.get(p + 1..)?) >= 2
    {
        start += p + 1;
        v = v.get(p + 1..)?;
    }
    if v.chars().count() < 4 || v.len() > 80 || ordinary(v) {
        return None;
    }
    let s = strength(v);
    let words = v.split_whitespace().count();
    let quoted = w.quoted && strict && (words == 1 || (direct && words <= 6)) && !stop(v);
    let last = || {
        let rest = text.get(start + v.len()..).unwrap_or_default();
        rest.trim_start_matches([' ', '.', ',', ')', '\t']).chars().next().is_none_or(|c| c == '\n' || c == '\r')
    };
    let plain = direct && words == 1 && !stop(v) && last() && v.bytes().all(|b| b.is_ascii_graphic());
    let fine = words <= 1 && (s >= 2 || (strict && s >= 1)) || quoted || (plain && v.len() >= 5);
    (fine && !template(v)).then(|| Span::new(start, start + v.len(), Kind::Password))
}

/// Without the punctuation of the sentence.
fn trimmed(w: &str) -> &str {
    w.trim_start_matches(['(', '[', '\'', '"', '„', '‚', '*'])
        .trim_end_matches(['.', ',', ';', ':', ')', ']', '\'', '"', '’', '*'])
}

/// `PIN is 4821`: four to eight digits.
fn pin(text: &str, end: usize) -> Option<Span> {
    let rest = head(text, end, 40);
    let skip = rest.find(|c: char| c.is_ascii_digit())?;
    let joined = rest.get(..skip)?.split([' ', ':', '=', '#']).all(|w| w.is_empty() || links(w) || joint(w));
    let from = end + skip;
    let stop = super::text::run(text, from, 9, |b| b.is_ascii_digit());
    (joined
        && skip > 0
        && (4..=8).contains(&(stop - from))
        && !at(text, stop).is_ascii_alphanumeric()
        && !matches!(at(text, stop), b'-' | b'/'))
    .then(|| Span::new(from, stop, Kind::Password))
}

/// Passwords on command lines: `curl -u bob:…`, `sshpass -p …`, `mysql -p…`.
fn options(text: &str, marks: &Marks, out: &mut Vec<Ranked>) {
    for flag in [Mark::User, Mark::Password] {
        for (p, after) in marks.all(flag) {
            let line = super::text::tail(text, p, 120).rsplit('\n').next().unwrap_or_default();
            let program = |names: &[&str]| {
                names.iter().any(|n| line.split([' ', '/', '|', ';', '\'', '"', '`']).any(|w| w == *n))
            };
            let user = flag == Mark::User;
            if !program(if user {
                &["curl", "wget", "http", "svn"]
            } else {
                &[
                    "sshpass",
                    "mysql",
                    "mysqldump",
                    "mysqladmin",
                    "mariadb",
                    "net",
                    "smbclient",
                    "docker",
                    "7z",
                    "7za",
                    "unzip",
                    "zip",
                    "sqlcmd",
                    "plink",
                    "ldapsearch",
                ]
            }) {
                continue;
            }
            let Some(w) = word(text, after, floor(text, p + 100)) else { continue };
            let (skip, v) = match (user, w.text.split_once(':')) {
                (true, Some((u, v))) => (u.len() + 1, v),
                (true, None) => continue,
                (false, _) => (0, w.text),
            };
            let v = v.trim_end_matches(['\'', '"']);
            if v.len() >= 4 && !template(v) && strength(v) >= 1 && before(text, w.start + skip) != 0 {
                out.push((rank::CUE, Span::new(w.start + skip, w.start + skip + v.len(), Kind::Password)));
            }
        }
    }
}
