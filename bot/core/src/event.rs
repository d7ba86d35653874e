//! Everything that can come in, as one enum. `desk/inbox.rs` keeps it, `desk/route.rs` decides what it means.

use crate::alert::Alert;
use crate::chat::Inbound;
use crate::ids::PersonId;
use serde::{Deserialize, Serialize};

/// An event from outside, verified by whoever received it and not yet interpreted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody did something in chat.
    Chat(Inbound),
    /// A system raised an alert.
    Alert(Alert),
    /// A signed webhook that is not an alert.
    Webhook {
        /// Its name in the configuration.
        name: String,
        /// The sender's id, or a digest of the body.
        id: String,
        /// What it says.
        body: serde_json::Value,
    },
    /// Somebody pressed a button or ran a command in the console, already authenticated.
    Console {
        /// Who.
        person: PersonId,
        /// What, as for chat.
        what: crate::chat::What,
    },
    /// An outside action came back.
    ActionResult {
        /// The run that asked for it.
        run: crate::ids::RunId,
        /// Step path within the run.
        path: String,
        /// Which attempt.
        attempt: u32,
        /// How it ended.
        outcome: crate::action::Outcome,
    },
    /// A page reached (or did not reach) one target of the ladder.
    PageResult {
        /// Which page.
        page: crate::ids::PageId,
        /// Target as configured, such as `webhook:pager`.
        target: String,
        /// None when it was taken; else why not, safe to show.
        error: Option<String>,
    },
}

impl Event {
    /// Events with the same lane are handled in the order of their arrival; different lanes run side by side.
    pub fn lane(&self) -> String {
        match self {
            Self::Chat(i) => i.conv.key(),
            Self::Alert(a) => format!("alert:{}", a.user.as_deref().unwrap_or(&a.id)),
            Self::Webhook { name, .. } => format!("webhook:{name}"),
            Self::Console { person, .. } => format!("console:{person}"),
            Self::ActionResult { run, .. } => format!("run:{run}"),
            Self::PageResult { page, .. } => format!("page:{page}"),
        }
    }
}
