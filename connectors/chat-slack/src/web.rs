//! Events over HTTP: a limit before reading, the signature before parsing, the disk before the answer.

use crate::config::Transport;
use crate::receive::Door;
use crate::take::Body;
use crate::{Slack, signature};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use nightbell_core::port::accept::Refused;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Largest body. Slack's own are far below.
const MAX_BODY: usize = 1024 * 1024;

impl Slack {
    /// The routes `/slack/events`, `/slack/commands` and `/slack/interactions`. None with Socket Mode.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        if !matches!(self.config().transport, Transport::Http { .. }) {
            return axum::Router::new();
        }
        axum::Router::new()
            .route("/slack/events", post(events))
            .route("/slack/commands", post(commands))
            .route("/slack/interactions", post(interactions))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .layer(middleware::from_fn(small))
            .with_state(Arc::clone(self))
    }

    fn genuine(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let Transport::Http { signing_secret } = &self.config().transport else { return false };
        // Exactly one of each: with two, this side and a proxy could look at different ones.
        let one = |name: &str| {
            let mut all = headers.get_all(name).iter();
            match (all.next(), all.next()) {
                (Some(v), None) => v.to_str().ok(),
                _ => None,
            }
        };
        let (Some(ts), Some(given)) = (one("x-slack-request-timestamp"), one("x-slack-signature")) else {
            return false;
        };
        signature::genuine(signing_secret, ts, given, body, self.clock.now())
    }
}

/// A body that is too large by its own words is not read at all; one that does not say so is read up to the limit.
async fn small(request: Request, next: Next) -> Response {
    let told = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|n| n > MAX_BODY) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    next.run(request).await
}

fn forged() -> Response {
    tracing::warn!(code = "NB0506", "a call without a valid signature of Slack was refused");
    StatusCode::UNAUTHORIZED.into_response()
}

/// Kept: 200. Not kept: an error, so that Slack sends it again.
fn kept(result: Result<(), Refused>) -> Response {
    match result {
        Ok(()) => StatusCode::OK.into_response(),
        Err(e) => {
            tracing::error!(code = e.code.0, "an event of Slack could not be kept: {}", e.why);
            (StatusCode::INTERNAL_SERVER_ERROR, [(header::RETRY_AFTER, e.retry_after.to_string())]).into_response()
        }
    }
}

async fn events(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    if !slack.genuine(&headers, &body) {
        return forged();
    }
    let Ok(v) = crate::lean::read(&body) else {
        return kept(slack.take_unreadable(&body).await);
    };
    if crate::text::at(&v, "/type") == "url_verification" {
        let challenge: String = crate::text::at(&v, "/challenge").chars().take(1_000).collect();
        return ([(header::CONTENT_TYPE, "text/plain")], challenge).into_response();
    }
    kept(slack.take(Door::Event, Body::Json(&v), &body).await)
}

fn fields(body: &[u8]) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(body).map(|(k, v)| (k.into_owned(), v.into_owned())).collect()
}

async fn commands(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    if !slack.genuine(&headers, &body) {
        return forged();
    }
    let fields = fields(&body);
    if fields.contains_key("ssl_check") {
        return StatusCode::OK.into_response();
    }
    match slack.take(Door::Command, Body::Form(&fields), &body).await {
        Ok(()) => StatusCode::OK.into_response(),
        // Slack does not send commands again, so the person has to.
        Err(e) => {
            tracing::error!(code = e.code.0, "a command could not be kept: {}", e.why);
            let text = "This was not kept. Please send it again in a moment.";
            axum::Json(json!({"response_type": "ephemeral", "text": text})).into_response()
        }
    }
}

async fn interactions(State(slack): State<Arc<Slack>>, headers: HeaderMap, body: Bytes) -> Response {
    if !slack.genuine(&headers, &body) {
        return forged();
    }
    let fields = fields(&body);
    match fields.get("payload").map(|p| serde_json::from_str::<Value>(p)) {
        Some(Ok(v)) => kept(slack.take(Door::Interaction, Body::Json(&v), &body).await),
        _ => kept(slack.take_unreadable(&body).await),
    }
}
