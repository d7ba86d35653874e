//! Calls: known actions, fitting arguments, and no change without a human.

use super::Lint;
use super::scope::Ty;
use super::site::Site;
use crate::engine::{fits, type_word};
use crate::expr::is_template;
use crate::finding::{Mark, Pos, did_you_mean};
use crate::model::{CallSpec, Step};
use crate::yaml::Node;
use nightbell_core::action::{ArgType, Effect};
use serde_json::Value;

impl Lint<'_> {
    pub fn uses(&mut self, step: &Step, call: &CallSpec, site: &Site<'_>) {
        let effect = self.manifests.iter().find(|m| m.name == call.action).map(|m| m.effect);
        let site = match effect {
            Some(Effect::Notify) => site.clone().people(),
            _ => site.clone().secrets(),
        };
        let node = self.node(&step.id);
        self.call(call, &site, node);
        if effect.is_some_and(Effect::needs_approval) {
            let message = format!("`{}` changes something and stands outside of an approval", call.action);
            let help =
                "put it into `approve: { by: role:on-call, action: { uses: ... } }`; there is no switch for this";
            let mark = self.here(node.and_then(|n| n.get("uses")), call.at);
            self.sink.error("NB1701", mark, message, help);
        }
    }

    /// Name and arguments of a call; `node` holds `uses` and `with`.
    pub fn call(&mut self, call: &CallSpec, site: &Site<'_>, node: Option<&Node>) {
        let at = self.here(node.and_then(|n| n.get("uses")), call.at);
        let with = node.and_then(|n| n.get("with"));
        let Some(manifest) = self.manifests.iter().find(|m| m.name == call.action) else {
            let known: Vec<&str> = self.manifests.iter().map(|m| m.name.as_str()).collect();
            let family = call.action.split('.').next().unwrap_or_default();
            let same: Vec<&str> = known.iter().copied().filter(|k| k.split('.').next() == Some(family)).collect();
            let otherwise = match same.as_slice() {
                [] => "no connector offers it".to_owned(),
                some => format!("`{family}` offers: {}", some.join(", ")),
            };
            let help = did_you_mean(&call.action, known, &otherwise);
            self.sink.error("NB1401", at, format!("unknown action `{}`", call.action), help);
            for (name, value) in &call.with {
                self.value(value, site, with.and_then(|w| w.get(name)));
            }
            return;
        };
        if let Some(major) = call.major.filter(|m| *m != manifest.major) {
            let message = format!("`{}` has version {}, not {major}", call.action, manifest.major);
            self.sink.error("NB1401", at, message, "look at what changed and pin the new one");
        }
        for (name, value) in &call.with {
            let inner = with.and_then(|w| w.get(name));
            let ty = self.value(value, site, inner);
            let key = self.key_mark(with, name, call.at);
            let Some(arg) = manifest.args.get(name) else {
                let known: Vec<&str> = manifest.args.keys().map(String::as_str).collect();
                let help = did_you_mean(name, known.clone(), &format!("known: {}", known.join(", ")));
                self.sink.error("NB1402", key, format!("`{}` has no argument `{name}`", call.action), help);
                continue;
            };
            if !suits(arg.kind, value, ty) {
                let given = if ty == Ty::Any { Ty::of(value) } else { ty };
                let message =
                    format!("`{name}` of `{}` must be {}, not {}", call.action, type_word(arg.kind), given.word());
                let mark = self.here(inner, call.at);
                let help = match (arg.kind, value) {
                    (ArgType::String, Value::Number(_) | Value::Bool(_)) => "put it in quotes",
                    (ArgType::String, _) if given == Ty::List => "use `| join(', ')` or name one item",
                    (ArgType::String, _) if given == Ty::Map => "name one field of it",
                    (ArgType::List, _) => "write a list, such as [one, two]",
                    _ => "",
                };
                self.sink.error("NB1402", mark, message, help);
            }
        }
        for (name, arg) in &manifest.args {
            if arg.required && !call.with.contains_key(name) {
                let help = format!("add `{name}` under `with`: {}", type_word(arg.kind));
                self.sink.error("NB1402", at, format!("`{}` needs the argument `{name}`", call.action), help);
            }
        }
    }

    /// The place of a key of a map.
    pub(super) fn key_mark(&self, map: Option<&Node>, key: &str, or: Pos) -> Mark {
        map.and_then(|m| m.key(key)).map_or(Mark::from(or), |at| Mark { at, width: key.chars().count() as u32 })
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
