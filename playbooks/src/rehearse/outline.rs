//! What a playbook may do at most, read from the file alone: whom it reaches, what needs a yes, which secrets and
//! actions it uses, and how long it can take.

use crate::library::Library;
use crate::model::{Handler, Kind, ListRef, Playbook, Step, WaitFor};
use nightbell_core::duration::Span;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Levels that `escalate` climbs when nothing else is configured.
const LEVELS: u32 = 3;

/// An approval that may be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Approval {
    /// Step.
    pub step: String,
    /// Who may.
    pub by: String,
    /// Who may not, beside those who never may.
    pub not_by: Vec<String>,
    /// How many must agree.
    pub quorum: u32,
    /// The action.
    pub action: String,
    /// Its class.
    pub effect: String,
    /// What takes it back.
    pub inverse: Option<String>,
}

/// How long a run can take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Longest {
    /// Along the longest way, cut at the run's own limit.
    pub span: Span,
    /// What has no limit of its own, in words: only the run's limit ends it.
    pub open_ended: Vec<String>,
}

/// The actions it calls, each once, in alphabetical order.
pub fn actions(playbook: &Playbook) -> Vec<String> {
    let steps = playbook.walk();
    let all: BTreeSet<String> = crate::load::calls(&steps).into_iter().map(|c| c.action.clone()).collect();
    all.into_iter().collect()
}

/// Whom it reaches and in which steps.
pub fn people(playbook: &Playbook) -> Vec<(String, Vec<String>)> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for step in playbook.walk() {
        let who: Vec<String> = match &step.kind {
            Kind::Ask(a) => vec![a.to.clone()],
            Kind::Approve(a) => vec![a.by.clone()],
            Kind::Uses(c) => {
                let given = |key: &str| c.with.get(key).and_then(Value::as_str).map(str::to_owned);
                match c.action.as_str() {
                    "oncall.page" => vec!["role:on-call".to_owned()],
                    "chat.reply" => vec![given("to").unwrap_or_else(|| "the reporters".to_owned())],
                    "chat.post" => vec![format!("channel {}", given("channel").unwrap_or_default())],
                    "guide.show" => given("to").into_iter().collect(),
                    "identity.mfa_push" | "awareness.assign" => given("user").into_iter().collect(),
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        for w in who {
            out.entry(w).or_default().push(step.id.clone());
        }
        if matches!((&step.kind, step.late()), (Kind::Ask(_) | Kind::Approve(_), Handler::Escalate)) {
            out.entry("further levels of the escalation".to_owned()).or_default().push(step.id.clone());
        }
    }
    out.into_iter().collect()
}

/// Every approval in the order of the file.
pub fn approvals(playbook: &Playbook) -> Vec<Approval> {
    let one = |s: &&Step| match &s.kind {
        Kind::Approve(a) => {
            let manifest = playbook.manifest(&a.action.action);
            Some(Approval {
                step: s.id.clone(),
                by: a.by.clone(),
                not_by: a.not_by.clone(),
                quorum: a.quorum,
                action: a.action.action.clone(),
                effect: manifest.map_or_else(|| "unknown".to_owned(), |m| m.effect.word().to_owned()),
                inverse: s.undo.as_ref().map(|u| u.action.clone()).or_else(|| manifest?.inverse.clone()),
            })
        }
        _ => None,
    };
    playbook.walk().iter().filter_map(one).collect()
}

/// The worst case over deadlines, pauses and tries, called playbooks included.
pub fn longest(playbook: &Playbook, library: &Library) -> Longest {
    let mut open_ended = BTreeSet::new();
    let main = Walk { playbook, library, open: &mut open_ended, depth: 0 }.list(&playbook.steps);
    let failing = Walk { playbook, library, open: &mut open_ended, depth: 0 }.list(&playbook.on_failure);
    // The handler of the run begins when its limit is over at the latest.
    let span = if open_ended.is_empty() { main.min(playbook.timeout.0) } else { playbook.timeout.0 };
    Longest { span: Span(span.saturating_add(failing)), open_ended: open_ended.into_iter().collect() }
}

struct Walk<'a> {
    playbook: &'a Playbook,
    library: &'a Library,
    open: &'a mut BTreeSet<String>,
    depth: u32,
}

impl Walk<'_> {
    fn list(&mut self, steps: &[Step]) -> Duration {
        steps.iter().fold(Duration::ZERO, |sum, s| sum.saturating_add(self.step(s)))
    }

    fn step(&mut self, step: &Step) -> Duration {
        let own = self.own(step);
        let container = matches!(step.kind, Kind::Parallel(_) | Kind::ForEach(_) | Kind::Repeat(_) | Kind::Playbook(_));
        let own = step.timeout.filter(|_| container).map_or(own, |t| own.min(t.0));
        let handlers = step.lists();
        let longest = handlers
            .iter()
            .filter(|(l, _)| matches!(l, ListRef::OnError(_) | ListRef::OnTimeout(_)))
            .map(|(_, steps)| self.list(steps))
            .max();
        own.saturating_add(longest.unwrap_or_default())
    }

    fn own(&mut self, step: &Step) -> Duration {
        let manifest = |name: &str| self.playbook.manifest(name).map_or(Duration::from_secs(30), |m| m.timeout.0);
        let levels = if matches!(step.late(), Handler::Escalate) { LEVELS } else { 1 };
        let asked = step.deadline().map_or(Duration::ZERO, |d| d.0.saturating_mul(levels));
        match &step.kind {
            Kind::Uses(c) => step.timeout.map_or_else(|| manifest(&c.action), |t| t.0),
            Kind::Ask(_) => asked,
            Kind::Approve(a) => {
                let (tries, pause) = step.retry.as_ref().map_or((1, Duration::ZERO), |r| (r.attempts, r.max_delay.0));
                let calls = manifest(&a.action.action).saturating_mul(tries);
                asked.saturating_add(calls).saturating_add(pause.saturating_mul(tries.saturating_sub(1)))
            }
            Kind::Switch(cases) => cases.iter().map(|(_, s)| self.list(s)).max().unwrap_or_default(),
            Kind::Parallel(p) => p.branches.iter().map(|(_, s)| self.list(s)).max().unwrap_or_default(),
            Kind::ForEach(e) => {
                if step.timeout.is_none() {
                    self.note(step, "goes through a list of any length");
                }
                self.list(&e.steps)
            }
            Kind::Repeat(r) => self.list(&r.steps).saturating_add(r.delay.0).saturating_mul(r.max),
            Kind::Wait(w) => self.wait(step, &w.until),
            Kind::Playbook(sub) => self.called(step, &sub.reference()),
            Kind::Set(_) | Kind::End(_) => Duration::ZERO,
        }
    }

    fn wait(&mut self, step: &Step, until: &WaitFor) -> Duration {
        if let Some(t) = step.timeout {
            return t.0;
        }
        match until {
            WaitFor::For(text) => match text.parse::<Span>() {
                Ok(span) => return span.0,
                Err(_) => self.note(step, "waits for a time that is computed"),
            },
            WaitFor::Until(_) => self.note(step, "waits until an instant that is computed"),
            WaitFor::Event { name, .. } => self.note(step, &format!("waits for the event {name} without a time-out")),
        }
        Duration::ZERO
    }

    fn called(&mut self, step: &Step, reference: &str) -> Duration {
        let tries = step.retry.as_ref().map_or(1, |r| r.attempts);
        let Some(callee) = self.library.resolve(reference) else {
            self.note(step, &format!("calls {reference}, which is not there"));
            return Duration::ZERO;
        };
        if self.depth >= 8 {
            return callee.timeout.0;
        }
        let mut open = BTreeSet::new();
        let inner = Walk { playbook: &callee, library: self.library, open: &mut open, depth: self.depth + 1 };
        let mut inner = inner;
        let span = inner.list(&callee.steps).min(callee.timeout.0);
        let span = if open.is_empty() { span } else { callee.timeout.0 };
        span.saturating_mul(tries)
    }

    fn note(&mut self, step: &Step, what: &str) {
        self.open.insert(format!("{} {what}", step.id));
    }
}
