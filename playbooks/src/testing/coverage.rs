//! What the cases of a file went through.

use super::points::{self, Points};
use crate::engine::paths::leaf;
use crate::engine::{Record, Then, What};
use crate::model::{Kind, Playbook};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Percentages over all cases of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Steps that ran.
    pub steps: u32,
    /// Ways that were taken: cases, conditions, questions, loops, handlers with steps.
    pub branches: u32,
    /// Deadlines that passed.
    pub timeouts: u32,
    /// Errors that were carried on from, and further tries.
    #[serde(skip)]
    pub errors: u32,
}

/// How much there is of a kind, and what of it no case reaches, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Share {
    /// Points reached.
    pub reached: usize,
    /// All points.
    pub all: usize,
    /// Those that no case reaches.
    pub missing: Vec<String>,
}

impl Share {
    fn of(all: &[String], seen: &BTreeSet<String>) -> Self {
        let missing: Vec<String> = all.iter().filter(|x| !seen.contains(*x)).cloned().collect();
        Self { reached: all.len() - missing.len(), all: all.len(), missing }
    }

    /// Rounded down, so that 100 means all.
    pub const fn percent(&self) -> u32 {
        if self.all == 0 { 100 } else { (self.reached * 100 / self.all) as u32 }
    }
}

/// The shares of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Covered {
    /// Steps.
    pub steps: Share,
    /// Branches.
    pub branches: Share,
    /// Deadlines.
    pub timeouts: Share,
    /// Error paths.
    pub errors: Share,
}

impl Covered {
    /// As percentages.
    pub const fn percent(&self) -> Coverage {
        Coverage {
            steps: self.steps.percent(),
            branches: self.branches.percent(),
            timeouts: self.timeouts.percent(),
            errors: self.errors.percent(),
        }
    }

    /// What is missing, in sentences.
    pub fn missing(&self) -> Vec<String> {
        let kinds = [("step", &self.steps), ("branch", &self.branches), ("time-out", &self.timeouts)];
        let each = |(word, share): (&str, &Share)| {
            share.missing.iter().map(|m| format!("{word} never tested: {m}")).collect::<Vec<_>>()
        };
        kinds.into_iter().flat_map(each).collect()
    }
}

#[derive(Debug, Default)]
pub struct Seen {
    steps: BTreeSet<String>,
    branches: BTreeSet<String>,
    timeouts: BTreeSet<String>,
}

impl Seen {
    /// Adds what one run of the playbook went through.
    pub fn add(&mut self, playbook: &Playbook, records: &[Record]) {
        let (begun, taken, rounds, next) = Default::default();
        let mut run = OneRun { seen: self, playbook, begun, taken, rounds, next };
        for r in records {
            run.record(&r.what);
        }
    }

    /// What of the playbook was reached.
    pub fn result(&self, playbook: &Playbook) -> Covered {
        let points = Points::of(playbook);
        Covered {
            steps: Share::of(&points.steps, &self.steps),
            branches: Share::of(&points.branches, &self.branches),
            timeouts: Share::of(&points.timeouts, &self.timeouts),
            errors: Share::of(&points.errors, &self.branches),
        }
    }
}

/// What has to be remembered from record to record of one run.
struct OneRun<'a> {
    seen: &'a mut Seen,
    playbook: &'a Playbook,
    /// Steps that began, by path: what is skipped later was not skipped by its condition.
    begun: BTreeSet<String>,
    /// Switches of which a case was taken, by path.
    taken: BTreeSet<String>,
    /// Loops with a round, by path.
    rounds: BTreeSet<String>,
    /// The next question of a form, by path.
    next: BTreeMap<String, usize>,
}

impl OneRun<'_> {
    fn record(&mut self, what: &What) {
        match what {
            What::StepSkipped { path, outputs } => {
                let missed = outputs.get("late_by").is_some();
                if !missed && !self.begun.contains(path) {
                    self.branch(points::if_false(leaf(path)));
                }
            }
            What::Branched { path, case } => {
                self.ran(path);
                self.taken.insert(path.clone());
                self.branch(points::case(leaf(path), *case));
            }
            What::TimerFired { id, .. } if id.contains("/timeout") || id.ends_with("/call") => {
                if let Some((path, _)) = id.split_once('/') {
                    self.seen.timeouts.insert(leaf(path).to_owned());
                }
            }
            What::StepDone { path, outputs } => {
                self.ran(path);
                self.done(path, outputs);
            }
            What::StepFailed { path, timed_out, then, .. } => {
                self.ran(path);
                self.failed(path, *timed_out, then);
            }
            What::StepScheduled { path, .. } => self.branch(points::retried(leaf(path))),
            What::RoundStarted { path, .. } => {
                self.ran(path);
                self.rounds.insert(path.clone());
            }
            What::LoopOpened { path, items } => {
                self.ran(path);
                if items.is_empty() {
                    self.branch(points::no_items(leaf(path)));
                }
            }
            What::AskOpened { path, .. } => {
                self.ran(path);
                self.next.insert(path.clone(), 0);
            }
            What::Asked { path, index, .. } => self.asked(path, *index),
            What::StepStarted { path, .. }
            | What::ApprovalAsked { path, .. }
            | What::ChildStarted { path, .. }
            | What::Forked { path }
            | What::WaitOpened { path } => self.ran(path),
            _ => {}
        }
    }

    fn branch(&mut self, point: String) {
        self.seen.branches.insert(point);
    }

    /// A step that ran had a condition that was true, if it has one.
    fn ran(&mut self, path: &str) {
        self.begun.insert(path.to_owned());
        self.seen.steps.insert(leaf(path).to_owned());
        self.branch(points::if_true(leaf(path)));
    }

    fn done(&mut self, path: &str, outputs: &serde_json::Value) {
        let id = leaf(path);
        match self.playbook.step(id).map(|s| &s.kind) {
            Some(Kind::Switch(_)) if !self.taken.contains(path) => self.branch(points::no_case(id)),
            Some(Kind::Parallel(_)) => {
                if let Some(winner) = outputs["winner"].as_str() {
                    self.branch(points::wins(id, winner));
                }
            }
            Some(Kind::Repeat(_)) if !self.rounds.contains(path) => self.branch(points::no_round(id)),
            Some(Kind::Repeat(_)) if outputs["exhausted"] == true => self.branch(points::exhausted(id)),
            Some(Kind::Repeat(_)) => self.branch(points::stops(id)),
            // The rest of the form did not apply.
            Some(Kind::Ask(_)) => self.asked(path, usize::MAX),
            _ => {}
        }
    }

    /// A question was put; those between it and the one before did not apply. What a deadline cut off counts as
    /// neither.
    fn asked(&mut self, path: &str, index: usize) {
        let id = leaf(path);
        let Some(Kind::Ask(ask)) = self.playbook.step(id).map(|s| &s.kind) else { return };
        let from = self.next.get(path).copied().unwrap_or(0);
        for q in ask.form.iter().take(index).skip(from) {
            self.branch(points::asked(id, &q.id, false));
        }
        if let Some(q) = ask.form.get(index) {
            self.branch(points::asked(id, &q.id, true));
        }
        self.next.insert(path.to_owned(), index.saturating_add(1));
    }

    /// A handler was taken: `on_error` itself, also where it stands in for a missing `on_timeout`.
    fn failed(&mut self, path: &str, timed_out: bool, then: &Then) {
        let Some(step) = self.playbook.step(leaf(path)) else { return };
        let own = timed_out && step.on_timeout.as_ref().is_some_and(|h| *h != crate::model::Handler::Escalate);
        if !own && *then != Then::Propagate {
            self.branch(points::on_error(&step.id));
        }
    }
}
