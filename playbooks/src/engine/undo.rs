//! Taking back: what would undo a change is rendered when the change is made and kept with the run, because the
//! values it needs may be gone later.

use super::record::{Undo, What};
use super::state::Run;
use super::{At, Machine};
use crate::expr;
use crate::model::Playbook;
use nightbell_core::action::{Call, Manifest};
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Machine<'_> {
    /// Keeps what takes this call back: the step's `undo`, else the manifest's inverse with the arguments and
    /// results of the call that have its names. What cannot be rendered is not offered.
    pub(crate) fn keep_undo(&mut self, step: &At<'_>, call: &Call, manifest: &Manifest) {
        let (action, args) = if let Some(spec) = &step.step.undo {
            let context = self.context(&step.path, &[]);
            let mut args = BTreeMap::new();
            for (name, value) in &spec.with {
                let Ok(value) = expr::render(value, &context) else { return };
                args.insert(name.clone(), value);
            }
            (spec.action.clone(), args)
        } else {
            let Some(inverse) = manifest.inverse.as_ref().and_then(|i| self.pb.manifests.get(i)) else { return };
            let outputs = self.run.steps.get(&step.path).map_or(Value::Null, |s| match &s.outputs["action"] {
                Value::Object(map) => Value::Object(map.clone()),
                _ => s.outputs.clone(),
            });
            let known = |name: &str| outputs.get(name).or_else(|| call.args.get(name)).cloned();
            let args: BTreeMap<String, Value> =
                inverse.args.keys().filter_map(|n| Some((n.clone(), known(n)?))).collect();
            if inverse.args.iter().any(|(n, a)| a.required && !args.contains_key(n)) {
                return;
            }
            (inverse.name.clone(), args)
        };
        let undo = Undo { path: step.path.clone(), about: manifest.about.clone(), action, args };
        self.record(What::UndoKept { path: step.path.clone(), undo });
    }
}

impl Run {
    /// What would take its changes back, the newest first.
    pub fn undo(&self) -> impl Iterator<Item = &Undo> {
        self.undo.iter().rev()
    }

    /// A playbook that takes the changes of this run back, the newest first, each under its own approval; None
    /// when there is nothing to take back. The arguments come in as its input `undo`, so that nothing in them is
    /// ever read as an expression.
    pub fn undo_playbook(&self, playbook: &Playbook) -> Option<(String, Value)> {
        let mut steps = Vec::new();
        let mut given = Vec::new();
        for (n, undo) in self.undo().enumerate() {
            let with: BTreeMap<&String, String> =
                undo.args.keys().map(|k| (k, format!("{{{{ inputs.undo[{n}].{k} }}}}"))).collect();
            steps.push(json!({
                "id": format!("undo_{}", n + 1),
                "approve": {
                    "by": "role:on-call",
                    "summary": format!("Take back what `{}` did: {}", playbook.name, undo.about),
                    "action": {"uses": undo.action, "with": with},
                },
                "timeout": "4h",
                "on_timeout": "escalate",
                "on_error": "continue",
            }));
            given.push(json!(undo.args));
        }
        if steps.is_empty() {
            return None;
        }
        let name: String = format!("Undo: {}", playbook.name).chars().take(120).collect();
        let text = json!({
            "nightbell": 1, "id": "undo-run", "version": "1.0.0", "name": name,
            "description": "Made from a run: takes its changes back, the newest first, each under its own approval.",
            "inputs": {"undo": {"type": "list", "required": true}},
            "timeout": "3d",
            "steps": steps,
        });
        Some((text.to_string(), Value::Array(given)))
    }
}
