//! Full disks, failing writes, failing syncs, two processes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use nightbell_core::port::store::{Health, Lane, Scan, Store, StoreError};
use nightbell_store::embedded::{Embedded, Options, ops};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use support::{Faulty, close, options, put, put_in, rows};

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(10), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_full_disk_refuses_new_work_keeps_urgent_work_and_recovers() {
    let root = tempfile::tempdir().unwrap();
    let disk = Faulty::new(64 * 1024 * 1024);
    let store = Embedded::open(root.path(), disk.options()).unwrap();
    put(&store, "before", "x").unwrap();
    let big = "b".repeat(40_000);
    disk.room.store(100_000, Ordering::SeqCst);
    let mut kept = 1;
    let error = loop {
        match put(&store, &format!("fill-{kept}"), &big) {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert!(matches!(store.health(), Health::Full { .. }));
    assert!(root.path().join("reserve").exists(), "new work does not cost the reserve");
    disk.room.store(0, Ordering::SeqCst);
    assert!(matches!(put(&store, "normal", "x"), Err(StoreError::Full(_))));
    put_in(&store, "urgent", &big, Lane::Urgent).unwrap();
    put_in(&store, "urgent-2", &big, Lane::Urgent).unwrap();
    assert!(!root.path().join("reserve").exists(), "urgent work took the reserve");
    assert!(matches!(put(&store, "normal", "x"), Err(StoreError::Full(_))), "that room is not for all");
    disk.room.store(0, Ordering::SeqCst);
    assert!(matches!(put_in(&store, "urgent-3", &big, Lane::Urgent), Err(StoreError::Full(_))), "no room is no room");
    let full = rows(&store);
    assert_eq!(full.len(), kept + 2, "nothing of a refused batch is visible");
    disk.room.store(64 * 1024 * 1024, Ordering::SeqCst);
    until("it recovers by itself", || store.health() == Health::Healthy);
    assert!(root.path().join("reserve").exists(), "the reserve is back");
    put(&store, "after", "x").unwrap();
    drop(store);
    let store = Embedded::open(root.path(), options()).unwrap();
    assert_eq!(store.report().cut, None, "failed writes were cut at once");
    assert_eq!(rows(&store).len(), full.len() + 1);
    close(store);
    assert_eq!(ops::verify(root.path()).unwrap().findings, [""; 0]);
}

#[test]
fn a_failed_sync_or_write_is_never_confirmed_and_the_next_commit_goes_elsewhere() {
    for cut_fails in [false, true] {
        for write in [false, true] {
            let root = tempfile::tempdir().unwrap();
            let disk = Faulty::new(i64::MAX / 2);
            let store = Embedded::open(root.path(), disk.options()).unwrap();
            for round in 0..4 {
                // In the first round the failed group is the first of its segment.
                if round > 0 {
                    put(&store, &format!("good-{round}"), "x").unwrap();
                }
                disk.fail_cuts.store(cut_fails, Ordering::SeqCst);
                if write { &disk.fail_writes } else { &disk.fail_syncs }.store(2, Ordering::SeqCst);
                for key in ["bad-1", "bad-2"] {
                    let outcome = put(&store, key, "x");
                    assert!(matches!(outcome, Err(StoreError::Io(_))), "{outcome:?}");
                    assert!(matches!(store.health(), Health::Failing { .. }));
                }
                disk.fail_cuts.store(false, Ordering::SeqCst);
                put(&store, &format!("next-{round}"), "x").unwrap();
                assert_eq!(store.health(), Health::Healthy);
            }
            let before = rows(&store);
            assert_eq!(before.len(), 7);
            assert!(!before.contains_key("bad-1"));
            drop(store);
            let store = Embedded::open(root.path(), options()).unwrap();
            assert_eq!(rows(&store), before, "cut fails: {cut_fails}, write: {write}");
            put(&store, "again", "x").unwrap();
            close(store);
            let report = ops::verify(root.path()).unwrap();
            assert_eq!(report.findings, [""; 0]);
            assert_eq!(ops::journal_entries(root.path()).unwrap().map(Result::unwrap).count(), 8);
            std::fs::remove_dir_all(root.path().join("index")).unwrap();
            let store = Embedded::open(root.path(), options()).unwrap();
            assert_eq!(rows(&store).len(), 8);
        }
    }
}

#[test]
fn a_second_owner_is_refused_at_once() {
    let root = tempfile::tempdir().unwrap();
    let store = Embedded::open(root.path(), options()).unwrap();
    assert!(matches!(Embedded::open(root.path(), options()), Err(StoreError::Locked(_))));
    assert!(matches!(ops::verify(root.path()), Err(StoreError::Locked(_))));
    close(store);
    Embedded::open(root.path(), options()).unwrap();
}

#[test]
fn a_closed_store_refuses_and_does_not_hang() {
    let root = tempfile::tempdir().unwrap();
    let store = Embedded::open(root.path(), options()).unwrap();
    put(&store, "a", "x").unwrap();
    let other = store.clone();
    close(store);
    assert!(put(&other, "b", "x").is_err());
    close(other);
}

#[test]
fn the_index_is_replaced_while_commits_go_on() {
    let root = tempfile::tempdir().unwrap();
    let small = Options { flush_bytes: 2000, segment_bytes: 3000, snapshot_bytes: 6000, ..options() };
    let store = Embedded::open(root.path(), small).unwrap();
    for i in 0..300 {
        put(&store, &format!("{i:03}"), &format!("value {i}")).unwrap();
        if i % 100 == 50 {
            store.rebuild_index().unwrap();
        }
    }
    until("three old ones are set aside", || root.path().join("index.bad-3").exists());
    until("it is healthy again", || store.health() == Health::Healthy);
    until("everything is there", || rows_or_none(&store).is_some_and(|rows| rows == 300));
    close(store);
    let report = ops::verify(root.path()).unwrap();
    assert_eq!((report.findings.len(), report.records), (0, 300), "{report:?}");
}

fn rows_or_none(store: &Embedded) -> Option<usize> {
    support::block(store.scan(support::COLL, Scan::all(usize::MAX))).ok().map(|rows| rows.len())
}
