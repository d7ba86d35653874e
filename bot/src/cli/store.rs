//! `nightbell store`.

use super::{Outcome, line};
use nightbell_core::code::Coded;
use nightbell_core::port::store::StoreError;
use nightbell_store::embedded::Options;
use nightbell_store::ops;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum Store {
    /// Check the journal's chain and compare the index with it
    Verify {
        /// Data folder
        #[arg(long)]
        dir: PathBuf,
    },
    /// Throw the index away and build it from the journal
    Rebuild {
        /// Data folder
        #[arg(long)]
        dir: PathBuf,
    },
    /// Copy a consistent state to an empty folder
    Backup {
        /// Data folder
        #[arg(long)]
        dir: PathBuf,
        /// Where to
        to: PathBuf,
    },
    /// Make a data folder out of a backup
    Restore {
        /// The backup
        from: PathBuf,
        /// New data folder, must be empty
        #[arg(long)]
        dir: PathBuf,
    },
    /// Sizes and counts
    Stats {
        /// Data folder
        #[arg(long)]
        dir: PathBuf,
    },
    #[command(hide = true)]
    Bench {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        acks: bool,
        #[arg(long, default_value = "k")]
        prefix: String,
    },
    #[command(hide = true)]
    Keys {
        #[arg(long)]
        dir: PathBuf,
    },
}

impl Store {
    pub fn run(self) -> Outcome {
        match self {
            Self::Verify { dir } => {
                let r = ops::verify(&dir).map_err(coded)?;
                return super::audit::show(&r);
            }
            Self::Rebuild { dir } => {
                let r = ops::rebuild(&dir).map_err(coded)?;
                line(&format!("rebuilt up to commit {}, {} commits replayed", r.seq, r.replayed))?;
            }
            Self::Backup { dir, to } => {
                line(&format!("backed up to {}: commit {}", to.display(), ops::backup(&dir, &to).map_err(coded)?))?;
            }
            Self::Restore { from, dir } => {
                line(&format!(
                    "restored into {}: commit {}",
                    dir.display(),
                    ops::restore(&from, &dir).map_err(coded)?
                ))?;
            }
            Self::Stats { dir } => line(&serde_json::to_string_pretty(&ops::stats(&dir).map_err(coded)?)?)?,
            Self::Bench { dir, acks, prefix } => {
                ops::bench_writer(&dir, &prefix, Options::default(), u64::MAX, |key| {
                    if acks {
                        let _ = line(&format!("ACK {key}"));
                    }
                })?;
            }
            Self::Keys { dir } => {
                let mut failed = None;
                ops::keys(&dir, |k| failed = failed.take().or(line(k).err()))?;
                if let Some(e) = failed {
                    return Err(e.into());
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A store error with its code, as the operator sees it.
pub fn coded(e: StoreError) -> anyhow::Error {
    anyhow::anyhow!("{} {e}. See: nightbell explain {0}", e.code())
}
