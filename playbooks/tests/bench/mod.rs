//! One run of a small playbook, fed by hand.

#![allow(dead_code, clippy::expect_used, reason = "each test file uses some of it")]

use jiff::Timestamp;
use nightbell_core::action::Outcome;
use nightbell_playbooks::api::{Effect, Input, Start, Voter};
use nightbell_playbooks::{Advance, Library, Playbook, Run, builtin};
use serde_json::{Value, json};
use std::sync::Arc;

/// The first lines of a playbook called `t`.
pub const HEAD: &str = "nightbell: 1\nid: t\nversion: 1.0.0\nname: T\n";

/// A run, its clock, and everything it ever asked of the world.
pub struct Bench {
    pub pb: Arc<Playbook>,
    pub run: Run,
    pub now: Timestamp,
    pub effects: Vec<Effect>,
}

impl Bench {
    /// Starts `t` with this body.
    pub fn new(body: &str) -> Self {
        Self::with(body, &[])
    }

    /// Starts `t`, which may call the playbooks of the other files.
    pub fn with(body: &str, others: &[&str]) -> Self {
        let mut library = Library::new(builtin::manifests());
        let text = format!("{HEAD}{body}\n");
        for other in others {
            library.add("other.yaml", other).expect("the other file loads");
        }
        let loaded = library.add("t.yaml", &text);
        let pb = loaded.map_err(|f| f.iter().map(|f| f.render(&text)).collect::<String>()).expect("loads");
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("instant");
        let trigger = json!({"user": {"id": "employee", "email": "employee@example.com"}});
        let start = Start { requester: Some("employee".into()), pins: library.pins(&pb), ..Start::new("r", trigger) };
        let (run, advance) = Run::start(&pb, start, now).expect("starts");
        Self { pb, run, now, effects: advance.effects }
    }

    pub fn feed(&mut self, input: Input) -> Advance {
        let advance = self.run.advance(&self.pb, input, self.now).expect("taken");
        self.effects.extend(advance.effects.clone());
        advance
    }

    /// The next timer fires at its instant; gives its id.
    pub fn timer(&mut self) -> String {
        let (due, id) = self.run.timers().iter().map(|(i, d)| (*d, i.clone())).min().expect("a timer");
        self.now = self.now.max(due);
        self.feed(Input::Timer { id: id.clone(), due });
        id
    }

    pub fn ended(&mut self, path: &str, attempt: u32, outcome: Outcome) -> Advance {
        self.feed(Input::CallEnded { path: path.into(), attempt, outcome })
    }

    /// Every call so far: action, try, arguments, key.
    pub fn calls(&self) -> Vec<(String, u32, Value, String)> {
        let call = |e: &Effect| match e {
            Effect::Call { attempt, call, .. } => {
                Some((call.action.clone(), *attempt, call.args.clone(), call.key.clone()))
            }
            _ => None,
        };
        self.effects.iter().filter_map(call).collect()
    }

    /// Answers the newest question.
    pub fn answer(&mut self, value: Value) -> Advance {
        let asked = self.effects.iter().rev().find_map(|e| match e {
            Effect::Ask { path, question, .. } => Some((path.clone(), question.id.clone())),
            _ => None,
        });
        let (path, question) = asked.expect("a question");
        self.feed(Input::Answer { path, question, value, by: "employee".into() })
    }

    /// Presses a button of the newest approval; gives the reason when it did not count.
    pub fn vote(&mut self, who: &str, roles: &[&str], granted: bool) -> Option<String> {
        let (path, digest) = self.effects.iter().rev().find_map(|e| match e {
            Effect::Approve { path, proposal, .. } => Some((path.clone(), proposal.digest())),
            _ => None,
        })?;
        let roles = roles.iter().map(|r| (*r).to_owned()).collect();
        let by = Voter { id: who.into(), emails: vec![format!("{who}@example.com")], roles };
        let advance = self.feed(Input::Vote { path, by, granted, comment: None, digest });
        advance.effects.iter().find_map(|e| match e {
            Effect::Refused { reason, .. } => Some(reason.clone()),
            _ => None,
        })
    }

    /// The call `look` comes back.
    pub fn look_ended(&mut self) -> Advance {
        self.ended("look", 1, done(json!({})))
    }
}

pub fn done(outputs: Value) -> Outcome {
    Outcome::Done { outputs }
}

pub fn failed() -> Outcome {
    Outcome::Failed { code: "down".into(), message: "it is down".into(), retryable: true }
}
