//! What Slack refuses in blocks and views: counts and lengths.
//!
//! Slack, "Block Kit reference" and `@slack/types`. Structure is checked as far as a missing type; schemas do more.

use serde_json::Value;

/// Characters of all blocks of a message together.
pub(crate) const MESSAGE_CHARACTERS: usize = 13_200;
/// Characters of all markdown blocks together.
const MARKDOWN: usize = 12_000;

/// What is wrong with the blocks of a message.
pub(crate) fn message(blocks: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    if blocks.len() > 50 {
        wrong.push(format!("no more than 50 items allowed [json-pointer:/blocks] ({})", blocks.len()));
    }
    all_blocks(blocks, &mut wrong);
    if blocks.iter().filter(|b| b["type"] == "table").count() > 1 {
        wrong.push("only one table allowed".to_owned());
    }
    wrong
}

/// What is wrong with a view of a kind (`modal` or `home`).
pub(crate) fn view(view: &Value, kind: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if view["type"] != kind {
        wrong.push(format!("must be a view of type {kind} [json-pointer:/view/type]"));
    }
    let Some(blocks) = view["blocks"].as_array() else {
        wrong.push("missing required field: blocks [json-pointer:/view]".to_owned());
        return wrong;
    };
    if blocks.len() > 100 {
        wrong.push(format!("no more than 100 items allowed [json-pointer:/view/blocks] ({})", blocks.len()));
    }
    if kind == "modal" {
        if !view["title"].is_object() {
            wrong.push("missing required field: title [json-pointer:/view]".to_owned());
        }
        for key in ["title", "submit", "close"] {
            text(view.get(key), 24, &format!("/view/{key}"), &mut wrong);
        }
        if blocks.iter().any(|b| b["type"] == "input") && !view["submit"].is_object() {
            wrong.push("missing required field: submit, there are input blocks [json-pointer:/view]".to_owned());
        }
    }
    string(view.get("private_metadata"), 3_000, "/view/private_metadata", &mut wrong);
    string(view.get("callback_id"), 255, "/view/callback_id", &mut wrong);
    string(view.get("external_id"), 255, "/view/external_id", &mut wrong);
    if view.to_string().len() > 250_000 {
        wrong.push("view_too_large: more than 250 KB".to_owned());
    }
    all_blocks(blocks, &mut wrong);
    wrong
}

/// Characters of all texts of the blocks.
pub(crate) fn characters(blocks: &[Value]) -> usize {
    fn of(v: &Value) -> usize {
        match v {
            Value::Array(a) => a.iter().map(of).sum(),
            Value::Object(o) => o
                .iter()
                .map(|(k, v)| match v {
                    Value::String(s) if ["text", "alt_text", "title", "description"].contains(&k.as_str()) => {
                        s.chars().count()
                    }
                    other => of(other),
                })
                .sum(),
            _ => 0,
        }
    }
    blocks.iter().map(of).sum()
}

fn string(v: Option<&Value>, limit: usize, path: &str, wrong: &mut Vec<String>) {
    let n = v.and_then(Value::as_str).map_or(0, |s| s.chars().count());
    if n > limit {
        wrong.push(format!("must be less than {} characters [json-pointer:{path}] ({n})", limit + 1));
    }
}

/// A text object: not empty and not too long.
fn text(v: Option<&Value>, limit: usize, path: &str, wrong: &mut Vec<String>) {
    let Some(v) = v.filter(|v| !v.is_null()) else { return };
    let Some(s) = v["text"].as_str() else {
        wrong.push(format!("must provide a text object [json-pointer:{path}]"));
        return;
    };
    if s.is_empty() {
        wrong.push(format!("must be more than 0 characters [json-pointer:{path}/text]"));
    }
    string(v.get("text"), limit, &format!("{path}/text"), wrong);
}

fn count(v: &Value, limit: usize, path: &str, wrong: &mut Vec<String>) {
    let n = v.as_array().map_or(0, Vec::len);
    if n > limit {
        wrong.push(format!("no more than {limit} items allowed [json-pointer:{path}] ({n})"));
    }
}

fn all_blocks(blocks: &[Value], wrong: &mut Vec<String>) {
    let mut ids: Vec<&str> = Vec::new();
    let mut markdown = 0;
    for (n, b) in blocks.iter().enumerate() {
        let path = format!("/blocks/{n}");
        block(b, &path, wrong);
        string(b.get("block_id"), 255, &format!("{path}/block_id"), wrong);
        if let Some(id) = b["block_id"].as_str().filter(|id| !id.is_empty()) {
            if ids.contains(&id) {
                wrong.push(format!("`block_id` already exists: {id} [json-pointer:{path}/block_id]"));
            }
            ids.push(id);
        }
        if b["type"] == "markdown" {
            markdown += b["text"].as_str().map_or(0, |s| s.chars().count());
        }
    }
    if markdown > MARKDOWN {
        wrong.push(format!("markdown blocks of more than {MARKDOWN} characters ({markdown})"));
    }
}

fn block(b: &Value, path: &str, wrong: &mut Vec<String>) {
    let Some(kind) = b["type"].as_str() else {
        wrong.push(format!("missing required field: type [json-pointer:{path}]"));
        return;
    };
    match kind {
        "section" => {
            if b["text"].is_null() && b["fields"].is_null() {
                wrong.push(format!("section needs text or fields [json-pointer:{path}]"));
            }
            text(b.get("text"), 3_000, &format!("{path}/text"), wrong);
            count(&b["fields"], 10, &format!("{path}/fields"), wrong);
            for f in b["fields"].as_array().into_iter().flatten() {
                text(Some(f), 2_000, &format!("{path}/fields"), wrong);
            }
        }
        "header" => text(b.get("text").or(Some(&Value::Bool(false))), 150, &format!("{path}/text"), wrong),
        "context" => {
            count(&b["elements"], 10, &format!("{path}/elements"), wrong);
            if b["elements"].as_array().is_none_or(Vec::is_empty) {
                wrong.push(format!("missing required field: elements [json-pointer:{path}]"));
            }
        }
        "actions" => {
            count(&b["elements"], 25, &format!("{path}/elements"), wrong);
            if b["elements"].as_array().is_none_or(Vec::is_empty) {
                wrong.push(format!("missing required field: elements [json-pointer:{path}]"));
            }
        }
        "input" => {
            text(b.get("label").or(Some(&Value::Bool(false))), 2_000, &format!("{path}/label"), wrong);
            text(b.get("hint"), 2_000, &format!("{path}/hint"), wrong);
            if !b["element"].is_object() {
                wrong.push(format!("missing required field: element [json-pointer:{path}]"));
            }
        }
        "image" => {
            string(b.get("image_url"), 3_000, &format!("{path}/image_url"), wrong);
            string(b.get("alt_text"), 2_000, &format!("{path}/alt_text"), wrong);
        }
        "table" => {
            count(&b["rows"], 100, &format!("{path}/rows"), wrong);
            for r in b["rows"].as_array().into_iter().flatten() {
                count(r, 20, &format!("{path}/rows"), wrong);
            }
        }
        "divider" | "rich_text" | "markdown" | "video" | "file" | "call" | "context_actions" | "alert" | "card"
        | "carousel" | "plan" | "task_card" => {}
        other => wrong.push(format!("unsupported type: {other} [json-pointer:{path}/type]")),
    }
    let mut ids: Vec<&str> = Vec::new();
    let elements = b["elements"].as_array().into_iter().flatten().chain(b.get("accessory")).chain(b.get("element"));
    for (n, e) in elements.enumerate().filter(|(_, e)| e.is_object()) {
        let path = format!("{path}/elements/{n}");
        element(e, &path, wrong);
        if let Some(id) = e["action_id"].as_str() {
            if ids.contains(&id) {
                wrong.push(format!("`action_id` already exists: {id} [json-pointer:{path}/action_id]"));
            }
            ids.push(id);
        }
    }
}

fn element(e: &Value, path: &str, wrong: &mut Vec<String>) {
    string(e.get("action_id"), 255, &format!("{path}/action_id"), wrong);
    let kind = e["type"].as_str().unwrap_or_default();
    match kind {
        "button" => {
            text(e.get("text").or(Some(&Value::Bool(false))), 75, &format!("{path}/text"), wrong);
            string(e.get("value"), 2_000, &format!("{path}/value"), wrong);
            string(e.get("url"), 3_000, &format!("{path}/url"), wrong);
        }
        "mrkdwn" | "plain_text" => text(Some(e), 3_000, path, wrong),
        _ => {}
    }
    let most = match kind {
        "overflow" => Some(5),
        "radio_buttons" | "checkboxes" => Some(10),
        "static_select" | "multi_static_select" => Some(100),
        _ => None,
    };
    if let Some(most) = most {
        count(&e["options"], most, &format!("{path}/options"), wrong);
        count(&e["option_groups"], 100, &format!("{path}/option_groups"), wrong);
        let none = |key: &str| e[key].as_array().is_none_or(Vec::is_empty);
        if none("options") && none("option_groups") {
            wrong.push(format!("missing required field: options [json-pointer:{path}]"));
        }
    }
    for o in e["options"].as_array().into_iter().flatten() {
        text(o.get("text").or(Some(&Value::Bool(false))), 75, &format!("{path}/options"), wrong);
        string(o.get("value"), 150, &format!("{path}/options"), wrong);
        text(o.get("description"), 75, &format!("{path}/options"), wrong);
    }
    text(e.get("placeholder"), 150, &format!("{path}/placeholder"), wrong);
    let confirm = &e["confirm"];
    for (key, limit) in [("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)] {
        text(confirm.get(key), limit, &format!("{path}/confirm/{key}"), wrong);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_limits_are_exact() {
        let section = |n: usize| json!({ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(n) } });
        assert!(message(&[section(3_000)]).is_empty());
        assert_eq!(message(&[section(3_001)]).len(), 1);
        assert!(message(&vec![json!({ "type": "divider" }); 50]).is_empty());
        assert_eq!(message(&vec![json!({ "type": "divider" }); 51]).len(), 1);
        let button = |n: usize| {
            json!({ "type": "actions", "elements": [{ "type": "button", "action_id": "a",
            "text": { "type": "plain_text", "text": "x".repeat(n) } }] })
        };
        assert!(message(&[button(75)]).is_empty());
        assert_eq!(message(&[button(76)]).len(), 1);
        assert_eq!(characters(&[section(10), button(5)]), 15);
    }

    #[test]
    fn nonsense_is_refused_and_does_no_harm() {
        for b in [
            json!(1),
            json!({}),
            json!({ "type": "nonsense" }),
            json!({ "type": "actions" }),
            json!({ "type": "header" }),
        ] {
            assert!(!message(std::slice::from_ref(&b)).is_empty(), "{b}");
        }
        let twice = json!({ "type": "divider", "block_id": "a" });
        assert_eq!(message(&[twice.clone(), twice]).len(), 1);
    }

    #[test]
    fn a_modal_needs_a_short_title_and_a_submit_for_its_inputs() {
        let title = |n: usize| json!({ "type": "plain_text", "text": "t".repeat(n) });
        let modal = |n: usize, blocks: Value| json!({ "type": "modal", "title": title(n), "blocks": blocks });
        assert!(view(&modal(24, json!([])), "modal").is_empty());
        assert_eq!(view(&modal(25, json!([])), "modal").len(), 1);
        assert_eq!(view(&modal(5, json!([])), "home").len(), 1);
        let input = json!([{ "type": "input", "label": title(3), "element": { "type": "plain_text_input" } }]);
        assert_eq!(view(&modal(5, input), "modal").len(), 1);
    }
}
