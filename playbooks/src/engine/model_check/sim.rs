//! A run and those that it calls, moved by random inputs.

use super::promises::Ledger;
use crate::Library;
use crate::api::{Effect, Input, Question, Resolution, RunStatus, Start, Voter};
use crate::engine::{Advance, Record, Run};
use crate::model::Playbook;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::action::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs that one case may start; a `retry` of calls that call others could make many.
const MAX_RUNS: usize = 40;

pub struct One {
    pub pb: Arc<Playbook>,
    pub run: Run,
    pub ledger: Ledger,
    journal: Vec<Record>,
    parent: Option<(usize, String, u32)>,
}

pub struct Sim<'a> {
    library: &'a Library,
    pub runs: Vec<One>,
    pub now: Timestamp,
    asked: Vec<(usize, String, Question)>,
    proposals: Vec<(usize, String, String)>,
    calls: Vec<(usize, String, u32)>,
    unknown: Vec<(usize, String)>,
    stale: Vec<(usize, String, Timestamp)>,
    /// Ends of called playbooks and cancellations on their way. They are durable: no restart loses them.
    post: Vec<(usize, Input)>,
    history: Vec<(usize, Input)>,
}

/// One random move: what, and three choices.
pub type Move = [u8; 4];

impl<'a> Sim<'a> {
    pub fn start(library: &'a Library, id: &str, inputs: BTreeMap<String, Value>, trigger: Value) -> Self {
        let pb = library.current(id).expect("the playbook under test");
        let start =
            Start { requester: Some("employee".into()), inputs, pins: library.pins(&pb), ..Start::new("r", trigger) };
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("instant");
        let mut sim = Self {
            library,
            runs: vec![],
            now,
            asked: vec![],
            proposals: vec![],
            calls: vec![],
            unknown: vec![],
            stale: vec![],
            post: vec![],
            history: vec![],
        };
        sim.begin(pb, start, None);
        sim
    }

    fn begin(&mut self, pb: Arc<Playbook>, start: Start, parent: Option<(usize, String, u32)>) {
        match Run::start(&pb, start, self.now) {
            Ok((run, advance)) => {
                self.runs.push(One { pb, run, ledger: Ledger::default(), journal: vec![], parent });
                self.take(self.runs.len() - 1, None, advance);
            }
            Err(e) => {
                let (n, path, attempt) = parent.unwrap_or_else(|| panic!("the run under test starts: {e}"));
                let (status, outcome, outputs) = (RunStatus::Failed, String::new(), BTreeMap::new());
                let input = Input::ChildEnded { path, attempt, status, outcome, outputs, failure: None };
                self.post.push((n, input));
            }
        }
    }

    fn feed(&mut self, n: usize, input: Input, twice: bool) {
        let times = if twice { 2 } else { 1 };
        for time in 0..times {
            let before = self.runs[n].run.clone();
            let one = &mut self.runs[n];
            if let Input::ChildEnded { path, attempt, .. } = &input {
                one.ledger.children.insert((path.clone(), *attempt), false);
            }
            let advance = one.run.advance(&one.pb, input.clone(), self.now).expect("inputs are harmless");
            if before.status().ended() {
                let end = |r: &Run| (r.status(), r.outcome().to_owned(), r.outputs().clone());
                assert_eq!(end(&before), end(&one.run), "one terminal state");
            }
            // The same event may be awaited again by a later step, and the next level may be empty too.
            if time == 1 && !matches!(input, Input::Event { .. } | Input::Nobody { .. }) {
                assert_eq!(before, one.run, "a second {input:?} changes nothing");
                let loud = advance.effects.iter().find(|e| !matches!(e, Effect::Refused { .. }));
                assert_eq!(loud, None, "a second {input:?} does nothing");
            }
            self.history.push((n, input.clone()));
            self.take(n, Some(&input), advance);
        }
    }

    fn take(&mut self, n: usize, input: Option<&Input>, advance: Advance) {
        let one = &mut self.runs[n];
        one.ledger.take(&one.pb, &one.run, input, &advance);
        one.journal.extend(advance.records);
        for effect in advance.effects {
            match effect {
                Effect::Call { path, attempt, .. } => self.calls.push((n, path, attempt)),
                Effect::Ask { path, question, .. } => self.asked.push((n, path, question)),
                Effect::Approve { path, proposal, .. } => self.proposals.push((n, path, proposal.digest())),
                Effect::NeedsHuman { path, .. } => self.unknown.push((n, path)),
                Effect::SetTimer { id, due } => self.stale.push((n, id, due)),
                Effect::StartChild { path, attempt, digest, start } => {
                    assert!(self.runs.len() < MAX_RUNS, "too many runs");
                    let start = Start { run: format!("r{}", self.runs.len()), ..*start };
                    let pb = self.library.get(&digest).expect("a pinned definition");
                    self.begin(pb, start, Some((n, path, attempt)));
                }
                Effect::CancelChild { path, attempt } => {
                    let child = self.runs.iter().position(|r| r.parent == Some((n, path.clone(), attempt)));
                    if let Some(child) = child {
                        self.post.push((child, Input::Cancel { by: "bot".into(), why: "left".into() }));
                    }
                }
                Effect::Ended { status, outcome, outputs, .. } => {
                    let one = &self.runs[n];
                    if let Some((up, path, attempt)) = one.parent.clone() {
                        let failure = one.run.failure().cloned();
                        let input = Input::ChildEnded { path, attempt, status, outcome, outputs, failure };
                        self.post.push((up, input));
                    }
                }
                _ => {}
            }
        }
    }

    /// The first timer of any run fires, after a pause when `late`.
    pub fn next_timer(&mut self, late: i64) -> bool {
        let timers = self.runs.iter().enumerate().flat_map(|(n, r)| r.run.timers().iter().map(move |t| (n, t)));
        let Some((due, n, id)) = timers.map(|(n, (id, due))| (*due, n, id.clone())).min() else { return false };
        self.now = self.now.max(due).checked_add(SignedDuration::from_secs(late)).expect("later");
        self.feed(n, Input::Timer { id, due }, late == 0);
        true
    }

    /// Ends of called playbooks reach those that called them, cancellations those that are cancelled.
    pub fn deliver(&mut self) -> bool {
        if self.post.is_empty() {
            return false;
        }
        let (n, input) = self.post.remove(0);
        self.feed(n, input, false);
        true
    }

    fn restart(&mut self) {
        for n in 0..self.runs.len() {
            let one = &mut self.runs[n];
            let text = serde_json::to_string(&one.journal).expect("records are data");
            let journal: Vec<Record> = serde_json::from_str(&text).expect("records read back");
            let folded = Run::replay(&one.pb, &journal);
            assert_eq!(folded, one.run, "replay is live");
            one.run = folded;
            let advance = one.run.resume(&one.pb, self.now).expect("resumes");
            self.take(n, None, advance);
        }
    }

    pub fn step(&mut self, [what, a, b, c]: Move) {
        let (which, a, b, c) = (what % 32, usize::from(a), usize::from(b), usize::from(c));
        let twice = c % 4 == 3;
        match which {
            0..=5 => {
                // The newest question mostly, an old one at times.
                let Some((n, path, q)) = latest(&self.asked, a) else { return };
                let value = [json!(true), json!(false), json!("a"), json!(0.1 + 0.2), Value::Null, json!({"x": [1]})];
                let value = value[b % value.len()].clone();
                let by = ["employee", "bo"][c % 2].to_owned();
                self.feed(n, Input::Answer { path, question: q.id, value, by }, twice);
            }
            6..=11 => {
                let Some((n, path, digest)) = latest(&self.proposals, a) else { return };
                let (id, role) = [
                    ("bo", "on-call"),
                    ("cy", "on-call"),
                    ("bo", "on-call"),
                    ("cy", "on-call"),
                    ("employee", "on-call"),
                    ("eve", "staff"),
                    ("bot", "bot"),
                ][b % 7];
                let by = Voter { id: id.into(), emails: vec![format!("{id}@example.com")], roles: vec![role.into()] };
                let digest = if c % 8 == 7 { "0".repeat(64) } else { digest };
                let granted = c % 8 != 6;
                self.feed(n, Input::Vote { path, by, granted, comment: None, digest }, twice);
            }
            12..=14 => {
                self.next_timer(if a % 4 == 3 { 90 } else { 0 });
            }
            15 => {
                let Some((n, id, due)) = latest(&self.stale, a) else { return };
                let due = if b % 2 == 0 || self.runs[n].run.timers().get(&id) == Some(&due) {
                    due.checked_add(SignedDuration::from_secs(1)).expect("later")
                } else {
                    due
                };
                let armed = self.runs[n].run.clone();
                self.feed(n, Input::Timer { id, due }, false);
                assert_eq!(armed, self.runs[n].run, "a stale timer does nothing");
            }
            16..=21 => {
                let Some((n, path, attempt)) = latest(&self.calls, a) else { return };
                let failed = |retryable| Outcome::Failed { code: "x".into(), message: "no".into(), retryable };
                let outcome = match b % 8 {
                    0 => failed(true),
                    1 => failed(false),
                    2 => Outcome::Unknown { why: "cut off".into() },
                    3 => Outcome::Done { outputs: Value::Null },
                    _ => Outcome::Done { outputs: json!({"verdict": "bad", "share": 0.1 + 0.7}) },
                };
                self.feed(n, Input::CallEnded { path, attempt, outcome }, twice);
            }
            22 | 23 => {
                self.deliver();
            }
            24 => {
                if let Some((n, input)) = latest(&self.history, a.wrapping_mul(7)) {
                    self.feed(n, input, false);
                }
            }
            25 => self.restart(),
            26 => {
                if a % 8 == 0 {
                    let n = b % self.runs.len();
                    self.feed(n, Input::Cancel { by: "bo".into(), why: "x".into() }, twice);
                }
            }
            27 | 28 => {
                use Resolution::{Happened, RunNow, Skip};
                let Some((n, path)) = latest(&self.unknown, a) else { return };
                self.feed(n, Input::Resolve { path, by: "bo".into(), choice: [Happened, RunNow, Skip][b % 3] }, twice);
            }
            29 => {
                let open = self.asked.iter().map(|(n, p, _)| (*n, p.clone()));
                let open: Vec<_> = open.chain(self.proposals.iter().map(|(n, p, _)| (*n, p.clone()))).collect();
                if let Some((n, path)) = latest(&open, a) {
                    self.feed(n, Input::Nobody { path }, twice);
                }
            }
            30 => {
                let payload = [json!({"n": 1}), json!({"n": 2}), json!({"n": "text"}), json!({}), json!(null)];
                let payload = payload[a % payload.len()].clone();
                for n in 0..self.runs.len() {
                    self.feed(n, Input::Event { name: "x.y".into(), payload: payload.clone() }, twice);
                }
            }
            _ => self.feed(0, Input::Joined { who: format!("u{}", a % 3) }, twice),
        }
    }

    /// Nobody does anything any more: time alone must bring every run to its end.
    pub fn run_out(&mut self) {
        for _ in 0..20_000 {
            if !self.deliver() && !self.next_timer(0) {
                break;
            }
        }
        for one in &self.runs {
            let over = one.ledger.over(&one.run);
            assert!(over.is_some(), "time alone does not end {}: {:?}", one.run.id(), one.run.waiting_on());
            for ((path, attempt), waits) in &one.ledger.children {
                assert!(!waits, "{path}/{attempt} was left running");
            }
        }
    }
}

fn latest<T: Clone>(list: &[T], back: usize) -> Option<T> {
    let back = if back < 128 { back % 2 } else { back };
    list.len().checked_sub(1 + back % list.len().max(1)).map(|n| list[n].clone())
}
