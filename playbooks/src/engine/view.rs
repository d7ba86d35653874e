//! How a run stands, for those who draw or store it.

use super::paths;
use super::record::Failure;
use super::state::{Run, StepState, StepStatus};
use crate::api::RunStatus;
use crate::expr::Context;
use crate::model::{Kind, Playbook, WaitFor, WaitSpec};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
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
        let cases: Vec<String> = self
            .threads
            .iter()
            .flat_map(|t| t.frames.iter().map(move |f| (t, f)))
            .filter_map(|(t, f)| match &f.list {
                crate::model::ListRef::Case(id, _) => Some(format!("{}{id}", t.prefix)),
                _ => None,
            })
            .collect();
        let holds = |s: &StepState| s.holds.is_some() && s.status == StepStatus::Running;
        self.steps.iter().filter(move |(path, s)| s.status.open() && !holds(s) && !cases.contains(path))
    }

    /// Paths of the steps that wait for something outside.
    pub fn waiting_on(&self) -> Vec<String> {
        if self.ended.is_some() {
            return Vec::new();
        }
        self.open_leaves().map(|(id, _)| id.clone()).collect()
    }

    /// Names of the events it waits for.
    pub fn awaits(&self, playbook: &Playbook) -> Vec<String> {
        let event = |path: &String| match &playbook.step(paths::leaf(path))?.kind {
            Kind::Wait(WaitSpec { until: WaitFor::Event { name, .. }, .. }) => Some(name.clone()),
            _ => None,
        };
        let mut out: Vec<String> = self.waiting_on().iter().filter_map(event).collect();
        out.sort();
        out.dedup();
        out
    }

    /// Every step of the playbook with its status, in the order of the file. A step of a loop stands for its
    /// turns: the one that is open, else the last.
    pub fn step_statuses(&self, playbook: &Playbook) -> Vec<(String, StepStatus)> {
        playbook.walk().into_iter().map(|s| (s.id.clone(), self.status_of(playbook, &s.id))).collect()
    }

    /// Status of a step of the file, whatever loop it stands in.
    pub fn status_of(&self, playbook: &Playbook, id: &str) -> StepStatus {
        if playbook.place(id).is_none_or(|p| p.scope.is_empty()) {
            return self.step_status(id);
        }
        let turns = || self.steps.iter().filter(|(path, _)| paths::leaf(path) == id).map(|(_, s)| s.status);
        turns().find(|s| s.open()).or_else(|| turns().last()).unwrap_or_else(|| self.past_turns(playbook, id))
    }

    /// A step whose turns are over: failed if any turn of it failed, else as in the last turn.
    fn past_turns(&self, playbook: &Playbook, id: &str) -> StepStatus {
        let Some(holder) = playbook.place(id).and_then(|p| p.scope.last()) else { return StepStatus::Pending };
        let Some((_, state)) = self.steps.iter().rev().find(|(path, _)| paths::leaf(path) == holder) else {
            return StepStatus::Pending;
        };
        let results = match &state.holds {
            Some(super::state::Holds::Items { results, .. }) => results.clone(),
            _ => state.outputs["results"].as_array().cloned().unwrap_or_default(),
        };
        let last = json!({"steps": state.outputs["last"]});
        let words: Vec<&str> =
            results.iter().chain([&last]).filter_map(|r| r["steps"][id]["status"].as_str()).collect();
        let word = words.iter().find(|w| **w == "failed").or_else(|| words.last()).copied().unwrap_or("pending");
        serde_json::from_value(json!(word)).unwrap_or_default()
    }

    /// Status of one step by its path.
    pub fn step_status(&self, path: &str) -> StepStatus {
        self.steps.get(path).map_or(StepStatus::Pending, |s| s.status)
    }

    /// What expressions at `path` see now. Nothing is copied until an expression names it.
    pub(crate) fn context<'r>(
        &'r self,
        playbook: &'r Playbook,
        now: Timestamp,
        path: &str,
        extra: &[(&str, Value)],
    ) -> Context<'r> {
        let prefix = paths::prefix(path);
        let mut context = Context::empty(now)
            .with("trigger", Cow::Borrowed(&self.trigger))
            .with_map("inputs", &self.inputs)
            .with_map("vars", &self.vars)
            .with("run", Cow::Owned(self.about()))
            .with_steps(Visible { run: self, playbook, prefix: prefix.to_owned() });
        for (holder, index, _) in paths::turns(prefix) {
            context = context.with("loop", Cow::Owned(json!({"index": index})));
            let items = self.steps.get(holder).and_then(|s| s.holds.as_ref());
            if let (Some(super::state::Holds::Items { items, .. }), Some(Kind::ForEach(each))) =
                (items, playbook.step(paths::leaf(holder)).map(|s| &s.kind))
                && let Some(item) = items.get(index)
            {
                context = context.with(&each.var, Cow::Borrowed(item));
            }
        }
        if let Some(f) = self.failure_at(playbook, path) {
            context = context.with("failure", Cow::Owned(failure_value(f)));
        }
        for (name, value) in extra {
            context = context.with(name, Cow::Owned(value.clone()));
        }
        context
    }

    fn about(&self) -> Value {
        json!({
            "id": self.id, "started_at": self.started_at.to_string(), "playbook": self.playbook, "version": self.version,
        })
    }

    /// The failure that the handler around `path` handles, else that of the run.
    fn failure_at(&self, playbook: &Playbook, path: &str) -> Option<&Failure> {
        let mut at = path.to_owned();
        while let Some((up, list)) = paths::parent(playbook, &at) {
            if matches!(list, crate::model::ListRef::OnError(_) | crate::model::ListRef::OnTimeout(_)) {
                return self.steps.get(&up).and_then(|s| s.error.as_ref());
            }
            at = up;
        }
        self.failure.as_ref()
    }

    /// Values that are never shown: masked outputs and sensitive inputs, as text.
    pub fn masked(&self, playbook: &Playbook) -> Vec<String> {
        let mut out = Vec::new();
        for (path, state) in &self.steps {
            for mask in playbook.step(paths::leaf(path)).map(|s| s.mask.as_slice()).unwrap_or_default() {
                let found = mask.split('.').try_fold(&state.outputs, |v, key| v.get(key));
                found.into_iter().for_each(|v| texts(v, &mut out));
            }
        }
        for input in playbook.inputs.iter().filter(|i| i.sensitive) {
            self.inputs.get(&input.name).into_iter().for_each(|v| texts(v, &mut out));
        }
        // The longest first, so that a value that stands in another one hides no part of it.
        out.sort_by_key(|s| std::cmp::Reverse(s.len()));
        out.dedup();
        out
    }
}

/// Texts of a value that are long enough to be hidden without hiding everything.
fn texts(v: &Value, out: &mut Vec<String>) {
    match v {
        Value::String(s) if s.trim().chars().count() >= 4 => out.push(s.trim().to_owned()),
        Value::Number(n) if n.to_string().len() >= 4 => out.push(n.to_string()),
        Value::Array(items) => items.iter().for_each(|v| texts(v, out)),
        Value::Object(map) => map.values().for_each(|v| texts(v, out)),
        _ => {}
    }
}

/// Puts `***` in the place of masked values.
pub fn hide(text: &str, masked: &[String]) -> String {
    masked.iter().fold(text.to_owned(), |t, value| t.replace(value, "***"))
}

/// The same in every text of a value; what hides nothing stays as it is.
pub fn hide_in(value: &Value, masked: &[String]) -> Value {
    match value {
        Value::String(s) => Value::String(hide(s, masked)),
        Value::Number(n) if masked.contains(&n.to_string()) => Value::String("***".to_owned()),
        Value::Array(items) => Value::Array(items.iter().map(|v| hide_in(v, masked)).collect()),
        Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), hide_in(v, masked))).collect()),
        other => other.clone(),
    }
}

/// The steps that an expression sees: those of its own turn of each loop around it, and those outside of loops.
pub(crate) struct Visible<'r> {
    run: &'r Run,
    playbook: &'r Playbook,
    prefix: String,
}

impl Visible<'_> {
    /// One step; None where the file has none of this id, or where it is out of sight.
    pub(crate) fn step(&self, id: &str) -> Option<Value> {
        let place = self.playbook.place(id)?;
        let turns = paths::turns(&self.prefix);
        let depth = place.scope.len();
        let here = turns
            .get(..depth)
            .is_some_and(|t| t.iter().zip(&place.scope).all(|((holder, _, _), id)| paths::leaf(holder) == id));
        if !here {
            return None;
        }
        let prefix = depth.checked_sub(1).and_then(|d| turns.get(d)).map_or("", |(_, _, prefix)| prefix);
        let found =
            if prefix.is_empty() { self.run.steps.get(id) } else { self.run.steps.get(&format!("{prefix}{id}")) };
        Some(found.map_or_else(
            || json!({"status": "pending", "outputs": {}, "attempts": 0, "error": null}),
            |s| {
                let error = s.error.as_ref().map_or(Value::Null, failure_value);
                json!({"status": s.status.word(), "outputs": s.outputs, "attempts": s.attempts, "error": error})
            },
        ))
    }

    /// The outputs of a step that has a state, without copying them.
    pub(crate) fn outputs(&self, id: &str) -> Option<&Value> {
        let place = self.playbook.place(id)?;
        // Inside of loops the whole step is looked up; there the states are small.
        if !place.scope.is_empty() { None } else { self.run.steps.get(id).map(|s| &s.outputs) }
    }

    /// Every visible step.
    pub(crate) fn all(&self) -> Map<String, Value> {
        let walk = self.playbook.walk();
        walk.into_iter().filter_map(|s| Some((s.id.clone(), self.step(&s.id)?))).collect()
    }
}

pub(crate) fn failure_value(f: &Failure) -> Value {
    json!({"step": f.step, "code": f.code, "message": f.message, "at": f.at.to_string()})
}
