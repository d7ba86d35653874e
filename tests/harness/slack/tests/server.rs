//! The workspace as a server: sockets.

use futures_util::{SinkExt as _, StreamExt as _};
use nightbell_slack_sim::{Fault, Often, Options, Server, SlackState};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

const LONG: Duration = Duration::from_secs(10);

async fn server() -> Server {
    let mut state = SlackState::new(7);
    state.redeliver_after = [0.1, 0.1, 0.1];
    Server::start(Options { sockets: 2, control: true, ..Options::new(state) }).await.unwrap()
}

/// Bytes of the answer to a POST; empty when the connection was cut.
async fn raw(server: &Server, path: &str, token: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.base().trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

async fn json_of(server: &Server, path: &str, token: &str, body: &str) -> Value {
    let answer = raw(server, path, token, body).await;
    serde_json::from_str(answer.split_once("\r\n\r\n").map_or("", |(_, b)| b)).unwrap_or_default()
}

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn connect(server: &Server) -> Self {
        Self::with_url(server, &Self::url(server).await).await.unwrap()
    }

    async fn url(server: &Server) -> String {
        let token = server.with(|s, _| s.secrets.app_token.clone());
        let v = json_of(server, "/api/apps.connections.open", &token, "").await;
        v["url"].as_str().unwrap().to_owned()
    }

    async fn with_url(server: &Server, url: &str) -> Option<Self> {
        let stream = TcpStream::connect(server.base().trim_start_matches("http://")).await.unwrap();
        Some(Self(client_async(url, stream).await.ok()?.0))
    }

    /// The next frame; null when the socket ended.
    async fn next(&mut self) -> Value {
        let frame = async {
            loop {
                match self.0.next().await {
                    Some(Ok(Message::Text(t))) => return serde_json::from_str(t.as_str()).unwrap(),
                    // Pings alone must not keep a test waiting.
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Value::Null,
                }
            }
        };
        tokio::time::timeout(LONG, frame).await.expect("a frame in time")
    }

    async fn ack(&mut self, frame: &Value, payload: Option<Value>) {
        let mut v = json!({ "envelope_id": frame["envelope_id"] });
        if let Some(p) = payload {
            v["payload"] = p;
        }
        self.0.send(Message::text(v.to_string())).await.unwrap();
    }
}

#[tokio::test]
async fn events_come_over_the_socket_until_they_are_acknowledged() {
    let server = server().await;
    let mut c = Client::connect(&server).await;
    let hello = c.next().await;
    assert_eq!((hello["type"].as_str(), hello["num_connections"].as_u64()), (Some("hello"), Some(1)));
    server.with(|s, now| s.say(now, "U1", "dm", "one").and_then(|_| s.say(now, "U1", "dm", "two"))).unwrap();
    let (first, second) = (c.next().await, c.next().await);
    assert_eq!(first["payload"]["event"]["text"], "one");
    // The later one is acknowledged first, with an empty payload.
    c.ack(&second, Some(json!({}))).await;
    let again = c.next().await;
    assert_eq!(again["payload"]["event_id"], first["payload"]["event_id"]);
    assert_ne!(again["envelope_id"], first["envelope_id"]);
    assert_eq!((again["retry_attempt"].as_u64(), again["retry_reason"].as_str()), (Some(1), Some("timeout")));
    c.ack(&again, None).await;
    assert!(server.wait_until(|s| s.deliveries().iter().all(|d| d.acked_at.is_some()), LONG).await);
    c.0.send(Message::text("{nonsense")).await.unwrap();
    assert!(server.wait_until(|s| s.strange_frames() == ["{nonsense"], LONG).await);
}

#[tokio::test]
async fn envelopes_are_spread_and_too_many_sockets_are_refused() {
    let server = server().await;
    let (mut a, mut b) = (Client::connect(&server).await, Client::connect(&server).await);
    assert_eq!(
        (a.next().await["num_connections"].clone(), b.next().await["num_connections"].clone()),
        (json!(1), json!(2))
    );
    let mut c = Client::connect(&server).await;
    let frame = c.next().await;
    assert_eq!((frame["type"].as_str(), frame["reason"].as_str()), (Some("disconnect"), Some("too_many_websockets")));
    assert_eq!(c.next().await, Value::Null);
    server.hold(true);
    for n in 0..10 {
        server.with(|s, now| s.say(now, "U1", "dm", &n.to_string())).unwrap();
    }
    server.hold(false);
    for client in [&mut a, &mut b] {
        for _ in 0..5 {
            let f = client.next().await;
            client.ack(&f, None).await;
        }
    }
    assert!(
        server
            .wait_until(|s| s.deliveries().len() == 10 && s.deliveries().iter().all(|d| d.acked_at.is_some()), LONG)
            .await
    );
    let by: Vec<u64> = server.shared().look(|s| s.deliveries().iter().map(|d| d.tries[0].connection).collect());
    assert_eq!(by.iter().filter(|c| **c == by[0]).count(), 5);
}

#[tokio::test]
async fn a_ticket_is_good_for_one_socket() {
    let server = server().await;
    let url = Client::url(&server).await;
    assert!(Client::with_url(&server, &url).await.is_some());
    assert!(Client::with_url(&server, &url).await.is_none());
    assert!(Client::with_url(&server, &url.replace("ticket=", "ticket=x")).await.is_none());
}

#[tokio::test]
async fn sockets_end_with_and_without_a_word_and_nothing_is_lost() {
    let server = server().await;
    let mut c = Client::connect(&server).await;
    c.next().await;
    server.disconnect("warning");
    assert_eq!(c.next().await["reason"], "warning");
    server.with(|s, now| s.say(now, "U1", "dm", "still there")).unwrap();
    let f = c.next().await;
    c.ack(&f, None).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(server.sockets(), 1, "a warning ends nothing");
    server.disconnect("refresh_requested");
    assert_eq!(c.next().await["reason"], "refresh_requested");
    assert_eq!(c.next().await, Value::Null);
    server.with(|s, now| s.say(now, "U1", "dm", "meanwhile")).unwrap();
    let mut c = Client::connect(&server).await;
    c.next().await;
    assert_eq!(c.next().await["payload"]["event"]["text"], "meanwhile");
    server.drop_sockets();
    assert_eq!(c.next().await, Value::Null);
    assert!(server.wait_until(|_| server.sockets() == 0, LONG).await);
    let mut c = Client::connect(&server).await;
    c.next().await;
    assert_eq!(c.next().await["payload"]["event"]["text"], "meanwhile", "what was not acknowledged comes again");
    assert_eq!(server.sockets_so_far(), 3);
}

#[tokio::test]
async fn the_answer_to_a_form_travels_in_the_acknowledgement() {
    let server = server().await;
    let mut c = Client::connect(&server).await;
    c.next().await;
    server.with(|s, now| s.command(now, "U1", "dm", "/nightbell")).unwrap();
    let f = c.next().await;
    c.ack(&f, None).await;
    let token = server.with(|s, _| s.secrets.bot_token.clone());
    let body = json!({ "trigger_id": f["payload"]["trigger_id"], "view": crate::form("Report") }).to_string();
    let v = json_of(&server, "/api/views.open", &token, &body).await;
    let id = v["view"]["id"].as_str().unwrap().to_owned();
    server.submit("U1", &[("what", "x")]).unwrap();
    let f = c.next().await;
    assert_eq!((f["type"].as_str(), f["accepts_response_payload"].clone()), (Some("interactive"), json!(true)));
    c.ack(&f, Some(json!({ "response_action": "errors", "errors": { "what": "no" } }))).await;
    assert!(server.wait_until(|s| s.view(&id).is_some_and(|v| v.errors.get("what") == Some(&json!("no"))), LONG).await);
    let kept = server.shared().look(|s| s.deliveries().last().unwrap().ack.clone());
    assert_eq!(kept.unwrap()["response_action"], "errors");
}

#[tokio::test]
async fn faults_reach_the_wire() {
    let server = server().await;
    let token = server.with(|s, _| s.secrets.bot_token.clone());
    let fault = |f| server.with(|s, _| s.fault("auth.test", f, Often::Times(1)));
    fault(Fault::Reset { done: true });
    assert_eq!(raw(&server, "/api/auth.test", &token, "").await, "");
    fault(Fault::Truncated);
    let part = raw(&server, "/api/auth.test", &token, "").await;
    let promised: usize = part.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
    let came = part.split_once("\r\n\r\n").unwrap().1.len();
    assert!(came > 0 && came < promised, "{came} of {promised}");
    fault(Fault::Limited { retry_after: 7 });
    let limited = raw(&server, "/api/auth.test", &token, "").await;
    assert!(limited.starts_with("HTTP/1.1 429") && limited.contains("retry-after: 7"), "{limited}");
    assert_eq!(json_of(&server, "/api/auth.test", &token, "").await["ok"], true);
}

#[tokio::test]
async fn other_languages_can_drive_it_only_when_that_is_allowed() {
    let open = server().await;
    let v = json_of(&open, "/_sim/say", "", r#"{"user":"U1","text":"hi"}"#).await;
    assert!(v["ts"].is_string(), "{v}");
    assert_eq!(json_of(&open, "/_sim/seen", "", "{}").await["seen"][0]["text"], "hi");
    assert_eq!(json_of(&open, "/_sim/nonsense", "", "{}").await["error"], "nothing is called `nonsense`");
    assert_eq!(json_of(&open, "/_sim/say", "", "{").await["ok"], false);
    let closed = Server::start(Options::new(SlackState::new(7))).await.unwrap();
    assert!(raw(&closed, "/_sim/say", "", r#"{"text":"hi"}"#).await.starts_with("HTTP/1.1 404"));
}
