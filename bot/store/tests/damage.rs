//! Torn and changed files: never a panic, never silently less.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use nightbell_core::port::store::StoreError;
use nightbell_store::embedded::{Embedded, Options, ops};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use support::{block, close, copy, only_segment, options, put, rows, written};

/// A folder with `n` commits, as left by a kill (the copy is made while the store is open).
fn killed(root: &Path, n: usize) -> std::path::PathBuf {
    let (live, dir) = (root.join("live"), root.join("killed"));
    let store = Embedded::open(&live, options()).unwrap();
    for i in 0..n {
        put(&store, &format!("{i:03}"), &format!("value {i}").repeat(1 + i % 5)).unwrap();
    }
    copy(&live, &dir);
    close(store);
    dir
}

fn open(dir: &Path) -> Result<Embedded, StoreError> {
    Embedded::open(dir, options())
}

#[test]
fn a_tail_torn_at_every_byte_is_cut_and_told() {
    let root = tempfile::tempdir().unwrap();
    let dir = killed(root.path(), 5);
    let segment = only_segment(&dir);
    let bytes = written(&segment);
    let last: usize = {
        // The last frame: 52 bytes of head, the rest is payload.
        let mut at = 0;
        loop {
            let len = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize + 52;
            if at + len == bytes.len() {
                break at;
            }
            at += len;
        }
    };
    for end in last + 1..bytes.len() {
        fs::write(&segment, &bytes[..end]).unwrap();
        let store = open(&dir).unwrap();
        let cut = store.report().cut.clone().unwrap();
        // Zeros at the end are not told apart from those that were allocated ahead.
        let end = bytes[..end].iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
        assert_eq!((cut.offset, cut.bytes, cut.seq), (last as u64, (end - last) as u64, 5));
        assert_eq!(fs::read(cut.aside.as_ref().unwrap()).unwrap(), bytes[last..end], "the bytes are kept");
        assert_eq!(rows(&store).len(), 4);
        assert_eq!(put(&store, "more", "x"), Ok(5), "it goes on");
        drop(store);
        assert_eq!(rows(&open(&dir).unwrap()).len(), 5);
        fs::remove_file(cut.aside.unwrap()).unwrap();
    }
}

#[test]
fn damage_in_the_middle_is_refused_and_can_be_repaired() {
    let root = tempfile::tempdir().unwrap();
    let dir = killed(root.path(), 20);
    let segment = only_segment(&dir);
    let mut bytes = fs::read(&segment).unwrap();
    bytes[700] ^= 4;
    fs::write(&segment, &bytes).unwrap();
    let Err(StoreError::Damaged(why)) = open(&dir) else { panic!("opened") };
    assert!(why.contains("byte"), "{why}");
    assert!(matches!(open(&dir), Err(StoreError::Damaged(_))), "asking twice does not help");
    let findings = ops::verify(&dir).unwrap().findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    let store = Embedded::open(&dir, Options { repair: true, ..options() }).unwrap();
    assert_eq!(store.report().repaired.len(), 1, "{:?}", store.report());
    assert_eq!(rows(&store).len(), 19, "one commit is lost, and told");
    assert_eq!(put(&store, "more", "x"), Ok(21), "numbers go on");
    close(store);
    fs::remove_dir_all(dir.join("index")).unwrap();
    let store = open(&dir).unwrap();
    assert_eq!(rows(&store).len(), 20, "also when rebuilt");
    close(store);
    assert_eq!(ops::verify(&dir).unwrap().findings, [""; 0]);
}

#[test]
fn a_missing_or_shortened_journal_is_never_a_new_store() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("d");
    let store = open(&dir).unwrap();
    for i in 0..10 {
        put(&store, &i.to_string(), "x").unwrap();
    }
    close(store);
    let segment = only_segment(&dir);
    let bytes = fs::read(&segment).unwrap();
    let damaged = |what: &str| assert!(matches!(open(&dir), Err(StoreError::Damaged(_))), "{what}");
    fs::write(&segment, &bytes[..bytes.len() / 2]).unwrap();
    damaged("half of it");
    fs::write(&segment, b"").unwrap();
    damaged("an empty segment");
    fs::remove_dir_all(dir.join("index")).unwrap();
    damaged("an empty segment without index: the mark of the clean end knows better");
    fs::remove_file(&segment).unwrap();
    damaged("no segment");
    fs::remove_dir_all(dir.join("journal")).unwrap();
    damaged("no journal");
    fs::create_dir_all(dir.join("journal")).unwrap();
    fs::write(&segment, &bytes).unwrap();
    assert_eq!(rows(&open(&dir).unwrap()).len(), 10);
    fs::write(dir.join("FORMAT"), "nightbell store 99\n").unwrap();
    let Err(error) = open(&dir) else { panic!("opened") };
    assert!(error.to_string().contains("NB0107"), "{error}");
}

#[test]
fn a_deleted_index_comes_back() {
    let root = tempfile::tempdir().unwrap();
    let dir = root.path().join("d");
    let small = Options { flush_bytes: 500, segment_bytes: 2000, snapshot_bytes: 3000, ..options() };
    let store = Embedded::open(&dir, small.clone()).unwrap();
    for i in 0..100 {
        put(&store, &format!("{:02}", i % 40), &format!("{i}")).unwrap();
    }
    let before = rows(&store);
    close(store);
    fs::remove_dir_all(dir.join("index")).unwrap();
    let store = Embedded::open(&dir, small).unwrap();
    assert!(store.report().rebuilt.is_some());
    assert_eq!(rows(&store), before);
    close(store);
    let report = ops::verify(&dir).unwrap();
    assert_eq!((report.findings.len(), report.records, report.seq), (0, 40, 100), "{report:?}");
}

/// Flips, overwrites, cuts; with and without index; after a kill and after a clean end.
fn mutate(bytes: &mut Vec<u8>, kind: u8, at: prop::sample::Index, with: u8) {
    let at = at.index(bytes.len());
    match kind {
        0 => bytes[at] ^= 1 << (with % 8),
        1 => bytes[at] = bytes[at].wrapping_add(with | 1),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..(at + 1 + with as usize).min(bytes.len()))),
        4 => bytes.splice(at..at, std::iter::repeat_n(with, 1 + with as usize)).for_each(drop),
        _ => {
            let end = (at + 512).min(bytes.len());
            bytes[at..end].fill(0);
        }
    }
}

#[test]
fn a_changed_journal_is_found_out() {
    let root = tempfile::tempdir().unwrap();
    let killed = killed(root.path(), 30);
    let clean = root.path().join("live");
    let original = fs::read(only_segment(&clean)).unwrap();
    let expected = rows(&open(&killed).unwrap());
    let mut ends = vec![0];
    while let Some(len) = original.get(ends[ends.len() - 1]..).and_then(|rest| rest.first_chunk::<4>()) {
        ends.push(ends[ends.len() - 1] + 52 + u32::from_le_bytes(*len) as usize);
    }
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 300, ..ProptestConfig::default() });
    let case = (0..6_u8, any::<prop::sample::Index>(), any::<u8>(), any::<bool>(), any::<bool>());
    let work = root.path().join("work");
    let tested = runner.run(&case, |(kind, at, with, from_clean, index)| {
        let _ = fs::remove_dir_all(&work);
        copy(if from_clean { &clean } else { &killed }, &work);
        if !index {
            let _ = fs::remove_dir_all(work.join("index"));
        }
        let mut bytes = original.clone();
        mutate(&mut bytes, kind, at, with);
        let same = bytes == original;
        fs::write(only_segment(&work), &bytes).unwrap();
        match open(&work) {
            Err(StoreError::Damaged(_)) => prop_assert!(!same),
            Err(error) => prop_assert!(false, "{error}"),
            Ok(store) => {
                let now = rows(&store);
                for (key, value) in &now {
                    prop_assert_eq!(expected.get(key), Some(value), "nothing is made up");
                }
                if now.len() < expected.len() {
                    // A cut exactly between two frames leaves no trace in a journal that nobody knows the end of; zeros
                    // from there on are what was allocated ahead.
                    let left = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
                    let between =
                        store.report().cut.is_none() && ends.contains(&left) && original.starts_with(&bytes[..left]);
                    prop_assert!(store.report().cut.is_some() || between, "silently less");
                    prop_assert!(!from_clean, "after a clean end every loss is damage");
                }
                if kind < 2 {
                    prop_assert!(same || store.report().cut.is_some(), "a flip was not found");
                }
                prop_assert_eq!(put(&store, "more", "x").is_ok(), true);
            }
        }
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn a_changed_index_loses_nothing() {
    let root = tempfile::tempdir().unwrap();
    let clean = root.path().join("live");
    let killed = root.path().join("killed");
    let small = || Options { flush_bytes: 4000, ..options() };
    let store = Embedded::open(&clean, small()).unwrap();
    for i in 0..200 {
        put(&store, &format!("{i:03}"), &format!("value {i}").repeat(20)).unwrap();
    }
    let expected = rows(&store);
    std::thread::sleep(std::time::Duration::from_millis(300));
    copy(&clean, &killed);
    close(store);
    let work = root.path().join("work");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 100, ..ProptestConfig::default() });
    let case = (0..6_u8, any::<prop::sample::Index>(), any::<u8>(), any::<bool>(), any::<prop::sample::Index>());
    let tested = runner.run(&case, |(kind, at, with, from_clean, which)| {
        let _ = fs::remove_dir_all(&work);
        copy(if from_clean { &clean } else { &killed }, &work);
        let mut files: Vec<_> = fs::read_dir(work.join("index")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.is_file() && path.metadata().unwrap().len() > 0);
        files.sort();
        // The data file most of the time.
        let file = if with % 4 == 0 { &files[which.index(files.len())] } else { &work.join("index").join("db") };
        let mut bytes = fs::read(file).unwrap();
        // Where something is: most of the file is empty.
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
        let empty = bytes.split_off(used);
        mutate(&mut bytes, kind, at, with);
        bytes.extend(empty);
        fs::write(file, &bytes).unwrap();
        let store = open(&work).unwrap();
        prop_assert_eq!(&rows(&store), &expected);
        block(store.close()).unwrap();
        prop_assert_eq!(&ops::verify(&work).unwrap().findings, &Vec::<String>::new());
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn one_bit_of_the_index_after_a_clean_end_is_noticed() {
    let root = tempfile::tempdir().unwrap();
    let store = open(root.path()).unwrap();
    put(&store, "a", "x").unwrap();
    close(store);
    let db = root.path().join("index").join("db");
    let mut bytes = fs::read(&db).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&db, bytes).unwrap();
    let store = open(root.path()).unwrap();
    assert!(store.report().rebuilt.is_some() && root.path().join("index.bad-1").exists());
    assert_eq!(rows(&store).len(), 1);
}
