//! Socket Mode: one task per socket, and the pump that gives them envelopes.

use super::hub::Order;
use super::{Inner, now, push};
use futures_util::{SinkExt as _, StreamExt as _};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// A socket that was told to disconnect is ended after this time.
const GRACE: Duration = Duration::from_millis(300);
/// Who does not read for so long is cut off.
const STUCK: Duration = Duration::from_secs(10);
/// How often the pump looks for retries, when nothing wakes it.
const LOOK: Duration = Duration::from_millis(20);

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Takes what is due and sends it.
pub(super) async fn pump(inner: Arc<Inner>) {
    let mut changes = inner.shared.changes();
    loop {
        let address = inner.push.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let ready = if address.is_some() { !inner.hub.held() } else { inner.hub.ready() };
        let due = if ready { inner.shared.quietly(|s| s.due(now())) } else { Vec::new() };
        for envelope in due {
            match &address {
                Some(a) => {
                    inner.shared.quietly(|s| s.in_flight(now(), &envelope.envelope_id));
                    tokio::spawn(push::deliver(Arc::clone(&inner), a.clone(), envelope));
                }
                None => {
                    if let Some(socket) = inner.hub.send(envelope.frame().to_string()) {
                        inner.shared.with(|s| s.went(&envelope.envelope_id, socket));
                    }
                }
            }
        }
        let _ = tokio::time::timeout(LOOK, changes.changed()).await;
    }
}

/// Sends a message; false when the other side is gone or does not read.
async fn put(ws: &mut Socket, message: Message) -> bool {
    tokio::time::timeout(STUCK, ws.send(message)).await.is_ok_and(|sent| sent.is_ok())
}

fn text(v: &Value) -> Message {
    Message::text(v.to_string())
}

/// Speaks over an upgraded connection until one side ends it.
pub(super) async fn speak(inner: Arc<Inner>, upgrade: OnUpgrade) {
    let Ok(upgraded) = upgrade.await else { return };
    let mut ws = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
    let app = inner.shared.look(|s| s.app_id.clone());
    let (id, mut orders, count) = match inner.hub.join(inner.sockets) {
        Ok(joined) => joined,
        Err(count) => {
            let _ = ws.send(text(&disconnect("too_many_websockets", count, &app))).await;
            let _ = ws.close(None).await;
            return;
        }
    };
    let hello = json!({ "type": "hello", "num_connections": count, "connection_info": { "app_id": app },
        "debug_info": { "host": "applink-0", "build_number": 1, "approximate_connection_time": 18_060 } });
    let mut pings = tokio::time::interval(inner.ping);
    let mut open = put(&mut ws, text(&hello)).await;
    // The pump can use it now.
    inner.shared.with(|_| ());
    let mut end: Option<Instant> = None;
    let mut closing = false;
    while open {
        open = tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Frame(f)) => put(&mut ws, Message::text(f)).await,
                Some(Order::Disconnect(reason)) => {
                    if reason != "warning" {
                        end = Some(Instant::now() + GRACE);
                    }
                    put(&mut ws, text(&disconnect(&reason, inner.hub.open(), &app))).await
                }
                Some(Order::Drop) | None => false,
            },
            frame = ws.next() => match frame {
                Some(Ok(Message::Text(t))) => {
                    inner.shared.with(|s| s.frame(now(), t.as_str()));
                    true
                }
                // Reading on sends the answer to a close.
                Some(Ok(Message::Close(_))) => {
                    inner.hub.part(id);
                    closing = true;
                    true
                }
                Some(Ok(_)) => true,
                Some(Err(_)) | None => false,
            },
            _ = pings.tick(), if !closing => put(&mut ws, Message::Ping("Ping from applink-0".into())).await,
            () = until(end) => {
                // The other side has some time to answer.
                let first = !std::mem::replace(&mut closing, true);
                end = Some(Instant::now() + GRACE);
                first && ws.close(None).await.is_ok()
            }
        };
    }
    inner.hub.leave(id);
    inner.shared.with(|_| ());
}

async fn until(end: Option<Instant>) {
    match end {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

fn disconnect(reason: &str, count: usize, app: &str) -> Value {
    json!({ "type": "disconnect", "reason": reason, "num_connections": count,
        "debug_info": { "host": "applink-0" }, "connection_info": { "app_id": app } })
}
