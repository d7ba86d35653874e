//! `nightbell triage calibrate`: thresholds out of the responders' decisions, with the bot stopped. In chat the same is
//! `admin calibrate`.

use crate::cli::{Outcome, PROBLEMS, line};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::RandomIds;
use nightbell_desk::calibrate::{apply, lines, propose, revert, rule_lines};
use nightbell_desk::tx::Tx;
use nightbell_store::embedded::{Embedded, Options};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Calibrate {
    /// Data folder of the bot, which must not be running
    #[arg(long, default_value = "nightbell-data")]
    dir: PathBuf,
    /// Put the proposal in force
    #[arg(long, conflicts_with = "revert")]
    apply: bool,
    /// Take the last change back
    #[arg(long)]
    revert: bool,
}

impl Calibrate {
    pub fn run(self) -> Outcome {
        if !self.dir.is_dir() {
            eprintln!("NB0008 {} does not exist; give the bot's data folder with --dir", self.dir.display());
            return Ok(ExitCode::from(crate::cli::USAGE));
        }
        let store = Embedded::open(&self.dir, Options::default()).map_err(crate::cli::store::coded)?;
        let rt = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let code = rt.block_on(self.work(&store))?;
        rt.block_on(store.close()).map_err(crate::cli::store::coded)?;
        Ok(code)
    }

    async fn work(&self, store: &Embedded) -> anyhow::Result<ExitCode> {
        let ids = RandomIds(crate::machine::OsRng);
        let mut tx = Tx::new(store, &ids, crate::machine::SystemClock.now());
        if self.revert {
            let done = revert(&mut tx, "command line").await?;
            tx.commit().await?;
            line(if done {
                "The thresholds before are in force again."
            } else {
                "The shipped thresholds are in force."
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        let plan = match propose(&mut tx).await? {
            Ok(plan) => plan,
            Err(few) => {
                line(&format!("Nothing can be proposed yet: {few}."))?;
                line("Close reports as real or false-alarm, and ask again.")?;
                return Ok(ExitCode::from(PROBLEMS));
            }
        };
        for l in lines(&plan) {
            line(&l)?;
        }
        let rules = rule_lines(&tx).await?;
        if !rules.is_empty() {
            line("rules, the least precise first:")?;
            for l in rules.iter().take(20) {
                line(&format!("  {l}"))?;
            }
        }
        if self.apply && plan.before != plan.after {
            apply(&mut tx, plan.after.0, "command line").await?;
            tx.commit().await?;
            line("This is in force from the next start on. To take it back: nightbell triage calibrate --revert")?;
        } else if plan.before != plan.after {
            line("To put it in force: nightbell triage calibrate --apply")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
