//! `nightbell demo`: an ordinary bot with played people, a played outside world and a story. Nothing inside is faked:
//! the story acts through the same web interface as a person, and the outside services answer the same signed calls.

mod mails;
mod outside;
mod story;

use crate::cli::{Outcome, line};
use crate::config::Config;
use crate::sources::logging;
use crate::wire::{Bot, Extras};
use anyhow::Context as _;
use std::path::PathBuf;
use std::process::ExitCode;

const CONFIG: &str = include_str!("demo.toml");

/// Runs the demo until it is stopped.
pub fn run(port: u16, data: Option<PathBuf>, play: bool) -> Outcome {
    let quiet = crate::config::Log { format: "text".to_owned(), level: "warn".to_owned() };
    logging(&quiet);
    // A demo without a folder leaves nothing behind.
    let temporary = match data {
        Some(_) => None,
        None => Some(tempfile::tempdir().context("NB0005 cannot make a temporary data folder")?),
    };
    let dir = data.or_else(|| temporary.as_ref().map(|t| t.path().to_owned())).unwrap_or_default();
    crate::cli::runtime()?.block_on(async {
        let secret = secret();
        let outside = outside::start(&secret).await?;
        let mut config = configured(&outside, &secret)?;
        config.server.listen = format!("127.0.0.1:{port}");
        config.data.dir = dir;
        let policies = nightbell_knowledge::demo_policies();
        let extras = Extras {
            policies: policies.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect(),
            reader: Some("responder".to_owned()),
            landing: Some(if play { story::LANDING } else { "/" }.to_owned()),
            ..Extras::default()
        };
        let bot = Bot::start(config, extras).await?;
        if play {
            // The case exists before the link is printed, so that the link leads to it.
            story::open(&bot).await?;
        }
        line(&format!("listening on {}", bot.url()))?;
        line(&bot.login_link().await?)?;
        if play {
            let story = story::Story::of(&bot).await?;
            tokio::spawn(async move {
                if let Err(e) = story.play().await {
                    tracing::warn!("the story stopped: {e:#}");
                }
            });
        }
        bot.until_stopped().await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn secret() -> String {
    use nightbell_core::port::random::{Ids, RandomIds};
    RandomIds(crate::machine::OsRng).fresh()
}

fn configured(outside: &str, secret: &str) -> anyhow::Result<Config> {
    let text = CONFIG.replace("OUTSIDE", outside).replace("SECRET", secret);
    Ok(Config::parse("demo.toml", &text, std::iter::empty())?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_demo_configuration_is_valid() {
        super::configured("http://127.0.0.1:1", "0123456789abcdef0123").unwrap_or_else(|e| panic!("{e}"));
    }
}
