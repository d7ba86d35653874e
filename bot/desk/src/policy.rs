//! What the operator decides about the desk: who is on call, what is listened to, when quizzes go out.

use nightbell_core::duration::Span;
use nightbell_core::mail::gateway::Gateway;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Everything of the configuration that the desk needs. A reload replaces it whole.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// The company.
    pub company: Company,
    /// The escalation ladder.
    pub oncall: OnCall,
    /// Names of channels to `platform:id`.
    pub channels: BTreeMap<String, String>,
    /// Listening in channels.
    pub listen: Listen,
    /// Quizzes.
    pub quiz: Quiz,
    /// Reported mails.
    pub mail: Mail,
    /// Ids of shipped playbooks whose schedules run. Those of own playbooks always do.
    pub scheduled: Vec<String>,
}

/// The company.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Company {
    /// Shown name.
    pub name: String,
    /// Own mail domains: look-alikes of them are searched for.
    pub domains: Vec<String>,
    /// When people work, for questions with `business_hours`. Empty zone: every hour counts.
    pub work: Work,
}

/// Working time of the team.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Work {
    /// IANA zone, such as `Europe/Berlin`; empty = not set.
    pub zone: String,
    /// Working days, Monday is 1.
    pub days: Vec<i8>,
    /// When work begins, civil time.
    pub from: String,
    /// When it ends.
    pub to: String,
}

impl Default for Work {
    fn default() -> Self {
        Self { zone: String::new(), days: vec![1, 2, 3, 4, 5], from: "09:00".to_owned(), to: "17:00".to_owned() }
    }
}

impl Company {
    /// Working time for the engine; None when the zone is not set.
    pub fn hours(&self) -> Option<nightbell_playbooks::api::Hours> {
        let w = &self.work;
        (!w.zone.is_empty()).then(|| nightbell_playbooks::api::Hours {
            zone: w.zone.clone(),
            days: w.days.clone(),
            from: w.from.clone(),
            to: w.to.clone(),
        })
    }
}

/// The escalation ladder.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnCall {
    /// Levels, first one first.
    pub levels: Vec<Level>,
    /// How often the whole ladder is gone through before giving up, at least 1.
    pub rounds: u32,
    /// Who to call when nobody answers, as shown to people.
    pub numbers: Vec<String>,
}

/// One level of the ladder.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// `person:<id>`, `channel:<name>` or `webhook:<name>`.
    pub notify: Vec<String>,
    /// How long to wait for an acknowledgement.
    #[serde(default = "ten_minutes")]
    pub wait: Span,
}

const fn ten_minutes() -> Span {
    Span::mins(10)
}

impl OnCall {
    /// Ids of the people of a level, from 1.
    pub fn people(&self, level: u32) -> Vec<&str> {
        let index = (level.max(1) - 1) as usize;
        self.levels
            .get(index)
            .map(|l| l.notify.iter().filter_map(|t| t.strip_prefix("person:")).collect())
            .unwrap_or_default()
    }

    /// Whether the person stands on any level.
    pub fn has(&self, id: &str) -> bool {
        self.levels.iter().flat_map(|l| &l.notify).any(|t| t.strip_prefix("person:") == Some(id))
    }
}

/// Listening in channels the bot was invited to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// Whether a message that sounds like a worry gets a quiet offer.
    pub offers: bool,
    /// Further phrases, lower case.
    pub phrases: Vec<String>,
}

impl Default for Listen {
    fn default() -> Self {
        Self { offers: true, phrases: Vec::new() }
    }
}

/// Quizzes. Off until somebody switches them on (`awareness.md` section 5, rule 9).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quiz {
    /// Whether scheduled questions go out.
    pub enabled: bool,
    /// Five cron fields in the person's own zone; weekdays by name.
    pub pattern: String,
    /// Only people of this group; empty = everybody.
    pub group: String,
    /// How long a question stays open.
    pub open_for: Span,
}

impl Default for Quiz {
    fn default() -> Self {
        Self { enabled: false, pattern: "0 10 * * Tue".to_owned(), group: String::new(), open_for: Span::hours(72) }
    }
}

/// Reported mails.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Largest mail that is analysed, in bytes; larger ones go to a human.
    pub max_bytes: u64,
    /// Names of our own gateways that write their Authentication-Results above their Received line: the short form.
    pub boundary: Vec<String>,
    /// Our own gateways, with where each writes its results.
    pub gateways: Vec<Gateway>,
    /// Headers that mark an exercise, as `Name: value`.
    pub simulation: Vec<String>,
    /// Domains of companies that ours does business with: confirmed mail of theirs starts with trust.
    pub partners: Vec<String>,
    /// Whether the sender of a reported mail is checked with the DNS (DKIM, SPF, DMARC). Read at start.
    pub verify_with_dns: bool,
    /// The DNS server for that, as `address:port`; empty = the resolvers of the machine. Read at start.
    pub resolver: String,
    /// Reports of the same mail within this time share a case.
    pub join_within: Span,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            max_bytes: 25 * 1024 * 1024,
            boundary: Vec::new(),
            gateways: Vec::new(),
            simulation: Vec::new(),
            partners: Vec::new(),
            verify_with_dns: false,
            resolver: String::new(),
            join_within: Span::hours(24),
        }
    }
}

impl Mail {
    /// All gateways, in the order in which they are looked at: what is written out counts before the short form.
    pub fn all_gateways(&self) -> Vec<Gateway> {
        let short = self.boundary.iter().map(|name| Gateway::from(name.as_str()));
        self.gateways.iter().cloned().chain(short).collect()
    }
}
