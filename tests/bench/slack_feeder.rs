//! The other side of Socket Mode: answers `apps.connections.open`, sends envelopes over one WebSocket, and times their
//! acknowledgements.

use super::slack_event::envelope;
use super::slack_load::{Pace, Times, UNDER_WAY, pacer};
use axum::Json;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

/// A workspace that only sends.
pub struct Feeder {
    /// Base address of its Web API.
    pub api: String,
    /// Connections that the app gave up while it was fed.
    pub lost: usize,
    sockets: mpsc::UnboundedReceiver<TcpStream>,
    open: Option<WebSocketStream<TcpStream>>,
}

impl Feeder {
    /// Listens.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let link = format!("ws://{}/link/?ticket=1", listener.local_addr().expect("address"));
        let (tx, sockets) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = tx.send(stream);
            }
        });
        // One answer for every method: it has all that these clients ask for.
        let all = json!({"ok": true, "url": link, "team_id": "T1", "user_id": "UBOT", "bot_id": "BBOT"});
        let router = axum::Router::new().fallback(move || {
            let all = all.clone();
            async move { Json(all) }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let api = format!("http://{}/api", listener.local_addr().expect("address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { api, lost: 0, sockets, open: None }
    }

    /// Waits for the app's connection and greets it.
    pub async fn opened(&mut self) {
        let stream = tokio::time::timeout(Duration::from_secs(30), self.sockets.recv()).await;
        let stream = stream.expect("the app connects").expect("a connection");
        stream.set_nodelay(true).expect("nodelay");
        let mut socket = tokio_tungstenite::accept_async(stream).await.expect("a handshake");
        let hello = r#"{"type":"hello","num_connections":1,"debug_info":{"host":"bench","approximate_connection_time":18060},"connection_info":{"app_id":"A1"}}"#;
        socket.send(Message::text(hello)).await.expect("hello");
        self.open = Some(socket);
    }

    /// Sends the envelopes of these numbers, at most `under_way` at a time when the pace is closed.
    pub async fn feed(&mut self, first: u64, count: usize, now: u64, pace: Pace, under_way: usize) -> Times {
        let frames: Vec<Message> = (0..count as u64).map(|n| Message::text(envelope(first + n, now))).collect();
        let mut sent: Vec<Option<Instant>> = vec![None; count];
        let mut took = Vec::with_capacity(count);
        let (tx, mut due) = mpsc::unbounded_channel();
        match pace {
            Pace::Closed => (0..under_way.min(count)).for_each(|n| {
                let _ = tx.send((n, None));
            }),
            Pace::Rate(rate) => {
                let tx = tx.clone();
                pacer(count, rate, move |n, at| {
                    let _ = tx.send((n, Some(at)));
                });
            }
        }
        let mut next = under_way.min(count);
        let mut socket = self.open.as_mut().expect("an open socket");
        let from = Instant::now();
        while took.len() < count {
            tokio::select! {
                Some((n, at)) = due.recv() => {
                    sent[n] = Some(at.unwrap_or_else(Instant::now));
                    // A connection that is gone shows when it is read.
                    let _ = socket.send(frames[n].clone()).await;
                }
                frame = socket.next() => {
                    let text = match frame {
                        Some(Ok(Message::Text(text))) => text,
                        Some(Ok(_)) => continue,
                        // The client gave up, as one does that was too busy to answer its own pings. What was not
                        // acknowledged is sent again, as Slack does; its time goes on from the first try.
                        Some(Err(_)) | None => {
                            self.lost += 1;
                            self.opened().await;
                            socket = self.open.as_mut().expect("an open socket");
                            for n in (0..count).filter(|n| sent[*n].is_some()) {
                                socket.feed(frames[n].clone()).await.expect("send");
                            }
                            socket.flush().await.expect("send");
                            continue;
                        }
                    };
                    let ack: Value = serde_json::from_str(text.as_str()).expect("an acknowledgement");
                    let n: u64 = ack["envelope_id"].as_str().and_then(|n| n.parse().ok()).expect("its number");
                    // What was sent twice may be acknowledged twice.
                    let Some(at) = sent[(n - first) as usize].take() else { continue };
                    took.push(at.elapsed());
                    if matches!(pace, Pace::Closed) && next < count {
                        let _ = tx.send((next, None));
                        next += 1;
                    }
                }
            }
        }
        Times::of(took, from.elapsed().as_secs_f64())
    }

    /// As many under way as over HTTP.
    pub async fn load(&mut self, first: u64, count: usize, now: u64, pace: Pace) -> Times {
        self.feed(first, count, now, pace, UNDER_WAY).await
    }
}
