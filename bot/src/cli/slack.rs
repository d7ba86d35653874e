//! `nightbell init slack`: the manifest, the links to click, and a look at whether it works.

use super::{Outcome, PROBLEMS, line};
use crate::chats::{self, Ports};
use crate::config::Config;
use crate::machine::{OsRng, SystemClock};
use anyhow::Context as _;
use async_trait::async_trait;
use nightbell_chat_slack::manifest::{self, Reach};
use nightbell_chat_slack::{SLACK_API, Slack as Connector};
use nightbell_connector_kit::ReqwestHttp;
use nightbell_core::chat::{Block, Card, Tone};
use nightbell_core::code;
use nightbell_core::event::Event;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::chat::{Chat, Delivery, Finding, Place};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(clap::Args)]
pub struct Slack {
    /// Where to write the manifest
    #[arg(long, default_value = "slack-manifest.json")]
    manifest: PathBuf,
    /// How the bot is called in Slack
    #[arg(long, default_value = "Nightbell")]
    name: String,
    /// Slack calls this public address, such as https://bot.example.com, instead of our opening sockets
    #[arg(long, value_name = "URL")]
    http: Option<String>,
    /// Only look whether what is configured works
    #[arg(long)]
    verify: bool,
    /// With --verify: send a hello to the person with this address
    #[arg(long, value_name = "ADDRESS", requires = "verify")]
    hello: Option<String>,
}

/// Takes nothing: this process only looks.
struct Nobody;

#[async_trait]
impl Accept for Nobody {
    async fn accept(&self, _: &str, _: &str, _: Event, _: &[u8]) -> Result<Accepted, Refused> {
        Err(Refused { code: code::ACCEPT_REFUSED, why: "only looking".to_owned(), retry_after: 1 })
    }

    async fn knows(&self, _: &str, _: &str) -> bool {
        false
    }
}

fn connector(config: &Config) -> anyhow::Result<Arc<Connector>> {
    let ports = Ports {
        http: Arc::new(ReqwestHttp::new()?),
        accept: Arc::new(Nobody),
        clock: Arc::new(SystemClock),
        rng: Arc::new(OsRng),
    };
    chats::slack(config, &ports)
}

/// What `check` says about Slack.
pub async fn findings(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let slack = connector(config)?;
    let mut out = slack.examine_from_outside().await;
    out.extend(slack.check_socket().await);
    Ok(out)
}

impl Slack {
    pub fn run(self, path: &Path) -> Outcome {
        if self.verify {
            return super::runtime()?.block_on(self.look(path));
        }
        let reach = self.http.as_deref().map_or(Reach::Socket, Reach::Http);
        if let Reach::Http(url) = reach
            && !url.starts_with("https://")
        {
            anyhow::bail!("NB0007 --http wants an address that Slack can reach, beginning with https://");
        }
        let command = Config::load(path, std::env::vars()).map_or_else(|_| "/nb".to_owned(), |c| c.slack.command);
        let m = manifest::manifest(&self.name, &command, reach);
        let text = serde_json::to_string_pretty(&m)?;
        std::fs::write(&self.manifest, format!("{text}\n"))
            .with_context(|| format!("NB0005 cannot write {}", self.manifest.display()))?;
        line(&format!("Wrote {}.\n\nThe bot asks for these permissions and no others:", self.manifest.display()))?;
        for (scope, why) in manifest::SCOPES {
            line(&format!("  {scope:<18} to {why}"))?;
        }
        let link = manifest::create_link(&m);
        let bare = "https://api.slack.com/apps?new_app=1";
        line("\n1. Make the app. This link has the manifest filled in; choose the workspace and press Create:")?;
        line(&format!("   {link}"))?;
        line(&format!("   (too long for your browser? {bare}, \"From a manifest\", paste the file)"))?;
        line("2. On the page of the app, \"Install App\": press Install, and copy the bot token (xoxb-...).")?;
        match reach {
            Reach::Socket => {
                line(
                    "   Then \"Basic Information\", App-Level Tokens: generate one with the scope connections:write,",
                )?;
                line("   and copy it (xapp-...).")?;
                line("\nPut both where only the bot can read them, and switch Slack on:")?;
                line("   export NIGHTBELL__SLACK__ENABLED=true")?;
                line("   export NIGHTBELL__SLACK__BOT_TOKEN_FILE=/etc/nightbell/slack-bot-token")?;
                line("   export NIGHTBELL__SLACK__APP_TOKEN_FILE=/etc/nightbell/slack-app-token")?;
            }
            Reach::Http(url) => {
                line("   Then \"Basic Information\": copy the signing secret.")?;
                line(&format!("\nYour proxy must pass {url}/slack/ on to the bot. Put both secrets in place:"))?;
                line("   export NIGHTBELL__SLACK__ENABLED=true")?;
                line("   export NIGHTBELL__SLACK__MODE=http")?;
                line("   export NIGHTBELL__SLACK__BOT_TOKEN_FILE=/etc/nightbell/slack-bot-token")?;
                line("   export NIGHTBELL__SLACK__SIGNING_SECRET_FILE=/etc/nightbell/slack-signing-secret")?;
            }
        }
        line("\n3. See whether it works, with a hello to yourself:")?;
        line("   nightbell init slack --verify --hello you@your-company")?;
        Ok(ExitCode::SUCCESS)
    }

    /// Tokens, permissions, sockets, and a hello.
    async fn look(&self, path: &Path) -> Outcome {
        let config = Config::load(path, std::env::vars())?;
        if !config.slack.enabled {
            line("fix slack.enabled is false; set NIGHTBELL__SLACK__ENABLED=true")?;
            return Ok(ExitCode::from(PROBLEMS));
        }
        let slack = connector(&config)?;
        let mut found = slack.examine_from_outside().await;
        found.extend(slack.check_socket().await);
        let mut problems = false;
        for f in &found {
            problems |= !f.ok;
            let mark = if f.ok { "ok  " } else { "fix " };
            let code = f.code.map(|c| format!("{c} ")).unwrap_or_default();
            line(&format!("{mark}{code}{}", f.text))?;
        }
        if let Some(email) = self.hello.as_deref().filter(|_| !problems) {
            problems |= !hello(&slack, email, &config.slack.command).await?;
        }
        if config.slack.api_url != SLACK_API {
            line(&format!("ok  slack: the Web API is taken from {}", config.slack.api_url))?;
        }
        Ok(if problems { ExitCode::from(PROBLEMS) } else { ExitCode::SUCCESS })
    }
}

async fn hello(slack: &Connector, email: &str, command: &str) -> anyhow::Result<bool> {
    let profile = match slack.find(email).await {
        Ok(Some(p)) => p,
        Ok(None) => {
            line(&format!("fix slack: nobody in the workspace has the address {email}"))?;
            return Ok(false);
        }
        Err(e) => {
            line(&format!("fix slack: {e}"))?;
            return Ok(false);
        }
    };
    let card = Card::titled("Hello", Tone::Good)
        .with(Block::Text("I am here. Send me something that seems odd, or ask me what the policies say.".to_owned()))
        .with(Block::List(vec![
            "Write to me here: I answer when the bot is running.".to_owned(),
            format!("Type {command} help: then the command works."),
            "Open the Home tab above: then the events come in.".to_owned(),
        ]));
    let place = Place::User(profile.id);
    match slack.send(Delivery::of("hello", &place, &card)).await {
        Ok(_) => {
            line(&format!("ok  slack: a hello is on its way to {}", profile.name)).map(|()| true).map_err(Into::into)
        }
        Err(e) => line(&format!("fix slack: the hello did not leave: {e}")).map(|()| false).map_err(Into::into),
    }
}
