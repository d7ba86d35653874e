//! The played outside world: a service that carries out actions and one that pages. Loopback only.

use anyhow::Context as _;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

#[derive(Default)]
struct World {
    secret: String,
    seen: Mutex<BTreeSet<String>>,
}

/// Starts it; returns its address.
pub async fn start(secret: &str) -> anyhow::Result<String> {
    let world = Arc::new(World { secret: secret.to_owned(), ..World::default() });
    let router = axum::Router::new().route("/action", post(action)).route("/page", post(page)).with_state(world);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.context("NB0006 no free port on loopback")?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    });
    Ok(format!("http://{address}"))
}

/// A signed call is answered as a real service would: the same key again changes nothing.
async fn action(State(world): State<Arc<World>>, headers: HeaderMap, body: String) -> Result<Json<Value>, StatusCode> {
    let call: Value = world.check(&headers, &body)?;
    let repeated = world.repeated(&call);
    Ok(Json(match call.get("action").and_then(Value::as_str).unwrap_or_default() {
        "identity.revoke_sessions" => json!({ "sessions_ended": if repeated { 0 } else { 3 } }),
        "identity.mfa_push" => json!({ "approved": true }),
        "mail.search" => json!({ "message_ids": ["copy-1@mx.demo-company.example", "copy-2@mx.demo-company.example"] }),
        "mail.quarantine" => json!({ "batch": "batch-1", "count": 2 }),
        _ => json!({ "ok": true }),
    }))
}

async fn page(State(world): State<Arc<World>>, headers: HeaderMap, body: String) -> Result<Json<Value>, StatusCode> {
    world.check(&headers, &body)?;
    Ok(Json(json!({ "ok": true })))
}

impl World {
    fn check(&self, headers: &HeaderMap, body: &str) -> Result<Value, StatusCode> {
        use nightbell_core::port::clock::Clock;
        let header = |n: &str| headers.get(n).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let secret = nightbell_connector_kit::Secret::new(&self.secret);
        let (time, given) = (header("x-nightbell-timestamp"), header("x-nightbell-signature"));
        let now = crate::machine::SystemClock.now();
        let tolerance = nightbell_connector_kit::signature::TOLERANCE;
        nightbell_connector_kit::signature::verify(&secret, &time, body.as_bytes(), &given, now, tolerance)
            .map_err(|_| StatusCode::UNAUTHORIZED)?;
        serde_json::from_str(body).map_err(|_| StatusCode::BAD_REQUEST)
    }

    fn repeated(&self, call: &Value) -> bool {
        let key = call.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.seen.lock().is_ok_and(|mut s| !s.insert(key))
    }
}
