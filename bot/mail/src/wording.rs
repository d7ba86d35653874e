//! How dangerous the wording sounds: a linear model over words, pairs of words and parts of words.
//!
//! Features are counted, damped by their logarithm, weighed by their rarity and scaled to length 1 (tf-idf: K. Spärck
//! Jones, "A statistical interpretation of term specificity", 1972), once for words and once for parts of words, each
//! hashed into a table of fixed size (K. Weinberger et al., "Feature hashing for large scale multitask learning",
//! 2009). The weights are a logistic regression fitted by `examples/fit-wording.rs` on the texts in `corpus/`, which
//! were written for this purpose; `corpus/README.md` says how. No other mail went into them.
//!
//! The model sees words only: no header, sender, link target, file or language. It supports other evidence and never
//! decides alone.

use crate::fold;
use std::sync::LazyLock;

/// Rows of each table; a power of two.
pub const ROWS: usize = 1 << 16;
/// Words looked at; what a mail wants stands in its first pages.
const MAX_TOKENS: usize = 2_000;
/// Fewer words than this say nothing.
const MIN_TOKENS: usize = 3;
/// Shortest and longest part of a word, in characters, its edges included.
const PARTS: std::ops::RangeInclusive<usize> = 3..=5;

/// Weight and rarity of every row: words first, then parts of words.
pub struct Model {
    /// Added to every sum.
    pub bias: f32,
    /// Weights, positive for dangerous.
    pub weights: Vec<f32>,
    /// Inverse document frequency; 0 where the row was too rare to learn from.
    pub rarity: Vec<f32>,
}

impl Model {
    /// A model without knowledge.
    pub fn empty() -> Self {
        Self { bias: 0.0, weights: vec![0.0; 2 * ROWS], rarity: vec![0.0; 2 * ROWS] }
    }

    /// Reads what [`Model::to_bytes`] wrote; None when it is of another form.
    pub fn from_bytes(b: &[u8]) -> Option<Self> {
        let rest = b.strip_prefix(b"NBW1")?;
        let (head, tables) = rest.split_at_checked(12)?;
        let number = |i: usize| Some(f32::from_le_bytes(head.get(i..i + 4)?.try_into().ok()?));
        let (bias, step, rare) = (number(0)?, number(4)?, number(8)?);
        let (w, r) = tables.split_at_checked(2 * ROWS)?;
        if r.len() != 2 * ROWS {
            return None;
        }
        Some(Self {
            bias,
            weights: w.iter().map(|b| f32::from(i8::from_le_bytes([*b])) * step).collect(),
            rarity: r.iter().map(|b| f32::from(*b) * rare).collect(),
        })
    }

    /// One byte for each weight and each rarity, with their steps in front.
    pub fn to_bytes(&self) -> Vec<u8> {
        let most = |v: &[f32]| v.iter().fold(1e-6_f32, |m, x| m.max(x.abs()));
        let (step, rare) = (most(&self.weights) / 127.0, most(&self.rarity) / 255.0);
        let mut out = b"NBW1".to_vec();
        for x in [self.bias, step, rare] {
            out.extend(x.to_le_bytes());
        }
        out.extend(self.weights.iter().flat_map(|w| ((w / step).round() as i8).to_le_bytes()));
        out.extend(self.rarity.iter().map(|r| (r / rare).round() as u8));
        out
    }
}

static MODEL: LazyLock<Option<Model>> = LazyLock::new(|| Model::from_bytes(include_bytes!("wording.bin")));

/// A word of the text: its bytes in the folded text.
type Token = (usize, usize);

/// What the model says of a text.
#[derive(Debug, Clone)]
pub(crate) struct Wording {
    /// Log-odds: above 0 dangerous, below 0 ordinary.
    pub sum: f32,
    /// The run of words that speaks loudest for the sum's side: bytes of the folded body, and whether it stands in
    /// the subject instead.
    pub loudest: Option<(usize, usize)>,
    pub in_subject: bool,
    /// These words.
    pub quote: String,
}

/// The words of a folded text. Links, addresses and digits are not wording: the first two are left out, the last
/// become a zero.
fn tokens(folded: &str, most: usize) -> Vec<Token> {
    let mut out = Vec::new();
    let mut start = 0;
    for chunk in folded.split(' ') {
        let at = start;
        start += chunk.len() + 1;
        let host = chunk.contains('/') && chunk.contains('.');
        if chunk.contains("://") || chunk.contains('@') || chunk.starts_with("www.") || host {
            continue;
        }
        let mut from: Option<(usize, bool)> = None;
        for (i, c) in chunk.char_indices() {
            let digit = c.is_numeric();
            match from {
                Some((_, kind)) if c.is_alphanumeric() && kind == digit => {}
                Some((a, _)) => {
                    out.push((at + a, at + i));
                    from = c.is_alphanumeric().then_some((i, digit));
                }
                None if c.is_alphanumeric() => from = Some((i, digit)),
                None => {}
            }
            if out.len() >= most {
                return out;
            }
        }
        if let Some((a, _)) = from {
            out.push((at + a, at + chunk.len()));
        }
    }
    out
}

/// FNV-1a (public domain constants), folded to a row.
#[derive(Clone, Copy)]
struct Hash(u32);

impl Hash {
    const fn new(seed: u8) -> Self {
        Self((0x811c_9dc5 ^ seed as u32).wrapping_mul(0x0100_0193))
    }

    const fn byte(self, b: u8) -> Self {
        Self((self.0 ^ b as u32).wrapping_mul(0x0100_0193))
    }

    fn text(self, s: &str) -> Self {
        s.bytes().fold(self, Self::byte)
    }

    const fn row(self) -> usize {
        ((self.0 ^ (self.0 >> 16)) as usize) % ROWS
    }
}

fn word(text: &str, t: Token) -> &str {
    let w = text.get(t.0..t.1).unwrap_or_default();
    if w.starts_with(char::is_numeric) { "0" } else { w }
}

/// Calls `found` with the table's row and the word for each feature of the words.
fn features(words: &[&str], mut found: impl FnMut(usize, usize)) {
    for (i, w) in words.iter().enumerate() {
        let one = Hash::new(1).text(w);
        found(one.row(), i);
        if let Some(next) = words.get(i + 1) {
            found(one.byte(b' ').text(next).row(), i);
        }
        let edged: Vec<char> = std::iter::once(' ').chain(w.chars().take(40)).chain([' ']).collect();
        let mut utf8 = [0; 4];
        for from in 0..edged.len() {
            let mut h = Hash::new(2);
            for (n, c) in edged.iter().skip(from).take(*PARTS.end()).enumerate() {
                h = c.encode_utf8(&mut utf8).bytes().fold(h, Hash::byte);
                let whole = from == 0 && n + 1 == edged.len() && n + 1 < *PARTS.start();
                if PARTS.contains(&(n + 1)) || whole {
                    found(ROWS + h.row(), i);
                }
            }
        }
    }
}

/// Every row of a text with its value, scaled to length 1 in each table. What the trainer and the analysis share.
fn vector(words: &[&str], rarity: &[f32]) -> Vec<(usize, f32)> {
    let mut counts = vec![0_u16; 2 * ROWS];
    let mut rows = Vec::new();
    features(words, |row, _| {
        if let Some(n) = counts.get_mut(row) {
            if *n == 0 {
                rows.push(row);
            }
            *n = n.saturating_add(1);
        }
    });
    let mut out: Vec<(usize, f32)> = rows
        .into_iter()
        .filter_map(|row| {
            let (n, idf) = (*counts.get(row)?, *rarity.get(row)?);
            (idf > 0.0).then(|| (row, (1.0 + f32::from(n).ln()) * idf))
        })
        .collect();
    for table in [0..ROWS, ROWS..2 * ROWS] {
        let mine = |row: usize| table.contains(&row);
        let length = out.iter().filter(|(r, _)| mine(*r)).map(|(_, v)| v * v).sum::<f32>().sqrt();
        for (_, v) in out.iter_mut().filter(|(r, _)| mine(*r)) {
            *v /= length.max(1e-6);
        }
    }
    out
}

/// The subject counts twice: it is what is read first. A stop keeps its last word from pairing with the body.
fn words<'a>(subject: (&'a str, &[Token]), body: (&'a str, &[Token])) -> Vec<&'a str> {
    let head = subject.1.iter().map(|t| word(subject.0, *t));
    head.clone().chain(head).chain(["."]).chain(body.1.iter().map(|t| word(body.0, *t))).collect()
}

/// Rows and values of a subject and a text under the rarities of a model; for the trainer. With `rarity` all ones the
/// rows are those that occur.
pub fn rows(subject: &str, text: &str, rarity: &[f32]) -> Vec<(usize, f32)> {
    let (s, b) = (fold::fold(subject), fold::fold(text));
    let (st, bt) = (tokens(&s.text, 100), tokens(&b.text, MAX_TOKENS));
    vector(&words((&s.text, &st), (&b.text, &bt)), rarity)
}

/// Weighs a mail's words.
pub(crate) fn weigh(subject: &str, body: &str) -> Option<Wording> {
    let model = MODEL.as_ref()?;
    let (st, bt) = (tokens(subject, 100), tokens(body, MAX_TOKENS));
    if st.len() + bt.len() < MIN_TOKENS {
        return None;
    }
    let all = words((subject, &st), (body, &bt));
    let mut value = vec![0_f32; 2 * ROWS];
    let mut sum = model.bias;
    for (row, v) in vector(&all, &model.rarity) {
        let part = v * model.weights.get(row).copied().unwrap_or(0.0);
        sum += part;
        if let Some(x) = value.get_mut(row) {
            *x = part;
        }
    }
    let mut by_word = vec![0_f32; all.len()];
    features(&all, |row, i| {
        if let (Some(b), Some(v)) = (by_word.get_mut(i), value.get(row)) {
            *b += v * sum.signum();
        }
    });
    let skip = 2 * st.len() + 1;
    let body_run = loudest(by_word.get(skip..).unwrap_or_default());
    let head_run = loudest(by_word.get(..st.len()).unwrap_or_default());
    let in_subject = head_run.map_or(0.0, |r| r.2) > body_run.map_or(0.0, |r| r.2);
    let (run, of) = if in_subject { (head_run, &st) } else { (body_run, &bt) };
    let loudest = run.and_then(|(a, b, _)| Some((of.get(a)?.0, of.get(b)?.1)));
    let from = if in_subject { subject } else { body };
    let quote = loudest.and_then(|(a, b)| from.get(a..b)).unwrap_or_default().to_owned();
    Some(Wording { sum, loudest, in_subject, quote })
}

/// The run of up to six words with the largest sum: first word, last word, sum.
fn loudest(by_word: &[f32]) -> Option<(usize, usize, f32)> {
    let mut best: Option<(usize, usize, f32)> = None;
    for from in 0..by_word.len() {
        let mut sum = 0.0;
        for (n, v) in by_word.iter().skip(from).take(6).enumerate() {
            sum += v;
            if *v > 0.0 && best.is_none_or(|b| sum > b.2) {
                best = Some((from, from + n, sum));
            }
        }
    }
    best.filter(|b| b.2 > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_without_links_addresses_and_digits() {
        let f = fold::fold("Hello, visit https://x.example/a or a@b.example: 20 kg, ABC12 www.x.example x.example/y");
        let t = tokens(&f.text, 100);
        let w: Vec<&str> = t.iter().map(|t| word(&f.text, *t)).collect();
        assert_eq!(w, ["hello", "visit", "or", "0", "kg", "abc", "0"]);
    }

    #[test]
    fn a_model_comes_back_as_it_was_written() {
        let mut m = Model::empty();
        m.bias = 0.25;
        m.weights[3] = 1.27;
        m.weights[4] = -0.5;
        m.rarity[3] = 2.55;
        let back = Model::from_bytes(&m.to_bytes()).unwrap();
        assert!((back.weights[3] - 1.27).abs() < 1e-4 && (back.weights[4] + 0.5).abs() < 0.01);
        assert!((back.rarity[3] - 2.55).abs() < 1e-4 && (back.bias - 0.25).abs() < 1e-6);
        assert!(Model::from_bytes(b"NBW1").is_none());
        assert!(Model::from_bytes(&m.to_bytes()[1..]).is_none());
    }

    #[test]
    fn the_shipped_model_tells_a_threat_from_a_patch() {
        let say = |s: &str, t: &str| weigh(&fold::plain(s), &fold::plain(t)).map_or(0.0, |w| w.sum);
        let bad = say(
            "Your mailbox will be closed",
            "Dear user, your mailbox storage is full. Verify your account within 24 hours or it will be deactivated.",
        );
        let fine = say(
            "Re: [PATCH] net: fix the leak in the error path",
            "Thanks, applied. I think the second hunk needs a test; could you rebase and send a v2?",
        );
        assert!(bad > 0.5 && fine < -0.5, "{bad} {fine}");
    }

    #[test]
    fn the_loudest_words_are_shown() {
        assert_eq!(loudest(&[0.1, -0.2, 0.5, 0.4, -1.0, 0.2]).map(|b| (b.0, b.1)), Some((2, 3)));
        assert_eq!(loudest(&[-0.1]), None);
    }
}
