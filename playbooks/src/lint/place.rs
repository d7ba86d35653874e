//! From a byte of a value to its place in the file.
//!
//! The reader of the file gives the place where a value begins. What stands within the value is found by laying
//! the value along the text of the file: quotes, escapes, folded lines and block scalars change what is between
//! the characters, never their order. Where the two do not fit, the start of the value is the answer.

use crate::finding::{Mark, Pos};
use crate::yaml::Node;
use std::ops::Range;

/// The lines of a file.
pub struct Source<'a> {
    lines: Vec<&'a str>,
    /// The same lines as characters, split once: a line with thousands of findings would cost its square otherwise.
    chars: Vec<Vec<char>>,
}

/// A character of the value as it stands in the file: what it means, where, and how many characters it takes.
#[derive(Clone, Copy)]
struct Seen {
    c: char,
    at: Pos,
    width: u32,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { lines: text.lines().collect(), chars: text.lines().map(|l| l.chars().collect()).collect() }
    }

    /// The place of the bytes `range` of the value of `node`.
    pub fn mark(&self, node: &Node, range: Range<usize>) -> Mark {
        let start = Mark::from(node.at);
        let Some(value) = node.text() else { return start };
        self.find(node.at, value, range).unwrap_or(start)
    }

    fn find(&self, at: Pos, value: &str, range: Range<usize>) -> Option<Mark> {
        let mut cursor = Cursor::new(self, at)?;
        let (mut first, mut last): (Option<Seen>, Option<Seen>) = (None, None);
        for (byte, wanted) in value.char_indices() {
            if byte >= range.end.max(range.start + 1) {
                break;
            }
            let seen = cursor.next_as(wanted)?;
            if byte >= range.start {
                first = first.or(Some(seen));
                last = Some(seen);
            }
        }
        let (first, last) = (first?, last?);
        let width = if first.at.line == last.at.line {
            last.at.column + last.width - first.at.column
        } else {
            let line = self.lines.get(first.at.line as usize - 1)?;
            (line.trim_end().chars().count() as u32 + 1).saturating_sub(first.at.column)
        };
        Some(Mark { at: first.at, width })
    }

    fn line(&self, number: u32) -> Option<&'a str> {
        self.lines.get((number as usize).checked_sub(1)?).copied()
    }

    fn chars(&self, number: u32) -> Option<&[char]> {
        self.chars.get((number as usize).checked_sub(1)?).map(Vec::as_slice)
    }
}

/// How the value is written.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Single,
    Double,
    /// `|` or `>`, with the indentation that is not part of the value.
    Block(usize),
}

struct Cursor<'s, 'a> {
    source: &'s Source<'a>,
    style: Style,
    line: u32,
    chars: &'s [char],
    /// Index within `chars`.
    next: usize,
}

impl<'s, 'a> Cursor<'s, 'a> {
    fn new(source: &'s Source<'a>, at: Pos) -> Option<Self> {
        let chars = source.chars(at.line)?;
        let next = (at.column as usize).checked_sub(1)?;
        let mut cursor = Self { source, style: Style::Plain, line: at.line, chars, next };
        if let Some(first) = cursor.block(at) {
            cursor.style = Style::Block(next);
            cursor.line = first;
            cursor.load(next)?;
            return Some(cursor);
        }
        match cursor.chars.get(next)? {
            '"' => cursor.style = Style::Double,
            '\'' => cursor.style = Style::Single,
            _ => return Some(cursor),
        }
        cursor.next += 1;
        Some(cursor)
    }

    /// The first line of a block scalar, if this is one. The reader gives the place of its first character, so
    /// what tells is the line before: it ends with `|` or `>`.
    fn block(&self, at: Pos) -> Option<u32> {
        if !self.chars.iter().take(self.next).all(|c| *c == ' ') {
            return None;
        }
        let header = (1..at.line).rev().find(|n| self.source.line(*n).is_some_and(|l| !l.trim().is_empty()))?;
        let line = self.source.line(header)?;
        let line = line.split(" #").next().unwrap_or(line);
        let word = line.split_whitespace().next_back()?;
        let rest = word.strip_prefix(['|', '>'])?;
        rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-')).then_some(header + 1)
    }

    fn load(&mut self, skip: usize) -> Option<()> {
        self.chars = self.source.chars(self.line)?;
        let blank = self.chars.iter().take_while(|c| **c == ' ' || **c == '\t').count();
        self.next = if matches!(self.style, Style::Block(_)) { blank.min(skip) } else { blank };
        Some(())
    }

    /// The character at the cursor, which then goes on.
    fn step(&mut self) -> Option<Seen> {
        loop {
            let at = Pos { line: self.line, column: self.next as u32 + 1 };
            let Some(c) = self.chars.get(self.next).copied() else {
                self.line += 1;
                let skip = if let Style::Block(n) = self.style { n } else { 0 };
                self.load(skip)?;
                return Some(Seen { c: '\n', at, width: 1 });
            };
            let after = self.chars.get(self.next + 1).copied();
            match (self.style, c, after) {
                (Style::Single, '\'', Some('\'')) => {
                    self.next += 2;
                    return Some(Seen { c: '\'', at, width: 2 });
                }
                (Style::Single, '\'', _) | (Style::Double, '"', _) => return None,
                // A line that goes on without a break.
                (Style::Double, '\\', None) => {
                    self.line += 1;
                    self.load(0)?;
                }
                (Style::Double, '\\', Some(e)) => {
                    let (c, width) = self.escape(e)?;
                    self.next += width as usize;
                    return Some(Seen { c, at, width });
                }
                _ => {
                    self.next += 1;
                    return Some(Seen { c, at, width: 1 });
                }
            }
        }
    }

    /// An escape in double quotes: what it means and its length with the backslash.
    fn escape(&self, kind: char) -> Option<(char, u32)> {
        let hex = |digits: usize| {
            let text: String = self.chars.get(self.next + 2..self.next + 2 + digits)?.iter().collect();
            Some((char::from_u32(u32::from_str_radix(&text, 16).ok()?)?, digits as u32 + 2))
        };
        match kind {
            'x' => hex(2),
            'u' => hex(4),
            'U' => hex(8),
            'n' => Some(('\n', 2)),
            't' | '\t' => Some(('\t', 2)),
            'r' => Some(('\r', 2)),
            '0' => Some(('\0', 2)),
            'a' => Some(('\u{7}', 2)),
            'b' => Some(('\u{8}', 2)),
            'v' => Some(('\u{b}', 2)),
            'f' => Some(('\u{c}', 2)),
            'e' => Some(('\u{1b}', 2)),
            'N' => Some(('\u{85}', 2)),
            '_' => Some(('\u{a0}', 2)),
            'L' => Some(('\u{2028}', 2)),
            'P' => Some(('\u{2029}', 2)),
            other => Some((other, 2)),
        }
    }

    /// The next character of the file that means `wanted`; white space that folding removed is passed over.
    fn next_as(&mut self, wanted: char) -> Option<Seen> {
        loop {
            let seen = self.step()?;
            match seen.c {
                c if c == wanted => return Some(seen),
                '\n' if wanted == ' ' => return Some(seen),
                '\n' | ' ' | '\t' | '\r' => {}
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    /// Every place of `needle` in the value `v` must hold `shown` in the file.
    fn check(text: &str, needle: &str, shown: &str) {
        let root = parse("t", text).expect("yaml");
        let node = root.get("v").expect("v");
        let value = node.text().expect("text");
        let at = value.find(needle).expect(needle);
        let mark = Source::new(text).mark(node, at..at + needle.len());
        let line = text.lines().nth(mark.at.line as usize - 1).expect("line");
        let got: String = line.chars().skip(mark.at.column as usize - 1).take(mark.width as usize).collect();
        assert_eq!(got, shown, "{text}");
    }

    #[test]
    fn every_way_to_write_text_leads_back_to_its_place() {
        for text in [
            "v: a needle b\n",
            "v: \"a needle b\"\n",
            "v: 'a needle b'\n",
            "v:   \"ü日本 needle\"   # needle\n",
            "v: |\n  first\n\n    needle\n",
            "v: >-\n  first\n  second\n\n  third needle x\n",
            "v: >\n  first\n    more\n  needle\n",
            "v: |2\n    two of its own\n  needle\n",
            "v: first\n  second\n\n  needle b\n",
            "v: \"first   \n   second\n\n   needle\"\n",
            "v: \"first \\\n   needle\"\n",
            "v: \"tab\\t \\u00fc \\x41 \\\\ \\\" needle\"\n",
            "v: 'it''s a needle'\n",
            "v: &anchor \"a needle\"\n",
            "x: [needle, needle]\nv: needle\n",
            "v: \"a\r\n  needle\"\r\n",
        ] {
            check(text, "needle", "needle");
        }
        check("v: \"a \\u006eeedle b\"\n", "needle", "\\u006eeedle");
        check("v: 'it''s'\n", "it's", "it''s");
        check("v: >\n  first needle\n  in two lines\n", "needle in", "needle");
    }

    #[test]
    fn an_alias_points_at_itself() {
        let text = "x: &x \"{{ needle }}\"\nv: *x\n";
        let root = parse("t", text).expect("yaml");
        let node = root.get("v").expect("v");
        let mark = Source::new(text).mark(node, 3..9);
        assert_eq!((mark.at, mark.width), (Pos { line: 2, column: 4 }, 0));
    }
}
