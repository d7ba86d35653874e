//! What actions give in a test, and what people decide: the parts of test files that a world understands.

use nightbell_core::duration::Span;
use serde::Deserialize;
use serde_json::Value;
use std::collections::VecDeque;

/// What an action gives: always the same, or one entry per call.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Mocks {
    /// Successive calls; the last entry serves all that follow.
    Many(Vec<Mock>),
    /// Every call.
    One(Mock),
}

impl Mocks {
    /// One entry per call.
    pub fn queue(self) -> VecDeque<Mock> {
        match self {
            Self::One(m) => VecDeque::from([m]),
            Self::Many(list) => list.into(),
        }
    }
}

/// One result of an action.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mock {
    /// What it gives.
    pub outputs: Option<Value>,
    /// It fails instead.
    pub error: Option<MockError>,
    /// How long it takes.
    pub delay: Option<Span>,
    /// Only for calls for which this condition over `args` holds.
    pub when: Option<String>,
    /// The outcome is unknown. Ours beyond the schema: without it nobody could test `needs_human`.
    pub unknown: Option<String>,
}

/// How an action fails.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MockError {
    /// Code, such as `unavailable`.
    pub code: String,
    /// For people.
    #[serde(default)]
    pub message: String,
    /// How many calls fail before it works; without it every call.
    pub times: Option<u32>,
}

/// A press.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecisionSpec {
    /// Yes or no.
    pub decision: Word,
    /// `role:NAME` for an otherwise uninvolved member of that role, `user:ADDRESS` for that person.
    pub by: String,
    /// Why.
    pub comment: Option<String>,
    /// Which approval; needed in scripts only.
    pub step: Option<String>,
}

/// Yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Yes.
    Granted,
    /// No.
    Denied,
}
