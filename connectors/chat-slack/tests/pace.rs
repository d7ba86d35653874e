//! How often connections are asked for when they are refused, hung up on, or fall silent: never in a busy loop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use async_trait::async_trait;
use futures_util::{SinkExt as _, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use nightbell_chat_slack::{SLACK_API, Slack};
use nightbell_connector_kit::fake::{FakeHttp, response};
use nightbell_core::port::clock::Clock as _;
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use nightbell_slack_sim::{Direct, Fault, Often, Shared, SlackState};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use support::{Inbox, RealClock, SimClock, by_socket, connector};
use tokio::sync::{Notify, watch};
use tokio_tungstenite::tungstenite::Message;

const LONG: Duration = Duration::from_secs(30);

/// Calls of an hour: after it, nothing is answered any more.
struct Hour {
    inner: Direct,
    clock: Arc<SimClock>,
    end: Timestamp,
    over: Arc<Notify>,
}

#[async_trait]
impl Http for Hour {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        if self.clock.now() >= self.end {
            self.over.notify_one();
            std::future::pending::<()>().await;
        }
        self.inner.send(request).await
    }
}

/// The instants of the calls of one hour, in seconds, while every call fails like this.
async fn an_hour_of(fault: Fault) -> (Vec<f64>, usize) {
    let sim = Shared::new(SlackState::new(2));
    sim.with(|s| s.fault("apps.connections.open", fault, Often::Times(u32::MAX)));
    let (clock, over) = (Arc::new(SimClock::default()), Arc::new(Notify::new()));
    let start = clock.now();
    let http = Hour {
        inner: Direct::new(sim.clone(), Arc::clone(&clock) as _),
        clock: Arc::clone(&clock),
        end: start + SignedDuration::from_hours(1),
        over: Arc::clone(&over),
    };
    let slack: Arc<Slack> =
        connector(by_socket(&sim, SLACK_API, 1), Arc::new(http), &Arc::new(Inbox::default()), Arc::clone(&clock) as _);
    let (_stop, stopped) = watch::channel(false);
    let task = tokio::spawn(slack.listen(stopped));
    tokio::time::timeout(LONG, over.notified()).await.expect("an hour passes");
    task.abort();
    sim.look(|s| {
        let at = s.calls_of("apps.connections.open").map(|c| c.at.duration_since(start).as_secs_f64()).collect();
        (at, s.violations().len())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_connection_is_tried_again_ever_more_slowly_and_never_on_the_beat() {
    for (fault, most) in [
        (Fault::Status(500), 130),
        (Fault::Refuse, 130),
        (Fault::Html, 130),
        (Fault::Truncated, 130),
        (Fault::Error("internal_error".to_owned()), 130),
        (Fault::Error("invalid_auth".to_owned()), 130),
        (Fault::Limited { retry_after: 60 }, 62),
        (Fault::Limited { retry_after: 300 }, 13),
    ] {
        let name = fault.name();
        let (calls, early) = an_hour_of(fault).await;
        assert!(calls.len() <= most && calls.len() >= 8, "{name}: {} calls within an hour", calls.len());
        assert_eq!(early, 0, "{name}: called before the time that was named");
        let gaps: Vec<f64> = calls.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(gaps.iter().all(|g| *g >= 0.24), "{name}: {gaps:?}");
        let late = &gaps[gaps.len() / 2..];
        assert!(late.iter().all(|g| *g >= 29.0), "{name}: {late:?}");
        assert!(late.windows(2).any(|w| (w[0] - w[1]).abs() > 0.05), "{name}: no jitter: {late:?}");
    }
}

// --- a server that behaves badly ------------------------------------------------------------------------------------

/// A WebSocket server of our own: greets, and then goes on as told.
async fn greeter(close: bool) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut ws) = tokio_tungstenite::accept_async(stream).await else { continue };
            ws.send(Message::text(r#"{"type":"hello","num_connections":1}"#)).await.unwrap();
            seen.fetch_add(1, Ordering::SeqCst);
            if close {
                let _ = ws.close(None).await;
                let _ = tokio::time::timeout(Duration::from_secs(1), ws.next()).await;
            } else {
                // Not read any more, and not closed either.
                kept.push(ws);
            }
        }
    });
    (url, count)
}

fn opener(url: &str) -> Arc<FakeHttp> {
    let body = json!({ "ok": true, "url": url }).to_string();
    FakeHttp::new(move |_| Ok(response(200, &body)))
}

#[tokio::test]
async fn a_server_that_greets_and_hangs_up_does_not_make_a_busy_loop() {
    let (url, greeted) = greeter(true).await;
    let sim = Shared::new(SlackState::new(2));
    let http = opener(&url);
    let inbox = Arc::new(Inbox::default());
    let slack = connector(by_socket(&sim, SLACK_API, 1), Arc::clone(&http) as _, &inbox, Arc::new(RealClock));
    let (_stop, stopped) = watch::channel(false);
    let task = tokio::spawn(slack.listen(stopped));
    tokio::time::sleep(Duration::from_secs(4)).await;
    task.abort();
    let calls = http.seen().len();
    assert!((3..=10).contains(&calls), "{calls} calls within four seconds");
    assert!(greeted.load(Ordering::SeqCst) >= 3);
}

#[tokio::test]
async fn a_connection_that_fell_silent_is_replaced() {
    let (url, greeted) = greeter(false).await;
    let sim = Shared::new(SlackState::new(2));
    let http = opener(&url);
    let inbox = Arc::new(Inbox::default());
    let slack = connector(by_socket(&sim, SLACK_API, 1), Arc::clone(&http) as _, &inbox, Arc::new(RealClock));
    let (_stop, stopped) = watch::channel(false);
    let task = tokio::spawn(slack.listen(stopped));
    while greeted.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    // From here on time jumps from one timer to the next: minutes of silence in no time.
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    while http.seen().len() < 2 {
        assert!(start.elapsed() < Duration::from_mins(3), "nobody noticed the silence");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let noticed = start.elapsed().as_secs();
    assert!((45..=70).contains(&noticed), "noticed after {noticed} s");
    task.abort();
}
