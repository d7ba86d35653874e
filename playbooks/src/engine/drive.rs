//! Going from step to step until something outside must happen.

use super::record::{Failure, Then, What};
use super::state::StepStatus;
use super::{MAX_STEPS, Machine};
use crate::api::RunStatus;
use crate::expr::{self, Context, ExprError};
use crate::model::{EndSpec, Handler, Kind, ListRef, Step, WaitSpec};
use jiff::Timestamp;
use nightbell_core::duration::Span;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Machine<'_> {
    /// Variables of the file may be templates over `trigger` and `inputs`.
    pub(crate) fn initial_vars(&mut self) {
        let mut values = Map::new();
        for (name, value) in &self.pb.vars {
            let context = self.run.context(self.pb, self.now, &[("vars", Value::Object(values.clone()))]);
            match expr::render(value, &context) {
                Ok(v) => {
                    values.insert(name.clone(), v);
                }
                Err(e) => {
                    let failure = self.failure("vars", &e);
                    self.begin_failure(failure);
                    return;
                }
            }
        }
        if !values.is_empty() {
            self.record(What::VarsSet { path: "vars".to_owned(), values });
        }
    }

    pub(crate) fn drive(&mut self) {
        let pb = self.pb;
        while !self.ended() {
            if self.run.executed > MAX_STEPS {
                let message = format!("the run executed more than {MAX_STEPS} steps");
                let failure = Failure { step: "run".into(), code: "NB2008".into(), message, at: self.now };
                self.end_failed(failure);
                return;
            }
            let Some(frame) = self.run.frames.last().cloned() else { return };
            match pb.list(&frame.list).get(frame.index) {
                None => self.list_done(&frame.list),
                Some(step) if self.run.step_status(&step.id) == StepStatus::Pending => self.enter(step),
                Some(_) => return,
            }
        }
    }

    fn end_failed(&mut self, failure: Failure) {
        self.close_open();
        self.record(What::Failing { failure });
        self.end(RunStatus::Failed, String::new(), BTreeMap::new());
    }

    fn list_done(&mut self, list: &ListRef) {
        match list {
            ListRef::Main => self.succeed(&EndSpec::default(), None),
            ListRef::OnFailure => self.end(RunStatus::Failed, String::new(), BTreeMap::new()),
            ListRef::Case(path, _) => self.record(What::StepDone { path: path.clone(), outputs: json!({}) }),
            ListRef::OnError(path) | ListRef::OnTimeout(path) => self.record(What::HandlerDone { path: path.clone() }),
        }
    }

    pub(crate) fn context(&self, extra: &[(&str, Value)]) -> Context {
        self.run.context(self.pb, self.now, extra)
    }

    pub(crate) fn failure(&self, step: &str, e: &ExprError) -> Failure {
        Failure { step: step.to_owned(), code: e.code.to_owned(), message: e.message.clone(), at: self.now }
    }

    fn enter(&mut self, step: &Step) {
        if let Some(cond) = &step.cond {
            match expr::condition(cond, &self.context(&[])) {
                Ok(true) => {}
                Ok(false) => {
                    self.record(What::StepSkipped { path: step.id.clone(), outputs: json!({}) });
                    return;
                }
                Err(e) => return self.fail_expr(step, &e),
            }
        }
        let result = match &step.kind {
            Kind::Uses(call) => self.enter_uses(step, call),
            Kind::Ask(ask) => self.enter_ask(step, ask),
            Kind::Approve(approve) => self.enter_approve(step, approve),
            Kind::Switch(cases) => self.enter_switch(step, cases),
            Kind::Wait(wait) => self.enter_wait(step, wait),
            Kind::Set(values) => self.enter_set(step, values),
            Kind::End(end) => {
                self.succeed(end, Some(step));
                Ok(())
            }
        };
        if let Err(e) = result {
            self.fail_expr(step, &e);
        }
    }

    fn enter_switch(&mut self, step: &Step, cases: &[(Option<String>, Vec<Step>)]) -> Result<(), ExprError> {
        let context = self.context(&[]);
        for (case, (cond, _)) in cases.iter().enumerate() {
            let taken = match cond {
                None => true,
                Some(c) => expr::condition(c, &context)?,
            };
            if taken {
                self.record(What::Branched { path: step.id.clone(), case });
                return Ok(());
            }
        }
        self.record(What::StepDone { path: step.id.clone(), outputs: json!({}) });
        Ok(())
    }

    fn enter_set(&mut self, step: &Step, values: &[(String, Value)]) -> Result<(), ExprError> {
        let mut vars = self.run.vars.clone();
        let mut set = Map::new();
        for (name, value) in values {
            let context = self.context(&[("vars", Value::Object(vars.clone()))]);
            let v = expr::render(value, &context)?;
            vars.insert(name.clone(), v.clone());
            set.insert(name.clone(), v);
        }
        self.record(What::VarsSet { path: step.id.clone(), values: set });
        self.record(What::StepDone { path: step.id.clone(), outputs: json!({}) });
        Ok(())
    }

    fn enter_wait(&mut self, step: &Step, wait: &WaitSpec) -> Result<(), ExprError> {
        let context = self.context(&[]);
        let due = match wait {
            WaitSpec::For(text) => {
                let text = expr::render_text(text, &context)?;
                let span: Span = text.parse().map_err(|e| ExprError::new("NB2003", format!("{e}")))?;
                Some(span.after(self.now))
            }
            WaitSpec::Until(text) => {
                let text = expr::render_text(text, &context)?;
                let at = text.parse::<Timestamp>();
                Some(at.map_err(|_| {
                    ExprError::new("NB2003", format!("`{}` is not an instant", expr::eval::short(&text)))
                })?)
            }
            WaitSpec::Event { .. } => None,
        };
        self.record(What::WaitOpened { path: step.id.clone() });
        if let Some(due) = due {
            self.arm(format!("{}/wait", step.id), due);
        }
        if let Some(span) = step.timeout {
            self.arm(format!("{}/timeout", step.id), span.after(self.now));
        }
        Ok(())
    }

    /// Ends the run well, at an `end` step or after the last one.
    fn succeed(&mut self, end: &EndSpec, step: Option<&Step>) {
        let rendered = self.render_end(end);
        match (rendered, step) {
            (Ok((outcome, outputs)), step) => {
                if let Some(step) = step {
                    self.record(What::StepDone { path: step.id.clone(), outputs: json!({}) });
                }
                // `end` inside `on_failure` names the outcome; the run has failed all the same.
                let failing = self.run.frames.first().is_some_and(|f| f.list == ListRef::OnFailure);
                self.end(if failing { RunStatus::Failed } else { RunStatus::Succeeded }, outcome, outputs);
            }
            (Err(e), Some(step)) => self.fail_expr(step, &e),
            (Err(e), None) => {
                let failure = self.failure("outputs", &e);
                self.begin_failure(failure);
            }
        }
    }

    fn render_end(&self, end: &EndSpec) -> Result<(String, BTreeMap<String, Value>), ExprError> {
        let context = self.context(&[]);
        let outcome = end.outcome.as_ref().map(|o| expr::render_text(o, &context)).transpose()?.unwrap_or_default();
        let mut outputs = BTreeMap::new();
        for (name, value) in self.pb.outputs.iter().chain(&end.outputs) {
            outputs.insert(name.clone(), expr::render(value, &context)?);
        }
        Ok((outcome, outputs))
    }

    pub(crate) fn fail_expr(&mut self, step: &Step, e: &ExprError) {
        let failure = self.failure(&step.id, e);
        self.fail(step, failure, false, json!({}));
    }

    /// A step failed or ran out of time: its handler decides, else what holds it fails.
    pub(crate) fn fail(&mut self, step: &Step, origin: Failure, timed_out: bool, outputs: Value) {
        self.close_people(&step.id, timed_out);
        self.disarm(&step.id);
        let handler = match (timed_out, step.late()) {
            (true, Handler::Escalate) => &step.on_error,
            (true, late) => late,
            (false, _) => &step.on_error,
        };
        let own_late = timed_out && matches!(step.on_timeout, Some(Handler::Steps(_)));
        let then = match handler {
            Handler::Continue => Then::Continue,
            Handler::Steps(_) if own_late => Then::Handle(ListRef::OnTimeout(step.id.clone())),
            Handler::Steps(_) => Then::Handle(ListRef::OnError(step.id.clone())),
            Handler::Fail | Handler::Escalate => Then::Propagate,
        };
        let propagates = then == Then::Propagate;
        self.record(What::StepFailed {
            path: step.id.clone(),
            code: origin.code.clone(),
            message: origin.message.clone(),
            retryable: false,
            timed_out,
            outputs,
            then,
            origin: origin.clone(),
        });
        if propagates {
            self.propagate(&step.id, origin);
        }
    }

    /// Fails what holds the step. A handler's failure is not caught by the step it belongs to.
    fn propagate(&mut self, path: &str, origin: Failure) {
        let mut at = path.to_owned();
        loop {
            let list = self.pb.place(&at).map(|p| p.list.clone());
            match list {
                Some(ListRef::Case(parent, _)) => {
                    if let Some(step) = self.pb.step(&parent) {
                        self.fail(step, origin, false, json!({}));
                        return;
                    }
                    at = parent;
                }
                Some(ListRef::OnError(parent) | ListRef::OnTimeout(parent)) => at = parent,
                Some(ListRef::Main | ListRef::OnFailure) | None => break,
            }
        }
        self.begin_failure(origin);
    }
}
