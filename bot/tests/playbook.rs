//! The author's tools as an author runs them: the binary, files on a disk, exit codes.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where a helper fails")]

mod support;

use serde_json::Value;
use std::path::Path;
use support::{folder, nightbell};

fn playbook(dir: &Path, args: &[&str]) -> (i32, String, String) {
    nightbell(dir, &["playbook"], args)
}

fn json(text: &str) -> Vec<Value> {
    text.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect()
}

const GOOD: &str = "\
nightbell: 1
id: ask-them
version: 1.0.0
name: Ask them
steps:
  - id: question
    ask:
      to: role:responder
      form:
        - { id: fine, type: boolean, label: \"Is all well?\", required: true }
    timeout: 1h
    on_timeout: continue
  - { id: done, end: { outcome: \"{{ 'well' if steps.question.outputs.answered else 'silent' }}\" } }
";
const TEST: &str = "\
playbook: ask-them
cases:
  - { name: all well, answers: { question: { fine: true } }, expect: { status: succeeded, outcome: well } }
";

#[test]
fn lint_walks_folders_and_its_exit_code_tells() {
    let dir = folder(&[("ask-them.yaml", GOOD), ("ask-them.test.yaml", TEST)]);
    let (code, out, _) = playbook(dir.path(), &["lint", "."]);
    assert!(code == 0 && out.trim() == "1 file, 0 errors, 0 warnings", "{code} {out}");
    std::fs::remove_file(dir.path().join("ask-them.test.yaml")).expect("remove");
    let (code, out, _) = playbook(dir.path(), &["lint", "--json", "ask-them.yaml"]);
    let found = json(&out);
    assert_eq!((code, found[0]["code"].as_str(), found[0]["severity"].as_str()), (0, Some("NB1901"), Some("warning")));
    let keys: Vec<&str> = ["path", "code", "severity", "line", "column", "message", "help"].to_vec();
    assert!(
        keys.iter().all(|k| found[0].get(k).is_some()) && found[0].as_object().map(serde_json::Map::len) == Some(7),
        "{out}"
    );
    assert_eq!(playbook(dir.path(), &["lint", "--strict", "ask-them.yaml"]).0, 1);
    std::fs::write(
        dir.path().join("calls.yaml"),
        GOOD.replace("ask-them", "calls")
            .replace("  - { id: done", "  - { id: sub, playbook: ask-then }\n  - { id: done"),
    )
    .expect("write");
    let (code, out, _) = playbook(dir.path(), &["lint", "."]);
    assert!(
        code == 1 && out.contains("NB1405") && out.contains("calls.yaml") && out.contains("did you mean `ask-them`?"),
        "{out}"
    );
    std::fs::write(dir.path().join("bytes.yaml"), b"id: \xff\n").expect("write");
    let (code, out, _) = playbook(dir.path(), &["lint", "bytes.yaml"]);
    assert!(code == 1 && out.contains("NB1007") && out.contains("bytes.yaml:1:5") && !out.contains('\u{1b}'), "{out}");
    let (code, _, err) = playbook(dir.path(), &["lint", "gone.yaml"]);
    assert!(code == 2 && err.contains("NB0008"), "{err}");
    assert_eq!(playbook(dir.path(), &["lint"]).0, 2);
}

#[test]
fn test_prints_coverage_and_keeps_golden_transcripts() {
    let dir = folder(&[("ask-them.yaml", GOOD), ("ask-them.test.yaml", TEST)]);
    let (code, out, _) = playbook(dir.path(), &["test", "."]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("steps 100 % (2 of 2)") && out.contains("time-outs 0 % (0 of 1)"), "{out}");
    assert!(out.contains("time-out never tested: question") && out.contains("1 passed, 0 failed"), "{out}");
    let (code, out, _) =
        playbook(dir.path(), &["test", "--json", "--min-coverage", "steps=100,timeouts=50", "ask-them.yaml"]);
    let rows = json(&out);
    assert!(code == 1 && rows.len() == 2 && rows[1]["case"] == "coverage", "{out}");
    let keys: Vec<&String> = rows[0].as_object().expect("object").keys().collect();
    assert_eq!(keys.len(), 5, "{keys:?}");
    assert_eq!(rows[0]["coverage"], serde_json::json!({"steps": 100, "branches": 100, "timeouts": 0}));
    let golden = dir.path().join("ask-them.golden.txt");
    assert_eq!(playbook(dir.path(), &["test", "--update", "."]).0, 0);
    let text = std::fs::read_to_string(&golden).expect("golden");
    assert!(text.starts_with("== all well\n+00:00:00  asks role:responder: Is all well?"), "{text}");
    assert_eq!(playbook(dir.path(), &["test", "."]).0, 0);
    std::fs::write(&golden, text.replace("Is all well?", "Is it?")).expect("write");
    let (code, out, _) = playbook(dir.path(), &["test", "."]);
    assert!(code == 1 && out.contains("ask-them.golden.txt: line 2: expected") && out.contains("--update"), "{out}");
    assert_eq!(playbook(dir.path(), &["test", "--min-coverage", "101"]).0, 2);
    assert_eq!(playbook(dir.path(), &["test", "gone.test.yaml"]).0, 2);
}

#[test]
fn the_shipped_tests_pass_from_the_binary_alone() {
    let dir = folder(&[]);
    let (code, out, err) = playbook(dir.path(), &["test"]);
    assert!(code == 0 && out.contains("0 failed"), "{out}{err}");
}

#[test]
fn rehearse_and_dry_run_tell_what_would_happen() {
    let dir = folder(&[("ask-them.yaml", GOOD), ("said.yaml", "answers: { question: { fine: false } }\n")]);
    let (code, out, _) = playbook(dir.path(), &["rehearse", "ask-them.yaml", "--answers", "said.yaml"]);
    assert!(code == 0 && out.contains("== what the responder sees") && out.contains("› false"), "{out}");
    let (code, out, _) = playbook(dir.path(), &["rehearse", "ask-them.yaml", "--silent"]);
    assert!(code == 0 && out.contains("ends after +01:00:00: succeeded, outcome silent"), "{out}");
    let (code, out, _) = playbook(dir.path(), &["rehearse", "--json", "was-this-you", "--answers", "question.mine=no"]);
    let rows = json(&out);
    assert!(
        code == 0
            && rows
                .iter()
                .any(|r| r["who"] == "role:on-call" && r["text"].as_str().is_some_and(|t| t.contains("Suspend"))),
        "{out}"
    );
    let (code, out, _) = playbook(dir.path(), &["dry-run", "was-this-you"]);
    assert_eq!(code, 0, "{out}");
    for words in [
        "role:on-call: close_alert, page, lock, hand_over",
        "lock: identity.suspend (change), by role:on-call",
        "taken back by identity.unsuspend",
        "would be called, not done",
        "oncall.page {",
        "longest: ",
    ] {
        assert!(out.contains(words), "{words}\n{out}");
    }
    let (code, _, err) = playbook(dir.path(), &["rehearse", "no-such-playbook"]);
    assert!(code == 2 && err.contains("NB0008") && err.contains("phishing-report"), "{err}");
}

#[test]
fn graph_schema_fmt_diff_and_list_work_from_the_command_line() {
    let dir = folder(&[("ask-them.yaml", GOOD)]);
    for (format, words) in
        [("mermaid", "flowchart TD"), ("dot", "digraph \"ask-them\""), ("svg", "<svg "), ("terminal", "○ start")]
    {
        let (code, out, _) = playbook(dir.path(), &["graph", "ask-them.yaml", "--format", format]);
        assert!(code == 0 && out.contains(words), "{format}: {out}");
    }
    let (_, out, _) = playbook(dir.path(), &["schema", "--actions"]);
    let schema: Value = serde_json::from_str(&out).expect("schema");
    assert!(schema["$defs"]["with-case.note"].is_object());

    std::fs::write(
        dir.path().join("mixed.yaml"),
        GOOD.replace("nightbell: 1\nid: ask-them\n", "# mine\nid: mixed\nnightbell: 1\n"),
    )
    .expect("write");
    let (code, out, _) = playbook(dir.path(), &["fmt", "--check", "."]);
    assert!(code == 1 && out.contains("not in order: ./mixed.yaml") && !out.contains("ask-them"), "{out}");
    assert_eq!(playbook(dir.path(), &["fmt", "mixed.yaml"]).0, 0);
    let text = std::fs::read_to_string(dir.path().join("mixed.yaml")).expect("read");
    assert!(text.starts_with("# mine\nnightbell: 1\nid: mixed\n"), "{text}");
    assert_eq!(playbook(dir.path(), &["fmt", "--check", "."]).0, 0);

    std::fs::write(dir.path().join("new.yaml"), GOOD.replace("timeout: 1h", "timeout: 2h")).expect("write");
    let (code, out, _) = playbook(dir.path(), &["diff", "ask-them.yaml", "new.yaml"]);
    assert!(code == 0 && out.contains("longer time-out") && out.contains("the version did not"), "{out}");
    let (code, out, _) = playbook(dir.path(), &["diff", "--json", "lost-device", "was-this-you"]);
    assert!(code == 1 && json(&out).iter().any(|c| c["weight"] == "risk" && c["what"] == "approval-removed"), "{out}");

    let (code, out, _) = playbook(dir.path(), &["list", "--json"]);
    let rows = json(&out);
    let row = rows.iter().find(|r| r["id"] == "phishing-report").expect("row");
    assert_eq!(code, 0);
    assert!(row["steps"].as_u64().is_some_and(|n| n > 10) && row["triggers"][0] == "event chat.mail_report", "{row}");
}
