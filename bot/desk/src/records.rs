//! Everything the desk keeps: collections and the types in them. Nothing lives longer than one exchange in memory.

use jiff::Timestamp;
use nightbell_core::action::{Call, Effect};
use nightbell_core::approval::{Decision, Proposal};
use nightbell_core::chat::{Conv, Outbound};
use nightbell_core::event::Event;
use nightbell_core::ids::{CaseId, PageId, PersonId, RunId};
use nightbell_core::port::chat::MsgRef;
use nightbell_core::port::pager::PageText;
use nightbell_playbooks::api::Question;

pub use crate::records_mail::{Learned, RuleScore, Sender, Tuning};
pub use crate::records_run::{Caller, Queued, RunRow, Slot};
use serde::{Deserialize, Serialize};

/// Names of the collections.
pub mod coll {
    /// Accepted events in order of arrival; gone once handled. Key: time, id.
    pub const INBOX: &str = "inbox";
    /// Dedupe keys of accepted events, kept for two days. Key: source, platform's event id.
    pub const DEDUPE: &str = "dedupe";
    /// Events that could not be handled: visible, can be tried again.
    pub const DEAD: &str = "dead";
    /// Pages and containment that have to leave. Key: not before, order, id.
    pub const OUTBOX_INCIDENT: &str = "outbox_incident";
    /// Answers that have to leave.
    pub const OUTBOX: &str = "outbox";
    /// Quizzes and digests that have to leave.
    pub const OUTBOX_BULK: &str = "outbox_bulk";
    /// Calls that are about to leave, by outbox key: after a crash nobody may guess whether they happened.
    pub const STARTED: &str = "started";
    /// What was delivered, by idempotency key.
    pub const SENT: &str = "sent";
    /// Armed timers. Key: due, id.
    pub const TIMERS: &str = "timer";
    /// Cases by number.
    pub const CASES: &str = "case";
    /// Numbers of cases that are not closed. Value: empty object.
    pub const OPEN: &str = "case_open";
    /// Timeline rows. Key: case, number.
    pub const ROWS: &str = "row";
    /// Mail analyses by digest of the original.
    pub const ANALYSES: &str = "analysis";
    /// What later mails may share with a case (digest, text, part of a fingerprint, file), to that case.
    pub const SAME: &str = "same";
    /// Runs of playbooks.
    pub const RUNS: &str = "run";
    /// Journal records of runs, those of one input together. Key: run, number of the first.
    pub const RUNLOG: &str = "runlog";
    /// Runs that wait for an event. Key: event, run.
    pub const WAITS: &str = "wait";
    /// Turns of playbooks that allow only so many runs at once, by key.
    pub const SLOTS: &str = "slot";
    /// What people said about how it went. Key: time, id.
    pub const FEEDBACK: &str = "feedback";
    /// Definitions of playbooks by digest, so that a run keeps its own.
    pub const DEFINITIONS: &str = "definition";
    /// Questions and approvals put to people, with how they stand.
    pub const PROMPTS: &str = "prompt";
    /// Ids of prompts that are still open. Value: empty object.
    pub const PROMPTS_OPEN: &str = "prompt_open";
    /// What a conversation is in the middle of.
    pub const CONVS: &str = "conv";
    /// Pages through the escalation ladder.
    pub const PAGES: &str = "page";
    /// Ids of pages that nobody has acknowledged yet.
    pub const PAGES_OPEN: &str = "page_open";
    /// Questions the policies do not answer.
    pub const GAPS: &str = "gap";
    /// What a person learned. Key: person, card.
    pub const QUIZ: &str = "quiz";
    /// Quiz settings and open question of a person.
    pub const LEARNERS: &str = "learner";
    /// Counters, such as the next case number.
    pub const COUNTERS: &str = "counter";
    /// Who did what when. Key: time, id.
    pub const AUDIT: &str = "audit";
    /// Senders seen in reports. Key: address or domain.
    pub const SENDERS: &str = "sender";
    /// Fingerprints of reported mails. Key: case.
    pub const SKETCHES: &str = "sketch";
    /// What a responder's decision taught. Key: case.
    pub const LEARNED: &str = "learned";
    /// How often each rule about mails was right. Key: the rule's code.
    pub const RULES: &str = "rule";
    /// Thresholds that a person put in force.
    pub const TUNING: &str = "tuning";
    /// Accounts of chat platforms and whose they are. Key: platform, user id.
    pub const ACCOUNTS: &str = "account";
    /// Messages about cases in channels, for what people do to them there. Key: platform, message.
    pub const POSTED: &str = "posted";
    /// Quiet offers made in channels. Key: person, civil day.
    pub const OFFERS: &str = "offer";
}

/// Behind every key that begins with a time.
pub const END: &str = "~";

/// An accepted event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboxRow {
    /// Connector or webhook.
    pub source: String,
    /// The platform's event id.
    pub dedupe: String,
    /// What came in.
    pub event: Event,
    /// The bytes over the wire, as text, at most `inbox::MAX_RAW`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub raw: String,
    /// When it was kept.
    pub at: Timestamp,
    /// How often handling failed.
    #[serde(default)]
    pub tries: u32,
    /// Why, the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What has to leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// What.
    pub what: Leaving,
    /// When it was written.
    pub at: Timestamp,
    /// How often it was tried.
    #[serde(default)]
    pub tries: u32,
    /// Why it has not left yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The case it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// Key under which it was first written, once it was put off: the order in which things for one place leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

/// Kinds of things that leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leaving {
    /// A chat message.
    Message(Outbound),
    /// An action.
    Call {
        /// The run that wants it.
        run: RunId,
        /// Step path.
        path: String,
        /// Attempt.
        attempt: u32,
        /// The call.
        call: Call,
        /// Its class.
        class: Effect,
    },
    /// A page to a target that is not chat.
    Page {
        /// Which page.
        page: PageId,
        /// Configured target, such as `webhook:pager`.
        target: String,
        /// What it says.
        text: PageText,
    },
}

/// Lanes of the outbox: what may wait never stands before what must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutLane {
    /// Pages and containment.
    Incident,
    /// Answers to somebody who waits.
    Answer,
    /// Quizzes and digests.
    Bulk,
}

impl OutLane {
    /// All lanes, the most pressing first.
    pub const ALL: [Self; 3] = [Self::Incident, Self::Answer, Self::Bulk];

    /// The collection of the lane.
    pub const fn coll(self) -> &'static str {
        match self {
            Self::Incident => coll::OUTBOX_INCIDENT,
            Self::Answer => coll::OUTBOX,
            Self::Bulk => coll::OUTBOX_BULK,
        }
    }
}

/// A delivered message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentRow {
    /// Platform.
    pub platform: String,
    /// The platform's reference, for updates. Absent when it could never be delivered.
    pub msg: Option<MsgRef>,
    /// When.
    pub at: Timestamp,
}

/// A message about a case that stands in a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostedRow {
    /// Which case.
    pub case: CaseId,
    /// When it was posted.
    pub at: Timestamp,
}

/// An armed timer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TimerRow {
    /// What to do.
    pub what: Due,
    /// When.
    pub due: Timestamp,
}

/// What timers are for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// A timer of a run.
    Run {
        /// Which run.
        run: RunId,
        /// Timer id within it.
        id: String,
    },
    /// The wait of one level of a page is over.
    Page {
        /// Which page.
        page: PageId,
        /// The step of the ladder it was armed for; an older one does nothing.
        step: u32,
    },
    /// The quiz schedule of one person.
    Quiz {
        /// Whom.
        person: PersonId,
    },
    /// A schedule of a playbook.
    Schedule {
        /// Id of the playbook.
        playbook: String,
        /// Which of its triggers, from 0.
        trigger: usize,
        /// The slot, before it was spread.
        slot: Timestamp,
    },
    /// A question to a person ran out of time.
    QuizExpired {
        /// Whom.
        person: PersonId,
        /// Which question was open.
        prompt: String,
    },
    /// Old dedupe keys and delivered rows are removed.
    Sweep,
}

/// How a prompt stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptState {
    /// Waits for an answer.
    Open,
    /// Answered.
    Answered {
        /// By whom.
        by: PersonId,
        /// What, as shown.
        text: String,
    },
    /// An approval was decided.
    Decided {
        /// How.
        decision: Decision,
        /// By whom, if anybody.
        by: Option<String>,
    },
    /// Ran out of time or its run ended.
    Closed,
}

/// Something put to people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prompt {
    /// Random id; buttons carry `p:<id>:<choice>`.
    pub id: String,
    /// What.
    pub what: Asked,
    /// The case it is about.
    pub case: Option<CaseId>,
    /// Whom it was put to so far.
    pub to: Vec<PersonId>,
    /// Idempotency keys of the messages that show it, to change them all together.
    pub shown: Vec<Shown>,
    /// How it stands.
    pub state: PromptState,
    /// When it was put.
    pub at: Timestamp,
    /// When it runs out.
    pub expires: Option<Timestamp>,
    /// The card as last shown, without buttons, to change it in place.
    pub card: nightbell_core::chat::Card,
}

/// One copy of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// Key of the message.
    pub key: String,
    /// For whom.
    pub to: nightbell_core::chat::To,
}

/// Kinds of prompts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Whether an account is the person it was taken for.
    Account {
        /// Platform.
        platform: String,
        /// The platform's user id.
        user: String,
    },
    /// A question of a run.
    Question {
        /// Which run.
        run: RunId,
        /// Step path.
        path: String,
        /// The question.
        question: Question,
    },
    /// An approval of a run.
    Approval {
        /// Which run.
        run: RunId,
        /// Step path.
        path: String,
        /// What exactly.
        proposal: Proposal,
        /// Digest shown.
        digest: String,
        /// One sentence.
        summary: String,
        /// Class of the action.
        class: Effect,
        /// What takes it back.
        inverse: Option<String>,
        /// Who may not.
        not_by: Vec<String>,
        /// Roles and people who may.
        by: Vec<String>,
        /// How many must agree.
        quorum: u32,
    },
    /// The outcome of an action is unknown.
    Unknown {
        /// Which run.
        run: RunId,
        /// Step path.
        path: String,
        /// The call.
        call: Call,
        /// Why it is not known.
        why: String,
    },
    /// A page waits to be acknowledged.
    Page {
        /// Which page.
        page: PageId,
    },
    /// What a run changed can be taken back.
    Undo {
        /// Which run.
        run: RunId,
    },
    /// How it was, when a run has ended.
    Feedback {
        /// Which run.
        run: RunId,
    },
    /// A quiz question.
    Quiz {
        /// Item of the bank.
        item: String,
        /// Which variant.
        variant: usize,
        /// Order in which the options were shown.
        order: Vec<usize>,
    },
    /// A quiet offer to help in a channel.
    Offer {
        /// What the person wrote, for the report.
        text: String,
    },
}

/// What a conversation is in the middle of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConvState {
    /// Prompts that free text would answer, oldest first.
    #[serde(default)]
    pub waiting: Vec<String>,
    /// The case spoken about last.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// Where the person is reached: the last direct conversation.
    #[serde(default)]
    pub conv: Option<Conv>,
}

/// A call for a human.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Its id.
    pub id: PageId,
    /// The case.
    pub case: CaseId,
    /// One line.
    pub title: String,
    /// Who, what, evidence, what was already done.
    pub body: Vec<String>,
    /// How bad.
    pub severity: nightbell_core::alert::Severity,
    /// Steps taken so far: level + round * levels.
    pub step: u32,
    /// Level that is being called, from 1.
    #[serde(default)]
    pub level: u32,
    /// When it started.
    pub at: Timestamp,
    /// Who took it, and when.
    pub acked: Option<(PersonId, Timestamp)>,
    /// The ladder ended without anybody.
    pub exhausted: bool,
    /// Its prompt, so that all copies change together.
    pub prompt: String,
    /// What each target answered, in words.
    pub log: Vec<String>,
}

/// A question that the policies do not answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Key of the cluster.
    pub key: String,
    /// How people asked it, newest last, at most ten.
    pub questions: Vec<String>,
    /// How often.
    pub count: u32,
    /// Who waits for an answer.
    pub askers: Vec<PersonId>,
    /// First time.
    pub first: Timestamp,
    /// Last time.
    pub last: Timestamp,
    /// The answer a lead gave, and who.
    pub answer: Option<(String, PersonId)>,
}

/// One row of the audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// Who: a person's id, `bot`, or a connector.
    pub who: String,
    /// Machine word.
    pub what: String,
    /// About what.
    pub case: Option<CaseId>,
    /// In words, without texts of people.
    pub detail: String,
}

/// Quiz settings of a person.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Learner {
    /// Paused by the person.
    pub paused: bool,
    /// Asked for the question to come back tomorrow.
    #[serde(default)]
    pub promised: bool,
    /// Open question.
    pub open: Option<String>,
    /// Last slot that fired, for the schedule.
    pub last_slot: Option<Timestamp>,
    /// The armed timer's due instant.
    pub next: Option<Timestamp>,
    /// Questions answered, right and otherwise; seen by this person only.
    pub answered: u32,
    /// Right answers.
    pub right: u32,
}
