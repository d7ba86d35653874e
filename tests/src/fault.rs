//! A store in which the process can die at every durable operation, or the disk can say no.

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_core::port::store::{Batch, Claim, Health, Lane, Record, Scan, Store, StoreError};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;

/// Where the process dies. Durable operations (commits and blobs) are counted from 1 over the life of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Before the operation: it never happened.
    Before(u64),
    /// After it: it is durable and nobody has been told.
    After(u64),
}

/// Refusals of the disk, by lane.
#[derive(Debug, Clone, Default)]
struct Refusal {
    error: Option<StoreError>,
    urgent_too: bool,
}

/// Wraps a store. Death is a future that never returns: whoever drives the desk drops it, as the machine would.
pub struct FaultStore {
    inner: RwLock<Arc<dyn Store>>,
    done: AtomicU64,
    plan: Mutex<VecDeque<At>>,
    dead: watch::Sender<bool>,
    lives: AtomicU64,
    refusal: Mutex<Refusal>,
}

impl FaultStore {
    /// Over a store.
    pub fn new(inner: Arc<dyn Store>) -> Self {
        Self {
            inner: RwLock::new(inner),
            done: AtomicU64::new(0),
            plan: Mutex::default(),
            dead: watch::Sender::new(false),
            lives: AtomicU64::new(0),
            refusal: Mutex::default(),
        }
    }

    /// Dies at these operations, one after the other.
    pub fn plan(&self, at: impl IntoIterator<Item = At>) {
        *self.plan.lock().unwrap_or_else(PoisonError::into_inner) = at.into_iter().collect();
    }

    /// Durable operations so far.
    pub fn operations(&self) -> u64 {
        self.done.load(Ordering::SeqCst)
    }

    /// How often the process came back.
    pub fn lives(&self) -> u64 {
        self.lives.load(Ordering::SeqCst)
    }

    /// Returns when the process has died.
    pub async fn died(&self) {
        let mut dead = self.dead.subscribe();
        let _ = dead.wait_for(|d| *d).await;
    }

    /// The process comes back, over the same or a reopened store. Claims of the life before are void.
    pub fn revive(&self, inner: Option<Arc<dyn Store>>) {
        if let Some(inner) = inner {
            *self.inner.write().unwrap_or_else(PoisonError::into_inner) = inner;
        }
        self.lives.fetch_add(1, Ordering::SeqCst);
        self.dead.send_replace(false);
    }

    /// From now on commits are refused: ordinary ones, or all of them. `None` ends it.
    pub fn refuse(&self, error: Option<StoreError>, urgent_too: bool) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Refusal { error, urgent_too };
    }

    fn inner(&self) -> Arc<dyn Store> {
        Arc::clone(&self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn refused(&self, lane: Lane) -> Result<(), StoreError> {
        let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        match &refusal.error {
            Some(e) if refusal.urgent_too || lane == Lane::Normal => Err(e.clone()),
            _ => Ok(()),
        }
    }

    async fn alive(&self) {
        if *self.dead.borrow() {
            std::future::pending::<()>().await;
        }
    }

    async fn die_at(&self, at: At) {
        let due = {
            let mut plan = self.plan.lock().unwrap_or_else(PoisonError::into_inner);
            let due = plan.front() == Some(&at);
            if due {
                plan.pop_front();
            }
            due
        };
        if due {
            self.dead.send_replace(true);
            std::future::pending::<()>().await;
        }
    }

    /// Numbers the operation and dies before it when that is the plan.
    async fn enter(&self) -> u64 {
        self.alive().await;
        let n = self.done.fetch_add(1, Ordering::SeqCst) + 1;
        self.die_at(At::Before(n)).await;
        n
    }
}

#[async_trait]
impl Store for FaultStore {
    async fn get(&self, coll: &'static str, key: &str) -> Result<Option<Record>, StoreError> {
        self.alive().await;
        self.inner().get(coll, key).await
    }

    async fn scan(&self, coll: &'static str, scan: Scan) -> Result<Vec<Record>, StoreError> {
        self.alive().await;
        self.inner().scan(coll, scan).await
    }

    async fn commit(&self, batch: Batch) -> Result<u64, StoreError> {
        let n = self.enter().await;
        self.refused(batch.lane)?;
        let result = self.inner().commit(batch).await;
        self.die_at(At::After(n)).await;
        result
    }

    async fn claim(
        &self,
        coll: &'static str,
        before: &str,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        self.alive().await;
        // Leases live in memory and die with the process; a store that outlives it here must see them as run out.
        let later = Duration::from_hours(self.lives.load(Ordering::SeqCst));
        let now = now.checked_add(later).unwrap_or(now);
        self.inner().claim(coll, before, now, lease, limit).await
    }

    async fn put_blob(&self, bytes: Vec<u8>) -> Result<String, StoreError> {
        let n = self.enter().await;
        self.refused(Lane::Normal)?;
        let result = self.inner().put_blob(bytes).await;
        self.die_at(At::After(n)).await;
        result
    }

    async fn get_blob(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.alive().await;
        self.inner().get_blob(digest).await
    }

    fn health(&self) -> Health {
        self.inner().health()
    }
}
