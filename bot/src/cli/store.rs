//! `nightbell store`.

use super::{Outcome, PROBLEMS, line};
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
                let r = ops::verify(&dir)?;
                line(&format!("{r:#?}"))?;
                return Ok(if r.ok() { ExitCode::SUCCESS } else { ExitCode::from(PROBLEMS) });
            }
            Self::Rebuild { dir } => line(&format!("{:#?}", ops::rebuild(&dir)?))?,
            Self::Backup { dir, to } => line(&format!("{:#?}", ops::backup(&dir, &to)?))?,
            Self::Restore { from, dir } => line(&format!("{:#?}", ops::restore(&from, &dir)?))?,
            Self::Stats { dir } => line(&format!("{:#?}", ops::stats(&dir)?))?,
            Self::Bench { dir, acks, prefix } => ops::bench_writer(&dir, &prefix, |key| {
                if acks {
                    let _ = line(&format!("ACK {key}"));
                }
            })?,
            Self::Keys { dir } => {
                for k in ops::keys(&dir)? {
                    line(&k)?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
