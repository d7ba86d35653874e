//! From the tree of the file to the model: steps.

use crate::decode::{bad_id, is_id, named_values};
use crate::decode_flow as flow;
use crate::decode_people::{approve, ask};
use crate::fields::Fields;
use crate::finding::{Pos, Sink};
use crate::model::{Backoff, CallSpec, EndSpec, Handler, Kind, Retry, Step};
use crate::yaml::{Kind as Y, Node};
use nightbell_core::duration::Span;
use serde_json::Value;
use std::collections::BTreeMap;

const KINDS: &[&str] =
    &["uses", "ask", "approve", "switch", "parallel", "for_each", "repeat", "wait", "playbook", "set", "end"];
const KEYS: &[&str] = &[
    "id",
    "uses",
    "with",
    "ask",
    "approve",
    "switch",
    "parallel",
    "join",
    "for_each",
    "as",
    "max_parallel",
    "steps",
    "repeat",
    "wait",
    "playbook",
    "set",
    "end",
    "if",
    "timeout",
    "on_timeout",
    "on_error",
    "retry",
    "undo",
    "idempotency_key",
    "mask",
    "description",
];

/// A list of steps.
pub fn steps(n: &Node, sink: &mut Sink) -> Vec<Step> {
    let Y::Seq(items) = &n.kind else {
        sink.error("NB1004", n.at, format!("steps must be a list, not {}", n.word()), "");
        return Vec::new();
    };
    if items.is_empty() {
        sink.error("NB1105", n.at, "there are no steps", "write at least one");
    }
    items.iter().filter_map(|n| step(n, sink)).collect()
}

fn step(n: &Node, sink: &mut Sink) -> Option<Step> {
    let map = Fields::of(n, "a step", KEYS, sink)?;
    let id = map.required_text("id", sink)?;
    if !is_id(&id) {
        bad_id(map.get("id").map_or(n.at, |n| n.at), &id, sink);
    }
    let kinds: Vec<&str> = KINDS.iter().copied().filter(|k| map.get(k).is_some()).collect();
    let word = match kinds.as_slice() {
        [one] => *one,
        [] => {
            sink.error("NB1103", n.at, format!("the step `{id}` has no kind"), format!("one of {}", KINDS.join(", ")));
            return None;
        }
        more => {
            sink.error(
                "NB1103",
                n.at,
                format!("the step `{id}` has the kinds {}", more.join(" and ")),
                "split it into steps",
            );
            return None;
        }
    };
    modifiers_fit(&map, word, sink);
    if word == "for_each" && map.get("steps").is_none() {
        sink.error("NB1105", n.at, format!("the loop `{id}` has no `steps`"), "write what is done with each item");
    }
    let on_timeout = handler(&map, "on_timeout", sink);
    let on_error = handler(&map, "on_error", sink);
    if matches!(on_error, Some(Handler::Escalate)) {
        sink.error("NB1004", map.at("on_error"), "`on_error` cannot escalate", "fail, continue, or a list of steps");
    }
    if matches!(on_timeout, Some(Handler::Escalate)) && !matches!(word, "ask" | "approve") {
        sink.error(
            "NB1503",
            map.at("on_timeout"),
            format!("`{word}` cannot be escalated: nobody was asked"),
            "fail, continue, or a list of steps",
        );
    }
    let value = map.get(word)?;
    let kind = kind(word, value, &map, sink);
    Some(Step {
        id,
        kind: kind?,
        cond: map.text("if", sink),
        timeout: map.span("timeout", sink),
        on_timeout,
        on_error: on_error.unwrap_or_default(),
        retry: map.get("retry").and_then(|n| retry(n, sink)),
        undo: map.get("undo").and_then(|n| call(n, sink)),
        idempotency_key: map.text("idempotency_key", sink),
        mask: map.texts("mask", sink),
        description: map.text("description", sink).unwrap_or_default(),
        at: n.at,
    })
}

/// Modifiers and companion keys that mean nothing on this kind.
fn modifiers_fit(map: &Fields<'_>, word: &str, sink: &mut Sink) {
    let rules: &[(&str, &[&str])] = &[
        ("with", &["uses", "playbook"]),
        ("join", &["parallel"]),
        ("as", &["for_each"]),
        ("max_parallel", &["for_each"]),
        ("steps", &["for_each"]),
        ("retry", &["uses", "playbook", "approve"]),
        ("undo", &["uses", "approve"]),
        ("idempotency_key", &["uses", "approve"]),
    ];
    for (key, kinds) in rules {
        if map.get(key).is_some() && !kinds.contains(&word) {
            sink.error(
                "NB1108",
                map.at(key),
                format!("`{key}` is not allowed on {} `{word}` step", article(word)),
                format!("only on {}", kinds.join(", ")),
            );
        }
    }
    for key in ["timeout", "on_timeout"] {
        if map.get(key).is_some() && matches!(word, "set" | "end" | "switch") {
            sink.error(
                "NB1109",
                map.at(key),
                format!("{} `{word}` step takes no time, so `{key}` means nothing", article(word)),
                "put it on the step that waits",
            );
        }
    }
    if let Some(inner) = map.get(word) {
        for key in ["timeout", "on_timeout"] {
            if matches!(word, "ask" | "approve")
                && let Y::Map(entries) = &inner.kind
                && let Some((_, at, _)) = entries.iter().find(|(k, _, _)| k == key)
            {
                sink.error(
                    "NB1109",
                    *at,
                    format!("`{key}` stands inside `{word}`"),
                    "it belongs to the step, one level up",
                );
            }
        }
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e']) { "an" } else { "a" }
}

fn kind(word: &str, n: &Node, map: &Fields<'_>, sink: &mut Sink) -> Option<Kind> {
    match word {
        "uses" => {
            let name = map.text("uses", sink)?;
            Some(Kind::Uses(named_call(&name, n.at, map.get("with"), sink)))
        }
        "ask" => ask(n, sink).map(Kind::Ask),
        "approve" => approve(n, sink).map(Kind::Approve),
        "switch" => flow::cases(n, sink).map(Kind::Switch),
        "parallel" => flow::parallel(n, map, sink).map(Kind::Parallel),
        "for_each" => flow::for_each(n, map, sink).map(Kind::ForEach),
        "repeat" => flow::repeat(n, sink).map(Kind::Repeat),
        "playbook" => flow::playbook(n, map, sink).map(Kind::Playbook),
        "wait" => flow::wait(n, sink).map(Kind::Wait),
        "set" => {
            let values = named_values(Some(n), "set", sink);
            if values.is_empty() {
                sink.error("NB1004", n.at, "`set` sets nothing", "");
            }
            Some(Kind::Set(values))
        }
        "end" => {
            let map = Fields::of(n, "end", &["outcome", "outputs", "feedback"], sink)?;
            let outputs = named_values(map.get("outputs"), "outputs", sink);
            Some(Kind::End(EndSpec {
                outcome: map.text("outcome", sink),
                outputs,
                feedback: map.flag("feedback", sink),
            }))
        }
        _ => None,
    }
}

fn named_call(name: &str, at: Pos, with: Option<&Node>, sink: &mut Sink) -> CallSpec {
    let (action, major) = match name.split_once('@') {
        Some((action, major)) => {
            let parsed = major.parse().ok();
            if parsed.is_none() {
                sink.error("NB1004", at, format!("`{major}` is not a major version"), "write it like mail.search@1");
            }
            (action, parsed)
        }
        None => (name, None),
    };
    let args: BTreeMap<String, Value> = named_values(with, "with", sink).into_iter().collect();
    CallSpec { action: action.to_owned(), major, with: args, at }
}

pub(crate) fn call(n: &Node, sink: &mut Sink) -> Option<CallSpec> {
    let map = Fields::of(n, "an action", &["uses", "with"], sink)?;
    let name = map.required_text("uses", sink)?;
    Some(named_call(&name, map.get("uses")?.at, map.get("with"), sink))
}

fn handler(map: &Fields<'_>, key: &str, sink: &mut Sink) -> Option<Handler> {
    let n = map.get(key)?;
    match n.text() {
        Some("fail") => Some(Handler::Fail),
        Some("continue") => Some(Handler::Continue),
        Some("escalate") => Some(Handler::Escalate),
        None if matches!(n.kind, Y::Seq(_)) => Some(Handler::Steps(steps(n, sink))),
        _ => {
            sink.error("NB1004", n.at, format!("`{key}` must be fail, continue, escalate or a list of steps"), "");
            None
        }
    }
}

fn retry(n: &Node, sink: &mut Sink) -> Option<Retry> {
    let map = Fields::of(n, "retry", &["attempts", "delay", "max_delay", "backoff", "jitter", "when"], sink)?;
    if map.get("attempts").is_none() {
        sink.error("NB1010", n.at, "the key `attempts` is missing", "how many tries in all, 1 to 20");
    }
    let backoff = match map.word("backoff", &["constant", "linear", "exponential"], "exponential", sink) {
        "constant" => Backoff::Constant,
        "linear" => Backoff::Linear,
        _ => Backoff::Exponential,
    };
    Some(Retry {
        attempts: map.number("attempts", 1, 20, sink)?,
        delay: map.span("delay", sink).unwrap_or(Span::secs(2)),
        max_delay: map.span("max_delay", sink).unwrap_or(Span::mins(5)),
        backoff,
        jitter: map.get("jitter").is_none() || map.flag("jitter", sink),
        when: map.text("when", sink),
    })
}
