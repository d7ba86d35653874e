//! Going from step to step until something outside must happen.

use super::record::{Failure, Then, What};
use super::state::StepStatus;
use super::{At, MAX_STEPS, Machine, paths};
use crate::api::RunStatus;
use crate::expr::{self, Context, ExprError};
use crate::model::{EndSpec, Handler, Kind, ListRef, Step, WaitFor, WaitSpec};
use jiff::Timestamp;
use nightbell_core::duration::Span;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What can be done next.
enum Next<'a> {
    Enter(At<'a>),
    ListDone(usize),
}

impl<'a> Machine<'a> {
    /// Variables of the file may be templates over `trigger` and `inputs`.
    pub(crate) fn initial_vars(&mut self) {
        let mut values = Map::new();
        for (name, value) in &self.pb.vars {
            let context = self.run.context(self.pb, self.now, "", &[("vars", Value::Object(values.clone()))]);
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
        while !self.ended() {
            if self.run.executed > MAX_STEPS {
                let message = format!("the run executed more than {MAX_STEPS} steps");
                let failure = Failure { step: "run".into(), code: "NB2008".into(), message, at: self.now };
                self.end_failed(failure);
                return;
            }
            match self.next() {
                Some(Next::Enter(step)) => self.enter(&step),
                Some(Next::ListDone(thread)) => self.list_done(thread),
                None => return,
            }
        }
    }

    /// The first thread, in the order in which they began, that can go on.
    fn next(&self) -> Option<Next<'a>> {
        for (n, thread) in self.run.threads.iter().enumerate() {
            let Some(frame) = thread.frames.last() else { continue };
            let Some(step) = self.pb.list(&frame.list).get(frame.index) else { return Some(Next::ListDone(n)) };
            let path = format!("{}{}", thread.prefix, step.id);
            if self.run.step_status(&path) == StepStatus::Pending {
                return Some(Next::Enter(At { step, path }));
            }
        }
        None
    }

    fn end_failed(&mut self, failure: Failure) {
        self.close_open();
        self.record(What::Failing { failure });
        self.end(RunStatus::Failed, String::new(), BTreeMap::new(), false);
    }

    fn list_done(&mut self, thread: usize) {
        let Some(thread) = self.run.threads.get(thread).cloned() else { return };
        let Some(frame) = thread.frames.last() else { return };
        let at = |id: &String| format!("{}{id}", thread.prefix);
        match &frame.list {
            ListRef::Main => self.succeed(&EndSpec::default(), None),
            ListRef::OnFailure => self.end(RunStatus::Failed, String::new(), BTreeMap::new(), false),
            ListRef::Case(id, _) => self.record(What::StepDone { path: at(id), outputs: json!({}) }),
            ListRef::OnError(id) | ListRef::OnTimeout(id) => self.record(What::HandlerDone { path: at(id) }),
            ListRef::Branch(..) | ListRef::Body(_) => self.turn_done(&thread.owner, thread.number),
        }
    }

    pub(crate) fn context(&self, path: &str, extra: &[(&str, Value)]) -> Context<'_> {
        self.run.context(self.pb, self.now, path, extra)
    }

    pub(crate) fn failure(&self, step: &str, e: &ExprError) -> Failure {
        Failure { step: step.to_owned(), code: e.code.to_owned(), message: e.message.clone(), at: self.now }
    }

    fn enter(&mut self, step: &At<'_>) {
        if let Some(cond) = &step.cond {
            match expr::condition(cond, &self.context(&step.path, &[])) {
                Ok(true) => {}
                Ok(false) => {
                    self.record(What::StepSkipped { path: step.path.clone(), outputs: json!({}) });
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
            Kind::Parallel(_) => {
                self.record(What::Forked { path: step.path.clone() });
                Ok(())
            }
            Kind::ForEach(each) => self.enter_each(step, each),
            Kind::Repeat(repeat) => self.enter_repeat(step, repeat),
            Kind::Playbook(sub) => self.enter_playbook(step, sub),
            Kind::Wait(wait) => self.enter_wait(step, wait),
            Kind::Set(values) => self.enter_set(step, values),
            Kind::End(end) => {
                self.succeed(end, Some(step));
                Ok(())
            }
        };
        if let Err(e) = result {
            self.fail_expr(step, &e);
        } else if matches!(step.kind, Kind::Parallel(_) | Kind::ForEach(_) | Kind::Repeat(_) | Kind::Playbook(_))
            && let Some(span) = step.timeout
            && self.run.step_status(&step.path).open()
        {
            self.arm(format!("{}/timeout", step.path), span.after(self.now));
        }
    }

    fn enter_switch(&mut self, step: &At<'_>, cases: &[(Option<String>, Vec<Step>)]) -> Result<(), ExprError> {
        let context = self.context(&step.path, &[]);
        for (case, (cond, _)) in cases.iter().enumerate() {
            let taken = match cond {
                None => true,
                Some(c) => expr::condition(c, &context)?,
            };
            if taken {
                self.record(What::Branched { path: step.path.clone(), case });
                return Ok(());
            }
        }
        self.record(What::StepDone { path: step.path.clone(), outputs: json!({}) });
        Ok(())
    }

    fn enter_set(&mut self, step: &At<'_>, values: &[(String, Value)]) -> Result<(), ExprError> {
        let mut vars = self.run.vars.clone();
        let mut set = Map::new();
        for (name, value) in values {
            let context = self.context(&step.path, &[("vars", Value::Object(vars.clone()))]);
            let v = expr::render(value, &context)?;
            vars.insert(name.clone(), v.clone());
            set.insert(name.clone(), v);
        }
        self.record(What::VarsSet { path: step.path.clone(), values: set });
        self.record(What::StepDone { path: step.path.clone(), outputs: json!({}) });
        Ok(())
    }

    fn enter_wait(&mut self, step: &At<'_>, wait: &WaitSpec) -> Result<(), ExprError> {
        let context = self.context(&step.path, &[]);
        let due = match &wait.until {
            WaitFor::For(text) => {
                let text = expr::render_text(text, &context)?;
                let span: Span = text.parse().map_err(|e| ExprError::new("NB2003", format!("{e}")))?;
                Some(span.after(self.now))
            }
            WaitFor::Until(text) => {
                let text = expr::render_text(text, &context)?;
                let at = text.parse::<Timestamp>();
                Some(at.map_err(|_| {
                    ExprError::new("NB2003", format!("`{}` is not an instant", expr::eval::short(&text)))
                })?)
            }
            WaitFor::Event { .. } => None,
        };
        if wait.skip_missed
            && let Some(late_by) = due.map(|d| self.now.as_second() - d.as_second()).filter(|s| *s > 0)
        {
            self.record(What::StepSkipped { path: step.path.clone(), outputs: json!({"late_by": late_by}) });
            return Ok(());
        }
        self.record(What::WaitOpened { path: step.path.clone() });
        if let Some(due) = due {
            self.arm(format!("{}/wait", step.path), due);
        }
        if let Some(span) = step.timeout {
            self.arm(format!("{}/timeout", step.path), span.after(self.now));
        }
        Ok(())
    }

    /// Ends the run well, at an `end` step or after the last one.
    fn succeed(&mut self, end: &EndSpec, step: Option<&At<'_>>) {
        let rendered = self.render_end(end, step.map_or("", |s| s.path.as_str()));
        match (rendered, step) {
            (Ok((outcome, outputs)), step) => {
                if let Some(step) = step {
                    self.record(What::StepDone { path: step.path.clone(), outputs: json!({}) });
                }
                // `end` inside `on_failure` names the outcome; the run has failed all the same.
                let failing = self.failing();
                let status = if failing { RunStatus::Failed } else { RunStatus::Succeeded };
                self.end(status, outcome, outputs, end.feedback);
            }
            (Err(e), Some(step)) => self.fail_expr(step, &e),
            (Err(e), None) => {
                let failure = self.failure("outputs", &e);
                self.begin_failure(failure);
            }
        }
    }

    fn render_end(&self, end: &EndSpec, path: &str) -> Result<(String, BTreeMap<String, Value>), ExprError> {
        let context = self.context(path, &[]);
        let outcome = end.outcome.as_ref().map(|o| expr::render_text(o, &context)).transpose()?.unwrap_or_default();
        let mut outputs = BTreeMap::new();
        for (name, value) in self.pb.outputs.iter().chain(&end.outputs) {
            outputs.insert(name.clone(), expr::render(value, &context)?);
        }
        Ok((outcome, outputs))
    }

    pub(crate) fn fail_expr(&mut self, step: &At<'_>, e: &ExprError) {
        let failure = self.failure(&step.path, e);
        self.fail(step, failure, false, json!({}));
    }

    /// A step failed or ran out of time: its handler decides, else what holds it fails.
    pub(crate) fn fail(&mut self, step: &At<'_>, origin: Failure, timed_out: bool, outputs: Value) {
        self.close_people(&step.path, timed_out);
        self.close_within(&step.path);
        self.leave_child(&step.path);
        self.disarm(&step.path);
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
            path: step.path.clone(),
            code: origin.code.clone(),
            message: origin.message.clone(),
            retryable: false,
            timed_out,
            outputs,
            then,
            origin: origin.clone(),
        });
        if propagates {
            self.propagate(&step.path, origin);
        }
    }

    /// Fails what holds the step. A handler's failure is not caught by the step it belongs to.
    fn propagate(&mut self, path: &str, origin: Failure) {
        let mut at = path.to_owned();
        while let Some((up, list)) = paths::parent(self.pb, &at) {
            match list {
                ListRef::Case(..) => {
                    if let Some(step) = self.at(&up) {
                        self.fail(&step, origin, false, json!({}));
                        return;
                    }
                }
                ListRef::Branch(_, n) => return self.branch_failed(&up, n, origin),
                ListRef::Body(_) => {
                    let index = paths::turn(paths::prefix(&at)).map_or(0, |(_, i)| i);
                    return self.turn_failed(&up, index, origin);
                }
                _ => {}
            }
            at = up;
        }
        self.begin_failure(origin);
    }
}
