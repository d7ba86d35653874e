//! The terminal client against the real routes, without a network.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use nightbell_chat_local::terminal;
use nightbell_core::chat::{Card, Style, Tone, What};
use nightbell_core::event::Event;
use nightbell_core::port::chat::{Chat, Delivery, Place};
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use std::io::Write;
use std::sync::Arc;
use support::world;
use tower::ServiceExt;

struct Direct(Router);

#[async_trait]
impl Http for Direct {
    async fn send(&self, r: Request) -> Result<Response, HttpError> {
        let path = r.url.strip_prefix("http://bell").unwrap().to_owned();
        let mut request = axum::http::Request::builder().method(r.method).uri(path);
        for (name, value) in r.headers {
            request = request.header(name, value);
        }
        let reply = self.0.clone().oneshot(request.body(Body::from(r.body)).unwrap()).await.unwrap();
        let status = reply.status().as_u16();
        let body = reply.into_body().collect().await.unwrap().to_bytes().to_vec();
        Ok(Response { status, headers: Vec::new(), body })
    }
}

#[tokio::test(start_paused = true)]
async fn a_piped_conversation_sends_presses_and_ends() {
    let w = world();
    let card = Card::titled("Was this you?", Tone::Warn).button("p:q:0", "Yes, me", Style::Plain).button(
        "p:q:1",
        "No",
        Style::Danger,
    );
    w.local.send(Delivery::of("k", &Place::User("employee".into()), &card)).await.unwrap();
    let folder = std::env::temp_dir().join(format!("nightbell-terminal-{}.eml", std::process::id()));
    std::fs::File::create(&folder).unwrap().write_all(b"From: a@example.com\n\nhi").unwrap();
    let script = format!("/help\n2\nmay I use a USB stick?\n{}\n/as responder\n", folder.display());
    let mut out = Vec::new();
    let http = Arc::new(Direct(w.as_("employee", false)));
    terminal::run(http, "http://bell/", "token", None, script.as_bytes(), &mut out).await.unwrap();
    std::fs::remove_file(&folder).unwrap();
    let out = String::from_utf8(out).unwrap();
    for words in ["You are employee", "[attention] Was this you?", "1) Yes, me", "[No]", "You can only be yourself"] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let events = w.inbox.events.lock().unwrap().clone();
    let whats: Vec<&What> = events
        .iter()
        .map(|(_, _, e)| match e {
            Event::Chat(i) => &i.what,
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(matches!(whats[0], What::Press { token, .. } if token == "p:q:1"));
    assert!(matches!(whats[1], What::Message(m) if m.text.contains("USB")));
    assert!(matches!(whats[2], What::Message(m) if m.files.len() == 1));
}
