//! A small world for the console's tests and its preview: a store in memory, a clock, an inbox that remembers.
#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "each user takes what it needs")]

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_console::{Console, Deps, Metrics, Node, Options};
use nightbell_core::code::ACCEPT_REFUSED;
use nightbell_core::event::Event;
use nightbell_core::person::{Directory, Person, Role};
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{RandomIds, Rng, Seeded};
use nightbell_core::port::store::{Batch, Check, Claim, Health, Record, Scan, Store, StoreError, Write};
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
