//! Backup, restore, verify, export.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use nightbell_core::port::store::{Store, StoreError};
use nightbell_store::embedded::{Embedded, Options, ops};
use support::{block, close, options, put, rows};

#[test]
fn a_backup_of_a_running_store_can_be_restored_and_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let (dir, to, back) = (root.path().join("d"), root.path().join("backup"), root.path().join("back"));
    let store = Embedded::open(&dir, options()).unwrap();
    for i in 0..50 {
        put(&store, &format!("{i:02}"), "x").unwrap();
    }
    let digest = block(store.put_blob(b"a mail".to_vec())).unwrap();
    let head = store.head();
    assert_eq!(block(store.backup(&to)), Ok(50));
    assert!(matches!(block(store.backup(&to)), Err(StoreError::Io(_))), "not over another one");
    put(&store, "later", "x").unwrap();
    assert!(ops::restore(&to, &dir).is_err(), "not over a store");
    close(store);
    assert_eq!(ops::restore(&to, &back), Ok(50));
    let restored = Embedded::open(&back, options()).unwrap();
    assert_eq!(rows(&restored).len(), 50);
    assert_eq!(restored.head(), head, "the chain goes on from the same hash");
    assert_eq!(block(restored.get_blob(&digest)).unwrap().as_deref(), Some(&b"a mail"[..]));
    assert_eq!(put(&restored, "more", "x"), Ok(51));
    close(restored);
    let report = ops::verify(&back).unwrap();
    assert_eq!((report.findings.len(), report.records, report.blobs), (0, 51, 1), "{report:?}");
    assert_eq!(ops::chain_head(&back).unwrap().0, 51);
    let offline = root.path().join("offline");
    assert_eq!(ops::backup(&back, &offline), Ok(51));
    let snapshot = std::fs::read_dir(offline.join("snapshots")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&snapshot).unwrap();
    bytes[60] ^= 1;
    std::fs::write(&snapshot, bytes).unwrap();
    assert!(matches!(ops::restore(&offline, &root.path().join("no")), Err(StoreError::Damaged(_))));
}

#[test]
fn the_journal_can_be_exported_while_the_store_runs() {
    let root = tempfile::tempdir().unwrap();
    let store = Embedded::open(root.path(), Options { segment_bytes: 300, ..options() }).unwrap();
    for i in 0..30 {
        put(&store, &format!("{i}"), &format!("value {i}")).unwrap();
    }
    let entries: Vec<_> = ops::journal_entries(root.path()).unwrap().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 30);
    assert_eq!(entries[7].changes[0].value.as_deref(), Some(&b"value 7"[..]));
    assert_eq!((entries[29].seq, entries[29].chain), store.head());
    assert_eq!(ops::chain_head(root.path()).unwrap(), store.head());
    let stats = ops::stats(root.path()).unwrap();
    assert!(stats.segments > 5 && stats.journal_bytes > 1000, "{stats:?}");
    close(store);
    let report = ops::rebuild(root.path()).unwrap();
    assert_eq!((report.seq, report.replayed), (30, 30));
    assert_eq!(ops::stats(root.path()).unwrap().set_aside, ["index.bad-1"]);
}

#[test]
fn verify_finds_changes_anywhere() {
    let root = tempfile::tempdir().unwrap();
    let store = Embedded::open(root.path(), Options { segment_bytes: 300, ..options() }).unwrap();
    for i in 0..30 {
        put(&store, &format!("{i}"), &format!("value {i}")).unwrap();
    }
    let digest = block(store.put_blob(b"a mail".to_vec())).unwrap();
    close(store);
    assert_eq!(ops::verify(root.path()).unwrap().findings, [""; 0]);
    let blob = root.path().join("blobs").join(&digest[..2]).join(&digest);
    std::fs::write(&blob, b"another mail").unwrap();
    assert_eq!(ops::verify(root.path()).unwrap().findings.len(), 1);
    let old = root.path().join("journal").join("00000000000000000001.log");
    let mut bytes = std::fs::read(&old).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&old, bytes).unwrap();
    assert!(ops::verify(root.path()).unwrap().findings.len() >= 2);
    assert!(ops::journal_entries(root.path()).unwrap().any(|entry| entry.is_err()));
    assert!(ops::verify(&root.path().join("nothing here")).is_err());
}
