//! The words of mail evidence: what an analysis returns. The analysis itself lives in `nightbell-mail`.

pub mod evidence;
pub mod export;
pub mod gateway;

use serde::{Deserialize, Serialize};

/// What the bot says about a mail (`mail.md` section 8). Ordered by how much it alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A configured exercise.
    Simulation,
    /// No signs found. Never "safe".
    LikelySafe,
    /// Unwanted, not dangerous.
    Spam,
    /// Not enough seen to judge.
    NeedOriginal,
    /// A human should look.
    Suspicious,
    /// Act.
    Malicious,
}

impl Verdict {
    /// The machine word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Simulation => "simulation",
            Self::LikelySafe => "likely_safe",
            Self::Spam => "spam",
            Self::NeedOriginal => "need_original",
            Self::Suspicious => "suspicious",
            Self::Malicious => "malicious",
        }
    }
}

impl std::str::FromStr for Verdict {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        [Self::Simulation, Self::LikelySafe, Self::Spam, Self::NeedOriginal, Self::Suspicious, Self::Malicious]
            .into_iter()
            .find(|v| v.word() == s)
            .ok_or_else(|| format!("`{s}` is not a verdict"))
    }
}

/// Where a reason rests: characters of the decoded text of the named part, end exclusive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Where {
    /// `header:Name`, `body/<IMAP part number>` such as `body/1.2`, or `raw`.
    pub part: String,
    /// First character.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
}

/// One reason for or against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code in lower snake case, such as `link_text_mismatch`.
    pub code: String,
    /// One plain sentence that a person can check.
    pub text: String,
    /// What it rests on.
    #[serde(rename = "where")]
    pub place: Where,
    /// Positive speaks against the mail, negative for it.
    #[serde(default)]
    pub weight: f64,
}

/// Kind of an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IndicatorKind {
    /// A link.
    Url,
    /// A host name.
    Domain,
    /// A mail address.
    Email,
    /// An IP address.
    Ip,
    /// SHA-256 of an attachment.
    Sha256,
    /// A telephone number to call back.
    Phone,
}

/// Something that can be blocked, searched or shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indicator {
    /// What it is.
    pub kind: IndicatorKind,
    /// As found, after unwrapping.
    pub value: String,
    /// Safe to show: cannot be clicked.
    pub defanged: String,
}

/// The whole result for one mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Analysis {
    /// SHA-256 of the bytes handed in.
    pub sha256: String,
    /// What the bot says.
    pub verdict: Verdict,
    /// 0..1, monotone in how likely the mail is malicious.
    pub score: f64,
    /// What the score was made of: the sum of the evidence for danger, on the scale of the reasons' weights.
    #[serde(default)]
    pub points: f64,
    /// How many independent kinds of evidence speak against the mail.
    #[serde(default)]
    pub kinds: u8,
    /// Strongest first; against before for.
    pub reasons: Vec<Reason>,
    /// What can be blocked or searched.
    pub indicators: Vec<Indicator>,
    /// Key that near-duplicates share; None when there is too little text.
    pub campaign: Option<String>,
    /// What was not checked, in plain words.
    pub unchecked: Vec<String>,
    /// Shown sender address, untrusted.
    #[serde(default)]
    pub from: String,
    /// Shown sender name, untrusted.
    #[serde(default)]
    pub from_name: String,
    /// Subject, untrusted.
    #[serde(default)]
    pub subject: String,
    /// Message-ID, untrusted.
    #[serde(default)]
    pub message_id: String,
    /// BLAKE3 over the body in the form that survives forwarding (white space folded).
    #[serde(default)]
    pub body_hash: String,
    /// Language of the text as two letters, for the reply only.
    #[serde(default)]
    pub lang: Option<String>,
}
