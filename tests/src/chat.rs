//! A chat platform with a ledger: what every person and channel sees now, and everything that was ever shown.

use async_trait::async_trait;
use nightbell_core::chat::{Card, FileRef};
use nightbell_core::port::chat::{Capabilities, Chat, Delivery, FetchError, MsgRef, Place, SendError};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One message as people see it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Where it stands.
    pub place: Place,
    /// As it looks now.
    pub card: Card,
    /// As it looked before, oldest first.
    pub before: Vec<Card>,
}

impl Shown {
    /// Whether a user sees it: their own direct messages, and what stands openly in channels.
    pub fn seen_by(&self, user: &str) -> bool {
        match &self.place {
            Place::User(u) | Place::Home(u) => u == user,
            Place::Channel { only_for, .. } => only_for.as_deref() == Some(user),
        }
    }

    /// Whether it stands in a channel for everybody there.
    pub fn in_channel(&self, channel: &str) -> bool {
        matches!(&self.place, Place::Channel { id, only_for: None, .. } if id == channel)
    }
}

#[derive(Debug, Default)]
struct Inner {
    shown: Vec<Shown>,
    /// Idempotency keys with the message they led to.
    keys: BTreeMap<String, usize>,
    tries: BTreeMap<String, usize>,
    files: BTreeMap<String, Vec<u8>>,
    script: VecDeque<SendError>,
    down: Option<SendError>,
    fetch: VecDeque<FetchError>,
}

/// The platform `local`.
#[derive(Debug, Default)]
pub struct FakeChat {
    inner: Mutex<Inner>,
    /// How many of the next sends panic.
    faults: AtomicU32,
}

impl FakeChat {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next sends panic.
    pub fn panics(&self, times: u32) {
        self.faults.store(times, Ordering::SeqCst);
    }

    /// The next sends fail like this.
    pub fn script(&self, errors: impl IntoIterator<Item = SendError>) {
        self.lock().script.extend(errors);
    }

    /// The next fetches of a file fail like this.
    pub fn script_fetch(&self, errors: impl IntoIterator<Item = FetchError>) {
        self.lock().fetch.extend(errors);
    }

    /// Every send fails until this is taken back.
    pub fn down(&self, error: Option<SendError>) {
        self.lock().down = error;
    }

    /// Counts a send that arrived.
    pub(crate) fn count(&self, key: &str) {
        *self.lock().tries.entry(key.to_owned()).or_default() += 1;
    }

    /// What the test planned for the next send.
    pub(crate) fn trouble(&self) -> Result<(), SendError> {
        let faults = &self.faults;
        let fine = faults.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_err();
        assert!(fine, "a fault of the connector, as the test asked for");
        let mut inner = self.lock();
        match inner.script.pop_front().or_else(|| inner.down.clone()) {
            Some(e) => Err(e),
            None => Ok(()),
        }
    }

    /// What the test planned for the next fetch.
    pub(crate) fn fetch_trouble(&self) -> Option<FetchError> {
        self.lock().fetch.pop_front()
    }

    /// Shows a message, once per key.
    pub(crate) fn show(&self, d: Delivery<'_>) -> MsgRef {
        let mut inner = self.lock();
        if let Some(n) = inner.keys.get(d.key) {
            return MsgRef(n.to_string());
        }
        let old = d.replaces.and_then(|r| r.0.parse::<usize>().ok()).filter(|n| *n < inner.shown.len());
        let n = match old {
            Some(n) => {
                if let Some(s) = inner.shown.get_mut(n) {
                    let before = std::mem::replace(&mut s.card, d.card.clone());
                    s.before.push(before);
                }
                n
            }
            None => {
                inner.shown.push(Shown { place: d.to.clone(), card: d.card.clone(), before: Vec::new() });
                inner.shown.len() - 1
            }
        };
        inner.keys.insert(d.key.to_owned(), n);
        MsgRef(n.to_string())
    }

    /// Keeps the bytes of an attachment; returns its handle.
    pub fn upload(&self, bytes: Vec<u8>) -> String {
        let mut inner = self.lock();
        let id = format!("file-{}", inner.files.len());
        inner.files.insert(id.clone(), bytes);
        id
    }

    /// The bytes of an attachment that was kept before.
    pub fn bytes(&self, id: &str) -> Vec<u8> {
        self.lock().files.get(id).cloned().unwrap_or_default()
    }

    /// Everything, oldest first.
    pub fn all(&self) -> Vec<Shown> {
        self.lock().shown.clone()
    }

    /// How many sends arrived per idempotency key.
    pub fn tries(&self) -> BTreeMap<String, usize> {
        self.lock().tries.clone()
    }

    /// Every token that ever stood on a button.
    pub fn tokens(&self) -> BTreeSet<String> {
        let inner = self.lock();
        let cards = inner.shown.iter().flat_map(|s| s.before.iter().chain([&s.card]));
        cards.flat_map(|c| &c.buttons).map(|b| b.token.clone()).collect()
    }
}

#[async_trait]
impl Chat for FakeChat {
    fn platform(&self) -> &'static str {
        "local"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            threads: true,
            update: true,
            ephemeral: true,
            home: true,
            profiles: false,
            max_text: 12_000,
            max_buttons: 25,
        }
    }

    async fn send(&self, d: Delivery<'_>) -> Result<MsgRef, SendError> {
        self.count(d.key);
        self.trouble()?;
        Ok(self.show(d))
    }

    async fn fetch(&self, file: &FileRef, cap: u64) -> Result<Vec<u8>, FetchError> {
        if let Some(e) = self.fetch_trouble() {
            return Err(e);
        }
        let inner = self.lock();
        let bytes = inner.files.get(&file.id).ok_or(FetchError::Gone)?;
        if bytes.len() as u64 > cap { Err(FetchError::TooBig { cap }) } else { Ok(bytes.clone()) }
    }
}
