//! Branches at once: what one does to the others.

#![allow(clippy::expect_used, reason = "a test may stop where a helper fails")]

mod bench;

use bench::{Bench, done, failed};
use nightbell_playbooks::StepStatus;
use nightbell_playbooks::api::{Effect, Input, RunStatus};
use serde_json::json;

#[test]
fn an_event_that_fails_one_branch_does_not_complete_the_others() {
    let body = "
steps:
  - id: both
    parallel:
      left: [{ id: l, wait: { event: x.y, match: \"event.n > 2\" }, timeout: 1h }]
      right: [{ id: r, wait: { event: x.y }, timeout: 1h }]
    timeout: 2h
on_failure:
  - { id: tell, uses: case.note, with: { text: \"{{ failure.code }}\" } }";
    let mut b = Bench::new(body);
    b.feed(Input::Event { name: "x.y".into(), payload: json!({"n": "text"}) });
    assert_eq!(b.run.step_status("r"), StepStatus::Cancelled, "it was closed with its branch");
    assert_eq!(b.run.waiting_on(), vec!["tell".to_owned()], "the failure handler is at work");
    b.ended("tell", 1, done(json!({})));
    assert_eq!(b.run.status(), RunStatus::Failed);
}

#[test]
fn the_first_success_closes_what_the_others_asked() {
    let body = "
steps:
  - id: race
    join: any
    parallel:
      person:
        - id: q
          ask: { to: \"user:employee\", form: [{ id: a, type: boolean, label: Well, required: true }], remind: [10m] }
          timeout: 1h
          on_timeout: continue
      boss:
        - id: ok
          approve: { by: \"role:on-call\", action: { uses: device.wipe, with: { device: LT-1 } } }
          timeout: 1h
          on_timeout: continue
      machine: [{ id: look, uses: mail.search }]
  - { id: last, end: { outcome: \"{{ steps.race.outputs.winner }}\" } }";
    let mut b = Bench::new(body);
    let advance = b.look_ended();
    let closed = |f: fn(&Effect) -> bool| advance.effects.iter().filter(|e| f(e)).count();
    assert_eq!(closed(|e| matches!(e, Effect::AskClosed { timed_out: false, .. })), 1);
    assert_eq!(closed(|e| matches!(e, Effect::ApproveClosed { .. })), 1);
    assert_eq!((b.run.status(), b.run.outcome()), (RunStatus::Succeeded, "machine"));
    assert!(b.run.timers().is_empty());
    assert_eq!(b.vote("cy", &["on-call"], true).as_deref(), Some("late"), "nobody can approve it any more");
    assert_eq!(b.calls().len(), 1, "nothing was wiped");
}

#[test]
fn any_fails_only_when_all_failed_and_all_fails_at_once() {
    for (join, left) in [("any", RunStatus::Running), ("all", RunStatus::Failed)] {
        let body = format!(
            "\nsteps:\n  - id: p\n    join: {join}\n    parallel:\n      a: [{{ id: x, uses: mail.search }}]\n      b: [{{ id: y, uses: mail.search }}]\non_failure: [{{ id: f, end: {{ outcome: broken }} }}]"
        );
        let mut b = Bench::new(&body);
        b.ended("x", 1, failed());
        assert_eq!(b.run.status(), left, "{join}");
        b.ended("y", 1, failed());
        assert_eq!((b.run.status(), b.run.outcome()), (RunStatus::Failed, "broken"));
    }
}

#[test]
fn an_unknown_outcome_is_asked_once_and_goes_with_its_branch() {
    let body = "
steps:
  - id: p
    join: any
    parallel:
      risky:
        - id: wipe
          approve: { by: \"role:on-call\", action: { uses: device.wipe, with: { device: LT-1 } } }
          timeout: 1h
          on_timeout: continue
      other: [{ id: look, uses: mail.search, timeout: 3h }]";
    let mut b = Bench::new(body);
    b.vote("cy", &["on-call"], true);
    let unknown = || nightbell_core::action::Outcome::Unknown { why: "cut off".into() };
    b.ended("wipe", 1, unknown());
    b.ended("wipe", 1, unknown());
    let asked = b.effects.iter().filter(|e| matches!(e, Effect::NeedsHuman { .. })).count();
    assert_eq!((asked, b.run.status()), (1, RunStatus::NeedsHuman));
    b.ended("look", 1, done(json!({})));
    assert_eq!(b.run.status(), RunStatus::Succeeded);
    let choice = nightbell_playbooks::api::Resolution::RunNow;
    let late = b.feed(Input::Resolve { path: "wipe".into(), by: "cy".into(), choice });
    assert!(matches!(late.effects.as_slice(), [Effect::Refused { .. }]), "{late:?}");
}
