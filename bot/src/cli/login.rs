//! `nightbell login`: a fresh one-time link from the running bot.

use super::{Outcome, line};
use nightbell_core::port::http::{Http, Request};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Login {
    /// Data folder of the running bot
    #[arg(long, default_value = "nightbell-data")]
    data: PathBuf,
    /// Whom the link is for; without it the person the bot greeted at its start
    #[arg(long = "for")]
    person: Option<String>,
}

impl Login {
    pub fn run(self) -> Outcome {
        let (url, token) = crate::wire::terminal(&self.data)?;
        let path = match &self.person {
            Some(p) if p.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c)) => {
                format!("/login/new?person={p}")
            }
            Some(p) => anyhow::bail!("NB0007 `{p}` is not an id of the directory"),
            None => "/login/new".to_owned(),
        };
        let response = super::runtime()?.block_on(async {
            let request = Request {
                method: "POST",
                url: format!("{url}{path}"),
                headers: vec![("authorization".to_owned(), format!("Bearer {token}"))],
                body: Vec::new(),
                timeout: Duration::from_secs(10),
                max_response: 64 * 1024,
            };
            anyhow::Ok(nightbell_connector_kit::ReqwestHttp::new()?.send(request).await?)
        })?;
        if response.status != 200 {
            anyhow::bail!("NB0504 the bot refused ({}): is that person in the directory?", response.status);
        }
        line(&format!("{url}/login?token={}", String::from_utf8_lossy(&response.body)))?;
        Ok(ExitCode::SUCCESS)
    }
}
