//! `playbook diff`: what changed between two versions, by step and meaning.
//!
//! Files are compared even when one of them would not pass the checker: a removed approval is exactly what a
//! reviewer must see. Layout and comments are no difference.

mod header;
mod lists;
mod people;
mod step;

pub use header::trigger as trigger_words;
pub(crate) use header::trigger;

use crate::finding::Finding;
use crate::load;
use crate::model::Playbook;
use nightbell_core::action::Manifest;
use nightbell_core::duration::Span;
use serde::Serialize;
use serde_json::Value;

/// How much attention a difference needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Somebody can now do more, or is asked less, than before.
    Risk,
    /// The playbook does something else.
    Change,
    /// Only words for people.
    Words,
}

/// One difference. The field order is that of `playbook diff --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// How much attention it needs.
    pub weight: Weight,
    /// A fixed word, such as `step-added` or `approval-removed`.
    pub what: &'static str,
    /// The step; None for the playbook as a whole.
    pub step: Option<String>,
    /// What changed, for people.
    pub message: String,
    /// The old value, where there is one.
    pub before: Option<String>,
    /// The new value, where there is one.
    pub after: Option<String>,
}

/// What changed from `old` to `new`, in the order of the new file; removed steps come last.
pub fn compare(old: &Playbook, new: &Playbook) -> Vec<Change> {
    let mut out = Out::default();
    header::compare(old, new, &mut out);
    lists::compare(old, new, &mut out);
    out.changes
}

/// Reads a file for comparing; it need not pass the checker.
pub fn read(path: &str, text: &str, manifests: &[Manifest]) -> Result<Playbook, Vec<Finding>> {
    load::load_kept(path, text, manifests)
}

/// Collects the differences of one comparison.
#[derive(Default)]
struct Out {
    changes: Vec<Change>,
    step: Option<String>,
}

impl Out {
    fn add(&mut self, weight: Weight, what: &'static str, message: impl Into<String>) {
        let (step, message) = (self.step.clone(), message.into());
        self.changes.push(Change { weight, what, step, message, before: None, after: None });
    }

    /// A value that was and is.
    fn changed(&mut self, weight: Weight, what: &'static str, message: &str, before: &str, after: &str) {
        if before != after {
            let (step, message) = (self.step.clone(), message.to_owned());
            let (before, after) = (Some(before.to_owned()), Some(after.to_owned()));
            self.changes.push(Change { weight, what, step, message, before, after });
        }
    }

    /// A length of time, where none means that there is no limit.
    fn span(&mut self, what: &'static str, name: &str, before: Option<Span>, after: Option<Span>) {
        let word = |s: Option<Span>| s.map_or_else(|| "none".to_owned(), |s| s.to_string());
        let longer = match (before, after) {
            (Some(b), Some(a)) => a > b,
            (Some(_), None) => true,
            _ => false,
        };
        let message = format!("{} {name}", if longer { "longer" } else { "shorter" });
        self.changed(Weight::Change, what, &message, &word(before), &word(after));
    }

    /// Words that were put in or taken out of a list.
    fn set(&mut self, weights: [Weight; 2], what: [&'static str; 2], name: &str, before: &[String], after: &[String]) {
        for x in after.iter().filter(|x| !before.contains(x)) {
            self.add(weights[0], what[0], format!("{name} added: {x}"));
        }
        for x in before.iter().filter(|x| !after.contains(x)) {
            self.add(weights[1], what[1], format!("{name} removed: {x}"));
        }
    }

    /// Named values.
    fn values(
        &mut self,
        weight: Weight,
        what: &'static str,
        name: &str,
        before: &[(String, Value)],
        after: &[(String, Value)],
    ) {
        let get = |list: &[(String, Value)], key: &str| list.iter().find(|(k, _)| k == key).map(|(_, v)| shown(v));
        for (key, value) in after {
            let message = format!("{name} `{key}`");
            match get(before, key) {
                Some(old) => self.changed(weight, what, &message, &old, &shown(value)),
                None => self.add(weight, what, format!("{message} added: {}", shown(value))),
            }
        }
        for (key, _) in before.iter().filter(|(k, _)| get(after, k).is_none()) {
            self.add(weight, what, format!("{name} `{key}` removed"));
        }
    }
}

fn shown(v: &Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}
