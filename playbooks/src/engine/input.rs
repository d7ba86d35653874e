//! What comes in, and what it means for the step it is about.

use super::record::What;
use super::state::StepStatus;
use super::{At, Machine};
use crate::api::{Effect, Input, Resolution, RunStatus};
use crate::expr::{self};
use crate::model::{Kind, WaitFor, WaitSpec};
use jiff::Timestamp;
use nightbell_core::approval::Decision;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Machine<'_> {
    pub(crate) fn take(&mut self, input: Input) {
        match input {
            Input::Answer { path, question, value, by } => self.answer(&path, &question, value, &by),
            Input::Vote { path, by, granted, comment, digest } => self.vote(&path, &by, granted, comment, &digest),
            Input::CallEnded { path, attempt, outcome } => self.call_ended(&path, attempt, outcome),
            Input::ChildEnded { path, attempt, status, outcome, outputs, failure } => {
                self.child_ended(&path, attempt, status, outcome, outputs, failure);
            }
            Input::Timer { id, due } => self.timer(&id, due),
            Input::Joined { who } => {
                if !self.ended() && !self.run.joined.contains(&who) {
                    self.record(What::Joined { who });
                }
            }
            Input::Cancel { by, why } => {
                if !self.ended() {
                    self.record(What::Cancelled { by, why });
                    self.end(RunStatus::Cancelled, "cancelled".to_owned(), BTreeMap::new(), false);
                }
            }
            Input::Resolve { path, by, choice } => self.resolve(&path, &by, choice),
            Input::Nobody { path } => self.nobody(&path),
            Input::Event { name, payload } => self.event(&name, &payload),
        }
    }

    /// A timer counts only when it is armed for exactly this instant: stale and repeated ones do nothing.
    fn timer(&mut self, id: &str, due: Timestamp) {
        if self.ended() || self.run.timers.get(id) != Some(&due) {
            return;
        }
        let late_by = (self.now.as_second() - due.as_second()).max(0);
        self.record(What::TimerFired { id: id.to_owned(), late_by });
        if id == "run/timeout" {
            let message = format!("the run took longer than {}", self.pb.timeout);
            let failure = super::Failure { step: "run".into(), code: "NB2004".into(), message, at: self.now };
            self.begin_failure(failure);
            // The handler has as long as the run had: one that waits for an event must not wait for ever.
            if !self.ended() {
                self.arm(id.to_owned(), self.pb.timeout.after(self.now));
            }
            return;
        }
        let Some((path, kind)) = id.split_once('/') else { return };
        let Some(step) = self.at(path) else { return };
        if !self.run.step_status(path).open() {
            return;
        }
        match kind.split_once('/').map_or((kind, ""), |(k, n)| (k, n)) {
            ("remind", n) => {
                let nth = n.parse().unwrap_or(1);
                self.effect(Effect::Remind { path: path.to_owned(), nth });
            }
            ("retry", _) => self.retry_now(path),
            ("call", _) => self.call_late(&step),
            ("wait", _) => self.wait_over(&step, late_by),
            ("round", _) => self.next_round(&step),
            ("timeout", _) => match step.kind {
                Kind::Ask(_) | Kind::Approve(_) => self.level_over(&step, None),
                Kind::Uses(_) => self.call_late(&step),
                _ => self.time_out(&step, json!({})),
            },
            _ => {}
        }
    }

    /// A timer that comes more than a minute late is a missed one where the file says `misfire: skip`.
    fn wait_over(&mut self, step: &At<'_>, late_by: i64) {
        let path = step.path.clone();
        self.disarm(&path);
        let skips = matches!(&step.kind, Kind::Wait(w) if w.skip_missed);
        let outputs = json!({"late_by": late_by});
        if skips && late_by > 60 {
            self.record(What::StepSkipped { path, outputs });
        } else {
            self.record(What::StepDone { path, outputs });
        }
    }

    fn nobody(&mut self, path: &str) {
        let open = !self.ended() && self.run.step_status(path) == StepStatus::Waiting;
        let Some(step) = self.at(path).filter(|_| open) else { return };
        let undecided = self.run.steps.get(path).and_then(|s| s.approve.as_ref()).is_none_or(|a| a.decision.is_none());
        match step.kind {
            Kind::Ask(_) => self.level_over(&step, Some("NB2201")),
            Kind::Approve(_) if undecided => self.level_over(&step, Some("NB2301")),
            _ => {}
        }
    }

    fn event(&mut self, name: &str, payload: &Value) {
        if self.ended() {
            return;
        }
        let waiting: Vec<String> = self.run.open_leaves().map(|(p, _)| p.clone()).collect();
        for path in waiting {
            // An error in the condition of one step may have closed the others, or the run.
            let Some(step) = self.at(&path).filter(|_| self.run.step_status(&path).open()) else { continue };
            let Kind::Wait(WaitSpec { until: WaitFor::Event { name: wanted, matching }, .. }) = &step.kind else {
                continue;
            };
            if wanted == name && self.event_matches(&step, matching.as_deref(), payload) {
                self.disarm(&path);
                self.record(What::StepDone { path, outputs: json!({"event": payload, "late_by": 0}) });
            }
        }
    }

    fn event_matches(&mut self, step: &At<'_>, matching: Option<&str>, payload: &Value) -> bool {
        let Some(cond) = matching else { return true };
        match expr::condition(cond, &self.context(&step.path, &[("event", payload.clone())])) {
            Ok(b) => b,
            // An event that lacks what the condition looks at is another event; anything else is an error.
            Err(e) if e.code == "NB2010" => false,
            Err(e) => {
                self.fail_expr(step, &e);
                false
            }
        }
    }

    fn resolve(&mut self, path: &str, by: &str, choice: Resolution) {
        let unknown = !self.ended() && self.run.step_status(path) == StepStatus::Unknown;
        let Some(step) = self.at(path).filter(|_| unknown) else {
            self.refuse(by, "late", "This was already settled.");
            return;
        };
        self.record(What::Resolved { path: path.to_owned(), by: by.to_owned(), choice });
        match choice {
            Resolution::Happened => self.call_done(&step, json!({})),
            Resolution::RunNow => {
                let attempt = self.run.steps.get(path).map_or(1, |s| s.attempts) + 1;
                if let Some((mut call, manifest)) = self.open_call(path) {
                    call.repeat = true;
                    self.start_call(path, attempt, call, &manifest);
                    self.arm(format!("{path}/call"), manifest.timeout.after(self.now));
                }
            }
            Resolution::Skip => {
                // Later steps read the decision: leaving it is a no to the action.
                let mut outputs = match step.kind {
                    Kind::Approve(_) => self.approval_outputs(path, json!({})),
                    _ => json!({}),
                };
                if outputs.get("decision").is_some() {
                    outputs["decision"] = json!(Decision::Denied);
                    outputs["by"] = json!(by);
                }
                self.disarm(path);
                self.record(What::StepSkipped { path: path.to_owned(), outputs });
            }
        }
    }
}
