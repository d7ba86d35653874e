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
            Self::Verify { dir } => {
                let r = ops::verify(&dir)?;
                line(&format!("{r:#?}"))?;
                Ok(if r.ok() { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) })
            }
            Self::Export { dir } => {
                ops::audit_rows(&dir, nightbell_desk::records::coll::AUDIT, |seq, value| {
                    let row: serde_json::Value = serde_json::from_slice(value).unwrap_or_default();
                    let _ = line(&serde_json::json!({ "seq": seq, "row": row }).to_string());
                })?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}
