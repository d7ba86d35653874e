//! As much of JSON Schema 2020-12 as the schemas here use. An unknown keyword stops the test, so nothing is skipped.

use regex::Regex;
use serde_json::{Map, Value};

/// Words that say nothing about whether a document fits.
const SILENT: &[&str] = &["$schema", "$id", "$defs", "title", "description", "default", "examples"];
const KNOWN: &[&str] = &[
    "$ref",
    "type",
    "const",
    "enum",
    "pattern",
    "required",
    "properties",
    "additionalProperties",
    "propertyNames",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minProperties",
    "maxProperties",
    "oneOf",
    "anyOf",
    "allOf",
    "not",
    "if",
    "then",
    "dependentSchemas",
];

/// Whether the document fits; the error names the first place that does not.
pub fn fits(schema: &Value, doc: &Value) -> Result<(), String> {
    check(schema, schema, doc, "")
}

/// Fails on keywords that [`fits`] does not know and on references that lead nowhere.
pub fn same_keywords(root: &Value) {
    fn walk(root: &Value, schema: &Value) {
        let Value::Object(map) = schema else { return };
        for (key, value) in map {
            assert!(KNOWN.contains(&key.as_str()) || SILENT.contains(&key.as_str()), "unknown keyword {key}");
            match (key.as_str(), value) {
                ("$ref", Value::String(to)) => {
                    assert!(root.pointer(to.trim_start_matches('#')).is_some(), "{to} leads nowhere");
                }
                ("properties" | "$defs" | "dependentSchemas", Value::Object(inner)) => {
                    inner.values().for_each(|s| walk(root, s));
                }
                ("oneOf" | "anyOf" | "allOf", Value::Array(inner)) => inner.iter().for_each(|s| walk(root, s)),
                ("items" | "additionalProperties" | "propertyNames" | "not" | "if" | "then", inner) => {
                    walk(root, inner);
                }
                _ => {}
            }
        }
    }
    walk(root, root);
}

fn check(root: &Value, schema: &Value, v: &Value, at: &str) -> Result<(), String> {
    let Value::Object(rules) = schema else {
        return if schema == &Value::Bool(false) { Err(format!("{at}: not allowed")) } else { Ok(()) };
    };
    for (key, rule) in rules {
        if !SILENT.contains(&key.as_str()) {
            one(root, rules, key, rule, v, at)?;
        }
    }
    Ok(())
}

fn one(root: &Value, rules: &Map<String, Value>, key: &str, rule: &Value, v: &Value, at: &str) -> Result<(), String> {
    let is = |ok: bool| if ok { Ok(()) } else { Err(format!("{at}: {key} {rule} for {v}")) };
    let ok = |schema: &Value| check(root, schema, v, at).is_ok();
    let count = |r: &Value| r.as_u64().unwrap_or(0) as usize;
    match key {
        "$ref" => {
            let to = rule.as_str().unwrap_or_default().trim_start_matches('#');
            check(root, root.pointer(to).unwrap_or_else(|| panic!("{to}")), v, at)
        }
        "type" => {
            let named = |word: &str| match word {
                "object" => v.is_object(),
                "array" => v.is_array(),
                "string" => v.is_string(),
                "boolean" => v.is_boolean(),
                "integer" => v.is_i64() || v.is_u64(),
                "number" => v.is_number(),
                other => panic!("type {other}"),
            };
            is(rule.as_str().map_or_else(
                || rule.as_array().is_some_and(|all| all.iter().filter_map(Value::as_str).any(named)),
                named,
            ))
        }
        "const" => is(v == rule),
        "enum" => is(rule.as_array().is_some_and(|all| all.contains(v))),
        "pattern" => {
            is(v.as_str().is_none_or(|s| Regex::new(rule.as_str().unwrap_or_default()).expect("pattern").is_match(s)))
        }
        "minLength" => is(v.as_str().is_none_or(|s| s.chars().count() >= count(rule))),
        "maxLength" => is(v.as_str().is_none_or(|s| s.chars().count() <= count(rule))),
        "minimum" => is(v.as_f64().is_none_or(|n| n >= rule.as_f64().unwrap_or(0.0))),
        "maximum" => is(v.as_f64().is_none_or(|n| n <= rule.as_f64().unwrap_or(0.0))),
        "minItems" => is(v.as_array().is_none_or(|a| a.len() >= count(rule))),
        "maxItems" => is(v.as_array().is_none_or(|a| a.len() <= count(rule))),
        "uniqueItems" => is(v.as_array().is_none_or(|a| a.iter().enumerate().all(|(i, x)| !a[..i].contains(x)))),
        "minProperties" => is(v.as_object().is_none_or(|m| m.len() >= count(rule))),
        "maxProperties" => is(v.as_object().is_none_or(|m| m.len() <= count(rule))),
        "required" => is(v.as_object().is_none_or(|m| {
            rule.as_array().into_iter().flatten().filter_map(Value::as_str).all(|k| m.contains_key(k))
        })),
        "properties" => v
            .as_object()
            .into_iter()
            .flatten()
            .try_for_each(|(k, inner)| rule.get(k).map_or(Ok(()), |s| check(root, s, inner, &format!("{at}/{k}")))),
        "additionalProperties" => v.as_object().into_iter().flatten().try_for_each(|(k, inner)| {
            let named = rules.get("properties").is_some_and(|p| p.get(k).is_some());
            if named { Ok(()) } else { check(root, rule, inner, &format!("{at}/{k}")) }
        }),
        "propertyNames" => v
            .as_object()
            .into_iter()
            .flatten()
            .try_for_each(|(k, _)| check(root, rule, &Value::String(k.clone()), &format!("{at}/{k}"))),
        "items" => v
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
            .try_for_each(|(i, inner)| check(root, rule, inner, &format!("{at}/{i}"))),
        "oneOf" => is(rule.as_array().into_iter().flatten().filter(|s| ok(s)).count() == 1),
        "anyOf" => is(rule.as_array().into_iter().flatten().any(ok)),
        "allOf" => rule.as_array().into_iter().flatten().try_for_each(|s| check(root, s, v, at)),
        "not" => is(!ok(rule)),
        "if" => match rules.get("then").filter(|_| ok(rule)) {
            Some(then) => check(root, then, v, at),
            None => Ok(()),
        },
        "then" => Ok(()),
        "dependentSchemas" => rule
            .as_object()
            .into_iter()
            .flatten()
            .try_for_each(|(k, s)| if v.get(k).is_some() { check(root, s, v, at) } else { Ok(()) }),
        other => panic!("unknown keyword {other}"),
    }
}
