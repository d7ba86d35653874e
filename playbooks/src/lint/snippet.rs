//! How a finding looks on a terminal: the line, the underlined place, why it matters and how to mend it.

use super::why::why;
use crate::finding::{Finding, Severity};

/// Longest piece of a line that is shown, in columns.
const SHOWN: usize = 140;

impl Finding {
    /// Several lines in the style of a compiler: `text` is the file that the finding is about.
    pub fn render(&self, text: &str) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let number = self.line.to_string();
        let pad = " ".repeat(number.len());
        let mut out = format!("{word}[{}]: {}\n", self.code, self.message);
        out.push_str(&format!("{pad}--> {}:{}:{}\n", self.path, self.line, self.column));
        if let Some(line) = line_of(text, self.line) {
            let (shown, before, under) = excerpt(line, self.column as usize, self.width as usize);
            let (indent, caret) = (" ".repeat(before), "^".repeat(under));
            out.push_str(&format!("{pad} |\n{number} | {shown}\n{pad} | {indent}{caret}\n"));
        }
        if let Some(why) = why(&self.code) {
            out.push_str(&format!("{pad} = why: {why}\n"));
        }
        if !self.help.is_empty() {
            out.push_str(&format!("{pad} = help: {}\n", self.help));
        }
        out
    }
}

fn line_of(text: &str, line: u32) -> Option<&str> {
    text.lines().nth((line as usize).saturating_sub(1))
}

/// The shown part of the line, the columns before the place and the columns of the place itself.
fn excerpt(line: &str, column: usize, width: usize) -> (String, usize, usize) {
    let chars: Vec<char> = line.chars().map(visible).collect();
    let start = column.saturating_sub(1).min(chars.len());
    let width = if width == 0 { token(&chars, start) } else { width };
    let end = (start + width.max(1)).min(chars.len().max(start + 1));
    // A place far to the right stays in sight: the line is then shown from a little before it.
    let from = if columns(&chars, 0, end) <= SHOWN { 0 } else { start.saturating_sub(SHOWN / 3) };
    let mut shown = String::from(if from > 0 { "…" } else { "" });
    let mut used = shown.chars().count();
    let before = used + columns(&chars, from, start);
    for c in chars.iter().skip(from) {
        used += wide(*c);
        if used > SHOWN {
            shown.push('…');
            break;
        }
        shown.push(*c);
    }
    let under = columns(&chars, start, end).clamp(1, SHOWN.saturating_sub(before).max(1));
    (shown.trim_end().to_owned(), before, under)
}

fn columns(chars: &[char], from: usize, to: usize) -> usize {
    chars.iter().take(to).skip(from).map(|c| wide(*c)).sum()
}

/// Tabs and control characters would move the caret or the terminal; direction marks would turn the line round.
fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if c.is_control() => ' ',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        c => c,
    }
}

/// Columns of a character on a terminal: East Asian wide forms and emoji take two, combining marks none.
const fn wide(c: char) -> usize {
    match c as u32 {
        0x0300..=0x036f | 0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Length of the word, quoted text or bracket that begins at `start`.
fn token(chars: &[char], start: usize) -> usize {
    let rest = chars.get(start..).unwrap_or_default();
    match rest.first() {
        Some(q @ ('"' | '\'')) => rest.iter().skip(1).position(|c| c == q).map_or(1, |n| n + 2),
        Some('{' | '[') => bracket(rest),
        Some(_) => {
            let stop = |(i, c): (usize, &char)| {
                c.is_whitespace()
                    || matches!(c, ',' | '}' | ']' | '{' | '[' | '|' | '(' | ')' | '"' | '\'')
                    || (*c == ':' && rest.get(i + 1).is_none_or(|n| n.is_whitespace()))
            };
            rest.iter().enumerate().position(stop).unwrap_or(rest.len())
        }
        None => 1,
    }
}

fn bracket(rest: &[char]) -> usize {
    let mut open = 0_usize;
    for (i, c) in rest.iter().enumerate() {
        match c {
            '{' | '[' => open += 1,
            '}' | ']' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return i + 1;
        }
    }
    rest.iter().rposition(|c| !c.is_whitespace()).map_or(1, |n| n + 1)
}

#[cfg(test)]
mod tests {
    use crate::finding::{Mark, Pos, Sink};

    fn lines(text: &str, line: u32, column: u32, width: u32) -> Vec<String> {
        let mut sink = Sink::new("a.yaml");
        sink.error("NB1003", Mark { at: Pos { line, column }, width }, "m", "");
        let shown = sink.sorted()[0].render(text);
        shown.lines().skip(3).take(2).map(str::to_owned).collect()
    }

    #[test]
    fn a_finding_shows_its_line_the_whole_word_and_why() {
        let mut sink = Sink::new("a.yaml");
        sink.error("NB1003", Pos { line: 2, column: 3 }, "unknown key `timout`", "did you mean `timeout`?");
        let text = sink.sorted()[0].render("a: 1\n  timout: 3\n");
        let why = "nothing is skipped silently: a misspelled key would have no effect";
        assert_eq!(
            text,
            format!(
                "error[NB1003]: unknown key `timout`\n --> a.yaml:2:3\n  |\n2 |   timout: 3\n  |   ^^^^^^\n  = why: {why}\n  = help: did you mean `timeout`?\n"
            )
        );
    }

    #[test]
    fn the_caret_stands_right_behind_tabs_and_wide_characters() {
        assert_eq!(lines("a:\t\"x\ty\"", 1, 4, 0), ["1 | a: \"x y\"", "  |    ^^^^^"]);
        assert_eq!(lines("n: 日本 x", 1, 7, 0), ["1 | n: 日本 x", "  |         ^"]);
        assert_eq!(lines("n: 日本 x", 1, 4, 2), ["1 | n: 日本 x", "  |    ^^^^"]);
        assert_eq!(lines("n: e\u{301}e x", 1, 8, 0), ["1 | n: e\u{301}e x", "  |       ^"]);
        assert_eq!(lines("n: \u{202e}x", 1, 5, 0), ["1 | n: \u{fffd}x", "  |     ^"]);
    }

    #[test]
    fn a_place_behind_the_end_or_far_to_the_right_is_shown_all_the_same() {
        assert_eq!(lines("ab", 1, 9, 0), ["1 | ab", "  |   ^"]);
        let long = format!("{}needle tail", "x ".repeat(200));
        let shown = lines(&long, 1, 401, 0);
        let caret = shown[1].chars().position(|c| c == '^').expect("caret");
        assert!(shown[0].chars().count() < 160, "{}", shown[0].len());
        assert_eq!(shown[0].chars().skip(caret).take(6).collect::<String>(), "needle");
        assert!(shown[1].ends_with("^^^^^^"));
        assert!(lines("", 7, 1, 0).is_empty() || !lines("", 7, 1, 0)[0].contains('|'));
    }
}
