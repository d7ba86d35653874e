//! Steps that hold others: branches, items, rounds, and called playbooks.

use super::record::{Failure, What};
use super::state::{Holds, StepStatus};
use super::{At, Machine, paths};
use crate::api::{Effect, RunStatus, Start};
use crate::expr::{self, ExprError};
use crate::model::{ForEachSpec, Kind, RepeatSpec, SubSpec};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Items that one `for_each` may have.
pub const MAX_ITEMS: usize = 10_000;
/// How deep playbooks may call each other.
pub const MAX_DEPTH: u32 = 8;

impl Machine<'_> {
    /// A branch, an item or a round came to its end without a failure.
    pub(crate) fn turn_done(&mut self, owner: &str, number: usize) {
        let Some(step) = self.at(owner) else { return };
        match &step.step.kind {
            Kind::Parallel(p) => {
                self.record(What::BranchEnded { path: owner.to_owned(), branch: number, failed: None });
                let name = p.branches.get(number).map(|(n, _)| n.clone()).unwrap_or_default();
                if p.any {
                    self.holder_done(owner, json!({"winner": name}));
                } else if !self.run.threads.iter().any(|t| t.owner == owner) {
                    self.holder_done(owner, json!({}));
                }
            }
            Kind::ForEach(each) => {
                let status = StepStatus::Succeeded;
                self.record(What::ItemEnded { path: owner.to_owned(), index: number, status });
                self.start_items(&step, each);
            }
            Kind::Repeat(repeat) => self.round_done(&step, repeat, number),
            _ => {}
        }
    }

    /// A step that held others ends well; whatever is still open within it is cancelled.
    fn holder_done(&mut self, path: &str, outputs: Value) {
        self.close_within(path);
        self.disarm(path);
        self.record(What::StepDone { path: path.to_owned(), outputs });
    }

    pub(crate) fn branch_failed(&mut self, owner: &str, branch: usize, origin: Failure) {
        let Some(step) = self.at(owner) else { return self.begin_failure(origin) };
        let failed = Some(origin.clone());
        self.record(What::BranchEnded { path: owner.to_owned(), branch, failed });
        let any = matches!(&step.step.kind, Kind::Parallel(p) if p.any);
        if any && self.run.threads.iter().any(|t| t.owner == owner) {
            return;
        }
        self.fail(&step, origin, false, json!({}));
    }

    pub(crate) fn turn_failed(&mut self, owner: &str, number: usize, origin: Failure) {
        let Some(step) = self.at(owner) else { return self.begin_failure(origin) };
        if matches!(step.step.kind, Kind::ForEach(_)) {
            let status = StepStatus::Failed;
            self.record(What::ItemEnded { path: owner.to_owned(), index: number, status });
        }
        self.fail(&step, origin, false, json!({}));
    }

    /// Whether a path names a step of a turn that is over: nothing that comes for it can count any more.
    pub(crate) fn turn_is_over(&self, path: &str) -> bool {
        let prefix = paths::prefix(path);
        let Some((holder, number)) = paths::turn(prefix) else { return false };
        let begun = match self.run.steps.get(holder).and_then(|s| s.holds.as_ref()) {
            Some(Holds::Items { next, .. }) => number < *next,
            Some(Holds::Rounds(n)) => number < *n as usize,
            _ => self.run.steps.get(holder).is_some_and(|s| !s.status.open()) || self.turn_is_over(holder),
        };
        begun && !self.run.threads.iter().any(|t| t.prefix == prefix)
    }

    pub(crate) fn enter_each(&mut self, step: &At<'_>, each: &ForEachSpec) -> Result<(), ExprError> {
        let items = match expr::render_str(&each.items, &self.context(&step.path, &[]))? {
            Value::Array(items) => items,
            _ => {
                let what = expr::eval::short(&each.items);
                return Err(ExprError::new("NB2013", format!("`{what}` is not a list")));
            }
        };
        if items.len() > MAX_ITEMS {
            let message = format!("the list has {} items; at most {MAX_ITEMS} are allowed", items.len());
            return Err(ExprError::new("NB2013", message));
        }
        self.record(What::LoopOpened { path: step.path.clone(), items });
        self.start_items(step, each);
        Ok(())
    }

    /// Starts as many items as may run at once, or ends the loop.
    fn start_items(&mut self, step: &At<'_>, each: &ForEachSpec) {
        loop {
            let Some(Holds::Items { items, next, results }) =
                self.run.steps.get(&step.path).and_then(|s| s.holds.as_ref())
            else {
                return;
            };
            let running = self.run.threads.iter().filter(|t| t.owner == step.path).count();
            if *next < items.len() {
                if running >= each.max_parallel as usize {
                    return;
                }
                let index = *next;
                self.record(What::ItemStarted { path: step.path.clone(), index });
            } else if running == 0 {
                let outputs = json!({"results": results});
                return self.holder_done(&step.path, outputs);
            } else {
                return;
            }
        }
    }

    pub(crate) fn enter_repeat(&mut self, step: &At<'_>, repeat: &RepeatSpec) -> Result<(), ExprError> {
        if self.goes_on(step, repeat, 0)? {
            self.record(What::RoundStarted { path: step.path.clone(), round: 0 });
        } else {
            let outputs = json!({"count": 0, "exhausted": false, "last": {}});
            self.record(What::StepDone { path: step.path.clone(), outputs });
        }
        Ok(())
    }

    /// Tests the condition before a round; it sees the steps of the round before.
    fn goes_on(&self, step: &At<'_>, repeat: &RepeatSpec, round: usize) -> Result<bool, ExprError> {
        let before = paths::inside(&step.path, round.saturating_sub(1));
        let about = [("loop", json!({"index": round}))];
        expr::condition(&repeat.cond, &self.context(&before, &about))
    }

    fn round_done(&mut self, step: &At<'_>, repeat: &RepeatSpec, round: usize) {
        let number = u32::try_from(round).unwrap_or(u32::MAX);
        let ended = |pause| What::RoundEnded { path: step.path.clone(), round: number, pause };
        if number + 1 >= repeat.max {
            // One more look, so that `exhausted` says whether there would have been a further round.
            let more = self.goes_on(step, repeat, round + 1);
            self.record(ended(false));
            return match more {
                Ok(exhausted) => self.rounds_over(step, number, exhausted),
                Err(e) => self.fail_expr(step, &e),
            };
        }
        if repeat.delay.0.is_zero() {
            self.record(ended(false));
            self.next_round(step);
        } else {
            self.record(ended(true));
            self.arm(format!("{}/round", step.path), repeat.delay.after(self.now));
        }
    }

    fn rounds_over(&mut self, step: &At<'_>, round: u32, exhausted: bool) {
        let last = self.run.turn_steps(&paths::inside(&step.path, round as usize));
        self.holder_done(&step.path, json!({"count": round + 1, "exhausted": exhausted, "last": last}));
    }

    /// After a round and its pause: the next one, or the end.
    pub(crate) fn next_round(&mut self, step: &At<'_>) {
        let Kind::Repeat(repeat) = &step.step.kind else { return };
        let Some(Holds::Rounds(begun)) = self.run.steps.get(&step.path).and_then(|s| s.holds.clone()) else { return };
        match self.goes_on(step, repeat, begun as usize) {
            Ok(true) => self.record(What::RoundStarted { path: step.path.clone(), round: begun }),
            Ok(false) => self.rounds_over(step, begun.saturating_sub(1), false),
            Err(e) => self.fail_expr(step, &e),
        }
    }

    pub(crate) fn enter_playbook(&mut self, step: &At<'_>, sub: &SubSpec) -> Result<(), ExprError> {
        if self.run.depth + 1 > MAX_DEPTH {
            let message = format!("playbooks call each other more than {MAX_DEPTH} deep");
            return Err(ExprError::new("NB2402", message));
        }
        let reference = sub.reference();
        let Some(digest) = self.run.pins.get(&reference).cloned() else {
            return Err(ExprError::new("NB2403", format!("there is no playbook `{reference}`")));
        };
        let context = self.context(&step.path, &[]);
        let mut inputs = BTreeMap::new();
        for (name, value) in &sub.with {
            inputs.insert(name.clone(), expr::render(value, &context)?);
        }
        self.call_playbook(&step.path, 1, digest, inputs);
        Ok(())
    }

    fn call_playbook(&mut self, path: &str, attempt: u32, digest: String, inputs: BTreeMap<String, Value>) {
        let mut trigger = json!({"kind": "playbook", "id": self.run.id, "path": path, "playbook": self.pb.id});
        if let Some(user) = self.run.trigger.get("user") {
            trigger["user"] = user.clone();
        }
        let start = Start {
            run: String::new(),
            trigger,
            inputs: inputs.clone(),
            requester: self.run.requester.clone(),
            levels: self.run.levels,
            pins: self.run.pins.clone(),
            depth: self.run.depth + 1,
            excluded: self.involved(),
            hours: self.run.hours.clone(),
        };
        self.record(What::ChildStarted { path: path.to_owned(), attempt, digest: digest.clone(), inputs });
        self.effect(Effect::StartChild { path: path.to_owned(), attempt, digest, start: Box::new(start) });
    }

    /// The next try of a called playbook; false when the step is of another kind.
    pub(crate) fn child_again(&mut self, path: &str) -> bool {
        let Some((holds, attempt)) = self.run.steps.get(path).map(|s| (s.holds.clone(), s.attempts)) else {
            return false;
        };
        let Some(Holds::Child { digest, inputs }) = holds else { return false };
        self.call_playbook(path, attempt, digest, inputs);
        true
    }

    pub(crate) fn child_ended(
        &mut self,
        path: &str,
        attempt: u32,
        status: RunStatus,
        outcome: String,
        outputs: BTreeMap<String, Value>,
        failure: Option<Failure>,
    ) {
        let waits = self.run.steps.get(path).is_some_and(|s| {
            s.status == StepStatus::Waiting && s.attempts == attempt && matches!(s.holds, Some(Holds::Child { .. }))
        });
        let Some(step) = self.at(path).filter(|_| waits && !self.ended()) else { return };
        if status == RunStatus::Succeeded {
            let mut outputs = json!(outputs);
            outputs["outcome"] = json!(outcome);
            self.disarm(path);
            self.record(What::StepDone { path: path.to_owned(), outputs });
            return;
        }
        let message = match (&failure, status) {
            (_, RunStatus::Cancelled) => "the called playbook was cancelled".to_owned(),
            (Some(f), _) => format!("the called playbook failed at {}: {} {}", f.step, f.code, f.message),
            (None, _) => "the called playbook failed".to_owned(),
        };
        let failure = Failure { step: path.to_owned(), code: "NB2401".into(), message, at: self.now };
        if status != RunStatus::Cancelled && self.try_again(&step, attempt, &failure, false) {
            return;
        }
        self.end_child(path);
        self.fail(&step, failure, false, json!({}));
    }

    /// The called run is over already: nothing is left to cancel.
    fn end_child(&mut self, path: &str) {
        self.record(What::ChildOver { path: path.to_owned() });
    }
}
