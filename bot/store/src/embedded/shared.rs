//! What readers, the committer and the flusher share.

use super::flusher::Job;
use super::folder::Folder;
use super::index::Index;
use super::overlay::Layers;
use crate::claims::Claims;
use nightbell_core::port::store::{Health, Record, Scan, StoreError};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Order of locks: claims, gate, layers, index.
pub(crate) struct Shared {
    pub folder: Folder,
    pub layers: RwLock<Layers>,
    /// Held by scans; the flusher takes it alone when it begins to move a new table into the index, so that a scan
    /// never sees rows newer than the layers it started with.
    pub gate: RwLock<()>,
    /// `None` while it is being rebuilt.
    pub index: RwLock<Option<Arc<Index>>>,
    pub claims: Mutex<Claims>,
    /// As the committer sees it.
    pub journal_health: Mutex<Health>,
    /// As the flusher sees it.
    pub index_health: Mutex<Health>,
    /// Group writes made durable.
    pub writes: AtomicU64,
    /// Bytes of journal since the newest snapshot.
    pub since_snapshot: AtomicU64,
    /// Whether the flusher was told that there is much to do.
    pub kicked: AtomicBool,
    pub jobs: Mutex<Sender<Job>>,
}

impl Shared {
    pub fn layers(&self) -> RwLockReadGuard<'_, Layers> {
        self.layers.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn layers_mut(&self) -> RwLockWriteGuard<'_, Layers> {
        self.layers.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn claims(&self) -> MutexGuard<'_, Claims> {
        lock(&self.claims)
    }

    pub fn index(&self) -> Result<Arc<Index>, StoreError> {
        let slot = self.index.read().unwrap_or_else(PoisonError::into_inner);
        slot.clone().ok_or_else(|| StoreError::Io("the index is being rebuilt, or the store is closed".to_owned()))
    }

    /// Puts another index in place and returns the old one.
    pub fn swap_index(&self, index: Option<Arc<Index>>) -> Option<Arc<Index>> {
        std::mem::replace(&mut *self.index.write().unwrap_or_else(PoisonError::into_inner), index)
    }

    /// Version of a committed record.
    pub fn version(&self, coll: &str, key: &str) -> Result<Option<u64>, StoreError> {
        if let Some(entry) = self.layers().get(coll, key) {
            return Ok(entry.value.is_some().then_some(entry.version));
        }
        self.index()?.version(coll, key)
    }

    pub fn get(&self, coll: &str, key: &str) -> Result<Option<Record>, StoreError> {
        if let Some(entry) = self.layers().get(coll, key) {
            let record = |value: &Vec<u8>| Record { key: key.to_owned(), value: value.clone(), version: entry.version };
            return Ok(entry.value.as_ref().map(record));
        }
        self.index()?.get(coll, key)
    }

    /// A consistent view of one moment.
    pub fn scan(&self, coll: &str, scan: &Scan) -> Result<Vec<Record>, StoreError> {
        let mut out = Vec::new();
        self.scan_with(coll, scan, |record| {
            out.push(record);
            out.len() < scan.limit
        })?;
        Ok(out)
    }

    /// Hands on records in order until there are as many as the limit says or `each` returns false.
    pub fn scan_with(&self, coll: &str, scan: &Scan, mut each: impl FnMut(Record) -> bool) -> Result<(), StoreError> {
        if scan.limit == 0 {
            return Ok(());
        }
        let _gate = self.gate.read().unwrap_or_else(PoisonError::into_inner);
        let (recent, full) = self.layers().range(coll, scan);
        let mut recent = recent.into_iter().peekable();
        let mut done = false;
        let index = self.index()?;
        index.scan(coll, scan, |record| {
            while let Some((key, entry)) = recent.next_if(|(key, _)| before(key, &record.key, scan.reverse)) {
                let value = entry.value.map(|value| Record { key, value, version: entry.version });
                if value.is_some_and(|record| !each(record)) {
                    done = true;
                    return false;
                }
            }
            if full && recent.peek().is_none() {
                // The layers were cut off here because they alone fill the limit.
                done = true;
                return false;
            }
            if recent.peek().is_some_and(|(key, _)| *key == record.key) {
                return true;
            }
            done = !each(record);
            !done
        })?;
        for (key, entry) in recent {
            if done {
                break;
            }
            if let Some(value) = entry.value {
                done = !each(Record { key, value, version: entry.version });
            }
        }
        Ok(())
    }

    pub fn health(&self) -> Health {
        let journal = lock(&self.journal_health).clone();
        if journal == Health::Healthy { lock(&self.index_health).clone() } else { journal }
    }

    /// Gives the flusher something to do; false when it has ended.
    pub fn job(&self, job: Job) -> bool {
        lock(&self.jobs).send(job).is_ok()
    }
}

fn before(a: &str, b: &str, reverse: bool) -> bool {
    if reverse { a > b } else { a < b }
}

/// A lock whose data is whole even if a holder panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
