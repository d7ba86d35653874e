//! Keeping what came in, and the one thing that cannot wait for the desk.

use crate::Slack;
use crate::blocks;
use crate::receive::{self, ASK, Door, Now, PLATFORM, Received};
use nightbell_core::canonical::digest_bytes;
use nightbell_core::chat::What;
use nightbell_core::event::Event;
use nightbell_core::port::accept::Refused;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Fields that are secrets, or open doors for a while. They are of no use to who looks at an event later.
const SECRET_FIELDS: [&str; 4] = ["token", "response_url", "response_urls", "trigger_id"];

/// What a body is, as far as it can be read.
pub(crate) enum Body<'a> {
    /// JSON.
    Json(&'a Value),
    /// The payload of a socket's frame.
    Frame(&'a Value),
    /// The fields of a form.
    Form(&'a BTreeMap<String, String>),
}

/// The bytes worth keeping beside an event: only of what was not understood, and without what is secret in it.
fn kept_raw(event: &What, body: &Body<'_>, raw: &[u8]) -> Vec<u8> {
    if !matches!(event, What::Other { .. }) {
        return Vec::new();
    }
    match body {
        Body::Json(read) | Body::Frame(read) => {
            // All of it, with what was skipped at the first reading. What came as a field of a form was read whole.
            let whole = serde_json::from_slice::<Value>(raw).ok().and_then(|mut v| match body {
                Body::Frame(_) => v.get_mut("payload").map(Value::take),
                _ => Some(v),
            });
            let mut v = whole.unwrap_or_else(|| (*read).clone());
            scrub(&mut v, 0);
            serde_json::to_vec(&v).unwrap_or_default()
        }
        Body::Form(fields) => {
            let kept: BTreeMap<&String, &String> =
                fields.iter().filter(|(k, _)| !SECRET_FIELDS.contains(&k.as_str())).collect();
            serde_json::to_vec(&kept).unwrap_or_else(|_| raw.to_vec())
        }
    }
}

fn scrub(v: &mut Value, depth: usize) {
    match v {
        Value::Object(map) if depth < 32 => {
            map.retain(|k, _| !SECRET_FIELDS.contains(&k.as_str()));
            map.values_mut().for_each(|v| scrub(v, depth + 1));
        }
        Value::Array(all) if depth < 32 => all.iter_mut().for_each(|v| scrub(v, depth + 1)),
        _ => {}
    }
}

impl Slack {
    /// Keeps one payload. When it comes back well, Slack may be told so.
    pub(crate) async fn take(self: &Arc<Self>, door: Door, body: Body<'_>, raw: &[u8]) -> Result<(), Refused> {
        self.heard.store(self.clock.now().as_second(), Ordering::Relaxed);
        let us = self.us();
        let received = match &body {
            Body::Json(v) | Body::Frame(v) => receive::json(door, v, raw, &us),
            Body::Form(fields) => receive::form(fields, raw, &us),
        };
        let now = match received {
            Received::Keep { dedupe, event, now } => {
                let raw = kept_raw(&event.what, &body, raw);
                self.accept.accept(PLATFORM, &dedupe, Event::Chat(event), &raw).await?;
                now
            }
            Received::Pass(now) => now,
            Received::NotOurs => {
                tracing::warn!(code = "NB0506", "an event for another workspace or app was not taken");
                None
            }
        };
        if let Some(now) = now {
            self.at_once(now);
        }
        Ok(())
    }

    /// Keeps bytes that cannot be read at all.
    pub(crate) async fn take_unreadable(&self, raw: &[u8]) -> Result<(), Refused> {
        if let Received::Keep { dedupe, event, .. } = receive::unknown("unreadable", raw) {
            let note = format!("{} bytes, digest {}", raw.len(), digest_bytes(raw));
            self.accept.accept(PLATFORM, &dedupe, Event::Chat(event), note.as_bytes()).await?;
        }
        Ok(())
    }

    /// Keeps a payload of a kind that nobody knows. The frame around it differs from try to try, the payload does not.
    pub(crate) async fn take_strange(&self, kind: &str, payload: &Value) -> Result<(), Refused> {
        let bytes = serde_json::to_vec(payload).unwrap_or_default();
        if let Received::Keep { dedupe, event, .. } = receive::unknown(kind, &bytes) {
            let raw = kept_raw(&event.what, &Body::Json(payload), &bytes);
            self.accept.accept(PLATFORM, &dedupe, Event::Chat(event), &raw).await?;
        }
        Ok(())
    }

    fn at_once(self: &Arc<Self>, now: Now) {
        match now {
            Now::Gone(what) => {
                tracing::error!(code = "NB0504", what, "Slack does not let the bot go on as it is");
                let code = if what == "tokens_revoked" { "token_revoked" } else { what };
                let trouble = crate::trouble::Trouble::Said { code: code.to_owned(), needed: None };
                self.troubles.tell("event", &trouble, self.clock.now());
            }
            Now::Form { trigger, token, label, initial, user } => {
                let slack = Arc::clone(self);
                tokio::spawn(async move { slack.open_form(&trigger, &token, &label, &initial, &user).await });
            }
        }
    }

    /// Opens a form. When it is too late for one, the person is told to write instead: nobody is left with a dead button.
    async fn open_form(&self, trigger: &str, token: &str, label: &str, initial: &str, user: &str) {
        let mut view = blocks::form(token, label, true);
        if !initial.is_empty() {
            view["blocks"][0]["element"]["initial_value"] = json!(initial);
        }
        let opened = self.ask("views.open", None, &json!({"trigger_id": trigger, "view": view})).await;
        if opened.is_err() {
            let text = if token == ASK { "Please write me your question here." } else { "Please write it to me here." };
            let text = format!("The form did not open in time. {text}");
            let body = json!({"channel": user, "text": text, "unfurl_links": false, "unfurl_media": false});
            let _ = self.ask("chat.postMessage", Some(user), &body).await;
        }
    }
}
