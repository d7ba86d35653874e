//! How a run stands, for those who draw or store it.

use super::record::Failure;
use super::state::{Run, StepState, StepStatus};
use crate::api::RunStatus;
use crate::expr::Context;
use crate::model::Playbook;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Run {
    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }
    /// Id of its playbook.
    pub fn playbook(&self) -> &str {
        &self.playbook
    }
    /// Digest of the definition it runs under for life.
    pub fn digest(&self) -> &str {
        &self.digest
    }
    /// When it began.
    pub const fn started_at(&self) -> Timestamp {
        self.started_at
    }
    /// Who started it.
    pub fn requester(&self) -> Option<&str> {
        self.requester.as_deref()
    }
    /// The bound inputs.
    pub const fn inputs(&self) -> &Map<String, Value> {
        &self.inputs
    }
    /// The variables as they are now.
    pub const fn vars(&self) -> &Map<String, Value> {
        &self.vars
    }
    /// The rendered key of deduplication.
    pub fn dedupe_key(&self) -> Option<&str> {
        self.dedupe_key.as_deref()
    }
    /// Who joined through deduplication.
    pub fn joined(&self) -> &[String] {
        &self.joined
    }
    /// Why it failed or which failure is being handled.
    pub const fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref()
    }
    /// The outcome word of `end`; empty before the end.
    pub fn outcome(&self) -> &str {
        self.ended.as_ref().map_or("", |(_, o)| o)
    }
    /// Rendered outputs; empty before the end.
    pub const fn outputs(&self) -> &BTreeMap<String, Value> {
        &self.outputs
    }
    /// Armed timers by id, to arm them again after a restart.
    pub const fn timers(&self) -> &BTreeMap<String, Timestamp> {
        &self.timers
    }
    /// A step's state; None when it was not reached.
    pub fn step(&self, path: &str) -> Option<&StepState> {
        self.steps.get(path)
    }

    /// Status of the run.
    pub fn status(&self) -> RunStatus {
        if let Some((status, _)) = &self.ended {
            return *status;
        }
        let has = |s: StepStatus| self.open_leaves().any(|(_, x)| x.status == s);
        if has(StepStatus::Unknown) {
            RunStatus::NeedsHuman
        } else if has(StepStatus::Waiting) && !has(StepStatus::Running) {
            RunStatus::Waiting
        } else {
            RunStatus::Running
        }
    }

    /// Steps that wait for something outside, containers excepted.
    pub(crate) fn open_leaves(&self) -> impl Iterator<Item = (&String, &StepState)> {
        let container =
            |id: &str| self.frames.iter().any(|f| matches!(&f.list, crate::model::ListRef::Case(s, _) if s == id));
        self.steps.iter().filter(move |(id, s)| s.status.open() && !container(id))
    }

    /// Paths of the steps that wait for something outside.
    pub fn waiting_on(&self) -> Vec<String> {
        if self.ended.is_some() {
            return Vec::new();
        }
        self.open_leaves().map(|(id, _)| id.clone()).collect()
    }

    /// Every step of the playbook with its status, in the order of the file.
    pub fn step_statuses(&self, playbook: &Playbook) -> Vec<(String, StepStatus)> {
        playbook.walk().into_iter().map(|s| (s.id.clone(), self.step_status(&s.id))).collect()
    }

    /// Status of one step.
    pub fn step_status(&self, path: &str) -> StepStatus {
        self.steps.get(path).map_or(StepStatus::Pending, |s| s.status)
    }

    /// What expressions see now.
    pub(crate) fn context(&self, playbook: &Playbook, now: Timestamp, extra: &[(&str, Value)]) -> Context {
        let mut steps = Map::new();
        for step in playbook.walk() {
            let (status, outputs, attempts, error) = self.steps.get(&step.id).map_or_else(
                || (StepStatus::Pending, json!({}), 0, Value::Null),
                |s| (s.status, s.outputs.clone(), s.attempts, s.error.as_ref().map_or(Value::Null, failure_value)),
            );
            let value = json!({"status": status.word(), "outputs": outputs, "attempts": attempts, "error": error});
            steps.insert(step.id.clone(), value);
        }
        let mut roots = Map::new();
        roots.insert("trigger".into(), self.trigger.clone());
        roots.insert("inputs".into(), Value::Object(self.inputs.clone()));
        roots.insert("vars".into(), Value::Object(self.vars.clone()));
        roots.insert("steps".into(), Value::Object(steps));
        let about = json!({
            "id": self.id, "started_at": self.started_at.to_string(), "playbook": self.playbook, "version": self.version,
        });
        roots.insert("run".into(), about);
        if let Some(f) = &self.failure {
            roots.insert("failure".into(), failure_value(f));
        }
        for (name, value) in extra {
            roots.insert((*name).to_owned(), value.clone());
        }
        Context::new(&roots, now)
    }
}

pub(crate) fn failure_value(f: &Failure) -> Value {
    json!({"step": f.step, "code": f.code, "message": f.message, "at": f.at.to_string()})
}
