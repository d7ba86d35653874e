//! Sections into chunks: the unit that is ranked. A chunk never crosses a heading.

use super::facts::Facts;
use super::markdown::{FrontMatter, Section, read};
use super::words::{Lang, is_stop, language, stem, words};
use std::ops::Range;

/// Longest chunk in words, unless one sentence is longer.
const CHUNK_WORDS: usize = 220;
/// Blocks above this are cut into sentences, so that a quote can be one of them.
const BLOCK_WORDS: usize = 60;

/// A stretch of a chunk that can be quoted for itself: a sentence, list item, table row or short paragraph.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub range: Range<usize>,
    pub words: usize,
    pub terms: Vec<String>,
    /// Terms of the lead-in or table header.
    pub lead_terms: Vec<String>,
    /// What kinds of fact stand in it.
    pub facts: Facts,
}

#[derive(Debug, Clone)]
pub(crate) struct Chunk {
    pub path: Vec<String>,
    pub range: Range<usize>,
    pub units: Vec<Unit>,
    pub heading_terms: Vec<String>,
    /// Stable while document name, heading path and text stay the same.
    pub id: String,
}

/// One document, read and cut.
#[derive(Debug)]
pub(crate) struct Document {
    pub name: String,
    pub text: String,
    pub front: FrontMatter,
    pub digest: String,
    pub lang: Lang,
    pub title_terms: Vec<String>,
    pub chunks: Vec<Chunk>,
    /// Words as written, for spelling tolerance.
    pub surface: Vec<String>,
    pub acronyms: Vec<(String, Vec<String>)>,
    /// Characters before each multiple of [`MARK`] bytes.
    marks: Vec<usize>,
}

const MARK: usize = 512;

fn marks(text: &str) -> Vec<usize> {
    let mut out = vec![0];
    let mut count = 0;
    for (at, b) in text.bytes().enumerate() {
        // Every byte but a continuation byte begins a character.
        count += usize::from(b & 0xC0 != 0x80);
        if (at + 1) % MARK == 0 {
            out.push(count);
        }
    }
    out
}

/// The terms of a text; parts joined by a hyphen also count as one word.
pub(crate) fn terms(text: &str, lang: Lang) -> Vec<String> {
    let mut out = Vec::new();
    let mut before: Option<String> = None;
    for w in words(text) {
        if w.glued
            && let Some(b) = &before
        {
            out.push(stem(&format!("{b}{}", w.text), lang));
        }
        if !is_stop(&w.text) {
            out.push(stem(&w.text, lang));
        }
        before = Some(w.text);
    }
    out
}

impl Document {
    pub fn new(name: String, text: String) -> Self {
        let (front, sections) = read(&name, &text);
        let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
        let lang = language(&text);
        let mut title_terms = terms(&front.title, lang);
        title_terms.extend(terms(&super::markdown::file_title(&name), lang));
        title_terms.sort_unstable();
        title_terms.dedup();
        let chunks = sections.iter().flat_map(|s| cut(&name, &text, s, lang)).collect();
        let mut surface: Vec<String> = words(&text).into_iter().map(|w| w.text).collect();
        surface.sort_unstable();
        surface.dedup();
        let acronyms = acronyms(&text, lang);
        let marks = marks(&text);
        Self { name, text, front, digest, lang, title_terms, chunks, surface, acronyms, marks }
    }

    /// Characters before a byte place.
    pub fn characters(&self, byte: usize) -> usize {
        let from = byte / MARK;
        let known = self.marks.get(from).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(from * MARK..byte).unwrap_or_default();
        known + rest.iter().filter(|b| **b & 0xC0 != 0x80).count()
    }
}

fn cut(name: &str, text: &str, section: &Section, lang: Lang) -> Vec<Chunk> {
    let mut units = Vec::new();
    for block in &section.blocks {
        let lead: Vec<String> =
            block.lead.iter().filter_map(|l| text.get(l.clone())).flat_map(|l| terms(l, lang)).collect();
        for range in sentences(text, block.range.clone()) {
            let Some(slice) = text.get(range.clone()) else { continue };
            let list: Vec<String> = words(slice).into_iter().map(|w| w.text).collect();
            let facts = Facts::of(slice, &list, lang);
            let lead_terms = lead.clone();
            units.push(Unit { range, words: list.len(), terms: terms(slice, lang), lead_terms, facts });
        }
    }
    let heading_terms: Vec<String> = section.path.iter().flat_map(|p| terms(p, lang)).collect();
    let mut chunks = Vec::new();
    let mut current: Vec<Unit> = Vec::new();
    let mut size = 0;
    let mut flush = |current: &mut Vec<Unit>| {
        let (Some(first), Some(last)) = (current.first(), current.last()) else { return };
        let range = first.range.start..last.range.end;
        let body = text.get(range.clone()).unwrap_or_default();
        let id = blake3::hash(format!("{name}\u{0}{}\u{0}{body}", section.path.join("\u{1}")).as_bytes()).to_hex();
        chunks.push(Chunk {
            path: section.path.clone(),
            range,
            units: std::mem::take(current),
            heading_terms: heading_terms.clone(),
            id: id.chars().take(16).collect(),
        });
    };
    for unit in units {
        if size > 0 && size + unit.words > CHUNK_WORDS {
            flush(&mut current);
            size = 0;
        }
        size += unit.words;
        current.push(unit);
    }
    flush(&mut current);
    chunks
}

/// A short block whole, a long one by sentences.
fn sentences(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let Some(slice) = text.get(range.clone()) else { return Vec::new() };
    if slice.split_whitespace().count() <= BLOCK_WORDS {
        return vec![range];
    }
    let mut out = Vec::new();
    let mut start = range.start;
    let mut chars = slice.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = matches!(c, '.' | '!' | '?' | ';') && chars.peek().is_some_and(|(_, n)| n.is_whitespace());
        let line = c == '\n' && slice.get(at + 1..).is_some_and(|r| r.starts_with(['\n', '-', '*', '|']));
        // "e.g. " and "No. 5" are no ends: something longer than an abbreviation must stand before the stop.
        let word = slice.get(..at).and_then(|s| s.rsplit(|c: char| !c.is_alphanumeric()).next()).map_or(0, str::len);
        if ends && word > 2 || line {
            push_trimmed(text, start..range.start + at + c.len_utf8(), &mut out);
            start = range.start + at + c.len_utf8();
        }
    }
    push_trimmed(text, start..range.end, &mut out);
    out
}

fn push_trimmed(text: &str, range: Range<usize>, out: &mut Vec<Range<usize>>) {
    let Some(raw) = text.get(range.clone()) else { return };
    let body = raw.trim();
    if !body.is_empty() {
        let start = range.start + raw.len() - raw.trim_start().len();
        out.push(start..start + body.len());
    }
}

/// "Bring Your Own Device (BYOD)" teaches that the two are one thing, in both directions.
fn acronyms(text: &str, lang: Lang) -> Vec<(String, Vec<String>)> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices('(') {
        // Eight bytes are enough for an acronym: a text of nothing but brackets must not cost more.
        let window =
            text.as_bytes().get(at + 1..).map_or(0, |r| r.iter().take(9).position(|b| *b == b')').unwrap_or(0));
        let Some(inner) = text.get(at + 1..at + 1 + window) else { continue };
        let short = inner.trim().trim_end_matches('s');
        if !(2..=6).contains(&short.len()) || !short.bytes().all(|b| b.is_ascii_uppercase()) {
            continue;
        }
        let mut from = at.saturating_sub(120);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let before: Vec<String> = words(text.get(from..at).unwrap_or_default()).into_iter().map(|w| w.text).collect();
        let letters: Vec<char> = short.to_lowercase().chars().collect();
        let Some(tail) = before.len().checked_sub(letters.len()).and_then(|n| before.get(n..)) else { continue };
        if tail.iter().zip(&letters).all(|(w, l)| w.starts_with(*l)) {
            out.push((short.to_lowercase(), tail.iter().map(|w| stem(w, lang)).collect()));
        }
    }
    out.sort();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_to_the_very_end() {
        for text in ["🙂".repeat(256), "aä🙂".repeat(300), "x".repeat(MARK), String::new()] {
            let d = Document::new("a.md".into(), text.clone());
            for (n, (at, _)) in text.char_indices().enumerate() {
                assert_eq!(d.characters(at), n);
            }
            assert_eq!(d.characters(text.len()), text.chars().count());
        }
    }

    #[test]
    fn acronyms_are_learned() {
        let found = acronyms(
            "Use Multi-Factor Authentication (MFA) and a Bring Your Own Device (BYOD) plan (see IT).",
            Lang::English,
        );
        let short: Vec<&str> = found.iter().map(|(s, _)| s.as_str()).collect();
        assert_eq!(short, ["byod", "mfa"]);
    }

    #[test]
    fn long_paragraphs_are_cut_into_sentences() {
        let text = format!("{} e.g. this one. Second ends here.", "word ".repeat(60).trim_end());
        let cuts = sentences(&text, 0..text.len());
        assert_eq!(cuts.len(), 2);
        assert_eq!(&text[cuts[1].clone()], "Second ends here.");
    }

    #[test]
    fn an_edit_leaves_other_sections_alone() {
        let a = Document::new("a.md".into(), "# T\n## A\none\n## B\ntwo\n".into());
        let b = Document::new("a.md".into(), "# T\n## A\nother\n## B\ntwo\n".into());
        assert_ne!(a.digest, b.digest);
        assert_ne!(a.chunks[0].id, b.chunks[0].id);
        assert_eq!(a.chunks[1].id, b.chunks[1].id);
    }
}
