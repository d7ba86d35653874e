//! Order, bounds, limits, directions; a scan is a view of one moment.

use super::{A, B, Subject, commit, delete, put};
use nightbell_core::port::store::{Scan, Store};
use std::sync::Arc;

pub(super) async fn all(subject: &dyn Subject) {
    let store = &*subject.fresh().await;
    order_and_bounds(store).await;
    one_moment(subject.fresh().await).await;
}

async fn keys(store: &dyn Store, scan: Scan) -> Vec<String> {
    store.scan(A, scan).await.unwrap().into_iter().map(|record| record.key).collect()
}

async fn order_and_bounds(store: &dyn Store) {
    assert!(keys(store, Scan::all(10)).await.is_empty());
    let all = ["", "a", "a/1", "a/10", "a/2", "a0", "b", "ü", "𝄞"];
    for key in all.iter().rev() {
        commit(store, vec![], vec![put(A, key, key), put(B, key, "other"), put(A, "gone", "x")]).await.unwrap();
    }
    commit(store, vec![], vec![put("suite_a2", "a", ""), put("suite_", "a", ""), delete(A, "gone")]).await.unwrap();
    assert_eq!(keys(store, Scan::all(100)).await, all, "order of bytes");
    let mut backwards = all;
    backwards.reverse();
    assert_eq!(keys(store, Scan::all(100).reversed()).await, backwards);
    assert_eq!(keys(store, Scan::all(3)).await, all[..3]);
    assert_eq!(keys(store, Scan::all(2).reversed()).await, backwards[..2]);
    assert!(keys(store, Scan::all(0)).await.is_empty());
    assert_eq!(keys(store, Scan::prefix("a/", 100)).await, ["a/1", "a/10", "a/2"]);
    assert_eq!(keys(store, Scan::prefix("a/", 1).reversed()).await, ["a/2"]);
    assert_eq!(keys(store, Scan::prefix("zzz", 100)).await, [""; 0]);
    assert_eq!(keys(store, Scan::below("a/10", 100)).await, ["", "a", "a/1"], "the end is not included");
    let range = |from: &str, to: &str| Scan { from: from.into(), to: to.into(), limit: 100, reverse: false };
    assert_eq!(keys(store, range("a/1", "b")).await, ["a/1", "a/10", "a/2", "a0"], "the beginning is");
    assert_eq!(keys(store, range("a/1", "b").reversed()).await, ["a0", "a/2", "a/10", "a/1"]);
    assert!(keys(store, range("b", "a")).await.is_empty());
    assert!(keys(store, range("b", "b")).await.is_empty());
    assert_eq!(keys(store, range("b", "")).await, ["b", "ü", "𝄞"]);
    let records = store.scan(A, Scan::prefix("b", 1)).await.unwrap();
    assert_eq!(records[0].value, b"b");
    assert_eq!(Some(&records[0]), store.get(A, "b").await.unwrap().as_ref());
    assert!(store.scan("suite_never", Scan::all(5)).await.unwrap().is_empty());
}

/// A token moves between keys; every scan must see it exactly once.
async fn one_moment(store: Arc<dyn Store>) {
    commit(&*store, vec![], vec![put(A, "k0", "token")]).await.unwrap();
    let mover = {
        let store = store.clone();
        tokio::spawn(async move {
            for i in 0..400_u32 {
                let writes = vec![delete(A, &format!("k{}", i % 7)), put(A, &format!("k{}", (i + 1) % 7), "token")];
                commit(&*store, vec![], writes).await.unwrap();
            }
        })
    };
    while !mover.is_finished() {
        assert_eq!(keys(&*store, Scan::all(10)).await.len(), 1, "a scan sees whole commits only");
        tokio::task::yield_now().await;
    }
    mover.await.unwrap();
}
