//! `nightbell audit`.

use super::{Outcome, PROBLEMS, line};
use nightbell_store::ops;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum Audit {
    /// Check that no row was changed, left out or put in: the journal's hash chain
    Verify {
        /// Data folder
        #[arg(long)]
        dir: PathBuf,
    },
    /// Every audit row as one JSON object per line, out of the journal itself
    Export {
        /// Data folder
        #[arg(long)]
        dir: PathBuf,
    },
}

impl Audit {
    pub fn run(self) -> Outcome {
        match self {
            Self::Verify { dir } => show(&ops::verify(&dir).map_err(super::store::coded)?),
            Self::Export { dir } => {
                for entry in ops::journal_entries(&dir).map_err(super::store::coded)? {
                    let entry = entry.map_err(super::store::coded)?;
                    for change in entry.changes.iter().filter(|c| &*c.coll == nightbell_desk::records::coll::AUDIT) {
                        let Some(value) = &change.value else { continue };
                        let row: serde_json::Value = serde_json::from_slice(value).unwrap_or_default();
                        line(&serde_json::json!({ "seq": entry.seq, "row": row }).to_string())?;
                    }
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// A verification in words; exit code 1 when something is damaged.
pub fn show(r: &ops::VerifyReport) -> Outcome {
    line(&format!("{} commits hold, the last is {}", r.commits, r.seq))?;
    line(&format!("chain {}", r.chain))?;
    line(&format!("{} records in the index, {} originals", r.records, r.blobs))?;
    for n in &r.notes {
        line(&format!("note: {n}"))?;
    }
    for f in &r.findings {
        line(&format!("NB0104 damaged: {f}"))?;
    }
    Ok(if r.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) })
}
