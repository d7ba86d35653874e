//! Elements that can be pressed or filled in, and what they send.

use serde_json::{Map, Value, json};

/// What a user reads on an element: its label, or its placeholder.
fn label(e: &Value) -> &str {
    let at = |path: &str| e.pointer(path).and_then(Value::as_str);
    at("/text/text").or_else(|| at("/placeholder/text")).unwrap_or_default()
}

/// Block id and element, in order.
pub(super) fn elements(blocks: &[Value]) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for b in blocks {
        let id = b["block_id"].as_str().unwrap_or_default();
        let list = b["elements"].as_array().into_iter().flatten();
        for e in list.chain(b.get("accessory")).chain(b.get("element")).filter(|e| e["action_id"].is_string()) {
            all.push((id.to_owned(), e.clone()));
        }
    }
    all
}

/// The element of an action id or, when none has it, of a label.
pub(super) fn find(blocks: &[Value], action: &str) -> Option<(String, Value)> {
    let all = elements(blocks);
    let by_id = all.iter().find(|(_, e)| e["action_id"] == action);
    by_id.or_else(|| all.iter().find(|(_, e)| label(e) == action)).cloned()
}

/// What can be pressed, for messages of errors.
pub(super) fn labels(blocks: &[Value]) -> Vec<String> {
    elements(blocks)
        .iter()
        .map(|(_, e)| format!("{} ({})", label(e), e["action_id"].as_str().unwrap_or_default()))
        .collect()
}

fn option(e: &Value, wanted: &str) -> Result<Value, String> {
    let groups =
        e["option_groups"].as_array().into_iter().flatten().flat_map(|g| g["options"].as_array().into_iter().flatten());
    let mut all = e["options"].as_array().into_iter().flatten().chain(groups);
    let found = all.find(|o| o["value"] == wanted || o.pointer("/text/text").is_some_and(|t| *t == wanted));
    found.cloned().ok_or_else(|| format!("`{wanted}` is not offered"))
}

/// The action that the element sends when it is pressed with a value. Several options are given with commas.
pub(super) fn chosen(e: &Value, value: Option<&str>) -> Result<Value, String> {
    let kind = e["type"].as_str().unwrap_or_default();
    let mut a = json!({ "action_id": e["action_id"], "type": kind });
    match kind {
        "button" => {
            a["text"] = e["text"].clone();
            for key in ["value", "style", "url"] {
                if !e[key].is_null() {
                    a[key] = e[key].clone();
                }
            }
        }
        _ => {
            let (key, v) = state(e, value.ok_or_else(|| format!("a {kind} needs a value"))?)?;
            a[key] = v;
            if !e["placeholder"].is_null() {
                a["placeholder"] = e["placeholder"].clone();
            }
        }
    }
    Ok(a)
}

/// The key and the value that an element has in `state.values`.
pub(super) fn state(e: &Value, value: &str) -> Result<(&'static str, Value), String> {
    let kind = e["type"].as_str().unwrap_or_default();
    let many = || value.split(',').map(str::trim).filter(|v| !v.is_empty());
    Ok(match kind {
        "static_select" | "radio_buttons" | "overflow" => ("selected_option", option(e, value)?),
        "external_select" => {
            ("selected_option", json!({ "text": { "type": "plain_text", "text": value }, "value": value }))
        }
        "checkboxes" | "multi_static_select" => {
            ("selected_options", Value::Array(many().map(|v| option(e, v)).collect::<Result<_, _>>()?))
        }
        "users_select" => ("selected_user", json!(value)),
        "conversations_select" => ("selected_conversation", json!(value)),
        "channels_select" => ("selected_channel", json!(value)),
        "multi_users_select" => ("selected_users", json!(many().collect::<Vec<_>>())),
        "datepicker" => ("selected_date", json!(value)),
        "timepicker" => ("selected_time", json!(value)),
        "datetimepicker" => ("selected_date_time", json!(value.parse::<i64>().map_err(|_| "seconds are needed")?)),
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => ("value", json!(value)),
        other => return Err(format!("a {other} takes no value")),
    })
}

/// The value that nobody has filled in: what the app gave, or nothing.
fn untouched(e: &Value) -> Option<(&'static str, Value)> {
    let given = |key: &str| e.get(key).cloned().unwrap_or_default();
    Some(match e["type"].as_str().unwrap_or_default() {
        "static_select" | "radio_buttons" | "external_select" => ("selected_option", given("initial_option")),
        "checkboxes" | "multi_static_select" => {
            ("selected_options", e.get("initial_options").cloned().unwrap_or(json!([])))
        }
        "users_select" => ("selected_user", given("initial_user")),
        "conversations_select" => ("selected_conversation", given("initial_conversation")),
        "channels_select" => ("selected_channel", given("initial_channel")),
        "multi_users_select" => ("selected_users", e.get("initial_users").cloned().unwrap_or(json!([]))),
        "datepicker" => ("selected_date", given("initial_date")),
        "timepicker" => ("selected_time", given("initial_time")),
        "datetimepicker" => ("selected_date_time", given("initial_date_time")),
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => {
            ("value", given("initial_value"))
        }
        _ => return None,
    })
}

/// `state.values` before anybody touched anything.
pub(super) fn initial(blocks: &[Value]) -> Map<String, Value> {
    let mut all = Map::new();
    for (block, e) in elements(blocks) {
        if let Some((key, value)) = untouched(&e) {
            set(&mut all, &block, &e, key, value);
        }
    }
    all
}

fn set(all: &mut Map<String, Value>, block: &str, e: &Value, key: &str, value: Value) {
    let slot = all.entry(block.to_owned()).or_insert_with(|| json!({}));
    let mut v = json!({ "type": e["type"] });
    v[key] = value;
    slot[e["action_id"].as_str().unwrap_or_default()] = v;
}

/// Puts a chosen value into `state.values`; buttons have none.
pub(super) fn put(all: &mut Map<String, Value>, block: &str, e: &Value, chosen: &Value) {
    if let Some((key, _)) = untouched(e) {
        set(all, block, e, key, chosen[key].clone());
    }
}

/// Fills an element in.
pub(super) fn fill(all: &mut Map<String, Value>, block: &str, e: &Value, value: &str) -> Result<(), String> {
    let (key, v) = state(e, value)?;
    set(all, block, e, key, v);
    Ok(())
}
