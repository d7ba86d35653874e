//! A small world around one run: a clock that the test moves, mocks, people who answer.

use super::file::{Case, DecisionSpec, Defaults, Mock, Mocks, Word};
use crate::api::{Effect, Input, Question, Recipient, Start, Voter};
use crate::engine::{Advance, Record, Run};
use crate::expr;
use crate::model::Playbook;
use jiff::Timestamp;
use nightbell_core::action::{Call, Outcome};
use nightbell_core::duration::Span;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// Everything that one case touches.
pub struct World<'a> {
    pub playbook: &'a Playbook,
    pub run: Run,
    pub now: Timestamp,
    pub journal: Vec<Record>,
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
    results: Vec<(Timestamp, Input)>,
    queue: VecDeque<Input>,
    start: Timestamp,
}

impl<'a> World<'a> {
    pub fn start(playbook: &'a Playbook, case: &Case, defaults: &Defaults) -> Result<Self, String> {
        let now = case.now.as_ref().or(defaults.now.as_ref()).map_or("2026-01-01T09:00:00Z", String::as_str);
        let now: Timestamp = now.parse().map_err(|_| format!("`{now}` is not an instant"))?;
        let trigger = case.trigger.clone().or_else(|| defaults.trigger.clone()).unwrap_or(Value::Null);
        let mut inputs = defaults.inputs.clone();
        inputs.extend(case.inputs.clone());
        let mut mocks = defaults.mocks.clone();
        mocks.extend(case.mocks.clone());
        let human = matches!(trigger.get("kind").and_then(Value::as_str), None | Some("command" | "event" | "console"));
        let requester = trigger.get("user").filter(|_| human).and_then(crate::engine::person_id);
        let begin = Start { run: "test".to_owned(), trigger, inputs, requester, levels: 3 };
        let (run, advance) = Run::start(playbook, begin, now).map_err(|e| e.to_string())?;
        let mut world = Self {
            playbook,
            run,
            now,
            journal: Vec::new(),
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
        };
        world.absorb(advance);
        world.settle();
        Ok(world)
    }

    /// Feeds one input and everything that follows at once.
    pub fn feed(&mut self, input: Input) {
        self.queue.push_back(input);
        self.settle();
    }

    fn settle(&mut self) {
        let mut rounds = 0;
        while let Some(input) = self.queue.pop_front() {
            rounds += 1;
            if rounds > 10_000 {
                self.problems.push("the run does not come to rest".to_owned());
                return;
            }
            match self.run.advance(self.playbook, input, self.now) {
                Ok(advance) => self.absorb(advance),
                Err(e) => self.problems.push(e.to_string()),
            }
        }
    }

    /// Drops all memory and folds the journal again.
    pub fn crash(&mut self) {
        let folded = Run::replay(self.playbook, &self.journal);
        if folded != self.run {
            self.problems.push("the replayed run differs from the live one".to_owned());
        }
        self.run = folded;
        self.say("the bot restarts");
        match self.run.resume(self.playbook, self.now) {
            Ok(advance) => {
                self.results.clear();
                self.absorb(advance);
            }
            Err(e) => self.problems.push(e.to_string()),
        }
        self.settle();
    }

    /// Moves the clock; whatever falls due on the way happens at its instant, in order.
    pub fn advance(&mut self, by: Span) {
        let end = by.after(self.now);
        loop {
            let timer = self.run.timers().iter().map(|(id, due)| (*due, id.clone())).min();
            let result = self.results.iter().map(|(at, _)| *at).min();
            let next = match (&timer, result) {
                (Some((due, _)), Some(at)) => at.min(*due),
                (Some((due, _)), None) => *due,
                (None, Some(at)) => at,
                (None, None) => break,
            };
            if next > end {
                break;
            }
            self.now = self.now.max(next);
            if result == Some(next) {
                let place = self.results.iter().position(|(at, _)| *at == next);
                if let Some((_, input)) = place.map(|i| self.results.remove(i)) {
                    self.feed(input);
                }
            } else if let Some((due, id)) = timer {
                self.feed(Input::Timer { id, due });
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
            self.feed(Input::Answer { path: step.to_owned(), question: question.id, value, by: who });
        }
        if given.is_empty() {
            for (question, value) in values {
                let who = by.unwrap_or("somebody").trim_start_matches("user:").to_owned();
                self.say(&format!("{who} answers {}", show(value)));
                self.feed(Input::Answer {
                    path: step.to_owned(),
                    question: question.clone(),
                    value: value.clone(),
                    by: who,
                });
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

    fn absorb(&mut self, advance: Advance) {
        for r in &advance.records {
            match &r.what {
                crate::What::LateAnswer { .. } => self.late_answers += 1,
                crate::What::ApprovalVote { refused: Some(_), .. } => self.refused_approvals += 1,
                _ => {}
            }
        }
        self.journal.extend(advance.records);
        for effect in advance.effects {
            self.happen(effect);
        }
    }

    fn happen(&mut self, effect: Effect) {
        match effect {
            Effect::Call { path, attempt, call, .. } => self.call(path, attempt, call),
            Effect::Ask { path, to, intro, question, .. } => {
                let whom = people(&to);
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
                self.asked.remove(&path);
                if timed_out {
                    self.say(&format!("{path}: nobody answered in time"));
                }
            }
            Effect::Approve { path, by, proposal, summary, not_by, quorum, .. } => {
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
                let word = serde_json::to_value(decision).ok();
                self.say(&format!("{path}: {}", word.as_ref().and_then(Value::as_str).unwrap_or_default()));
            }
            Effect::Remind { path, .. } => self.say(&format!("{path}: a reminder")),
            Effect::Escalate { path, level } => {
                self.say(&format!("{path}: level {level} is asked too"));
                *self.escalations.entry(path).or_default() += 1;
            }
            Effect::NeedsHuman { path, call, why } => {
                self.say(&format!("{path}: did {} happen? {why}", call.action));
            }
            Effect::Refused { who, text, .. } => self.say(&format!("to {who}: {text}")),
            Effect::Ended { status, outcome, .. } => {
                let word = serde_json::to_value(status).ok();
                self.say(
                    format!("ends: {} {outcome}", word.as_ref().and_then(Value::as_str).unwrap_or_default()).trim_end(),
                );
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
        self.queue.push_back(Input::Answer { path: path.to_owned(), question: id, value, by: who });
    }

    fn queue_decision(&mut self, step: &str, d: &DecisionSpec) {
        let (by, digest) = self.proposals.get(step).cloned().unwrap_or_default();
        let voter = voter(&d.by, &by);
        let word = if d.decision == Word::Granted { "approves" } else { "denies" };
        self.say(&format!("{} {word}", voter.id));
        let granted = d.decision == Word::Granted;
        self.queue.push_back(Input::Vote {
            path: step.to_owned(),
            by: voter,
            granted,
            comment: d.comment.clone(),
            digest,
        });
    }

    fn call(&mut self, path: String, attempt: u32, call: Call) {
        let args = &call.args;
        let text = |key: &str| args.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        match call.action.as_str() {
            "chat.reply" => self.say(&format!("to the reporters: {}", text("text"))),
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
            self.queue.push_back(Input::CallEnded { path, attempt, outcome: done });
            return;
        };
        let input = Input::CallEnded { path, attempt, outcome };
        match delay {
            Some(d) => self.results.push((d.after(self.now), input)),
            None => self.queue.push_back(input),
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
