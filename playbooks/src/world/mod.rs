//! A small world around one run and those it calls: a clock that the caller moves, mocks, people who answer.
//! Tests, rehearsals and dry runs share it.
//!
//! A step of a called playbook is named `caller/step`: the step that called it, then the step within.

mod calls;
mod children;
mod happen;
mod live;
mod mock;
mod people;
mod plan;
mod restart;
mod story;

pub use live::Live;
pub use mock::{DecisionSpec, Mock, Mocks, Word};
pub use plan::Plan;
pub use story::{Moment, View, clock};

use crate::api::{Effect, Input, Question, Recipient, Start};
use crate::engine::{Advance, Run};
use crate::library::Library;
use crate::model::Playbook;
use jiff::Timestamp;
use nightbell_core::action::{Call, Outcome};
use nightbell_core::duration::Span;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// What a world begins with.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// When.
    pub now: Timestamp,
    /// The root `trigger`.
    pub trigger: Value,
    /// Inputs by name.
    pub inputs: BTreeMap<String, Value>,
    /// What actions give, by name.
    pub mocks: BTreeMap<String, Mocks>,
    /// What people answer, by step and question, the moment they are asked.
    pub answers: BTreeMap<String, Map<String, Value>>,
    /// What people decide, by step, the moment they are asked.
    pub approvals: BTreeMap<String, DecisionSpec>,
    /// Whether an action without a mock gives something plausible instead of being a problem.
    pub plausible: bool,
    /// For a crash check: when the bot dies, and what the outside world remembers.
    pub plan: Option<Plan>,
}

/// Carries a call out for real; None leaves it to the mocks.
pub type Outside<'a> = Box<dyn FnMut(&Call) -> Option<Outcome> + 'a>;

/// A question on somebody's screen.
#[derive(Debug, Clone)]
pub struct Open {
    /// Who sees it.
    pub to: Vec<Recipient>,
    /// The question.
    pub question: Question,
}

/// An approval on somebody's screen.
#[derive(Debug, Clone)]
pub struct Card {
    /// Who may decide.
    pub by: Vec<Recipient>,
    /// Digest of what was shown.
    pub digest: String,
    /// What they read.
    pub text: String,
    /// Whether it is not decided yet.
    pub open: bool,
}

/// Everything that one case touches.
pub struct World<'a> {
    library: &'a Library,
    /// The run under test, then those that it called.
    pub lives: Vec<Live>,
    /// The virtual instant.
    pub now: Timestamp,
    /// Every call that left, in order.
    pub calls: Vec<Call>,
    /// Everybody who was asked something.
    pub contacted: Vec<String>,
    /// How often each step was put to a further level.
    pub escalations: BTreeMap<String, u32>,
    /// Presses that did not count.
    pub refused_approvals: u32,
    /// Answers that came after the end of their question.
    pub late_answers: u32,
    /// What must not happen in a test.
    pub problems: Vec<String>,
    /// What happened, for people.
    pub story: Vec<Moment>,
    /// Questions on screens, by step.
    pub asked: BTreeMap<String, Open>,
    /// Approvals on screens, by step.
    pub cards: BTreeMap<String, Card>,
    /// Names of the mocks that were used.
    pub used: BTreeSet<String>,
    mocks: BTreeMap<String, VecDeque<Mock>>,
    answers: BTreeMap<String, Map<String, Value>>,
    approvals: BTreeMap<String, DecisionSpec>,
    plausible: bool,
    outside: Option<Outside<'a>>,
    /// Results on their way, by instant.
    results: Vec<(Timestamp, usize, Input)>,
    queue: VecDeque<(usize, Input)>,
    start: Timestamp,
    /// When the bot dies at the next durable write: before or after it.
    fault: Option<bool>,
    /// The plan of a crash check.
    pub plan: Option<Plan>,
    restarts: u32,
}

impl<'a> World<'a> {
    /// Starts the playbook and goes as far as it goes at this instant.
    pub fn start(
        library: &'a Library,
        playbook: &Arc<Playbook>,
        setup: Setup,
        outside: Option<Outside<'a>>,
    ) -> Result<Self, String> {
        let Setup { now, trigger, inputs, mocks, answers, approvals, plausible, plan } = setup;
        let human = matches!(trigger.get("kind").and_then(Value::as_str), None | Some("command" | "event" | "console"));
        let requester = trigger.get("user").filter(|_| human).and_then(crate::engine::person_id);
        let begin = Start { inputs, requester, pins: library.pins(playbook), ..Start::new("test", trigger) };
        let (run, advance) = Run::start(playbook, begin, now).map_err(|e| e.to_string())?;
        let mut world = Self {
            library,
            lives: Vec::new(),
            now,
            calls: Vec::new(),
            contacted: Vec::new(),
            escalations: BTreeMap::new(),
            refused_approvals: 0,
            late_answers: 0,
            problems: Vec::new(),
            story: Vec::new(),
            asked: BTreeMap::new(),
            cards: BTreeMap::new(),
            used: BTreeSet::new(),
            mocks: mocks.into_iter().map(|(k, v)| (k, v.queue())).collect(),
            answers,
            approvals,
            plausible,
            outside,
            results: Vec::new(),
            queue: VecDeque::new(),
            start: now,
            fault: None,
            plan,
            restarts: 0,
        };
        world.open(Live::new(Arc::clone(playbook), run, String::new(), None), advance);
        world.settle();
        Ok(world)
    }

    /// The run under test.
    pub fn run(&self) -> &Run {
        self.lives.first().map_or_else(|| unreachable!("a world begins with a run"), |l| &l.run)
    }

    /// Which run a step belongs to, and its path within.
    pub fn place<'s>(&self, step: &'s str) -> (usize, &'s str) {
        let (prefix, path) = step.rfind('/').map_or(("", step), |i| step.split_at(i + 1));
        (self.lives.iter().rposition(|l| l.prefix == prefix).unwrap_or(0), path)
    }

    /// Feeds one input to the run under test, and everything that follows at once.
    pub fn feed(&mut self, input: Input) {
        self.feed_to(0, input);
    }

    /// Feeds one input to a run.
    pub fn feed_to(&mut self, live: usize, input: Input) {
        self.queue.push_back((live, input));
        self.settle();
    }

    /// The next timer: instant, run and id.
    fn next_timer(&self) -> Option<(Timestamp, usize, String)> {
        let timers = self.lives.iter().enumerate().flat_map(|(n, l)| l.run.timers().iter().map(move |t| (n, t)));
        timers.map(|(n, (id, due))| (*due, n, id.clone())).min()
    }

    /// The next instant at which something happens by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        let result = self.results.iter().map(|(at, _, _)| *at).min();
        self.next_timer().map(|(due, _, _)| due).into_iter().chain(result).min()
    }

    /// Moves the clock; whatever falls due on the way happens at its instant, in order.
    pub fn advance(&mut self, by: Span) {
        let end = by.after(self.now);
        while self.next_due().is_some_and(|next| next <= end) {
            self.step();
        }
        self.now = end;
    }

    /// Lets the next thing happen that is due, whenever that is; false when nothing is.
    pub fn step(&mut self) -> bool {
        let Some(next) = self.next_due() else { return false };
        self.now = self.now.max(next);
        if let Some(place) = self.results.iter().position(|(at, _, _)| *at == next) {
            let (_, n, input) = self.results.remove(place);
            self.feed_to(n, input);
        } else if let Some((due, n, id)) = self.next_timer() {
            self.feed_to(n, Input::Timer { id, due });
        }
        true
    }

    fn absorb(&mut self, n: usize, advance: Advance) {
        for r in &advance.records {
            match &r.what {
                crate::What::LateAnswer { .. } => self.late_answers += 1,
                crate::What::ApprovalVote { refused: Some(_), .. } => self.refused_approvals += 1,
                _ => {}
            }
        }
        if let Some(live) = self.lives.get_mut(n) {
            live.journal.extend(advance.records);
        }
        let before = self.restarts;
        for effect in advance.effects {
            // Effects are rows of the outbox, calls excepted: those are sent again by a restart.
            if self.restarts == before || !matches!(effect, Effect::Call { .. }) {
                self.happen(n, effect);
            }
        }
    }

    /// How a path of this run is called in the test.
    fn full(&self, n: usize, path: &str) -> String {
        format!("{}{path}", self.lives.get(n).map_or("", |l| l.prefix.as_str()))
    }
}

fn people(to: &[Recipient]) -> String {
    to.iter().map(|r| r.0.as_str()).collect::<Vec<_>>().join(", ")
}

/// A value as a person reads it.
pub fn show(v: &Value) -> String {
    match v {
        Value::Null => "[skip]".to_owned(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}
