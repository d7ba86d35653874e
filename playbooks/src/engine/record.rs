//! What is journalled: the run's state is a fold over these and nothing else.

use super::state::StepStatus;
use crate::api::{Hours, Question, Recipient, Resolution, RunStatus};
use crate::model::ListRef;
use jiff::Timestamp;
use nightbell_core::action::Call;
use nightbell_core::approval::{Decision, Proposal};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One journal record: when and what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The journalled instant; `now()` in expressions.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// Why a step or run failed; the root `failure` of handlers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Step path.
    pub step: String,
    /// Code.
    pub code: String,
    /// For people.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// What happens after a failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The next step.
    Continue,
    /// The steps of a handler.
    Handle(ListRef),
    /// What holds the step fails too.
    Propagate,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Body of a record (`playbooks.md` section 9.1; the records of branches and loops, `Branched`, `HandlerDone`, `Failing`, `AskOpened`,
/// `WaitOpened`, `StepCancelled` and `LateResult` make the position in the file explicit as well).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields are those of the specification's table")]
pub enum What {
    /// A run begins.
    RunCreated {
        run: String,
        playbook: String,
        version: String,
        definition_digest: String,
        trigger: Value,
        inputs: Map<String, Value>,
        vars: Map<String, Value>,
        requester: Option<String>,
        levels: u32,
        dedupe_key: Option<String>,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        pins: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "is_zero")]
        depth: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        excluded: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hours: Option<Hours>,
    },
    /// A further try is planned.
    StepScheduled { path: String, attempt: u32, due: Timestamp },
    /// A call leaves; durable before it does.
    StepStarted { path: String, attempt: u32, call: Call, args_digest: String },
    /// A step ended well.
    StepDone { path: String, outputs: Value },
    /// A step failed.
    StepFailed {
        path: String,
        code: String,
        message: String,
        retryable: bool,
        timed_out: bool,
        outputs: Value,
        then: Then,
        origin: Failure,
    },
    /// Nobody knows whether a call happened.
    StepUnknown { path: String, why: String },
    /// What would take a step's change back, rendered when the change was made.
    UndoKept { path: String, undo: Undo },
    /// A condition was false, or a human said to leave it.
    StepSkipped { path: String, outputs: Value },
    /// An open step was closed because the run ends.
    StepCancelled { path: String },
    /// A case was taken.
    Branched { path: String, case: usize },
    /// The branches of a `parallel` began.
    Forked { path: String },
    /// A branch ended; `failed` says why when it failed.
    BranchEnded { path: String, branch: usize, failed: Option<Failure> },
    /// A `for_each` knows its items.
    LoopOpened { path: String, items: Vec<Value> },
    /// An item's turn began.
    ItemStarted { path: String, index: usize },
    /// An item's turn ended.
    ItemEnded { path: String, index: usize, status: StepStatus },
    /// A round of a `repeat` began; `0` opens the loop.
    RoundStarted { path: String, round: u32 },
    /// A round ended; `pause` says that the next one waits for a timer.
    RoundEnded { path: String, round: u32, pause: bool },
    /// Another playbook was called.
    ChildStarted { path: String, attempt: u32, digest: String, inputs: BTreeMap<String, Value> },
    /// The called playbook ended badly.
    ChildOver { path: String },
    /// The steps of a handler ended.
    HandlerDone { path: String },
    /// Variables changed.
    VarsSet { path: String, values: Map<String, Value> },
    /// A timer was armed.
    TimerSet { id: String, due: Timestamp },
    /// A timer fired.
    TimerFired { id: String, late_by: i64 },
    /// A timer was disarmed.
    TimerCancelled { id: String },
    /// A form was opened.
    AskOpened { path: String, to: Vec<Recipient>, intro: Option<String>, expires: Option<Timestamp>, urgency: String },
    /// A question was put.
    Asked { path: String, index: usize, number: u32, question: Question },
    /// A question was answered; null means skipped.
    Answered { path: String, question: String, value: Value, by: String },
    /// An answer came too late and changed nothing.
    LateAnswer { path: String, question: String, value: Value, by: String },
    /// An action was put to people.
    ApprovalAsked { path: String, digest: String, opened: Box<Opened> },
    /// Somebody pressed; `refused` says why it did not count.
    ApprovalVote { path: String, by: String, granted: bool, comment: Option<String>, refused: Option<String> },
    /// An approval was decided.
    ApprovalDecided { path: String, decision: Decision, by: Option<String>, comment: Option<String> },
    /// The next level was asked.
    Escalated { path: String, level: u32 },
    /// A pause began.
    WaitOpened { path: String },
    /// A call came back after nobody waited for it any more.
    LateResult { path: String, attempt: u32, outcome: nightbell_core::action::Outcome },
    /// Somebody joined through deduplication.
    Joined { who: String },
    /// A person stopped the run.
    Cancelled { by: String, why: String },
    /// A human said how an unknown outcome ended.
    Resolved { path: String, by: String, choice: Resolution },
    /// The failure handler begins.
    Failing { failure: Failure },
    /// The run ended.
    RunEnded { status: RunStatus, outcome: String, outputs: BTreeMap<String, Value> },
}

/// The call that takes a change back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// Path of the step that made the change.
    pub path: String,
    /// What was done, as the manifest says it.
    pub about: String,
    /// The action that takes it back.
    pub action: String,
    /// Its arguments.
    pub args: BTreeMap<String, Value>,
}

/// What was put to people for approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Exactly what would be done.
    pub proposal: Proposal,
    /// Idempotency key of the call.
    pub key: String,
    /// Who may.
    pub by: Vec<Recipient>,
    /// Who may not.
    pub not_by: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// How many must agree.
    pub quorum: u32,
    /// low or high.
    pub urgency: String,
}
