//! Golden transcripts: what people saw in every case, kept beside the playbook and compared line by line.

use super::CaseResult;

/// The text of the golden file for these cases.
pub fn text(results: &[CaseResult]) -> String {
    let cases = results.iter().filter(|r| r.ran);
    cases.map(|r| format!("== {}\n{}\n\n", r.case, r.transcript)).collect()
}

/// The first difference between two transcripts in words; None when they say the same. Blank space at the end
/// of lines and of the text does not count.
pub fn difference(expected: &str, found: &str) -> Option<String> {
    let lines = |t: &str| t.trim_end().lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>();
    let (expected, found) = (lines(expected), lines(found));
    let at = (0..expected.len().max(found.len())).find(|i| expected.get(*i) != found.get(*i))?;
    let show = |line: Option<&String>| line.map_or_else(|| "the end".to_owned(), |l| format!("`{l}`"));
    let (line, expected, found) = (at + 1, show(expected.get(at)), show(found.get(at)));
    Some(format!("line {line}: expected {expected}, found {found}"))
}
