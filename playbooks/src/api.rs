//! What the desk and the tools see of the engine: inputs, effects, and how a run stands.

use jiff::Timestamp;
use nightbell_core::action::Effect as EffectClass;
use nightbell_core::approval::Decision;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Status of a run (`playbooks.md` section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// A step is under way.
    Running,
    /// Waits for a person, a timer or an event.
    Waiting,
    /// Ended well.
    Succeeded,
    /// Ended in its failure handler.
    Failed,
    /// Stopped by a person.
    Cancelled,
    /// The outcome of an action is unknown: a human must say.
    NeedsHuman,
}

impl RunStatus {
    /// Whether nothing more will happen.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// What a run starts with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// Id of the run, given by the caller.
    pub run: String,
    /// The root `trigger`: kind, id, user, channel, payload.
    pub trigger: Value,
    /// Inputs given by the caller; absent ones are bound from their defaults.
    #[serde(default)]
    pub inputs: BTreeMap<String, Value>,
    /// Who started it (id or address); never eligible to approve in this run. None for systems.
    #[serde(default)]
    pub requester: Option<String>,
    /// Levels of the escalation policy that `escalate` may climb, the first included.
    #[serde(default = "three")]
    pub levels: u32,
    /// Definitions of the playbooks it may call, by reference as written (`id` or `id@1`): the run and those it
    /// calls keep them for life. [`crate::Library::pins`] makes it.
    #[serde(default)]
    pub pins: BTreeMap<String, String>,
    /// How many runs stand above this one; 0 for a run that nobody called.
    #[serde(default)]
    pub depth: u32,
    /// Who can never approve here because of the runs above: their requester and subjects.
    #[serde(default)]
    pub excluded: Vec<String>,
    /// When people work, for `business_hours`. None: every hour counts.
    #[serde(default)]
    pub hours: Option<Hours>,
}

impl Start {
    /// A start without anything above it, with three levels of escalation.
    pub fn new(run: impl Into<String>, trigger: Value) -> Self {
        Self {
            run: run.into(),
            trigger,
            inputs: BTreeMap::new(),
            requester: None,
            levels: three(),
            pins: BTreeMap::new(),
            depth: 0,
            excluded: Vec::new(),
            hours: None,
        }
    }
}

/// When people work. Journalled with the start, so that a change of the calendar moves no deadline of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Zone of the team, such as `Europe/Berlin`.
    pub zone: String,
    /// Working days, Monday is 1.
    pub days: Vec<i8>,
    /// Civil time at which work begins, such as `09:00`.
    pub from: String,
    /// Civil time at which it ends.
    pub to: String,
}

const fn three() -> u32 {
    3
}

/// Whom a question or approval is for: `role:on-call`, or a person's id or address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recipient(pub String);

impl Recipient {
    /// The role's name when this is a role.
    pub fn role(&self) -> Option<&str> {
        self.0.strip_prefix("role:")
    }
}

/// Somebody who presses approve or deny, with the facts that decide whether they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voter {
    /// Id of the directory.
    pub id: String,
    /// Addresses.
    pub emails: Vec<String>,
    /// Roles held at this moment, such as `on-call`, `responder`, `lead`.
    pub roles: Vec<String>,
}

/// A form question (`playbooks.md` section 4.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its id within the form.
    pub id: String,
    /// text, choice, multi, boolean, number, date, file, user.
    #[serde(rename = "type")]
    pub kind: QuestionKind,
    /// What is asked.
    pub label: String,
    /// More words.
    #[serde(default)]
    pub help: Option<String>,
    /// For choice and multi.
    #[serde(default)]
    pub options: Vec<String>,
    /// Whether the form counts as answered without it.
    #[serde(default)]
    pub required: bool,
}

/// Kinds of questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuestionKind {
    /// Free text.
    Text,
    /// One of the options.
    Choice,
    /// Several of the options.
    Multi,
    /// Yes or no.
    Boolean,
    /// A number.
    Number,
    /// A civil date.
    Date,
    /// A file.
    File,
    /// A person.
    User,
}

/// What happened, as the engine sees it. Everything non-deterministic enters here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A person answered one question.
    Answer {
        /// Step path.
        path: String,
        /// Question id.
        question: String,
        /// Value: text, boolean, number or list, already of the question's kind.
        value: Value,
        /// Id of the person.
        by: String,
    },
    /// A person pressed approve or deny.
    Vote {
        /// Step path.
        path: String,
        /// Who.
        by: Voter,
        /// Yes or no.
        granted: bool,
        /// Why, optional.
        comment: Option<String>,
        /// Digest of the proposal that was shown; another one is refused.
        digest: String,
    },
    /// A call came back.
    CallEnded {
        /// Step path.
        path: String,
        /// Attempt, from 1.
        attempt: u32,
        /// How.
        outcome: nightbell_core::action::Outcome,
    },
    /// A timer is due.
    Timer {
        /// Its id.
        id: String,
        /// When it was meant to fire.
        due: Timestamp,
    },
    /// A playbook that a step called has ended.
    ChildEnded {
        /// Step path.
        path: String,
        /// Attempt, from 1.
        attempt: u32,
        /// How.
        status: RunStatus,
        /// Its outcome word.
        outcome: String,
        /// Its outputs.
        outputs: BTreeMap<String, Value>,
        /// Why it failed, if it did.
        failure: Option<crate::engine::Failure>,
    },
    /// Somebody joined through deduplication.
    Joined {
        /// Who.
        who: String,
    },
    /// Stop.
    Cancel {
        /// Who.
        by: String,
        /// Why.
        why: String,
    },
    /// A human said how an unknown outcome really ended.
    Resolve {
        /// Step path.
        path: String,
        /// Who.
        by: String,
        /// What.
        choice: Resolution,
    },
    /// The directory has nobody for the step's open question or approval: the next level at once, and after
    /// the last one NB2201 or NB2301.
    Nobody {
        /// Step path.
        path: String,
    },
    /// An inbound event, for `wait` steps.
    Event {
        /// Its name, such as `chat.mail_report`.
        name: String,
        /// The root `event` of `match`.
        payload: Value,
    },
}

/// Answer to "did it happen?".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It happened: go on as if it had succeeded.
    Happened,
    /// It did not: run it now.
    RunNow,
    /// Leave it.
    Skip,
}

/// What the caller must do, in this order, in the same commit as the run's new state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Call an action and bring its outcome back as [`Input::CallEnded`].
    Call {
        /// Step path.
        path: String,
        /// Attempt, from 1.
        attempt: u32,
        /// The call, with its idempotency key.
        call: nightbell_core::action::Call,
        /// Its class.
        class: EffectClass,
    },
    /// Put one question to people. The first valid answer of any of them counts.
    Ask {
        /// Step path.
        path: String,
        /// To whom.
        to: Vec<Recipient>,
        /// Words before the first question; none before later ones.
        intro: Option<String>,
        /// The question.
        question: Question,
        /// Number of this question, from 1.
        number: u32,
        /// When the step times out.
        expires: Option<Timestamp>,
        /// low or high.
        urgency: String,
        /// dm, thread or channel.
        channel: String,
    },
    /// Start the run of another playbook and bring its end back as [`Input::ChildEnded`].
    StartChild {
        /// Step path.
        path: String,
        /// Attempt, from 1.
        attempt: u32,
        /// Digest of the definition.
        digest: String,
        /// What it starts with; its run id is the caller's to give.
        start: Box<Start>,
    },
    /// Nobody waits for the called playbook any more: cancel it.
    CancelChild {
        /// Step path.
        path: String,
        /// Attempt, from 1.
        attempt: u32,
    },
    /// The step's open question is over: buttons go away. `timed_out` when nobody answered.
    AskClosed {
        /// Step path.
        path: String,
        /// Whether it ran out of time.
        timed_out: bool,
    },
    /// Put an action to people who may approve it.
    Approve {
        /// Step path.
        path: String,
        /// Who may.
        by: Vec<Recipient>,
        /// Who may not although they hold the role: requester, subjects, people named in the arguments.
        not_by: Vec<String>,
        /// What exactly. Its digest goes back with each vote.
        proposal: nightbell_core::approval::Proposal,
        /// One sentence.
        summary: String,
        /// Class of the action.
        class: EffectClass,
        /// What takes it back.
        inverse: Option<String>,
        /// How many people must agree.
        quorum: u32,
        /// low or high.
        urgency: String,
    },
    /// The approval is decided: buttons go away everywhere.
    ApproveClosed {
        /// Step path.
        path: String,
        /// How.
        decision: Decision,
        /// Who decided, if anybody.
        by: Option<String>,
    },
    /// Remind those who were asked.
    Remind {
        /// Step path.
        path: String,
        /// Which reminder, from 1.
        nth: u32,
    },
    /// Put the open question or approval to the next level of the escalation policy.
    Escalate {
        /// Step path.
        path: String,
        /// Level, from 2.
        level: u32,
    },
    /// Arm a timer.
    SetTimer {
        /// Its id, unique within the run.
        id: String,
        /// When.
        due: Timestamp,
    },
    /// Disarm a timer.
    CancelTimer {
        /// Its id.
        id: String,
        /// The due instant it was armed with.
        due: Timestamp,
    },
    /// Nobody knows whether the call happened: ask the on-call human.
    NeedsHuman {
        /// Step path.
        path: String,
        /// The call.
        call: nightbell_core::action::Call,
        /// Why it is not known.
        why: String,
    },
    /// A person pressed or answered and it did not count: tell them why.
    Refused {
        /// Id of the person.
        who: String,
        /// Reason: `late`, `not_eligible`, `wrong_digest`, `not_asked`, `invalid`.
        reason: String,
        /// In words.
        text: String,
    },
    /// The run ended.
    Ended {
        /// How.
        status: RunStatus,
        /// The outcome word of `end`, or empty.
        outcome: String,
        /// Rendered outputs.
        outputs: BTreeMap<String, Value>,
        /// Whether the people concerned are asked how it was.
        feedback: bool,
    },
}
