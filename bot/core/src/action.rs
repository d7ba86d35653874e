//! Actions: what a playbook can do, and the class of effect that decides whether a human must agree.

use crate::duration::Span;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Effect class of an action (`playbooks.md` section 6). It stands in the manifest, never in a playbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Changes nothing outside.
    Read,
    /// Reaches people only.
    Notify,
    /// Changes something and has an inverse. Needs an approval.
    Change,
    /// No or a costly inverse. Needs an approval, never a standing one.
    Destructive,
}

impl Effect {
    /// Whether a human must agree to the exact arguments first.
    pub const fn needs_approval(self) -> bool {
        matches!(self, Self::Change | Self::Destructive)
    }

    /// The word in messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Notify => "notify",
            Self::Change => "change",
            Self::Destructive => "destructive",
        }
    }
}

/// What a repeat of the same call does (`playbooks.md` section 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Idempotent {
    /// The service honours the idempotency key.
    Key,
    /// One can look first whether it happened.
    Check,
    /// Doing it twice is the same as once.
    Natural,
    /// Doing it twice is twice. An unknown outcome is put to a human.
    None,
}

/// Type of an argument or output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArgType {
    /// Text.
    String,
    /// Whole number.
    Integer,
    /// Number.
    Number,
    /// true or false.
    Boolean,
    /// A list of anything.
    List,
    /// A map.
    Map,
    /// A person: a directory entry or an address.
    User,
    /// A mail handle.
    Mail,
    /// Not checked.
    Any,
}

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arg {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ArgType,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// For people.
    #[serde(default)]
    pub about: String,
}

/// What is known of an action before it runs. Feeds lint, approvals, dry runs and the docs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// `connector.action`.
    pub name: String,
    /// Major version; a playbook may pin it with `@2`.
    #[serde(default = "one")]
    pub major: u32,
    /// One line for people: a verb with its object, such as "Sign the person out everywhere".
    pub about: String,
    /// Effect class.
    pub effect: Effect,
    /// What a repeat does.
    pub idempotent: Idempotent,
    /// Typed arguments.
    #[serde(default)]
    pub args: BTreeMap<String, Arg>,
    /// Typed outputs.
    #[serde(default)]
    pub outputs: BTreeMap<String, ArgType>,
    /// The action that takes it back.
    #[serde(default)]
    pub inverse: Option<String>,
    /// Deadline of one call.
    #[serde(default = "thirty")]
    pub timeout: Span,
}

const fn one() -> u32 {
    1
}
const fn thirty() -> Span {
    Span::secs(30)
}

/// A call, ready to leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `connector.action`.
    pub action: String,
    /// Major version.
    pub major: u32,
    /// Rendered arguments; for an approved action exactly those that were approved.
    pub args: Value,
    /// Idempotency key, the same on every try.
    pub key: String,
    /// Whether an earlier try may have happened already.
    #[serde(default)]
    pub repeat: bool,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// It happened.
    Done {
        /// What came back.
        outputs: Value,
    },
    /// It did not happen.
    Failed {
        /// Code for handlers, such as `NB2101` or the service's own word.
        code: String,
        /// For people; no secrets.
        message: String,
        /// Whether a later try may succeed.
        retryable: bool,
    },
    /// Nobody knows. A human decides; it is never guessed.
    Unknown {
        /// Why it is not known.
        why: String,
    },
}
