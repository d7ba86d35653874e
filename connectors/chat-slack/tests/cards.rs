//! Cards as Block Kit: thirty of them as golden files, each in the types of slack-morphism and valid for Slack's schemas.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use nightbell_chat_slack::receive::Door;
use nightbell_core::chat::Card;
use nightbell_core::port::chat::{Chat as _, Delivery, Place};
use serde_json::{Value, json};
use slack_morphism::prelude::{SlackBlock, SlackView};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::{World, cards, golden, shapes, shared};

/// The body that leaves for a card: a message, or the home page.
async fn body(name: &str, card: &Card) -> (&'static str, Value) {
    let w = World::new(41);
    let (to, method, kind) = if name == "home" {
        (Place::Home("U1".to_owned()), "views.publish", "slack-home")
    } else {
        (Place::Channel { id: "C1".to_owned(), thread: None, only_for: None }, "chat.postMessage", "slack-message")
    };
    w.slack.send(Delivery::of("key-1", &to, card)).await.unwrap_or_else(|e| panic!("{name}: {e}"));
    let calls = w.sim.look(|s| s.calls_of(method).cloned().collect::<Vec<_>>());
    assert_eq!(calls.len(), 1, "{name}: Slack refused the first one: {calls:?}");
    (kind, calls[0].body.clone())
}

/// The views that are opened for buttons of forms and for shortcuts.
async fn forms() -> Vec<(String, Value)> {
    let mut out = Vec::new();
    for name in ["button of a form", "shortcut to ask", "shortcut to report", "question about a message"] {
        let w = World::new(42);
        let shape = shapes::all().into_iter().find(|s| s.name == name).unwrap();
        assert!(matches!(shape.door, Door::Interaction));
        let frame = json!({ "type": "interactive", "envelope_id": "e", "payload": shape.body });
        assert!(w.slack.frame(&frame.to_string()).await.is_some(), "{name} is acknowledged");
        for _ in 0..500 {
            if w.calls("views.open") > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let body = w.sim.look(|s| s.calls_of("views.open").next().map(|c| c.body.clone())).expect(name);
        out.push((name.replace(' ', "-"), body));
    }
    out
}

#[tokio::test]
async fn thirty_cards_are_drawn_as_the_golden_files_say() {
    let all = cards::all();
    assert!(all.len() >= 30, "{}", all.len());
    for (name, card) in &all {
        let (_, body) = body(name, card).await;
        golden(&format!("card-{name}.json"), &body);
        assert_eq!(body["metadata"].is_object(), *name != "home", "{name}: the key by which it is found again");
    }
    for (name, body) in forms().await {
        golden(&format!("form-{name}.json"), &body["view"]);
    }
}

#[tokio::test]
async fn every_card_is_made_of_known_blocks() {
    for (name, card) in cards::all() {
        let (kind, body) = body(name, &card).await;
        if kind == "slack-home" {
            let view: SlackView = serde_json::from_value(body["view"].clone()).expect(name);
            assert!(matches!(view, SlackView::Home(_)), "{name}");
        }
        let blocks = body.pointer("/view/blocks").or_else(|| body.get("blocks")).and_then(Value::as_array);
        for b in blocks.into_iter().flatten() {
            let typed: SlackBlock = serde_json::from_value(b.clone()).unwrap_or_else(|e| panic!("{name}: {e} in {b}"));
            assert!(!matches!(typed, SlackBlock::Unknown(_)), "{name}: {b}");
            // Nothing of it is lost on the way through the types.
            assert_eq!(serde_json::to_value(&typed).unwrap()["type"], b["type"], "{name}");
        }
        assert!(blocks.is_some_and(|b| !b.is_empty()) || name == "empty", "{name} has no blocks");
    }
    for (name, body) in forms().await {
        let view: SlackView = serde_json::from_value(body["view"].clone()).expect(&name);
        assert!(matches!(view, SlackView::Modal(_)), "{name}");
    }
}

/// What a screen reader and a notification say has all the words that fit.
#[tokio::test]
async fn every_card_can_be_read_aloud() {
    for (name, card) in cards::all().into_iter().filter(|(n, _)| *n != "home") {
        let (_, body) = body(name, &card).await;
        let said = body["text"].as_str().unwrap().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert!(!said.trim().is_empty(), "{name}");
        let quiet = Card { buttons: Vec::new(), ..card }.plain();
        let start: String = quiet.chars().take(2_800).collect();
        assert!(said.starts_with(&start), "{name}: {said}");
    }
}

#[tokio::test]
async fn the_schemas_of_slack_find_nothing_wrong() {
    let Some(tool) = shared("tools/validate-payload.py") else {
        println!("LEFT OUT: ../shared/tools/validate-payload.py is not there, so the schemas are not asked");
        return;
    };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cards-{}.jsonl", std::process::id()));
    let ask = |lines: &[String]| {
        std::fs::write(&file, lines.join("\n")).unwrap();
        Command::new("python3").arg(&tool).arg("mixed").arg(&file).arg("--strict").output()
    };
    let mut lines = Vec::new();
    for (name, card) in cards::all() {
        let (kind, body) = body(name, &card).await;
        lines.push(json!({ "kind": kind, "body": body }).to_string());
    }
    for (_, body) in forms().await {
        lines.push(json!({ "kind": "slack-modal", "body": body }).to_string());
    }
    let Ok(good) = ask(&lines) else {
        println!("LEFT OUT: python3 is not there, so the schemas are not asked");
        return;
    };
    let said = format!("{}{}", String::from_utf8_lossy(&good.stdout), String::from_utf8_lossy(&good.stderr));
    if said.contains("No module named") {
        println!("LEFT OUT: the Python package jsonschema is not there, so the schemas are not asked");
        return;
    }
    assert!(good.status.success(), "{said}");
    // It can find something.
    let bad = json!({ "kind": "slack-message", "body": { "channel": "C1", "text": "<!channel>", "blocks": [{ "type": "nonsense" }] } });
    lines.push(bad.to_string());
    assert_eq!(ask(&lines).unwrap().status.code(), Some(1), "a wrong body was found good");
    println!("{} bodies: {said}", lines.len() - 1);
    let _ = std::fs::remove_file(&file);
}
