//! The local chat: a chat platform without a vendor, behind the same port as the others. It serves the demo, the
//! rehearsals, the tests, and every installation that wants a place to talk to the bot when nothing else works.
//!
//! **Architecture invariant:** what a person does here becomes the same [`nightbell_core::chat::Inbound`] as on a
//! vendor's platform and goes through [`Accept`]; only after that was kept does the person see the own message.
//!
//! Where to look first: [`Local`] is the platform, `post` is the way in, `rooms` keeps messages, `web` draws them.

mod chat;
mod message;
mod post;
mod rooms;
pub mod terminal;
mod web;

pub(crate) use web::draw_query as web_query;

pub use message::{Chosen, From, Message};

use nightbell_core::port::accept::Accept;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::Ids;
use nightbell_core::port::store::Store;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::sync::broadcast;

/// Name of the platform in configuration and conversations.
pub const PLATFORM: &str = "local";

/// Somebody who can talk here. The id is the person's id of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// Role words, such as `employee`, `responder`, for the list and for closed channels.
    pub roles: Vec<String>,
    /// IANA zone in which times are shown.
    pub zone: String,
}

/// A place for several people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Id, such as `security`.
    pub id: String,
    /// What it is for, in one line.
    pub about: String,
    /// Only people with one of these role words; empty for everybody.
    pub only: Vec<String>,
}

/// What the operator can set.
#[derive(Debug, Clone)]
pub struct Options {
    /// Everybody.
    pub people: Vec<Person>,
    /// The channels.
    pub channels: Vec<Channel>,
    /// Largest file in bytes.
    pub upload_cap: usize,
    /// Links to the console's pages in the head of the page: label and path.
    pub links: Vec<(String, String)>,
}

impl Default for Options {
    fn default() -> Self {
        let channel = |id: &str, about: &str, only: &[&str]| Channel {
            id: id.to_owned(),
            about: about.to_owned(),
            only: only.iter().map(|r| (*r).to_owned()).collect(),
        };
        Self {
            people: Vec::new(),
            channels: vec![
                channel("general", "For everybody. Mention @nightbell to ask it something.", &[]),
                channel("security", "Where those on call work.", &["responder", "lead"]),
            ],
            upload_cap: 25 * 1024 * 1024,
            links: Vec::new(),
        }
    }
}

/// The local chat platform.
pub struct Local {
    pub(crate) options: Options,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) accept: Arc<dyn Accept>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    /// Last number given out; numbers rise with time and never repeat.
    pub(crate) last: AtomicU64,
    /// Names of conversations in which something changed.
    pub(crate) changed: broadcast::Sender<String>,
}

impl Local {
    /// Puts it together.
    pub fn new(
        options: Options,
        store: Arc<dyn Store>,
        accept: Arc<dyn Accept>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Arc<Self> {
        let changed = broadcast::channel(256).0;
        Arc::new(Self { options, store, accept, clock, ids, last: AtomicU64::new(0), changed })
    }

    /// The pages and the API under `/chat`. Expects [`nightbell_core::person::Session`] among the request's
    /// extensions: put it behind the console's guard.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        web::router(self.clone())
    }

    pub(crate) fn person(&self, id: &str) -> Option<&Person> {
        self.options.people.iter().find(|p| p.id == id)
    }
}
