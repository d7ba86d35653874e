//! Text of PDF fonts that number their glyphs (ISO 32000-1 section 9.10): the tables that turn numbers into letters.
//!
//! Which font a string uses is not followed. Each table is tried on all numbered strings instead: the right one gives
//! words, the wrong ones give letters without sense, which match nothing.

use crate::pdf_text::string;
use std::collections::BTreeMap;

/// Tables used, entries of one table, and numbers kept. A document has one table a font.
const MAX_TABLES: usize = 8;
const MAX_ENTRIES: usize = 20_000;
const MAX_CODES: usize = 50_000;

/// What is collected while a file is read.
#[derive(Default)]
pub(crate) struct Glyphs {
    tables: Vec<BTreeMap<u16, String>>,
    /// Numbers in order; `None` between lines.
    codes: Vec<Option<u16>>,
}

impl Glyphs {
    /// Keeps a numbered string, two bytes a glyph.
    pub fn string(&mut self, bytes: &[u8]) {
        if self.codes.len() + bytes.len() / 2 <= MAX_CODES && bytes.len().is_multiple_of(2) {
            self.codes.extend(bytes.chunks_exact(2).map(|c| Some(u16::from_be_bytes([*c.first()?, *c.get(1)?]))));
        }
    }

    /// Marks a new line or word.
    pub fn space(&mut self) {
        if self.codes.last().is_some_and(Option::is_some) && self.codes.len() < MAX_CODES {
            self.codes.push(None);
        }
    }

    /// Reads a table (`ToUnicode`), when the stream is one.
    pub fn table(&mut self, b: &[u8]) -> bool {
        if !b.windows(9).any(|w| w == b"begincmap") {
            return false;
        }
        if self.tables.len() < MAX_TABLES {
            self.tables.push(read(b));
        }
        true
    }

    /// The text, once for each table.
    pub fn text(&self, max: usize, out: &mut String) {
        for table in &self.tables {
            out.push('\n');
            for code in &self.codes {
                if out.len() >= max {
                    return;
                }
                match code {
                    Some(c) => out.push_str(table.get(c).map_or("", String::as_str)),
                    None => out.push(' '),
                }
            }
        }
    }
}

fn number(b: &[u8]) -> u16 {
    b.iter().fold(0, |n, byte| n << 8 | u16::from(*byte))
}

fn letters(b: &[u8]) -> String {
    let units = b.chunks_exact(2).take(8).filter_map(|c| Some(u16::from_be_bytes([*c.first()?, *c.get(1)?])));
    char::decode_utf16(units).filter_map(Result::ok).collect()
}

/// `beginbfchar <number> <letters>` and `beginbfrange <first> <last> <letters>` or `[<letters> ...]`.
fn read(b: &[u8]) -> BTreeMap<u16, String> {
    let mut out = BTreeMap::new();
    let mut range = false;
    let mut pending: Vec<Vec<u8>> = Vec::new();
    // Number of the next entry of a list.
    let mut list: Option<u16> = None;
    let mut at = 0;
    while let Some(c) = b.get(at).copied().filter(|_| out.len() < MAX_ENTRIES) {
        let rest = b.get(at..).unwrap_or_default();
        if c == b'<'
            && let Some((bytes, len)) = string(rest)
        {
            at += len;
            if let Some(n) = list {
                out.insert(n, letters(&bytes));
                list = n.checked_add(1);
                continue;
            }
            pending.push(bytes);
            let full = if range { 3 } else { 2 };
            if let (true, Some(first), Some(last)) = (pending.len() == full, pending.first(), pending.last()) {
                let first = number(first);
                let end = if range { pending.get(1).map_or(first, |e| number(e)) } else { first };
                let text = letters(last);
                let mut head: Vec<char> = text.chars().collect();
                let tail = head.pop();
                for n in first..=end.min(first.saturating_add(2_000)) {
                    let step = u32::from(n - first);
                    let Some(c) = tail.and_then(|t| char::from_u32(u32::from(t) + step)) else { break };
                    out.insert(n, head.iter().copied().chain([c]).collect());
                }
                pending.clear();
            }
            continue;
        }
        match c {
            b'[' if range => list = pending.first().map(|f| number(f)),
            b']' => {
                list = None;
                pending.clear();
            }
            b'b' if rest.starts_with(b"beginbfchar") => (range, at) = (false, at + 10),
            b'b' if rest.starts_with(b"beginbfrange") => (range, at) = (true, at + 11),
            b'b' if rest.starts_with(b"begincodespacerange") => {
                at += rest.windows(17).position(|w| w == b"endcodespacerange").unwrap_or(18);
            }
            b'e' if rest.starts_with(b"endbf") => pending.clear(),
            _ => {}
        }
        at += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_turn_numbers_into_letters() {
        let table = b"/CIDInit begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange 2 beginbfchar <0001> <0050> \
            <0002> <00660069> endbfchar 2 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0078> <D83DDE00>] endbfrange";
        let mut g = Glyphs::default();
        assert!(g.table(table) && !g.table(b"BT ET"));
        g.string(&[0, 1, 0, 2]);
        g.space();
        g.space();
        g.string(&[0, 0x10, 0, 0x11, 0, 0x12, 0, 0x20, 0, 0x21, 0, 0x99]);
        g.string(&[1]);
        let mut out = String::new();
        g.text(100, &mut out);
        assert_eq!(out, "\nPfi abcx\u{1f600}");
    }
}
