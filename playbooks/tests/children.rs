//! Called playbooks: tries, time-outs, depth.

#![allow(clippy::expect_used, reason = "a test may stop where a helper fails")]

mod bench;

use bench::Bench;
use nightbell_playbooks::api::{Effect, Input, RunStatus};
use std::collections::BTreeMap;

const CHILD: &str = "nightbell: 1\nid: child\nversion: 1.2.0\nname: C\nsteps: [{ id: a, wait: { for: 1h } }]\n";

fn over(b: &mut Bench, attempt: u32, status: RunStatus) -> Vec<Effect> {
    let (outcome, outputs) = (String::new(), BTreeMap::new());
    b.feed(Input::ChildEnded { path: "c".into(), attempt, status, outcome, outputs, failure: None }).effects
}

#[test]
fn only_a_called_playbook_that_runs_is_cancelled() {
    let body = "
steps:
  - id: c
    playbook: child@1
    retry: { attempts: 3, delay: 10m, jitter: false }
    timeout: 2h";
    let mut b = Bench::with(body, &[CHILD]);
    over(&mut b, 1, RunStatus::Failed);
    // In the pause before the second try nothing runs, so nothing is cancelled.
    let cancelled = b.feed(Input::Cancel { by: "lead".into(), why: "x".into() });
    assert!(!cancelled.effects.iter().any(|e| matches!(e, Effect::CancelChild { .. })), "{cancelled:?}");

    let mut b = Bench::with(body, &[CHILD]);
    over(&mut b, 1, RunStatus::Failed);
    assert_eq!(b.timer(), "c/retry/2");
    assert!(over(&mut b, 1, RunStatus::Succeeded).is_empty(), "the end of an earlier try does not count");
    assert_eq!(b.run.status(), RunStatus::Waiting);
    assert_eq!(b.timer(), "c/timeout");
    assert!(b.effects.iter().any(|e| matches!(e, Effect::CancelChild { attempt: 2, .. })));
    let before = b.run.clone();
    assert!(over(&mut b, 2, RunStatus::Succeeded).is_empty(), "a late end changes nothing");
    assert_eq!(before, b.run);
}

#[test]
fn playbooks_that_call_themselves_end_at_the_eighth() {
    let mut b = Bench::new("steps: [{ id: c, playbook: t }]");
    for depth in 1..=8 {
        let start = b.effects.iter().rev().find_map(|e| match e {
            Effect::StartChild { start, .. } => Some(start.as_ref().clone()),
            _ => None,
        });
        let start = start.unwrap_or_else(|| panic!("a call at depth {depth}"));
        assert_eq!(start.depth, depth);
        let (run, advance) = nightbell_playbooks::Run::start(&b.pb, start, b.now).expect("starts");
        (b.run, b.effects) = (run, advance.effects);
    }
    assert_eq!(b.run.failure().map(|f| f.code.as_str()), Some("NB2402"));
}
