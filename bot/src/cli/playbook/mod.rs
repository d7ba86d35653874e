//! `nightbell playbook`: the author's tools. One file per command; what they share is in `files.rs`.

mod diff;
mod dry_run;
mod files;
mod fmt;
mod graph;
mod lint;
mod list;
mod rehearse;
mod runs;
mod schema;
mod script;
mod test;

use super::Outcome;

#[derive(clap::Subcommand)]
pub enum Playbook {
    /// Find every mistake before it runs
    Lint(lint::Lint),
    /// Run test files on a virtual clock, with coverage and golden transcripts
    Test(test::Test),
    /// Play it with people: what each of them would see
    Rehearse(rehearse::Rehearse),
    /// Real `read` calls, everything else printed and not done; who is reached, what needs a yes, how long it takes
    DryRun(dry_run::DryRun),
    /// Draw a playbook, with the state of a run when one is given
    Graph(graph::Graph),
    /// The language as a JSON schema, for editors
    Schema(schema::Schema),
    /// Put keys in order; comments and meaning stay
    Fmt(fmt::Fmt),
    /// What changed between two versions, by step and meaning; exit code 1 when something is a risk
    Diff(diff::Diff),
    /// The playbooks that are there
    List(list::List),
    /// Take in a document of another format
    #[command(subcommand)]
    Import(super::cacao::Import),
    /// Hand a playbook on in another format
    #[command(subcommand)]
    Export(super::cacao::Export),
}

impl Playbook {
    pub fn run(self) -> Outcome {
        match self {
            Self::Lint(a) => a.run(),
            Self::Test(a) => a.run(),
            Self::Rehearse(a) => a.run(),
            Self::DryRun(a) => a.run(),
            Self::Graph(a) => a.run(),
            Self::Schema(a) => a.run(),
            Self::Fmt(a) => a.run(),
            Self::Diff(a) => a.run(),
            Self::List(a) => a.run(),
            Self::Import(a) => a.run(),
            Self::Export(a) => a.run(),
        }
    }
}
