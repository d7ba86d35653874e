//! Playbooks that are called: run for real unless mocked as `playbook:ID`.

use super::{Live, World, show};
use crate::api::{Input, RunStatus, Start};
use crate::engine::{Failure, Run};
use nightbell_core::action::{Call, Outcome};
use serde_json::Value;
use std::collections::BTreeMap;

impl World<'_> {
    pub(super) fn start_child(&mut self, n: usize, path: String, attempt: u32, digest: &str, mut start: Start) {
        let Some(playbook) = self.library.get(digest) else {
            return self.problems.push(format!("the definition {digest} is gone"));
        };
        let id = format!("playbook:{}", playbook.id);
        let args = Value::Object(start.inputs.clone().into_iter().collect());
        let call = Call { action: id.clone(), major: 1, args, key: String::new(), repeat: false };
        self.calls.push(call.clone());
        if self.has_mock(&id) {
            return self.mocked_child(n, path, attempt, &call);
        }
        let prefix = format!("{}/", self.full(n, &path));
        start.run = format!("test-{prefix}{attempt}");
        match Run::start(&playbook, start, self.now) {
            Ok((run, advance)) => {
                self.open(Live::new(playbook, run, prefix, Some((n, path, attempt))), advance);
            }
            Err(e) => {
                let failure = Some(Failure { step: id, code: e.code.to_owned(), message: e.message, at: self.now });
                let (status, outcome, outputs) = (RunStatus::Failed, String::new(), BTreeMap::new());
                self.queue.push_back((n, Input::ChildEnded { path, attempt, status, outcome, outputs, failure }));
            }
        }
    }

    fn mocked_child(&mut self, n: usize, path: String, attempt: u32, call: &Call) {
        self.say(&format!("runs {} {}", call.action, show(&call.args)), Vec::new());
        let Some((outcome, delay)) = self.mock(call) else { return };
        let (status, outputs, failure) = match outcome {
            Outcome::Done { outputs } => (RunStatus::Succeeded, outputs, None),
            Outcome::Failed { code, message, .. } => {
                let failure = Failure { step: call.action.clone(), code, message, at: self.now };
                (RunStatus::Failed, Value::Null, Some(failure))
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
    }

    pub(super) fn child_over(
        &mut self,
        n: usize,
        status: RunStatus,
        outcome: String,
        outputs: BTreeMap<String, Value>,
    ) {
        let Some(live) = self.lives.get(n) else { return };
        if let Some((parent, path, attempt)) = live.parent.clone() {
            let failure = live.run.failure().cloned();
            self.queue.push_back((parent, Input::ChildEnded { path, attempt, status, outcome, outputs, failure }));
        }
    }

    pub(super) fn cancel_child(&mut self, n: usize, path: &str, attempt: u32) {
        let is = |l: &Live| l.parent.as_ref().is_some_and(|(p, at, a)| *p == n && at == path && *a == attempt);
        if let Some(child) = self.lives.iter().position(is) {
            let why = "the playbook that called it goes on without it".to_owned();
            self.queue.push_back((child, Input::Cancel { by: "bot".to_owned(), why }));
        }
    }
}
