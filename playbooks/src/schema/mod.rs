//! `playbook schema`: the shape of a playbook as JSON Schema 2020-12, so that editors complete and explain while typing.
//!
//! What a schema cannot say (references, reachability, effects, types of expressions) is for `playbook lint`.

mod actions;
mod parts;
mod step;
mod top;

use nightbell_core::action::Manifest;
use serde_json::{Map, Value, json};

/// The schema of the language. With manifests the arguments of every known action are described and checked, too.
pub fn language(manifests: Option<&[Manifest]>) -> Value {
    let mut defs = Map::new();
    for (name, value) in parts::all().into_iter().chain(step::all()).chain(top::parts()) {
        defs.insert(name.to_owned(), value);
    }
    if let Some(manifests) = manifests {
        actions::add(manifests, &mut defs);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Nightbell playbook v1",
        "description": "Shape of a playbook. Rules that a schema cannot express (references, reachability, effects, types of expressions) belong to `nightbell playbook lint`.",
        "type": "object",
        "additionalProperties": false,
        "required": ["nightbell", "id", "version", "name", "steps"],
        "properties": top::properties(),
        "$defs": defs,
    })
}

/// A reference to a definition.
fn to(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// The same with words for hovering.
fn about(name: &str, words: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}"), "description": words })
}

fn text(words: &str) -> Value {
    json!({ "type": "string", "description": words })
}

fn flag(default: bool, words: &str) -> Value {
    json!({ "type": "boolean", "default": default, "description": words })
}

fn word(words: &[&str], default: &str, about: &str) -> Value {
    json!({ "enum": words, "default": default, "description": about })
}

fn whole(min: u32, max: u32, about: &str) -> Value {
    json!({ "type": "integer", "minimum": min, "maximum": max, "description": about })
}

fn list(items: Value, about: &str) -> Value {
    json!({ "type": "array", "items": items, "description": about })
}

fn map(required: &[&str], properties: Value, about: &str) -> Value {
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties, "description": about })
}

/// A map from names to values.
fn named(values: Option<Value>, about: &str) -> Value {
    let mut out = json!({ "type": "object", "propertyNames": to("name"), "description": about });
    if let Some(values) = values {
        out["additionalProperties"] = values;
    }
    out
}
