//! The contract suite over both stores.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use async_trait::async_trait;
use nightbell_core::port::store::Store;
use nightbell_store::Memory;
use nightbell_store::contract::{self, Subject};
use nightbell_store::embedded::{Embedded, Options};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

struct InMemory;

#[async_trait]
impl Subject for InMemory {
    async fn fresh(&self) -> Arc<dyn Store> {
        Arc::new(Memory::new())
    }
    async fn reopen(&self, _: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        None
    }
}

struct OnDisk {
    root: tempfile::TempDir,
    stores: Mutex<Vec<(PathBuf, Embedded)>>,
    options: Options,
    clean: bool,
}

impl OnDisk {
    fn new(options: Options, clean: bool) -> Self {
        Self { root: tempfile::tempdir().unwrap(), stores: Mutex::new(Vec::new()), options, clean }
    }
}

#[async_trait]
impl Subject for OnDisk {
    async fn fresh(&self) -> Arc<dyn Store> {
        let mut stores = self.stores.lock().unwrap();
        let dir = self.root.path().join(stores.len().to_string());
        let store = Embedded::open(&dir, self.options.clone()).unwrap();
        stores.push((dir, store.clone()));
        Arc::new(store)
    }
    async fn reopen(&self, store: Arc<dyn Store>) -> Option<Arc<dyn Store>> {
        drop(store);
        let (dir, store) = self.stores.lock().unwrap().pop().unwrap();
        if self.clean {
            store.close().await.unwrap();
        }
        drop(store);
        let store = Embedded::open(&dir, self.options.clone()).unwrap();
        assert_eq!(store.report().rebuilt, None);
        self.stores.lock().unwrap().push((dir, store.clone()));
        Some(Arc::new(store))
    }
}

fn small_reserve() -> Options {
    Options { reserve_bytes: 1024 * 1024, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory() {
    contract::all(&InMemory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded() {
    contract::all(&OnDisk::new(small_reserve(), true)).await;
}

/// Tiny overlay and segments: rows are on their way into the index all the time; ends are never clean.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded_in_motion() {
    let options =
        Options { flush_bytes: 2000, flush_entries: 5, segment_bytes: 5000, snapshot_bytes: 20_000, ..small_reserve() };
    contract::all(&OnDisk::new(options, false)).await;
}
