//! `for_each` and `repeat`: turns, limits and what is left of them.

#![allow(clippy::expect_used, reason = "a test may stop where a helper fails")]

mod bench;

use bench::{Bench, done, failed};
use nightbell_playbooks::api::{Input, RunStatus};
use serde_json::{Value, json};

#[test]
fn as_many_items_run_at_once_as_allowed_and_results_keep_their_order() {
    let body = "
vars: { names: [a, b, c, d] }
outputs: { all: \"{{ steps.each.outputs.results }}\" }
steps:
  - id: each
    for_each: \"{{ vars.names }}\"
    as: name
    max_parallel: 2
    steps: [{ id: look, uses: intel.lookup, with: { value: \"{{ name }}\" } }]";
    let mut b = Bench::new(body);
    assert_eq!(b.calls().len(), 2);
    // The second comes back first; the next item takes its place.
    for (n, expected) in [(1, 3), (2, 4), (3, 4), (0, 4)] {
        b.ended(&format!("each[{n}].look"), 1, done(json!({"verdict": n.to_string()})));
        assert_eq!(b.calls().len(), expected, "after item {n}");
    }
    let all = &b.run.outputs()["all"];
    let verdicts: Vec<&Value> = (0..4).map(|n| &all[n]["steps"]["look"]["outputs"]["verdict"]).collect();
    assert_eq!(verdicts, ["0", "1", "2", "3"]);
    assert_eq!((&all[3]["item"], &all[3]["index"], &all[3]["status"]), (&json!("d"), &json!(3), &json!("succeeded")));
}

#[test]
fn a_failing_item_closes_the_others_and_late_results_change_nothing() {
    let body = "
vars: { names: [a, b, c] }
steps:
  - id: each
    for_each: \"{{ vars.names }}\"
    max_parallel: 3
    on_error: continue
    steps: [{ id: look, uses: intel.lookup, with: { value: \"{{ item }}\" } }]
  - { id: after, wait: { for: 1h } }";
    let mut b = Bench::new(body);
    b.ended("each[1].look", 1, failed());
    assert_eq!(b.run.waiting_on(), vec!["after".to_owned()]);
    let before = b.run.clone();
    b.ended("each[0].look", 1, done(json!({"verdict": "bad"})));
    assert_eq!(before, b.run, "nobody waits for it any more");
    b.timer();
    assert_eq!(b.run.status(), RunStatus::Succeeded);
}

#[test]
fn every_turn_has_its_own_keys_questions_and_timers() {
    let body = "
steps:
  - id: again
    repeat:
      while: \"loop.index < 2\"
      max: 5
      delay: 10m
      steps:
        - id: inner
          for_each: \"{{ [1, 2] }}\"
          steps: [{ id: note, uses: case.note, with: { text: \"n {{ item }}\" } }]";
    let mut b = Bench::new(body);
    for round in 0..2 {
        for item in 0..2 {
            b.ended(&format!("again[{round}].inner[{item}].note"), 1, done(json!({})));
        }
        if round == 0 {
            assert_eq!(b.timer(), "again/round");
        }
    }
    assert_eq!(b.timer(), "again/round");
    assert_eq!(b.run.status(), RunStatus::Succeeded);
    let mut keys: Vec<String> = b.calls().into_iter().map(|c| c.3).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 4, "one key per turn");
}

/// Each step counts once, whether it went well, failed or was passed over: a loop of failures is a loop too.
#[test]
fn every_step_counts_once_against_the_limit_of_the_run() {
    let body = |items: u32, step: &str| {
        format!(
            "\nsteps:\n  - id: each\n    for_each: \"{{{{ range({items}) }}}}\"\n    steps:\n      - id: inner\n        for_each: \"{{{{ range(20) }}}}\"\n        steps: [{step}]"
        )
    };
    let passed_over = "{ id: bad, set: { x: \"{{ trigger.nothing.here }}\" }, on_error: continue }";
    let b = Bench::new(&body(600, passed_over));
    assert_eq!(b.run.failure().map(|f| f.code.as_str()), Some("NB2008"));
    let b = Bench::new(&body(400, "{ id: no, set: { x: 1 }, if: \"false\" }"));
    assert_eq!(b.run.status(), RunStatus::Succeeded, "8,401 steps");
}

#[test]
fn a_cancelled_run_leaves_no_turn_behind() {
    let body = "
steps:
  - id: each
    for_each: \"{{ [1, 2, 3] }}\"
    max_parallel: 2
    steps:
      - id: q
        ask: { to: \"user:employee\", form: [{ id: a, type: boolean, label: Well, required: true }] }
        timeout: 1h
        on_timeout: continue";
    let mut b = Bench::new(body);
    b.feed(Input::Cancel { by: "lead".into(), why: "a mistake".into() });
    assert_eq!(b.run.status(), RunStatus::Cancelled);
    assert!(b.run.timers().is_empty() && b.run.waiting_on().is_empty());
}
