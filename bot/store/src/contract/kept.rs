//! Blobs, and what survives a proper end.

use super::{A, B, Subject, absent, commit, conflicts, delete, put, text};
use nightbell_core::canonical::digest_bytes;
use nightbell_core::port::store::{Health, Scan, Store};

pub(super) async fn all(subject: &dyn Subject) {
    blobs(&*subject.fresh().await).await;
    reopening(subject).await;
}

async fn blobs(store: &dyn Store) {
    for bytes in [Vec::new(), b"mail".to_vec(), vec![7; 3 * 1024 * 1024]] {
        let digest = store.put_blob(bytes.clone()).await.unwrap();
        assert_eq!(digest, digest_bytes(&bytes));
        assert_eq!(store.put_blob(bytes.clone()).await.unwrap(), digest, "twice is once");
        assert_eq!(store.get_blob(&digest).await.unwrap().as_deref(), Some(&bytes[..]));
    }
    for digest in ["", "..", "../../../etc/passwd", "zz", &digest_bytes(b"never kept"), &"Ä".repeat(32)] {
        assert_eq!(store.get_blob(digest).await.unwrap(), None, "{digest}");
    }
    assert_eq!(store.health(), Health::Healthy);
}

async fn reopening(subject: &dyn Subject) {
    let mut store = subject.fresh().await;
    let mut last = 0;
    let mut digest = None;
    for round in 0..4 {
        for i in 0..50 {
            let key = format!("{round}-{i:02}");
            let writes = vec![put(A, &key, &key), put(B, "newest", &key), put(A, "short", "x")];
            let seq = commit(&*store, vec![absent(A, &key)], writes).await.unwrap();
            assert!(seq > last, "numbers rise across restarts");
            last = seq;
        }
        last = commit(&*store, vec![], vec![delete(A, "short"), delete(A, &format!("{round}-07"))]).await.unwrap();
        digest.get_or_insert(store.put_blob(b"kept".to_vec()).await.unwrap());
        let before = store.scan(A, Scan::all(1000)).await.unwrap();
        let Some(again) = subject.reopen(store).await else { return };
        store = again;
        assert_eq!(store.scan(A, Scan::all(1000)).await.unwrap(), before, "values and versions are kept");
        assert_eq!(before.len(), (round + 1) * 49);
        assert_eq!(text(&*store, B, "newest").await, Some(format!("{round}-49")));
        assert!(conflicts(&commit(&*store, vec![absent(A, &format!("{round}-01"))], vec![]).await));
        let blob = store.get_blob(digest.as_deref().unwrap()).await.unwrap();
        assert_eq!(blob.as_deref(), Some(&b"kept"[..]));
        assert_eq!(store.health(), Health::Healthy);
    }
}
