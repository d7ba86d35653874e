//! Claims, fences, leases.

use super::{A, B, Subject, commit, conflicts, delete, fence, put, text};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::port::store::{Claim, Store, time_key};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(30);

pub(super) async fn all(subject: &dyn Subject) {
    taking(&*subject.fresh().await).await;
    fences(&*subject.fresh().await).await;
    leases(&*subject.fresh().await).await;
    many_workers(subject.fresh().await).await;
    tokens_rise_across_starts(subject).await;
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000)
}

fn names(claims: &[Claim]) -> Vec<&str> {
    claims.iter().map(|claim| claim.record.key.as_str()).collect()
}

async fn taking(store: &dyn Store) {
    for key in ["1", "2", "3", "4", "9"] {
        commit(store, vec![], vec![put(A, key, key), put(B, key, "")]).await.unwrap();
    }
    assert!(store.claim(A, "9", now(), LEASE, 0).await.unwrap().is_empty());
    assert!(store.claim(A, "", now(), LEASE, 5).await.unwrap().is_empty(), "no key is below the empty one");
    let first = store.claim(A, "9", now(), LEASE, 2).await.unwrap();
    assert_eq!(names(&first), ["1", "2"], "in order, as many as asked");
    assert_eq!(first[0].record, store.get(A, "1").await.unwrap().unwrap());
    let rest = store.claim(A, "9", now(), LEASE, 10).await.unwrap();
    assert_eq!(names(&rest), ["3", "4"], "those nobody holds, below the bound");
    assert!(store.claim(A, "9", now(), LEASE, 10).await.unwrap().is_empty());
    assert_eq!(store.claim(B, "9", now(), LEASE, 10).await.unwrap().len(), 4, "collections do not mix");
    let due = time_key(now());
    assert_eq!(names(&store.claim(A, &due, now(), LEASE, 10).await.unwrap()), [""; 0]);
}

async fn fences(store: &dyn Store) {
    for key in ["1", "2", "3"] {
        commit(store, vec![], vec![put(A, key, key)]).await.unwrap();
    }
    let claims = store.claim(A, "z", now(), LEASE, 3).await.unwrap();
    let token = |i: usize| claims[i].token;
    assert!(conflicts(&commit(store, vec![fence(A, "1", token(0) + 1000)], vec![delete(A, "1")]).await));
    assert!(conflicts(&commit(store, vec![fence(A, "never", token(0))], vec![delete(A, "1")]).await));
    // Finished by deleting.
    commit(store, vec![fence(A, "1", token(0))], vec![delete(A, "1"), put(B, "done", "1")]).await.unwrap();
    let again = commit(store, vec![fence(A, "1", token(0))], vec![put(B, "done", "twice")]).await;
    assert!(conflicts(&again), "a claim ends with its record");
    assert_eq!(text(store, B, "done").await.as_deref(), Some("1"));
    commit(store, vec![], vec![put(A, "1", "new")]).await.unwrap();
    assert!(conflicts(&commit(store, vec![fence(A, "1", token(0))], vec![]).await), "a new record has no claim");
    // Finished by replacing: free again at once.
    commit(store, vec![fence(A, "2", token(1))], vec![put(A, "2", "later")]).await.unwrap();
    assert!(conflicts(&commit(store, vec![fence(A, "2", token(1))], vec![put(A, "2", "twice")]).await));
    let next = store.claim(A, "3", now(), LEASE, 5).await.unwrap();
    assert_eq!(names(&next), ["1", "2"]);
    assert!(next[1].token > token(1), "tokens rise");
    // A fenced commit elsewhere does not end the claim.
    commit(store, vec![fence(A, "3", token(2))], vec![put(B, "progress", "half")]).await.unwrap();
    commit(store, vec![fence(A, "3", token(2))], vec![delete(A, "3")]).await.unwrap();
}

async fn leases(store: &dyn Store) {
    commit(store, vec![], vec![put(A, "1", "")]).await.unwrap();
    let first = store.claim(A, "z", now(), LEASE, 1).await.unwrap();
    let just_before = now() + SignedDuration::from_secs(29);
    assert!(store.claim(A, "z", just_before, LEASE, 1).await.unwrap().is_empty());
    let after = now() + SignedDuration::from_secs(31);
    let second = store.claim(A, "z", after, LEASE, 1).await.unwrap();
    assert_eq!(names(&second), ["1"], "a lease that ran out is taken over");
    assert!(second[0].token > first[0].token);
    let late = commit(store, vec![fence(A, "1", first[0].token)], vec![delete(A, "1")]).await;
    assert!(conflicts(&late), "the old holder cannot finish any more");
    commit(store, vec![fence(A, "1", second[0].token)], vec![delete(A, "1")]).await.unwrap();
    assert_eq!(text(store, A, "1").await, None);
}

async fn many_workers(store: Arc<dyn Store>) {
    for i in 0..100 {
        commit(&*store, vec![], vec![put(A, &format!("{i:03}"), "")]).await.unwrap();
    }
    let work = |_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut done = Vec::new();
            loop {
                let claims = store.claim(A, "z", now(), LEASE, 7).await.unwrap();
                if claims.is_empty() {
                    return done;
                }
                for claim in claims {
                    let key = claim.record.key;
                    commit(&*store, vec![fence(A, &key, claim.token)], vec![delete(A, &key)]).await.unwrap();
                    done.push(key);
                }
            }
        })
    };
    let mut all = Vec::new();
    for task in (0..8).map(work).collect::<Vec<_>>() {
        all.extend(task.await.unwrap());
    }
    assert_eq!(all.len(), 100, "every record was worked on");
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 100, "by one worker only");
}

async fn tokens_rise_across_starts(subject: &dyn Subject) {
    let store = subject.fresh().await;
    commit(&*store, vec![], vec![put(A, "1", "")]).await.unwrap();
    let before = store.claim(A, "z", now(), LEASE, 1).await.unwrap();
    let Some(store) = subject.reopen(store).await else { return };
    let later = now() + SignedDuration::from_hours(1);
    let after = store.claim(A, "z", later, LEASE, 1).await.unwrap();
    assert!(after[0].token > before[0].token, "a token from before the restart is never given again");
    assert!(conflicts(&commit(&*store, vec![fence(A, "1", before[0].token)], vec![delete(A, "1")]).await));
}
