//! One run of a world: the one under test, or one that it called.

use crate::engine::{Record, Run};
use crate::model::Playbook;
use std::sync::Arc;

/// A run with its journal.
pub struct Live {
    /// Its definition.
    pub playbook: Arc<Playbook>,
    /// Its state.
    pub run: Run,
    /// Everything that was written.
    pub journal: Vec<Record>,
    /// What stands before the paths of its steps in the test; empty for the run under test.
    pub prefix: String,
    /// The run that called it: its number, the path of its step, and which try.
    pub parent: Option<(usize, String, u32)>,
}

impl Live {
    /// A run that has written nothing yet.
    pub const fn new(playbook: Arc<Playbook>, run: Run, prefix: String, parent: Option<(usize, String, u32)>) -> Self {
        Self { playbook, run, journal: Vec::new(), prefix, parent }
    }

    /// Folds the journal again; whether that gave the same run.
    pub fn refold(&mut self) -> bool {
        let folded = Run::replay(&self.playbook, &self.journal);
        let same = folded == self.run;
        self.run = folded;
        same
    }
}
