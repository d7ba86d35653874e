//! The checker: one bad and one good file per code, what people read, and that nothing makes it panic.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test may stop where a helper fails"
)]

mod alerts;
mod flow;
mod later;
mod messages;
mod mutations;
mod names;
mod people;
mod positions;
mod shape;

use nightbell_playbooks::{Finding, Playbook, Severity, builtin, codes, load};
use std::collections::BTreeSet;

/// What every test playbook begins with.
pub const HEAD: &str = "nightbell: 1\nid: t\nversion: 1.0.0\nname: T\n";

/// Code, what is written behind the head with the reported place between `⟦` and `⟧`, and the repaired text.
pub type Case = (&'static str, &'static str, &'static str);

/// Errors, else warnings, of a text.
pub fn findings(text: &str) -> Vec<Finding> {
    match load("t.yaml", text, &builtin::manifests()) {
        Ok(loaded) => loaded.warnings,
        Err(found) => found,
    }
}

/// A playbook that loads, whatever it is warned about.
pub fn playbook(body: &str) -> Playbook {
    let text = format!("{HEAD}{body}\n");
    let loaded = load("t.yaml", &text, &builtin::manifests());
    loaded.map_err(|f| show(&f, &text)).expect("loads").playbook
}

/// All findings as they are printed.
pub fn show(found: &[Finding], text: &str) -> String {
    found.iter().map(|f| f.render(text)).collect()
}

/// The text without marks; line, column and width of the marked place.
pub fn marked(body: &str) -> (String, u32, u32, usize) {
    let all = format!("{HEAD}{body}\n");
    let before = all.split('⟦').next().expect("text");
    let line = before.lines().count() as u32 + u32::from(before.ends_with('\n'));
    let column = before.rsplit('\n').next().expect("line").chars().count() as u32 + 1;
    let inside = all.split('⟦').nth(1).and_then(|r| r.split('⟧').next()).expect("a marked place");
    (all.replace(['⟦', '⟧'], ""), line, column, inside.lines().next().unwrap_or_default().chars().count())
}

/// Whether the finding is of this code and underlines exactly the marked place.
fn fits(hit: &Finding, code: &str, text: &str, place: (u32, u32, usize)) -> bool {
    let carets = hit
        .render(text)
        .lines()
        .find(|l| l.trim_start().starts_with("| ") && l.ends_with('^'))
        .map_or(0, |l| l.chars().filter(|c| *c == '^').count());
    hit.code == code && (hit.line, hit.column, carets) == place
}

/// Checks a table of cases.
pub fn run(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (code, bad, good) in cases {
        let (text, line, column, width) = marked(bad);
        let found = findings(&text);
        match found.as_slice() {
            [hit] if fits(hit, code, &text, (line, column, width)) => {}
            _ => {
                wrong.push(format!("{code}, bad, expected at {line}:{column}, {width} wide:\n{}", show(&found, &text)));
            }
        }
        let text = format!("{HEAD}{good}\n");
        let found = findings(&text);
        if !found.is_empty() {
            wrong.push(format!("{code}, good:\n{}", show(&found, &text)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_the_checker_is_tested() {
    let blocks = [shape::CASES, names::CASES, flow::CASES, people::CASES, alerts::CASES];
    let tested: BTreeSet<&str> =
        blocks.iter().flat_map(|b| b.iter().map(|c| c.0)).chain(later::CODES.iter().copied()).collect();
    for (code, title) in codes::CATALOGUE.iter().filter(|(c, _)| *c < "NB2000") {
        assert!(tested.contains(code), "{code} ({title}) has no bad file");
    }
    for pair in codes::CATALOGUE.windows(2) {
        assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
    }
}

#[test]
fn several_findings_come_at_once_with_suggestions() {
    let text = format!(
        "{HEAD}steps:\n  - {{ id: a, uses: case.note, with: {{ text: x }}, timout: 1m }}\n  - {{ id: b, endd: {{}} }}\n"
    );
    let found = findings(&text);
    assert!(found.len() >= 3, "{found:#?}");
    assert!(found.iter().any(|f| f.help == "did you mean `timeout`?"));
    assert!(found.iter().any(|f| f.help == "did you mean `end`?"));
    assert!(found.iter().all(|f| f.severity == Severity::Error));
}

#[test]
fn the_json_form_has_exactly_the_promised_keys() {
    let found = findings(&format!("{HEAD}steps: [{{ id: a, endd: {{}} }}]\n"));
    let json = serde_json::to_string(&found[0]).expect("json");
    let keys = ["path", "code", "severity", "line", "column", "message", "help"];
    let at: Vec<usize> = keys.iter().map(|k| json.find(&format!("\"{k}\":")).expect(k)).collect();
    assert!(at.is_sorted(), "{json}");
    assert_eq!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&json).expect("map").len(), 7);
}
