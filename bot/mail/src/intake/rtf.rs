//! Formatted text back to what it was made from (MS-OXRTFEX): HTML, plain text, or text with its links.

use super::mapi::decode;
use std::collections::BTreeMap;

/// What came out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Html(String),
    /// Links stand as `<url|text>`.
    Plain(String),
}

/// Groups inside each other at most. Real ones have about 20; the rest is skipped.
const MAX_GROUPS: usize = 500;
/// Groups whose content is not text (RTF 1.9.1, destinations).
const NOT_TEXT: &[&str] = &[
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "headerf",
    "footerf",
    "footnote",
    "themedata",
    "colorschememapping",
    "datastore",
    "latentstyles",
    "listtable",
    "listoverridetable",
    "rsidtbl",
    "generator",
    "mhtmltag",
    "xmlnstbl",
    "mmathPr",
    "bkmkstart",
    "bkmkend",
];

#[derive(Clone, Default)]
struct State {
    /// In a group that is not text.
    skip: bool,
    /// In a group of the source's own markup.
    tag: bool,
    /// Between `\htmlrtf` and `\htmlrtf0`: only for programs without HTML.
    doubled: bool,
    /// In the instruction of a field, such as a hyperlink.
    instruction: bool,
    /// In what a field shows.
    result: bool,
    /// In the table of fonts.
    fonts: bool,
    /// Characters that stand in for one `\u`.
    stand_in: usize,
    font: Option<u32>,
}

struct Reader {
    state: State,
    stack: Vec<State>,
    /// Groups beyond the limit.
    beyond: usize,
    html: bool,
    out: String,
    /// Bytes of 8-bit text that wait to be decoded together.
    pending: Vec<u8>,
    instruction: String,
    link: bool,
    /// Stand-in characters still to pass over.
    pass: usize,
    /// Font of the table's row that is being read.
    row: u32,
    first_font: u32,
    pages: BTreeMap<u32, u32>,
    default_page: u32,
    high: Option<u16>,
}

/// Reads formatted text.
pub(crate) fn read(rtf: &[u8]) -> Text {
    let head = rtf.get(..rtf.len().min(2_000)).unwrap_or_default();
    let says = |w: &[u8]| head.windows(w.len()).any(|x| x == w);
    let html = says(b"\\fromhtml");
    let mut r = Reader {
        state: State { stand_in: 1, ..State::default() },
        stack: Vec::new(),
        beyond: 0,
        html,
        out: String::new(),
        pending: Vec::new(),
        instruction: String::new(),
        link: false,
        pass: 0,
        row: 0,
        first_font: 0,
        pages: BTreeMap::new(),
        default_page: 1252,
        high: None,
    };
    r.run(rtf);
    r.flush();
    if html { Text::Html(r.out) } else { Text::Plain(r.out) }
}

impl Reader {
    fn run(&mut self, b: &[u8]) {
        let mut i = 0;
        while let Some(c) = b.get(i).copied() {
            i += 1;
            match c {
                b'{' => self.open(),
                b'}' => self.close(),
                b'\r' | b'\n' | 0 => {}
                b'\\' => i = self.control(b, i),
                c => self.byte(c),
            }
        }
    }

    fn open(&mut self) {
        self.flush();
        if self.stack.len() >= MAX_GROUPS {
            self.beyond += 1;
        } else {
            self.stack.push(self.state.clone());
        }
    }

    fn close(&mut self) {
        self.flush();
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let (instruction, result) = (self.state.instruction, self.state.result);
        if let Some(s) = self.stack.pop() {
            self.state = s;
        }
        if instruction && !self.state.instruction {
            self.start_link();
        } else if result && !self.state.result && self.link {
            self.link = false;
            self.out.push('>');
        }
    }

    /// `HYPERLINK "target"` of a field (RTF 1.9.1, fields).
    fn start_link(&mut self) {
        let text = std::mem::take(&mut self.instruction);
        let Some((_, rest)) = text.split_once("HYPERLINK") else { return };
        let target = match rest.trim_start().strip_prefix('"') {
            Some(r) => r.split('"').next().unwrap_or_default(),
            None => rest.split_whitespace().next().unwrap_or_default(),
        };
        if target.is_empty() || self.html || self.link {
            return;
        }
        self.out.push('<');
        self.out.push_str(target);
        self.out.push('|');
        self.link = true;
    }

    /// Reads one control after its backslash; the position after it.
    fn control(&mut self, b: &[u8], at: usize) -> usize {
        let Some(c) = b.get(at).copied() else { return at };
        if !c.is_ascii_alphabetic() {
            match c {
                b'\'' => {
                    let hex = b.get(at + 1..at + 3).and_then(|h| std::str::from_utf8(h).ok());
                    let Some(v) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) else { return at + 1 };
                    self.byte(v);
                    return at + 3;
                }
                b'*' => self.star(b, at + 1),
                b'~' => self.text("\u{a0}"),
                b'_' => self.text("-"),
                b'\r' | b'\n' => self.text("\n"),
                b'\\' | b'{' | b'}' => self.byte(c),
                _ => {}
            }
            return at + 1;
        }
        let rest = b.get(at..).unwrap_or_default();
        let letters = rest.iter().take(32).take_while(|c| c.is_ascii_alphabetic()).count();
        let word = String::from_utf8_lossy(rest.get(..letters).unwrap_or_default()).into_owned();
        let mut end = at + letters;
        let minus = b.get(end) == Some(&b'-');
        end += usize::from(minus);
        let digits = b.get(end..).unwrap_or_default().iter().take(10).take_while(|c| c.is_ascii_digit()).count();
        let number = b.get(end..end + digits).and_then(|d| std::str::from_utf8(d).ok()).and_then(|d| d.parse().ok());
        let number: Option<i64> = number.map(|n: i64| if minus { -n } else { n });
        end += digits;
        end += usize::from(b.get(end) == Some(&b' '));
        if word == "bin" {
            return end.saturating_add(number.unwrap_or(0).max(0) as usize);
        }
        self.word(&word, number);
        end
    }

    /// `\*` marks a group that a reader may skip; only those that hold the source are read.
    fn star(&mut self, b: &[u8], at: usize) {
        let next = b.get(at..at + 12.min(b.len().saturating_sub(at))).unwrap_or_default().trim_ascii_start();
        if !(next.starts_with(b"\\htmltag") || next.starts_with(b"\\fldinst")) {
            self.flush();
            self.state.skip = true;
        }
    }

    fn word(&mut self, word: &str, n: Option<i64>) {
        match word {
            "u" => {
                let unit = n.unwrap_or(0) as u16;
                self.flush();
                let s = match (self.high.take(), unit) {
                    (_, 0xd800..=0xdbff) => {
                        self.high = Some(unit);
                        String::new()
                    }
                    (Some(h), 0xdc00..=0xdfff) => String::from_utf16_lossy(&[h, unit]),
                    _ => String::from_utf16_lossy(&[unit]),
                };
                self.text(&s);
                self.pass = self.state.stand_in;
                return;
            }
            "htmltag" => self.state.tag = true,
            "htmlrtf" => {
                self.flush();
                self.state.doubled = n != Some(0);
            }
            "fldinst" => self.state.instruction = true,
            "fldrslt" => self.state.result = true,
            "uc" => self.state.stand_in = n.unwrap_or(1).clamp(0, 8) as usize,
            "ansicpg" => self.default_page = n.unwrap_or(1252).max(0) as u32,
            "deff" => self.first_font = n.unwrap_or(0).max(0) as u32,
            "f" => {
                self.flush();
                let font = n.unwrap_or(0).max(0) as u32;
                if self.state.fonts { self.row = font } else { self.state.font = Some(font) }
            }
            "fcharset" if self.state.fonts && self.pages.len() < 1_000 => {
                if let Some(p) = page_of(n.unwrap_or(0)) {
                    self.pages.insert(self.row, p);
                }
            }
            "plain" => {
                self.flush();
                self.state.font = None;
            }
            "par" | "line" | "row" | "sect" | "page" => self.text("\n"),
            "tab" | "cell" => self.text("\t"),
            "lquote" => self.text("\u{2018}"),
            "rquote" => self.text("\u{2019}"),
            "ldblquote" => self.text("\u{201c}"),
            "rdblquote" => self.text("\u{201d}"),
            "bullet" => self.text("\u{2022}"),
            "endash" => self.text("\u{2013}"),
            "emdash" => self.text("\u{2014}"),
            w if NOT_TEXT.contains(&w) => {
                self.flush();
                self.state.fonts = w == "fonttbl";
                self.state.skip = true;
            }
            _ => {}
        }
        self.pass = 0;
    }

    fn silent(&self) -> bool {
        self.state.skip || self.beyond > 0 || (self.html && self.state.doubled && !self.state.tag)
    }

    fn byte(&mut self, c: u8) {
        if self.pass > 0 {
            self.pass -= 1;
        } else if !self.silent() {
            self.pending.push(c);
        }
    }

    fn text(&mut self, s: &str) {
        self.flush();
        if self.silent() {
            return;
        }
        if self.state.instruction { self.instruction.push_str(s) } else { self.out.push_str(s) }
    }

    fn flush(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let page = self.pages.get(&self.state.font.unwrap_or(self.first_font)).copied();
        let s = decode(&std::mem::take(&mut self.pending), page.unwrap_or(self.default_page));
        if self.state.instruction {
            if self.instruction.len() < 8_000 {
                self.instruction.push_str(&s);
            }
        } else {
            self.out.push_str(&s);
        }
    }
}

/// Code page of a font's character set (RTF 1.9.1, font table).
fn page_of(charset: i64) -> Option<u32> {
    Some(match charset {
        0 => 1252,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn html_comes_back() {
        let rtf = br#"{\rtf1\ansi\ansicpg1251\fromhtml1 \deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 A;}}
{\*\htmltag19 <html>}{\*\htmltag64}\htmlrtf {\htmlrtf0 
{\*\htmltag84 <a href="https://a.example/?a=1&amp;b=2">}\htmlrtf {\field{\*\fldinst{HYPERLINK "x"}}{\fldrslt\ul \htmlrtf0 Log in\htmlrtf }\htmlrtf0 \htmlrtf }\htmlrtf0 
{\*\htmltag92 </a>}{\*\mhtmltag84 <a href="other">} \u8364?\'fc \f1\'cf\f0 {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0 \par
{\*\htmltag27 </html>}}"#;
        let Text::Html(t) = read(rtf) else { panic!("not HTML") };
        assert_eq!(
            t,
            "<html><a href=\"https://a.example/?a=1&amp;b=2\">Log in</a> \u{20ac}\u{fc} \u{41f}&lt;\n</html>"
        );
    }

    #[test]
    fn text_and_links_come_back() {
        let rtf = br#"{\rtf1\ansi{\info{\author x}}Dear {\b you},\par {\field{\*\fldinst HYPERLINK "https://a.example/x" }{\fldrslt click}} now{\*\unknown no}\emdash}"#;
        assert_eq!(read(rtf), Text::Plain("Dear you,\n<https://a.example/x|click> now\u{2014}".into()));
        assert_eq!(read(br"{\rtf1\fromtext one\par two\bin3 }}} three}"), Text::Plain("one\ntwo three".into()));
    }

    #[test]
    fn deep_groups_end() {
        let deep = [b"{".repeat(200_000), b"x".to_vec(), b"}".repeat(200_000), b"y".to_vec()].concat();
        assert_eq!(read(&deep), Text::Plain("y".into()));
    }

    proptest! {
        #[test]
        fn any_bytes(s in r"([\\{}'*a-z0-9 \-]|\\htmltag|\\fldinst|\\u|\\bin|\\f|HYPERLINK|fromhtml){0,200}") {
            let _ = read(s.as_bytes());
        }
    }
}
