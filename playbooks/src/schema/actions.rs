//! Arguments of the known actions: which `with` belongs to which `uses`.

use nightbell_core::action::{Arg, ArgType, Manifest};
use serde_json::{Map, Value, json};

/// Names the actions where one is called, and ties the arguments to the name.
pub fn add(manifests: &[Manifest], defs: &mut Map<String, Value>) {
    let names: Vec<Value> = manifests
        .iter()
        .map(|m| json!({ "const": m.name, "description": format!("{} ({})", m.about, m.effect.word()) }))
        .collect();
    let pinned = defs.get("action_name").and_then(|n| n.get("pattern")).cloned().unwrap_or_default();
    defs.insert(
        "action_name".to_owned(),
        json!({
            "type": "string",
            "description": "connector.action, with @2 to pin a major version.",
            "anyOf": [{ "oneOf": names }, { "allOf": [{ "pattern": pinned }, { "pattern": "@" }] }],
        }),
    );
    for m in manifests {
        defs.insert(format!("with-{}", m.name), arguments(m));
    }
    let rules: Vec<Value> = manifests.iter().map(rule).collect();
    for holder in ["step", "call"] {
        if let Some(Value::Object(part)) = defs.get_mut(holder) {
            let all = part.entry("allOf").or_insert_with(|| json!([]));
            if let Value::Array(all) = all {
                all.extend(rules.clone());
            }
        }
    }
}

fn rule(m: &Manifest) -> Value {
    let needs = m.args.values().any(|a| a.required);
    let mut then = json!({ "properties": { "with": { "$ref": format!("#/$defs/with-{}", m.name) } } });
    if needs {
        then["required"] = json!(["with"]);
    }
    let name = m.name.replace('.', "\\.");
    let named = json!({ "required": ["uses"], "properties": { "uses": { "type": "string", "pattern": format!("^{name}(@[0-9]+)?$") } } });
    json!({ "if": named, "then": then })
}

fn arguments(m: &Manifest) -> Value {
    let required: Vec<&String> = m.args.iter().filter(|(_, a)| a.required).map(|(n, _)| n).collect();
    let properties: Map<String, Value> = m.args.iter().map(|(n, a)| (n.clone(), argument(a))).collect();
    let inverse = m.inverse.as_ref().map(|i| format!(" Taken back by {i}.")).unwrap_or_default();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
        "description": format!("{} ({}).{inverse}", m.about, m.effect.word()),
    })
}

/// A value of the type, or a template that may give one.
fn argument(a: &Arg) -> Value {
    let template = json!({ "type": "string", "pattern": "\\{\\{" });
    let (kind, word) = match a.kind {
        ArgType::String => return json!({ "type": "string", "description": "Text." }),
        ArgType::Any => return json!({ "description": "Anything." }),
        ArgType::Integer => (json!({ "type": "integer" }), "A whole number."),
        ArgType::Number => (json!({ "type": "number" }), "A number."),
        ArgType::Boolean => (json!({ "type": "boolean" }), "true or false."),
        ArgType::List => (json!({ "type": "array" }), "A list."),
        ArgType::Map => (json!({ "type": "object" }), "A map."),
        ArgType::User => (json!({ "type": ["string", "object"] }), "A person: an id, an address, or an expression."),
        ArgType::Mail => (json!({ "type": ["string", "object"] }), "A mail, usually an expression."),
    };
    json!({ "anyOf": [kind, template], "description": word })
}
