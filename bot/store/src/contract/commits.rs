//! Batches, conditions, versions, limits.

use super::{A, B, Subject, absent, at, commit, conflicts, delete, put, text};
use nightbell_core::port::store::{Batch, MAX_BATCH, MAX_KEY, MAX_VALUE, Store, StoreError, Write};
use std::sync::Arc;

pub(super) async fn all(subject: &dyn Subject) {
    let store = &*subject.fresh().await;
    all_or_nothing(store).await;
    conditions(store).await;
    order_within_a_batch(store).await;
    versions(store).await;
    limits(store).await;
    empty_batches(store).await;
    one_of_many_wins(subject.fresh().await).await;
    counters(subject.fresh().await).await;
}

async fn all_or_nothing(store: &dyn Store) {
    commit(store, vec![], vec![put(A, "x", "1"), put(B, "x", "2")]).await.unwrap();
    assert_eq!(text(store, A, "x").await.as_deref(), Some("1"));
    assert_eq!(text(store, B, "x").await.as_deref(), Some("2"), "collections do not mix");
    let outcome = commit(store, vec![absent(B, "x")], vec![put(A, "x", "9"), put(A, "y", "9")]).await;
    assert_eq!(outcome, Err(StoreError::Conflict { coll: B, key: "x".into() }));
    assert_eq!(text(store, A, "x").await.as_deref(), Some("1"));
    assert_eq!(text(store, A, "y").await, None);
    commit(store, vec![], vec![delete(A, "x"), delete(B, "x"), delete(A, "never there")]).await.unwrap();
    assert_eq!(text(store, A, "x").await, None);
}

async fn conditions(store: &dyn Store) {
    let first = commit(store, vec![absent(A, "c")], vec![put(A, "c", "1")]).await.unwrap();
    assert!(conflicts(&commit(store, vec![absent(A, "c")], vec![put(A, "c", "2")]).await));
    let second = commit(store, vec![at(A, "c", first)], vec![put(A, "c", "2")]).await.unwrap();
    assert!(conflicts(&commit(store, vec![at(A, "c", first)], vec![put(A, "c", "3")]).await));
    assert!(conflicts(&commit(store, vec![at(A, "none", 1)], vec![put(A, "c", "3")]).await));
    commit(store, vec![at(A, "c", second)], vec![delete(A, "c")]).await.unwrap();
    assert!(conflicts(&commit(store, vec![at(A, "c", second)], vec![put(A, "c", "3")]).await));
    commit(store, vec![absent(A, "c")], vec![put(A, "c", "4")]).await.unwrap();
    assert_eq!(text(store, A, "c").await.as_deref(), Some("4"));
}

async fn order_within_a_batch(store: &dyn Store) {
    commit(store, vec![], vec![put(A, "o", "1"), put(A, "o", "2")]).await.unwrap();
    assert_eq!(text(store, A, "o").await.as_deref(), Some("2"), "the last write wins");
    commit(store, vec![], vec![put(A, "o", "3"), delete(A, "o")]).await.unwrap();
    assert_eq!(text(store, A, "o").await, None);
    commit(store, vec![], vec![delete(A, "o"), put(A, "o", "4")]).await.unwrap();
    assert_eq!(text(store, A, "o").await.as_deref(), Some("4"));
    // Conditions are about the state before the batch.
    assert!(conflicts(&commit(store, vec![absent(A, "o")], vec![delete(A, "o"), put(A, "o", "5")]).await));
}

async fn versions(store: &dyn Store) {
    let mut last = 0;
    for i in 0..20 {
        let seq = commit(store, vec![], vec![put(A, "v", &i.to_string()), put(B, "v", "")]).await.unwrap();
        assert!(seq > last, "numbers of commits rise");
        let (a, b) = (store.get(A, "v").await.unwrap().unwrap(), store.get(B, "v").await.unwrap().unwrap());
        assert_eq!((a.version, b.version), (seq, seq), "the version is the number of the commit");
        assert_eq!((a.key.as_str(), b.value.as_slice()), ("v", &[][..]), "empty values are values");
        last = seq;
    }
}

async fn limits(store: &dyn Store) {
    let long = "k".repeat(MAX_KEY);
    let value = vec![0xff; MAX_VALUE];
    let write = Write::Put { coll: A, key: long.clone(), value: value.clone() };
    commit(store, vec![absent(A, &long)], vec![write]).await.unwrap();
    assert_eq!(store.get(A, &long).await.unwrap().unwrap().value, value);
    let too_big = [
        vec![put(A, &"k".repeat(MAX_KEY + 1), "")],
        vec![delete(A, &"k".repeat(MAX_KEY + 1))],
        vec![put(A, "fine", ""), Write::Put { coll: A, key: "v".into(), value: vec![0; MAX_VALUE + 1] }],
        (0..=MAX_BATCH).map(|i| put(A, &i.to_string(), "")).collect(),
    ];
    for writes in too_big {
        assert!(matches!(commit(store, vec![], writes).await, Err(StoreError::TooBig(_))));
    }
    assert_eq!(text(store, A, "fine").await, None, "nothing of a refused batch is there");
    let most: Vec<_> = (0..MAX_BATCH).map(|i| put("suite_many", &i.to_string(), "x")).collect();
    commit(store, vec![], most).await.unwrap();
    assert_eq!(text(store, "suite_many", "4095").await.as_deref(), Some("x"));
    for key in ["", "a/b", "ü€𝄞", "tab\tline\n"] {
        commit(store, vec![], vec![put(A, key, key)]).await.unwrap();
        assert_eq!(text(store, A, key).await.as_deref(), Some(key));
    }
    assert!(store.put_blob(vec![0; nightbell_core::port::store::MAX_BLOB + 1]).await.is_err());
}

async fn empty_batches(store: &dyn Store) {
    let seq = commit(store, vec![], vec![put(A, "e", "1")]).await.unwrap();
    assert_eq!(commit(store, vec![at(A, "e", seq)], vec![]).await, Ok(seq), "nothing to write, conditions hold");
    assert!(conflicts(&commit(store, vec![absent(A, "e")], vec![]).await));
    assert!(store.commit(Batch::default()).await.is_ok());
}

async fn one_of_many_wins(store: Arc<dyn Store>) {
    let race = |i: usize| {
        let store = store.clone();
        tokio::spawn(async move {
            let writes = vec![put(A, "event", &i.to_string()), put(B, &i.to_string(), "")];
            commit(&*store, vec![absent(A, "event")], writes).await
        })
    };
    let tasks: Vec<_> = (0..256).map(race).collect();
    let mut winners = Vec::new();
    for (i, task) in tasks.into_iter().enumerate() {
        match task.await.unwrap() {
            Ok(_) => winners.push(i),
            outcome => assert!(conflicts(&outcome), "{outcome:?}"),
        }
    }
    assert_eq!(winners.len(), 1, "exactly one of 256 writers of the same event wins");
    assert_eq!(text(&*store, A, "event").await, Some(winners[0].to_string()));
    let rows = store.scan(B, nightbell_core::port::store::Scan::all(10)).await.unwrap();
    assert_eq!(rows.len(), 1, "the losers wrote nothing");
}

async fn counters(store: Arc<dyn Store>) {
    commit(&*store, vec![], vec![put(A, "n", "0")]).await.unwrap();
    let add = |_| {
        let store = store.clone();
        tokio::spawn(async move {
            for _ in 0..25 {
                loop {
                    let now = store.get(A, "n").await.unwrap().unwrap();
                    let n: u32 = String::from_utf8(now.value).unwrap().parse().unwrap();
                    let writes = vec![put(A, "n", &(n + 1).to_string())];
                    if commit(&*store, vec![at(A, "n", now.version)], writes).await.is_ok() {
                        break;
                    }
                }
            }
        })
    };
    for task in (0..8).map(add).collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(text(&*store, A, "n").await.as_deref(), Some("200"), "no update is lost");
}
