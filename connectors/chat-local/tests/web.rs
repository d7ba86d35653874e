//! The pages and the API as a session sees them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use nightbell_core::chat::{Block, Card, ConvKind, Style, Tone, What};
use nightbell_core::event::Event;
use nightbell_core::port::chat::{Chat, Delivery, Place};
use serde_json::json;
use std::sync::atomic::Ordering;
use support::{CSRF, form, get, json, text, world};
use tower::ServiceExt;

fn chat(event: &Event) -> &nightbell_core::chat::Inbound {
    match event {
        Event::Chat(i) => i,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_kept_once_and_then_shown() {
    let w = world();
    let me = w.as_("employee", false);
    for _ in 0..3 {
        let body = json!({ "text": "may I?", "client_id": "c1" });
        assert_eq!(json(&me, "/chat/api/message", body).await.0, 200);
    }
    let events = w.inbox.events.lock().unwrap().clone();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].0.as_str(), events[0].1.as_str()), ("local", "employee:c1"));
    let inbound = chat(&events[0].2);
    assert_eq!((inbound.conv.id.as_str(), inbound.conv.kind), ("dm:employee", ConvKind::Dm));
    assert!(matches!(&inbound.what, What::Message(m) if m.text == "may I?" && m.to_bot));
    let (_, page) = get(&me, "/chat").await;
    assert_eq!(page.matches("may I?").count(), 1);
    assert!(page.contains("Nightbell is checking"));
}

#[tokio::test]
async fn what_is_refused_is_not_shown_and_the_text_stays() {
    let w = world();
    let me = w.as_("employee", false);
    w.inbox.refuse.store(true, Ordering::Relaxed);
    let (status, body) = json(&me, "/chat/api/message", json!({ "text": "hello", "client_id": "c" })).await;
    assert_eq!(status, 503);
    assert!(body["error"].as_str().unwrap().contains("not kept, please try again"));
    assert_eq!(body["retry_after"], 7);
    let fields = [("csrf", CSRF), ("conv", "dm:employee"), ("client_id", "c"), ("text", "typed <b>")];
    let (status, page) = form(&me, &fields, &[]).await;
    assert_eq!(status, 503);
    assert!(page.contains("typed &#60;b&#62;</textarea>"), "{page}");
    assert!(!get(&me, "/chat").await.1.contains("hello"));
    // The same form again, after the trouble: now it is kept.
    w.inbox.refuse.store(false, Ordering::Relaxed);
    assert_eq!(form(&me, &fields, &[]).await.0, 303);
    assert!(get(&me, "/chat").await.1.contains("typed"));
}

#[tokio::test]
async fn nothing_of_people_is_markup() {
    let w = world();
    let me = w.as_("employee", false);
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=y>";
    json(
        &me,
        "/chat/api/message",
        json!({ "text": evil, "client_id": "c", "files": [
        { "name": "<i>\".eml", "base64": "aGk=" }] }),
    )
    .await;
    let card = Card::titled(evil, Tone::Bad)
        .with(Block::Text(evil.into()))
        .with(Block::Fields(vec![(evil.into(), evil.into())]))
        .with(Block::Quote { text: evil.into(), source: evil.into() })
        .with(Block::List(vec![evil.into()]))
        .with(Block::Code(evil.into()))
        .button(evil, evil, Style::Primary);
    w.local.send(Delivery::of("k", &Place::User("employee".into()), &card)).await.unwrap();
    let (_, page) = get(&me, "/chat").await;
    assert!(!page.contains("<script>alert") && !page.contains("<img src=x") && !page.contains("<i>"));
    assert!(!page.contains("<b>Employee"), "names are escaped");
    assert!(!page.contains(" style=") && !page.contains(" onclick="), "the content policy allows no inline code");
}

#[tokio::test]
async fn commands_and_mentions_reach_the_bot() {
    let w = world();
    let me = w.as_("responder", false);
    for (id, conv, text) in [
        ("a", "dm:responder", "/nb ack C-7"),
        ("b", "general", "hello everybody"),
        ("c", "general", "@Nightbell help"),
        ("d", "general", "/nb help"),
    ] {
        json(&me, "/chat/api/message", json!({ "conv": conv, "text": text, "client_id": id })).await;
    }
    let events = w.inbox.events.lock().unwrap().clone();
    assert_eq!(chat(&events[0].2).what, What::Command { line: "ack C-7".into() });
    assert!(matches!(&chat(&events[1].2).what, What::Message(m) if !m.to_bot));
    assert!(matches!(&chat(&events[2].2).what, What::Message(m) if m.to_bot && m.text == "help"));
    assert_eq!(chat(&events[3].2).what, What::Command { line: "help".into() });
}

#[tokio::test]
async fn a_press_counts_once_and_is_shown_in_words() {
    let w = world();
    let me = w.as_("employee", false);
    let card = Card::titled("Sure?", Tone::Plain).button("p:x:0", "Keep it open", Style::Plain);
    let sent = w.local.send(Delivery::of("k", &Place::User("employee".into()), &card)).await.unwrap();
    for _ in 0..2 {
        let body = json!({ "token": "p:x:0", "client_id": "c1" });
        assert_eq!(json(&me, "/chat/api/press", body).await.0, 200);
    }
    let n = w.inbox.events.lock().unwrap().len();
    assert_eq!(n, 1);
    assert!(get(&me, "/chat").await.1.contains("You chose “Keep it open”"));
    assert_eq!(json(&me, "/chat/api/press", json!({ "token": "p:y:0" })).await.0, 404);
    // The card moves on and the button is gone; a repeat of the press that took it away is no error, a new one is.
    let on = Card::titled("It stays open", Tone::Plain);
    w.local
        .send(Delivery { replaces: Some(&sent), ..Delivery::of("k2", &Place::User("employee".into()), &on) })
        .await
        .unwrap();
    for (id, status) in [("c1", 200), ("c2", 404)] {
        let body = json!({ "token": "p:x:0", "client_id": id });
        assert_eq!(json(&me, "/chat/api/press", body).await.0, status, "{id}");
    }
    // Somebody else's button is not there for one.
    assert_eq!(json(&w.as_("other", false), "/chat/api/press", json!({ "token": "p:x:0" })).await.0, 404);
}

#[tokio::test]
async fn nobody_is_somebody_else_without_the_right() {
    let w = world();
    let me = w.as_("employee", false);
    for path in ["/chat?as=responder", "/chat/api/messages?as=responder", "/chat/api/convs?as=responder"] {
        assert_eq!(get(&me, path).await.0, 403, "{path}");
    }
    let (status, _) = json(&me, "/chat/api/message", json!({ "as": "responder", "text": "x" })).await;
    assert_eq!(status, 403);
    for path in ["/chat?conv=security", "/chat?conv=dm:other", "/chat/api/messages?conv=dm:other"] {
        assert_eq!(get(&me, path).await.0, 404, "{path}");
    }
    assert!(!get(&me, "/chat/api/people").await.1.contains("responder"));
    let demo = w.as_("employee", true);
    assert_eq!(get(&demo, "/chat?as=responder&conv=security").await.0, 200);
    assert!(get(&demo, "/chat/api/people").await.1.contains("responder"));
    assert_eq!(get(&w.as_("stranger", false), "/chat").await.0, 403);
}

#[tokio::test]
async fn a_foreign_form_does_nothing() {
    let w = world();
    let me = w.as_("employee", false);
    let fields = [("csrf", "guess"), ("conv", "dm:employee"), ("client_id", "c"), ("text", "x")];
    assert_eq!(form(&me, &fields, &[]).await.0, 403);
    let bare = Request::post("/chat/api/message").header("content-type", "application/json");
    let bare = bare.body(Body::from("{\"text\":\"x\"}")).unwrap();
    assert_eq!(text(me.clone().oneshot(bare).await.unwrap()).await.0, 403);
    let bearer = Request::post("/chat/api/message").header("content-type", "application/json");
    let bearer = bearer.header("authorization", "Bearer t").body(Body::from("{\"text\":\"x\"}")).unwrap();
    assert_eq!(text(me.clone().oneshot(bearer).await.unwrap()).await.0, 200);
    let n = w.inbox.events.lock().unwrap().len();
    assert_eq!(n, 1);
}

#[tokio::test]
async fn large_files_are_refused_with_the_text_kept() {
    let w = world();
    let me = w.as_("employee", false);
    let fields = [("csrf", CSRF), ("conv", "dm:employee"), ("client_id", "c"), ("text", "look at this")];
    // So large that nothing of the form comes through.
    assert_eq!(form(&me, &fields, &[("huge.eml", &vec![b'x'; 3_000_000])]).await.0, 413);
    for size in [100_001, 400_000] {
        let big = vec![b'x'; size];
        let (status, page) = form(&me, &fields, &[("big.eml", &big)]).await;
        assert_eq!(status, 413, "{size}");
        assert!(page.contains("look at this</textarea>") && page.contains("is larger than"), "{size}");
    }
    assert!(w.inbox.events.lock().unwrap().is_empty());
    assert_eq!(form(&me, &fields, &[("a.eml", b"From: a"), ("b.eml", b"From: b")]).await.0, 303);
    let events = w.inbox.events.lock().unwrap().clone();
    let What::Message(m) = &chat(&events[0].2).what else { panic!("no message") };
    let bytes = w.local.fetch(&m.files[0], 100).await.unwrap();
    assert_eq!((m.files.len(), bytes.as_slice()), (2, &b"From: a"[..]));
}

#[tokio::test]
async fn a_file_is_a_download_for_those_in_the_room() {
    let w = world();
    let me = w.as_("employee", false);
    let html = base64::engine::general_purpose::STANDARD.encode("<script>");
    let files = json!([{ "name": "x.html", "mime": "text/html", "base64": html }]);
    let (_, sent) = json(&me, "/chat/api/message", json!({ "files": files })).await;
    let events = w.inbox.events.lock().unwrap().clone();
    let What::Message(m) = &chat(&events[0].2).what else { panic!("no message") };
    let path = format!("/chat/file/{}?conv=dm:employee&message={}", m.files[0].id, sent["id"].as_str().unwrap());
    let request = Request::get(&path).body(Body::empty()).unwrap();
    let response = me.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/octet-stream");
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert_eq!(get(&w.as_("other", false), &path).await.0, 404);
}

#[tokio::test]
async fn a_long_paste_becomes_a_file() {
    let w = world();
    let me = w.as_("employee", false);
    let mail = format!("From: a@example.com\nSubject: x\n\n{}", "word ".repeat(8_000));
    json(&me, "/chat/api/message", json!({ "text": mail, "client_id": "c" })).await;
    let events = w.inbox.events.lock().unwrap().clone();
    let What::Message(m) = &chat(&events[0].2).what else { panic!("no message") };
    assert_eq!((m.text.as_str(), m.files[0].name.as_str()), ("", "pasted.eml"));
}

#[tokio::test]
async fn a_long_poll_hears_what_comes_and_what_changes() {
    let w = world();
    let me = w.as_("employee", false);
    let first = w.local.send(Delivery::of("k", &Place::User("employee".into()), &Card::text("one"))).await.unwrap();
    let (_, body) = get(&me, "/chat/api/messages").await;
    let cursor = serde_json::from_str::<serde_json::Value>(&body).unwrap()["cursor"].as_str().unwrap().to_owned();
    let path = format!("/chat/api/messages?after={cursor}&wait=20");
    let change = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        w.local
            .send(Delivery {
                replaces: Some(&first),
                ..Delivery::of("k2", &Place::User("employee".into()), &Card::text("two"))
            })
            .await
            .unwrap();
    };
    let ((_, body), ()) = tokio::join!(get(&me, &path), change);
    assert!(body.contains("two") && body.contains("edited"));
}

#[tokio::test]
async fn threads_stand_behind_their_first_message() {
    let w = world();
    let me = w.as_("responder", false);
    let body = json!({ "conv": "security", "text": "root", "client_id": "r" });
    let (_, root) = json(&me, "/chat/api/message", body).await;
    let id = root["id"].as_str().unwrap();
    let to = Place::Channel { id: "security".into(), thread: Some(id.into()), only_for: None };
    w.local.send(Delivery::of("k", &to, &Card::text("in the thread"))).await.unwrap();
    let (_, all) = get(&me, "/chat?conv=security").await;
    assert!(all.contains("1 answer") && !all.contains("in the thread"));
    assert!(get(&me, &format!("/chat?conv=security&thread={id}")).await.1.contains("in the thread"));
}
