//! Single promises of the engine that no shipped playbook shows by itself.

#![allow(clippy::expect_used, reason = "a test may stop where a helper fails")]

use jiff::Timestamp;
use nightbell_core::action::Outcome;
use nightbell_core::approval::Decision;
use nightbell_playbooks::api::{Effect, Input, RunStatus, Start, Voter};
use nightbell_playbooks::{Advance, Playbook, Run, StepStatus, builtin, load};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const HEAD: &str = "nightbell: 1\nid: t\nversion: 1.0.0\nname: T\n";

struct Bench {
    pb: Playbook,
    run: Run,
    now: Timestamp,
    effects: Vec<Effect>,
}

impl Bench {
    fn new(body: &str) -> Self {
        let text = format!("{HEAD}{body}\n");
        let loaded = load("t.yaml", &text, &builtin::manifests());
        let pb = loaded.map_err(|f| f.iter().map(|f| f.render(&text)).collect::<String>()).expect("loads").playbook;
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("instant");
        let trigger = json!({"user": {"id": "employee", "email": "employee@example.com"}});
        let start = Start { requester: Some("employee".into()), ..Start::new("r", trigger) };
        let (run, advance) = Run::start(&pb, start, now).expect("starts");
        Self { pb, run, now, effects: advance.effects }
    }

    fn feed(&mut self, input: Input) -> Advance {
        let advance = self.run.advance(&self.pb, input, self.now).expect("taken");
        self.effects.extend(advance.effects.clone());
        advance
    }

    fn timer(&mut self) -> String {
        let (due, id) = self.run.timers().iter().map(|(i, d)| (*d, i.clone())).min().expect("a timer");
        self.now = due;
        self.feed(Input::Timer { id: id.clone(), due });
        id
    }

    fn calls(&self) -> Vec<(String, u32, Value, String)> {
        let call = |e: &Effect| match e {
            Effect::Call { attempt, call, .. } => {
                Some((call.action.clone(), *attempt, call.args.clone(), call.key.clone()))
            }
            _ => None,
        };
        self.effects.iter().filter_map(call).collect()
    }

    fn ended(&mut self, path: &str, attempt: u32, outcome: Outcome) {
        self.feed(Input::CallEnded { path: path.into(), attempt, outcome });
    }

    fn vote(&mut self, who: &str, roles: &[&str], granted: bool) -> Option<String> {
        let (path, digest) = self.effects.iter().rev().find_map(|e| match e {
            Effect::Approve { path, proposal, .. } => Some((path.clone(), proposal.digest())),
            _ => None,
        })?;
        let roles = roles.iter().map(|r| (*r).to_owned()).collect();
        let by = Voter { id: who.into(), emails: vec![format!("{who}@example.com")], roles };
        let advance = self.feed(Input::Vote { path, by, granted, comment: None, digest });
        advance.effects.iter().find_map(|e| match e {
            Effect::Refused { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    }
}

fn done(outputs: Value) -> Outcome {
    Outcome::Done { outputs }
}

fn failed() -> Outcome {
    Outcome::Failed { code: "down".into(), message: "it is down".into(), retryable: true }
}

const LOCK: &str = "steps:\n  - id: a\n    approve: { by: role:on-call, quorum: 2, action: { uses: identity.suspend, with: { user: bo@example.com } } }\n    timeout: 1h\n    on_timeout: continue";

#[test]
fn a_quorum_needs_different_eligible_people() {
    let mut b = Bench::new(LOCK);
    assert_eq!(b.vote("employee", &["on-call"], true).as_deref(), Some("not_eligible"), "the requester");
    assert_eq!(b.vote("bo", &["on-call"], true).as_deref(), Some("not_eligible"), "named in the arguments");
    assert_eq!(b.vote("eve", &["staff"], true).as_deref(), Some("not_eligible"), "without the role");
    assert_eq!(b.vote("bot", &["on-call", "bot"], true).as_deref(), Some("not_eligible"), "a machine");
    assert_eq!(b.vote("cy", &["on-call"], true), None);
    assert_eq!(b.vote("cy", &["on-call"], true), None, "a second press is harmless");
    assert!(b.calls().is_empty());
    assert_eq!(b.vote("di", &["on-call"], true), None);
    assert_eq!(b.calls().len(), 1);
    assert_eq!(b.calls()[0].2, json!({"user": "bo@example.com"}));
}

#[test]
fn one_denial_ends_it_and_a_late_press_moves_nothing() {
    let mut b = Bench::new(LOCK);
    b.vote("cy", &["on-call"], true);
    assert_eq!(b.vote("di", &["on-call"], false), None);
    assert!(b.effects.iter().any(|e| matches!(e, Effect::ApproveClosed { decision: Decision::Denied, .. })));
    assert_eq!(b.run.status(), RunStatus::Succeeded);
    assert_eq!(b.vote("ed", &["on-call"], true).as_deref(), Some("late"));
    assert!(b.calls().is_empty());

    let mut b = Bench::new(LOCK);
    b.now = b.now.checked_add(jiff::SignedDuration::from_hours(1)).expect("later");
    assert_eq!(b.vote("cy", &["on-call"], true).as_deref(), Some("late"), "expiry counts before its timer fires");
}

#[test]
fn tries_keep_their_key_and_wait_in_between() {
    let body = "steps:\n  - { id: a, uses: oncall.page, with: { summary: x }, retry: { attempts: 3, delay: 2s, backoff: linear, jitter: false }, timeout: 5m }";
    let mut b = Bench::new(body);
    b.ended("a", 1, failed());
    assert_eq!(b.run.status(), RunStatus::Waiting);
    let before = b.now;
    assert_eq!(b.timer(), "a/retry/2");
    assert_eq!(b.now.as_second() - before.as_second(), 2);
    b.ended("a", 1, done(json!({})));
    assert_eq!(b.run.status(), RunStatus::Running, "an answer to an earlier try does not count");
    b.ended("a", 2, Outcome::Unknown { why: "cut off".into() });
    assert_eq!(b.timer(), "a/retry/3");
    b.ended("a", 3, done(json!({})));
    assert_eq!(b.run.status(), RunStatus::Succeeded);
    let keys: Vec<String> = b.calls().into_iter().map(|c| c.3).collect();
    assert!(keys.len() == 3 && keys.windows(2).all(|k| k[0] == k[1]), "{keys:?}");
}

#[test]
fn handlers_run_and_the_run_goes_on() {
    let body = "steps:\n  - id: a\n    uses: mail.search\n    on_error:\n      - { id: h, uses: case.note, with: { text: \"{{ failure.code }} at {{ failure.step }}\" } }\n  - id: b\n    wait: { event: x.y, match: \"event.n > 2\" }\n    timeout: 1h\n    on_timeout: [{ id: late, set: { was_late: true } }]\n  - { id: c, end: { outcome: \"{{ 'late' if steps.late.status == 'succeeded' else 'in time' }}\" } }";
    for in_time in [true, false] {
        let mut b = Bench::new(body);
        b.ended("a", 1, failed());
        assert_eq!(b.calls()[1].2, json!({"text": "down at a"}));
        b.ended("h", 1, done(json!({})));
        assert_eq!((b.run.step_status("a"), b.run.waiting_on()), (StepStatus::Failed, vec!["b".to_owned()]));
        b.feed(Input::Event { name: "x.y".into(), payload: json!({"n": 1}) });
        b.feed(Input::Event { name: "x.y".into(), payload: json!({"other": 1}) });
        assert_eq!(b.run.status(), RunStatus::Waiting);
        if in_time {
            b.feed(Input::Event { name: "x.y".into(), payload: json!({"n": 3}) });
        } else {
            assert_eq!(b.timer(), "b/timeout");
        }
        assert_eq!((b.run.status(), b.run.outcome()), (RunStatus::Succeeded, if in_time { "in time" } else { "late" }));
    }
}

#[test]
fn a_run_that_takes_too_long_pages_the_owner_by_itself() {
    let mut b = Bench::new("timeout: 1h\nsteps:\n  - { id: a, wait: { event: x.y } }");
    assert_eq!(b.timer(), "run/timeout");
    let page = b.calls().pop().expect("a page");
    assert_eq!(page.0, "oncall.page");
    assert!(page.2["summary"].as_str().is_some_and(|s| s.contains("stopped at run")), "{page:?}");
    b.ended("page_the_owner", 1, done(json!({})));
    assert_eq!(b.run.status(), RunStatus::Failed);
    assert_eq!(b.run.failure().map(|f| f.code.as_str()), Some("NB2004"));
    assert!(b.run.timers().is_empty(), "nothing stays armed");
}

#[test]
fn nobody_to_approve_goes_up_the_levels_and_then_fails() {
    let mut b = Bench::new(LOCK);
    for level in [2, 3] {
        b.feed(Input::Nobody { path: "a".into() });
        assert!(
            matches!(b.effects.iter().rev().find(|e| matches!(e, Effect::Escalate { .. })), Some(Effect::Escalate { level: l, .. }) if *l == level)
        );
    }
    b.feed(Input::Nobody { path: "a".into() });
    assert_eq!(b.run.failure().map(|f| f.code.as_str()), Some("NB2301"));
}

#[test]
fn inputs_are_typed_once_and_a_missing_one_is_named() {
    let text = format!(
        "{HEAD}inputs: {{ n: {{ type: integer, required: true }}, who: {{ type: user, default: \"{{{{ trigger.user }}}}\" }} }}\nsteps: [{{ id: a, end: {{}} }}]\n"
    );
    let pb = load("t.yaml", &text, &builtin::manifests()).expect("loads").playbook;
    let now = Timestamp::UNIX_EPOCH;
    let missing = pb.bind(&json!({}), &BTreeMap::new(), now).expect_err("n is missing");
    assert_eq!((missing.code, missing.input.as_deref()), ("NB2001", Some("n")));
    let given = BTreeMap::from([("n".to_owned(), json!("7"))]);
    let bound = pb.bind(&json!({"user": "ada.l@example.com"}), &given, now).expect("binds");
    assert_eq!(bound["n"], json!(7));
    assert_eq!(bound["who"]["first_name"], json!("ada.l"));
    assert_eq!(bound["who"]["timezone"], json!("UTC"));
    assert!(pb.bind(&json!({}), &BTreeMap::from([("x".to_owned(), json!(1))]), now).is_err());
}

#[test]
fn answers_are_checked_by_kind() {
    let body = "steps:\n  - id: a\n    ask:\n      to: user:employee\n      form:\n        - { id: c, type: choice, label: C, options: [Red, Blue], required: true }\n        - { id: b, type: boolean, label: B, required: true }\n        - { id: n, type: number, label: N, required: true }\n        - { id: m, type: multi, label: M, options: [x, y] }\n        - { id: d, type: date, label: D }\n    timeout: 1h\n    on_timeout: continue";
    let mut b = Bench::new(body);
    for (q, value, stored) in [
        ("c", json!("green"), None),
        ("b", json!("yes"), None),
        ("c", json!("bLUE"), Some(json!("Blue"))),
        ("b", json!("maybe"), None),
        ("b", Value::Null, None),
        ("b", json!("Nein."), Some(json!(false))),
        ("n", json!("a lot"), None),
        ("n", json!("2,5"), Some(json!(2.5))),
        ("m", json!(["x", "2", "x"]), Some(json!(["x", "y"]))),
        ("d", json!("tomorrow"), None),
        ("d", Value::Null, Some(Value::Null)),
    ] {
        let input = Input::Answer { path: "a".into(), question: q.into(), value: value.clone(), by: "employee".into() };
        let advance = b.feed(input);
        let refused = advance.effects.iter().any(|e| matches!(e, Effect::Refused { .. }));
        assert_eq!(refused, stored.is_none(), "{q}: {value}");
    }
    let answers = &b.run.step("a").expect("a").outputs["answers"];
    assert_eq!(*answers, json!({"c": "Blue", "b": false, "n": 2.5, "m": ["x", "y"]}));
    assert_eq!(b.run.status(), RunStatus::Succeeded);
}
