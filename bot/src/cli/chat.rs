//! `nightbell chat`: the terminal chat with a running bot.

use super::Outcome;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Chat {
    /// Data folder of the running bot, where it keeps its address and a token
    #[arg(long, default_value = "nightbell-data")]
    data: PathBuf,
    /// Speak as this person (where the bot allows it)
    #[arg(long = "as")]
    person: Option<String>,
}

impl Chat {
    pub fn run(self) -> Outcome {
        let (url, token) = crate::wire::terminal(&self.data)?;
        nightbell_connector_kit::install_tls();
        super::runtime()?.block_on(async {
            let http = Arc::new(nightbell_connector_kit::ReqwestHttp::new()?);
            let input = tokio::io::BufReader::new(tokio::io::stdin());
            nightbell_chat_local::terminal::run(http, &url, &token, self.person, input, std::io::stdout()).await?;
            anyhow::Ok(())
        })?;
        Ok(ExitCode::SUCCESS)
    }
}
