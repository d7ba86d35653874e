//! Deliveries over HTTP: signed, tried again, and the wrong ones on request.

use super::post::{Answered, Failed, post};
use super::{Address, Inner, Server, now};
use crate::out::{ACK_SECONDS, Envelope, Kind};
use crate::sign::signature;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(ACK_SECONDS as u64);
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// What is right or wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// As Slack does it.
    Good,
    /// Signed with another key.
    Forged,
    /// Rightly signed ten minutes ago.
    Stale,
    /// Rightly signed in ten minutes.
    Early,
    /// Without a signature.
    Unsigned,
    /// Rightly signed; the body is padded with spaces to so many bytes.
    Padded(usize),
}

/// Content type and body.
fn body_of(kind: Kind, payload: &Value) -> (&'static str, Vec<u8>) {
    let mut form = form_urlencoded::Serializer::new(String::new());
    match kind {
        Kind::EventsApi => return (JSON, payload.to_string().into_bytes()),
        Kind::Interactive => {
            form.append_pair("payload", &payload.to_string());
        }
        Kind::SlashCommands => {
            for (name, value) in payload.as_object().into_iter().flatten() {
                form.append_pair(name, value.as_str().unwrap_or_default());
            }
        }
    }
    (FORM, form.finish().into_bytes())
}

async fn send(
    inner: &Inner,
    url: &str,
    kind: &str,
    mut body: Vec<u8>,
    variant: Variant,
    retry: Option<(u32, &str)>,
) -> Result<Answered, Failed> {
    let mut secret = inner.shared.look(|s| s.secrets.signing_secret.clone());
    let mut at = now().as_second();
    match variant {
        Variant::Forged => secret.push('x'),
        Variant::Stale => at -= 600,
        Variant::Early => at += 600,
        Variant::Padded(n) => body.resize(n.max(body.len()), b' '),
        Variant::Good | Variant::Unsigned => {}
    }
    let mut headers = vec![("content-type", kind.to_owned()), ("x-slack-request-timestamp", at.to_string())];
    if variant != Variant::Unsigned {
        headers.push(("x-slack-signature", signature(&secret, at, &body)));
    }
    if let Some((number, reason)) = retry {
        headers.push(("x-slack-retry-num", number.to_string()));
        headers.push(("x-slack-retry-reason", reason.to_owned()));
    }
    post(url, &headers, body, TIMEOUT).await
}

/// One try of a delivery.
pub(super) async fn deliver(inner: Arc<Inner>, address: Address, envelope: Envelope) {
    let url = match envelope.kind {
        Kind::EventsApi => &address.events,
        Kind::SlashCommands => &address.commands,
        Kind::Interactive => &address.interactions,
    };
    let (kind, body) = body_of(envelope.kind, &envelope.payload);
    let retry = (envelope.attempt > 0).then_some((envelope.attempt, envelope.reason));
    let result = send(&inner, url, kind, body, Variant::Good, retry).await;
    let id = &envelope.envelope_id;
    inner.shared.with(|s| match result {
        Ok(a) if (200..300).contains(&a.status) => {
            s.ack(now(), id, payload_of(&a.body));
        }
        // The app does not want it again.
        Ok(a) if a.no_retry => s.give_up(id),
        Ok(_) => s.failed(now(), id, "http_error"),
        Err(Failed::Timeout) => s.failed(now(), id, "http_timeout"),
        Err(Failed::Connection) => s.failed(now(), id, "connection_failed"),
    });
}

/// What an answer means: JSON, or the plain text of a command's answer.
fn payload_of(body: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let parsed = serde_json::from_str::<Value>(text).ok().filter(Value::is_object);
    parsed.or_else(|| (!text.is_empty()).then(|| json!({ "text": text })))
}

impl Inner {
    /// Asks a URL for its challenge.
    pub(super) async fn verify_url(&self, url: &str) -> Result<(), String> {
        let (challenge, token) = self.shared.with(|s| (s.ids.hex(32), s.verification_token.clone()));
        let body = json!({ "token": token, "challenge": challenge, "type": "url_verification" });
        let (status, text) = self.post(url, &body, Variant::Good).await?;
        let inside = serde_json::from_str::<Value>(&text).ok().and_then(|v| v["challenge"].as_str().map(str::to_owned));
        if status == 200 && (text.trim() == challenge || inside.as_deref() == Some(challenge.as_str())) {
            return Ok(());
        }
        Err(format!("the answer is not the challenge: {status} {text}"))
    }

    /// Posts JSON to the app, rightly or wrongly.
    pub(super) async fn post(&self, url: &str, body: &Value, variant: Variant) -> Result<(u16, String), String> {
        let sent = send(self, url, JSON, body.to_string().into_bytes(), variant, None).await;
        let answered = sent.map_err(|e| format!("no answer: {e:?}"))?;
        Ok((answered.status, String::from_utf8_lossy(&answered.body).into_owned()))
    }
}

impl Variant {
    /// Reads a name such as `forged` or `padded:2000000`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "good" => Self::Good,
            "forged" => Self::Forged,
            "stale" => Self::Stale,
            "early" => Self::Early,
            "unsigned" => Self::Unsigned,
            other => Self::Padded(other.strip_prefix("padded:")?.parse().ok().filter(|n| *n <= 64 * 1024 * 1024)?),
        })
    }
}

impl Server {
    /// Asks a URL whether it belongs to the app, as Slack does when the URL is configured.
    ///
    /// # Errors
    /// What was answered instead of the challenge.
    pub async fn verify_url(&self, url: &str) -> Result<(), String> {
        self.inner.verify_url(url).await
    }

    /// Posts JSON to the app, rightly or wrongly. Status and text of the answer.
    ///
    /// # Errors
    /// When there was no answer.
    pub async fn post(&self, url: &str, body: &Value, variant: Variant) -> Result<(u16, String), String> {
        self.inner.post(url, body, variant).await
    }
}
