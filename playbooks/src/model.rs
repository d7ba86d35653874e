//! A playbook as data: what the file says, checked and typed.

pub use crate::model_step::{
    ApproveSpec, AskSpec, Backoff, CallSpec, EndSpec, ForEachSpec, Handler, Kind, ParallelSpec, QuestionSpec,
    RepeatSpec, Retry, Step, SubSpec, WaitFor, WaitSpec,
};
use nightbell_core::action::Manifest;
use nightbell_core::duration::Span;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// A checked playbook. Made by [`crate::load`]; never changed afterwards.
#[derive(Debug, Clone)]
pub struct Playbook {
    /// Stable name.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// For people.
    pub name: String,
    /// For people.
    pub description: String,
    /// Words to find it by.
    pub labels: Vec<String>,
    /// Words of the CACAO vocabulary, such as `mitigation`.
    pub playbook_types: Vec<String>,
    /// ATT&CK techniques, such as `T1566.001`.
    pub attack: Vec<String>,
    /// D3FEND techniques, such as `D3-ER`.
    pub d3fend: Vec<String>,
    /// Id or URI of what it was made from.
    pub derived_from: Option<String>,
    /// Kept verbatim; `x.cacao` holds what an import could not place.
    pub x: Value,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// Inputs in the order of the file.
    pub inputs: Vec<Input>,
    /// When a second start joins the first.
    pub dedupe: Option<Dedupe>,
    /// How many runs at once.
    pub concurrency: Option<Concurrency>,
    /// Initial variables, in the order of the file.
    pub vars: Vec<(String, Value)>,
    /// Secrets it may use.
    pub secrets: Vec<String>,
    /// The whole run, waits included.
    pub timeout: Span,
    /// What it does.
    pub steps: Vec<Step>,
    /// What it does when a step fails for good.
    pub on_failure: Vec<Step>,
    /// Rendered at the end, in the order of the file.
    pub outputs: Vec<(String, Value)>,
    pub(crate) source: String,
    pub(crate) digest: String,
    pub(crate) manifests: BTreeMap<String, Manifest>,
    pub(crate) places: HashMap<String, Place>,
}

/// What starts a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Which kind.
    pub on: On,
    /// Further condition, over the root `trigger`.
    pub cond: Option<String>,
}

/// Kind of a trigger.
#[derive(Debug, Clone, PartialEq)]
pub enum On {
    /// An inbound event such as `chat.mail_report`.
    Event(String),
    /// The word after the root command.
    Command(String),
    /// A condition over the normalised alert.
    Alert(String),
    /// Civil time.
    Schedule {
        /// Pattern.
        cron: String,
        /// Zone name.
        zone: Option<String>,
        /// Whether a missed slot fires late.
        fire_missed: bool,
        /// Spread.
        jitter: Option<Span>,
    },
    /// A signed webhook by name.
    Webhook(String),
}

/// An input of the playbook.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: InputType,
    /// Whether a run cannot start without it.
    pub required: bool,
    /// Used when the caller gives none.
    pub default: Option<Value>,
    /// Allowed values.
    pub options: Vec<Value>,
    /// For people; the question when a person must supply it.
    pub description: String,
    /// Whether the run is about this person.
    pub subject: bool,
    /// Whether it is kept out of logs.
    pub sensitive: bool,
}

/// Type of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the language")]
pub enum InputType {
    String,
    Integer,
    Number,
    Boolean,
    Date,
    Datetime,
    Duration,
    Mail,
    User,
    Role,
    Address,
    Url,
    Domain,
    Ip,
    Hash,
    File,
    Indicator,
    Alert,
    List,
    Map,
}

/// When a second start is the same as the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Dedupe {
    /// Template over `trigger` and `inputs`.
    pub key: String,
    /// Counted from the first.
    pub window: Span,
    /// What happens to the second.
    pub on_duplicate: OnDuplicate,
}

/// What happens to a start whose key is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDuplicate {
    /// The newcomer joins the run and is told its end.
    Join,
    /// Counted and visible.
    Drop,
    /// The old run is cancelled.
    Restart,
    /// A second, linked run.
    New,
}

/// How many runs at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Concurrency {
    /// So many.
    pub limit: u32,
    /// Per value of this template; the playbook's id when absent.
    pub key: Option<String>,
    /// Whether further starts are dropped instead of queued.
    pub drop: bool,
}

/// A list of steps within the file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListRef {
    /// `steps`.
    Main,
    /// `on_failure`.
    OnFailure,
    /// A case of a `switch`, from 0.
    Case(String, usize),
    /// A branch of a `parallel`, from 0.
    Branch(String, usize),
    /// The steps of a `for_each` or `repeat`.
    Body(String),
    /// `on_error` of a step.
    OnError(String),
    /// `on_timeout` of a step.
    OnTimeout(String),
}

/// Where a step stands: its list and index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The list.
    pub list: ListRef,
    /// From 0.
    pub index: usize,
    /// Order within the file.
    pub order: usize,
    /// The loops it stands in, outermost first.
    pub scope: Vec<String>,
}

impl Playbook {
    /// BLAKE3 of the canonical form; comments and layout do not count.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The text it was read from, for keeping.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Stable name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Semantic version.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The manifest of an action it uses.
    pub fn manifest(&self, action: &str) -> Option<&Manifest> {
        self.manifests.get(action)
    }

    /// A step by its id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        let place = self.places.get(id)?;
        self.list(&place.list).get(place.index)
    }

    /// Where a step stands.
    pub fn place(&self, id: &str) -> Option<&Place> {
        self.places.get(id)
    }

    /// A list of steps; empty when there is none.
    pub fn list(&self, list: &ListRef) -> &[Step] {
        match list {
            ListRef::Main => &self.steps,
            ListRef::OnFailure => &self.on_failure,
            ListRef::Case(id, n) => match self.step(id).map(|s| &s.kind) {
                Some(Kind::Switch(cases)) => cases.get(*n).map_or(&[], |(_, steps)| steps),
                _ => &[],
            },
            ListRef::Branch(id, n) => match self.step(id).map(|s| &s.kind) {
                Some(Kind::Parallel(p)) => p.branches.get(*n).map_or(&[], |(_, steps)| steps),
                _ => &[],
            },
            ListRef::Body(id) => match self.step(id).map(|s| &s.kind) {
                Some(Kind::ForEach(ForEachSpec { steps, .. }) | Kind::Repeat(RepeatSpec { steps, .. })) => steps,
                _ => &[],
            },
            ListRef::OnError(id) => handler_steps(self.step(id).map(|s| &s.on_error)),
            ListRef::OnTimeout(id) => handler_steps(self.step(id).and_then(|s| s.on_timeout.as_ref())),
        }
    }

    /// The playbooks it calls, as written, in the order of the file.
    pub fn calls_playbooks(&self) -> Vec<&SubSpec> {
        let sub = |s: &&'_ Step| matches!(s.kind, Kind::Playbook(_));
        let steps = self.walk().into_iter().filter(sub);
        steps.filter_map(|s| if let Kind::Playbook(p) = &s.kind { Some(p) } else { None }).collect()
    }

    /// Every step in the order of the file.
    pub fn walk(&self) -> Vec<&Step> {
        let mut out = Vec::new();
        walk(&self.steps, &mut out);
        walk(&self.on_failure, &mut out);
        out
    }
}

fn handler_steps(handler: Option<&Handler>) -> &[Step] {
    match handler {
        Some(Handler::Steps(steps)) => steps,
        _ => &[],
    }
}

fn walk<'a>(steps: &'a [Step], out: &mut Vec<&'a Step>) {
    for step in steps {
        out.push(step);
        for (_, inner) in step.lists() {
            walk(inner, out);
        }
    }
}
