//! `nightbell playbook graph`.

use super::{files, lint::colourful, runs};
use crate::cli::{Outcome, line};
use nightbell_playbooks::{Run, graph};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// For documents that understand Mermaid
    Mermaid,
    /// For graph drawing tools
    Dot,
    /// A picture for browsers
    Svg,
    /// Box characters, 80 columns
    Terminal,
}

#[derive(clap::Args)]
pub struct Graph {
    /// How it is drawn
    #[arg(long, value_enum, default_value = "mermaid")]
    format: Format,
    /// Colour what happened in this run
    #[arg(long, requires = "data", value_name = "ID")]
    run: Option<String>,
    /// Data folder of the bot that made the run; the bot must not be running on it
    #[arg(long)]
    data: Option<PathBuf>,
    /// A file, or the id of a shipped playbook; with --run it may be left out
    #[arg(required_unless_present = "run")]
    name: Option<String>,
}

impl Graph {
    pub fn run(self) -> Outcome {
        let mut library = files::shipped()?;
        let (playbook, run): (_, Option<Run>) = match (&self.run, &self.data) {
            (Some(id), Some(data)) => {
                let (playbook, run) = runs::one(data, id, &mut library, self.name.as_deref())?;
                (playbook, Some(run))
            }
            _ => (files::named(&mut library, self.name.as_deref().unwrap_or_default())?, None),
        };
        let run = run.as_ref();
        line(
            match self.format {
                Format::Mermaid => graph::mermaid(&playbook, run),
                Format::Dot => graph::dot(&playbook, run),
                Format::Svg => graph::svg(&playbook, run),
                Format::Terminal => graph::terminal(&playbook, run, colourful()),
            }
            .trim_end(),
        )?;
        Ok(ExitCode::SUCCESS)
    }
}
