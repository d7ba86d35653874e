//! The contract suite: what every store must do, as tests that take any implementation. Failed expectations panic.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "this is a test suite that lives in a library")]

mod claims;
mod commits;
mod kept;
mod scans;

use async_trait::async_trait;
use nightbell_core::port::store::{Batch, Check, Store, StoreError, Write};
use std::sync::Arc;

/// The implementation under test.
#[async_trait]
pub trait Subject: Send + Sync {
    /// A new, empty store.
    async fn fresh(&self) -> Arc<dyn Store>;
    /// Ends the store properly and opens the same data again; `None` when nothing survives by design.
    async fn reopen(&self, store: Arc<dyn Store>) -> Option<Arc<dyn Store>>;
}

/// Every test of the suite.
pub async fn all(subject: &dyn Subject) {
    commits::all(subject).await;
    scans::all(subject).await;
    claims::all(subject).await;
    kept::all(subject).await;
}

/// A collection of the suite.
pub(crate) const A: &str = "suite_a";
/// Another one.
pub(crate) const B: &str = "suite_b";

pub(crate) fn put(coll: &'static str, key: &str, value: &str) -> Write {
    Write::Put { coll, key: key.to_owned(), value: value.as_bytes().to_vec() }
}

pub(crate) fn delete(coll: &'static str, key: &str) -> Write {
    Write::Delete { coll, key: key.to_owned() }
}

pub(crate) fn absent(coll: &'static str, key: &str) -> Check {
    Check::Absent { coll, key: key.to_owned() }
}

pub(crate) fn at(coll: &'static str, key: &str, version: u64) -> Check {
    Check::At { coll, key: key.to_owned(), version }
}

pub(crate) fn fence(coll: &'static str, key: &str, token: u64) -> Check {
    Check::Fence { coll, key: key.to_owned(), token }
}

pub(crate) async fn commit(store: &dyn Store, checks: Vec<Check>, writes: Vec<Write>) -> Result<u64, StoreError> {
    store.commit(Batch { checks, writes, ..Batch::default() }).await
}

pub(crate) async fn text(store: &dyn Store, coll: &'static str, key: &str) -> Option<String> {
    let record = store.get(coll, key).await.unwrap()?;
    Some(String::from_utf8(record.value).unwrap())
}

pub(crate) fn conflicts(outcome: &Result<u64, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Conflict { .. }))
}
