//! The state of a run and the fold that makes it.

use super::paths;
use super::record::{Failure, Opened, Record, Then, Undo, What};
use crate::api::{Hours, Question, Recipient, Resolution, RunStatus};
use crate::model::{Kind, ListRef, Playbook};
use jiff::Timestamp;
use nightbell_core::action::Call;
use nightbell_core::approval::Decision;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Status of a step (`playbooks.md` section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Not reached.
    #[default]
    Pending,
    /// Waits for a person, a timer or an event.
    Waiting,
    /// A call is under way, or steps within it run.
    Running,
    /// Ended well.
    Succeeded,
    /// Its condition was false.
    Skipped,
    /// Failed.
    Failed,
    /// Ran out of time.
    TimedOut,
    /// Closed because the run ended.
    Cancelled,
    /// Nobody knows whether its call happened.
    Unknown,
}

impl StepStatus {
    /// The word in expressions and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// Whether something outside must happen before it can end.
    pub const fn open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running | Self::Unknown)
    }
}

/// An open form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AskState {
    pub(crate) to: Vec<Recipient>,
    pub(crate) intro: Option<String>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) urgency: String,
    pub(crate) level: u32,
    pub(crate) answers: Map<String, Value>,
    pub(crate) current: Option<Question>,
    /// Index of the next question to look at.
    pub(crate) next: usize,
    pub(crate) number: u32,
    pub(crate) by: Option<String>,
    pub(crate) at: Option<Timestamp>,
}

/// An open approval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ApproveState {
    pub(crate) opened: Opened,
    pub(crate) digest: String,
    pub(crate) level: u32,
    pub(crate) yes: Vec<String>,
    pub(crate) decision: Option<Decision>,
    pub(crate) decided_by: Option<String>,
    pub(crate) comment: Option<String>,
    pub(crate) at: Option<Timestamp>,
}

/// One step of a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StepState {
    /// How it stands.
    pub status: StepStatus,
    /// What it gave.
    pub outputs: Value,
    /// Tries so far.
    pub attempts: u32,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ask: Option<AskState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) approve: Option<ApproveState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) call: Option<Call>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) holds: Option<Holds>,
}

impl StepState {
    /// Nothing of an ended step stays open.
    fn shut(&mut self) {
        self.ask = None;
        self.approve = None;
        self.call = None;
        self.holds = None;
    }
}

/// What a step that holds threads or a called playbook knows of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Branches of a `parallel`: how each ended.
    Branches(Vec<Option<bool>>),
    /// Items of a `for_each`.
    Items {
        /// The list.
        items: Vec<Value>,
        /// The next one to start.
        next: usize,
        /// What came of each, in the order of the list.
        results: Vec<Value>,
    },
    /// Rounds of a `repeat`: how many began.
    Rounds(u32),
    /// A called playbook: its definition and inputs.
    Child {
        /// Digest of the definition.
        digest: String,
        /// What it was given.
        inputs: BTreeMap<String, Value>,
    },
}

/// One line of execution: the main one, a branch, an item of a loop or a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Path of the step that holds it; empty for the main one.
    pub(crate) owner: String,
    /// Which branch, item or round.
    pub(crate) number: usize,
    /// Prefix of the paths of its steps.
    pub(crate) prefix: String,
    pub(crate) frames: Vec<Frame>,
}

/// A list of steps under execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    pub(crate) list: ListRef,
    pub(crate) index: usize,
}

/// A run. Its fields change only through [`Run::apply`], so a replay gives the same state by construction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub(crate) id: String,
    pub(crate) playbook: String,
    pub(crate) version: String,
    pub(crate) digest: String,
    pub(crate) started_at: Timestamp,
    pub(crate) trigger: Value,
    pub(crate) inputs: Map<String, Value>,
    pub(crate) vars: Map<String, Value>,
    pub(crate) requester: Option<String>,
    pub(crate) levels: u32,
    pub(crate) dedupe_key: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) pins: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) depth: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) excluded: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hours: Option<Hours>,
    pub(crate) steps: BTreeMap<String, StepState>,
    pub(crate) threads: Vec<Thread>,
    pub(crate) timers: BTreeMap<String, Timestamp>,
    pub(crate) joined: Vec<String>,
    pub(crate) failure: Option<Failure>,
    /// Steps that ended, each turn of a loop counted by itself.
    pub(crate) executed: u32,
    pub(crate) ended: Option<(RunStatus, String)>,
    pub(crate) outputs: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) undo: Vec<Undo>,
}

impl Run {
    /// The run after these records. The first must be `RunCreated`; an empty or foreign journal gives a run
    /// that has ended as failed, which nothing can revive.
    pub fn replay(playbook: &Playbook, records: &[Record]) -> Self {
        let mut run = Self::blank();
        for record in records {
            run.apply(playbook, record);
        }
        run
    }

    pub(crate) fn blank() -> Self {
        Self {
            id: String::new(),
            playbook: String::new(),
            version: String::new(),
            digest: String::new(),
            started_at: Timestamp::UNIX_EPOCH,
            trigger: Value::Null,
            inputs: Map::new(),
            vars: Map::new(),
            requester: None,
            levels: 0,
            dedupe_key: None,
            pins: BTreeMap::new(),
            depth: 0,
            excluded: Vec::new(),
            hours: None,
            steps: BTreeMap::new(),
            threads: Vec::new(),
            timers: BTreeMap::new(),
            joined: Vec::new(),
            failure: None,
            executed: 0,
            ended: Some((RunStatus::Failed, String::new())),
            outputs: BTreeMap::new(),
            undo: Vec::new(),
        }
    }

    fn state(&mut self, path: &str) -> &mut StepState {
        self.steps.entry(path.to_owned()).or_insert_with(|| StepState { outputs: json!({}), ..StepState::default() })
    }

    /// Ends a step: whatever runs within it goes, and the next step of its list is due.
    fn leave(&mut self, playbook: &Playbook, path: &str) {
        if let Some(thread) = self.unwind(playbook, path)
            && let Some(top) = self.threads.get_mut(thread).and_then(|t| t.frames.last_mut())
        {
            top.index += 1;
        }
        if let Some(state) = self.steps.get_mut(path) {
            state.shut();
        }
    }

    /// Drops the threads within a step and the frames above it; gives the thread it stands in.
    fn unwind(&mut self, playbook: &Playbook, path: &str) -> Option<usize> {
        self.threads.retain(|t| t.owner != path && (t.owner.is_empty() || !paths::within(playbook, &t.owner, path)));
        let (owner, number) = paths::thread(playbook, path);
        let at = self.threads.iter().position(|t| t.owner == owner && t.number == number)?;
        let (thread, id) = (self.threads.get_mut(at)?, paths::leaf(path));
        while let Some(top) = thread.frames.last() {
            if playbook.list(&top.list).get(top.index).is_some_and(|s| s.id == id) {
                return Some(at);
            }
            thread.frames.pop();
        }
        Some(at)
    }

    /// The thread in which a step stands.
    fn thread_of(&mut self, playbook: &Playbook, path: &str) -> Option<&mut Thread> {
        let (owner, number) = paths::thread(playbook, path);
        self.threads.iter_mut().find(|t| t.owner == owner && t.number == number)
    }

    fn spawn(&mut self, owner: &str, number: usize, prefix: String, list: ListRef) {
        let frames = vec![Frame { list, index: 0 }];
        self.threads.push(Thread { owner: owner.to_owned(), number, prefix, frames });
    }

    fn stop(&mut self, owner: &str, number: usize) {
        self.threads.retain(|t| t.owner != owner || t.number != number);
    }

    /// Takes the steps of one turn of a loop out of the state; gives what stays of them.
    pub(crate) fn turn_steps(&self, prefix: &str) -> Map<String, Value> {
        let own = self.steps.range(prefix.to_owned()..).take_while(|(p, _)| p.starts_with(prefix));
        own.filter(|(p, _)| paths::prefix(p) == prefix)
            .map(|(p, s)| (paths::leaf(p).to_owned(), json!({"status": s.status.word(), "outputs": s.outputs})))
            .collect()
    }

    fn forget_turn(&mut self, prefix: &str) {
        self.steps.retain(|p, _| !p.starts_with(prefix));
    }

    /// Applies one record.
    pub fn apply(&mut self, playbook: &Playbook, record: &Record) {
        match &record.what {
            What::RunCreated {
                run,
                playbook,
                version,
                definition_digest,
                trigger,
                inputs,
                vars,
                requester,
                levels,
                dedupe_key,
                pins,
                depth,
                excluded,
                hours,
            } => {
                *self = Self {
                    id: run.clone(),
                    playbook: playbook.clone(),
                    version: version.clone(),
                    digest: definition_digest.clone(),
                    started_at: record.at,
                    trigger: trigger.clone(),
                    inputs: inputs.clone(),
                    vars: vars.clone(),
                    requester: requester.clone(),
                    levels: *levels,
                    dedupe_key: dedupe_key.clone(),
                    pins: pins.clone(),
                    depth: *depth,
                    excluded: excluded.clone(),
                    hours: hours.clone(),
                    ended: None,
                    ..Self::blank()
                };
                self.spawn("", 0, String::new(), ListRef::Main);
            }
            What::StepScheduled { path, attempt, .. } => {
                let state = self.state(path);
                state.status = StepStatus::Waiting;
                state.attempts = *attempt;
            }
            What::StepStarted { path, attempt, call, .. } => {
                let state = self.state(path);
                state.status = StepStatus::Running;
                state.attempts = *attempt;
                state.call = Some(call.clone());
            }
            What::StepDone { path, outputs } => {
                self.executed += 1;
                let state = self.state(path);
                state.status = StepStatus::Succeeded;
                state.outputs = outputs.clone();
                self.leave(playbook, path);
            }
            What::UndoKept { undo, .. } => self.undo.push(undo.clone()),
            What::StepSkipped { path, outputs } => {
                self.executed += 1;
                let state = self.state(path);
                state.status = StepStatus::Skipped;
                state.outputs = outputs.clone();
                self.leave(playbook, path);
            }
            What::StepFailed { path, timed_out, outputs, then, origin, .. } => {
                self.executed += 1;
                let state = self.state(path);
                state.status = if *timed_out { StepStatus::TimedOut } else { StepStatus::Failed };
                state.outputs = outputs.clone();
                state.error = Some(origin.clone());
                self.unwind(playbook, path);
                match then {
                    Then::Continue => self.leave(playbook, path),
                    Then::Handle(list) => {
                        if let Some(thread) = self.thread_of(playbook, path) {
                            thread.frames.push(Frame { list: list.clone(), index: 0 });
                        }
                    }
                    Then::Propagate => {}
                }
                self.state(path).shut();
            }
            What::StepUnknown { path, .. } => self.state(path).status = StepStatus::Unknown,
            What::StepCancelled { path } => {
                let state = self.state(path);
                state.status = StepStatus::Cancelled;
                state.shut();
            }
            What::Branched { path, case } => {
                self.state(path).status = StepStatus::Running;
                let list = ListRef::Case(paths::leaf(path).to_owned(), *case);
                if let Some(thread) = self.thread_of(playbook, path) {
                    thread.frames.push(Frame { list, index: 0 });
                }
            }
            What::Forked { path } => self.fork(playbook, path),
            What::BranchEnded { path, branch, failed } => {
                self.stop(path, *branch);
                if let Some(Holds::Branches(ended)) = &mut self.state(path).holds
                    && let Some(slot) = ended.get_mut(*branch)
                {
                    *slot = Some(failed.is_none());
                }
            }
            What::LoopOpened { path, items } => {
                let results = vec![Value::Null; items.len()];
                let state = self.state(path);
                state.status = StepStatus::Running;
                state.attempts = 1;
                state.holds = Some(Holds::Items { items: items.clone(), next: 0, results });
            }
            What::ItemStarted { path, index } => {
                if let Some(Holds::Items { next, .. }) = &mut self.state(path).holds {
                    *next = index + 1;
                }
                self.spawn(path, *index, paths::inside(path, *index), ListRef::Body(paths::leaf(path).to_owned()));
            }
            What::ItemEnded { path, index, status } => self.item_ended(path, *index, *status),
            What::RoundStarted { path, round } => {
                if let Some(old) = round.checked_sub(1) {
                    self.forget_turn(&paths::inside(path, old as usize));
                }
                let state = self.state(path);
                state.status = StepStatus::Running;
                state.attempts = 1;
                state.holds = Some(Holds::Rounds(round + 1));
                let at = *round as usize;
                self.spawn(path, at, paths::inside(path, at), ListRef::Body(paths::leaf(path).to_owned()));
            }
            What::RoundEnded { path, round, pause } => {
                self.stop(path, *round as usize);
                if *pause {
                    self.state(path).status = StepStatus::Waiting;
                }
            }
            What::ChildStarted { path, attempt, digest, inputs } => {
                let state = self.state(path);
                state.status = StepStatus::Waiting;
                state.attempts = *attempt;
                state.holds = Some(Holds::Child { digest: digest.clone(), inputs: inputs.clone() });
            }
            What::ChildOver { path } => self.state(path).holds = None,
            What::HandlerDone { path } => self.leave(playbook, path),
            What::VarsSet { values, .. } => self.vars.extend(values.clone()),
            What::TimerSet { id, due } => {
                self.timers.insert(id.clone(), *due);
            }
            What::TimerFired { id, .. } | What::TimerCancelled { id } => {
                self.timers.remove(id);
            }
            What::AskOpened { path, to, intro, expires, urgency } => {
                let state = self.state(path);
                state.status = StepStatus::Waiting;
                state.attempts = 1;
                state.ask = Some(AskState {
                    to: to.clone(),
                    intro: intro.clone(),
                    expires: *expires,
                    urgency: urgency.clone(),
                    level: 1,
                    answers: Map::new(),
                    current: None,
                    next: 0,
                    number: 0,
                    by: None,
                    at: None,
                });
            }
            What::Asked { path, index, number, question } => {
                if let Some(ask) = &mut self.state(path).ask {
                    ask.current = Some(question.clone());
                    ask.next = index + 1;
                    ask.number = *number;
                }
            }
            What::Answered { path, question, value, by } => {
                if let Some(ask) = &mut self.state(path).ask {
                    ask.current = None;
                    ask.by = Some(by.clone());
                    ask.at = Some(record.at);
                    if !value.is_null() {
                        ask.answers.insert(question.clone(), value.clone());
                    }
                }
            }
            What::ApprovalAsked { path, digest, opened } => {
                let state = self.state(path);
                state.status = StepStatus::Waiting;
                state.approve = Some(ApproveState {
                    opened: opened.as_ref().clone(),
                    digest: digest.clone(),
                    level: 1,
                    yes: Vec::new(),
                    decision: None,
                    decided_by: None,
                    comment: None,
                    at: None,
                });
            }
            What::ApprovalVote { path, by, granted: true, refused: None, .. } => {
                if let Some(a) = self.state(path).approve.as_mut().filter(|a| !a.yes.contains(by)) {
                    a.yes.push(by.clone());
                }
            }
            What::ApprovalDecided { path, decision, by, comment } => {
                if let Some(a) = &mut self.state(path).approve {
                    a.decision = Some(*decision);
                    a.decided_by.clone_from(by);
                    a.comment.clone_from(comment);
                    a.at = Some(record.at);
                }
            }
            What::Escalated { path, level } => {
                let state = self.state(path);
                if let Some(a) = &mut state.ask {
                    a.level = *level;
                }
                if let Some(a) = &mut state.approve {
                    a.level = *level;
                }
            }
            What::WaitOpened { path } => self.state(path).status = StepStatus::Waiting,
            What::Joined { who } => {
                if !self.joined.contains(who) {
                    self.joined.push(who.clone());
                }
            }
            What::Resolved { path, choice: Resolution::RunNow, .. } => self.state(path).status = StepStatus::Running,
            What::Failing { failure } => {
                self.failure = Some(failure.clone());
                self.threads.clear();
                self.spawn("", 0, String::new(), ListRef::OnFailure);
            }
            What::RunEnded { status, outcome, outputs } => {
                self.ended = Some((*status, outcome.clone()));
                self.outputs.clone_from(outputs);
                self.threads.clear();
            }
            What::ApprovalVote { .. }
            | What::LateAnswer { .. }
            | What::LateResult { .. }
            | What::Resolved { .. }
            | What::Cancelled { .. } => {}
        }
    }

    fn fork(&mut self, playbook: &Playbook, path: &str) {
        let id = paths::leaf(path);
        let branches = match playbook.step(id).map(|s| &s.kind) {
            Some(Kind::Parallel(p)) => p.branches.len(),
            _ => 0,
        };
        let state = self.state(path);
        state.status = StepStatus::Running;
        state.attempts = 1;
        state.holds = Some(Holds::Branches(vec![None; branches]));
        for n in 0..branches {
            self.spawn(path, n, paths::prefix(path).to_owned(), ListRef::Branch(id.to_owned(), n));
        }
    }

    fn item_ended(&mut self, path: &str, index: usize, status: StepStatus) {
        self.stop(path, index);
        let prefix = paths::inside(path, index);
        let steps = self.turn_steps(&prefix);
        self.forget_turn(&prefix);
        if let Some(Holds::Items { items, results, .. }) = &mut self.state(path).holds
            && let (Some(item), Some(slot)) = (items.get(index), results.get_mut(index))
        {
            *slot = json!({"index": index, "item": item, "status": status.word(), "steps": steps});
        }
    }
}
