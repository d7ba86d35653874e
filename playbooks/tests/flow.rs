//! Failure handlers, deadlines and the end: a run always comes to rest.

#![allow(clippy::expect_used, reason = "a test may stop where a helper fails")]

mod bench;

use bench::{Bench, done};
use nightbell_playbooks::api::{Input, RunStatus};
use serde_json::json;

/// After NB2004 the run's own timer is gone; a handler that waits for an event must not wait for ever.
#[test]
fn a_failure_handler_has_a_deadline_too() {
    let body = "
timeout: 1h
steps: [{ id: a, wait: { event: x.y } }]
on_failure: [{ id: b, wait: { event: x.z } }]";
    let mut b = Bench::new(body);
    assert_eq!(b.timer(), "run/timeout");
    assert_eq!(b.run.waiting_on(), vec!["b".to_owned()]);
    assert_eq!(b.timer(), "run/timeout");
    assert_eq!(b.run.status(), RunStatus::Failed);
    assert_eq!(b.run.failure().map(|f| f.code.as_str()), Some("NB2004"));
    assert!(b.run.timers().is_empty());
}

#[test]
fn an_end_inside_a_branch_of_a_loop_ends_everything() {
    let body = "
steps:
  - id: each
    for_each: \"{{ [1, 2] }}\"
    max_parallel: 2
    steps:
      - id: both
        parallel:
          a: [{ id: look, uses: mail.search }, { id: stop, if: \"item > 0\", end: { outcome: \"item {{ item }}\" } }]
          b: [{ id: q, wait: { for: 1h } }]
  - { id: never, uses: case.note, with: { text: no } }";
    let mut b = Bench::new(body);
    b.ended("each[1].look", 1, done(json!({})));
    assert_eq!((b.run.status(), b.run.outcome()), (RunStatus::Succeeded, "item 2"));
    assert!(b.run.timers().is_empty() && b.run.waiting_on().is_empty());
    assert_eq!(b.calls().len(), 2, "the step behind the loop never ran");
    assert!(b.feed(Input::Event { name: "x.y".into(), payload: json!({}) }).effects.is_empty());
}
