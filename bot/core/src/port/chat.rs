//! A chat platform, as the outbox sees it.

use crate::chat::{Card, FileRef};
use crate::code::Code;
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a platform can do. The desk asks the capability, never the platform's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Threads in channels.
    pub threads: bool,
    /// Messages can be replaced in place.
    pub update: bool,
    /// A message in a channel that only one person sees.
    pub ephemeral: bool,
    /// A page of the bot's own for each person.
    pub home: bool,
    /// A list of users with verified addresses, see [`Chat::profile`].
    pub profiles: bool,
    /// Longest text of one message, in characters.
    pub max_text: usize,
    /// Most buttons on one card.
    pub max_buttons: usize,
}

/// Where to deliver, in the platform's own ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Direct message to a user.
    User(String),
    /// The bot's own page, as this user sees it. What is sent replaces what stood there.
    Home(String),
    /// A channel, optionally a thread in it.
    Channel {
        /// Channel id.
        id: String,
        /// Thread.
        thread: Option<String>,
        /// Visible to this user only.
        only_for: Option<String>,
    },
}

/// A delivered message, for later updates. Opaque to all but its connector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MsgRef(pub String);

/// Why a message did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Try again, not before so many milliseconds.
    #[error("not now: {why}")]
    Later {
        /// For the operator; no secrets.
        why: String,
        /// Wait at least so long.
        after_ms: u64,
    },
    /// Will never arrive there.
    #[error("cannot be delivered: {0}")]
    Never(String),
}

/// One message on its way.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// Idempotency key: the same key shows one message however often it is sent.
    pub key: &'a str,
    /// Where.
    pub to: &'a Place,
    /// What.
    pub card: &'a Card,
    /// A delivered message to change in place; where it is gone, a new one is posted.
    pub replaces: Option<&'a MsgRef>,
    /// Set when an earlier try, not before this instant, may have arrived without our knowing. A platform without
    /// idempotency keys of its own looks there first.
    pub doubt: Option<Timestamp>,
    /// May wait for everything else.
    pub bulk: bool,
}

impl<'a> Delivery<'a> {
    /// A new message that certainly was not sent before.
    pub const fn of(key: &'a str, to: &'a Place, card: &'a Card) -> Self {
        Self { key, to, card, replaces: None, doubt: None, bulk: false }
    }
}

/// What a platform says about one of its users.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// The platform's user id.
    pub id: String,
    /// Shown name, untrusted text.
    #[serde(default)]
    pub name: String,
    /// Address, when the platform verified it.
    #[serde(default)]
    pub email: Option<String>,
    /// A guest: in the chat, not in the company.
    #[serde(default)]
    pub guest: bool,
    /// Of another company.
    #[serde(default)]
    pub foreign: bool,
    /// Switched off, or a program.
    #[serde(default)]
    pub gone: bool,
}

/// Whether the platform is well, for `check`, `admin doctor` and the health page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// True when all is well.
    pub ok: bool,
    /// Error code, where one applies.
    pub code: Option<Code>,
    /// What was found, and what to do about it. No secrets.
    pub text: String,
}

impl Finding {
    /// All is well.
    pub fn good(text: impl Into<String>) -> Self {
        Self { ok: true, code: None, text: text.into() }
    }

    /// Something has to be done.
    pub fn bad(code: Code, text: impl Into<String>) -> Self {
        Self { ok: false, code: Some(code), text: text.into() }
    }
}

/// One chat platform.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Its name in configuration and conversations, such as `local`.
    fn platform(&self) -> &str;
    /// What it can do.
    fn capabilities(&self) -> Capabilities;
    /// Shows a card.
    async fn send(&self, d: Delivery<'_>) -> Result<MsgRef, SendError>;
    /// Bytes of an attached file, at most `cap`; larger ones are an error before they are read whole.
    async fn fetch(&self, file: &FileRef, cap: u64) -> Result<Vec<u8>, FetchError>;
    /// What the platform says about a user; `None` when it keeps no such list or does not know them.
    async fn profile(&self, user: &str) -> Result<Option<Profile>, SendError> {
        let _ = user;
        Ok(None)
    }
    /// The user with an address; `None` when there is none or the platform keeps no such list.
    async fn find(&self, email: &str) -> Result<Option<Profile>, SendError> {
        let _ = email;
        Ok(None)
    }
    /// Users in one of the platform's groups; none when it keeps no groups.
    async fn group(&self, id: &str) -> Result<Vec<String>, SendError> {
        let _ = id;
        Ok(Vec::new())
    }
    /// Looks at the connection as an operator would.
    async fn examine(&self) -> Vec<Finding> {
        Vec::new()
    }
}

/// Why a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Larger than the cap.
    #[error("the file has more than {cap} bytes")]
    TooBig {
        /// The cap.
        cap: u64,
    },
    /// Not there any more.
    #[error("the file is gone")]
    Gone,
    /// Try again later.
    #[error("the file could not be fetched: {0}")]
    Later(String),
}
