//! Steps: where they stand, what they may see, what they leave open.

use super::Lint;
use super::scope::Ty;
use super::site::Site;
use crate::finding::Pos;
use crate::model::{ApproveSpec, AskSpec, Handler, Kind, ListRef, Step, WaitFor};
use nightbell_core::duration::Span;

const ROOTS: &[&str] = &["trigger", "inputs", "vars", "steps", "run"];

impl Lint<'_> {
    /// A list of steps; `failing` is true where the root `failure` exists.
    pub fn steps(&mut self, steps: &[Step], in_on_failure: bool, failing: bool) {
        let mut ended: Option<&str> = None;
        for step in steps {
            if let Some(end) = ended.take() {
                let message = format!("the step `{}` is never reached: `{end}` ends the run before it", step.id);
                self.sink.error("NB1107", step.at, message, "remove it, or give the `end` an `if`");
            }
            self.step(step, in_on_failure, failing);
            for (list, inner) in step.lists() {
                let handler = matches!(list, ListRef::OnError(_) | ListRef::OnTimeout(_));
                self.steps(inner, in_on_failure, failing || handler);
            }
            if matches!(step.kind, Kind::End(_)) && step.cond.is_none() {
                ended = Some(&step.id);
            }
        }
    }

    fn step(&mut self, step: &Step, in_on_failure: bool, failing: bool) {
        let order = self.pb.place(&step.id).map_or(0, |p| p.order);
        let mut site = Site::new(step.at, ROOTS, order).standing(&step.id, self.pb);
        if failing {
            site = site.also("failure");
        }
        if let Some(cond) = &step.cond {
            self.condition(cond, &site);
        }
        if let Some(when) = step.retry.as_ref().and_then(|r| r.when.as_ref()) {
            self.condition(when, &site.clone().also("failure"));
        }
        if let Some(key) = &step.idempotency_key {
            self.template(key, &site);
        }
        if in_on_failure && matches!(step.kind, Kind::Ask(_) | Kind::Approve(_)) {
            let help = "nobody may wait in a failure handler; page somebody instead";
            self.sink.error("NB1110", step.at, format!("`{}` inside `on_failure`", step.kind.word()), help);
        }
        if step.timeout.is_some_and(|t| t > self.pb.timeout) {
            let message = format!("the step may take longer than the run, which has {}", self.pb.timeout);
            self.sink.error("NB1505", step.at, message, "raise `timeout` of the playbook or lower that of the step");
        }
        match &step.kind {
            Kind::Uses(call) => self.uses(step, call, &site),
            Kind::Ask(ask) => self.ask(step, ask, &site),
            Kind::Approve(approve) => self.approve(step, approve, &site),
            Kind::Switch(cases) => {
                for (cond, _) in cases {
                    if let Some(c) = cond {
                        self.condition(c, &site);
                    }
                }
            }
            Kind::Parallel(_) => {}
            Kind::ForEach(each) => {
                let ty = self.template(&each.items, &site);
                if !matches!(ty, Ty::List | Ty::Any) {
                    let at = self.locate(&each.items, step.at);
                    let help = "give it an expression whose value is a list";
                    self.sink.error("NB1302", at, format!("`for_each` gets {}, not a list", ty.word()), help);
                }
            }
            Kind::Repeat(repeat) => {
                let inner = Site { order: usize::MAX, ..site.clone().also("loop") };
                self.condition(&repeat.cond, &inner.within(&step.id, self.pb));
            }
            Kind::Playbook(sub) => {
                let site = site.quiet("the inputs of another playbook");
                for value in sub.with.values() {
                    self.value(value, &site);
                }
            }
            Kind::Wait(wait) => match &wait.until {
                WaitFor::For(t) | WaitFor::Until(t) => {
                    self.template(t, &site);
                }
                WaitFor::Event { matching, .. } => {
                    if let Some(m) = matching {
                        self.condition(m, &site.clone().also("event"));
                    }
                }
            },
            Kind::Set(values) => {
                for (name, value) in values {
                    let ty = self.value(value, &site.clone().quiet("a variable"));
                    self.scope.set(name, ty);
                }
            }
            Kind::End(end) => {
                let site = site.quiet("the end of the run");
                if let Some(o) = &end.outcome {
                    self.template(o, &site);
                }
                for (_, v) in &end.outputs {
                    self.value(v, &site);
                }
            }
        }
        if let Some(undo) = &step.undo {
            let own = Site::new(step.at, ROOTS, order).standing(&step.id, self.pb).own(&step.id);
            self.call(undo, &own);
        }
    }

    fn ask(&mut self, step: &Step, spec: &AskSpec, site: &Site<'_>) {
        self.waits_well(step, &spec.remind);
        self.party(&spec.to, step.at, site);
        let people = site.clone().people();
        if let Some(intro) = &spec.intro {
            self.template(intro, &people);
        }
        for q in &spec.form {
            let form = people.clone().form(&step.id);
            if let Some(cond) = &q.cond {
                self.condition(cond, &form);
            }
            self.template(&q.label, &form);
            if let Some(help) = &q.help {
                self.template(help, &form);
            }
        }
    }

    fn approve(&mut self, step: &Step, spec: &ApproveSpec, site: &Site<'_>) {
        self.waits_well(step, &spec.remind);
        self.party(&spec.by, step.at, site);
        for entry in &spec.not_by {
            self.party(entry, step.at, site);
        }
        if let Some(summary) = &spec.summary {
            self.template(summary, &site.clone().quiet("the summary of an approval"));
        }
        self.call(&spec.action, &site.clone().quiet("the arguments of an approval, which people read"));
        let by = spec.by.trim();
        let subject = self.pb.inputs.iter().any(|i| i.subject && inside(by) == Some(&format!("inputs.{}", i.name)));
        if subject || inside(by) == Some("trigger.user") || spec.not_by.iter().any(|n| n.trim() == by) {
            let at = self.locate(by, step.at);
            self.sink.error(
                "NB1702",
                at,
                "only people who can never approve are asked",
                "the requester and the subjects are excluded; ask a role",
            );
        }
        let reversible = step.undo.is_some();
        if let Some(m) = self.pb.manifests.get(&spec.action.action)
            && m.effect == nightbell_core::action::Effect::Change
            && m.inverse.is_none()
            && !reversible
        {
            let message = format!("nothing takes `{}` back", m.name);
            self.sink.warn("NB1705", spec.action.at, message, "add `undo` if there is a way");
        }
    }

    fn waits_well(&mut self, step: &Step, reminders: &[Span]) {
        let word = step.kind.word();
        if step.timeout.is_none() {
            let help = "say how long people have; the default is rarely what you mean";
            self.sink.warn("NB1501", step.at, format!("this `{word}` has no `timeout`"), help);
        }
        if step.on_timeout.is_none() && step.on_error == Handler::Fail {
            let help = "continue, escalate, or a list of steps; without it the run fails";
            self.sink.warn(
                "NB1502",
                step.at,
                format!("this `{word}` does not say what happens when time runs out"),
                help,
            );
        }
        let deadline = step.deadline();
        for r in reminders {
            if deadline.is_some_and(|d| *r >= d) {
                let at = self.locate(&r.to_string(), step.at);
                let message = format!("the reminder after {r} comes when the time is over");
                self.sink.error("NB1504", at, message, "remind earlier or give more time");
            }
        }
    }

    /// `role:`, `team:`, `user:` or one expression.
    fn party(&mut self, text: &str, from: Pos, site: &Site<'_>) {
        let at = self.locate(text, from);
        let plain =
            ["role:", "team:", "user:"].iter().any(|p| text.strip_prefix(p).is_some_and(|rest| !rest.is_empty()));
        if crate::expr::is_template(text) {
            self.template(text, site);
        } else if !plain || text.contains(char::is_whitespace) {
            let help = "write role:on-call, team:NAME, user:ADDRESS or one expression";
            self.sink.error("NB1004", at, format!("`{text}` names nobody"), help);
        }
    }
}

/// The expression of a string that is nothing else.
fn inside(text: &str) -> Option<&str> {
    text.strip_prefix("{{")?.strip_suffix("}}").map(str::trim)
}
