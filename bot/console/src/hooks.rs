//! Webhooks in: `POST /hooks/{name}` with a signed, normalised alert.
//!
//! The busiest way in, so it is kept short: one keyed hash per hook made at start, one hash over the body, one parse,
//! one durable commit. What is wrong is refused before anything is kept, and never repeated in the answer.

use crate::Deps;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use nightbell_core::alert::{Alert, Rule, Severity};
use nightbell_core::code::{ACCEPT_REFUSED, Code, EVENT_UNREADABLE, HOOK_SIGNATURE, HOOK_TOO_BIG};
use nightbell_core::event::Event;
use nightbell_core::port::accept::Accepted;
use nightbell_core::telemetry::{Observer, Telemetry};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Largest body.
const MAX_BODY: usize = 1024 * 1024;
/// How far the sender's clock may be off, in seconds.
const TOLERANCE: u64 = 300;
/// Longest id of an event.
const MAX_ID: usize = 200;

type Key = Hmac<Sha256>;

struct Hooks {
    keys: HashMap<String, Key>,
    /// Names whose bodies are events of any form.
    events: BTreeSet<String>,
    deps: Deps,
}

/// A normalised alert as it comes over the wire. What a sender leaves out has a sensible value; what it adds is
/// ignored, so that senders can be newer than we are.
#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default)]
    id: String,
    #[serde(default, borrow)]
    rule: RawRule<'a>,
    #[serde(default)]
    severity: Severity,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    host: Option<String>,
    #[serde(default)]
    source_ip: Option<String>,
    #[serde(default)]
    time: Option<Timestamp>,
    #[serde(default)]
    summary: String,
}

/// Senders without rules send a name only.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawRule<'a> {
    Full(Rule),
    Name(&'a str),
}

impl Default for RawRule<'_> {
    fn default() -> Self {
        Self::Name("")
    }
}

/// A router without layers. Keys are prepared once.
pub(crate) fn router(secrets: &BTreeMap<String, String>, events: &BTreeSet<String>, deps: Deps) -> Router {
    let keys = secrets
        .iter()
        // HMAC takes keys of every length; an empty one would let everybody in.
        .filter(|(_, secret)| !secret.is_empty())
        .filter_map(|(name, secret)| Key::new_from_slice(secret.as_bytes()).ok().map(|k| (name.clone(), k)))
        .collect();
    Router::new().route("/hooks/{name}", post(take)).with_state(Arc::new(Hooks { keys, events: events.clone(), deps }))
}

async fn take(State(hooks): State<Arc<Hooks>>, Path(name): Path<String>, request: Request<Body>) -> Response {
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|n| n > MAX_BODY as u64) {
        return no(StatusCode::PAYLOAD_TOO_LARGE, HOOK_TOO_BIG, "The body has more than 1 MiB.");
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return no(StatusCode::PAYLOAD_TOO_LARGE, HOOK_TOO_BIG, "The body has more than 1 MiB or broke off.");
    };
    let now = hooks.deps.clock.now();
    // An unknown name and a wrong signature get the same answer: names of hooks are nobody's business.
    let good = hooks.keys.get(&name).is_some_and(|key| signed(key, &parts.headers, &body, now));
    if !good {
        hooks.deps.metrics.tell(Telemetry::Refused { source: "hook".to_owned(), code: HOOK_SIGNATURE.0 });
        return no(StatusCode::UNAUTHORIZED, HOOK_SIGNATURE, "The signature is missing, wrong or too old.");
    }
    keep(&hooks, &name, &parts.headers, body, now).await
}

async fn keep(hooks: &Hooks, name: &str, headers: &HeaderMap, body: Bytes, now: Timestamp) -> Response {
    if hooks.events.contains(name) {
        return keep_event(hooks, name, headers, &body).await;
    }
    // A list of values would be read as fields in order; senders mean names.
    let object = body.trim_ascii_start().starts_with(b"{");
    let Some(wire) = object.then(|| serde_json::from_slice::<Wire<'_>>(&body).ok()).flatten() else {
        return no(StatusCode::BAD_REQUEST, EVENT_UNREADABLE, "The body is not a normalised alert. Nothing was kept.");
    };
    let id_header = headers.get("x-nightbell-id").and_then(|v| v.to_str().ok()).filter(|v| !v.is_empty());
    let hashed;
    let dedupe = match (id_header, wire.id.as_str()) {
        (Some(id), _) => id,
        (None, "") => {
            hashed = format!("sha256:{}", crate::session::hex(&Sha256::digest(&body)));
            &hashed
        }
        (None, id) => id,
    };
    if dedupe.len() > MAX_ID || wire.id.len() > MAX_ID {
        return no(StatusCode::BAD_REQUEST, EVENT_UNREADABLE, "The id has more than 200 bytes. Nothing was kept.");
    }
    let alert = Alert {
        id: if wire.id.is_empty() { dedupe.to_owned() } else { wire.id.clone() },
        // The path says who sent it; what the body claims does not count.
        source: name.to_owned(),
        rule: match wire.rule {
            RawRule::Full(rule) => rule,
            RawRule::Name(n) => Rule { id: n.to_owned(), name: n.to_owned(), tags: Vec::new() },
        },
        severity: wire.severity,
        user: wire.user,
        host: wire.host,
        source_ip: wire.source_ip,
        time: wire.time.unwrap_or(now),
        summary: wire.summary,
    };
    accept(hooks, name, dedupe, Event::Alert(alert), &body).await
}

/// An event of any form: a JSON object, whose meaning only the playbook that waits for it knows.
async fn keep_event(hooks: &Hooks, name: &str, headers: &HeaderMap, raw: &[u8]) -> Response {
    let body = serde_json::from_slice::<serde_json::Value>(raw).ok().filter(serde_json::Value::is_object);
    let Some(body) = body else {
        return no(StatusCode::BAD_REQUEST, EVENT_UNREADABLE, "The body is not a JSON object. Nothing was kept.");
    };
    let given = headers.get("x-nightbell-id").and_then(|v| v.to_str().ok()).filter(|v| !v.is_empty());
    let id = match given.or_else(|| body.get("id").and_then(|v| v.as_str())) {
        Some(id) if id.len() > MAX_ID => {
            return no(StatusCode::BAD_REQUEST, EVENT_UNREADABLE, "The id has more than 200 bytes. Nothing was kept.");
        }
        Some(id) => id.to_owned(),
        None => format!("sha256:{}", crate::session::hex(&Sha256::digest(raw))),
    };
    let event = Event::Webhook { name: name.to_owned(), id: id.clone(), body };
    accept(hooks, name, &id, event, raw).await
}

async fn accept(hooks: &Hooks, name: &str, dedupe: &str, event: Event, body: &[u8]) -> Response {
    match hooks.deps.accept.accept(name, dedupe, event, body).await {
        Ok(Accepted::New) => json(StatusCode::OK, "{\"status\":\"accepted\"}"),
        Ok(Accepted::Duplicate) => json(StatusCode::OK, "{\"status\":\"duplicate\"}"),
        Err(refused) => {
            let text = "The event could not be kept. Send it again.";
            let mut response = no(StatusCode::SERVICE_UNAVAILABLE, ACCEPT_REFUSED, text);
            response.headers_mut().insert(header::RETRY_AFTER, refused.retry_after.into());
            response
        }
    }
}

/// `v1=` and the hexadecimal HMAC-SHA-256 of `v1:<timestamp>:<body>`.
fn signed(key: &Key, headers: &HeaderMap, body: &[u8], now: Timestamp) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let (Some(stamp), Some(signature)) = (text("x-nightbell-timestamp"), text("x-nightbell-signature")) else {
        return false;
    };
    let fresh = stamp.parse::<i64>().is_ok_and(|s| s.abs_diff(now.as_second()) <= TOLERANCE);
    let Some(claimed) = signature.strip_prefix("v1=").and_then(unhex) else { return false };
    let mut mac = key.clone();
    mac.update(b"v1:");
    mac.update(stamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    fresh && bool::from(mac.finalize().into_bytes().as_slice().ct_eq(&claimed))
}

fn unhex(s: &str) -> Option<[u8; 32]> {
    let mut out = [0u8; 32];
    if s.len() != 64 {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    for (slot, pair) in out.iter_mut().zip(s.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *slot = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

fn json(status: StatusCode, body: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn no(status: StatusCode, code: Code, text: &str) -> Response {
    (status, axum::Json(serde_json::json!({ "error": text, "code": code.0 }))).into_response()
}
