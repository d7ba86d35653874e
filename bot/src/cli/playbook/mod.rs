//! `nightbell playbook`: the author's tools. One file per command; what they share is in `files.rs`.

mod diff;
mod files;
mod graph;
mod lint;
mod list;
mod runs;
mod test;

use super::Outcome;

#[derive(clap::Subcommand)]
pub enum Playbook {
    /// Find every mistake before it runs
    Lint(lint::Lint),
    /// Run test files on a virtual clock
    Test(test::Test),
    /// What changed between two versions, by step and meaning; exit code 1 when something is a risk
    Diff(diff::Diff),
    /// Draw a playbook, with the state of a run when one is given
    Graph(graph::Graph),
    /// The playbooks that are there
    List(list::List),
}

impl Playbook {
    pub fn run(self) -> Outcome {
        match self {
            Self::Lint(a) => a.run(),
            Self::Test(a) => a.run(),
            Self::Diff(a) => a.run(),
            Self::Graph(a) => a.run(),
            Self::List(a) => a.run(),
        }
    }
}
