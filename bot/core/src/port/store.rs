//! The store: typed records in named collections, ordered scans, compare-and-commit of one batch.
//!
//! **Promise:** when [`Store::commit`] returns `Ok`, the whole batch is on disk and survives kill -9 and power
//! loss; when it returns an error, none of it is visible, now or after a restart. Readers see committed data only.
//!
//! Shaped so that PostgreSQL serves it as naturally as the embedded engine: a collection is a table with key,
//! value and version; a check is a `where` clause; a claim is `for update skip locked`.

use crate::code::{self, Code, Coded};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Longest key in bytes.
pub const MAX_KEY: usize = 512;
/// Largest value in bytes; larger payloads are blobs (`reliability.md` section 2, rule 3).
pub const MAX_VALUE: usize = 60 * 1024;
/// Most writes in one batch.
pub const MAX_BATCH: usize = 4_096;
/// Largest blob in bytes.
pub const MAX_BLOB: usize = 128 * 1024 * 1024;

/// A record as kept. `version` is the sequence number of the commit that wrote it: it rises with every write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Key within the collection.
    pub key: String,
    /// The bytes, by convention JSON.
    pub value: Vec<u8>,
    /// Sequence number of the writing commit, from 1.
    pub version: u64,
}

impl Record {
    /// The value as a type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_slice(&self.value).map_err(|e| StoreError::Damaged(format!("record `{}`: {e}", self.key)))
    }
}

/// A condition of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// The record must not exist.
    Absent {
        /// Collection.
        coll: &'static str,
        /// Key.
        key: String,
    },
    /// The record must be at this version.
    At {
        /// Collection.
        coll: &'static str,
        /// Key.
        key: String,
        /// Version read before.
        version: u64,
    },
    /// The claim must still be ours.
    Fence {
        /// Collection.
        coll: &'static str,
        /// Key.
        key: String,
        /// Token of the claim.
        token: u64,
    },
}

/// A change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Creates or replaces.
    Put {
        /// Collection.
        coll: &'static str,
        /// Key.
        key: String,
        /// Value.
        value: Vec<u8>,
    },
    /// Removes; no error when it is not there.
    Delete {
        /// Collection.
        coll: &'static str,
        /// Key.
        key: String,
    },
}

/// How much a commit matters when the disk is nearly full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// New work: refused first, so that the platform retries.
    #[default]
    Normal,
    /// Armed escalations, timers, results: may use the reserve.
    Urgent,
}

/// All or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Every condition must hold at the moment of commit.
    pub checks: Vec<Check>,
    /// Applied in order; the last write to a key wins.
    pub writes: Vec<Write>,
    /// Priority on a full disk.
    pub lane: Lane,
}

impl Batch {
    /// Adds a record as JSON.
    pub fn put<T: Serialize>(
        &mut self,
        coll: &'static str,
        key: impl Into<String>,
        value: &T,
    ) -> Result<(), StoreError> {
        let value = serde_json::to_vec(value).map_err(|e| StoreError::Io(format!("cannot encode: {e}")))?;
        self.writes.push(Write::Put { coll, key: key.into(), value });
        Ok(())
    }

    /// Removes a record.
    pub fn delete(&mut self, coll: &'static str, key: impl Into<String>) {
        self.writes.push(Write::Delete { coll, key: key.into() });
    }

    /// Asks that a record does not exist yet.
    pub fn absent(&mut self, coll: &'static str, key: impl Into<String>) {
        self.checks.push(Check::Absent { coll, key: key.into() });
    }

    /// Asks that a record has not changed since it was read.
    pub fn at(&mut self, coll: &'static str, key: impl Into<String>, version: u64) {
        self.checks.push(Check::At { coll, key: key.into(), version });
    }
}

/// A claimed record. The token must stand in a [`Check::Fence`] of the commit that finishes the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The record.
    pub record: Record,
    /// Rises with every claim of the same record; an older token is refused.
    pub token: u64,
}

/// What to read, in key order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// First key, inclusive.
    pub from: String,
    /// Last key, exclusive; empty = to the end.
    pub to: String,
    /// At most so many.
    pub limit: usize,
    /// From the end backwards.
    pub reverse: bool,
}

impl Scan {
    /// Every key that begins with `prefix`.
    pub fn prefix(prefix: &str, limit: usize) -> Self {
        // Keys are text without U+10FFFF, so this is behind every key with the prefix.
        Self { from: prefix.to_owned(), to: format!("{prefix}\u{10ffff}"), limit, reverse: false }
    }

    /// Everything.
    pub fn all(limit: usize) -> Self {
        Self { from: String::new(), to: String::new(), limit, reverse: false }
    }

    /// Everything below `to`.
    pub fn below(to: impl Into<String>, limit: usize) -> Self {
        Self { from: String::new(), to: to.into(), limit, reverse: false }
    }

    /// The last ones first.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.reverse = true;
        self
    }
}

/// How the store feels, for `/readyz`, the console and refusals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state")]
pub enum Health {
    /// All is well.
    Healthy,
    /// The disk is full; urgent commits still go to the reserve.
    Full {
        /// What was seen.
        why: String,
    },
    /// Writes fail.
    Failing {
        /// What was seen.
        why: String,
    },
}

/// What can go wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A check did not hold. Read again and decide again.
    #[error("`{coll}/{key}` has changed in the meantime")]
    Conflict {
        /// Collection.
        coll: &'static str,
        /// Key.
        key: String,
    },
    /// No room. Nothing was written.
    #[error("the disk is full: {0}")]
    Full(String),
    /// Writing or reading failed. Nothing of the batch will be visible.
    #[error("the store cannot write or read: {0}")]
    Io(String),
    /// What is on disk does not make sense.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// A key, value or batch over the limits of this module.
    #[error("too large for the store: {0}")]
    TooBig(String),
    /// Another process owns the data folder.
    #[error("another process uses the data folder {0}")]
    Locked(String),
}

impl Coded for StoreError {
    fn code(&self) -> Code {
        match self {
            Self::Full(_) => code::STORE_FULL,
            Self::Conflict { .. } | Self::Io(_) => code::STORE_IO,
            Self::Damaged(_) => code::STORE_DAMAGED,
            Self::TooBig(_) => code::STORE_TOO_BIG,
            Self::Locked(_) => code::STORE_LOCKED,
        }
    }
    fn retryable(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Full(_) | Self::Io(_))
    }
}

/// The store. One contract suite holds for every implementation (`bot/store/src/contract.rs`).
#[async_trait]
pub trait Store: Send + Sync {
    /// One record.
    async fn get(&self, coll: &'static str, key: &str) -> Result<Option<Record>, StoreError>;

    /// Records in key order (bytes of UTF-8).
    async fn scan(&self, coll: &'static str, scan: Scan) -> Result<Vec<Record>, StoreError>;

    /// Commits all or nothing; see the promise at the top. Returns the sequence number of the commit.
    async fn commit(&self, batch: Batch) -> Result<u64, StoreError>;

    /// Takes up to `limit` records with `key < before` that nobody holds, in key order, for `lease`. A claim ends by
    /// deleting or replacing the record in a fenced commit, or when the lease runs out.
    async fn claim(
        &self,
        coll: &'static str,
        before: &str,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError>;

    /// Keeps bytes under their BLAKE3 digest (hexadecimal), durably. The same bytes twice are kept once.
    async fn put_blob(&self, bytes: Vec<u8>) -> Result<String, StoreError>;

    /// Bytes kept before; `None` when there are none. Verified against the digest.
    async fn get_blob(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// How the store feels.
    fn health(&self) -> Health;
}

/// The key part of an instant: fixed width, so that keys sort by time. Instants before 1970 count as 1970.
pub fn time_key(at: Timestamp) -> String {
    format!("{:013x}", at.as_millisecond().max(0))
}
