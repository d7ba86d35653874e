//! The outside world that carries out actions, with a ledger.

use async_trait::async_trait;
use nightbell_core::action::{Call, Idempotent, Manifest, Outcome};
use nightbell_core::port::actions::Actions;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct Inner {
    /// Every call that arrived.
    calls: Vec<Call>,
    /// What really changed: once per key where the service honours keys, else every time.
    effects: Vec<Call>,
    script: BTreeMap<String, VecDeque<Outcome>>,
}

/// Offers every action of the shipped manifests.
#[derive(Debug)]
pub struct FakeActions {
    manifests: Vec<Manifest>,
    inner: Mutex<Inner>,
}

impl Default for FakeActions {
    fn default() -> Self {
        Self { manifests: nightbell_playbooks::builtin::manifests(), inner: Mutex::default() }
    }
}

impl FakeActions {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next calls of an action end like this; the effect happens unless the outcome is a failure.
    pub fn script(&self, action: &str, outcomes: impl IntoIterator<Item = Outcome>) {
        self.lock().script.entry(action.to_owned()).or_default().extend(outcomes);
    }

    /// Every call of an action that arrived, repeats included.
    pub fn arrived(&self, action: &str) -> Vec<Call> {
        self.lock().calls.iter().filter(|c| c.action == action).cloned().collect()
    }

    /// What really changed outside.
    pub fn effects(&self) -> Vec<Call> {
        self.lock().effects.clone()
    }
}

#[async_trait]
impl Actions for FakeActions {
    fn manifests(&self) -> Vec<Manifest> {
        self.manifests.clone()
    }

    async fn call(&self, call: &Call) -> Outcome {
        let keyed = self.manifests.iter().any(|m| m.name == call.action && m.idempotent != Idempotent::None);
        let mut inner = self.lock();
        inner.calls.push(call.clone());
        let scripted = inner.script.get_mut(&call.action).and_then(VecDeque::pop_front);
        if matches!(scripted, Some(Outcome::Failed { .. })) {
            return scripted.unwrap_or(Outcome::Unknown { why: String::new() });
        }
        if !keyed || !inner.effects.iter().any(|e| e.key == call.key) {
            inner.effects.push(call.clone());
        }
        scripted.unwrap_or_else(|| Outcome::Done { outputs: outputs(&call.action) })
    }
}

/// What a real service would say.
pub fn outputs(action: &str) -> Value {
    match action {
        "identity.revoke_sessions" => json!({ "sessions_ended": 3 }),
        "identity.mfa_push" => json!({ "approved": true }),
        "mail.search" => json!({ "message_ids": ["copy-1@mx.example.com", "copy-2@mx.example.com"], "count": 2 }),
        "mail.quarantine" => json!({ "batch": "batch-1", "count": 2 }),
        _ => json!({}),
    }
}
