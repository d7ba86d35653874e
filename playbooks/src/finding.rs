//! What the checker reports, and how it looks on a terminal.

use serde::{Deserialize, Serialize};

/// How bad a finding is. Only errors stop a playbook from loading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Must be repaired.
    Error,
    /// Should be looked at; `--strict` makes it an error.
    Warning,
}

/// A place in a file; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Pos {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

/// One finding. The field order is that of `playbook lint --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// File as named by the caller.
    pub path: String,
    /// Code of the catalogue.
    pub code: String,
    /// How bad.
    pub severity: Severity,
    /// Line from 1.
    pub line: u32,
    /// Column from 1.
    pub column: u32,
    /// What is wrong, for people.
    pub message: String,
    /// What to do; empty when the message says it.
    pub help: String,
}

impl Finding {
    /// Several lines with a snippet of `text` and a caret.
    pub fn render(&self, text: &str) -> String {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let number = self.line.to_string();
        let pad = " ".repeat(number.len());
        let mut out = format!("{word}[{}]: {}\n", self.code, self.message);
        out.push_str(&format!("{pad}--> {}:{}:{}\n", self.path, self.line, self.column));
        if let Some(line) = text.lines().nth((self.line as usize).saturating_sub(1)) {
            let line: String = line.chars().take(160).map(|c| if c.is_control() { ' ' } else { c }).collect();
            let indent = " ".repeat((self.column as usize).saturating_sub(1).min(160));
            out.push_str(&format!("{pad} |\n{number} | {line}\n{pad} | {indent}^\n"));
        }
        if !self.help.is_empty() {
            out.push_str(&format!("{pad} = help: {}\n", self.help));
        }
        out
    }
}

/// Collects the findings of one file.
#[derive(Debug, Default)]
pub struct Sink {
    path: String,
    /// What was found so far.
    pub findings: Vec<Finding>,
}

impl Sink {
    /// An empty collection for the file `path`.
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), findings: Vec::new() }
    }

    /// Adds an error.
    pub fn error(&mut self, code: &str, at: Pos, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, code, at, message.into(), help.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, code: &str, at: Pos, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, code, at, message.into(), help.into());
    }

    fn add(&mut self, severity: Severity, code: &str, at: Pos, message: String, help: String) {
        let (line, column) = (at.line.max(1), at.column.max(1));
        let new = Finding { path: self.path.clone(), code: code.to_owned(), severity, line, column, message, help };
        if !self.findings.contains(&new) {
            self.findings.push(new);
        }
    }

    /// Whether anything found so far is an error.
    pub fn failed(&self) -> bool {
        self.findings.iter().any(|f| f.severity == Severity::Error)
    }

    /// All findings in the order of the file.
    pub fn sorted(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| (a.line, a.column, &a.code).cmp(&(b.line, b.column, &b.code)));
        self.findings
    }
}

/// The candidate nearest to `word`, when it is near enough to be a typing error.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).clamp(1, 3);
    candidates.into_iter().map(|c| (distance(word, c), c)).filter(|(d, _)| *d <= limit).min().map(|(_, c)| c)
}

/// "did you mean ...?" or the fallback.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>, otherwise: &str) -> String {
    nearest(word, candidates).map_or_else(|| otherwise.to_owned(), |c| format!("did you mean `{c}`?"))
}

/// Edits between two words; words are ids, so the quadratic form is fine.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(i + 1);
        for ((cb, pair), j) in b.iter().zip(row.windows(2)).zip(0..) {
            let left: usize = next.get(j).copied().unwrap_or(usize::MAX);
            let (diagonal, above) = match pair {
                [d, u] => (*d, *u),
                _ => continue,
            };
            next.push((left + 1).min(above + 1).min(diagonal + usize::from(ca != *cb)));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        assert_eq!(nearest("timout", ["timeout", "on_timeout"]), Some("timeout"));
        assert_eq!(nearest("mail.analyze", ["mail.analyse", "mail.search"]), Some("mail.analyse"));
        assert_eq!(nearest("zebra", ["timeout", "steps"]), None);
    }

    #[test]
    fn a_finding_shows_its_line_and_a_caret() {
        let mut sink = Sink::new("a.yaml");
        sink.error("NB1003", Pos { line: 2, column: 3 }, "unknown key `timout`", "did you mean `timeout`?");
        let text = sink.sorted()[0].render("a: 1\n  timout: 3\n");
        assert_eq!(
            text,
            "error[NB1003]: unknown key `timout`\n --> a.yaml:2:3\n  |\n2 |   timout: 3\n  |   ^\n  = help: did you mean `timeout`?\n"
        );
    }
}
