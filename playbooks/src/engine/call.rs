//! Calls: starting, trying again, and what happens when nobody knows.

use super::record::{Failure, What};
use super::state::StepStatus;
use super::{At, Machine, paths};
use crate::api::Effect;
use crate::expr::{self, ExprError};
use crate::model::{Backoff, CallSpec, Kind, Retry};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::action::{ArgType, Call, Idempotent, Manifest, Outcome};
use nightbell_core::canonical;
use serde_json::{Map, Value, json};

impl Machine<'_> {
    pub(crate) fn enter_uses(&mut self, step: &At<'_>, spec: &CallSpec) -> Result<(), ExprError> {
        let manifest = self.manifest(spec)?;
        if manifest.effect.needs_approval() {
            return Err(ExprError::new("NB1701", format!("`{}` needs an approval", manifest.name)));
        }
        let args = self.render_args(&step.path, spec, &manifest, true)?;
        let key = self.key(step)?;
        let deadline = step.timeout.unwrap_or(manifest.timeout).after(self.now);
        let call = Call { action: manifest.name.clone(), major: manifest.major, args, key, repeat: false };
        self.start_call(&step.path, 1, call, &manifest);
        self.arm(format!("{}/timeout", step.path), deadline);
        Ok(())
    }

    pub(crate) fn manifest(&self, spec: &CallSpec) -> Result<Manifest, ExprError> {
        let unknown = || ExprError::new("NB1401", format!("the action `{}` is unknown", spec.action));
        self.pb.manifests.get(&spec.action).cloned().ok_or_else(unknown)
    }

    /// Renders and types the arguments. Secrets enter by name; whoever calls puts the value in.
    pub(crate) fn render_args(
        &self,
        path: &str,
        spec: &CallSpec,
        manifest: &Manifest,
        secrets: bool,
    ) -> Result<Value, ExprError> {
        let mut extra = Vec::new();
        if secrets {
            let named = self.pb.secrets.iter().map(|s| (s.clone(), Value::String(format!("${{secret:{s}}}"))));
            extra.push(("secrets", Value::Object(named.collect())));
        }
        let context = self.context(path, &extra);
        let mut args = Map::new();
        for (name, value) in &spec.with {
            let value = expr::render(value, &context)?;
            let kind = manifest.args.get(name).map_or(ArgType::Any, |a| a.kind);
            if !fits(kind, &value) {
                let text = format!("`{name}` of `{}` must be {}", manifest.name, type_word(kind));
                return Err(ExprError::new("NB2102", text));
            }
            args.insert(name.clone(), value);
        }
        if let Some((name, _)) = manifest.args.iter().find(|(n, a)| a.required && !args.contains_key(*n)) {
            return Err(ExprError::new("NB2102", format!("`{}` needs `{name}`", manifest.name)));
        }
        Ok(Value::Object(args))
    }

    /// The same on every try of the same step of the same run.
    pub(crate) fn key(&self, step: &At<'_>) -> Result<String, ExprError> {
        match &step.idempotency_key {
            Some(k) => expr::render_text(k, &self.context(&step.path, &[])),
            None => {
                let iteration = iteration(&step.path);
                Ok(canonical::digest(&json!({"run": self.run.id, "path": step.path, "iteration": iteration})))
            }
        }
    }

    pub(crate) fn start_call(&mut self, path: &str, attempt: u32, call: Call, manifest: &Manifest) {
        let args_digest = canonical::digest(&call.args);
        self.record(What::StepStarted { path: path.to_owned(), attempt, call: call.clone(), args_digest });
        self.effect(Effect::Call { path: path.to_owned(), attempt, call, class: manifest.effect });
    }

    pub(crate) fn call_ended(&mut self, path: &str, attempt: u32, outcome: Outcome) {
        let expected = self.run.steps.get(path).is_some_and(|s| {
            s.attempts == attempt && s.call.is_some() && matches!(s.status, StepStatus::Running | StepStatus::Unknown)
        });
        let Some(step) = self.at(path).filter(|_| expected && !self.ended()) else {
            if self.pb.step(paths::leaf(path)).is_some() {
                self.record(What::LateResult { path: path.to_owned(), attempt, outcome });
            }
            return;
        };
        match outcome {
            Outcome::Done { outputs } => self.call_done(&step, outputs),
            Outcome::Failed { code, message, retryable } => {
                let failure = Failure { step: path.to_owned(), code, message, at: self.now };
                if retryable && self.try_again(&step, attempt, &failure, false) {
                    return;
                }
                self.fail(&step, failure, false, json!({}));
            }
            Outcome::Unknown { why } => self.call_unknown(&step, attempt, why),
        }
    }

    pub(crate) fn call_done(&mut self, step: &At<'_>, outputs: Value) {
        let outputs = if outputs.is_object() { outputs } else { json!({}) };
        let outputs = match &step.kind {
            Kind::Approve(_) => self.approval_outputs(&step.path, outputs),
            _ => outputs,
        };
        if let Some(size) = too_large(&outputs) {
            let message = format!("the result has {size} bytes; at most {MAX_OUTPUTS} are kept");
            let failure = Failure { step: step.path.clone(), code: "NB2104".into(), message, at: self.now };
            self.fail(step, failure, false, json!({}));
            return;
        }
        let call = self.open_call(&step.path);
        self.disarm(&step.path);
        self.record(What::StepDone { path: step.path.clone(), outputs });
        if let Some((call, manifest)) = call {
            self.keep_undo(step, &call, &manifest);
        }
    }

    /// Nobody knows. What can be repeated safely is, as often as `retry` allows but at least once; a change
    /// without any protection against repeats is never guessed (`playbooks.md` section 9.3).
    fn call_unknown(&mut self, step: &At<'_>, attempt: u32, why: String) {
        let Some((call, manifest)) = self.open_call(&step.path) else { return };
        if self.run.step_status(&step.path) == StepStatus::Unknown {
            // A human was asked already, and this says no more than before.
            return;
        }
        if manifest.idempotent == Idempotent::None && manifest.effect.needs_approval() {
            self.ask_a_human(&step.path, call, why);
            return;
        }
        let failure = Failure { step: step.path.clone(), code: "NB2103".into(), message: why, at: self.now };
        if self.try_again(step, attempt, &failure, true) {
            return;
        }
        self.fail(step, failure, false, json!({}));
    }

    fn ask_a_human(&mut self, path: &str, call: Call, why: String) {
        self.disarm(path);
        self.record(What::StepUnknown { path: path.to_owned(), why: why.clone() });
        self.effect(Effect::NeedsHuman { path: path.to_owned(), call, why });
    }

    pub(crate) fn open_call(&self, path: &str) -> Option<(Call, Manifest)> {
        let call = self.run.steps.get(path)?.call.clone()?;
        let manifest = self.pb.manifests.get(&call.action)?.clone();
        Some((call, manifest))
    }

    /// Plans the next try, if there is one.
    pub(crate) fn try_again(&mut self, step: &At<'_>, attempt: u32, failure: &Failure, unknown: bool) -> bool {
        let fallback = Retry {
            attempts: 2,
            delay: nightbell_core::duration::Span::secs(2),
            max_delay: nightbell_core::duration::Span::mins(5),
            backoff: Backoff::Exponential,
            jitter: true,
            when: None,
        };
        let retry = match &step.retry {
            Some(r) => r,
            None if unknown => &fallback,
            None => return false,
        };
        if attempt >= retry.attempts {
            return false;
        }
        if let Some(when) = &retry.when {
            let context = self.context(&step.path, &[("failure", super::view::failure_value(failure))]);
            if expr::condition(when, &context) != Ok(true) {
                return false;
            }
        }
        let key =
            self.run.steps.get(&step.path).and_then(|s| s.call.as_ref()).map(|c| c.key.clone()).unwrap_or_default();
        let due = pause(retry, attempt, &key, self.now);
        // The deadline of a `uses` step covers all its tries; that of an approved call is for each try.
        self.disarm_call(&step.path);
        self.record(What::StepScheduled { path: step.path.clone(), attempt: attempt + 1, due });
        self.arm(format!("{}/retry/{}", step.path, attempt + 1), due);
        true
    }

    pub(crate) fn retry_now(&mut self, path: &str) {
        let waiting = self.run.step_status(path) == StepStatus::Waiting;
        if waiting && self.child_again(path) {
            return;
        }
        let attempt = self.run.steps.get(path).map_or(1, |s| s.attempts);
        if let Some((mut call, manifest)) = self.open_call(path).filter(|_| waiting) {
            call.repeat = true;
            self.start_call(path, attempt, call, &manifest);
            if self.run.steps.get(path).is_some_and(|s| s.approve.is_some()) {
                self.arm(format!("{path}/call"), manifest.timeout.after(self.now));
            }
        }
    }

    fn disarm_call(&mut self, path: &str) {
        let id = format!("{path}/call");
        if let Some(due) = self.run.timers.get(&id).copied() {
            self.record(What::TimerCancelled { id: id.clone() });
            self.effect(Effect::CancelTimer { id, due });
        }
    }

    /// The deadline of a call or of all its tries.
    pub(crate) fn call_late(&mut self, step: &At<'_>) {
        let status = self.run.step_status(&step.path);
        if let Some((call, manifest)) = self.open_call(&step.path) {
            let risky = manifest.idempotent == Idempotent::None && manifest.effect.needs_approval();
            if risky && status == StepStatus::Running {
                self.ask_a_human(&step.path, call, "the call did not come back in time".to_owned());
                return;
            }
        }
        if status == StepStatus::Unknown {
            return;
        }
        self.time_out(step, json!({}));
    }

    pub(crate) fn time_out(&mut self, step: &At<'_>, outputs: Value) {
        let message = format!(
            "no result within {}",
            step.deadline().map_or_else(|| "the deadline".to_owned(), |d| d.to_string())
        );
        let failure = Failure { step: step.path.clone(), code: "NB2009".into(), message, at: self.now };
        self.fail(step, failure, true, outputs);
    }

    /// Calls without a result after a restart.
    pub(crate) fn recover(&mut self) {
        let running: Vec<String> =
            self.run.steps.iter().filter(|(_, s)| s.status == StepStatus::Running).map(|(p, _)| p.clone()).collect();
        for path in running {
            let Some((mut call, manifest)) = self.open_call(&path) else { continue };
            if manifest.idempotent == Idempotent::None && manifest.effect.needs_approval() {
                self.ask_a_human(&path, call, "the bot was restarted while the call was under way".to_owned());
                continue;
            }
            call.repeat = true;
            let attempt = self.run.steps.get(&path).map_or(1, |s| s.attempts);
            self.effect(Effect::Call { path, attempt, call, class: manifest.effect });
        }
    }
}

/// Largest result of one call, in bytes of JSON.
pub const MAX_OUTPUTS: usize = 256 * 1024;

/// The size of a result that is too large to be kept.
fn too_large(outputs: &Value) -> Option<usize> {
    let size = crate::expr::eval::size(outputs);
    // The estimate is cheap and never above the text by much; only what is near the limit is written out.
    if size < MAX_OUTPUTS / 2 {
        return None;
    }
    serde_json::to_string(outputs).map(|s| s.len()).ok().filter(|n| *n > MAX_OUTPUTS)
}

/// Which turn of the innermost loop a path belongs to; 0 outside of loops.
pub fn iteration(path: &str) -> u32 {
    paths::turn(paths::prefix(path)).map_or(0, |(_, n)| u32::try_from(n).unwrap_or(u32::MAX))
}

/// The pause before the next try. The spread comes from a hash of the key, so that a replay gives the same.
fn pause(retry: &Retry, attempt: u32, key: &str, now: Timestamp) -> Timestamp {
    let base = retry.delay.0.as_millis() as u64;
    let grown = match retry.backoff {
        Backoff::Constant => base,
        Backoff::Linear => base.saturating_mul(u64::from(attempt)),
        Backoff::Exponential => base.saturating_mul(1_u64 << (attempt - 1).min(20)),
    };
    let capped = grown.min(retry.max_delay.0.as_millis() as u64);
    let spread = if retry.jitter {
        let hash = blake3::hash(format!("{key}/{attempt}").as_bytes());
        let part = u64::from(u16::from_be_bytes([hash.as_bytes()[0], hash.as_bytes()[1]]));
        capped.saturating_mul(part + 1) / 65_536
    } else {
        capped
    };
    now.checked_add(SignedDuration::from_millis(i64::try_from(spread).unwrap_or(i64::MAX / 2)))
        .unwrap_or(Timestamp::MAX)
}

/// Whether a value is of an argument's type.
pub fn fits(kind: ArgType, v: &Value) -> bool {
    match kind {
        ArgType::Any => true,
        ArgType::String => v.is_string(),
        ArgType::Integer => v.is_i64() || v.is_u64(),
        ArgType::Number => v.is_number(),
        ArgType::Boolean => v.is_boolean(),
        ArgType::List => v.is_array(),
        ArgType::Map => v.is_object(),
        ArgType::User => v.as_str().is_some_and(|s| !s.is_empty()) || v.is_object(),
        ArgType::Mail => v.is_string() || v.is_object(),
    }
}

/// The type in words.
pub const fn type_word(kind: ArgType) -> &'static str {
    match kind {
        ArgType::Any => "anything",
        ArgType::String => "text",
        ArgType::Integer => "a whole number",
        ArgType::Number => "a number",
        ArgType::Boolean => "true or false",
        ArgType::List => "a list",
        ArgType::Map => "a map",
        ArgType::User => "a person",
        ArgType::Mail => "a mail",
    }
}
