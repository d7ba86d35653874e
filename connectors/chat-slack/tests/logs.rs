//! What is logged and what errors say, with everything on: no token, ticket, signature, secret, response URL or word of a
//! mail, whatever goes wrong. One test, because a process has one log.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use axum::body::Body;
use axum::http::Request;
use nightbell_chat_slack::{SLACK_API, Slack};
use nightbell_connector_kit::ReqwestHttp;
use nightbell_connector_kit::fake::FakeHttp;
use nightbell_core::chat::{Block, Card, FileRef, Tone};
use nightbell_core::port::chat::{Chat as _, Delivery, Place};
use nightbell_core::port::clock::Clock as _;
use nightbell_core::port::http::Response;
use nightbell_slack_sim::{Direct, Fault, Often, Options, Server, Shared, SlackState, Upload, signature};
use serde_json::json;
use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Inbox, RealClock, SimClock, by_http, by_socket, connector};
use tokio::sync::watch;
use tower::ServiceExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

/// The log, as bytes.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(buf);
        Ok(buf.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Words of mails and people.
const WORDS: &str = "CANARY-WORDS";
/// What is in addresses that open doors.
const DOOR: &str = "CANARY-DOOR";

/// What must be seen nowhere.
#[derive(Default)]
struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    fn of(&mut self, sim: &Shared) {
        let s = sim.look(|s| s.secrets.clone());
        self.0.push(("bot token", s.bot_token));
        self.0.push(("app token", s.app_token));
        self.0.push(("signing secret", s.signing_secret));
    }

    fn absent(&self, where_: &str, text: &str) {
        for (what, secret) in &self.0 {
            let at = text.find(secret.as_str());
            let near = at.and_then(|a| text.get(a.saturating_sub(300)..a + secret.len()));
            assert!(at.is_none(), "{what} stands in {where_}: ...{}", near.unwrap_or_default());
        }
    }
}

fn card() -> Card {
    Card::titled(format!("About {WORDS}"), Tone::Bad)
        .with(Block::Text(WORDS.to_owned()))
        .with(Block::Quote { text: WORDS.to_owned(), source: WORDS.to_owned() })
}

fn places() -> Vec<Place> {
    let in_channel = |thread: Option<&str>, only_for: Option<&str>| Place::Channel {
        id: "C1".to_owned(),
        thread: thread.map(str::to_owned),
        only_for: only_for.map(str::to_owned),
    };
    vec![
        Place::User("U1".to_owned()),
        Place::Home("U1".to_owned()),
        in_channel(None, None),
        in_channel(Some("1.1"), None),
        in_channel(None, Some("U1")),
    ]
}

/// Everything that a connector does on its way out; what it says about it.
async fn all_calls(slack: &Slack, clock: &SimClock) -> String {
    let mut said = String::new();
    for (n, to) in places().iter().enumerate() {
        clock.pass(Duration::from_secs(70));
        let (card, key) = (card(), format!("k{n}"));
        let d = Delivery { doubt: Some(clock.now()), ..Delivery::of(&key, to, &card) };
        said.push_str(&format!("{:?}\n", slack.send(d).await.map(|_| ())));
    }
    clock.pass(Duration::from_secs(70));
    let file = FileRef {
        id: format!("F1 https://files.slack.com/{DOOR}"),
        name: format!("{WORDS}.eml"),
        mime: String::new(),
        size: 1,
    };
    said.push_str(&format!("{:?}\n", slack.fetch(&file, 1_000).await.map(|_| ())));
    let by_id = FileRef { id: "F1 ".to_owned(), ..file };
    said.push_str(&format!("{:?}\n", slack.fetch(&by_id, 1_000).await.map(|_| ())));
    said.push_str(&format!("{:?}\n", slack.profile("U1").await.map(|_| ())));
    said.push_str(&format!("{:?}\n", slack.find("employee@example.com").await.map(|_| ())));
    said.push_str(&format!("{:?}\n", slack.introduce().await.map(|_| ())));
    said.push_str(&format!("{:?}\n", slack.check_socket().await));
    said.push_str(&format!("{:?}\n", slack.examine().await));
    said
}

/// Everything that can go wrong with a call.
fn faults() -> Vec<Fault> {
    let mut all = vec![
        Fault::Limited { retry_after: 3 },
        Fault::Reset { done: true },
        Fault::Reset { done: false },
        Fault::Refuse,
        Fault::Html,
        Fault::Truncated,
        Fault::Hang(Duration::from_mins(5)),
    ];
    all.extend([400, 401, 403, 404, 413, 500, 502, 503].map(Fault::Status));
    let codes = ["token_revoked", "missing_scope", "invalid_blocks", "msg_too_long", "not_in_channel", "fatal_error"];
    all.extend(codes.map(|c| Fault::Error(c.to_owned())));
    all
}

async fn outward(canaries: &mut Canaries) -> String {
    let mut said = String::new();
    for fault in faults() {
        let sim = Shared::new(SlackState::new(31));
        canaries.of(&sim);
        sim.with(|s| s.fault("*", fault, Often::Times(u32::MAX)));
        let clock = Arc::new(SimClock::default());
        let direct = Direct::new(sim.clone(), Arc::clone(&clock) as _);
        let inbox = Arc::new(Inbox::default());
        let slack = connector(by_socket(&sim, SLACK_API, 1), Arc::new(direct), &inbox, Arc::clone(&clock) as _);
        said.push_str(&all_calls(&slack, &clock).await);
    }
    // A service in between that says back all that it was sent, where its own words should stand.
    for status in [200, 400, 429, 500] {
        let sim = Shared::new(SlackState::new(31));
        let http = FakeHttp::new(move |r| {
            let sent = format!("{:?} {} {}", r.headers, r.url, String::from_utf8_lossy(&r.body));
            let token = r.headers.first().map(|(_, v)| v.trim_start_matches("Bearer ").to_owned());
            let body =
                json!({ "ok": false, "error": token.clone().unwrap_or_default(), "needed": token, "sent": sent });
            Ok(Response { status, headers: vec![("x-echo".to_owned(), sent)], body: body.to_string().into_bytes() })
        });
        let (clock, inbox) = (Arc::new(SimClock::default()), Arc::new(Inbox::default()));
        let slack = connector(by_socket(&sim, SLACK_API, 1), http, &inbox, Arc::clone(&clock) as _);
        said.push_str(&all_calls(&slack, &clock).await);
    }
    said
}

/// Calls by Slack and by others.
async fn inward(canaries: &mut Canaries) {
    let sim = Shared::new(SlackState::new(32));
    canaries.of(&sim);
    let (clock, inbox) = (Arc::new(SimClock::default()), Arc::new(Inbox::default()));
    let direct = Direct::new(sim.clone(), Arc::clone(&clock) as _);
    let mut config = by_http(&sim);
    config.team_id = Some(sim.look(|s| s.team_id.clone()));
    let slack = connector(config, Arc::new(direct), &inbox, Arc::clone(&clock) as _);
    let secret = sim.look(|s| s.secrets.signing_secret.clone());
    let url = format!("https://hooks.slack.com/actions/{DOOR}");
    let shortcut = json!({ "type": "shortcut", "callback_id": "nb_ask_text", "user": { "id": "U1" },
        "trigger_id": format!("1.2.{DOOR}"), "response_url": url, "token": DOOR });
    let message = json!({ "type": "event_callback", "event_id": "Ev1", "token": DOOR,
        "event": { "type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "text": WORDS, "ts": "1.1" } });
    let odd = json!({ "type": "event_callback", "event_id": "Ev2", "token": DOOR, "response_url": url,
        "event": { "type": "new_thing", "text": WORDS } });
    let foreign = json!({ "type": "event_callback", "event_id": "Ev3", "team_id": "T404", "token": DOOR,
        "event": { "type": "message", "channel": "D1", "user": "U1", "text": WORDS, "ts": "1.2" } });
    let gone = json!({ "type": "event_callback", "event_id": "Ev4", "event": { "type": "tokens_revoked", "tokens": { "bot": ["UBOT"] } } });
    let form = |v: &serde_json::Value| {
        let mut f = url::form_urlencoded::Serializer::new(String::new());
        f.append_pair("payload", &v.to_string()).append_pair("token", DOOR);
        f.finish()
    };
    let bodies = [
        ("/slack/events", message.to_string()),
        ("/slack/events", odd.to_string()),
        ("/slack/events", foreign.to_string()),
        ("/slack/events", gone.to_string()),
        ("/slack/events", format!("{{\"{WORDS}")),
        ("/slack/interactions", form(&shortcut)),
        ("/slack/interactions", format!("payload={WORDS}")),
        ("/slack/commands", format!("user_id=U1&text={WORDS}&response_url={url}&token={DOOR}&trigger_id={DOOR}")),
    ];
    for (path, body) in bodies {
        for (late, wrong, refuse) in [(0, false, false), (0, true, false), (-999, false, false), (0, false, true)] {
            inbox.refuse.store(u32::from(refuse), Ordering::SeqCst);
            let at = clock.now().as_second() + late;
            let key = if wrong { "another secret of its own" } else { secret.as_str() };
            let sig = signature(key, at, body.as_bytes());
            // The right one for a wrong call must not be told to anybody either.
            for s in [sig.clone(), signature(&secret, at, body.as_bytes())] {
                canaries.0.push(("signature", s.trim_start_matches("v0=").to_owned()));
            }
            let r = Request::post(path).header("x-slack-request-timestamp", at.to_string());
            let r = r.header("x-slack-signature", sig).body(Body::from(body.clone())).unwrap();
            let answer = slack.router().oneshot(r).await.unwrap();
            let head = format!("{:?}", answer.headers());
            canaries.absent("the head of an answer", &head);
        }
    }
    // The form opens with a trigger that is not known any more; the person gets a hint.
    for _ in 0..500 {
        if !sim.with(|s| s.heard("U1")).is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(sim.look(|s| s.calls_of("views.open").count()) > 0);
    assert!(!sim.with(|s| s.heard("U1")).is_empty(), "the hint came");
    let kept: Vec<String> = inbox.all().iter().map(|k| String::from_utf8_lossy(&k.raw).into_owned()).collect();
    canaries.absent("what is kept", &kept.concat().replace(WORDS, ""));
}

/// Sockets that open, fail, and carry nonsense.
async fn sockets(canaries: &mut Canaries) {
    let mut state = SlackState::new(33);
    state.fault("apps.connections.open", Fault::Status(500), Often::Times(1));
    state.echo_own = false;
    let server = Server::start(Options::new(state)).await.unwrap();
    canaries.of(server.shared());
    let http = Arc::new(ReqwestHttp::new().unwrap());
    let inbox = Arc::new(Inbox::default());
    let slack = connector(by_socket(server.shared(), &server.api_url(), 1), http, &inbox, Arc::new(RealClock));
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(Arc::clone(&slack).listen(stopped));
    assert!(server.wait_until(|s| s.calls_of("apps.connections.open").count() > 0, Duration::from_secs(10)).await);
    while server.sockets() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let file = Upload::new("odd.eml", "message/rfc822", WORDS.as_bytes());
    server.with(|s, now| s.say_with(now, nightbell_slack_sim::Say::new("U1", "dm", WORDS).file(file))).unwrap();
    inbox.refuse.store(1, Ordering::SeqCst);
    for frame in [
        format!("{{\"{WORDS}"),
        json!({ "type": "disconnect_soon", "envelope_id": "e", "payload": { "text": WORDS, "token": DOOR } })
            .to_string(),
        json!({ "type": "events_api", "envelope_id": "e", "payload": WORDS }).to_string(),
    ] {
        server.send_frame(&frame);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    // The next sockets do not open: nobody listens there, or the ticket is not taken.
    for base in ["ws://127.0.0.1:9", "http://127.0.0.1", "wss://127.0.0.1:9", "not an address"] {
        server.with(|s, _| base.clone_into(&mut s.socket_base));
        server.drop_sockets();
        let before = server.shared().look(|s| s.calls_of("apps.connections.open").count());
        let more = |s: &SlackState| s.calls_of("apps.connections.open").count() > before;
        assert!(server.wait_until(more, Duration::from_secs(20)).await, "it tries again");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.send_replace(true);
    let _ = tokio::time::timeout(Duration::from_secs(10), task).await.expect("it stops");
    server.shared().look(|s| {
        for c in s.calls_of("apps.connections.open").filter(|c| c.fault.is_none()) {
            let url = c.answer["url"].as_str().unwrap_or_default();
            let ticket = url.split("ticket=").nth(1).and_then(|t| t.split('&').next()).unwrap_or_default();
            assert!(ticket.len() > 20, "{url}");
            canaries.0.push(("ticket", ticket.to_owned()));
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_ever_said() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();
    let mut canaries = Canaries(vec![("words", WORDS.to_owned()), ("an open door", DOOR.to_owned())]);
    let said = outward(&mut canaries).await;
    inward(&mut canaries).await;
    sockets(&mut canaries).await;
    tracing::trace!(target: "slack_morphism", "the very lowest level is heard");

    canaries.absent("an error", &said);
    assert!(said.contains("rate limits") || said.contains("asked us to wait"), "{said}");
    assert!(said.len() > 10_000, "little was said: {}", said.len());
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    canaries.absent("the log", &log);
    for heard in [
        "the very lowest level is heard",
        "Slack API request",
        "without a valid signature",
        "could not be kept",
        "another workspace or app",
        "no connection to Slack",
        "socket did not open",
        "NB0504",
    ] {
        assert!(log.contains(heard), "the log does not have `{heard}`, so it was not heard what it was meant to hear");
    }
    println!("{} canaries, {} characters of log, {} of errors", canaries.0.len(), log.len(), said.len());
}
