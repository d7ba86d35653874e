//! A playbook as data: its steps.

use crate::api::QuestionKind;
use crate::finding::Pos;
use crate::model::ListRef;
use nightbell_core::duration::Span;
use serde_json::Value;
use std::collections::BTreeMap;

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Unique in the file.
    pub id: String,
    /// What it does.
    pub kind: Kind,
    /// Condition; false skips.
    pub cond: Option<String>,
    /// Deadline.
    pub timeout: Option<Span>,
    /// What happens then; as `on_error` when absent.
    pub on_timeout: Option<Handler>,
    /// What happens on an error.
    pub on_error: Handler,
    /// Further tries.
    pub retry: Option<Retry>,
    /// What takes it back.
    pub undo: Option<CallSpec>,
    /// Overrides the computed key.
    pub idempotency_key: Option<String>,
    /// Output paths never shown.
    pub mask: Vec<String>,
    /// For people.
    pub description: String,
    /// Where it stands.
    pub at: Pos,
}

/// Reaction to an error or a deadline.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Handler {
    /// The step fails and with it what holds it.
    #[default]
    Fail,
    /// The run goes on.
    Continue,
    /// The next level is asked too.
    Escalate,
    /// These run, then the run goes on.
    Steps(Vec<Step>),
}

/// The kinds that this version executes. `parallel`, `for_each`, `repeat` and `playbook` are read by the
/// checker and refused with NB1011 until the engine has them.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A call.
    Uses(CallSpec),
    /// Questions.
    Ask(AskSpec),
    /// An action under approval.
    Approve(ApproveSpec),
    /// The first true case; `None` is the default.
    Switch(Vec<(Option<String>, Vec<Step>)>),
    /// A pause.
    Wait(WaitSpec),
    /// Variables in order.
    Set(Vec<(String, Value)>),
    /// The end.
    End(EndSpec),
}

impl Kind {
    /// The key in the file.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Uses(_) => "uses",
            Self::Ask(_) => "ask",
            Self::Approve(_) => "approve",
            Self::Switch(_) => "switch",
            Self::Wait(_) => "wait",
            Self::Set(_) => "set",
            Self::End(_) => "end",
        }
    }
}

/// A call of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSpec {
    /// `connector.action`.
    pub action: String,
    /// Pinned major version.
    pub major: Option<u32>,
    /// Arguments with templates.
    pub with: BTreeMap<String, Value>,
    /// Where the name stands.
    pub at: Pos,
}

/// Guided questions.
#[derive(Debug, Clone, PartialEq)]
pub struct AskSpec {
    /// Whom: role, person, or an expression that gives one.
    pub to: String,
    /// dm, thread or channel.
    pub channel: String,
    /// Words before the first question.
    pub intro: Option<String>,
    /// The questions.
    pub form: Vec<QuestionSpec>,
    /// Reminders after these delays.
    pub remind: Vec<Span>,
    /// low or high.
    pub urgency: String,
    /// none, user or team.
    pub business_hours: String,
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub struct QuestionSpec {
    /// Its id.
    pub id: String,
    /// Its kind.
    pub kind: QuestionKind,
    /// What is asked.
    pub label: String,
    /// More words.
    pub help: Option<String>,
    /// Choices.
    pub options: Vec<String>,
    /// Whether it must be answered.
    pub required: bool,
    /// Asked only when true; sees `answers`.
    pub cond: Option<String>,
    /// Longest text.
    pub max_length: u32,
    /// Form of a text.
    pub pattern: Option<String>,
}

/// An action under approval.
#[derive(Debug, Clone, PartialEq)]
pub struct ApproveSpec {
    /// Who may: role, person, or an expression that gives one.
    pub by: String,
    /// Who may not.
    pub not_by: Vec<String>,
    /// How many must agree.
    pub quorum: u32,
    /// What.
    pub action: CallSpec,
    /// One sentence.
    pub summary: Option<String>,
    /// Reminders after these delays.
    pub remind: Vec<Span>,
    /// low or high.
    pub urgency: String,
}

/// A pause.
#[derive(Debug, Clone, PartialEq)]
pub enum WaitSpec {
    /// So long.
    For(String),
    /// Until an instant, with what happens when it is already past: fire, or skip.
    Until(String),
    /// Until an inbound event, with a condition over `event`.
    Event {
        /// Its name.
        name: String,
        /// Over `event`.
        matching: Option<String>,
    },
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EndSpec {
    /// Outcome word.
    pub outcome: Option<String>,
    /// Further outputs.
    pub outputs: Vec<(String, Value)>,
    /// Whether the person is asked how it was.
    pub feedback: bool,
}

/// Further tries.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// Tries in all.
    pub attempts: u32,
    /// Before the second.
    pub delay: Span,
    /// Longest pause.
    pub max_delay: Span,
    /// How the pause grows.
    pub backoff: Backoff,
    /// Whether the pause is spread.
    pub jitter: bool,
    /// Only when true; sees `failure`.
    pub when: Option<String>,
}

/// How pauses grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backoff {
    /// Always the same.
    Constant,
    /// One more each time.
    Linear,
    /// Twice as long each time.
    Exponential,
}

impl Step {
    /// The lists of steps within this one.
    pub fn lists(&self) -> Vec<(ListRef, &[Step])> {
        let mut out: Vec<(ListRef, &[Self])> = Vec::new();
        if let Kind::Switch(cases) = &self.kind {
            out.extend(cases.iter().enumerate().map(|(n, (_, s))| (ListRef::Case(self.id.clone(), n), s.as_slice())));
        }
        if let Some(Handler::Steps(steps)) = &self.on_timeout {
            out.push((ListRef::OnTimeout(self.id.clone()), steps));
        }
        if let Handler::Steps(steps) = &self.on_error {
            out.push((ListRef::OnError(self.id.clone()), steps));
        }
        out
    }

    /// The deadline that applies: the step's own, else the default of its kind.
    pub fn deadline(&self) -> Option<Span> {
        self.timeout.or(match self.kind {
            Kind::Ask(_) => Some(Span::hours(24)),
            Kind::Approve(_) => Some(Span::mins(30)),
            _ => None,
        })
    }

    /// What happens when time runs out.
    pub fn late(&self) -> &Handler {
        self.on_timeout.as_ref().unwrap_or(&self.on_error)
    }
}
