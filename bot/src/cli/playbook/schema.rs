//! `nightbell playbook schema`.

use crate::cli::{Outcome, line};
use nightbell_playbooks::{builtin, schema};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Schema {
    /// Describe and check the arguments of every known action as well
    #[arg(long)]
    actions: bool,
}

impl Schema {
    pub fn run(self) -> Outcome {
        let manifests = self.actions.then(builtin::manifests);
        line(&serde_json::to_string_pretty(&schema::language(manifests.as_deref()))?)?;
        Ok(ExitCode::SUCCESS)
    }
}
