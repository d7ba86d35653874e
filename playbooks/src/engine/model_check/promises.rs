//! What must hold after every input, whatever the playbook and the order of events.

use crate::api::{Effect, Input, RunStatus};
use crate::engine::state::{Holds, Run, StepStatus};
use crate::engine::{Advance, Record, What, paths};
use crate::model::{Kind, ListRef, Playbook, WaitFor, WaitSpec};
use jiff::Timestamp;
use nightbell_core::action::{Idempotent, Outcome};
use nightbell_core::approval::Decision;
use nightbell_core::canonical;
use std::collections::{BTreeMap, BTreeSet};

/// Largest state that one of the small playbooks may grow to, in bytes of JSON.
const MAX_STATE: usize = 256 * 1024;

/// Books kept beside a run from its records and effects alone.
#[derive(Default)]
pub struct Ledger {
    last: Option<Timestamp>,
    /// Armed timers, as the records and as the effects say.
    timers: BTreeMap<String, Timestamp>,
    armed: BTreeMap<String, Timestamp>,
    /// Open forms, as the records and as the effects say.
    asks: BTreeSet<String>,
    seen: BTreeSet<String>,
    approvals: BTreeMap<String, Asked>,
    /// Open approvals as people see them.
    cards: BTreeSet<String>,
    /// Called playbooks: false once nobody waits for them.
    pub children: BTreeMap<(String, u32), bool>,
    /// Keys of changes without protection: whether they may leave (again).
    once: BTreeMap<String, bool>,
    keys: BTreeMap<String, String>,
    ends: u32,
    /// The fold of the records after a trip through their stored form.
    shadow: Option<Run>,
}

struct Asked {
    args: String,
    quorum: usize,
    yes: BTreeSet<String>,
    decision: Option<Decision>,
}

impl Ledger {
    /// Takes one turn of the engine into the books.
    pub fn take(&mut self, pb: &Playbook, run: &Run, input: Option<&Input>, advance: &Advance) {
        let after_end = self.ends > 0;
        for record in &advance.records {
            self.record(pb, input, record);
        }
        for effect in &advance.effects {
            if after_end {
                assert!(matches!(effect, Effect::Refused { .. }), "an ended run does nothing: {effect:?}");
            }
            self.effect(pb, effect);
        }
        assert_eq!(self.timers, *run.timers(), "timers of the records");
        assert_eq!(self.armed, self.timers, "timers of the effects");
        let shadow = self.shadow.as_mut().expect("a run begins with a record");
        assert_eq!(shadow, run, "replay is live");
        let text = serde_json::to_string(run).expect("state is data");
        assert_eq!(
            serde_json::from_str::<Run>(&text).expect("state reads back"),
            *run,
            "state survives its stored form"
        );
        assert!(text.len() < MAX_STATE, "the state has {} bytes", text.len());
        self.screens(run);
        self.rests(pb, run);
    }

    fn record(&mut self, pb: &Playbook, input: Option<&Input>, record: &Record) {
        assert!(self.last.is_none_or(|t| t <= record.at), "the journal is in order");
        self.last = Some(record.at);
        let text = serde_json::to_string(record).expect("records are data");
        let stored: Record = serde_json::from_str(&text).expect("records read back");
        assert_eq!(stored, *record, "a record survives its stored form");
        self.shadow.get_or_insert_with(Run::blank).apply(pb, &stored);
        match &record.what {
            What::TimerSet { id, due } => {
                assert_eq!(self.timers.insert(id.clone(), *due), None, "{id} is armed once");
            }
            What::TimerFired { id, .. } | What::TimerCancelled { id } => {
                assert!(self.timers.remove(id).is_some(), "{id} fires or is cancelled once");
                if matches!(record.what, What::TimerFired { .. }) {
                    self.armed.remove(id);
                }
            }
            What::AskOpened { path, .. } => {
                assert!(self.seen.insert(path.clone()), "{path} is asked once");
                self.asks.insert(path.clone());
            }
            What::ApprovalAsked { path, digest, opened } => {
                assert!(self.seen.insert(path.clone()), "{path} is put to people once");
                assert_eq!(*digest, opened.proposal.digest());
                let (args, quorum) = (canonical::digest(&opened.proposal.args), opened.quorum as usize);
                self.approvals.insert(path.clone(), Asked { args, quorum, yes: BTreeSet::new(), decision: None });
            }
            What::ApprovalVote { path, by, granted: true, refused: None, .. } => {
                assert!(matches!(by.as_str(), "bo" | "cy"), "{by} may not decide");
                self.approvals.get_mut(path).expect("asked before").yes.insert(by.clone());
            }
            What::ApprovalDecided { path, decision, .. } => {
                let asked = self.approvals.get_mut(path).expect("asked before");
                assert_eq!(asked.decision, None, "{path} is decided once");
                asked.decision = Some(*decision);
                if *decision == Decision::Granted {
                    assert!(asked.yes.len() >= asked.quorum, "{path} has {:?} of {}", asked.yes, asked.quorum);
                }
            }
            What::StepStarted { path, call, args_digest, .. } => {
                assert_eq!(*args_digest, canonical::digest(&call.args));
                self.keys.insert(path.clone(), call.key.clone());
            }
            What::StepScheduled { path, .. } => {
                // Another try of something that certainly did not happen.
                let failed = matches!(input, Some(Input::CallEnded { outcome: Outcome::Failed { .. }, .. }));
                if let Some(key) = self.keys.get(path).filter(|_| failed) {
                    self.once.insert(key.clone(), true);
                }
            }
            What::Resolved { path, .. } => {
                if let Some(key) = self.keys.get(path) {
                    self.once.insert(key.clone(), true);
                }
            }
            What::RunEnded { status, .. } => {
                assert!(status.ended());
                self.ends += 1;
                assert_eq!(self.ends, 1, "one end");
            }
            _ => {}
        }
    }

    fn effect(&mut self, pb: &Playbook, effect: &Effect) {
        match effect {
            Effect::SetTimer { id, due } => {
                // One that fired in the same turn is gone already.
                self.armed.insert(id.clone(), *due);
            }
            Effect::CancelTimer { id, due } => {
                assert_eq!(self.armed.remove(id), Some(*due), "{id} is disarmed with the instant it was armed with");
            }
            Effect::Call { path, call, class, .. } => {
                if !class.needs_approval() {
                    return;
                }
                let asked = self.approvals.get(path).unwrap_or_else(|| panic!("{path} was never asked"));
                assert_eq!(asked.decision, Some(Decision::Granted), "{path} was called without a yes");
                assert_eq!(asked.args, canonical::digest(&call.args), "{path} does what was approved");
                if pb.manifest(&call.action).expect("manifest").idempotent == Idempotent::None {
                    let may = self.once.insert(call.key.clone(), false).unwrap_or(true);
                    assert!(may, "{path} was repeated without a human");
                }
            }
            Effect::Ask { path, .. } => assert!(self.seen.contains(path)),
            Effect::AskClosed { path, .. } => assert!(self.asks.remove(path), "{path} is closed once"),
            Effect::Approve { path, .. } => assert!(self.cards.insert(path.clone()), "{path} is shown once"),
            Effect::ApproveClosed { path, .. } => assert!(self.cards.remove(path), "{path} is closed once"),
            Effect::StartChild { path, attempt, .. } => {
                assert_eq!(self.children.insert((path.clone(), *attempt), true), None, "{path} is called once");
            }
            Effect::CancelChild { path, attempt } => {
                let waits = self.children.insert((path.clone(), *attempt), false);
                assert_eq!(waits, Some(true), "{path}/{attempt}: only what runs is cancelled");
            }
            _ => {}
        }
    }

    /// What is open in the run is open on the screens, and nothing else is.
    fn screens(&self, run: &Run) {
        let open = |f: fn(&super::super::StepState) -> bool| -> BTreeSet<String> {
            run.steps.iter().filter(|(_, s)| f(s)).map(|(p, _)| p.clone()).collect()
        };
        assert_eq!(self.asks, open(|s| s.ask.is_some() && s.status == StepStatus::Waiting), "open questions");
        assert_eq!(self.cards, open(|s| s.approve.as_ref().is_some_and(|a| a.decision.is_none())), "open approvals");
    }

    /// Nothing is stuck: each thread is at an open step, each open step is in a thread, and each of them has
    /// something that will move it: a timer, a call, a question, a called playbook, a human.
    fn rests(&self, pb: &Playbook, run: &Run) {
        let open: BTreeSet<&String> = run.steps.iter().filter(|(_, s)| s.status.open()).map(|(p, _)| p).collect();
        if run.status().ended() {
            assert!(self.ends == 1 && open.is_empty() && run.threads.is_empty(), "open after the end: {open:?}");
            assert!(run.timers().is_empty(), "timers after the end");
            return;
        }
        assert!(!run.threads.is_empty(), "an open run without a thread");
        let mut current = BTreeSet::new();
        for thread in &run.threads {
            assert!(!thread.frames.is_empty(), "a thread without a place: {thread:?}");
            for (n, frame) in thread.frames.iter().enumerate() {
                let step = pb.list(&frame.list).get(frame.index).expect("a thread stands at a step");
                let path = format!("{}{}", thread.prefix, step.id);
                let status = run.step_status(&path);
                let over = matches!(status, StepStatus::Failed | StepStatus::TimedOut);
                match thread.frames.get(n + 1).map(|f| &f.list) {
                    Some(ListRef::OnError(_) | ListRef::OnTimeout(_)) => assert!(over, "{path} is {status:?}"),
                    _ => assert!(status.open(), "{path} is {status:?}"),
                }
                current.insert(path);
            }
            assert!(thread.owner.is_empty() || open.contains(&thread.owner), "{} holds a thread", thread.owner);
        }
        for path in open {
            assert!(current.contains(path), "{path} is open and in no thread");
            self.moves(pb, run, path);
        }
        for id in run.timers().keys() {
            let path = id.split('/').next().unwrap_or_default();
            assert!(path == "run" || run.step_status(path).open(), "{id} belongs to nothing");
        }
    }

    fn moves(&self, pb: &Playbook, run: &Run, path: &str) {
        let state = &run.steps[path];
        let timer = |kind: &str| run.timers().keys().any(|id| id.starts_with(&format!("{path}/{kind}")));
        let step = pb.step(paths::leaf(path)).expect("a step of the file");
        let moved = match (&step.kind, state.status) {
            (Kind::Switch(_), _) => true,
            (Kind::Uses(_), StepStatus::Running) => state.call.is_some() && timer("timeout"),
            (Kind::Approve(_), StepStatus::Running) => state.call.is_some() && timer("call"),
            (Kind::Uses(_) | Kind::Approve(_), StepStatus::Unknown) => state.call.is_some(),
            (Kind::Ask(_), _) => timer("timeout/"),
            (Kind::Approve(_), StepStatus::Waiting) => timer("timeout/") || timer("retry/"),
            (Kind::Uses(_), StepStatus::Waiting) => timer("retry/"),
            (Kind::Playbook(_), StepStatus::Waiting) => {
                timer("retry/") || self.children.get(&(path.to_owned(), state.attempts)) == Some(&true)
            }
            (Kind::Wait(WaitSpec { until: WaitFor::Event { .. }, .. }), _) => {
                timer("timeout") || run.timers().contains_key("run/timeout")
            }
            (Kind::Wait(_), _) => timer("wait"),
            (Kind::Repeat(_), StepStatus::Waiting) => timer("round"),
            (Kind::Parallel(_) | Kind::ForEach(_) | Kind::Repeat(_), StepStatus::Running) => {
                assert!(!matches!(state.holds, None | Some(Holds::Child { .. })));
                run.threads.iter().any(|t| t.owner == path)
            }
            _ => false,
        };
        assert!(moved, "nothing moves {path}, a {} that is {:?}: {:?}", step.kind.word(), state.status, run.timers());
    }

    /// How the run ended, if it has.
    pub fn over(&self, run: &Run) -> Option<RunStatus> {
        (self.ends == 1).then(|| run.status())
    }
}
