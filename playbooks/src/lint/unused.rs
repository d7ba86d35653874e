//! What is declared and never read, and what two branches set at once.

use super::Lint;
use crate::model::{Kind, ListRef, Step};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

impl Lint<'_> {
    pub(super) fn unused(&mut self) {
        let (pb, root) = (self.pb, self.nodes.root());
        for input in pb.inputs.iter().filter(|i| !i.subject) {
            if !self.reads("inputs", &input.name) {
                let mark = self.key_mark(root.get("inputs"), &input.name, root.at);
                let message = format!("the input `{}` is never used", input.name);
                self.sink.warn("NB1206", mark, message, "use it or delete it: people would be asked for it in vain");
            }
        }
        for name in &pb.secrets {
            if !self.reads("secrets", name) {
                let n = pb.secrets.iter().position(|s| s == name).unwrap_or_default();
                let mark = self.here(root.get("secrets").and_then(|l| l.item(n)), root.at);
                let message = format!("the secret `{name}` is never used");
                self.sink.warn("NB1206", mark, message, "delete it: a playbook should reach no more than it needs");
            }
        }
        let mut seen = BTreeSet::new();
        for (name, _) in &pb.vars {
            if seen.insert(name.clone()) && !self.reads("vars", name) {
                let mark = self.key_mark(root.get("vars"), name, root.at);
                self.sink.warn("NB1206", mark, format!("the variable `{name}` is never used"), "use it or delete it");
            }
        }
        for step in pb.walk() {
            let node = self.node(&step.id);
            match &step.kind {
                Kind::Set(values) => {
                    for (name, _) in values {
                        if seen.insert(name.clone()) && !self.reads("vars", name) {
                            let mark = self.key_mark(node.and_then(|n| n.get("set")), name, step.at);
                            let message = format!("the variable `{name}` is never used");
                            self.sink.warn("NB1206", mark, message, "use it or delete it");
                        }
                    }
                }
                Kind::ForEach(each) if each.max_parallel > 1 => self.turns(step),
                Kind::Parallel(p) => {
                    let branches = p.branches.iter().map(|(n, s)| (n.as_str(), s.as_slice()));
                    self.branches(step, &branches.collect::<Vec<_>>());
                }
                _ => {}
            }
            self.unread_decision(step);
        }
    }

    /// Whether some expression reads the name, or its whole root.
    fn reads(&self, root: &str, name: &str) -> bool {
        let full = format!("{root}.{name}");
        let below = format!("{full}.");
        self.used.contains(root)
            || self.used.contains(&full)
            || self.used.range(below.clone()..).next().is_some_and(|p| p.starts_with(&below))
    }

    /// Two branches that run at once and set the same variable.
    fn branches(&mut self, step: &Step, branches: &[(&str, &[Step])]) {
        let mut first: BTreeMap<String, &str> = BTreeMap::new();
        for (branch, steps) in branches {
            let mut own = BTreeSet::new();
            for (set, name, value) in sets(steps) {
                if adds(&name, value) {
                    continue;
                }
                let other = *first.entry(name.clone()).or_insert(branch);
                if other != *branch && own.insert(name.clone()) {
                    let message = format!("the branches `{other}` and `{branch}` of `{}` both set `{name}`", step.id);
                    let help = "give each branch a variable of its own and bring them together after the `parallel`";
                    self.twice(set, &name, message, help);
                }
            }
        }
    }

    /// A variable set by items that run at once and read by another step.
    fn turns(&mut self, step: &Step) {
        let body = step.lists().into_iter().filter(|(l, _)| matches!(l, ListRef::Body(_)));
        for (_, steps) in body {
            let mut own = BTreeSet::new();
            for (set, name, value) in sets(steps) {
                if !adds(&name, value) && self.read_beside(set, &name) && own.insert(name.clone()) {
                    let message = format!("items of `{}` run at once and all set `{name}`", step.id);
                    let help = "take `max_parallel` away, or use `results` of the loop after it";
                    self.twice(set, &name, message, help);
                }
            }
        }
    }

    fn twice(&mut self, set: &Step, name: &str, message: String, help: &str) {
        let mark = self.key_mark(self.node(&set.id).and_then(|n| n.get("set")), name, set.at);
        let known =
            |f: &crate::finding::Finding| f.code == "NB1207" && (f.line, f.column) == (mark.at.line, mark.at.column);
        if !self.sink.findings.iter().any(known) {
            self.sink.warn("NB1207", mark, message, help);
        }
    }

    /// Whether another step than the one that sets it reads the variable. The values of one `set` are set at once,
    /// so what it alone uses is its own.
    fn read_beside(&self, set: &Step, name: &str) -> bool {
        let wanted = format!("vars.{name}");
        let Some(node) = self.node(&set.id).and_then(|n| n.get("set")) else { return true };
        let own = node.json().to_string().matches(&wanted).count();
        self.nodes.root().json().to_string().matches(&wanted).count() > own
    }

    /// An approval whose outcome nothing reads, and right behind it words to people.
    fn unread_decision(&mut self, step: &Step) {
        let Kind::Approve(approval) = &step.kind else { return };
        if self.reads(&format!("steps.{}", step.id), "outputs") || self.reads(&format!("steps.{}", step.id), "status") {
            return;
        }
        let Some(place) = self.pb.place(&step.id) else { return };
        let later = self.pb.list(&place.list).iter().skip(place.index + 1);
        let claimed = claims(&approval.action.action);
        let says = |text: &str| {
            let text = text.to_lowercase();
            claimed.iter().any(|w| text.contains(w.as_str()))
        };
        let tells = |s: &&Step| match &s.kind {
            Kind::Uses(c) if TELLING.contains(&c.action.as_str()) => {
                c.with.values().any(|v| v.as_str().is_some_and(says))
            }
            Kind::End(e) => e.outcome.as_deref().is_some_and(says),
            _ => false,
        };
        if let Some(told) = later.into_iter().find(tells) {
            let mark = self.id_mark(&told.id);
            let message = format!("`{}` goes on as if `{}` was granted: nothing reads the decision", told.id, step.id);
            let help = format!(
                "ask first: `steps.{0}.status == 'succeeded' and steps.{0}.outputs.decision == 'granted'`",
                step.id
            );
            self.sink.warn("NB1704", mark, message, help);
        }
    }
}

/// Actions that tell people how something ended.
const TELLING: &[&str] = &["chat.reply", "chat.post", "case.close", "case.note", "status.publish"];

/// What people call a thing that was done, by a word of the action's name.
const DONE: &[(&str, &[&str])] = &[
    ("suspend", &["suspended", "locked", "disabled"]),
    ("lock", &["locked"]),
    ("revoke", &["revoked", "signed out"]),
    ("quarantine", &["quarantined", "pulled", "removed"]),
    ("block", &["blocked"]),
    ("wipe", &["wiped", "erased"]),
    ("isolate", &["isolated", "off the network"]),
    ("reset", &["reset", "new password"]),
    ("disable", &["disabled", "switched off"]),
    ("rotate", &["rotated", "replaced"]),
    ("remove", &["removed", "taken away"]),
    ("close", &["closed"]),
    ("hold", &["held", "stopped"]),
    ("unshare", &["no longer shared"]),
];

fn claims(action: &str) -> Vec<String> {
    let words: Vec<&str> = action.split(['.', '_']).collect();
    let rows = DONE.iter().filter(|(w, _)| words.contains(w));
    rows.flat_map(|(_, said)| said.iter().map(|s| (*s).to_owned())).collect()
}

/// Every `set` within these steps, nested ones included, with each of its names and values.
fn sets(steps: &[Step]) -> Vec<(&Step, String, &Value)> {
    let mut out = Vec::new();
    for step in steps {
        if let Kind::Set(values) = &step.kind {
            out.extend(values.iter().map(|(n, v)| (step, n.clone(), v)));
        }
        for (_, inner) in step.lists() {
            out.extend(sets(inner));
        }
    }
    out
}

/// Whether a value adds to what the variable had: that loses nothing, whatever the order.
fn adds(name: &str, value: &Value) -> bool {
    value.as_str().is_some_and(|v| v.contains(&format!("vars.{name}")))
}
