//! `nightbell playbook diff`.

use super::files;
use super::lint::colourful;
use crate::cli::{Outcome, PROBLEMS, USAGE, line};
use nightbell_playbooks::diff::{self, Change, Weight};
use nightbell_playbooks::{Playbook, builtin, library};
use std::path::Path;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Diff {
    /// One JSON object per difference on stdout
    #[arg(long)]
    json: bool,
    /// The old version: a file, or the id of a shipped playbook
    old: String,
    /// The new version
    new: String,
}

impl Diff {
    pub fn run(self) -> Outcome {
        let (Some(old), Some(new)) = (read(&self.old)?, read(&self.new)?) else {
            return Ok(ExitCode::from(USAGE));
        };
        let changes = diff::compare(&old, &new);
        if self.json {
            for c in &changes {
                line(&serde_json::to_string(c)?)?;
            }
        } else {
            show(&changes)?;
        }
        let risky = changes.iter().any(|c| c.weight == Weight::Risk);
        Ok(if risky { ExitCode::from(PROBLEMS) } else { ExitCode::SUCCESS })
    }
}

/// Reads a version, even one that the checker refuses; None after its errors were printed.
fn read(name: &str) -> anyhow::Result<Option<Playbook>> {
    let path = Path::new(name);
    let shipped = library().iter().find(|(n, _)| n.strip_suffix(".yaml") == Some(name)).filter(|_| !path.exists());
    let text = match shipped {
        Some((_, text)) => (*text).to_owned(),
        None => files::plain(path)?,
    };
    match diff::read(name, &text, &builtin::manifests()) {
        Ok(playbook) => Ok(Some(playbook)),
        Err(found) => {
            for f in &found {
                eprintln!("{}", f.render(&text));
            }
            Ok(None)
        }
    }
}

fn show(changes: &[Change]) -> std::io::Result<()> {
    let colour = colourful();
    let mut step: Option<&Option<String>> = None;
    for c in changes {
        if step != Some(&c.step) {
            line(&c.step.as_ref().map_or_else(|| "the playbook".to_owned(), |s| format!("step {s}")))?;
            step = Some(&c.step);
        }
        let (mark, paint) = match c.weight {
            Weight::Risk => ("RISK ", "1;31"),
            Weight::Change => ("     ", "0"),
            Weight::Words => ("words", "2"),
        };
        let mut text = format!("  {mark} {}", c.message);
        if let (Some(before), Some(after)) = (&c.before, &c.after) {
            text.push_str(&format!("\n          - {}\n          + {}", one_line(before), one_line(after)));
        }
        line(&if colour { format!("\x1b[{paint}m{text}\x1b[0m") } else { text })?;
    }
    let count = |w: Weight| changes.iter().filter(|c| c.weight == w).count();
    line(&match changes.len() {
        0 => "no difference in meaning".to_owned(),
        n => format!(
            "{n} differences: {} risks, {} changes, {} only in words",
            count(Weight::Risk),
            count(Weight::Change),
            count(Weight::Words)
        ),
    })
}

/// Control characters in values must not reach the terminal.
fn one_line(text: &str) -> String {
    let text = if text.is_empty() { "(empty)" } else { text };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
