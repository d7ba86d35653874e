//! Values that fit: what an action would give, what a trigger would hold, what an input could be. They only have
//! to be believable, typed and always the same.

use crate::model::{Input, InputType, On, Playbook};
use nightbell_core::action::{ArgType, Manifest};
use serde_json::{Map, Value, json};

/// Believable outputs of an action, typed by its manifest.
pub fn outputs(manifest: &Manifest, args: &Value) -> Value {
    let typed = manifest.outputs.iter().map(|(name, kind)| (name.clone(), output(name, *kind, args)));
    Value::Object(typed.collect())
}

fn output(name: &str, kind: ArgType, args: &Value) -> Value {
    if let Some(same) = args.get(name).filter(|v| crate::engine::fits(kind, v)) {
        return same.clone();
    }
    match kind {
        ArgType::String => json!(match name {
            "verdict" => "malicious",
            "from" | "email" => "sender@mail.example",
            "from_domain" => "mail.example",
            "subject" => "Your invoice",
            "message_id" => "<m1@mail.example>",
            "id" => "EX-1",
            "url" => "https://tickets.example.com/EX-1",
            "batch" => "batch-1",
            "status" => "pending",
            "os" => "an operating system",
            "department" => "sales",
            "severity" => "high",
            "last_seen" | "last_sign_in" | "first_seen" | "since" | "opened_at" | "last_used" => "2026-01-01T08:00:00Z",
            "channel" => "#incident",
            other => return json!(format!("(example {})", other.replace('_', " "))),
        }),
        ArgType::Integer => json!(if name == "code" { 0 } else { 1 }),
        ArgType::Number => json!(match name {
            "score" => 0.9,
            "cvss" => 8.1,
            "epss" => 0.4,
            _ => 1.0,
        }),
        // What a playbook waits for comes true, so that loops end.
        ArgType::Boolean => {
            json!(matches!(name, "approved" | "online" | "up" | "blocked" | "known" | "mfa" | "recallable"))
        }
        ArgType::List => match name {
            "message_ids" => json!(["<m1@mail.example>"]),
            "hosts" | "assets" => json!(["host-1"]),
            "users" | "people" | "owners" => json!(["employee@example.com"]),
            "urls" => json!(["https://site.example/login"]),
            _ => json!([format!("example {}", name.trim_end_matches('s').replace('_', " "))]),
        },
        ArgType::Map => json!({}),
        ArgType::User | ArgType::Any => json!("owner@example.com"),
        ArgType::Mail => mail(),
    }
}

fn mail() -> Value {
    json!({"digest": "example", "body_hash": "example", "from_domain": "mail.example", "subject": "Your invoice"})
}

/// The person that a rehearsal is about.
pub fn person() -> Value {
    json!({"id": "employee", "email": "employee@example.com", "name": "The employee", "first_name": "Employee", "timezone": "UTC"})
}

/// A trigger that could have started this playbook: what its first trigger asks for, filled.
pub fn trigger(playbook: &Playbook, now: jiff::Timestamp) -> Value {
    let (kind, extra) = match playbook.triggers.first().map(|t| &t.on) {
        Some(On::Event(name)) => (name.as_str(), json!({})),
        Some(On::Alert(_)) => ("alert", json!({})),
        Some(On::Schedule { .. }) => ("schedule", json!({"slot": now.to_string(), "late_by": 0})),
        Some(On::Webhook(name)) => ("webhook", json!({"name": name, "body": {}, "headers": {}})),
        Some(On::Command(_)) | None => ("command", json!({"args": ""})),
    };
    let mut out = json!({
        "kind": kind,
        "id": "example-1",
        "user": person(),
        "channel": "general",
        "time": now.to_string(),
        "summary": "something that needs a look",
        "severity": "high",
        "host": "host-1",
        "source_ip": "203.0.113.7",
        "rule": {"id": "example-rule", "name": "An example rule", "tags": tags(playbook)},
        "mail": mail(),
        "text": "",
        "raw": {},
    });
    if let (Some(all), Value::Object(extra)) = (out.as_object_mut(), extra) {
        all.extend(extra);
    }
    out
}

/// The texts that the conditions of the triggers look for: `'verify-user' in trigger.rule.tags`.
fn tags(playbook: &Playbook) -> Vec<String> {
    let conditions = playbook.triggers.iter().filter_map(|t| match &t.on {
        On::Alert(cond) => Some(cond),
        _ => t.cond.as_ref(),
    });
    let mut out = Vec::new();
    for cond in conditions {
        if let Ok(tree) = crate::expr::ast::parse(cond) {
            literals(&tree, &mut out);
        }
    }
    out
}

fn literals(tree: &crate::expr::ast::Ex, out: &mut Vec<String>) {
    use crate::expr::ast::Ex;
    if let Ex::Compare(left, rest) = tree
        && let Ex::Lit(Value::String(word)) = left.as_ref()
        && rest.iter().any(|(op, right)| *op == "in" && right.path().is_some_and(|p| p.last() == Some(&"tags")))
    {
        out.push(word.clone());
    }
    tree.children().into_iter().for_each(|c| literals(c, out));
}

/// Inputs that the caller did not give and that nothing binds, filled with something that fits.
pub fn inputs(
    playbook: &Playbook,
    trigger: &Value,
    given: &Map<String, Value>,
    now: jiff::Timestamp,
) -> Map<String, Value> {
    let mut out = given.clone();
    for _ in 0..playbook.inputs.len() {
        let now_given = out.clone().into_iter().collect();
        let Err(e) = playbook.bind(trigger, &now_given, now) else { break };
        let missing = e.input.filter(|name| !given.contains_key(name));
        let Some(input) = missing.and_then(|name| playbook.inputs.iter().find(|i| i.name == name)) else { break };
        if out.insert(input.name.clone(), value(input)).is_some() {
            break;
        }
    }
    out
}

fn value(input: &Input) -> Value {
    if let Some(first) = input.options.first() {
        return first.clone();
    }
    match input.kind {
        InputType::Integer | InputType::Number => json!(1),
        InputType::Boolean => json!(true),
        InputType::Date => json!("2026-01-02"),
        InputType::Datetime => json!("2026-01-02T09:00:00Z"),
        InputType::Duration => json!("1h"),
        InputType::Mail => mail(),
        InputType::User => person(),
        InputType::Role => json!("role:on-call"),
        InputType::Address => json!("employee@example.com"),
        InputType::Url => json!("https://site.example/login"),
        InputType::Domain | InputType::Indicator => json!("site.example"),
        InputType::Ip => json!("203.0.113.7"),
        InputType::Hash => json!("0".repeat(64)),
        InputType::File => json!({"name": "example.txt"}),
        InputType::Alert | InputType::Map => json!({"id": "example-1"}),
        InputType::List => json!(["example"]),
        InputType::String => json!(match input.name.as_str() {
            "host" | "device" => "host-1".to_owned(),
            name => format!("example {}", name.replace('_', " ")),
        }),
    }
}
