//! What is kept of reported mails, and what the organisation learns from them.

use jiff::Timestamp;
use nightbell_core::case::Disposition;
use serde::{Deserialize, Serialize};

/// A sender in reports: an address, or an organisation's domain.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sender {
    /// How many reports.
    pub reports: u32,
    /// How many a responder confirmed as attacks, with the sender confirmed by our own boundary.
    pub real: u32,
    /// How many a responder found harmless, with the sender confirmed by our own boundary.
    pub fine: u32,
    /// First report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Timestamp>,
    /// Latest report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Timestamp>,
}

/// How often a rule was right when it spoke against a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RuleScore {
    /// Mails that a responder confirmed as attacks.
    pub real: u32,
    /// Mails that a responder found harmless.
    pub fine: u32,
}

/// What was learned from a case, so that another decision can take it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The decision.
    pub disposition: Disposition,
    /// When.
    pub at: Timestamp,
}

/// Thresholds that a person put in force, and those before them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Tuning {
    /// Points for suspicious and malicious.
    pub now: (f64, f64),
    /// The same before; None where the shipped ones were in force.
    #[serde(default)]
    pub before: Option<(f64, f64)>,
    /// When.
    pub at: Timestamp,
}
