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

/// The eleven kinds of step (`playbooks.md` section 4.1).
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
    /// Branches at once.
    Parallel(ParallelSpec),
    /// The same steps for every item of a list.
    ForEach(ForEachSpec),
    /// The same steps while a condition holds, never unbounded.
    Repeat(RepeatSpec),
    /// A pause.
    Wait(WaitSpec),
    /// Another playbook, with its own scope.
    Playbook(SubSpec),
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
            Self::Parallel(_) => "parallel",
            Self::ForEach(_) => "for_each",
            Self::Repeat(_) => "repeat",
            Self::Wait(_) => "wait",
            Self::Playbook(_) => "playbook",
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

/// Branches that run at once.
#[derive(Debug, Clone, PartialEq)]
pub struct ParallelSpec {
    /// Named branches, 2 to 16, in the order of the file.
    pub branches: Vec<(String, Vec<Step>)>,
    /// Whether the first success ends the step (`join: any`); otherwise all are waited for.
    pub any: bool,
}

/// Steps for every item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ForEachSpec {
    /// An expression that gives a list of at most 10,000 items.
    pub items: String,
    /// The name of the item within the steps.
    pub var: String,
    /// How many items at once, 1 to 64.
    pub max_parallel: u32,
    /// What is done with each.
    pub steps: Vec<Step>,
}

/// Steps while a condition holds.
#[derive(Debug, Clone, PartialEq)]
pub struct RepeatSpec {
    /// Tested before each round; sees `loop.index` and `steps` of the round before under `last`.
    pub cond: String,
    /// Most rounds, 1 to 1000.
    pub max: u32,
    /// Between rounds.
    pub delay: Span,
    /// What is done in each round.
    pub steps: Vec<Step>,
}

/// Another playbook.
#[derive(Debug, Clone, PartialEq)]
pub struct SubSpec {
    /// Its id.
    pub id: String,
    /// `@1`, `@1.2` or `@1.2.3`: only versions that begin so.
    pub version: Option<String>,
    /// Its inputs, with templates.
    pub with: BTreeMap<String, Value>,
    /// Where the name stands.
    pub at: Pos,
}

impl SubSpec {
    /// As written: `id` or `id@version`.
    pub fn reference(&self) -> String {
        self.version.as_ref().map_or_else(|| self.id.clone(), |v| format!("{}@{v}", self.id))
    }
}

/// A pause.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitSpec {
    /// For what.
    pub until: WaitFor,
    /// `misfire: skip`: an instant that is already past, or a timer more than a minute late, skips the step.
    pub skip_missed: bool,
}

/// What a pause waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum WaitFor {
    /// So long.
    For(String),
    /// Until an instant.
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
        match &self.kind {
            Kind::Switch(cases) => {
                let list = |n| ListRef::Case(self.id.clone(), n);
                out.extend(cases.iter().enumerate().map(|(n, (_, s))| (list(n), s.as_slice())));
            }
            Kind::Parallel(p) => {
                let list = |n| ListRef::Branch(self.id.clone(), n);
                out.extend(p.branches.iter().enumerate().map(|(n, (_, s))| (list(n), s.as_slice())));
            }
            Kind::ForEach(ForEachSpec { steps, .. }) | Kind::Repeat(RepeatSpec { steps, .. }) => {
                out.push((ListRef::Body(self.id.clone()), steps));
            }
            _ => {}
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
