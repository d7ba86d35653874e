//! `nightbell run`.

use super::Outcome;
use crate::config::Config;
use crate::wire;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Run {
    /// Configuration file
    #[arg(long, default_value = "nightbell.toml", env = "NIGHTBELL_CONFIG")]
    config: PathBuf,
    /// Data folder, instead of the configured one
    #[arg(long)]
    data: Option<PathBuf>,
}

impl Run {
    pub fn run(self) -> Outcome {
        let mut config = Config::load(&self.config, std::env::vars())?;
        if let Some(d) = self.data {
            config.data.dir = d;
        }
        crate::sources::logging(&config.log);
        super::runtime()?.block_on(async {
            let extras = wire::Extras { source: Some(self.config), ..wire::Extras::default() };
            let bot = wire::Bot::start(config, extras).await?;
            super::line(&format!("listening on {}", bot.url()))?;
            super::line(&bot.login_link().await?)?;
            bot.until_stopped().await
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
