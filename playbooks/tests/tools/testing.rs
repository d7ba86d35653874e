//! The test runner itself: what it counts, and what it refuses.

use nightbell_playbooks::testing::{Coverage, Report, golden, report};
use nightbell_playbooks::{Library, builtin};

const PLAYBOOK: &str = r#"
nightbell: 1
id: counted
version: 1.0.0
name: Counted
inputs:
  hosts: { type: list, default: [] }
  level: { type: string, default: "low" }
steps:
  - id: form
    ask:
      to: role:responder
      form:
        - { id: kind, type: choice, label: "What?", options: [a, b], required: true }
        - { id: more, type: text, label: "More?", if: "answers.kind == 'b'" }
    timeout: 1h
    on_timeout: continue
  - id: pick
    switch:
      - case: "inputs.level == 'high'"
        steps:
          - { id: loud, uses: oncall.page, with: { summary: "x" }, on_error: continue }
  - id: each
    for_each: "{{ inputs.hosts }}"
    as: host
    steps:
      - { id: look, uses: host.lookup, with: { host: "{{ host }}" }, retry: { attempts: 2, delay: 1s } }
  - id: poll
    repeat:
      while: "steps.seen.status == 'pending' or not steps.seen.outputs.online"
      max: 2
      delay: 1m
      steps:
        - { id: seen, uses: host.lookup, with: { host: "h" } }
  - id: race
    parallel:
      one: [ { id: r1, uses: intel.lookup, with: { value: x } } ]
      two: [ { id: r2, uses: logs.search, with: { query: x } } ]
    join: any
"#;

fn run(cases: &str) -> Report {
    let mut library = Library::new(builtin::manifests());
    library.add("counted.yaml", PLAYBOOK).unwrap_or_else(|f| panic!("{}", f[0].render(PLAYBOOK)));
    let text = format!(
        "playbook: counted\ndefaults:\n  mocks:\n    host.lookup: {{ outputs: {{ online: true }} }}\n    intel.lookup: {{}}\n    logs.search: {{}}\n{cases}"
    );
    report(&library, "counted.test.yaml", &text, Coverage::default(), &|name| {
        (name == "said.txt").then(|| "+00:00:00  asks role:responder: What? [a] [b]\n".to_owned())
    })
}

/// Branches that no case reaches, without the words that all have.
fn missing(report: &Report) -> Vec<&str> {
    report.covered.branches.missing.iter().map(String::as_str).collect()
}

#[test]
fn every_kind_of_branch_is_counted() {
    let one = run(
        "cases:\n  - { name: plain, answers: { form: { kind: a } }, clock: { advance: 1h }, expect: { status: succeeded } }\n",
    );
    assert!(one.results.iter().all(|r| r.ok), "{:#?}", one.results);
    assert_eq!(
        missing(&one),
        ["form, question more asked", "pick, case 1", "poll, exhausted after all rounds", "race, branch two first",]
    );
    // The loop's first round is certain, so "no round" is no branch; the list may be empty, and was.
    assert!(!one.covered.branches.missing.iter().any(|m| m.contains("no round") || m.contains("no items")));
    let all = run(concat!(
        "cases:\n",
        "  - { name: plain, answers: { form: { kind: a } }, clock: { advance: 1h }, expect: { status: succeeded } }\n",
        "  - name: everything\n",
        "    inputs: { hosts: [h1], level: high }\n",
        "    answers: { form: { kind: b, more: x } }\n",
        "    mocks: { oncall.page: { error: { code: down } }, host.lookup: [ { error: { code: busy, times: 1 } }, { outputs: { online: false } } ], intel.lookup: { delay: 10s } }\n",
        "    clock: { advance: 1h }\n",
        "    expect: { status: succeeded }\n",
    ));
    assert!(all.results.iter().all(|r| r.ok), "{:#?}", all.results);
    assert_eq!(missing(&all), Vec::<&str>::new());
    assert_eq!((all.covered.percent().branches, all.covered.percent().steps), (100, 100));
}

#[test]
fn a_question_that_silence_cut_off_was_neither_asked_nor_left_out() {
    let silent = run("cases:\n  - { name: silent, clock: { advance: 2h }, expect: { status: succeeded } }\n");
    assert!(missing(&silent).contains(&"form, question more asked"), "{:?}", missing(&silent));
    assert!(missing(&silent).contains(&"form, question more not asked"), "{:?}", missing(&silent));
    assert_eq!(silent.covered.percent().timeouts, 100);
}

#[test]
fn too_little_coverage_says_what_is_missing() {
    let found = run(
        "min_coverage: { branches: 100 }\ncases:\n  - { name: plain, answers: { form: { kind: a } }, clock: { advance: 1h }, expect: {} }\n",
    );
    let last = found.results.last().expect("coverage");
    assert!(!last.ok && last.case == "coverage", "{last:?}");
    assert!(last.message.contains("branch never tested: pick, case 1"), "{}", last.message);
}

#[test]
fn a_mock_that_nothing_calls_fails_the_case() {
    let found = run(
        "cases:\n  - { name: idle, mocks: { mail.search: {} }, clock: { advance: 2h }, expect: {} }\n  - { name: typo, mocks: { host.lokup: {} }, clock: { advance: 2h }, expect: {} }\n",
    );
    assert!(
        !found.results[0].ok && found.results[0].message.contains("NB2902: the mock of `mail.search` is never used")
    );
    assert!(found.results[1].message.contains("did you mean `host.lookup`?"), "{}", found.results[1].message);
    let unused = run("    mail.rules: {}\ncases:\n  - { name: silent, clock: { advance: 2h }, expect: {} }\n");
    let last = unused.results.last().expect("file");
    assert!(!last.ok && last.case == "mocks" && last.message.contains("mail.rules"), "{last:?}");
}

#[test]
fn transcripts_are_compared_inline_and_with_a_file_beside() {
    let case = |transcript: &str| {
        run(&format!(
            "cases:\n  - {{ name: asked, script: [ {{ expect: {{ transcript: {transcript} }} }} ], expect: {{}} }}\n"
        ))
    };
    assert!(case("said.txt").results[0].ok, "{:?}", case("said.txt").results);
    assert!(case("\"+00:00:00  asks role:responder: What? [a] [b]\"").results[0].ok);
    let other = case("\"+00:00:00  asks role:lead: What?\"").results[0].message.clone();
    assert!(other.contains("transcript: line 1: expected `+00:00:00  asks role:lead: What?`, found"), "{other}");
    assert!(case("gone.txt").results[0].message.contains("`gone.txt` cannot be read"));
    assert!(case("../said.txt").results[0].message.contains("plain name"));
}

#[test]
fn golden_texts_hold_cases_and_name_the_first_difference() {
    let found = run("cases:\n  - { name: silent, clock: { advance: 2h }, expect: {} }\n");
    let text = golden::text(&found.results);
    assert!(text.starts_with("== silent\n+00:00:00  asks role:responder"), "{text}");
    assert_eq!(golden::difference(&text, &(text.clone() + "\n\n")), None);
    let other = text.replacen("silent", "loud", 1);
    assert_eq!(golden::difference(&text, &other).as_deref(), Some("line 1: expected `== silent`, found `== loud`"));
}

#[test]
fn nobody_in_the_directory_is_a_path_that_can_be_tested() {
    let found = run(
        "cases:\n  - { name: gone, script: [ { nobody: form } ], mocks: { oncall.page: {} }, expect: { status: failed, failure: { step: form, code: NB2201 } } }\n",
    );
    assert!(found.results[0].ok, "{:?}", found.results);
}
