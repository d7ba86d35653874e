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

/// A place and how many columns of its line belong to it; 0 when only the place is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// Where it begins.
    pub at: Pos,
    /// Characters of the first line.
    pub width: u32,
}

impl From<Pos> for Mark {
    fn from(at: Pos) -> Self {
        Self { at, width: 0 }
    }
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
    /// Characters to underline; 0 for the word that stands there. Not part of the JSON form.
    #[serde(skip)]
    pub width: u32,
}

/// Most findings kept of one file: nobody reads more before repairing the first ones.
const MAX_FINDINGS: usize = 500;

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
    pub fn error(&mut self, code: &str, at: impl Into<Mark>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Error, code, at.into(), message.into(), help.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, code: &str, at: impl Into<Mark>, message: impl Into<String>, help: impl Into<String>) {
        self.add(Severity::Warning, code, at.into(), message.into(), help.into());
    }

    fn add(&mut self, severity: Severity, code: &str, mark: Mark, message: String, help: String) {
        let (line, column, width) = (mark.at.line.max(1), mark.at.column.max(1), mark.width);
        let (path, code) = (self.path.clone(), code.to_owned());
        let new = Finding { path, code, severity, line, column, message, help, width };
        // An error is never lost to warnings before it, for it decides whether the file loads.
        let room = self.findings.len() < MAX_FINDINGS || (new.severity == Severity::Error && !self.failed());
        if room && !self.findings.contains(&new) {
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
}
