//! From the tree of the file to the model: the top level. Steps are in [`crate::decode_step`].

use crate::decode_step::steps;
use crate::fields::Fields;
use crate::finding::{Pos, Sink, did_you_mean};
use crate::model::{Concurrency, Dedupe, Input, InputType, On, OnDuplicate, Step, Trigger};
use crate::yaml::{Kind as Y, Node};
use nightbell_core::duration::Span;
use serde_json::Value;

/// The decoded file before it is checked as a whole.
#[derive(Debug, Default)]
pub struct File {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) labels: Vec<String>,
    pub(crate) playbook_types: Vec<String>,
    pub(crate) attack: Vec<String>,
    pub(crate) d3fend: Vec<String>,
    pub(crate) derived_from: Option<String>,
    pub(crate) x: Value,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) dedupe: Option<Dedupe>,
    pub(crate) concurrency: Option<Concurrency>,
    pub(crate) vars: Vec<(String, Value)>,
    pub(crate) secrets: Vec<String>,
    pub(crate) timeout: Option<Span>,
    pub(crate) steps: Vec<Step>,
    pub(crate) on_failure: Vec<Step>,
    pub(crate) outputs: Vec<(String, Value)>,
}

const KEYS: &[&str] = &[
    "nightbell",
    "id",
    "version",
    "name",
    "description",
    "playbook_types",
    "labels",
    "attack",
    "d3fend",
    "triggers",
    "inputs",
    "dedupe",
    "vars",
    "secrets",
    "concurrency",
    "timeout",
    "steps",
    "on_failure",
    "outputs",
    "derived_from",
    "x",
];

/// Types of playbooks: the vocabulary of CACAO v2.
pub const TYPES: &[&str] =
    &["attack", "detection", "engagement", "investigation", "mitigation", "notification", "prevention", "remediation"];

/// Types of inputs by name.
pub const INPUT_TYPES: &[(&str, InputType)] = &[
    ("string", InputType::String),
    ("integer", InputType::Integer),
    ("number", InputType::Number),
    ("boolean", InputType::Boolean),
    ("date", InputType::Date),
    ("datetime", InputType::Datetime),
    ("duration", InputType::Duration),
    ("mail", InputType::Mail),
    ("user", InputType::User),
    ("role", InputType::Role),
    ("address", InputType::Address),
    ("url", InputType::Url),
    ("domain", InputType::Domain),
    ("ip", InputType::Ip),
    ("hash", InputType::Hash),
    ("file", InputType::File),
    ("indicator", InputType::Indicator),
    ("alert", InputType::Alert),
    ("list", InputType::List),
    ("map", InputType::Map),
];

/// Decodes the whole file. What is wrong goes to `sink`; the result is complete only when nothing is.
pub fn file(root: &Node, sink: &mut Sink) -> File {
    let mut out = File::default();
    let Some(map) = Fields::of(root, "a playbook", KEYS, sink) else { return out };
    for key in ["nightbell", "id", "version", "name", "steps"] {
        if map.get(key).is_none() {
            sink.error("NB1010", root.at, format!("the key `{key}` is missing"), "every playbook needs it");
        }
    }
    if let Some(n) = map.get("nightbell").filter(|n| n.json().as_u64() != Some(1)) {
        sink.error("NB1004", n.at, "`nightbell` must be 1", "this version reads version 1 of the language");
    }
    out.id = map.text("id", sink).unwrap_or_default();
    if let Some(n) = map.get("id").filter(|_| !is_id(&out.id)) {
        bad_id(n.at, &out.id, sink);
    }
    out.version = map.text("version", sink).unwrap_or_default();
    if let Some(n) = map.get("version").filter(|_| !is_version(&out.version)) {
        sink.error(
            "NB1004",
            n.at,
            format!("`{}` is not a version", out.version),
            "write it like 1.0.0, in quotes if it is read as a number",
        );
    }
    out.name = map.text("name", sink).unwrap_or_default();
    out.description = map.text("description", sink).unwrap_or_default();
    out.labels = map.texts("labels", sink);
    out.playbook_types = map.texts("playbook_types", sink);
    for (i, word) in out.playbook_types.iter().enumerate().filter(|(_, w)| !TYPES.contains(&w.as_str())) {
        let at = map.items("playbook_types", sink).get(i).map_or(root.at, |n| n.at);
        let help = did_you_mean(word, TYPES.iter().copied(), &format!("one of {}", TYPES.join(", ")));
        sink.error("NB1004", at, format!("`{word}` is not a type of playbook"), help);
    }
    out.attack = map.texts("attack", sink);
    out.d3fend = map.texts("d3fend", sink);
    out.derived_from = map.text("derived_from", sink);
    if let Some(n) = map.get("x") {
        if !matches!(n.kind, Y::Map(_)) {
            sink.error("NB1004", n.at, format!("`x` must be a map, not {}", n.word()), "");
        }
        out.x = n.json();
    }
    out.secrets = map.texts("secrets", sink);
    out.timeout = map.span("timeout", sink);
    out.triggers = map.items("triggers", sink).iter().filter_map(|n| trigger(n, sink)).collect();
    if let Some(n) = map.get("inputs") {
        for (name, at, spec) in entries(n, "inputs", sink) {
            check_name(name, *at, sink);
            if let Some(i) = input(name, spec, sink) {
                out.inputs.push(i);
            }
        }
    }
    out.vars = named_values(map.get("vars"), "vars", sink);
    out.outputs = named_values(map.get("outputs"), "outputs", sink);
    out.dedupe = map.get("dedupe").and_then(|n| dedupe(n, sink));
    out.concurrency = map.get("concurrency").and_then(|n| concurrency(n, sink));
    if let Some(n) = map.get("steps") {
        out.steps = steps(n, sink);
    }
    if let Some(n) = map.get("on_failure") {
        out.on_failure = steps(n, sink);
    }
    out
}

fn trigger(n: &Node, sink: &mut Sink) -> Option<Trigger> {
    if let Some(name) = n.text() {
        return Some(Trigger { on: On::Event(name.to_owned()), cond: None });
    }
    let keys = &["event", "command", "alert", "schedule", "webhook", "if"];
    let map = Fields::of(n, "a trigger", keys, sink)?;
    let cond = map.text("if", sink);
    let kinds: Vec<&str> =
        ["event", "command", "alert", "schedule", "webhook"].into_iter().filter(|k| map.get(k).is_some()).collect();
    let [kind] = kinds.as_slice() else {
        sink.error("NB1004", n.at, "a trigger needs exactly one of event, command, alert, schedule, webhook", "");
        return None;
    };
    let on = match *kind {
        "event" => On::Event(map.text("event", sink)?),
        "command" => On::Command(map.text("command", sink)?),
        "alert" => On::Alert(map.text("alert", sink)?),
        "webhook" => On::Webhook(map.text("webhook", sink)?),
        _ => {
            let s = Fields::of(map.get("schedule")?, "a schedule", &["cron", "zone", "misfire", "jitter"], sink)?;
            let cron = s.required_text("cron", sink)?;
            let fire_missed = s.word("misfire", &["fire", "skip"], "skip", sink) == "fire";
            On::Schedule { cron, zone: s.text("zone", sink), fire_missed, jitter: s.span("jitter", sink) }
        }
    };
    Some(Trigger { on, cond })
}

fn input(name: &str, n: &Node, sink: &mut Sink) -> Option<Input> {
    let keys = &["type", "required", "default", "options", "items", "description", "subject", "sensitive"];
    let map = Fields::of(n, "an input", keys, sink)?;
    let word = map.required_text("type", sink)?;
    let Some((_, kind)) = INPUT_TYPES.iter().find(|(w, _)| *w == word) else {
        let help = did_you_mean(&word, INPUT_TYPES.iter().map(|(w, _)| *w), "see the list of input types");
        sink.error("NB1004", map.get("type")?.at, format!("`{word}` is not a type"), help);
        return None;
    };
    Some(Input {
        name: name.to_owned(),
        kind: *kind,
        required: map.flag("required", sink),
        default: map.get("default").map(Node::json),
        options: map.items("options", sink).iter().map(Node::json).collect(),
        description: map.text("description", sink).unwrap_or_default(),
        subject: map.flag("subject", sink),
        sensitive: map.flag("sensitive", sink),
    })
}

fn dedupe(n: &Node, sink: &mut Sink) -> Option<Dedupe> {
    let map = Fields::of(n, "dedupe", &["key", "window", "on_duplicate"], sink)?;
    let on_duplicate = match map.word("on_duplicate", &["join", "drop", "restart", "new"], "join", sink) {
        "drop" => OnDuplicate::Drop,
        "restart" => OnDuplicate::Restart,
        "new" => OnDuplicate::New,
        _ => OnDuplicate::Join,
    };
    let window = map.span("window", sink).unwrap_or(Span::hours(1));
    Some(Dedupe { key: map.required_text("key", sink)?, window, on_duplicate })
}

fn concurrency(n: &Node, sink: &mut Sink) -> Option<Concurrency> {
    let map = Fields::of(n, "concurrency", &["limit", "key", "on_limit"], sink)?;
    let drop = map.word("on_limit", &["queue", "drop"], "queue", sink) == "drop";
    Some(Concurrency { limit: map.number("limit", 1, 10_000, sink)?, key: map.text("key", sink), drop })
}

/// Names with free values, in the order of the file.
pub fn named_values(n: Option<&Node>, what: &str, sink: &mut Sink) -> Vec<(String, Value)> {
    let Some(n) = n else { return Vec::new() };
    let mut out = Vec::new();
    for (name, at, value) in entries(n, what, sink) {
        check_name(name, *at, sink);
        out.push((name.clone(), value.json()));
    }
    out
}

fn entries<'a>(n: &'a Node, what: &str, sink: &mut Sink) -> &'a [(String, Pos, Node)] {
    if let Y::Map(entries) = &n.kind {
        return entries;
    }
    sink.error("NB1004", n.at, format!("`{what}` must be a map, not {}", n.word()), "");
    &[]
}

/// Whether `s` may be the id of a playbook or step.
pub fn is_id(s: &str) -> bool {
    s.len() <= 64
        && s.starts_with(|c: char| c.is_ascii_lowercase())
        && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

pub(crate) fn check_name(s: &str, at: Pos, sink: &mut Sink) {
    if !is_id(s) || s.contains('-') {
        sink.error(
            "NB1102",
            at,
            format!("`{s}` is not a name"),
            "lower-case letters, digits and `_`, starting with a letter",
        );
    }
}

pub(crate) fn bad_id(at: Pos, id: &str, sink: &mut Sink) {
    sink.error(
        "NB1102",
        at,
        format!("`{id}` is not an id"),
        "lower-case letters, digits, `_` and `-`, starting with a letter, at most 64",
    );
}

fn is_version(s: &str) -> bool {
    let core = s.split(['-', '+']).next().unwrap_or_default();
    let parts: Vec<&str> = core.split('.').collect();
    parts.len() == 3 && parts.iter().all(|p| !p.is_empty() && p.len() <= 9 && p.chars().all(|c| c.is_ascii_digit()))
}
