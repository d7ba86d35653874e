//! Calls: known actions, fitting arguments, and no change without a human.

use super::Lint;
use super::scope::Ty;
use super::site::Site;
use crate::engine::{fits, type_word};
use crate::expr::is_template;
use crate::finding::did_you_mean;
use crate::model::{CallSpec, Step};
use nightbell_core::action::{ArgType, Effect};
use serde_json::Value;

impl Lint<'_> {
    pub fn uses(&mut self, step: &Step, call: &CallSpec, site: &Site<'_>) {
        let effect = self.manifests.iter().find(|m| m.name == call.action).map(|m| m.effect);
        let site = match effect {
            Some(Effect::Notify) => site.clone().people(),
            _ => site.clone().secrets(),
        };
        self.call(call, &site);
        if effect.is_some_and(Effect::needs_approval) {
            let message = format!("`{}` changes something and stands outside an approval", call.action);
            let help =
                "put it into `approve: { by: role:on-call, action: { uses: ... } }`; there is no switch for this";
            self.sink.error("NB1701", step.at, message, help);
        }
    }

    /// Name and arguments of a call.
    pub fn call(&mut self, call: &CallSpec, site: &Site<'_>) {
        let Some(manifest) = self.manifests.iter().find(|m| m.name == call.action) else {
            let known: Vec<&str> = self.manifests.iter().map(|m| m.name.as_str()).collect();
            let help = did_you_mean(&call.action, known, "no connector offers it");
            self.sink.error("NB1401", call.at, format!("unknown action `{}`", call.action), help);
            for value in call.with.values() {
                self.value(value, site);
            }
            return;
        };
        if let Some(major) = call.major.filter(|m| *m != manifest.major) {
            let message = format!("`{}` has version {}, not {major}", call.action, manifest.major);
            self.sink.error("NB1401", call.at, message, "look at what changed and pin the new one");
        }
        for (name, value) in &call.with {
            let ty = self.value(value, site);
            let at = self.locate(&format!("{name}:"), call.at);
            let Some(arg) = manifest.args.get(name) else {
                let known: Vec<&str> = manifest.args.keys().map(String::as_str).collect();
                let help = did_you_mean(name, known.clone(), &format!("known: {}", known.join(", ")));
                self.sink.error("NB1402", at, format!("`{}` has no argument `{name}`", call.action), help);
                continue;
            };
            if !suits(arg.kind, value, ty) {
                let message = format!("`{name}` of `{}` must be {}", call.action, type_word(arg.kind));
                self.sink.error("NB1402", at, message, "");
            }
        }
        for (name, arg) in &manifest.args {
            if arg.required && !call.with.contains_key(name) {
                self.sink.error("NB1402", call.at, format!("`{}` needs the argument `{name}`", call.action), "");
            }
        }
    }
}

/// Whether a written value can be of an argument's type.
fn suits(kind: ArgType, value: &Value, ty: Ty) -> bool {
    match value {
        Value::String(s) if is_template(s) => {
            let wanted = Ty::arg(kind);
            ty == Ty::Any || wanted == Ty::Any || ty == wanted
        }
        other => fits(kind, other),
    }
}
