//! What a schema cannot see: references that lead nowhere, steps that nothing leads to.

use super::doc::{Doc, Kind, Step, TOP, one, short};
use super::shape::is_variable;
use crate::finding::Sink;
use serde_json::Value;
use std::collections::BTreeSet;

/// The steps that a step names as next, with the property.
pub(super) fn targets<'a>(step: &Step<'a>) -> Vec<(&'static str, &'a str)> {
    let mut out = Vec::new();
    for key in ["on_completion", "on_success", "on_failure", "on_true", "on_false"] {
        if let Some(id) = step.map.get(key).and_then(one) {
            out.push((key, id));
        }
    }
    out.extend(step.texts("next_steps").into_iter().map(|id| ("next_steps", id)));
    if let Some(cases) = step.map.get("cases").and_then(Value::as_object) {
        out.extend(cases.values().filter_map(one).map(|id| ("cases", id)));
    }
    if step.kind == Kind::End { Vec::new() } else { out }
}

/// Reports what leads nowhere. Missing steps are errors, everything else warns.
pub(super) fn check(doc: &Doc<'_>, sink: &mut Sink) {
    for step in &doc.steps {
        for (key, id) in targets(step) {
            if doc.find(id).is_none() {
                let message = format!("`{key}` of `{}` names `{}`, which is not in the workflow", step.id, short(id));
                sink.error("NB3021", TOP, message, "add the step or correct the reference");
            }
        }
        parties(doc, step, sink);
    }
    let exception = doc.text("workflow_exception");
    if let Some(id) = exception.filter(|id| doc.find(id).is_none()) {
        let message = format!("`workflow_exception` names `{}`, which is not in the workflow", short(id));
        let help = "it is left out: when the playbook fails, its owner is paged";
        sink.warn("NB3130", TOP, message, help);
    }
    let seen = reached(doc, [Some(doc.start), exception.and_then(|id| doc.find(id))].into_iter().flatten());
    for (n, step) in doc.steps.iter().enumerate().filter(|(n, _)| !seen.contains(n)) {
        // An end or a start that nobody uses takes nothing away.
        if !matches!(step.kind, Kind::End | Kind::Start) || n == doc.start {
            let message = format!("nothing leads to the step `{}` ({})", step.id, short(step.title()));
            sink.warn("NB3131", TOP, message, "it is left out of the playbook and kept under `x.cacao`");
        }
    }
}

/// Every step that can be reached.
pub(super) fn reached(doc: &Doc<'_>, from: impl Iterator<Item = usize>) -> BTreeSet<usize> {
    let mut open: Vec<usize> = from.collect();
    let mut seen = BTreeSet::new();
    while let Some(n) = open.pop() {
        if seen.insert(n)
            && let Some(step) = doc.steps.get(n)
        {
            open.extend(targets(step).into_iter().filter_map(|(_, id)| doc.find(id)));
        }
    }
    seen
}

/// Agents and targets of a step, and the authentication that they name.
fn parties(doc: &Doc<'_>, step: &Step<'_>, sink: &mut Sink) {
    let agent = step.text("agent").map(|a| ("agent", a));
    let targets = step.texts("targets").into_iter().map(|t| ("target", t));
    for (what, id) in agent.into_iter().chain(targets) {
        if doc.party(id).is_none() {
            let message = format!("the {what} `{}` of `{}` is not defined", short(id), step.id);
            sink.warn("NB3132", TOP, message, "define it, or say in the step's text whom it is about");
        }
    }
    for id in step.text("agent").into_iter().chain(step.texts("targets")) {
        let auth = doc.party(id).and_then(|p| p.get("authentication_info")).and_then(Value::as_str);
        let defined = |a: &&str| doc.root.get("authentication_info_definitions").and_then(|d| d.get(*a)).is_some();
        if let Some(auth) = auth.filter(|a| !defined(a)) {
            let message = format!("`{}` uses the authentication `{}`, which is not defined", short(id), short(auth));
            sink.warn("NB3132", TOP, message, "define it; the call goes without a credential");
        }
    }
}

/// Fields whose form is fixed and that hold a variable all the same (NB3104).
pub(super) fn patterned(doc: &Doc<'_>, sink: &mut Sink) {
    for group in ["agent_definitions", "target_definitions"] {
        for (id, party) in super::vars::dictionary(doc.root.get(group)) {
            for (kind, list) in super::vars::dictionary(party.get("address")).filter(|(k, _)| *k != "dname") {
                let found = list.as_array().into_iter().flatten().filter_map(Value::as_str);
                if found.flat_map(super::text::names).any(is_variable) {
                    let message = format!("`{}` has a variable in `address.{kind}`", short(id));
                    let help = "the standard wants an address there; the variable is filled in when the playbook runs";
                    sink.warn("NB3104", TOP, message, help);
                }
            }
        }
    }
}
