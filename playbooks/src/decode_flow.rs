//! From the tree of the file to the model: steps that hold steps, and pauses.

use crate::decode::{bad_id, check_name, is_id, named_values};
use crate::decode_step::steps;
use crate::fields::Fields;
use crate::finding::Sink;
use crate::model::{ForEachSpec, ParallelSpec, RepeatSpec, Step, SubSpec, WaitFor, WaitSpec};
use crate::yaml::{Kind as Y, Node};
use nightbell_core::duration::Span;
use serde_json::Value;
use std::collections::BTreeMap;

/// Names that `as` may not take.
const ROOTS: &[&str] = &[
    "trigger", "inputs", "vars", "steps", "run", "secrets", "answers", "failure", "loop", "event", "now", "last",
    "true", "false", "none", "not", "and", "or", "in", "is", "if", "else",
];

pub(crate) fn cases(n: &Node, sink: &mut Sink) -> Option<Vec<(Option<String>, Vec<Step>)>> {
    let Y::Seq(items) = &n.kind else {
        sink.error("NB1004", n.at, format!("`switch` must be a list of cases, not {}", n.word()), "");
        return None;
    };
    if items.is_empty() {
        sink.error("NB1105", n.at, "a `switch` needs at least one case", "");
    }
    let mut out = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let Some(map) = Fields::of(item, "a case", &["case", "default", "steps"], sink) else { continue };
        let inner = match map.get("steps") {
            Some(n) => steps(n, sink),
            None => {
                sink.error("NB1105", item.at, "a case has no steps", "");
                Vec::new()
            }
        };
        match (map.text("case", sink), map.get("default")) {
            (Some(cond), None) => out.push((Some(cond), inner)),
            (None, Some(_)) if map.flag("default", sink) => {
                if i + 1 < items.len() {
                    sink.error(
                        "NB1104",
                        item.at,
                        "`default` is not the last case",
                        "the cases after it would never run",
                    );
                }
                out.push((None, inner));
            }
            _ => sink.error("NB1004", item.at, "a case needs either `case` or `default: true`", ""),
        }
    }
    Some(out)
}

pub(crate) fn wait(n: &Node, sink: &mut Sink) -> Option<WaitSpec> {
    let map = Fields::of(n, "wait", &["for", "until", "event", "match", "misfire"], sink)?;
    let skip_missed = map.word("misfire", &["fire", "skip"], "fire", sink) == "skip";
    let matching = map.text("match", sink);
    for (key, only, fits) in [("match", "event", true), ("misfire", "for` or `until", false)] {
        if map.get(key).is_some() && map.get("event").is_some() != fits {
            sink.error("NB1108", map.at(key), format!("`{key}` means something only with `{only}`"), "remove it");
        }
    }
    let until = match (map.text("for", sink), map.text("until", sink), map.text("event", sink)) {
        (Some(span), None, None) => {
            if !crate::expr::is_template(&span) {
                map.span("for", sink)?;
            }
            WaitFor::For(span)
        }
        (None, Some(at), None) => WaitFor::Until(at),
        (None, None, Some(name)) => WaitFor::Event { name, matching },
        _ => {
            sink.error("NB1004", n.at, "`wait` needs exactly one of for, until, event", "");
            return None;
        }
    };
    Some(WaitSpec { until, skip_missed })
}

pub(crate) fn parallel(n: &Node, map: &Fields<'_>, sink: &mut Sink) -> Option<ParallelSpec> {
    let Y::Map(entries) = &n.kind else {
        sink.error("NB1004", n.at, format!("`parallel` must be a map of branches, not {}", n.word()), "name: [steps]");
        return None;
    };
    if entries.len() < 2 || entries.len() > 16 {
        let message = format!("`parallel` has {} branches; 2 to 16 are allowed", entries.len());
        sink.error("NB1105", n.at, message, "one branch needs no `parallel`; many items are a `for_each`");
    }
    let mut branches = Vec::new();
    for (name, at, inner) in entries {
        check_name(name, *at, sink);
        branches.push((name.clone(), steps(inner, sink)));
    }
    Some(ParallelSpec { branches, any: map.word("join", &["all", "any"], "all", sink) == "any" })
}

pub(crate) fn for_each(n: &Node, map: &Fields<'_>, sink: &mut Sink) -> Option<ForEachSpec> {
    let items = map.text("for_each", sink)?;
    if !crate::expr::is_template(&items) {
        let help = "one expression that gives a list, such as \"{{ steps.find.outputs.urls }}\"";
        sink.error("NB1004", n.at, "`for_each` is not an expression", help);
    }
    let var = map.text("as", sink).unwrap_or_else(|| "item".to_owned());
    check_name(&var, map.at("as"), sink);
    if ROOTS.contains(&var.as_str()) {
        sink.error("NB1102", map.at("as"), format!("`{var}` already means something else"), "choose another name");
    }
    let max_parallel = map.number("max_parallel", 1, 64, sink).unwrap_or(1);
    Some(ForEachSpec { items, var, max_parallel, steps: map.get("steps").map(|n| steps(n, sink)).unwrap_or_default() })
}

pub(crate) fn repeat(n: &Node, sink: &mut Sink) -> Option<RepeatSpec> {
    let map = Fields::of(n, "repeat", &["while", "max", "delay", "steps"], sink)?;
    if map.get("max").is_none() {
        sink.error("NB1106", n.at, "this `repeat` has no `max`", "say how many rounds at most, 1 to 1000");
    }
    if map.get("steps").is_none() {
        sink.error("NB1105", n.at, "this `repeat` has no `steps`", "write what is done in each round");
    }
    Some(RepeatSpec {
        cond: map.required_text("while", sink)?,
        max: map.number("max", 1, 1000, sink).unwrap_or(1),
        delay: map.span("delay", sink).unwrap_or(Span::secs(0)),
        steps: map.get("steps").map(|n| steps(n, sink)).unwrap_or_default(),
    })
}

pub(crate) fn playbook(n: &Node, map: &Fields<'_>, sink: &mut Sink) -> Option<SubSpec> {
    let name = map.text("playbook", sink)?;
    let (id, version) = name.split_once('@').map_or((name.as_str(), None), |(i, v)| (i, Some(v.to_owned())));
    if !is_id(id) {
        bad_id(n.at, id, sink);
    }
    let number = |p: &str| !p.is_empty() && p.len() <= 9 && p.chars().all(|c| c.is_ascii_digit());
    if let Some(v) = &version
        && (v.split('.').count() > 3 || !v.split('.').all(number))
    {
        sink.error("NB1004", n.at, format!("`{v}` is not a version"), "write it like incident@1 or incident@1.2.0");
    }
    let with: BTreeMap<String, Value> = named_values(map.get("with"), "with", sink).into_iter().collect();
    Some(SubSpec { id: id.to_owned(), version, with, at: n.at })
}
