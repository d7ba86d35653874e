//! Calls that leave: mocks answer them, or the caller of a dry run.

use super::{Mock, View, World, show};
use crate::api::Input;
use crate::expr;
use jiff::Timestamp;
use nightbell_core::action::{Call, Effect, Outcome};
use nightbell_core::duration::Span;
use serde_json::{Map, Value};

impl World<'_> {
    pub(super) fn has_mock(&self, name: &str) -> bool {
        self.mocks.contains_key(name)
    }

    pub(super) fn call(&mut self, n: usize, path: String, attempt: u32, call: Call, class: Effect) {
        let text = |key: &str| call.args.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let line = match call.action.as_str() {
            "chat.reply" => format!("to {}: {}", whom(call.args.get("to")), text("text")),
            "guide.show" => {
                let steps = call.args.get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
                let steps: Vec<String> = (1..).zip(&steps).map(|(n, s)| format!("\n{n}. {}", show(s))).collect();
                format!("to {}: {}{}", whom(call.args.get("to")), text("title"), steps.concat())
            }
            "oncall.page" => format!("pages the on-call ({}): {}", text("urgency"), text("summary")),
            other => format!("calls {other} {}", show(&call.args)),
        };
        let views = self.views(&call);
        self.say(&line, views);
        // A try that was sent before a crash has its result already.
        let known = self.plan.as_ref().and_then(|p| p.known(n, &path, attempt));
        let (outcome, due) = match known {
            Some((outcome, due)) => (outcome, (due > self.now).then_some(due)),
            None => self.result(n, &path, attempt, &call, class),
        };
        self.calls.push(call);
        let input = Input::CallEnded { path, attempt, outcome };
        match due {
            Some(due) => self.results.push((due, n, input)),
            None => self.queue.push_back((n, input)),
        }
    }

    /// What comes of a call that leaves for the first time, and when, if not at once.
    fn result(
        &mut self,
        n: usize,
        path: &str,
        attempt: u32,
        call: &Call,
        class: Effect,
    ) -> (Outcome, Option<Timestamp>) {
        let real = self.outside.as_mut().filter(|_| class == Effect::Read).and_then(|outside| outside(call));
        let outcome = real.map(|o| (o, None)).or_else(|| self.mock(call)).or_else(|| self.plausible(n, call));
        let (outcome, delay) = outcome.unwrap_or_else(|| {
            // Answers to people need no mock: a test that does not care about the words would be noise.
            if !call.action.starts_with("chat.") && !matches!(call.action.as_str(), "guide.show" | "case.note") {
                self.problems.push(format!("`{}` was called without a mock", call.action));
            }
            (Outcome::Done { outputs: Value::Object(Map::new()) }, None)
        });
        let due = delay.map(|d| d.after(self.now));
        if let (Some(plan), Some(live)) = (&mut self.plan, self.lives.get(n)) {
            let place = (n, path.to_owned(), attempt);
            plan.did(place, &live.playbook, call, outcome.clone(), due.unwrap_or(self.now));
        }
        (outcome, due)
    }

    fn plausible(&self, n: usize, call: &Call) -> Option<(Outcome, Option<Span>)> {
        let manifest = self.lives.get(n).filter(|_| self.plausible)?.playbook.manifest(&call.action)?;
        Some((Outcome::Done { outputs: crate::rehearse::outputs(manifest, &call.args) }, None))
    }

    pub(super) fn mock(&mut self, call: &Call) -> Option<(Outcome, Option<Span>)> {
        let roots = Map::from_iter([("args".to_owned(), call.args.clone())]);
        let context = expr::Context::new(&roots, self.now);
        let list = self.mocks.get_mut(&call.action)?;
        let fits = |m: &Mock| m.when.as_ref().is_none_or(|w| expr::condition(w, &context) == Ok(true));
        let place = list.iter().position(fits)?;
        let last = list.iter().filter(|m| fits(m)).count() == 1;
        self.used.insert(call.action.clone());
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

    /// Who notices a call, and how.
    fn views(&self, call: &Call) -> Vec<View> {
        let text = |key: &str| call.args.get(key).map(show).unwrap_or_default();
        let person = |key: &str| call.args.get(key).and_then(crate::engine::person_id);
        let about = |who: String, words: String| vec![View::to(who, words)];
        match call.action.as_str() {
            "chat.reply" => about(person("to").unwrap_or_else(|| self.reporter()), text("text")),
            "chat.post" => about(format!("#{}", text("channel").trim_start_matches('#')), text("text")),
            "chat.room" => about(format!("#{}", text("name")), format!("(the room is opened) {}", text("topic"))),
            "oncall.page" => {
                about("role:on-call".to_owned(), format!("Page ({}): {}", text("urgency"), text("summary")))
            }
            "guide.show" => {
                let steps = call.args.get("steps").and_then(Value::as_array).cloned().unwrap_or_default();
                let list: String = (1..).zip(&steps).map(|(n, s)| format!("\n{n}. {}", show(s))).collect();
                about(person("to").unwrap_or_else(|| self.reporter()), format!("{}{list}", text("title")))
            }
            "identity.mfa_push" => {
                let words = format!("(on the second factor) {}\n[Confirm] [Refuse]", text("text"));
                about(person("user").unwrap_or_else(|| self.reporter()), words)
            }
            "ticket.create" => about("tickets".to_owned(), format!("{}\n{}", text("title"), text("text"))),
            "status.publish" => about("status page".to_owned(), format!("[{}] {}", text("state"), text("text"))),
            "awareness.assign" => {
                about(person("user").unwrap_or_else(|| self.reporter()), format!("(a lesson) {}", text("topic")))
            }
            _ => Vec::new(),
        }
    }
}

/// Whom a message is for: `to`, else whoever reported.
fn whom(to: Option<&Value>) -> String {
    to.and_then(crate::engine::person_id).unwrap_or_else(|| "the reporters".to_owned())
}
