//! What the tests share: an inbox that remembers, clocks, a workspace in memory and the connector in front of it.
#![allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "each test file takes what it needs, and a test stops at the first surprise"
)]

pub mod cards;
pub mod shapes;

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_chat_slack::{Config, SLACK_API, Slack, Transport};
use nightbell_connector_kit::Secret;
use nightbell_core::chat::{Card, Inbound, What};
use nightbell_core::code::ACCEPT_REFUSED;
use nightbell_core::event::Event;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::chat::{Chat as _, Delivery, MsgRef, Place, SendError};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::Http;
use nightbell_core::port::random::Seeded;
use nightbell_slack_sim::{Direct, Shared, SlackState};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

/// A moment of the simulated time.
pub const MORNING: &str = "2026-05-12T08:00:00Z";

/// What was kept, in the order in which it was on disk.
#[derive(Debug, Clone)]
pub struct Kept {
    pub dedupe: String,
    pub event: Inbound,
    pub raw: Vec<u8>,
}

impl Kept {
    /// The words of a message.
    pub fn text(&self) -> &str {
        match &self.event.what {
            What::Message(m) | What::Reported(m) => &m.text,
            _ => "",
        }
    }
}

/// An inbox that remembers, can be slow and can refuse.
#[derive(Debug, Default)]
pub struct Inbox {
    kept: Mutex<(Vec<Kept>, BTreeSet<String>)>,
    /// How long a commit takes, in milliseconds.
    pub slow: AtomicU64,
    /// Every other commit takes a tenth of that.
    pub uneven: AtomicBool,
    turn: AtomicU32,
    /// So many are refused next.
    pub refuse: AtomicU32,
    /// How many were refused.
    pub refused: AtomicU32,
    /// How many came that were there already.
    pub again: AtomicU32,
}

impl Inbox {
    pub fn all(&self) -> Vec<Kept> {
        self.kept.lock().unwrap().0.clone()
    }

    pub fn len(&self) -> usize {
        self.kept.lock().unwrap().0.len()
    }
}

#[async_trait]
impl Accept for Inbox {
    async fn accept(&self, source: &str, dedupe: &str, event: Event, raw: &[u8]) -> Result<Accepted, Refused> {
        assert_eq!(source, "slack");
        let short = self.uneven.load(Ordering::SeqCst) && self.turn.fetch_add(1, Ordering::SeqCst) % 2 == 1;
        let slow = self.slow.load(Ordering::SeqCst) / if short { 10 } else { 1 };
        if slow > 0 {
            tokio::time::sleep(Duration::from_millis(slow)).await;
        }
        if self.refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(Refused { code: ACCEPT_REFUSED, why: "the disk is full".to_owned(), retry_after: 7 });
        }
        let Event::Chat(event) = event else { panic!("Slack sends chat events") };
        let mut kept = self.kept.lock().unwrap();
        if !kept.1.insert(dedupe.to_owned()) {
            self.again.fetch_add(1, Ordering::SeqCst);
            return Ok(Accepted::Duplicate);
        }
        kept.0.push(Kept { dedupe: dedupe.to_owned(), event, raw: raw.to_vec() });
        Ok(Accepted::New)
    }

    async fn knows(&self, _source: &str, dedupe: &str) -> bool {
        self.kept.lock().unwrap().1.contains(dedupe)
    }
}

/// Simulated time: a sleep moves it.
#[derive(Debug)]
pub struct SimClock(Mutex<Timestamp>);

impl Default for SimClock {
    fn default() -> Self {
        Self(Mutex::new(MORNING.parse().unwrap()))
    }
}

impl SimClock {
    /// Moves it forwards; an earlier instant changes nothing.
    pub fn reach(&self, at: Timestamp) {
        let mut now = self.0.lock().unwrap();
        *now = (*now).max(at);
    }

    pub fn pass(&self, time: Duration) {
        let now = *self.0.lock().unwrap();
        self.reach(now.checked_add(time).unwrap());
    }
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
    async fn sleep_until(&self, at: Timestamp) {
        self.reach(at);
    }
}

/// The time of the machine, for tests with sockets.
#[derive(Debug)]
pub struct RealClock;

#[async_trait]
impl Clock for RealClock {
    /// The runtime's time on top of the machine's, so that a test can pause it.
    #[expect(clippy::disallowed_methods, reason = "sockets live in real time")]
    fn now(&self) -> Timestamp {
        static START: OnceLock<(Timestamp, tokio::time::Instant)> = OnceLock::new();
        let (at, start) = START.get_or_init(|| (Timestamp::now(), tokio::time::Instant::now()));
        at.checked_add(start.elapsed()).unwrap()
    }
    async fn sleep_until(&self, at: Timestamp) {
        let wait = Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
        tokio::time::sleep(wait).await;
    }
}

/// A workspace in memory with the connector in front of it, in simulated time.
pub struct World {
    pub sim: Shared,
    pub clock: Arc<SimClock>,
    pub inbox: Arc<Inbox>,
    pub slack: Arc<Slack>,
}

/// A configuration for Socket Mode with the workspace's own tokens.
pub fn by_socket(sim: &Shared, api_url: &str, connections: usize) -> Config {
    let secrets = sim.look(|s| s.secrets.clone());
    Config {
        api_url: api_url.to_owned(),
        bot_token: Secret::new(secrets.bot_token),
        transport: Transport::Socket { app_token: Secret::new(secrets.app_token), connections },
        command: "/nb".to_owned(),
        team_id: None,
        app_id: None,
    }
}

/// The same for events over HTTP.
pub fn by_http(sim: &Shared) -> Config {
    let secret = sim.look(|s| s.secrets.signing_secret.clone());
    Config { transport: Transport::Http { signing_secret: Secret::new(secret) }, ..by_socket(sim, SLACK_API, 1) }
}

/// The connector.
pub fn connector(config: Config, http: Arc<dyn Http>, inbox: &Arc<Inbox>, clock: Arc<dyn Clock>) -> Arc<Slack> {
    Slack::new(config, http, Arc::clone(inbox) as _, clock, Arc::new(Seeded::new(5))).expect("a connector")
}

impl World {
    pub fn new(seed: u64) -> Self {
        let sim = Shared::new(SlackState::new(seed));
        sim.with(|s| s.echo_own = false);
        let clock = Arc::new(SimClock::default());
        let inbox = Arc::new(Inbox::default());
        let slack = Self::connect(&sim, &clock, &inbox);
        Self { sim, clock, inbox, slack }
    }

    fn connect(sim: &Shared, clock: &Arc<SimClock>, inbox: &Arc<Inbox>) -> Arc<Slack> {
        let direct = Direct::new(sim.clone(), Arc::clone(clock) as _);
        connector(by_socket(sim, SLACK_API, 1), Arc::new(direct), inbox, Arc::clone(clock) as _)
    }

    /// Kill -9 and a new start: the connector remembers nothing.
    pub fn restart(&mut self) {
        self.slack = Self::connect(&self.sim, &self.clock, &self.inbox);
    }

    /// Calls of one method so far.
    pub fn calls(&self, method: &str) -> usize {
        self.sim.look(|s| s.calls_of(method).count())
    }
}

pub fn user(id: &str) -> Place {
    Place::User(id.to_owned())
}

pub fn channel(id: &str) -> Place {
    Place::Channel { id: id.to_owned(), thread: None, only_for: None }
}

pub fn only_for(id: &str, who: &str) -> Place {
    Place::Channel { id: id.to_owned(), thread: None, only_for: Some(who.to_owned()) }
}

/// Keys of our messages in all of Slack, in the order in which they stand, with their conversation.
pub fn shown(w: &World) -> Vec<(String, String)> {
    let of = |m: &nightbell_slack_sim::Message| {
        let key = m.metadata.as_ref().and_then(|v| v.pointer("/event_payload/key")?.as_str().map(str::to_owned));
        key.filter(|_| !m.deleted)
    };
    w.sim.look(|s| s.channels().flat_map(|c| c.messages.iter().filter_map(|m| Some((c.id.clone(), of(m)?)))).collect())
}

pub async fn send(w: &World, key: &str, to: &Place, text: &str) -> Result<MsgRef, SendError> {
    w.slack.send(Delivery::of(key, to, &Card::text(text))).await
}

/// No call came before the time that Slack had named.
pub fn waits_are_kept(w: &World) {
    let early: Vec<String> = w.sim.look(|s| s.violations().iter().map(|c| format!("{} {}", c.method, c.at)).collect());
    assert!(early.is_empty(), "before the Retry-After had passed: {early:?}");
}

/// The folder of material that is kept outside of the project, when it is there: `$NIGHTBELL_SHARED`, or a folder
/// `shared` beside the project.
pub fn shared(part: &str) -> Option<PathBuf> {
    let named = std::env::var_os("NIGHTBELL_SHARED").map(|f| PathBuf::from(f).join(part));
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|a| a.join("shared").join(part));
    named.into_iter().chain(above).find(|p| p.exists())
}

/// Compares with a golden file in `tests/golden`; `NIGHTBELL_GOLDEN=write` writes it anew, to be read before it is kept.
pub fn golden(name: &str, found: &Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = format!("{}\n", serde_json::to_string_pretty(found).unwrap());
    if std::env::var("NIGHTBELL_GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::write(&file, &text).unwrap();
        return;
    }
    let want = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    if want != text {
        let line = want.lines().zip(text.lines()).position(|(a, b)| a != b).unwrap_or_default();
        let near = |t: &str| t.lines().skip(line.saturating_sub(4)).take(9).collect::<Vec<_>>().join("\n");
        panic!("{name}, line {}: expected\n{}\nfound\n{}", line + 1, near(&want), near(&text));
    }
}

/// A number below `n`, from a seed.
pub fn below(rng: &Seeded, n: usize) -> usize {
    use nightbell_core::port::random::Rng as _;
    let mut b = [0u8; 8];
    rng.fill(&mut b);
    usize::try_from(u64::from_le_bytes(b) % n.max(1) as u64).unwrap()
}
