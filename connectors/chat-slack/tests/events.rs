//! Events over HTTP, through the router: what is right is kept and then acknowledged, what is wrong is neither.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

/// The check itself, which no route reaches alone.
#[path = "../src/signature.rs"]
#[allow(unreachable_pub, dead_code, reason = "a module of the library")]
mod genuine;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use nightbell_chat_slack::Slack;
use nightbell_connector_kit::Secret;
use nightbell_connector_kit::fake::FakeHttp;
use nightbell_core::chat::What;
use nightbell_core::port::chat::Chat as _;
use nightbell_core::port::clock::Clock as _;
use nightbell_core::port::http::{Http, HttpError, Request as Out, Response as In};
use nightbell_core::port::random::{Rng as _, Seeded};
use nightbell_slack_sim::{Shared, SlackState, signature};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use support::{Inbox, SimClock, below, by_http, connector, shapes};
use tower::ServiceExt as _;

const MIB: usize = 1024 * 1024;
const DOORS: [&str; 3] = ["/slack/events", "/slack/interactions", "/slack/commands"];

struct World {
    slack: Arc<Slack>,
    inbox: Arc<Inbox>,
    clock: Arc<SimClock>,
    http: Arc<FakeHttp>,
    secret: String,
}

fn world() -> World {
    let sim = Shared::new(SlackState::new(3));
    let http = FakeHttp::always(Err(HttpError::NotSent("nobody is there".to_owned())));
    let (inbox, clock) = (Arc::new(Inbox::default()), Arc::new(SimClock::default()));
    let secret = sim.look(|s| s.secrets.signing_secret.clone());
    let slack = connector(by_http(&sim), Arc::clone(&http) as _, &inbox, Arc::clone(&clock) as _);
    World { slack, inbox, clock, http, secret }
}

impl World {
    fn request(&self, path: &str, late: i64, body: &[u8]) -> Request<Body> {
        let at = self.clock.now().as_second() + late;
        Request::post(path)
            .header("x-slack-request-timestamp", at.to_string())
            .header("x-slack-signature", signature(&self.secret, at, body))
            .body(Body::from(body.to_vec()))
            .unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.slack.router().oneshot(request).await.unwrap()
    }

    async fn good(&self, path: &str, body: &[u8]) -> (StatusCode, String) {
        let answer = self.send(self.request(path, 0, body)).await;
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }
}

/// A payload of the shapes as it comes over HTTP.
fn wire(name: &str) -> Vec<u8> {
    let shape = shapes::all().into_iter().find(|s| s.name == name).unwrap_or_else(|| panic!("no shape {name}"));
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    match shape.door {
        nightbell_chat_slack::receive::Door::Event => return shape.body.to_string().into_bytes(),
        nightbell_chat_slack::receive::Door::Interaction => {
            form.append_pair("payload", &shape.body.to_string());
        }
        nightbell_chat_slack::receive::Door::Command => {
            for (k, v) in shape.body.as_object().unwrap() {
                form.append_pair(k, v.as_str().unwrap_or_default());
            }
        }
    }
    form.finish().into_bytes()
}

fn bodies() -> [(&'static str, Vec<u8>); 3] {
    [
        ("/slack/events", wire("message in a direct message")),
        ("/slack/interactions", wire("button")),
        ("/slack/commands", wire("command")),
    ]
}

#[tokio::test]
async fn what_is_signed_is_kept_and_then_acknowledged_without_asking_slack_anything() {
    let w = world();
    for (path, body) in bodies() {
        let before = w.inbox.len();
        assert_eq!(w.good(path, &body).await, (StatusCode::OK, String::new()), "{path}");
        assert_eq!(w.inbox.len(), before + 1, "{path}");
    }
    let all = w.inbox.all();
    assert_eq!(all[0].text(), "I clicked on a link");
    assert!(matches!(&all[1].event.what, What::Press { token, .. } if token == "p:1:yes"));
    assert!(matches!(&all[2].event.what, What::Command { line } if line == "report <odd> mail"));
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert!(w.http.seen().is_empty(), "a call was made for an acknowledgement: {:?}", w.http.seen());
}

/// A Web API that never answers.
struct Silent(AtomicUsize);

#[async_trait]
impl Http for Silent {
    async fn send(&self, _request: Out) -> Result<In, HttpError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_form_that_hangs_does_not_delay_the_acknowledgement() {
    let sim = Shared::new(SlackState::new(3));
    let (inbox, clock) = (Arc::new(Inbox::default()), Arc::new(SimClock::default()));
    let http = Arc::new(Silent(AtomicUsize::new(0)));
    let slack = connector(by_http(&sim), Arc::clone(&http) as _, &inbox, Arc::clone(&clock) as _);
    let secret = sim.look(|s| s.secrets.signing_secret.clone());
    let w = World { slack, inbox, clock, secret, http: FakeHttp::always(Err(HttpError::TooBig(0))) };
    let body = wire("button of a form");
    let answer = tokio::time::timeout(Duration::from_secs(2), w.good("/slack/interactions", &body));
    assert_eq!(answer.await.expect("an answer at once").0, StatusCode::OK);
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    assert_eq!(http.0.load(Ordering::SeqCst), 1, "the form is opened beside it");
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_acknowledged() {
    let w = world();
    w.inbox.refuse.store(3, Ordering::SeqCst);
    for (path, body) in bodies() {
        let answer = w.send(w.request(path, 0, &body)).await;
        if path == "/slack/commands" {
            // Slack does not send a command again, so the person is told.
            assert_eq!(answer.status(), StatusCode::OK);
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let v: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(v["response_type"], "ephemeral");
            assert!(v["text"].as_str().is_some_and(|t| t.contains("not kept") && t.contains("again")), "{v}");
        } else {
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert_eq!(answer.headers()["retry-after"], "7");
            assert!(answer.headers().get("x-slack-no-retry").is_none(), "Slack has to send it again");
        }
    }
    assert_eq!((w.inbox.len(), w.inbox.refused.load(Ordering::SeqCst)), (0, 3));
    for (path, body) in bodies() {
        assert_eq!(w.good(path, &body).await.0, StatusCode::OK);
    }
    assert_eq!(w.inbox.len(), 3, "sent again, they are kept");
}

#[tokio::test]
async fn the_challenge_is_answered_to_slack_only() {
    let w = world();
    let body = json!({ "type": "url_verification", "challenge": "abc123", "token": "t" }).to_string();
    assert_eq!(w.good("/slack/events", body.as_bytes()).await, (StatusCode::OK, "abc123".to_owned()));
    let forged = Request::post("/slack/events").body(Body::from(body.clone())).unwrap();
    let answer = w.send(forged).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty());
    let mut other = w.request("/slack/events", 0, body.as_bytes());
    *other.body_mut() = Body::from(body.replace("abc123", "abc124"));
    assert_eq!(w.send(other).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(w.inbox.len(), 0);
}

#[tokio::test]
async fn a_replay_within_the_five_minutes_is_kept_once() {
    let w = world();
    for (path, body) in bodies() {
        for late in [0, 0, -200, 299] {
            assert_eq!(w.send(w.request(path, late, &body)).await.status(), StatusCode::OK);
        }
    }
    assert_eq!(w.inbox.len(), 3);
    assert_eq!(w.inbox.again.load(Ordering::SeqCst), 9, "all others had the same id");
}

#[tokio::test]
async fn forged_stale_and_doubled_requests_are_refused() {
    let w = world();
    let now = w.clock.now().as_second();
    for (path, body) in bodies() {
        let sig = signature(&w.secret, now, &body);
        let req = |headers: &[(&str, String)], body: &[u8]| {
            let mut r = Request::post(path);
            for (k, v) in headers {
                r = r.header(*k, v);
            }
            r.body(Body::from(body.to_vec())).unwrap()
        };
        let (ts_name, sig_name) = ("x-slack-request-timestamp", "x-slack-signature");
        let ts = |at: i64| (ts_name, at.to_string());
        let by = |s: &str| (sig_name, s.to_owned());
        let mut longer = body.clone();
        longer.push(b' ');
        let mut flipped = sig.clone().into_bytes();
        flipped[20] = if flipped[20] == b'0' { b'1' } else { b'0' };
        let flipped = String::from_utf8(flipped).unwrap();
        let bad = [
            ("no headers", req(&[], &body)),
            ("no signature", req(&[ts(now)], &body)),
            ("no timestamp", req(&[by(&sig)], &body)),
            ("another secret", req(&[ts(now), by(&signature("another secret of its own", now, &body))], &body)),
            ("another digit", req(&[ts(now), by(&flipped)], &body)),
            ("another body", req(&[ts(now), by(&sig)], &longer)),
            ("another time", req(&[ts(now + 1), by(&sig)], &body)),
            ("301 s old", req(&[ts(now - 301), by(&signature(&w.secret, now - 301, &body))], &body)),
            ("301 s ahead", req(&[ts(now + 301), by(&signature(&w.secret, now + 301, &body))], &body)),
            ("two signatures, the good one first", req(&[ts(now), by(&sig), by(&flipped)], &body)),
            ("two signatures, the good one last", req(&[ts(now), by(&flipped), by(&sig)], &body)),
            ("the same twice", req(&[ts(now), by(&sig), by(&sig)], &body)),
            ("two timestamps", req(&[ts(now), ts(now), by(&sig)], &body)),
            ("both in one", req(&[ts(now), by(&format!("{flipped},{sig}"))], &body)),
            ("upper case", req(&[ts(now), by(&sig.to_uppercase())], &body)),
            ("without v0", req(&[ts(now), by(&sig[3..])], &body)),
            ("a time with a plus", req(&[(ts_name, format!("+{now}")), by(&sig)], &body)),
            ("a time with a blank", req(&[(ts_name, format!("{now} 1")), by(&sig)], &body)),
        ];
        for (what, request) in bad {
            let answer = w.send(request).await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}: {what}");
            assert!(answer.into_body().collect().await.unwrap().to_bytes().is_empty(), "{what}: it says why");
        }
        for other in ["GET", "PUT"] {
            let mut r = w.request(path, 0, &body);
            *r.method_mut() = other.parse().unwrap();
            assert_eq!(w.send(r).await.status(), StatusCode::METHOD_NOT_ALLOWED);
        }
        // The very edge is still good.
        assert_eq!(w.send(w.request(path, 300, &body)).await.status(), StatusCode::OK);
    }
    assert_eq!(w.inbox.len(), 3);
    assert!(w.http.seen().is_empty());
}

/// A body in parts of 64 KiB that counts how many were asked for.
fn counted(total: usize, asked: &Arc<AtomicUsize>) -> Body {
    let asked = Arc::clone(asked);
    let parts = (0..total).step_by(65_536).map(move |at| {
        asked.fetch_add(1, Ordering::SeqCst);
        Ok::<Bytes, std::io::Error>(Bytes::from(vec![b'x'; 65_536.min(total - at)]))
    });
    Body::from_stream(stream::iter(parts))
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let w = world();
    let huge = vec![b'x'; MIB + 1];
    let at = w.clock.now().as_second();
    for path in DOORS {
        let asked = Arc::new(AtomicUsize::new(0));
        let start = || {
            let r = Request::post(path).header("x-slack-request-timestamp", at.to_string());
            r.header("x-slack-signature", signature(&w.secret, at, &huge))
        };
        let told = start().header("content-length", (MIB + 1).to_string()).body(counted(MIB + 1, &asked)).unwrap();
        assert_eq!(w.send(told).await.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(asked.load(Ordering::SeqCst), 0, "{path}: it was read although its length was told");

        let chunked = start().body(counted(64 * MIB, &asked)).unwrap();
        assert_eq!(w.send(chunked).await.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        let read = asked.swap(0, Ordering::SeqCst);
        assert!(read <= 17, "{path}: {read} parts of 64 KiB were read");

        // A length that is not true helps nobody.
        let lied = start().header("content-length", "10").body(counted(2 * MIB, &asked)).unwrap();
        assert_ne!(w.send(lied).await.status(), StatusCode::OK, "{path}");
    }
    assert_eq!(w.inbox.len(), 0);
    let mut most = wire("message in a direct message");
    most.resize(MIB, b' ');
    assert_eq!(w.good("/slack/events", &most).await.0, StatusCode::OK, "one MiB is taken");
    assert_eq!(w.inbox.len(), 1);
}

#[tokio::test]
async fn nonsense_that_is_signed_is_kept_as_unreadable() {
    let w = world();
    for (n, body) in [&b"{"[..], b"\xff\xfe\0", b"", b"payload=%7B"].into_iter().enumerate() {
        for path in ["/slack/events", "/slack/interactions"] {
            assert_eq!(w.good(path, body).await.0, StatusCode::OK, "{path} {n}");
        }
    }
    let all = w.inbox.all();
    assert_eq!(all.len(), 4, "one each; the second door sees a repeat");
    for k in &all {
        assert!(matches!(&k.event.what, What::Other { kind } if kind == "unreadable"), "{k:?}");
        assert!(String::from_utf8_lossy(&k.raw).contains("digest"), "{k:?}");
    }
    // A command without anything in it is kept as well.
    assert_eq!(w.good("/slack/commands", b"a=b").await.0, StatusCode::OK);
    assert_eq!(w.good("/slack/commands", b"ssl_check=1&token=t").await.0, StatusCode::OK);
    assert_eq!(w.inbox.len(), 5, "a check of the certificate is nothing to keep");
}

#[tokio::test]
async fn what_is_not_understood_is_kept_whole_but_for_its_secrets() {
    let event =
        json!({ "type": "canvas_changed", "user": "U1", "blocks": [{ "text": "words" }], "client_msg_id": "m" });
    let body = json!({ "type": "event_callback", "event_id": "Ev77", "token": "t", "event": event });
    let mut want = body.clone();
    want.as_object_mut().unwrap().remove("token");
    let w = world();
    assert_eq!(w.good("/slack/events", body.to_string().as_bytes()).await.0, StatusCode::OK);
    let socket = support::World::new(4);
    let frame = json!({ "envelope_id": "e1", "type": "events_api", "payload": body }).to_string();
    assert!(socket.slack.frame(&frame).await.is_some());
    for inbox in [&w.inbox, &socket.inbox] {
        let all = inbox.all();
        assert_eq!(all.len(), 1);
        assert!(matches!(&all[0].event.what, What::Other { kind } if kind == "canvas_changed"), "{:?}", all[0]);
        let kept: serde_json::Value = serde_json::from_slice(&all[0].raw).unwrap();
        assert_eq!(kept, want);
    }
}

#[tokio::test]
async fn with_socket_mode_there_are_no_doors() {
    let w = support::World::new(4);
    for path in DOORS {
        let answer = w.slack.router().oneshot(Request::post(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(w.slack.platform(), "slack");
}

/// Forged requests of many kinds against the check itself; how many it believed.
fn forgeries(times: usize) -> usize {
    let rng = Seeded::new(99);
    let secret = Secret::new("the secret of the workspace");
    let now = Timestamp::from_second(1_770_000_000).unwrap();
    let mut believed = 0;
    for case in 0..times {
        let mut body = vec![0u8; below(&rng, 64)];
        rng.fill(&mut body);
        let at = 1_770_000_000 + i64::try_from(below(&rng, 600)).unwrap() - 300;
        let good = signature(secret.expose(), at, &body);
        let (ts, given) = match case % 8 {
            0 => {
                let mut bytes = [0u8; 32];
                rng.fill(&mut bytes);
                (at.to_string(), format!("v0={}", bytes.map(|b| format!("{b:02x}")).concat()))
            }
            1 => {
                let mut g = good.into_bytes();
                let n = 3 + below(&rng, 64);
                g[n] = if g[n] == b'7' { b'8' } else { b'7' };
                (at.to_string(), String::from_utf8(g).unwrap())
            }
            2 => (at.to_string(), signature(&format!("the secret of the workspace{case}"), at, &body)),
            3 => ((at + 1).to_string(), good),
            4 => (at.to_string(), good[..good.len() - 1 - below(&rng, 60)].to_owned()),
            5 => {
                body.push(b' ');
                (at.to_string(), good)
            }
            6 => {
                let old = at - 1_000;
                (old.to_string(), signature(secret.expose(), old, &body))
            }
            _ => (format!("0{at}"), signature(secret.expose(), at, &body)),
        };
        believed += usize::from(genuine::genuine(&secret, &ts, &given, &body, now));
    }
    believed
}

#[test]
fn twenty_thousand_forgeries_are_not_believed() {
    assert_eq!(forgeries(20_000), 0);
    // The loop could see one that is believed.
    let (secret, now) = (Secret::new("the secret of the workspace"), Timestamp::from_second(1_770_000_000).unwrap());
    assert!(genuine::genuine(&secret, "1770000000", &signature(secret.expose(), 1_770_000_000, b"a"), b"a", now));
}

#[test]
#[ignore = "a minute; run it with --release"]
fn a_million_forgeries_are_not_believed() {
    assert_eq!(forgeries(1_000_000), 0);
}
