//! Who is asked and who may not approve.

use super::Machine;
use crate::api::{Recipient, Voter};
use crate::expr::{self, Context, ExprError};
use crate::model::InputType;
use nightbell_core::action::{ArgType, Manifest};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every name by which a value may mean a person: a text, or the ids and addresses of a user map.
pub fn names(v: &Value) -> Vec<String> {
    match v {
        Value::String(s) => vec![s.strip_prefix("user:").unwrap_or(s).to_owned()],
        Value::Object(map) => {
            let mut out = Vec::new();
            for key in ["id", "email", "emails", "address"] {
                if let Some(v) = map.get(key) {
                    out.extend(names(v));
                }
            }
            out
        }
        Value::Array(items) => items.iter().flat_map(names).collect(),
        _ => Vec::new(),
    }
    .into_iter()
    .filter(|s| !s.is_empty())
    .collect()
}

/// Renders `to`, `by` or one entry of `not_by`.
pub fn recipients(spec: &str, context: &Context<'_>) -> Result<Vec<Recipient>, ExprError> {
    let value = expr::render_str(spec, context)?;
    let one = |s: &str| Recipient(s.strip_prefix("user:").or_else(|| s.strip_prefix("team:")).unwrap_or(s).to_owned());
    Ok(match &value {
        Value::String(s) if s.trim().is_empty() => Vec::new(),
        Value::String(s) if s.starts_with("team:") => vec![Recipient(format!("role:{}", one(s).0))],
        Value::String(s) => vec![one(s)],
        // A person of the directory: the id when there is one, else the address.
        Value::Object(_) => names(&value).into_iter().take(1).map(Recipient).collect(),
        Value::Array(items) => items.iter().filter_map(|v| names(v).into_iter().next()).map(Recipient).collect(),
        _ => Vec::new(),
    })
}

impl Machine<'_> {
    /// Who can never approve in this run or in one that it calls: requester and subjects, also of runs above.
    pub(crate) fn involved(&self) -> Vec<String> {
        let mut out: BTreeSet<String> = self.run.excluded.iter().cloned().collect();
        out.extend(self.run.requester.iter().cloned());
        if let Some(user) = self.run.trigger.get("user").filter(|_| self.run.requester.is_some()) {
            out.extend(names(user));
        }
        for input in self.pb.inputs.iter().filter(|i| i.subject) {
            if let Some(v) = self.run.inputs.get(&input.name) {
                out.extend(names(v));
            }
        }
        out.into_iter().collect()
    }

    /// Who can never approve in this step: requester, subjects, people named in the arguments, `not_by`.
    pub(crate) fn excluded(
        &self,
        path: &str,
        manifest: &Manifest,
        args: &Value,
        not_by: &[String],
    ) -> Result<Vec<String>, ExprError> {
        let mut out: BTreeSet<String> = self.involved().into_iter().collect();
        for (name, value) in args.as_object().into_iter().flatten() {
            let person = manifest.args.get(name).is_some_and(|a| a.kind == ArgType::User);
            if person {
                out.extend(names(value));
            }
            addresses(value, &mut out);
        }
        // A user input that is used in the arguments brings all names of that person with it.
        let used: BTreeSet<String> = out.iter().map(|s| s.to_lowercase()).collect();
        for input in self.pb.inputs.iter().filter(|i| i.kind == InputType::User) {
            let all = self.run.inputs.get(&input.name).map(names).unwrap_or_default();
            if all.iter().any(|n| used.contains(&n.to_lowercase())) {
                out.extend(all);
            }
        }
        let context = self.context(path, &[]);
        for entry in not_by {
            match expr::render_str(entry, &context)? {
                Value::String(s) if s.starts_with("role:") => {
                    out.insert(s);
                }
                v => out.extend(names(&v)),
            }
        }
        Ok(out.into_iter().collect())
    }
}

/// Addresses that stand anywhere in a value, also within longer text.
fn addresses(v: &Value, out: &mut BTreeSet<String>) {
    match v {
        Value::String(s) => {
            let edge = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';' | '"' | '\'' | ':');
            for word in s.split(edge).map(|w| w.trim_matches(['.', '!', '?'])) {
                if word.len() > 3 && word.contains('@') && !word.starts_with('@') && !word.ends_with('@') {
                    out.insert(word.to_owned());
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|v| addresses(v, out)),
        Value::Object(map) => map.values().for_each(|v| addresses(v, out)),
        _ => {}
    }
}

/// Why this person may not decide, if so.
pub fn refusal(by: &Voter, may: &[Recipient], not_by: &[String]) -> Option<&'static str> {
    let own: Vec<String> = std::iter::once(&by.id).chain(&by.emails).map(|s| s.to_lowercase()).collect();
    let is = |name: &str| own.contains(&name.to_lowercase());
    let holds = |role: &str| by.roles.iter().any(|r| r == role);
    if by.id.is_empty() || holds("bot") {
        return Some("Only people can decide this.");
    }
    for name in not_by {
        match name.strip_prefix("role:") {
            Some(role) if holds(role) => return Some("People in your role cannot decide this one."),
            None if is(name) => return Some("You are part of this case, so somebody else has to decide."),
            _ => {}
        }
    }
    let allowed = may.iter().any(|r| r.role().map_or_else(|| is(&r.0), holds));
    if allowed { None } else { Some("You do not have the role that decides this.") }
}
