//! A check of a mail's sender with the DNS: DKIM, SPF and DMARC. It can only add: without an answer a mail is judged by
//! what its headers say.

use async_trait::async_trait;
use std::fmt;
use std::net::IpAddr;

/// What is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailToCheck {
    /// The whole mail as it was received, headers first.
    pub raw: Vec<u8>,
    /// Domain of the sender shown (From), lower case.
    pub from_domain: String,
    /// Address of the host that handed the mail to our own gateway; None when no line of ours tells it.
    pub client: Option<IpAddr>,
    /// What that host called itself.
    pub helo: String,
    /// The envelope's sender (Return-Path); empty for a bounce or when it is not known.
    pub mail_from: String,
}

/// How something was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// A signature over the mail (RFC 6376).
    Dkim,
    /// The sending host (RFC 7208).
    Spf,
    /// The policy of the sender shown (RFC 7489).
    Dmarc,
}

impl Method {
    /// The word that headers use for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dkim => "dkim",
            Self::Spf => "spf",
            Self::Dmarc => "dmarc",
        }
    }
}

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Proven.
    Pass,
    /// Checked to the end and not proven.
    Fail,
    /// Nothing is published or said.
    None,
    /// Could not be checked to the end, now or ever: says nothing about the mail.
    Unknown,
}

impl Outcome {
    /// For people and tables.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::None => "none",
            Self::Unknown => "not checked",
        }
    }
}

/// One result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthCheck {
    /// How.
    pub method: Method,
    /// What came out.
    pub outcome: Outcome,
    /// Whose domain this is about, lower case; written by the sender.
    pub domain: String,
    /// Why, in plain words; empty when there is nothing to add.
    pub why: String,
    /// DMARC only: the owner asks that unproven mails are refused or put aside.
    pub strict: bool,
}

/// All results of one mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuthChecked {
    /// In the order dkim, spf, dmarc; at most [`MAX_CHECKS`].
    pub results: Vec<AuthCheck>,
    /// What could not be checked and why, in plain words.
    pub unchecked: Vec<String>,
}

/// Results of one mail at most.
pub const MAX_CHECKS: usize = 10;

impl fmt::Display for AuthCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.method.word(), self.outcome.word(), self.domain)
    }
}

/// The check. It never fails: what went wrong is in the answer.
#[async_trait]
pub trait MailAuth: Send + Sync {
    /// Checks one mail within a few seconds.
    async fn check(&self, mail: &MailToCheck) -> AuthChecked;
}
