//! Alerts: what a system brings, normalised (`playbooks.md` section 8).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How bad. The order is the order of the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing to do today.
    Low,
    /// Somebody should look today.
    #[default]
    Medium,
    /// Somebody must look now.
    High,
    /// Everybody needed is woken.
    Critical,
}

impl Severity {
    /// The word in messages.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The rule behind an alert.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rule {
    /// Id in the system that raised it.
    pub id: String,
    /// Shown name.
    #[serde(default)]
    pub name: String,
    /// Tags; `verify-user` starts "was this you?".
    #[serde(default)]
    pub tags: Vec<String>,
}

/// A normalised alert. All text is untrusted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Id in the system that raised it.
    pub id: String,
    /// Name of the webhook or connector.
    pub source: String,
    /// The rule.
    #[serde(default)]
    pub rule: Rule,
    /// How bad the source says it is.
    #[serde(default)]
    pub severity: Severity,
    /// The account it is about: an address or an id of the directory.
    #[serde(default)]
    pub user: Option<String>,
    /// Host name.
    #[serde(default)]
    pub host: Option<String>,
    /// Source address.
    #[serde(default)]
    pub source_ip: Option<String>,
    /// When it happened.
    pub time: Timestamp,
    /// One line for people.
    #[serde(default)]
    pub summary: String,
}
