//! Small things that stand in many places.

use super::{map, named, to};
use serde_json::{Value, json};

pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        (
            "id",
            json!({
                "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}$",
                "description": "Lower-case letters, digits, `_` and `-`. Without `-` when an expression uses it.",
            }),
        ),
        (
            "name",
            json!({
                "type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$",
                "description": "Lower-case letters, digits and `_`.",
            }),
        ),
        (
            "duration",
            json!({
                "type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$",
                "description": "Such as 30s, 15m, 4h, 7d or 1h30m. A day is 24 hours.",
                "examples": ["30s", "15m", "4h", "7d", "1h30m"],
            }),
        ),
        (
            "condition",
            json!({
                "type": "string", "minLength": 1, "not": { "pattern": "\\{\\{|\\{%" },
                "description": "The whole string is one expression that must give true or false; no braces.",
            }),
        ),
        (
            "template",
            json!({
                "type": "string",
                "description": "Text; `{{ expression }}` is filled in. Exactly one expression keeps its type.",
            }),
        ),
        (
            "action_name",
            json!({
                "type": "string", "pattern": "^[a-z0-9_]+(\\.[a-z0-9_]+)+(@[0-9]+)?$",
                "description": "connector.action, with @2 to pin a major version.",
            }),
        ),
        ("args", named(None, "Arguments; texts may hold `{{ expressions }}`.")),
        (
            "call",
            map(&["uses"], json!({ "uses": to("action_name"), "with": to("args") }), "An action and its arguments."),
        ),
        (
            "party",
            json!({
                "type": "string", "minLength": 1,
                "description": "role:NAME, team:NAME, user:ADDRESS, or one expression that gives a person.",
                "examples": ["role:on-call", "role:responder", "role:lead", "{{ inputs.reporter }}"],
            }),
        ),
    ]
}
