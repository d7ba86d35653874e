//! The checker (`playbooks.md` section 11): what can be known before anything runs.

mod calls;
mod exprs;
mod scope;
mod site;
mod steps;

use crate::finding::{Pos, Sink};
use crate::load::Places;
use crate::model::{On, Playbook};
use nightbell_core::action::Manifest;
use scope::Scope;
use site::Site;

/// Everything the single checks need.
pub struct Lint<'a> {
    pub(crate) pb: &'a Playbook,
    pub(crate) manifests: &'a [Manifest],
    pub(crate) scope: Scope,
    pub(crate) sink: &'a mut Sink,
}

/// Checks a decoded playbook as a whole.
pub fn check(pb: &Playbook, places: &Places, manifests: &[Manifest], sink: &mut Sink) {
    let mut lint = Lint { pb, manifests, scope: Scope::new(pb), sink };
    lint.top(places);
    lint.steps(&pb.steps, false, false);
    lint.steps(&pb.on_failure, true, true);
    lint.outputs(places);
}

impl Lint<'_> {
    fn top(&mut self, places: &Places) {
        let pb = self.pb;
        for (trigger, at) in pb.triggers.iter().zip(&places.triggers) {
            let site = Site::new(*at, &["trigger"], 0).timeless();
            if let On::Alert(cond) = &trigger.on {
                self.condition(cond, &site);
            }
            if let Some(cond) = &trigger.cond {
                self.condition(cond, &site);
            }
        }
        for (input, at) in pb.inputs.iter().zip(&places.inputs) {
            if let Some(default) = &input.default {
                self.value(default, &Site::new(*at, &["trigger", "inputs"], 0));
            }
        }
        if let Some(d) = &pb.dedupe {
            self.template(&d.key, &Site::new(places.dedupe, &["trigger", "inputs"], 0));
        }
        if let Some(key) = pb.concurrency.as_ref().and_then(|c| c.key.as_ref()) {
            self.template(key, &Site::new(Pos { line: 1, column: 1 }, &["trigger", "inputs"], 0));
        }
        for (name, value) in &pb.vars {
            let site = Site::new(Pos { line: 1, column: 1 }, &["trigger", "inputs", "vars", "run"], 0).quiet("vars");
            let ty = self.value(value, &site);
            self.scope.set(name, ty);
        }
    }

    fn outputs(&mut self, places: &Places) {
        for (_, value) in &self.pb.outputs {
            let site =
                Site::new(places.outputs, &["trigger", "inputs", "vars", "steps", "run"], usize::MAX).quiet("outputs");
            self.value(value, &site);
        }
    }
}
