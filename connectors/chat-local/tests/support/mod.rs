//! A small world for the tests: a store in memory, a clock, an inbox that remembers, and the router as a session
//! would see it.
#![allow(clippy::unwrap_used, dead_code, missing_docs, reason = "each test file takes what it needs")]

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::{Extension, Router};
use http_body_util::BodyExt;
use jiff::Timestamp;
use nightbell_chat_local::{Local, Options, Person};
use nightbell_core::code::ACCEPT_REFUSED;
use nightbell_core::event::Event;
use nightbell_core::person::Session;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{RandomIds, Seeded};
use nightbell_core::port::store::{Batch, Check, Claim, Health, Record, Scan, Store, StoreError, Write};
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tower::ServiceExt;

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

pub struct World {
    pub local: Arc<Local>,
    pub store: Arc<Mem>,
    pub clock: Arc<Still>,
    pub inbox: Arc<Inbox>,
}

pub const CSRF: &str = "the-text-of-the-session";

pub fn world() -> World {
    let store = Arc::new(Mem::default());
    let clock = Arc::new(Still(Mutex::new("2026-03-14T08:12:00Z".parse().unwrap())));
    let inbox = Arc::new(Inbox::default());
    let person = |id: &str, name: &str, role: &str| Person {
        id: id.into(),
        name: name.into(),
        roles: vec![role.into()],
        zone: "Europe/Berlin".into(),
    };
    let options = Options {
        people: vec![
            person("employee", "<b>Employee</b> & One", "employee"),
            person("other", "Employee Two", "employee"),
            person("responder", "First Responder", "responder"),
        ],
        upload_cap: 100_000,
        ..Options::default()
    };
    let ids = Arc::new(RandomIds(Seeded::new(3)));
    let local = Local::new(options, store.clone(), inbox.clone(), clock.clone(), ids);
    World { local, store, clock, inbox }
}

impl World {
    /// The routes as somebody with this session sees them.
    pub fn as_(&self, person: &str, may_switch: bool) -> Router {
        let session = Session { person: person.into(), may_switch, csrf: CSRF.into() };
        self.local.router().layer(Extension(session))
    }
}

pub async fn text(response: Response<Body>) -> (u16, String) {
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

pub async fn get(router: &Router, path: &str) -> (u16, String) {
    text(router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()).await
}

pub async fn json(router: &Router, path: &str, body: serde_json::Value) -> (u16, serde_json::Value) {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .header("x-nightbell-csrf", CSRF)
        .body(Body::from(body.to_string()))
        .unwrap();
    let (status, text) = text(router.clone().oneshot(request).await.unwrap()).await;
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// A multipart form: text fields first, then files as (name, bytes).
pub async fn form(router: &Router, fields: &[(&str, &str)], files: &[(&str, &[u8])]) -> (u16, String) {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    for (name, bytes) in files {
        let head = "content-disposition: form-data; name=\"files\"; filename=";
        body.extend(format!("--b\r\n{head}\"{name}\"\r\n\r\n").bytes());
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    let request =
        Request::post("/chat/send").header("content-type", "multipart/form-data; boundary=b").body(Body::from(body));
    text(router.clone().oneshot(request.unwrap()).await.unwrap()).await
}
