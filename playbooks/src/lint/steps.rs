//! Steps: where they stand and what their expressions may name.

use super::Lint;
use super::scope::{Ty, step as outputs_of};
use super::site::Site;
use crate::expr::is_template;
use crate::model::{Kind, ListRef, Step, WaitFor, WaitSpec};
use crate::yaml::Node;
use nightbell_core::duration::Span;

const ROOTS: &[&str] = &["trigger", "inputs", "vars", "steps", "run"];

impl Lint<'_> {
    /// A list of steps; `failing` is true where the root `failure` exists.
    pub fn steps(&mut self, steps: &[Step], in_on_failure: bool, failing: bool) {
        for step in steps {
            self.step(step, in_on_failure, failing);
            for (list, inner) in step.lists() {
                let handler = matches!(list, ListRef::OnError(_) | ListRef::OnTimeout(_));
                self.steps(inner, in_on_failure, failing || handler);
            }
        }
    }

    fn step(&mut self, step: &Step, in_on_failure: bool, failing: bool) {
        let order = self.pb.place(&step.id).map_or(0, |p| p.order);
        let node = self.node(&step.id);
        let get = |key: &str| node.and_then(|n| n.get(key));
        let value = get(step.kind.word());
        let mut site = Site::new(step.at, ROOTS, order).standing(&step.id, self.pb);
        if failing {
            site = site.also("failure");
        }
        if let Some(cond) = &step.cond {
            self.condition(cond, &site, get("if"));
        }
        if let Some(when) = step.retry.as_ref().and_then(|r| r.when.as_ref()) {
            self.condition(when, &site.clone().also("failure"), get("retry").and_then(|n| n.get("when")));
        }
        if let Some(key) = &step.idempotency_key {
            self.template(key, &site, get("idempotency_key"));
        }
        if in_on_failure && matches!(step.kind, Kind::Ask(_) | Kind::Approve(_)) {
            let word = step.kind.word();
            let help = "nobody may wait in a failure handler; page somebody instead";
            let mark = self.key_mark(node, word, step.at);
            self.sink.error("NB1110", mark, format!("`{word}` inside `on_failure`"), help);
        }
        if step.timeout.is_some_and(|t| t > self.pb.timeout) {
            let message = format!("the step may take longer than the run, which has {}", self.pb.timeout);
            let mark = self.here(get("timeout"), step.at);
            self.sink.error("NB1505", mark, message, "raise `timeout` of the playbook or lower that of the step");
        }
        self.masks(step, get("mask"));
        match &step.kind {
            Kind::Uses(call) => self.uses(step, call, &site),
            Kind::Ask(ask) => self.ask(step, ask, &site),
            Kind::Approve(approve) => self.approve(step, approve, &site),
            Kind::Switch(cases) => {
                for (n, (cond, _)) in cases.iter().enumerate() {
                    if let Some(c) = cond {
                        self.condition(c, &site, value.and_then(|v| v.item(n)).and_then(|v| v.get("case")));
                    }
                }
            }
            Kind::Parallel(_) => {}
            Kind::ForEach(each) => {
                let ty = self.template(&each.items, &site, value);
                if !matches!(ty, Ty::List | Ty::Any) {
                    let help = "give it an expression whose value is a list";
                    let mark = self.here(value, step.at);
                    self.sink.error("NB1302", mark, format!("`for_each` gets {}, not a list", ty.word()), help);
                }
            }
            Kind::Repeat(repeat) => {
                let inner = Site { order: usize::MAX, ..site.clone().also("loop") };
                let inner = inner.within(&step.id, self.pb);
                self.condition(&repeat.cond, &inner, value.and_then(|v| v.get("while")));
            }
            Kind::Playbook(sub) => {
                let site = site.quiet("the inputs of another playbook");
                for (name, v) in &sub.with {
                    self.value(v, &site, get("with").and_then(|w| w.get(name)));
                }
            }
            Kind::Wait(wait) => self.wait(step, wait, &site, value),
            Kind::Set(values) => {
                let site = site.quiet("a variable");
                for (name, v) in values {
                    let ty = self.value(v, &site, value.and_then(|n| n.get(name)));
                    self.scope.set(name, ty);
                }
            }
            Kind::End(end) => {
                let site = site.quiet("the end of the run");
                if let Some(o) = &end.outcome {
                    self.template(o, &site, value.and_then(|n| n.get("outcome")));
                }
                for (name, v) in &end.outputs {
                    self.value(v, &site, value.and_then(|n| n.get("outputs")).and_then(|n| n.get(name)));
                }
            }
        }
        if let Some(undo) = &step.undo {
            let own = Site::new(step.at, ROOTS, order).standing(&step.id, self.pb).own(&step.id);
            self.call(undo, &own, get("undo"));
        }
    }

    fn wait(&mut self, step: &Step, wait: &WaitSpec, site: &Site<'_>, node: Option<&Node>) {
        let get = |key: &str| node.and_then(|n| n.get(key));
        let text = |lint: &mut Self, text: &str, key: &str| {
            let ty = lint.template(text, site, get(key));
            if !matches!(ty, Ty::Str | Ty::Any) {
                let mark = lint.here(get(key), step.at);
                let message = format!("`{key}` gets {}, not text", ty.word());
                lint.sink.error(
                    "NB1004",
                    mark,
                    message,
                    "a duration is written like 30m, an instant like 2026-11-21T22:00:00Z",
                );
            }
        };
        match &wait.until {
            WaitFor::For(t) => {
                text(self, t, "for");
                if t.parse::<Span>().is_ok_and(|s| s > self.pb.timeout) {
                    let message = format!("this waits longer than the run may take, which is {}", self.pb.timeout);
                    let mark = self.here(get("for"), step.at);
                    self.sink.error("NB1505", mark, message, "raise `timeout` of the playbook or wait less");
                }
            }
            WaitFor::Until(t) => {
                text(self, t, "until");
                if !is_template(t) && t.parse::<jiff::Timestamp>().is_err() {
                    let mark = self.here(get("until"), step.at);
                    let help = "write it like 2026-11-21T22:00:00Z, or as an expression";
                    self.sink.error("NB1004", mark, format!("`{t}` is not an instant"), help);
                }
            }
            WaitFor::Event { matching, .. } => {
                if let Some(m) = matching {
                    self.condition(m, &site.clone().also("event"), get("match"));
                }
            }
        }
    }

    /// Every masked path must lead to an output: a misspelled one would hide nothing.
    fn masks(&mut self, step: &Step, node: Option<&Node>) {
        for (n, path) in step.mask.iter().enumerate() {
            let names: Vec<&str> = std::iter::once("outputs").chain(path.split('.')).collect();
            let lookup = outputs_of(self.pb, &step.id);
            let Err((depth, known)) = lookup.find(&names) else { continue };
            let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
            let wrong = names.get(depth).copied().unwrap_or_default();
            let otherwise = match known.as_slice() {
                [] => format!("a `{}` step has no outputs", step.kind.word()),
                some => format!("known: {}", some.join(", ")),
            };
            let help = crate::finding::did_you_mean(wrong, known.iter().map(String::as_str), &otherwise);
            let mark = self.here(node.and_then(|m| m.item(n)), step.at);
            let message = format!("`mask` names `{path}`, which `{}` does not give", step.id);
            self.sink.error("NB1403", mark, message, help);
        }
    }
}
