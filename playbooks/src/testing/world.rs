//! A small world around one run and those it calls: a clock that the test moves, mocks, people who answer.
//!
//! A step of a called playbook is named `caller/step`: the step that called it, then the step within.

use super::file::{Case, DecisionSpec, Defaults, Mock, Mocks, Word};
use super::live::Live;
use crate::api::{Effect, Input, Question, Recipient, RunStatus, Start, Voter};
use crate::engine::{Advance, Failure, Run};
use crate::expr;
use crate::library::Library;
use crate::model::Playbook;
use jiff::Timestamp;
use nightbell_core::action::{Call, Outcome};
use nightbell_core::duration::Span;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Everything that one case touches.
pub struct World<'a> {
    library: &'a Library,
    /// The run under test, then those that it called.
    pub lives: Vec<Live>,
    pub now: Timestamp,
    pub calls: Vec<Call>,
    pub contacted: Vec<String>,
    pub escalations: BTreeMap<String, u32>,
    pub refused_approvals: u32,
    pub late_answers: u32,
    pub problems: Vec<String>,
    pub transcript: Vec<String>,
    mocks: BTreeMap<String, VecDeque<Mock>>,
    answers: BTreeMap<String, Map<String, Value>>,
    approvals: BTreeMap<String, DecisionSpec>,
    /// Questions and approvals that are on somebody's screen.
    pub asked: BTreeMap<String, (Vec<Recipient>, Question)>,
    pub proposals: BTreeMap<String, (Vec<Recipient>, String)>,
    /// Results on their way, by instant.
    results: Vec<(Timestamp, usize, Input)>,
    queue: VecDeque<(usize, Input)>,
    start: Timestamp,
    /// When the bot dies at the next durable write: before or after it.
    fault: Option<bool>,
}

impl<'a> World<'a> {
    pub fn start(
        library: &'a Library,
        playbook: &Arc<Playbook>,
        case: &Case,
        defaults: &Defaults,
    ) -> Result<Self, String> {
        let now = case.now.as_ref().or(defaults.now.as_ref()).map_or("2026-01-01T09:00:00Z", String::as_str);
        let now: Timestamp = now.parse().map_err(|_| format!("`{now}` is not an instant"))?;
        let trigger = case.trigger.clone().or_else(|| defaults.trigger.clone()).unwrap_or(Value::Null);
        let mut inputs = defaults.inputs.clone();
        inputs.extend(case.inputs.clone());
        let mut mocks = defaults.mocks.clone();
        mocks.extend(case.mocks.clone());
        let human = matches!(trigger.get("kind").and_then(Value::as_str), None | Some("command" | "event" | "console"));
        let requester = trigger.get("user").filter(|_| human).and_then(crate::engine::person_id);
        let begin = Start { inputs, requester, pins: library.pins(playbook), ..Start::new("test", trigger) };
        let (run, advance) = Run::start(playbook, begin, now).map_err(|e| e.to_string())?;
        let mut world = Self {
            library,
            lives: vec![Live::new(Arc::clone(playbook), run, String::new(), None)],
            now,
            calls: Vec::new(),
            contacted: Vec::new(),
            escalations: BTreeMap::new(),
            refused_approvals: 0,
            late_answers: 0,
            problems: Vec::new(),
            transcript: Vec::new(),
            mocks: mocks.into_iter().map(|(k, v)| (k, queue(v))).collect(),
            answers: case.answers.clone(),
            approvals: case.approvals.clone(),
            asked: BTreeMap::new(),
            proposals: BTreeMap::new(),
            results: Vec::new(),
            queue: VecDeque::new(),
            start: now,
            fault: None,
        };
        world.absorb(0, advance);
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

    pub fn feed_to(&mut self, live: usize, input: Input) {
        self.queue.push_back((live, input));
        self.settle();
    }

    fn settle(&mut self) {
        let mut rounds = 0;
        while let Some((n, input)) = self.queue.pop_front() {
            rounds += 1;
            if rounds > 20_000 {
                self.problems.push("the run does not come to rest".to_owned());
                return;
            }
            let now = self.now;
            let Some(live) = self.lives.get_mut(n) else { continue };
            let before = live.run.clone();
            match live.run.advance(&live.playbook, input.clone(), now) {
                Ok(advance) => match self.fault.take() {
                    None => self.absorb(n, advance),
                    // What was not written did not happen, and what was accepted comes again.
                    Some(false) => {
                        live.run = before;
                        self.crash();
                        self.queue.push_front((n, input));
                    }
                    // What was written is in the outbox; calls that left are sent again by the restart.
                    Some(true) => {
                        let calls = |e: &Effect| !matches!(e, Effect::Call { .. });
                        let effects = advance.effects.into_iter().filter(calls).collect();
                        self.absorb(n, Advance { records: advance.records, effects });
                        self.crash();
                    }
                },
                Err(e) => self.problems.push(e.to_string()),
            }
        }
    }

    /// The bot dies at the next durable write, before or after it.
    pub const fn crash_at_write(&mut self, after: bool) {
        self.fault = Some(after);
    }

    /// Drops all memory and folds the journals again.
    pub fn crash(&mut self) {
        self.say("the bot restarts");
        self.results.clear();
        for n in 0..self.lives.len() {
            let Some(live) = self.lives.get_mut(n) else { continue };
            if !live.refold() {
                self.problems.push("the replayed run differs from the live one".to_owned());
            }
            match live.run.resume(&live.playbook, self.now) {
                Ok(advance) => self.absorb(n, advance),
                Err(e) => self.problems.push(e.to_string()),
            }
        }
        self.settle();
    }

    /// Moves the clock; whatever falls due on the way happens at its instant, in order.
    pub fn advance(&mut self, by: Span) {
        let end = by.after(self.now);
        loop {
            let timers = self.lives.iter().enumerate().flat_map(|(n, l)| l.run.timers().iter().map(move |t| (n, t)));
            let timer = timers.map(|(n, (id, due))| (*due, n, id.clone())).min();
            let result = self.results.iter().map(|(at, _, _)| *at).min();
            let next = match (&timer, result) {
                (Some((due, _, _)), Some(at)) => at.min(*due),
                (Some((due, _, _)), None) => *due,
                (None, Some(at)) => at,
                (None, None) => break,
            };
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            if result == Some(next) {
                let place = self.results.iter().position(|(at, _, _)| *at == next);
                if let Some((_, n, input)) = place.map(|i| self.results.remove(i)) {
                    self.feed_to(n, input);
                }
            } else if let Some((due, n, id)) = timer {
                self.feed_to(n, Input::Timer { id, due });
            }
        }
        self.now = end;
    }

    /// The values of an answer are given in the order of the form; optional questions left out are skipped.
    pub fn answer(&mut self, step: &str, by: Option<&str>, values: &Map<String, Value>) {
        let mut given: Vec<(String, Value)> = Vec::new();
        while let Some((to, question)) = self.asked.get(step).cloned() {
            if given.iter().any(|(q, _)| *q == question.id) {
                break;
            }
            let who = by.map_or_else(|| someone(&to), |b| b.trim_start_matches("user:").to_owned());
            let value = match values.get(&question.id) {
                Some(v) => v.clone(),
                None if !question.required => Value::Null,
                None => break,
            };
            self.say(&format!("{who} answers {}", show(&value)));
            given.push((question.id.clone(), value.clone()));
            let (n, path) = self.place(step);
            self.feed_to(n, Input::Answer { path: path.to_owned(), question: question.id, value, by: who });
        }
        if given.is_empty() {
            for (question, value) in values {
                let who = by.unwrap_or("somebody").trim_start_matches("user:").to_owned();
                self.say(&format!("{who} answers {}", show(value)));
                let (n, path) = self.place(step);
                let (path, question) = (path.to_owned(), question.clone());
                self.feed_to(n, Input::Answer { path, question, value: value.clone(), by: who });
            }
        }
    }

    pub fn decide(&mut self, step: &str, d: &DecisionSpec) {
        self.queue_decision(step, d);
        self.settle();
    }

    pub fn say(&mut self, line: &str) {
        let passed = self.now.as_second() - self.start.as_second();
        let (h, m, s) = (passed / 3600, passed / 60 % 60, passed % 60);
        self.transcript.push(format!("+{h:02}:{m:02}:{s:02}  {}", line.replace('\n', "\n           ")));
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
        for effect in advance.effects {
            self.happen(n, effect);
        }
    }

    /// How a path of this run is called in the test.
    fn full(&self, n: usize, path: &str) -> String {
        format!("{}{path}", self.lives.get(n).map_or("", |l| l.prefix.as_str()))
    }

    fn start_child(&mut self, n: usize, path: String, attempt: u32, digest: &str, mut start: Start) {
        let Some(playbook) = self.library.get(digest) else {
            return self.problems.push(format!("the definition {digest} is gone"));
        };
        let id = format!("playbook:{}", playbook.id);
        let args = Value::Object(start.inputs.clone().into_iter().collect());
        let call = Call { action: id.clone(), major: 1, args, key: String::new(), repeat: false };
        self.calls.push(call.clone());
        if self.mocks.contains_key(&id) {
            self.say(&format!("runs {id} {}", show(&call.args)));
            let Some((outcome, delay)) = self.mock(&call) else { return };
            let (status, outputs, failure) = match outcome {
                Outcome::Done { outputs } => (RunStatus::Succeeded, outputs, None),
                Outcome::Failed { code, message, .. } => {
                    (RunStatus::Failed, Value::Null, Some(Failure { step: id, code, message, at: self.now }))
                }
                Outcome::Unknown { .. } => (RunStatus::Cancelled, Value::Null, None),
            };
            let mut outputs: BTreeMap<String, Value> =
                outputs.as_object().map(|m| m.clone().into_iter().collect()).unwrap_or_default();
            let outcome = outputs.remove("outcome").and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
            let input = Input::ChildEnded { path, attempt, status, outcome, outputs, failure };
            match delay {
                Some(d) => self.results.push((d.after(self.now), n, input)),
                None => self.queue.push_back((n, input)),
            }
            return;
        }
        let prefix = format!("{}/", self.full(n, &path));
        start.run = format!("test-{}", self.lives.len());
        match Run::start(&playbook, start, self.now) {
            Ok((run, advance)) => {
                self.lives.push(Live::new(playbook, run, prefix, Some((n, path, attempt))));
                self.absorb(self.lives.len() - 1, advance);
            }
            Err(e) => {
                let failure = Some(Failure { step: id, code: e.code.to_owned(), message: e.message, at: self.now });
                let (status, outcome, outputs) = (RunStatus::Failed, String::new(), BTreeMap::new());
                self.queue.push_back((n, Input::ChildEnded { path, attempt, status, outcome, outputs, failure }));
            }
        }
    }

    fn child_over(&mut self, n: usize, status: RunStatus, outcome: String, outputs: BTreeMap<String, Value>) {
        let Some(live) = self.lives.get(n) else { return };
        if let Some((parent, path, attempt)) = live.parent.clone() {
            let failure = live.run.failure().cloned();
            self.queue.push_back((parent, Input::ChildEnded { path, attempt, status, outcome, outputs, failure }));
        }
    }

    fn cancel_child(&mut self, n: usize, path: &str, attempt: u32) {
        let is = |l: &Live| l.parent.as_ref().is_some_and(|(p, at, a)| *p == n && at == path && *a == attempt);
        if let Some(child) = self.lives.iter().position(is) {
            let why = "the playbook that called it goes on without it".to_owned();
            self.queue.push_back((child, Input::Cancel { by: "bot".to_owned(), why }));
        }
    }

    fn happen(&mut self, n: usize, effect: Effect) {
        match effect {
            Effect::Call { path, attempt, call, .. } => self.call(n, path, attempt, call),
            Effect::StartChild { path, attempt, digest, start } => self.start_child(n, path, attempt, &digest, *start),
            Effect::CancelChild { path, attempt } => self.cancel_child(n, &path, attempt),
            Effect::Ask { path, to, intro, question, .. } => {
                let (path, whom) = (self.full(n, &path), people(&to));
                if let Some(intro) = intro {
                    self.say(&format!("to {whom}: {intro}"));
                }
                let options = match question.kind {
                    crate::api::QuestionKind::Boolean => " [yes] [no]".to_owned(),
                    _ => question.options.iter().fold(String::new(), |all, o| all + " [" + o + "]"),
                };
                let skip = if question.required { "" } else { " [skip]" };
                let help = question.help.as_ref().map(|h| format!("\n{h}")).unwrap_or_default();
                self.say(&format!("asks {whom}: {}{options}{skip}{help}", question.label));
                self.contacted.extend(to.iter().map(|r| r.0.clone()));
                self.asked.insert(path.clone(), (to, question));
                self.auto_answer(&path);
            }
            Effect::AskClosed { path, timed_out } => {
                let path = self.full(n, &path);
                self.asked.remove(&path);
                if timed_out {
                    self.say(&format!("{path}: nobody answered in time"));
                }
            }
            Effect::Approve { path, by, proposal, summary, not_by, quorum, .. } => {
                let path = self.full(n, &path);
                let mut line =
                    format!("asks {} to approve: {summary}\n{} {}", people(&by), proposal.action, show(&proposal.args));
                if !not_by.is_empty() {
                    line.push_str(&format!("\nnot by {}", not_by.join(", ")));
                }
                if quorum > 1 {
                    line.push_str(&format!("\n{quorum} people must agree"));
                }
                self.say(&line);
                self.contacted.extend(by.iter().map(|r| r.0.clone()));
                self.proposals.insert(path.clone(), (by, proposal.digest()));
                if let Some(d) = self.approvals.remove(&path) {
                    // The press comes after the card is on the screen.
                    self.queue_decision(&path, &d);
                }
            }
            Effect::ApproveClosed { path, decision, .. } => {
                let (path, word) = (self.full(n, &path), serde_json::to_value(decision).ok());
                self.say(&format!("{path}: {}", word.as_ref().and_then(Value::as_str).unwrap_or_default()));
            }
            Effect::Remind { path, .. } => {
                let path = self.full(n, &path);
                self.say(&format!("{path}: a reminder"));
            }
            Effect::Escalate { path, level } => {
                let path = self.full(n, &path);
                self.say(&format!("{path}: level {level} is asked too"));
                *self.escalations.entry(path).or_default() += 1;
            }
            Effect::NeedsHuman { path, call, why } => {
                let path = self.full(n, &path);
                self.say(&format!("{path}: did {} happen? {why}", call.action));
            }
            Effect::Refused { who, text, .. } => self.say(&format!("to {who}: {text}")),
            Effect::Ended { status, outcome, outputs, feedback } => {
                let word = serde_json::to_value(status).ok();
                let word = word.as_ref().and_then(Value::as_str).unwrap_or_default();
                self.say(format!("{}ends: {word} {outcome}", self.full(n, "")).trim_end());
                if feedback {
                    self.say("asks the people concerned how it was");
                }
                self.child_over(n, status, outcome, outputs);
            }
            Effect::SetTimer { .. } | Effect::CancelTimer { .. } => {}
        }
    }

    fn auto_answer(&mut self, path: &str) {
        let Some(values) = self.answers.get(path) else { return };
        let Some((to, question)) = self.asked.get(path) else { return };
        let value = match values.get(&question.id) {
            Some(v) => v.clone(),
            None if !question.required => Value::Null,
            None => return,
        };
        let (who, id) = (someone(to), question.id.clone());
        self.say(&format!("{who} answers {}", show(&value)));
        let (n, path) = self.place(path);
        self.queue.push_back((n, Input::Answer { path: path.to_owned(), question: id, value, by: who }));
    }

    fn queue_decision(&mut self, step: &str, d: &DecisionSpec) {
        let (by, digest) = self.proposals.get(step).cloned().unwrap_or_default();
        let voter = voter(&d.by, &by);
        let word = if d.decision == Word::Granted { "approves" } else { "denies" };
        self.say(&format!("{} {word}", voter.id));
        let granted = d.decision == Word::Granted;
        let (n, path) = self.place(step);
        let vote = Input::Vote { path: path.to_owned(), by: voter, granted, comment: d.comment.clone(), digest };
        self.queue.push_back((n, vote));
    }

    fn call(&mut self, n: usize, path: String, attempt: u32, call: Call) {
        let args = &call.args;
        let text = |key: &str| args.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        match call.action.as_str() {
            "chat.reply" => {
                let whom = whom(args.get("to"));
                self.say(&format!("to {whom}: {}", text("text")));
            }
            "guide.show" => {
                let steps = args.get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
                let steps: Vec<String> = (1..).zip(&steps).map(|(n, s)| format!("\n{n}. {}", show(s))).collect();
                self.say(&format!("to {}: {}{}", whom(args.get("to")), text("title"), steps.concat()));
            }
            "oncall.page" => self.say(&format!("pages the on-call ({}): {}", text("urgency"), text("summary"))),
            other => self.say(&format!("calls {other} {}", show(args))),
        }
        let outcome = self.mock(&call);
        self.calls.push(call.clone());
        let Some((outcome, delay)) = outcome else {
            // Answers to people need no mock: a test that does not care about the words would be noise.
            if !call.action.starts_with("chat.") && !matches!(call.action.as_str(), "guide.show" | "case.note") {
                self.problems.push(format!("`{}` was called without a mock", call.action));
            }
            let done = Outcome::Done { outputs: Value::Object(Map::new()) };
            self.queue.push_back((n, Input::CallEnded { path, attempt, outcome: done }));
            return;
        };
        let input = Input::CallEnded { path, attempt, outcome };
        match delay {
            Some(d) => self.results.push((d.after(self.now), n, input)),
            None => self.queue.push_back((n, input)),
        }
    }

    fn mock(&mut self, call: &Call) -> Option<(Outcome, Option<Span>)> {
        let roots = Map::from_iter([("args".to_owned(), call.args.clone())]);
        let context = expr::Context::new(&roots, self.now);
        let list = self.mocks.get_mut(&call.action)?;
        let fits = |m: &Mock| m.when.as_ref().is_none_or(|w| expr::condition(w, &context) == Ok(true));
        let place = list.iter().position(fits)?;
        let last = list.iter().filter(|m| fits(m)).count() == 1;
        let mock = list.get_mut(place)?;
        let delay = mock.delay;
        let outcome = if let Some(why) = &mock.unknown {
            Outcome::Unknown { why: why.clone() }
        } else if let Some(e) = &mut mock.error {
            let failed = Outcome::Failed { code: e.code.clone(), message: e.message.clone(), retryable: true };
            match &mut e.times {
                Some(n) if *n > 1 => {
                    *n -= 1;
                    return Some((failed, delay));
                }
                Some(_) => mock.error = None,
                None => {}
            }
            failed
        } else {
            Outcome::Done { outputs: mock.outputs.clone().unwrap_or_else(|| Value::Object(Map::new())) }
        };
        // In a list each entry serves one call; the last one serves all that follow.
        if !last {
            list.remove(place);
        }
        Some((outcome, delay))
    }
}

/// `role:on-call` is an otherwise uninvolved member of that role; `user:ADDRESS` is that person, who holds the
/// role, so that a refusal is about the person and not about the role.
fn voter(by: &str, may: &[Recipient]) -> Voter {
    if let Some(role) = by.strip_prefix("role:") {
        let emails = vec![format!("{role}@staff.example")];
        return Voter { id: format!("someone-{role}"), emails, roles: vec![role.to_owned()] };
    }
    let who = by.trim_start_matches("user:").to_owned();
    let roles = may.iter().filter_map(|r| r.role().map(str::to_owned)).collect();
    Voter { id: who.clone(), emails: vec![who], roles }
}

/// Whom a message is for: `to`, else whoever reported.
fn whom(to: Option<&Value>) -> String {
    to.and_then(crate::engine::person_id).unwrap_or_else(|| "the reporters".to_owned())
}

fn queue(mocks: Mocks) -> VecDeque<Mock> {
    match mocks {
        Mocks::One(m) => VecDeque::from([m]),
        Mocks::Many(list) => list.into(),
    }
}

fn people(to: &[Recipient]) -> String {
    to.iter().map(|r| r.0.as_str()).collect::<Vec<_>>().join(", ")
}

fn someone(to: &[Recipient]) -> String {
    to.first().map_or_else(
        || "somebody".to_owned(),
        |r| r.role().map_or_else(|| r.0.clone(), |role| format!("someone-{role}")),
    )
}

fn show(v: &Value) -> String {
    match v {
        Value::Null => "[skip]".to_owned(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}
