//! Steps and what stands in them.

use super::{about, flag, list, map, named, text, to, whole, word};
use serde_json::{Value, json};

const KINDS: [&str; 11] =
    ["uses", "ask", "approve", "switch", "parallel", "for_each", "repeat", "wait", "playbook", "set", "end"];

pub fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("steps", json!({ "type": "array", "minItems": 1, "items": to("step") })),
        ("step", step()),
        ("question", question()),
        (
            "remind",
            json!({ "type": "array", "maxItems": 5, "items": to("duration"), "description": "Reminders after these delays." }),
        ),
    ]
}

fn step() -> Value {
    let only =
        |kinds: &[&str]| json!({ "anyOf": kinds.iter().map(|k| json!({ "required": [k] })).collect::<Vec<_>>() });
    let never = json!({ "not": only(&["set", "end", "switch"]) });
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["id"],
        "description": "A step: an id, exactly one kind, and modifiers.",
        "oneOf": KINDS.map(|k| json!({ "required": [k] })),
        "dependentSchemas": {
            "with": only(&["uses", "playbook"]),
            "join": only(&["parallel"]),
            "as": only(&["for_each"]),
            "max_parallel": only(&["for_each"]),
            "steps": only(&["for_each"]),
            "for_each": { "required": ["steps"] },
            "retry": only(&["uses", "playbook", "approve"]),
            "undo": only(&["uses", "approve"]),
            "idempotency_key": only(&["uses", "approve"]),
            "timeout": never,
            "on_timeout": never,
        },
        "properties": properties(),
        "allOf": [{
            "if": { "required": ["on_timeout"], "properties": { "on_timeout": { "const": "escalate" } } },
            "then": only(&["ask", "approve"]),
        }],
    })
}

fn properties() -> Value {
    let mut out = kinds();
    if let (Some(all), Value::Object(more)) = (out.as_object_mut(), modifiers()) {
        all.extend(more);
    }
    out
}

fn kinds() -> Value {
    json!({
        "id": about("id", "Unique in the whole file. Without `-` when an expression uses it."),
        "uses": about("action_name", "One call of an action. Changes stand inside `approve`."),
        "with": to("args"),
        "ask": map(&["to", "form"], json!({
            "to": about("party", "Whom."),
            "form": { "type": "array", "minItems": 1, "maxItems": 20, "items": to("question"), "description": "The questions, one at a time." },
            "channel": word(&["dm", "thread", "channel"], "dm", "Where."),
            "intro": about("template", "Words before the first question."),
            "remind": to("remind"),
            "business_hours": word(&["none", "user", "team"], "none", "Whose working hours the deadline counts in."),
            "urgency": word(&["low", "high"], "low", "How loudly."),
        }), "Guided questions. Outputs: answered, answers, by, at."),
        "approve": map(&["by", "action"], json!({
            "by": about("party", "Who may."),
            "not_by": list(to("party"), "Who may not, beside the requester, subjects and people in the arguments."),
            "quorum": { "type": "integer", "minimum": 1, "maximum": 5, "default": 1, "description": "How many must agree." },
            "action": to("call"),
            "summary": about("template", "One sentence: what and why."),
            "remind": to("remind"),
            "urgency": word(&["low", "high"], "low", "How loudly."),
        }), "Asks, and on a yes runs exactly this action. Outputs: decision, by, comment, action."),
        "switch": {
            "type": "array", "minItems": 1,
            "description": "The first true case runs; none true and no default: nothing.",
            "items": {
                "type": "object", "additionalProperties": false, "required": ["steps"],
                "oneOf": [{ "required": ["case"] }, { "required": ["default"] }],
                "properties": {
                    "case": to("condition"),
                    "default": { "const": true, "description": "Only as the last one." },
                    "steps": to("steps"),
                },
            },
        },
        "parallel": {
            "type": "object", "minProperties": 2, "maxProperties": 16,
            "propertyNames": to("name"), "additionalProperties": to("steps"),
            "description": "Named branches, all at once.",
        },
        "join": word(&["all", "any"], "all", "Wait for all branches, or go on with the first that succeeds."),
        "for_each": { "type": "string", "pattern": "\\{\\{", "description": "An expression that gives a list. Outputs: results." },
        "as": about("name", "Name of the item within the steps; default `item`."),
        "max_parallel": { "type": "integer", "minimum": 1, "maximum": 64, "default": 1, "description": "How many items at once." },
        "steps": about("steps", "What is done with each item."),
        "repeat": map(&["while", "max", "steps"], json!({
            "while": about("condition", "Tested before each round."),
            "max": whole(1, 1000, "Most rounds; reaching it is no error, see `exhausted`."),
            "delay": about("duration", "Between rounds."),
            "steps": about("steps", "What is done in each round."),
        }), "Rounds while a condition holds. Outputs: count, exhausted, last."),
        "wait": {
            "type": "object", "additionalProperties": false,
            "oneOf": [{ "required": ["for"] }, { "required": ["until"] }, { "required": ["event"] }],
            "description": "A pause that survives restarts.",
            "properties": {
                "for": { "type": "string", "pattern": "^([0-9]+(ms|s|m|h|d))+$|\\{\\{", "description": "So long, such as 4h, or an expression." },
                "until": about("template", "Until an instant, such as 2026-01-31T09:00:00Z."),
                "event": text("Until an inbound event."),
                "match": about("condition", "Only an event for which this holds, as `event`."),
                "misfire": word(&["fire", "skip"], "fire", "What happens when the instant was missed."),
            },
        },
        "playbook": {
            "type": "string", "pattern": "^[a-z][a-z0-9_-]{0,63}(@[0-9]{1,9}(\\.[0-9]{1,9}){0,2})?$",
            "description": "Another playbook with its own scope: id or id@version. Outputs: its outputs and outcome.",
        },
        "set": { "type": "object", "minProperties": 1, "propertyNames": to("name"), "description": "Variables, in order; later ones see earlier ones." },
        "end": map(&[], json!({
            "outcome": about("template", "A word for how it ended."),
            "outputs": named(None, "Further outputs."),
            "feedback": flag(false, "Ask the people concerned how it was."),
        }), "Ends the run."),
    })
}

fn modifiers() -> Value {
    let handler =
        |words: &[&str], about: &str| json!({ "oneOf": [{ "enum": words }, to("steps")], "description": about });
    json!({
        "if": about("condition", "False: the step is skipped."),
        "timeout": about("duration", "Deadline. Default: uses 30s, ask 24h, approve 30m, others none."),
        "on_timeout": handler(&["fail", "continue", "escalate"], "What happens then; default: as on_error."),
        "on_error": handler(&["fail", "continue"], "What happens on an error; steps see `failure`. Default: fail."),
        "retry": map(&["attempts"], json!({
            "attempts": whole(1, 20, "Tries in all."),
            "delay": about("duration", "Before the second try. Default 2s."),
            "max_delay": about("duration", "Longest pause. Default 5m."),
            "backoff": word(&["constant", "linear", "exponential"], "exponential", "How the pause grows."),
            "jitter": flag(true, "Spread the pause."),
            "when": about("condition", "Only when true; sees `failure`."),
        }), "Further tries of what is safe to repeat."),
        "undo": about("call", "What takes it back, offered as a button."),
        "idempotency_key": about("template", "A key of the outside system's own."),
        "mask": list(json!({ "type": "string" }), "Output paths that are sealed and shown as ***."),
        "description": text("For people: shown in drawings, approvals and logs."),
    })
}

fn question() -> Value {
    let mut out = map(
        &["id", "type", "label"],
        json!({
            "id": to("name"),
            "type": { "enum": ["text", "choice", "multi", "boolean", "number", "date", "file", "user"], "description": "Kind of answer." },
            "label": { "type": "string", "minLength": 1, "maxLength": 150, "description": "What is asked." },
            "help": about("template", "Why it is asked, or how to answer."),
            "options": { "type": "array", "maxItems": 25, "items": { "type": "string" }, "description": "Choices." },
            "required": flag(false, "Whether the form counts as answered without it."),
            "if": about("condition", "Asked only when true; sees `answers`."),
            "max_length": whole(1, 3000, "Longest text in characters."),
            "pattern": text("Form of the text: a regular expression of linear time."),
        }),
        "One question.",
    );
    out["allOf"] = json!([{
        "if": { "required": ["type"], "properties": { "type": { "enum": ["choice", "multi"] } } },
        "then": { "required": ["options"], "properties": { "options": { "minItems": 1 } } },
    }]);
    out
}
