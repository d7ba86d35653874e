//! Socket Mode: our own receive loop around slack-morphism's Web API. Raw bytes are kept before the acknowledgement, many
//! envelopes are under way at once, and one that cannot be read neither blocks the others nor is lost.

use crate::config::Transport;
use crate::pace::{End, Pace, jitter};
use crate::receive::Door;
use crate::take::Body;
use crate::text::at;
use crate::trouble::Trouble;
use crate::{Slack, api, lean, tls};
use futures_util::{SinkExt, StreamExt};
use jiff::Timestamp;
use nightbell_core::duration::Span;
use serde_json::{Value, json};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, error::Error as WsError};
use url::Url;

/// Time for the TCP, TLS and WebSocket handshakes, and for the first `hello`.
const HANDSHAKE: Duration = Duration::from_secs(15);
/// How often we ask whether the other side is still there.
const PING: Duration = Duration::from_secs(15);
/// Silence after which a connection counts as dead.
const SILENCE: Duration = Duration::from_secs(50);
/// How long an old connection is still read after Slack announced its end.
const DRAIN: Duration = Duration::from_secs(20);
/// Largest frame; Slack's are far below.
const MAX_FRAME: usize = 4 * 1024 * 1024;
/// Lanes: order is kept within a conversation, over whichever connection its envelopes come, and one slow commit gathers
/// many.
const LANES: usize = 32;
/// Envelopes held per lane. When the disk is slower than Slack, reading stops, and Slack waits.
const HELD: usize = 64;

type Socket = WebSocketStream<Box<dyn tls::Duplex>>;
/// The lanes of all connections. Each envelope brings the way back for its acknowledgement.
type Lanes = Arc<Vec<mpsc::Sender<(Envelope, mpsc::UnboundedSender<String>)>>>;

impl Slack {
    /// Holds the connections until `stop` turns true.
    pub async fn listen(self: Arc<Self>, stop: watch::Receiver<bool>) {
        let Transport::Socket { connections, .. } = &self.config().transport else { return };
        let (mut all, mut keepers) = (JoinSet::new(), JoinSet::new());
        let lanes: Lanes = Arc::new(
            (0..LANES)
                .map(|_| {
                    let (tx, rx) = mpsc::channel(HELD);
                    keepers.spawn(Arc::clone(&self).lane(rx));
                    tx
                })
                .collect(),
        );
        for _ in 0..*connections {
            all.spawn(Arc::clone(&self).slot(Arc::clone(&lanes), stop.clone()));
        }
        drop(lanes);
        while all.join_next().await.is_some() {}
        while keepers.join_next().await.is_some() {}
    }

    /// One place for a connection: when it is about to end, the next one is opened first.
    async fn slot(self: Arc<Self>, lanes: Lanes, mut stop: watch::Receiver<bool>) {
        let mut pace = Pace::default();
        let mut old = JoinSet::new();
        while !*stop.borrow() {
            let opened = tokio::select! {
                r = tokio::time::timeout(HANDSHAKE * 2, self.connect()) => r,
                _ = stop.changed() => break,
            };
            let born = self.clock.now();
            let end = match opened {
                Ok(Ok(socket)) => {
                    let (ending, ends) = oneshot::channel();
                    let slack = Arc::clone(&self);
                    let (lanes, until) = (Arc::clone(&lanes), stop.clone());
                    old.spawn(async move { slack.serve(socket, lanes, ending, until).await });
                    // The end is announced before it comes; meanwhile the old connection is read on.
                    ends.await.unwrap_or(End::Broken)
                }
                Ok(Err(end)) => end,
                Err(_) => End::Broken,
            };
            while old.try_join_next().is_some() {}
            if end == End::Stop {
                break;
            }
            let Some((wait, more)) = pace.after(end, self.clock.now().duration_since(born).unsigned_abs()) else {
                continue;
            };
            let pause = Span(more + jitter(&*self.rng, wait)).after(self.clock.now());
            tokio::select! {
                () = self.clock.sleep_until(pause) => {}
                _ = stop.changed() => break,
            }
        }
        while old.join_next().await.is_some() {}
    }

    async fn connect(&self) -> Result<Socket, End> {
        let Transport::Socket { app_token, .. } = &self.config().transport else { return Err(End::Refused) };
        let api = api::Api::new(Arc::clone(&self.http), &self.config().api_url, app_token);
        let answer: Value = match api.post("apps.connections.open", &json!({})).await {
            Ok(v) => v,
            Err(t) => {
                tracing::warn!(code = "NB0503", "no connection to Slack: {}", t.words());
                self.troubles.tell("apps.connections.open", &t, self.clock.now());
                return Err(match t {
                    Trouble::Limited(after) => End::Limited(after.unwrap_or_default()),
                    Trouble::Said { .. } => End::Refused,
                    Trouble::Away(_) | Trouble::Unclear(_) => End::Broken,
                });
            }
        };
        let url = Url::parse(at(&answer, "/url")).map_err(|_| End::Broken)?;
        let open = async {
            let stream = tls::connect(&url).await.map_err(WsError::Io)?;
            let config = WebSocketConfig::default().max_message_size(Some(MAX_FRAME)).max_frame_size(Some(MAX_FRAME));
            let (socket, _) = tokio_tungstenite::client_async_with_config(url.as_str(), stream, Some(config)).await?;
            Ok::<Socket, WsError>(socket)
        };
        match tokio::time::timeout(HANDSHAKE, open).await {
            Ok(Ok(socket)) => Ok(socket),
            // Neither the address nor the error's own words: both may hold the ticket.
            Ok(Err(e)) => {
                let why = if matches!(e, WsError::Io(_)) { "no connection" } else { "the handshake failed" };
                tracing::warn!(code = "NB0503", "Slack's socket did not open: {why}");
                Err(End::Broken)
            }
            Err(_) => Err(End::Broken),
        }
    }

    /// Reads one connection to its end. Says on `ending` when the next one should be opened.
    async fn serve(
        self: Arc<Self>,
        socket: Socket,
        lanes: Lanes,
        ending: oneshot::Sender<End>,
        mut stop: watch::Receiver<bool>,
    ) {
        let (mut write, mut read) = socket.split();
        let (acks, mut outgoing) = mpsc::unbounded_channel::<String>();
        let mut ending = Some(ending);
        let mut say = |end: End| {
            if let Some(tx) = ending.take() {
                let _ = tx.send(end);
            }
        };
        let mut greeted = false;
        let mut last = self.clock.now();
        let mut until: Option<Timestamp> = None;
        let mut ping = tokio::time::interval(PING);
        let end = loop {
            tokio::select! {
                frame = read.next() => {
                    last = self.clock.now();
                    match frame {
                        Some(Ok(Message::Text(text))) => match Envelope::read(text.as_str()) {
                            Frame::Hello => {
                                if !greeted {
                                    greeted = true;
                                    self.open.fetch_add(1, Ordering::Relaxed);
                                    tracing::info!("connected to Slack");
                                }
                            }
                            Frame::Disconnect(reason) => {
                                tracing::info!(reason, "Slack renews the connection");
                                let refused = matches!(reason.as_str(), "too_many_websockets" | "link_disabled");
                                say(if refused { End::Refused } else { End::Renew });
                                until = Some(Span(DRAIN).after(self.clock.now()));
                            }
                            Frame::Envelope(e) => {
                                if let Some(lane) = lanes.get(e.lane() % LANES) {
                                    // Waits while the lane is full: Slack's own queue is the right place then.
                                    let _ = lane.send((*e, acks.clone())).await;
                                }
                            }
                        },
                        Some(Ok(Message::Close(_))) | None => break if greeted { End::Renew } else { End::Broken },
                        Some(Ok(_)) => {}
                        Some(Err(_)) => break End::Broken,
                    }
                }
                Some(ack) = outgoing.recv() => {
                    // One commit keeps many at once: their acknowledgements leave together as well.
                    let mut sent = write.feed(Message::text(ack)).await;
                    while let (Ok(()), Ok(ack)) = (&sent, outgoing.try_recv()) {
                        sent = write.feed(Message::text(ack)).await;
                    }
                    if sent.is_err() || write.flush().await.is_err() {
                        break End::Broken;
                    }
                }
                _ = ping.tick() => {
                    let limit = if greeted { SILENCE } else { HANDSHAKE };
                    let now = self.clock.now();
                    if Span(limit).after(last) < now || until.is_some_and(|u| now > u) {
                        break End::Broken;
                    }
                    if write.send(Message::Ping(Vec::new().into())).await.is_err() {
                        break End::Broken;
                    }
                }
                _ = stop.changed() => break End::Stop,
            }
        };
        if greeted {
            self.open.fetch_sub(1, Ordering::Relaxed);
        }
        // Told now, so that the next connection is opened while the last envelopes of this one are kept.
        say(end);
        // What is still in the lanes holds the other ends; when the last of it is kept, there is nothing more to send.
        drop((acks, lanes));
        let finish = async {
            while let Some(ack) = outgoing.recv().await {
                if write.send(Message::text(ack)).await.is_err() {
                    break;
                }
            }
            let _ = write.close().await;
        };
        let _ = tokio::time::timeout(Duration::from_secs(5), finish).await;
    }

    /// Keeps the envelopes of some conversations, one after the other, and hands out their acknowledgements.
    async fn lane(self: Arc<Self>, mut work: mpsc::Receiver<(Envelope, mpsc::UnboundedSender<String>)>) {
        while let Some((e, acks)) = work.recv().await {
            if let Some(ack) = self.keep(&e).await {
                let _ = acks.send(ack);
            }
        }
    }

    /// Keeps one envelope; the acknowledgement when it was kept.
    async fn keep(self: &Arc<Self>, e: &Envelope) -> Option<String> {
        let kept = match (&e.door, &e.payload) {
            (Some(door), payload) => self.take(*door, Body::Frame(payload), e.raw.as_bytes()).await,
            // Of a kind that is not known here.
            (None, payload) if payload.is_object() => self.take_strange(&e.kind, payload).await,
            (None, _) => self.take_unreadable(e.raw.as_bytes()).await,
        };
        match kept {
            Ok(()) => (!e.id.is_empty()).then(|| json!({"envelope_id": e.id}).to_string()),
            // Not acknowledged: Slack sends it again.
            Err(r) => {
                tracing::error!(code = r.code.0, "an event of Slack could not be kept: {}", r.why);
                None
            }
        }
    }

    /// One frame of a socket, for worlds without sockets: the acknowledgement once it was kept.
    pub async fn frame(self: &Arc<Self>, text: &str) -> Option<String> {
        match Envelope::read(text) {
            Frame::Envelope(e) => self.keep(&e).await,
            Frame::Hello | Frame::Disconnect(_) => None,
        }
    }
}

/// One envelope on its way to the disk.
struct Envelope {
    id: String,
    /// None when its kind is not known.
    door: Option<Door>,
    /// Slack's word for its kind.
    kind: String,
    payload: Value,
    raw: String,
}

enum Frame {
    Hello,
    Disconnect(String),
    Envelope(Box<Envelope>),
}

impl Envelope {
    fn read(text: &str) -> Frame {
        let mut v: Value = lean::read(text.as_bytes()).unwrap_or(Value::Null);
        let door = match at(&v, "/type") {
            "hello" => return Frame::Hello,
            "disconnect" => return Frame::Disconnect(nightbell_core::text::one_line(at(&v, "/reason"), 40)),
            "events_api" => Some(Door::Event),
            "slash_commands" => Some(Door::Command),
            "interactive" => Some(Door::Interaction),
            _ => None,
        };
        let (id, kind) = (at(&v, "/envelope_id").to_owned(), at(&v, "/type").to_owned());
        let payload = v.get_mut("payload").map(Value::take).unwrap_or_default();
        let door = door.filter(|_| payload.is_object());
        Frame::Envelope(Box::new(Self { id, door, kind, payload, raw: text.to_owned() }))
    }

    /// Envelopes of one conversation share a lane.
    fn lane(&self) -> usize {
        let channel =
            ["/event/channel", "/event/item/channel", "/channel/id", "/channel_id", "/event/user", "/user/id"];
        let key = channel.iter().map(|p| at(&self.payload, p)).find(|s| !s.is_empty()).unwrap_or(&self.id);
        let mut h = DefaultHasher::new();
        key.hash(&mut h);
        usize::try_from(h.finish() % 1_000_003).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart_and_nothing_is_thrown_away() {
        assert!(matches!(Envelope::read(r#"{"type":"hello","num_connections":1}"#), Frame::Hello));
        let Frame::Disconnect(why) = Envelope::read(r#"{"type":"disconnect","reason":"warning"}"#) else {
            panic!("a disconnect")
        };
        assert_eq!(why, "warning");
        for odd in ["", "{", "[]", "null", r#"{"type":7}"#, r#"{"type":"new_thing","envelope_id":"e","payload":{}}"#] {
            let Frame::Envelope(e) = Envelope::read(odd) else { panic!("{odd}") };
            assert!(e.door.is_none());
            assert_eq!(e.raw, odd);
        }
        let Frame::Envelope(e) = Envelope::read(r#"{"type":"events_api","envelope_id":"e","payload":"text"}"#) else {
            panic!("an envelope")
        };
        assert!(e.door.is_none(), "a payload that is no object is kept raw");
    }
}
