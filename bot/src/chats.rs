//! The chat platforms of vendors: built from the configuration, served, and given new tokens while they run.

use crate::config::Config;
use anyhow::anyhow;
use nightbell_chat_slack::Slack;
use nightbell_core::duration::Span;
use nightbell_core::port::accept::Accept;
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::Chat;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::Http;
use nightbell_core::port::random::Rng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often files with secrets are looked at.
const EVERY: Span = Span::secs(5);
/// How long the start waits for a platform to say who we are. The bot runs without that, too.
const INTRODUCE: std::time::Duration = std::time::Duration::from_secs(8);

/// The connected platforms.
#[derive(Default)]
pub struct Chats {
    slack: Option<Arc<Slack>>,
}

/// The ports that connectors stand on.
pub struct Ports {
    /// HTTP.
    pub http: Arc<dyn Http>,
    /// The way in.
    pub accept: Arc<dyn Accept>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Dice.
    pub rng: Arc<dyn Rng>,
}

/// The connector to Slack.
pub fn slack(config: &Config, ports: &Ports) -> anyhow::Result<Arc<Slack>> {
    let c = config.slack.connector().map_err(|e| anyhow!("NB0002 {e}"))?;
    let (http, accept) = (Arc::clone(&ports.http), Arc::clone(&ports.accept));
    Ok(Slack::new(c, http, accept, Arc::clone(&ports.clock), Arc::clone(&ports.rng))?)
}

impl Chats {
    /// Builds what is enabled.
    pub fn build(config: &Config, ports: &Ports) -> anyhow::Result<Self> {
        let slack = config.slack.enabled.then(|| slack(config, ports)).transpose()?;
        Ok(Self { slack })
    }

    /// The platforms as the desk sees them.
    pub fn ports(&self) -> BTreeMap<String, Arc<dyn Chat>> {
        let mut out: BTreeMap<String, Arc<dyn Chat>> = BTreeMap::new();
        if let Some(s) = &self.slack {
            out.insert(nightbell_chat_slack::PLATFORM.to_owned(), Arc::clone(s) as Arc<dyn Chat>);
        }
        out
    }

    /// What platforms can do besides talking. A service that the operator configured for the same action comes first.
    pub fn actions(&self) -> Vec<Arc<dyn Actions>> {
        let manifests = nightbell_playbooks::builtin::manifests();
        let room = manifests.into_iter().find(|m| m.name == nightbell_chat_slack::ROOM);
        let rooms = self.slack.as_ref().zip(room).map(|(s, m)| nightbell_chat_slack::Rooms::new(Arc::clone(s), m));
        rooms.into_iter().map(|r| Arc::new(r) as Arc<dyn Actions>).collect()
    }

    /// The addresses at which platforms call us; each checks its callers itself.
    pub fn router(&self) -> axum::Router {
        self.slack.as_ref().map_or_else(axum::Router::new, Slack::router)
    }

    /// Begins to listen. What does not answer now is tried again; the bot starts all the same.
    pub async fn start(&self, source: Option<PathBuf>, stop: &watch::Receiver<bool>) -> Vec<JoinHandle<()>> {
        let mut tasks = Vec::new();
        if let Some(s) = &self.slack {
            match tokio::time::timeout(INTRODUCE, s.introduce()).await {
                Ok(Ok(us)) => tracing::info!(user = us.user, team = us.team, "Slack knows us"),
                Ok(Err(why)) => tracing::error!(code = "NB0504", "Slack does not know us: {why}"),
                Err(_) => tracing::error!(code = "NB0503", "Slack does not answer; it is tried again"),
            }
            tasks.push(tokio::spawn(Arc::clone(s).listen(stop.clone())));
            if let Some(path) = source {
                tasks.push(tokio::spawn(rotate(Arc::clone(s), path, stop.clone())));
            }
        }
        tasks
    }
}

type Snapshot = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// The configuration and the files that hold its secrets.
fn snapshot(path: &Path) -> Snapshot {
    let named = std::env::vars().filter(|(k, _)| k.starts_with("NIGHTBELL__SLACK__") && k.ends_with("_FILE"));
    let files = named.map(|(_, v)| PathBuf::from(v)).chain([path.to_owned()]);
    let facts = |p: PathBuf| match std::fs::metadata(&p) {
        Ok(m) => (p, m.modified().ok(), m.len()),
        Err(_) => (p, None, 0),
    };
    files.map(facts).collect()
}

/// Takes new tokens when their files change, so that rotation needs no restart.
async fn rotate(slack: Arc<Slack>, path: PathBuf, mut stop: watch::Receiver<bool>) {
    let mut taken = snapshot(&path);
    while !*stop.borrow() {
        tokio::select! {
            () = tokio::time::sleep(EVERY.0) => {}
            _ = stop.changed() => return,
        }
        let seen = snapshot(&path);
        if seen == taken {
            continue;
        }
        taken = seen;
        let read = Config::load(&path, std::env::vars()).map_err(|e| e.to_string());
        match read.and_then(|c| c.slack.connector().map_err(|e| e.to_string())) {
            Ok(c) if slack.renew(&c) => {
                tracing::info!("new tokens for Slack are in use");
                if let Err(why) = slack.introduce().await {
                    tracing::error!(code = "NB0504", "Slack does not take the new token: {why}");
                }
            }
            Ok(_) => {}
            Err(why) => tracing::error!(code = "NB0002", "the changed configuration was not taken: {why}"),
        }
    }
}
