//! A chat platform, as the outbox sees it.

use crate::chat::{Card, FileRef};
use async_trait::async_trait;
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

/// One chat platform.
#[async_trait]
pub trait Chat: Send + Sync {
    /// Its name in configuration and conversations, such as `local`.
    fn platform(&self) -> &str;
    /// What it can do.
    fn capabilities(&self) -> Capabilities;
    /// Shows a card. `key` is the idempotency key: the same key shows one message however often it is called.
    /// `replaces` names a delivered message to change in place; where it is gone, a new one is posted.
    async fn send(&self, key: &str, to: &Place, card: &Card, replaces: Option<&MsgRef>) -> Result<MsgRef, SendError>;
    /// Bytes of an attached file, at most `cap`; larger ones are an error before they are read whole.
    async fn fetch(&self, file: &FileRef, cap: u64) -> Result<Vec<u8>, FetchError>;
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
