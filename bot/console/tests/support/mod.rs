//! A small world for the console's tests and its preview: a store in memory, a clock, an inbox that remembers.
#![allow(clippy::unwrap_used, clippy::panic, dead_code, missing_docs, reason = "each user takes what it needs")]

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_console::{Console, Deps, Metrics, Node, Options};
use nightbell_core::code::ACCEPT_REFUSED;
use nightbell_core::event::Event;
use nightbell_core::mail::evidence::Evidence;
use nightbell_core::person::{Directory, Person, Role};
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{RandomIds, Rng, Seeded};
use nightbell_core::port::store::{Batch, Check, Claim, Health, Record, Scan, Store, StoreError, Write};
use serde_json::json;
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

type Rows = BTreeMap<(String, String), Record>;

/// Only what the console needs: no claims.
#[derive(Default)]
pub struct Mem {
    rows: Mutex<(u64, Rows)>,
    blobs: Mutex<BTreeMap<String, Vec<u8>>>,
    pub full: AtomicBool,
}

#[async_trait]
impl Store for Mem {
    async fn get(&self, coll: &'static str, key: &str) -> Result<Option<Record>, StoreError> {
        Ok(self.rows.lock().unwrap().1.get(&(coll.to_owned(), key.to_owned())).cloned())
    }
    async fn scan(&self, coll: &'static str, s: Scan) -> Result<Vec<Record>, StoreError> {
        let guard = self.rows.lock().unwrap();
        let hit = guard.1.iter().filter(|((c, k), _)| c == coll && *k >= s.from && (s.to.is_empty() || *k < s.to));
        let mut all: Vec<Record> = hit.map(|(_, r)| r.clone()).collect();
        if s.reverse {
            all.reverse();
        }
        all.truncate(s.limit);
        Ok(all)
    }
    async fn commit(&self, batch: Batch) -> Result<u64, StoreError> {
        let mut guard = self.rows.lock().unwrap();
        for check in &batch.checks {
            let (coll, key, want) = match check {
                Check::Absent { coll, key } => (coll, key, None),
                Check::At { coll, key, version } => (coll, key, Some(*version)),
                Check::Fence { .. } => continue,
            };
            if guard.1.get(&((*coll).to_owned(), key.clone())).map(|r| r.version) != want {
                return Err(StoreError::Conflict { coll, key: key.clone() });
            }
        }
        guard.0 += 1;
        let version = guard.0;
        for write in batch.writes {
            match write {
                Write::Put { coll, key, value } => {
                    guard.1.insert((coll.to_owned(), key.clone()), Record { key, value, version });
                }
                Write::Delete { coll, key } => {
                    guard.1.remove(&(coll.to_owned(), key));
                }
            }
        }
        Ok(version)
    }
    async fn claim(
        &self,
        _: &'static str,
        _: &str,
        _: Timestamp,
        _: Duration,
        _: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        Ok(Vec::new())
    }
    async fn put_blob(&self, bytes: Vec<u8>) -> Result<String, StoreError> {
        let digest = nightbell_core::canonical::digest_bytes(&bytes);
        self.blobs.lock().unwrap().insert(digest.clone(), bytes);
        Ok(digest)
    }
    async fn get_blob(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.blobs.lock().unwrap().get(digest).cloned())
    }
    fn health(&self) -> Health {
        if self.full.load(Ordering::Relaxed) { Health::Full { why: "a test".into() } } else { Health::Healthy }
    }
}

/// A clock that stands still until it is moved.
pub struct Still(pub Mutex<Timestamp>);

impl Still {
    pub fn forward(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now += jiff::SignedDuration::from_secs(seconds);
    }
}

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
    async fn sleep_until(&self, _: Timestamp) {}
}

/// An inbox that remembers.
#[derive(Default)]
pub struct Inbox {
    seen: Mutex<HashSet<String>>,
    pub events: Mutex<Vec<(String, String, Event)>>,
    pub refuse: AtomicBool,
}

#[async_trait]
impl Accept for Inbox {
    async fn accept(&self, source: &str, dedupe: &str, event: Event, _: &[u8]) -> Result<Accepted, Refused> {
        if self.refuse.load(Ordering::Relaxed) {
            return Err(Refused { code: ACCEPT_REFUSED, why: "the disk is full".into(), retry_after: 7 });
        }
        if !self.seen.lock().unwrap().insert(format!("{source}/{dedupe}")) {
            return Ok(Accepted::Duplicate);
        }
        self.events.lock().unwrap().push((source.to_owned(), dedupe.to_owned(), event));
        Ok(Accepted::New)
    }

    async fn knows(&self, source: &str, dedupe: &str) -> bool {
        self.seen.lock().unwrap().contains(&format!("{source}/{dedupe}"))
    }
}

pub fn person(id: &str, name: &str, roles: &[Role]) -> Person {
    let mut p = Person::unlisted("local", id, Some(name));
    p.id = id.into();
    p.emails = vec![format!("{id}@example.com")];
    p.roles.extend(roles);
    p.zone = "Europe/Berlin".into();
    p
}

/// What was seen of the preview's mail, with texts that would like to be more than text.
pub fn evidence() -> Evidence {
    let place = json!({ "part": "body/1.2", "start": 412, "end": 468 });
    let value = json!({
        "identity": { "fields": [
            { "kind": "from", "value": "parcel[@]post-service[.]example", "notes": ["looks like another: adds words to the name of post[.]example"] },
            { "kind": "name", "value": "Postal Service <script>alert(1)</script>", "notes": [] },
            { "kind": "reply_to", "value": "desk[@]mail[.]example", "notes": ["differs from From", "a mailbox provider for everybody"] },
            { "kind": "date", "value": "Sat, 14 Mar 2026 08:41:09 +0100", "notes": ["3 h 0 min after it arrived: the sender's clock is wrong or the date is made up"] }
        ], "date": "2026-03-14T07:41:09Z", "arrived": "2026-03-14T04:41:12Z", "skew": -10_797 },
        "auth": [
            { "source": "results", "method": "spf", "result": "fail", "identity": "smtp.mailfrom=post-service[.]example", "aligned": true, "by": "mx[.]example[.]com", "ours": true, "notes": [] },
            { "source": "results", "method": "dkim", "result": "pass", "identity": "header.d=bulk[.]example", "aligned": false, "by": "mx[.]bulk[.]example", "ours": false, "notes": ["a claim: not one of your gateways"] }
        ],
        "hops": [
            { "helo": "pc", "reverse": "", "ip": "192[.]168[.]0[.]3", "by": "out[.]bulk[.]example", "protocol": "ESMTPA", "time": "2026-03-14T04:41:01Z", "private": true, "notes": ["private address"] },
            { "helo": "out[.]bulk[.]example", "reverse": "", "ip": "203[.]0[.]113[.]9", "by": "mx[.]example[.]com", "protocol": "ESMTPS", "time": "2026-03-14T04:41:12Z", "delay": 11, "first_external": true, "ours": true, "notes": ["first hop from the internet", "written by your gateway; lines before it are claims"] }
        ],
        "links": [
            { "shown": "hxxps://post[.]example[.]com/track", "target": "hxxps://post-service[.]example/track?id=4471&confirm=yes", "owner": "post-service[.]example", "wrappers": ["Microsoft Safe Links"], "notes": ["the text shows post[.]example[.]com, which has another owner", "carries the recipient's address"], "place": place, "times": 3 },
            { "shown": "<!channel> \"><img src=x onerror=alert(1)>", "target": "hxxp://203[.]0[.]113[.]5/", "owner": "203[.]0[.]113[.]5", "wrappers": [], "notes": ["leads to a bare IP address"], "place": place, "times": 1 }
        ],
        "files": [
            { "name": "label\u{202e}fdp.exe", "said": "application/pdf", "real": "application/vnd.microsoft.portable-executable", "size": 48_231, "sha256": "9f2c41d0b7e65a1c8d3e4f5061728394a5b6c7d8e9f00112233445566778899a", "notes": ["its type is not what the mail says"], "place": place }
        ],
        "asks": [{ "topic": "Pay a fee for a parcel", "quote": "customs fee", "place": place }],
        "brands": [{ "name": "DHL", "claimed_in": ["subject", "text"], "place": place, "sender": false, "links": 0, "other_links": 4 }],
        "insights": [{ "code": "bulk", "text": "It has headers of mass mail (List-Unsubscribe, Feedback-ID or Precedence)." }],
        "parts": [
            { "number": "", "depth": 0, "kind": "multipart/mixed", "name": "", "size": null },
            { "number": "1", "depth": 1, "kind": "text/html", "name": "", "size": 4_120 },
            { "number": "2", "depth": 1, "kind": "application/pdf", "name": "<b>label.pdf", "size": 48_231 }
        ],
        "text": "Your parcel is waiting.\nPay the customs fee: hxxps://post-service[.]example/track\n<b>Thank you</b>",
        "left_out": ["different links: 100 of 212 are shown"]
    });
    serde_json::from_value(value).unwrap()
}

pub struct World {
    pub store: Arc<Mem>,
    pub clock: Arc<Still>,
    pub inbox: Arc<Inbox>,
    pub rng: Arc<Seeded>,
    pub deps: Deps,
    pub console: Console,
}

pub const NOW: &str = "2026-03-14T08:12:00Z";
pub const SECRET: &str = "a-secret-of-the-test";

pub fn world(nodes: fn() -> Vec<Node>, clock: Option<Arc<dyn Clock>>) -> World {
    let store = Arc::new(Mem::default());
    let still = Arc::new(Still(Mutex::new(NOW.parse().unwrap())));
    let clock: Arc<dyn Clock> = clock.unwrap_or_else(|| still.clone());
    let inbox = Arc::new(Inbox::default());
    let rng = Arc::new(Seeded::new(7));
    let people = Arc::new(Directory::new(vec![
        person("employee", "Employee One", &[]),
        person("second-employee", "Employee Two", &[]),
        person("responder", "First Responder", &[Role::Responder]),
        person("lead", "Security Lead", &[Role::Responder, Role::Lead]),
        person("admin", "Operator", &[Role::Admin]),
    ]));
    let deps = Deps {
        store: store.clone(),
        accept: inbox.clone(),
        clock: clock.clone(),
        rng: rng.clone() as Arc<dyn Rng>,
        ids: Arc::new(RandomIds(Seeded::new(3))),
        people: Arc::new(move || people.clone()),
        changes: tokio::sync::broadcast::channel(16).0,
        metrics: Arc::new(Metrics::new(clock)),
        nodes: Arc::new(move |_| nodes()),
        evidence: Arc::new(|bytes| match bytes {
            b"damaged" => Err((nightbell_core::code::MAIL_UNREADABLE, "the file cannot be read".to_owned())),
            b"panics" => panic!("a reader fell over"),
            _ => Ok(evidence()),
        }),
        error_page: Arc::new(|code| {
            (code == "NB0205")
                .then(|| "# NB0205\n\nAn event was kept.\n\n## What to do\n\n```\nnightbell check\n```\n".into())
        }),
    };
    let options = Options {
        public_hosts: vec!["bell.example.com".into()],
        hooks: BTreeMap::from([("siem".to_owned(), SECRET.to_owned())]),
        chat: Some("/chat".into()),
        ..Options::default()
    };
    World { store, clock: still, inbox, rng, console: Console::new(options, deps.clone()), deps }
}
