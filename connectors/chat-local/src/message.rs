//! A message as it is kept.

use jiff::Timestamp;
use nightbell_core::chat::{Card, FileRef};
use serde::{Deserialize, Serialize};

/// Messages. Key: conversation, number.
pub(crate) const MESSAGES: &str = "localmsg";
/// Idempotency keys. Value: key of the message.
pub(crate) const KEYS: &str = "localkey";
/// The last message somebody has seen. Key: person, conversation.
pub(crate) const READ: &str = "localread";

/// Who wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct From {
    /// Id of the person, or `nightbell`.
    pub id: String,
    /// Shown name.
    pub name: String,
    /// Whether it was the bot.
    #[serde(default)]
    pub bot: bool,
}

/// A pressed button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// By whom.
    pub by: From,
    /// What it said.
    pub label: String,
    /// When.
    pub at: Timestamp,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Number within the conversation, as text that sorts by time.
    pub id: String,
    /// Number of the last change, comparable with ids.
    pub rev: String,
    /// Where.
    pub conv: String,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub from: From,
    /// What a person wrote, or the card as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What the bot shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// Attached files; the id is the digest of the bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
    /// The message it answers, in channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<String>,
    /// Only this person sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_for: Option<String>,
    /// When the bot last changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Timestamp>,
    /// Buttons pressed so far, newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<Chosen>,
    /// Whether the bot was addressed and should answer.
    #[serde(default)]
    pub to_bot: bool,
}

impl Message {
    /// Store key.
    pub(crate) fn key(&self) -> String {
        key(&self.conv, &self.id)
    }

    /// Whether somebody may see it, given that they may see its conversation.
    pub(crate) fn visible_to(&self, person: &str) -> bool {
        self.only_for.as_deref().is_none_or(|p| p == person)
    }
}

pub(crate) fn key(conv: &str, id: &str) -> String {
    format!("{conv}/{id}")
}
