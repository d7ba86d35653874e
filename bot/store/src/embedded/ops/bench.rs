//! A writer that tells what it was told, for the crash and power-cut tests.

use super::super::{Embedded, Options};
use nightbell_core::port::store::{Batch, Scan, Store, StoreError, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

/// Collection of the test records.
const RECORDS: &str = "bench";
/// Collection of their dedupe rows.
const SEEN: &str = "bench_seen";
/// Bytes of a record: a typical event.
const SIZE: usize = 1200;
const WRITERS: usize = 32;

/// Commits `limit` records of about 1.2 KB, each with a dedupe row, from 32 concurrent writers, and calls `acks` with
/// the key of each record after its commit returned `Ok`, never before. Keys begin with `prefix`.
///
/// Errors: whatever opening or the first failing commit says.
pub fn bench_writer(
    dir: &Path,
    prefix: &str,
    options: Options,
    limit: u64,
    mut acks: impl FnMut(&str),
) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::Io(format!("cannot start the runtime: {error}"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().map_err(failed)?;
    let store = Embedded::open(dir, options)?;
    let (told, ears) = mpsc::channel();
    let counter = Arc::new(AtomicU64::new(0));
    for _ in 0..WRITERS {
        let (store, told, counter, prefix) = (store.clone(), told.clone(), counter.clone(), prefix.to_owned());
        runtime.spawn(async move {
            loop {
                let number = counter.fetch_add(1, Ordering::Relaxed);
                if number >= limit {
                    return;
                }
                let key = format!("{prefix}-{number:010}");
                let outcome = commit(&store, &key).await;
                let failed = outcome.is_err();
                if told.send(outcome.map(|()| key)).is_err() || failed {
                    return;
                }
            }
        });
    }
    drop(told);
    for outcome in ears {
        acks(&outcome?);
    }
    runtime.block_on(store.close())
}

async fn commit(store: &Embedded, key: &str) -> Result<(), StoreError> {
    let mut batch = Batch::default();
    batch.absent(SEEN, key);
    batch.writes.push(Write::Put { coll: SEEN, key: key.to_owned(), value: b"1".to_vec() });
    let mut value = key.as_bytes().to_vec();
    value.resize(SIZE, b'.');
    batch.writes.push(Write::Put { coll: RECORDS, key: key.to_owned(), value });
    store.commit(batch).await.map(|_| ())
}

/// Opens the folder, recovering it, and calls `each` with the key of every record of [`bench_writer`] that can be
/// read whole and has its dedupe row.
pub fn keys(dir: &Path, mut each: impl FnMut(&str)) -> Result<(), StoreError> {
    super::existing(dir)?;
    let failed = |error: std::io::Error| StoreError::Io(format!("cannot start the runtime: {error}"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(failed)?;
    let store = Embedded::open(dir, Options::default())?;
    runtime.block_on(async {
        let mut scan = Scan::all(1000);
        loop {
            let records = store.scan(RECORDS, scan.clone()).await?;
            let Some(last) = records.last() else { break };
            scan.from = format!("{}\0", last.key);
            for record in &records {
                let whole = record.value.len() == SIZE && record.value.starts_with(record.key.as_bytes());
                if whole && store.get(SEEN, &record.key).await?.is_some() {
                    each(&record.key);
                }
            }
        }
        store.close().await
    })
}
