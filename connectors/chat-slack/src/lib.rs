//! Slack behind the chat port: both transports, the Web API, cards as Block Kit.
//!
//! **Architecture invariant:** nothing is acknowledged to Slack before [`Accept`] kept it, and nothing else happens
//! before the acknowledgement; the one thing that cannot wait, opening a form while its trigger is fresh, runs beside it.
//!
//! Where to look first: [`receive`] says what an event of Slack's means, `take` keeps it, `socket` and `web` are the two
//! ways in, `chat` is the way out, `blocks` draws cards.

mod api;
mod blocks;
mod chat;
pub mod config;
mod doctor;
mod files;
mod lean;
mod limits;
pub mod manifest;
mod markup;
mod pace;
mod people;
pub mod receive;
mod rooms;
mod signature;
mod socket;
mod take;
mod text;
mod tls;
mod trouble;
mod uploads;
mod web;

pub use config::{BadConfig, Config, SLACK_API, Transport};
pub use receive::PLATFORM;
pub use rooms::{ROOM, Rooms};

use nightbell_connector_kit::Secret;
use nightbell_core::port::accept::Accept;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::Http;
use nightbell_core::port::random::Rng;
use receive::Us;
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// The connector.
pub struct Slack {
    config: RwLock<Arc<Config>>,
    pub(crate) http: Arc<dyn Http>,
    pub(crate) accept: Arc<dyn Accept>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    api: RwLock<Arc<api::Api>>,
    pub(crate) limits: limits::Limits,
    pub(crate) troubles: trouble::Log,
    us: Mutex<Us>,
    directs: Mutex<HashMap<String, String>>,
    /// Connections of Socket Mode that have said hello.
    pub(crate) open: AtomicUsize,
    /// When the last event came in, in Unix seconds; 0 = none yet.
    pub(crate) heard: AtomicI64,
}

impl Slack {
    /// Puts it together. The configuration was checked by [`Config::check`].
    pub fn new(
        config: Config,
        http: Arc<dyn Http>,
        accept: Arc<dyn Accept>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Result<Arc<Self>, BadConfig> {
        config.check()?;
        let api = api::Api::new(Arc::clone(&http), &config.api_url, &config.bot_token);
        let us = Us {
            team: config.team_id.clone().unwrap_or_default(),
            app: config.app_id.clone().unwrap_or_default(),
            ..Us::default()
        };
        Ok(Arc::new(Self {
            config: RwLock::new(Arc::new(config)),
            http,
            accept,
            clock,
            rng,
            api: RwLock::new(Arc::new(api)),
            limits: limits::Limits::default(),
            troubles: trouble::Log::default(),
            us: Mutex::new(us),
            directs: Mutex::new(HashMap::new()),
            open: AtomicUsize::new(0),
            heard: AtomicI64::new(0),
        }))
    }

    pub(crate) fn api(&self) -> Arc<api::Api> {
        Arc::clone(&self.api.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes new secrets; sockets that are open stay until Slack renews them. False when nothing is new.
    pub fn renew(&self, new: &Config) -> bool {
        let old = self.config();
        let secret = |t: &Transport| match t {
            Transport::Socket { app_token, .. } => app_token.clone(),
            Transport::Http { signing_secret } => signing_secret.clone(),
        };
        let same = |a: &Secret, b: &Secret| a.matches(b.expose());
        if new.check().is_err()
            || (same(&old.bot_token, &new.bot_token) && same(&secret(&old.transport), &secret(&new.transport)))
        {
            return false;
        }
        let config = Config {
            bot_token: new.bot_token.clone(),
            transport: match (&old.transport, &new.transport) {
                (Transport::Socket { connections, .. }, Transport::Socket { app_token, .. }) => {
                    Transport::Socket { app_token: app_token.clone(), connections: *connections }
                }
                (Transport::Http { .. }, Transport::Http { signing_secret }) => {
                    Transport::Http { signing_secret: signing_secret.clone() }
                }
                // Another transport needs a start.
                (was, _) => was.clone(),
            },
            ..(*old).clone()
        };
        let api = api::Api::new(Arc::clone(&self.http), &config.api_url, &config.bot_token);
        *self.api.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(api);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config);
        true
    }

    /// Who we are in the workspace, as far as it is known.
    pub fn us(&self) -> Us {
        self.us.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn directs(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.directs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks Slack who we are: without that our own mention is not recognised in channels.
    pub async fn introduce(&self) -> Result<Us, String> {
        let v = self.ask("auth.test", None, &serde_json::json!({})).await.map_err(|f| f.error.to_string())?;
        let mut us = self.us.lock().unwrap_or_else(PoisonError::into_inner);
        text::at(&v, "/user_id").clone_into(&mut us.user);
        text::at(&v, "/bot_id").clone_into(&mut us.bot);
        if us.team.is_empty() {
            text::at(&v, "/team_id").clone_into(&mut us.team);
        }
        Ok(us.clone())
    }
}
