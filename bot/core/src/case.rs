//! Cases: everything about one thing that happened, in one place.

use crate::alert::Severity;
use crate::ids::{CaseId, PersonId, RunId};
use crate::mail::Verdict;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CaseKind {
    /// An employee brought something.
    Report,
    /// A system brought something.
    Alert,
    /// A human declared it.
    Incident,
    /// A schedule brought it, or a person who started a playbook by hand.
    Task,
}

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Being worked on by the bot or waiting for people.
    Open,
    /// A human took it.
    Acknowledged,
    /// Ended.
    Closed,
}

/// How it ended (after Elastic's close reasons).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    /// It was real.
    TruePositive,
    /// It was real and harmless, such as an exercise.
    BenignPositive,
    /// It was nothing.
    FalsePositive,
    /// Not enough was known.
    Undetermined,
}

impl Disposition {
    /// All of them with the word that people type and read.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::TruePositive, "real"),
        (Self::BenignPositive, "harmless"),
        (Self::FalsePositive, "false-alarm"),
        (Self::Undetermined, "unknown"),
    ];

    /// The word that people type and read.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(d, _)| *d == self).map_or("unknown", |(_, w)| w)
    }
}

impl std::str::FromStr for Disposition {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .find(|(_, w)| *w == s)
            .map(|(d, _)| *d)
            .ok_or_else(|| format!("`{s}` is not a close reason; use real, harmless, false-alarm or unknown"))
    }
}

/// One case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// What started it.
    pub kind: CaseKind,
    /// One line, may hold quoted outside text, never links.
    pub title: String,
    /// Where it stands.
    pub status: Status,
    /// How bad. Raised by rules and people; lowered by people only.
    pub severity: Severity,
    /// For mails: what was said about it.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Who reported it, first reporter first. All of them are told how it ends.
    #[serde(default)]
    pub reporters: Vec<PersonId>,
    /// Whom it is about. They never approve and never close it.
    #[serde(default)]
    pub subjects: Vec<PersonId>,
    /// Runs of playbooks for it.
    #[serde(default)]
    pub runs: Vec<RunId>,
    /// The open or last page for it.
    #[serde(default)]
    pub page: Option<crate::ids::PageId>,
    /// Who took it.
    #[serde(default)]
    pub owner: Option<PersonId>,
    /// Digest of the original mail among the blobs.
    #[serde(default)]
    pub mail: Option<String>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was closed.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
    /// How it ended.
    #[serde(default)]
    pub disposition: Option<Disposition>,
    /// Number of the next timeline row.
    #[serde(default)]
    pub rows: u32,
}

/// One row of a case's timeline. Written in the same commit as what it tells of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// When.
    pub at: Timestamp,
    /// Who: a person's id, `bot`, or a connector's name.
    pub who: String,
    /// Short machine word, such as `reported`, `verdict`, `asked`, `answered`, `approved`, `paged`, `closed`.
    pub kind: String,
    /// One or more plain sentences.
    pub text: String,
    /// Further lines: reasons, arguments, indicators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}
