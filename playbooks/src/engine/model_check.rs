//! Random interleavings of answers, votes, timers and duplicates against the promises of the engine.

use crate::api::{Effect, Input, Start, Voter};
use crate::engine::{Advance, Record, Run, What};
use crate::model::Playbook;
use crate::{Library, builtin};
use jiff::Timestamp;
use nightbell_core::action::Outcome;
use nightbell_core::approval::Decision;
use nightbell_core::canonical;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, OnceLock};

fn shipped(id: &str) -> Arc<Playbook> {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| Library::shipped(builtin::manifests()).expect("the shipped playbooks load"));
    library.current(id).expect(id)
}

#[derive(Debug, Clone)]
enum Move {
    Answer(usize, bool),
    Vote { who: usize, granted: bool, right_digest: bool },
    NextTimer,
    StaleTimer,
    Result(usize),
    Repeat(usize),
    Restart,
    Cancel,
    Resolve(usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0..4_usize, any::<bool>()).prop_map(|(n, again)| Move::Answer(n, again)),
        6 => (0..3_usize, prop::bool::weighted(0.8), prop::bool::weighted(0.9))
            .prop_map(|(who, granted, right_digest)| Move::Vote { who, granted, right_digest }),
        4 => Just(Move::NextTimer),
        1 => Just(Move::StaleTimer),
        6 => (0..4_usize).prop_map(Move::Result),
        3 => (0..50_usize).prop_map(Move::Repeat),
        1 => Just(Move::Restart),
        1 => prop::bool::weighted(0.1).prop_map(|b| if b { Move::Cancel } else { Move::NextTimer }),
        2 => (0..3_usize).prop_map(Move::Resolve),
    ];
    prop::collection::vec(one, 1..60)
}

struct Sim {
    pb: Arc<Playbook>,
    run: Run,
    now: Timestamp,
    journal: Vec<Record>,
    asked: Option<(String, crate::api::Question)>,
    proposal: Option<(String, String)>,
    running: Vec<(String, u32)>,
    unknown: Vec<String>,
    history: Vec<Input>,
    granted: BTreeMap<String, String>,
    keys: BTreeMap<String, u32>,
    ended: u32,
}

impl Sim {
    fn start(id: &str) -> Self {
        let pb = shipped(id);
        let trigger = json!({
            "kind": "alert", "id": "a1", "rule": {"id": "r", "tags": ["verify-user"]}, "source_ip": "203.0.113.7",
            "user": {"id": "employee", "email": "employee@example.com"}, "summary": "x", "time": "2026-01-01T00:00:00Z",
            "mail": {"body_hash": "b"},
        });
        let start = Start { requester: Some("employee".into()), ..Start::new("r", trigger) };
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("instant");
        let (run, advance) = Run::start(&pb, start, now).expect("starts");
        let mut sim = Self {
            pb,
            run,
            now,
            journal: vec![],
            asked: None,
            proposal: None,
            running: vec![],
            unknown: vec![],
            history: vec![],
            granted: BTreeMap::new(),
            keys: BTreeMap::new(),
            ended: 0,
        };
        sim.take(advance);
        sim
    }

    fn feed(&mut self, input: Input) {
        self.history.push(input.clone());
        let before = self.run.clone();
        let ended = self.run.status().ended();
        let advance = self.run.advance(&self.pb, input, self.now).expect("inputs are harmless");
        if ended {
            assert_eq!(
                (before.status(), before.outcome()),
                (self.run.status(), self.run.outcome()),
                "one terminal state"
            );
            assert!(!advance.effects.iter().any(|e| !matches!(e, Effect::Refused { .. })), "an ended run does nothing");
        }
        self.take(advance);
    }

    fn take(&mut self, advance: Advance) {
        let mut granted_now = BTreeSet::new();
        for r in &advance.records {
            match &r.what {
                What::ApprovalDecided { path, decision: Decision::Granted, .. } => {
                    granted_now.insert(path.clone());
                }
                What::ApprovalAsked { path, digest, opened } => {
                    assert_eq!(*digest, opened.proposal.digest());
                    self.granted.insert(path.clone(), canonical::digest(&opened.proposal.args));
                }
                What::StepStarted { call, args_digest, .. } => assert_eq!(*args_digest, canonical::digest(&call.args)),
                _ => {}
            }
        }
        self.journal.extend(advance.records);
        for e in advance.effects {
            match e {
                Effect::Call { path, attempt, call, class } => {
                    if class.needs_approval() {
                        let decided = self.journal.iter().any(|r| {
                            matches!(&r.what, What::ApprovalDecided { path: p, decision: Decision::Granted, .. } if *p == path)
                        });
                        assert!(decided, "{path} was called without a yes");
                        assert_eq!(self.granted.get(&path), Some(&canonical::digest(&call.args)), "what was approved");
                        let manifest = self.pb.manifest(&call.action).expect("manifest");
                        let n = self.keys.entry(call.key.clone()).or_default();
                        *n += 1;
                        if manifest.idempotent == nightbell_core::action::Idempotent::None {
                            let asked = self.journal.iter().any(|r| matches!(r.what, What::Resolved { .. }));
                            assert!(*n == 1 || asked, "{path} was repeated without a human");
                        }
                    }
                    self.running.push((path, attempt));
                }
                Effect::Ask { path, question, .. } => self.asked = Some((path, question)),
                Effect::Approve { path, proposal, .. } => self.proposal = Some((path, proposal.digest())),
                Effect::NeedsHuman { path, .. } => self.unknown.push(path),
                Effect::Ended { .. } => self.ended += 1,
                _ => {}
            }
        }
        assert!(self.ended <= 1, "one end");
        assert_eq!(Run::replay(&self.pb, &self.journal), self.run, "replay is live");
        let text = serde_json::to_string(&self.run).expect("state is data");
        assert_eq!(serde_json::from_str::<Run>(&text).expect("state reads back"), self.run);
    }

    fn step(&mut self, m: Move) {
        match m {
            Move::Answer(n, again) => {
                let Some((path, q)) = self.asked.clone() else { return };
                let value = match q.options.get(n % q.options.len().max(1)) {
                    Some(o) => Value::String(o.clone()),
                    None => json!(n % 2 == 0),
                };
                let input = Input::Answer { path, question: q.id, value, by: "employee".into() };
                self.feed(input.clone());
                if again {
                    self.feed(input);
                }
            }
            Move::Vote { who, granted, right_digest } => {
                let Some((path, digest)) = self.proposal.clone() else { return };
                let (id, roles) =
                    [("bo", vec!["on-call", "lead"]), ("employee", vec!["on-call", "lead"]), ("eve", vec!["staff"])]
                        [who]
                        .clone();
                let roles: Vec<String> = roles.into_iter().map(str::to_owned).collect();
                let by = Voter { id: id.to_owned(), emails: vec![format!("{id}@example.com")], roles };
                let digest = if right_digest { digest } else { "0".repeat(64) };
                let before = self.running.len();
                self.feed(Input::Vote { path, by, granted, comment: None, digest });
                if who != 0 || !right_digest {
                    assert_eq!(
                        self.running.len(),
                        before,
                        "only the right person with the right digest moves anything"
                    );
                }
            }
            Move::NextTimer => {
                if let Some((due, id)) = self.run.timers().iter().map(|(i, d)| (*d, i.clone())).min() {
                    self.now = self.now.max(due);
                    self.feed(Input::Timer { id, due });
                }
            }
            Move::StaleTimer => self.feed(Input::Timer { id: "nothing/timeout".into(), due: self.now }),
            Move::Result(n) => {
                if let Some((path, attempt)) = self.running.pop() {
                    let outcome = match n {
                        0 => Outcome::Failed { code: "x".into(), message: "no".into(), retryable: true },
                        1 => Outcome::Unknown { why: "broken".into() },
                        _ => Outcome::Done { outputs: json!({"verdict": "malicious", "approved": true}) },
                    };
                    self.feed(Input::CallEnded { path, attempt, outcome });
                }
            }
            Move::Repeat(n) => {
                if !self.history.is_empty() {
                    let input = self.history[n % self.history.len()].clone();
                    if !matches!(input, Input::Cancel { .. }) {
                        self.feed(input);
                    }
                }
            }
            Move::Restart => {
                self.run = Run::replay(&self.pb, &self.journal);
                let advance = self.run.resume(&self.pb, self.now).expect("resumes");
                self.take(advance);
            }
            Move::Cancel => self.feed(Input::Cancel { by: "bo".into(), why: "x".into() }),
            Move::Resolve(n) => {
                use crate::api::Resolution::{Happened, RunNow, Skip};
                if let Some(path) = self.unknown.pop() {
                    self.feed(Input::Resolve { path, by: "bo".into(), choice: [Happened, RunNow, Skip][n] });
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_events_keeps_the_promises(which in 0..4_usize, moves in moves()) {
        let ids = ["phishing-report", "password-typed", "lost-device", "was-this-you"];
        let mut sim = Sim::start(ids[which]);
        for m in moves {
            sim.step(m);
        }
        // A run that expects progress has a timer, a call, a question or a human on it.
        if !sim.run.status().ended() {
            assert!(!sim.run.timers().is_empty());
            assert!(!sim.run.waiting_on().is_empty());
        }
    }
}

/// Every prefix of commits, folded and resumed, ends in the same place as the undisturbed run.
#[test]
fn a_crash_after_any_commit_ends_the_same() {
    for id in ["phishing-report", "password-typed", "lost-device", "was-this-you"] {
        let undisturbed = play(id, None);
        for crash in 0..undisturbed.1 {
            let crashed = play(id, Some(crash));
            assert_eq!(undisturbed.0, crashed.0, "{id}, crash after commit {crash}");
        }
    }
}

/// Plays a run in which everybody answers the first option and everything is approved; gives its end.
fn play(id: &str, crash: Option<usize>) -> ((String, String, Vec<String>), usize) {
    let mut sim = Sim::start(id);
    let mut commits = 0;
    let mut queue: VecDeque<Input> = VecDeque::new();
    for _ in 0..200 {
        if crash == Some(commits) {
            sim.run = Run::replay(&sim.pb, &sim.journal);
            sim.running.clear();
            let advance = sim.run.resume(&sim.pb, sim.now).expect("resumes");
            sim.take(advance);
        }
        commits += 1;
        if let Some((path, attempt)) = sim.running.pop() {
            let outputs = json!({"verdict": "malicious", "approved": true, "subject": "s", "from_domain": "d.example"});
            queue.push_back(Input::CallEnded { path, attempt, outcome: Outcome::Done { outputs } });
        } else if let Some(path) = sim.unknown.pop() {
            queue.push_back(Input::Resolve { path, by: "bo".into(), choice: crate::api::Resolution::Happened });
        } else if let Some((path, q)) = sim.asked.take() {
            let value = match (q.options.first(), q.kind) {
                (Some(o), _) => json!(o),
                (None, crate::api::QuestionKind::Text) => json!("LT-1"),
                _ => json!(true),
            };
            queue.push_back(Input::Answer { path, question: q.id, value, by: "employee".into() });
        } else if let Some((path, digest)) = sim.proposal.take() {
            let by = Voter { id: "bo".into(), emails: vec![], roles: vec!["on-call".into(), "lead".into()] };
            queue.push_back(Input::Vote { path, by, granted: true, comment: None, digest });
        }
        let Some(input) = queue.pop_front() else { break };
        sim.feed(input);
    }
    assert!(sim.run.status().ended(), "{id} came to rest in {:?}", sim.run.status());
    let mut calls: Vec<String> = Vec::new();
    for r in &sim.journal {
        match &r.what {
            What::StepStarted { call, .. } if !calls.contains(&call.key) => calls.push(call.key.clone()),
            _ => {}
        }
    }
    ((format!("{:?}", sim.run.status()), sim.run.outcome().to_owned(), calls), commits)
}
