//! `nightbell init`.

use super::{Outcome, PROBLEMS, line, slack};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Init {
    /// Where to write
    #[arg(long, default_value = "nightbell.toml", env = "NIGHTBELL_CONFIG")]
    config: PathBuf,
    /// Connect a chat platform
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(clap::Subcommand)]
enum What {
    /// Write Slack's app manifest, say what to click, and look whether it all works
    Slack(slack::Slack),
}

impl Init {
    pub fn run(self) -> Outcome {
        use std::io::Write;
        if let Some(What::Slack(s)) = self.what {
            return s.run(&self.config);
        }
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&self.config);
        match file {
            Ok(mut f) => {
                f.write_all(crate::config::TEMPLATE.as_bytes())?;
                line(&format!("Wrote {}. Add your people, then: nightbell check --config {0}", self.config.display()))?;
                Ok(ExitCode::SUCCESS)
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                eprintln!("{} exists and was left as it is. Choose another name with --config.", self.config.display());
                Ok(ExitCode::from(PROBLEMS))
            }
            Err(e) => Err(anyhow::anyhow!("NB0005 cannot write {}: {e}", self.config.display())),
        }
    }
}
