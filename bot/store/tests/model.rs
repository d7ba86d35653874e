//! Random batches, flushes and restarts against the memory store as the model.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use nightbell_core::port::store::{Batch, Check, Scan, Store, Write};
use nightbell_store::Memory;
use nightbell_store::embedded::{Embedded, Options};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{block, options};

#[derive(Debug, Clone)]
enum Step {
    Commit(Batch),
    Scan {
        coll: &'static str,
        from: u8,
        to: u8,
        limit: usize,
        reverse: bool,
    },
    /// Clean or not; with or without the index left in place.
    Reopen {
        clean: bool,
        index: bool,
    },
}

fn coll() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("one"), Just("two")]
}

fn key() -> impl Strategy<Value = String> {
    (0..12_u8).prop_map(|n| format!("k{n:02}"))
}

fn batch() -> impl Strategy<Value = Batch> {
    let write =
        (coll(), key(), prop::option::weighted(0.7, vec(any::<u8>(), 0..40))).prop_map(
            |(coll, key, value)| match value {
                Some(value) => Write::Put { coll, key, value },
                None => Write::Delete { coll, key },
            },
        );
    let check = (coll(), key(), prop::option::of(1..30_u64)).prop_map(|(coll, key, version)| match version {
        Some(version) => Check::At { coll, key, version },
        None => Check::Absent { coll, key },
    });
    let checks = prop_oneof![3 => Just(Vec::new()), 1 => vec(check, 1..2)];
    (checks, vec(write, 0..6)).prop_map(|(checks, writes)| Batch { checks, writes, ..Batch::default() })
}

fn step() -> impl Strategy<Value = Step> {
    let scan = (coll(), 0..13_u8, 0..13_u8, 0..8_usize, any::<bool>());
    prop_oneof![
        12 => batch().prop_map(Step::Commit),
        6 => scan.prop_map(|(coll, from, to, limit, reverse)| Step::Scan { coll, from, to, limit, reverse }),
        1 => (any::<bool>(), prop::bool::weighted(0.8)).prop_map(|(clean, index)| Step::Reopen { clean, index }),
    ]
}

fn motion() -> Options {
    Options { flush_bytes: 600, flush_entries: 4, segment_bytes: 400, snapshot_bytes: 900, ..options() }
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let root = tempfile::tempdir().unwrap();
    let model = Memory::new();
    let mut store = Embedded::open(root.path(), motion()).unwrap();
    for step in steps {
        match step {
            Step::Commit(batch) => prop_assert_eq!(store.commit(batch.clone()).await, model.commit(batch).await),
            Step::Scan { coll, from, to, limit, reverse } => {
                let to = if to == 0 { String::new() } else { format!("k{to:02}") };
                let scan = Scan { from: format!("k{from:02}"), to, limit, reverse };
                let found = store.scan(coll, scan.clone()).await.unwrap();
                prop_assert_eq!(found, model.scan(coll, scan).await.unwrap());
            }
            Step::Reopen { clean, index } => {
                if clean {
                    store.close().await.unwrap();
                }
                drop(store);
                if !index {
                    std::fs::remove_dir_all(root.path().join("index")).unwrap();
                }
                store = Embedded::open(root.path(), motion()).unwrap();
                prop_assert_eq!(store.report().rebuilt.is_some(), !index);
            }
        }
    }
    for coll in ["one", "two"] {
        let all = store.scan(coll, Scan::all(100)).await.unwrap();
        prop_assert_eq!(&all, &model.scan(coll, Scan::all(100)).await.unwrap());
        for record in all {
            prop_assert_eq!(store.get(coll, &record.key).await.unwrap(), Some(record));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_what_the_model_does(steps in vec(step(), 1..80)) {
        block(run(steps))?;
    }
}
