//! Everything above the steps.

use super::{about, flag, list, map, named, text, to, whole, word};
use crate::decode::{INPUT_TYPES, TYPES};
use serde_json::{Value, json};

pub fn properties() -> Value {
    json!({
        "nightbell": { "const": 1, "description": "Version of the language." },
        "id": about("id", "Stable name; the file is called <id>.yaml."),
        "version": {
            "type": "string", "pattern": "^[0-9]{1,9}\\.[0-9]{1,9}\\.[0-9]{1,9}([-+].*)?$",
            "description": "Semantic version; it must rise when the content changes.",
        },
        "name": text("Name for people."),
        "description": text("What it does, who is asked what, and when not to use it."),
        "playbook_types": list(json!({ "enum": TYPES }), "Words of the CACAO vocabulary."),
        "labels": list(json!({ "type": "string" }), "Words to find it by."),
        "attack": list(json!({ "type": "string" }), "ATT&CK techniques, such as T1566.001."),
        "d3fend": list(json!({ "type": "string" }), "D3FEND techniques, such as D3-ER."),
        "triggers": list(to("trigger"), "What starts it. Empty: only by hand or from another playbook."),
        "inputs": named(Some(to("input")), "What a run needs to know, checked once at its start."),
        "dedupe": map(&["key"], json!({
            "key": about("template", "Two starts with the same key are the same thing."),
            "window": about("duration", "How long, counted from the first. Default 1h."),
            "on_duplicate": word(&["join", "drop", "restart", "new"], "join", "What happens to the second start."),
        }), "When a second start joins the first."),
        "vars": named(None, "Initial variables."),
        "secrets": list(json!({ "type": "string" }), "The only secrets that this playbook may use; values come from the configuration."),
        "concurrency": map(&["limit"], json!({
            "limit": whole(1, 10_000, "How many runs at once."),
            "key": about("template", "Per value of this template; default: the playbook's id."),
            "on_limit": word(&["queue", "drop"], "queue", "What happens to further starts."),
        }), "How many runs at once."),
        "timeout": about("duration", "The whole run, waits included. Default 7d."),
        "steps": about("steps", "What it does, in order."),
        "on_failure": about("steps", "Runs once when a step fails for good; may not ask or seek approval. Default: page the owner."),
        "outputs": named(None, "Rendered at the end; what a caller sees."),
        "derived_from": text("Id or URI of the playbook that this one was made from."),
        "x": { "type": "object", "description": "Free space, kept as it is." },
    })
}

pub fn parts() -> Vec<(&'static str, Value)> {
    let kinds: Vec<&str> = INPUT_TYPES.iter().map(|(word, _)| *word).collect();
    let one: Vec<Value> =
        ["event", "command", "alert", "schedule", "webhook"].iter().map(|key| json!({ "required": [key] })).collect();
    vec![
        (
            "trigger",
            json!({
                "oneOf": [
                    { "type": "string", "description": "Short form of an event." },
                    {
                        "type": "object",
                        "additionalProperties": false,
                        "oneOf": one,
                        "properties": {
                            "event": text("Inbound event, such as chat.mail_report."),
                            "command": text("Word after the bot's name."),
                            "alert": about("condition", "Condition over the alert, as `trigger`."),
                            "schedule": map(&["cron"], json!({
                                "cron": text("Five fields, civil time."),
                                "zone": text("Such as Europe/Berlin."),
                                "misfire": word(&["fire", "skip"], "skip", "What happens to a slot that was missed."),
                                "jitter": about("duration", "Spread, so that not everything starts at once."),
                            }), "Civil time."),
                            "webhook": text("Name of a signed webhook of the configuration."),
                            "if": about("condition", "Further condition over `trigger`."),
                        },
                    },
                ],
            }),
        ),
        (
            "input",
            map(
                &["type"],
                json!({
                    "type": { "enum": kinds, "description": "Checked and converted once, at the start." },
                    "description": text("For people: the question, when a person must supply it."),
                    "required": flag(false, "Whether a run cannot start without it."),
                    "default": { "description": "Used when the caller gives none; may be a template over `trigger`." },
                    "options": { "type": "array", "description": "The only values allowed." },
                    "items": { "description": "Type of the items of a list." },
                    "subject": flag(false, "The run is about this person, who can never approve in it."),
                    "sensitive": flag(false, "Kept out of logs."),
                }),
                "An input.",
            ),
        ),
    ]
}
