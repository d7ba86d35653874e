//! What the cases of a file went through.

use crate::engine::paths::leaf;
use crate::engine::{Record, What};
use crate::model::{Kind, Playbook};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Percentages over all cases of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Steps that ran.
    pub steps: u32,
    /// Cases of switches that were taken, and conditions of steps that were false.
    pub branches: u32,
    /// Deadlines that passed.
    pub timeouts: u32,
}

#[derive(Debug, Default)]
pub struct Seen {
    steps: BTreeSet<String>,
    branches: BTreeSet<String>,
    timeouts: BTreeSet<String>,
}

impl Seen {
    pub fn add(&mut self, records: &[Record]) {
        for r in records {
            match &r.what {
                What::StepSkipped { path, .. } => {
                    self.branches.insert(format!("{} is skipped", leaf(path)));
                }
                What::Branched { path, case } => {
                    let path = leaf(path);
                    self.steps.insert(path.to_owned());
                    self.branches.insert(format!("{path}, case {}", case + 1));
                }
                What::TimerFired { id, .. } if id.contains("/timeout") || id.ends_with("/call") => {
                    if let Some((path, _)) = id.split_once('/') {
                        self.timeouts.insert(leaf(path).to_owned());
                    }
                }
                What::StepStarted { path, .. }
                | What::StepDone { path, .. }
                | What::StepFailed { path, .. }
                | What::AskOpened { path, .. }
                | What::ApprovalAsked { path, .. }
                | What::ChildStarted { path, .. }
                | What::Forked { path }
                | What::LoopOpened { path, .. }
                | What::RoundStarted { path, .. }
                | What::WaitOpened { path } => {
                    self.steps.insert(leaf(path).to_owned());
                }
                _ => {}
            }
        }
    }

    /// Percentages and what is missing, in words.
    pub fn result(&self, playbook: &Playbook) -> (Coverage, Vec<String>) {
        let (mut steps, mut branches, mut timeouts) = (Vec::new(), Vec::new(), Vec::new());
        for step in playbook.walk().into_iter().filter(|s| s.id != "page_the_owner") {
            steps.push(step.id.clone());
            if step.cond.is_some() {
                branches.push(format!("{} is skipped", step.id));
            }
            if let Kind::Switch(cases) = &step.kind {
                branches.extend((1..=cases.len()).map(|n| format!("{}, case {n}", step.id)));
            }
            let people = matches!(step.kind, Kind::Ask(_) | Kind::Approve(_));
            if step.timeout.is_some() || people {
                timeouts.push(step.id.clone());
            }
        }
        let mut missing = Vec::new();
        let mut share = |all: &[String], seen: &BTreeSet<String>, what: &str| {
            let gone: Vec<&String> = all.iter().filter(|x| !seen.contains(*x)).collect();
            missing.extend(gone.iter().map(|x| format!("{what} never tested: {x}")));
            if all.is_empty() { 100 } else { ((all.len() - gone.len()) * 100 / all.len()) as u32 }
        };
        let coverage = Coverage {
            steps: share(&steps, &self.steps, "step"),
            branches: share(&branches, &self.branches, "branch"),
            timeouts: share(&timeouts, &self.timeouts, "time-out"),
        };
        (coverage, missing)
    }
}
