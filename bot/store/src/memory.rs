//! The store for tests: everything in one map behind one lock.

use crate::claims::Claims;
use crate::limits;
use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_core::canonical::digest_bytes;
use nightbell_core::port::store::{Batch, Check, Claim, Health, Record, Scan, Store, StoreError, Write};
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Keeps everything in memory. Same contract as the others, except that nothing survives the process.
#[derive(Debug, Default)]
pub struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    colls: HashMap<&'static str, BTreeMap<String, Record>>,
    claims: Claims,
    blobs: HashMap<String, Vec<u8>>,
    seq: u64,
}

impl Memory {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every change is made after every check, so a poisoned lock guards whole batches only.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn version(&self, coll: &str, key: &str) -> Option<u64> {
        Some(self.colls.get(coll)?.get(key)?.version)
    }

    fn holds(&self, check: &Check) -> Result<(), StoreError> {
        let (held, coll, key) = match check {
            Check::Absent { coll, key } => (self.version(coll, key).is_none(), coll, key),
            Check::At { coll, key, version } => (self.version(coll, key) == Some(*version), coll, key),
            Check::Fence { coll, key, token } => {
                (self.version(coll, key).is_some() && self.claims.is_current(coll, key, *token), coll, key)
            }
        };
        if held { Ok(()) } else { Err(StoreError::Conflict { coll, key: key.clone() }) }
    }

    fn scan(&self, coll: &str, scan: &Scan) -> Vec<Record> {
        let Some(rows) = self.colls.get(coll) else { return Vec::new() };
        let to = if scan.to.is_empty() { Bound::Unbounded } else { Bound::Excluded(scan.to.as_str()) };
        if !scan.to.is_empty() && scan.to < scan.from {
            return Vec::new();
        }
        let range = rows.range::<str, _>((Bound::Included(scan.from.as_str()), to)).map(|(_, record)| record.clone());
        if scan.reverse { range.rev().take(scan.limit).collect() } else { range.take(scan.limit).collect() }
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, coll: &'static str, key: &str) -> Result<Option<Record>, StoreError> {
        Ok(self.lock().colls.get(coll).and_then(|rows| rows.get(key)).cloned())
    }

    async fn scan(&self, coll: &'static str, scan: Scan) -> Result<Vec<Record>, StoreError> {
        Ok(self.lock().scan(coll, &scan))
    }

    async fn commit(&self, batch: Batch) -> Result<u64, StoreError> {
        limits::batch(&batch)?;
        let mut inner = self.lock();
        for check in &batch.checks {
            inner.holds(check)?;
        }
        if batch.writes.is_empty() {
            return Ok(inner.seq);
        }
        inner.seq += 1;
        let version = inner.seq;
        for write in batch.writes {
            match write {
                Write::Put { coll, key, value } => {
                    inner.colls.entry(coll).or_default().insert(key.clone(), Record { key, value, version });
                }
                Write::Delete { coll, key } => {
                    inner.claims.end(coll, &key);
                    if let Some(rows) = inner.colls.get_mut(coll) {
                        rows.remove(&key);
                    }
                }
            }
        }
        for check in &batch.checks {
            if let Check::Fence { coll, key, .. } = check
                && inner.version(coll, key) == Some(version)
            {
                inner.claims.end(coll, key);
            }
        }
        Ok(version)
    }

    async fn claim(
        &self,
        coll: &'static str,
        before: &str,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        if before.is_empty() {
            return Ok(Vec::new());
        }
        let mut inner = self.lock();
        let mut free = inner.scan(coll, &Scan::below(before, usize::MAX));
        free.retain(|record| !inner.claims.is_held(coll, &record.key, now));
        free.truncate(limit);
        let claim = |record: Record| {
            let token = inner.claims.take(coll, &record.key, now, lease);
            Claim { record, token }
        };
        Ok(free.into_iter().map(claim).collect())
    }

    async fn put_blob(&self, bytes: Vec<u8>) -> Result<String, StoreError> {
        limits::blob(&bytes)?;
        let digest = digest_bytes(&bytes);
        self.lock().blobs.insert(digest.clone(), bytes);
        Ok(digest)
    }

    async fn get_blob(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().blobs.get(digest).cloned())
    }

    fn health(&self) -> Health {
        Health::Healthy
    }
}
