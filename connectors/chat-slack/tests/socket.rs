//! Socket Mode over real WebSockets on the loopback: nothing is lost, nothing comes twice, order is kept, and whatever
//! Slack does to the connections.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use nightbell_connector_kit::ReqwestHttp;
use nightbell_core::chat::What;
use nightbell_slack_sim::{ChannelKind, Options, Server, SlackState};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use support::{Inbox, Kept, RealClock, by_socket, connector};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const LONG: Duration = Duration::from_secs(30);

/// A server, the connector at it, and the end of both.
struct Live {
    server: Server,
    inbox: Arc<Inbox>,
    stop: watch::Sender<bool>,
    listening: JoinHandle<()>,
}

async fn live(connections: usize, change: impl FnOnce(&mut Options)) -> Live {
    let mut state = SlackState::new(21);
    state.echo_own = false;
    for n in 0..20 {
        state.add_channel(&format!("C{}", 100 + n), &format!("channel-{n}"), ChannelKind::Public, &["U1"], true);
    }
    let mut options = Options::new(state);
    change(&mut options);
    let server = Server::start(options).await.unwrap();
    let inbox = Arc::new(Inbox::default());
    let config = by_socket(server.shared(), &server.api_url(), connections);
    let slack = connector(config, Arc::new(ReqwestHttp::new().unwrap()), &inbox, Arc::new(RealClock));
    let (stop, stopped) = watch::channel(false);
    let listening = tokio::spawn(slack.listen(stopped));
    Live { server, inbox, stop, listening }
}

impl Live {
    async fn open(&self, sockets: usize) {
        let mut left = 1_000;
        while self.server.sockets() < sockets {
            tokio::time::sleep(Duration::from_millis(10)).await;
            left -= 1;
            assert!(left > 0, "{} of {sockets} sockets", self.server.sockets());
        }
    }

    fn say(&self, channel: &str, text: &str) {
        self.server.with(|s, now| s.say(now, "U1", channel, text)).unwrap();
    }

    async fn all_acked(&self) {
        let done = self.server.wait_until(|s| s.deliveries().iter().all(|d| d.acked_at.is_some()), LONG).await;
        assert!(done, "{} of {} acknowledged", self.acked(), self.server.shared().look(|s| s.deliveries().len()));
    }

    fn acked(&self) -> usize {
        self.server.shared().look(|s| s.deliveries().iter().filter(|d| d.acked_at.is_some()).count())
    }

    fn opened(&self) -> usize {
        self.server.shared().look(|s| s.calls_of("apps.connections.open").count())
    }

    async fn end(self) {
        self.stop.send_replace(true);
        tokio::time::timeout(LONG, self.listening).await.expect("it stops").unwrap();
    }
}

/// Words per channel in the order in which they were kept.
fn per_channel(all: &[Kept]) -> BTreeMap<String, Vec<String>> {
    let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for k in all {
        out.entry(k.event.conv.id.clone()).or_default().push(k.text().to_owned());
    }
    out
}

async fn two_hundred_at_once(connections: usize) {
    let l = live(connections, |_| {}).await;
    l.open(connections).await;
    l.inbox.slow.store(50, Ordering::SeqCst);
    l.server.hold(true);
    for n in 0..200 {
        l.say(&format!("C{}", 100 + n % 20), &format!("{n:03}"));
    }
    l.server.hold(false);
    l.all_acked().await;
    assert_eq!((l.inbox.len(), l.inbox.again.load(Ordering::SeqCst)), (200, 0));
    for (channel, words) in per_channel(&l.inbox.all()) {
        assert!(words.len() == 10 && words.is_sorted(), "{connections} connections, {channel}: {words:?}");
    }
    let mut took: Vec<i128> = l.server.shared().look(|s| {
        assert!(s.strange_frames().is_empty());
        s.deliveries().iter().map(|d| d.took().unwrap().as_millis()).collect()
    });
    took.sort_unstable();
    println!("{connections} connections: median {} ms, slowest {} ms", took[100], took[199]);
    assert!(took[199] < 3_000, "an acknowledgement took {} ms", took[199]);
    l.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_events_at_once_over_one_connection() {
    two_hundred_at_once(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_events_at_once_over_two_connections() {
    two_hundred_at_once(2).await;
}

/// Slack gives the envelopes to its connections in turn, so one conversation comes over both of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn order_is_kept_across_connections() {
    let l = live(2, |o| o.state.redeliver_after = [60.0; 3]).await;
    l.open(2).await;
    // What two connections bring within the same moment has no order; here rounds are a fifth of a second apart.
    tokio::time::sleep(Duration::from_millis(200)).await;
    l.inbox.slow.store(450, Ordering::SeqCst);
    l.inbox.uneven.store(true, Ordering::SeqCst);
    for n in 0..209 {
        l.say(&format!("C{}", 100 + n % 19), &format!("{n:03}"));
        if n % 19 == 18 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    l.all_acked().await;
    for (channel, words) in per_channel(&l.inbox.all()) {
        assert!(words.len() == 11 && words.is_sorted(), "{channel}: {words:?}");
    }
    let both = l.server.shared().look(|s| {
        let of = |n: u64| s.deliveries().iter().filter(|d| d.tries[0].connection == n).count();
        (of(1), of(2))
    });
    assert!(both.0 > 90 && both.1 > 90, "{both:?}");
    l.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_renewed_all_the_time_lose_nothing_and_leave_no_gap() {
    let l = live(2, |o| o.state.redeliver_after = [0.5, 1.0, 1.5]).await;
    l.open(2).await;
    l.inbox.slow.store(80, Ordering::SeqCst);
    let (least, watching) = (AtomicU64::new(u64::MAX), AtomicBool::new(true));
    let watch = async {
        while watching.load(Ordering::SeqCst) {
            least.fetch_min(l.server.sockets() as u64, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let play = async {
        let mut n = 0;
        for round in 0..8 {
            for reason in ["warning", "refresh_requested"] {
                for _ in 0..10 {
                    l.say(&format!("C{}", 100 + n % 20), &format!("{n:03}"));
                    n += 1;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
                l.server.disconnect(if round % 4 == 3 && reason != "warning" { "something_new" } else { reason });
                tokio::time::sleep(Duration::from_millis(450)).await;
            }
            tokio::time::sleep(Duration::from_millis(800)).await;
        }
        l.all_acked().await;
        watching.store(false, Ordering::SeqCst);
        n
    };
    let (n, ()) = tokio::join!(play, watch);
    assert_eq!(l.inbox.len(), n, "lost, or kept twice");
    assert!(l.server.shared().look(|s| s.lost().is_empty()));
    let least = least.load(Ordering::SeqCst);
    let again = l.inbox.again.load(Ordering::SeqCst);
    println!(
        "{n} events, {} connections, {again} came again, never fewer than {least} open",
        l.server.sockets_so_far()
    );
    assert!(l.server.sockets_so_far() > 20 && least >= 1, "{least} sockets at some moment");
    l.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_connections_lose_nothing() {
    let l = live(2, |o| o.state.redeliver_after = [0.4, 0.8, 4.0]).await;
    l.open(2).await;
    l.inbox.slow.store(150, Ordering::SeqCst);
    let mut n = 0;
    for _ in 0..4 {
        for _ in 0..25 {
            l.say(&format!("C{}", 100 + n % 20), &format!("{n:03}"));
            n += 1;
        }
        // In the middle of keeping them.
        tokio::time::sleep(Duration::from_millis(60)).await;
        l.server.drop_sockets();
        l.open(1).await;
    }
    l.all_acked().await;
    assert_eq!(l.inbox.len(), n);
    assert!(l.inbox.again.load(Ordering::SeqCst) > 10, "some were kept and could not be acknowledged before the cut");
    l.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_kept_is_not_acknowledged_and_comes_again() {
    let l = live(1, |o| o.state.redeliver_after = [0.3, 0.6, 1.0]).await;
    l.open(1).await;
    l.inbox.refuse.store(5, Ordering::SeqCst);
    for n in 0..5 {
        l.say("C100", &format!("{n}"));
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!((l.acked(), l.inbox.refused.load(Ordering::SeqCst)), (0, 5), "acknowledged without being kept");
    l.all_acked().await;
    assert_eq!(l.inbox.len(), 5);
    l.server.shared().look(|s| assert!(s.deliveries().iter().all(|d| d.tries.len() == 2 && d.acks == 1)));
    l.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_nobody_understands_are_kept_and_acknowledged() {
    let l = live(1, |_| {}).await;
    l.open(1).await;
    let unknown = |attempt: u32| {
        json!({ "type": "new_thing", "envelope_id": format!("e-{attempt}"), "retry_attempt": attempt,
            "payload": { "user": { "id": "U1" }, "words": "kept for later", "token": "CANARY-1",
                "deep": [{ "response_url": "CANARY-2" }] } })
    };
    for frame in [
        "{nonsense".to_owned(),
        unknown(0).to_string(),
        unknown(1).to_string(),
        json!({ "type": "events_api", "envelope_id": "e-text", "payload": "text" }).to_string(),
        json!({ "type": "interactive", "envelope_id": "e-kind",
            "payload": { "type": "brand_new", "user": { "id": "U1" }, "token": "CANARY-3" } })
        .to_string(),
        "[".repeat(5_000),
        String::new(),
    ] {
        assert!(l.server.send_frame(&frame));
    }
    l.say("C100", "an ordinary message");
    l.all_acked().await;
    let ids = ["e-0", "e-1", "e-text", "e-kind"];
    let acked = |s: &SlackState| ids.iter().all(|id| s.strange_frames().iter().any(|f| f.contains(id)));
    assert!(l.server.wait_until(acked, LONG).await, "{:?}", l.server.shared().look(|s| s.strange_frames().to_vec()));
    let all = l.inbox.all();
    let kinds: Vec<&str> = all
        .iter()
        .map(|k| match &k.event.what {
            What::Other { kind } => kind.as_str(),
            _ => "message",
        })
        .collect();
    let count = |kind: &str| kinds.iter().filter(|k| **k == kind).count();
    assert_eq!((count("message"), count("brand_new"), count("new_thing")), (1, 1, 1), "{kinds:?}");
    assert_eq!(count("unreadable"), 4, "{kinds:?}");
    let raw: String = all.iter().map(|k| String::from_utf8_lossy(&k.raw).into_owned()).collect();
    assert!(raw.contains("kept for later") && !raw.contains("CANARY"), "{raw}");
    assert_eq!(l.server.sockets_so_far(), 1, "the connection was given up for a strange frame");
    l.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_connections_than_slack_allows_are_not_asked_for_again_and_again() {
    let l = live(3, |o| o.sockets = 1).await;
    l.open(1).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(l.opened() <= 4, "{} calls within three seconds", l.opened());
    l.say("C100", "still heard");
    l.all_acked().await;
    assert_eq!(l.inbox.len(), 1);
    l.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_acknowledges_what_was_kept() {
    let l = live(2, |_| {}).await;
    l.open(2).await;
    l.inbox.slow.store(300, Ordering::SeqCst);
    for n in 0..6 {
        l.say(&format!("C{}", 100 + n), "on the way");
    }
    tokio::time::sleep(Duration::from_millis(120)).await;
    l.stop.send_replace(true);
    let (server, inbox) = (l.server, l.inbox);
    tokio::time::timeout(Duration::from_secs(8), l.listening).await.expect("it stops").unwrap();
    let all = server.wait_until(|s| s.deliveries().iter().all(|d| d.acked_at.is_some()), Duration::from_secs(2)).await;
    assert!(all && inbox.len() == 6, "{} kept", inbox.len());
    let mut left = 200;
    while server.sockets() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        left -= 1;
        assert!(left > 0, "sockets stay open");
    }
}
