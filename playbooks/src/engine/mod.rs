//! The engine: a fold over records, driven by inputs (`playbooks.md` section 9).
//!
//! Each call of [`Run::start`] or [`Run::advance`] gives records and effects that belong into one commit.
//! Nothing here looks at a clock: `now` comes in, is journalled, and is what `now()` gives in expressions.

mod approve;
mod ask;
mod call;
mod drive;
mod hours;
mod input;
mod loops;
#[cfg(test)]
mod model_check;
pub(crate) mod paths;
mod people;
mod record;
mod state;
mod undo;
mod view;

pub use ask::validate;
pub use call::{fits, type_word};
pub(crate) use paths::At;
pub use record::{Failure, Opened, Record, Then, Undo, What};
pub use state::{Holds, Run, StepState, StepStatus};
pub(crate) use view::Visible;
pub use view::{hide, hide_in};

use crate::api::{Effect, Input, RunStatus, Start};
use crate::model::{ListRef, Playbook};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The one name by which a person's value is known: the id, else the address.
pub fn person_id(v: &Value) -> Option<String> {
    people::names(v).into_iter().next()
}

/// Steps that one run may execute.
pub const MAX_STEPS: u32 = 10_000;

/// Records to journal and effects to carry out, in this order and in one commit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Advance {
    /// For the journal.
    pub records: Vec<Record>,
    /// For the world.
    pub effects: Vec<Effect>,
}

/// Why the engine did not take an input at all. The run is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct EngineError {
    /// Code of the catalogue.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// The input that is missing or wrong, so that a person can be asked for it.
    pub input: Option<String>,
}

impl EngineError {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), input: None }
    }
}

/// One turn of the crank.
pub(crate) struct Machine<'a> {
    pub(crate) pb: &'a Playbook,
    pub(crate) run: Run,
    pub(crate) now: Timestamp,
    pub(crate) records: Vec<Record>,
    pub(crate) effects: Vec<Effect>,
}

impl<'a> Machine<'a> {
    fn new(pb: &'a Playbook, run: Run, now: Timestamp) -> Self {
        Self { pb, run, now, records: Vec::new(), effects: Vec::new() }
    }

    /// The only way in which state changes.
    pub(crate) fn record(&mut self, what: What) {
        let record = Record { at: self.now, what };
        self.run.apply(self.pb, &record);
        self.records.push(record);
    }

    pub(crate) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(crate) fn arm(&mut self, id: String, due: Timestamp) {
        self.record(What::TimerSet { id: id.clone(), due });
        self.effect(Effect::SetTimer { id, due });
    }

    /// Disarms every timer of a step.
    pub(crate) fn disarm(&mut self, path: &str) {
        let prefix = format!("{path}/");
        let ids: Vec<(String, Timestamp)> =
            self.run.timers.iter().filter(|(id, _)| id.starts_with(&prefix)).map(|(i, d)| (i.clone(), *d)).collect();
        for (id, due) in ids {
            self.record(What::TimerCancelled { id: id.clone() });
            self.effect(Effect::CancelTimer { id, due });
        }
    }

    fn finish(self) -> (Run, Advance) {
        (self.run, Advance { records: self.records, effects: self.effects })
    }
}

impl Run {
    /// Starts a run: binds the inputs, renders the key of deduplication and goes as far as it can.
    pub fn start(playbook: &Playbook, start: Start, now: Timestamp) -> Result<(Self, Advance), EngineError> {
        let inputs = playbook.bind(&start.trigger, &start.inputs, now)?;
        let dedupe_key = playbook.dedupe_key(&start.trigger, &inputs, now)?;
        let vars: Map<String, Value> = playbook.vars.iter().cloned().collect();
        let mut m = Machine::new(playbook, Self::blank(), now);
        m.record(What::RunCreated {
            run: start.run,
            playbook: playbook.id.clone(),
            version: playbook.version.clone(),
            definition_digest: playbook.digest.clone(),
            trigger: start.trigger,
            inputs,
            vars,
            requester: start.requester,
            levels: start.levels.max(1),
            dedupe_key,
            pins: start.pins,
            depth: start.depth,
            excluded: start.excluded,
            hours: start.hours,
        });
        m.arm("run/timeout".to_owned(), playbook.timeout.after(now));
        m.initial_vars();
        m.drive();
        Ok(m.finish())
    }

    /// Takes one input. Unknown, late and duplicate inputs are harmless.
    pub fn advance(&mut self, playbook: &Playbook, input: Input, now: Timestamp) -> Result<Advance, EngineError> {
        self.check(playbook)?;
        let mut m = Machine::new(playbook, std::mem::replace(self, Self::blank()), now);
        m.take(input);
        m.drive();
        let (run, advance) = m.finish();
        *self = run;
        Ok(advance)
    }

    /// After a restart: calls that left without a result are sent again where that is safe, put to a human
    /// where it is not (`playbooks.md` section 9.3). Open questions, approvals and timers are the caller's to
    /// show again; they are in its outbox and in [`Run::timers`].
    pub fn resume(&mut self, playbook: &Playbook, now: Timestamp) -> Result<Advance, EngineError> {
        self.check(playbook)?;
        let mut m = Machine::new(playbook, std::mem::replace(self, Self::blank()), now);
        m.recover();
        m.drive();
        let (run, advance) = m.finish();
        *self = run;
        Ok(advance)
    }

    fn check(&self, playbook: &Playbook) -> Result<(), EngineError> {
        if self.digest == playbook.digest {
            return Ok(());
        }
        Err(EngineError::new(
            "NB2012",
            format!("the run `{}` belongs to another definition of `{}`", self.id, playbook.id),
        ))
    }
}

impl<'a> Machine<'a> {
    pub(crate) fn ended(&self) -> bool {
        self.run.ended.is_some()
    }

    /// A step by its path.
    pub(crate) fn at(&self, path: &str) -> Option<At<'a>> {
        Some(At { step: self.pb.step(paths::leaf(path))?, path: path.to_owned() })
    }

    /// Closes whatever is open: nothing may stay on a screen after the run has ended or failed.
    pub(crate) fn close_open(&mut self) {
        let open = self.run.steps.iter().filter(|(_, s)| s.status.open()).map(|(p, _)| p.clone()).collect();
        self.close(open);
    }

    /// Closes whatever is open within a step.
    pub(crate) fn close_within(&mut self, holder: &str) {
        let inner = |p: &&String| paths::within(self.pb, p, holder);
        let open = self.run.steps.iter().filter(|(_, s)| s.status.open()).map(|(p, _)| p).filter(inner);
        let open = open.cloned().collect();
        self.close(open);
    }

    fn close(&mut self, open: Vec<String>) {
        for path in open {
            self.close_people(&path, false);
            self.leave_child(&path);
            self.disarm(&path);
            self.record(What::StepCancelled { path });
        }
    }

    /// Cancels the playbook that a step called and still waits for.
    pub(crate) fn leave_child(&mut self, path: &str) {
        let waits = |s: &&StepState| matches!(s.holds, Some(Holds::Child { .. })) && s.status.open();
        let Some(attempt) = self.run.steps.get(path).filter(waits).map(|s| s.attempts) else { return };
        // In the pause before another try nothing runs.
        if !self.run.timers.contains_key(&format!("{path}/retry/{attempt}")) {
            self.effect(Effect::CancelChild { path: path.to_owned(), attempt });
        }
    }

    pub(crate) fn end(
        &mut self,
        status: RunStatus,
        outcome: String,
        outputs: std::collections::BTreeMap<String, Value>,
        feedback: bool,
    ) {
        self.close_open();
        self.disarm("run");
        self.record(What::RunEnded { status, outcome: outcome.clone(), outputs: outputs.clone() });
        self.effect(Effect::Ended { status, outcome, outputs, feedback });
    }

    /// Whether the failure handler of the run is at work.
    pub(crate) fn failing(&self) -> bool {
        let first = self.run.threads.first().and_then(|t| t.frames.first());
        first.is_some_and(|f| f.list == ListRef::OnFailure)
    }

    pub(crate) fn begin_failure(&mut self, failure: Failure) {
        self.close_open();
        if self.failing() || self.pb.on_failure.is_empty() {
            if self.run.failure.is_none() {
                self.record(What::Failing { failure });
            }
            self.end(RunStatus::Failed, String::new(), std::collections::BTreeMap::new(), false);
            return;
        }
        self.record(What::Failing { failure });
    }
}
