//! The index: the state at one point of the journal, in sled. The only file that names sled.
//!
//! It is never the truth. Each batch carries the point of the journal it stands for and, per collection, a count and
//! a hash over all rows that does not depend on order; an index that does not match them is thrown away and rebuilt.
//!
//! Why so suspicious: `flush` of this engine does not reach the disk on Linux, so we sync its file through a handle
//! of our own; and it may panic on damaged files, so every call stands behind `catch_unwind`.

use super::codec::{get_bytes, get_int, get_text, put_bytes, put_int};
use super::frame::Hash;
use nightbell_core::port::store::{Record, Scan, StoreError};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Key of the meta row; sorts before every collection.
const META: &[u8] = b"\0meta";
/// Page cache in bytes. Small, because the hot rows are in the overlay.
const CACHE: u64 = 8 * 1024 * 1024;
/// How often the engine's own thread works, in milliseconds: it also drives its garbage collection.
const BACKGROUND_MS: u64 = 700;

/// Count and hash of a collection. The hash is the sum of the hashes of its rows, so order does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub rows: u64,
    pub sum: u128,
}

/// What the index stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Meta {
    /// Last commit whose effect is in the index.
    pub seq: u64,
    /// Chain hash at `seq`.
    pub chain: Hash,
    /// Per collection.
    pub tallies: BTreeMap<String, Tally>,
}

impl Meta {
    /// Counts a row in.
    pub fn add(&mut self, coll: &str, key: &str, version: u64, value: &[u8]) {
        let tally = self.tallies.entry(coll.to_owned()).or_default();
        tally.rows += 1;
        tally.sum = tally.sum.wrapping_add(row_hash(coll, key, version, value));
    }

    /// Counts a row out.
    pub fn sub(&mut self, coll: &str, key: &str, version: u64, value: &[u8]) {
        let tally = self.tallies.entry(coll.to_owned()).or_default();
        tally.rows = tally.rows.saturating_sub(1);
        tally.sum = tally.sum.wrapping_sub(row_hash(coll, key, version, value));
        if *tally == Tally::default() {
            self.tallies.remove(coll);
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_int(&mut out, self.seq);
        put_bytes(&mut out, &self.chain);
        for (coll, tally) in &self.tallies {
            put_bytes(&mut out, coll.as_bytes());
            put_int(&mut out, tally.rows);
            put_bytes(&mut out, &tally.sum.to_le_bytes());
        }
        out
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let from = &mut bytes;
        let mut meta = Self { seq: get_int(from)?, chain: get_bytes(from)?.try_into().ok()?, ..Self::default() };
        while !from.is_empty() {
            let coll = get_text(from)?;
            let rows = get_int(from)?;
            let sum = u128::from_le_bytes(get_bytes(from)?.try_into().ok()?);
            meta.tallies.insert(coll, Tally { rows, sum });
        }
        Some(meta)
    }
}

/// Hash of a row, to be summed.
pub(crate) fn row_hash(coll: &str, key: &str, version: u64, value: &[u8]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    for part in [coll.as_bytes(), &[0], key.as_bytes(), &[0], &version.to_le_bytes(), value] {
        hasher.update(part);
    }
    let mut sum = [0; 16];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    u128::from_le_bytes(sum)
}

/// One change of the index; no value means removal.
pub(crate) type IndexWrite<'a> = (&'a str, &'a str, u64, Option<&'a [u8]>);

/// An open index.
#[derive(Debug)]
pub(crate) struct Index {
    tree: sled::Db,
    file: File,
    dir: PathBuf,
}

impl Index {
    /// Opens or creates. Errors and panics of the engine come back as the reason.
    pub fn open(dir: &Path) -> Result<Self, String> {
        let open = || {
            let config = sled::Config::new().path(dir).cache_capacity(CACHE).flush_every_ms(Some(BACKGROUND_MS));
            let tree = config.open()?;
            let file = File::options().read(true).write(true).open(dir.join("db"))?;
            Ok(Self { tree, file, dir: dir.to_owned() })
        };
        guard(open).map_err(|error| error.to_string())
    }

    /// What it stands for; `None` when it is new.
    pub fn meta(&self) -> Result<Option<Meta>, StoreError> {
        let row = guard(|| self.tree.get(META))?;
        let bad = || StoreError::Damaged("the index does not say what it stands for".to_owned());
        row.map(|bytes| Meta::decode(&bytes).ok_or_else(bad)).transpose()
    }

    /// Version of a record.
    pub fn version(&self, coll: &str, key: &str) -> Result<Option<u64>, StoreError> {
        let row = guard(|| self.tree.get(row_key(coll, key)))?;
        row.map(|bytes| split(&bytes).map(|(version, _)| version)).transpose()
    }

    /// A record.
    pub fn get(&self, coll: &str, key: &str) -> Result<Option<Record>, StoreError> {
        let row = guard(|| self.tree.get(row_key(coll, key)))?;
        row.map(|bytes| {
            let (version, value) = split(&bytes)?;
            Ok(Record { key: key.to_owned(), value: value.to_vec(), version })
        })
        .transpose()
    }

    /// Calls `each` for the records of the range in the direction of the scan until it returns false. The limit is
    /// the caller's business.
    pub fn scan(&self, coll: &str, scan: &Scan, mut each: impl FnMut(Record) -> bool) -> Result<(), StoreError> {
        if !scan.to.is_empty() && scan.to < scan.from {
            return Ok(());
        }
        let from = row_key(coll, &scan.from);
        let mut to = row_key(coll, &scan.to);
        if scan.to.is_empty() {
            // Behind every key of the collection: the separator plus one.
            to[coll.len()] = 1;
        }
        let prefix = coll.len() + 1;
        guard(|| {
            let mut rows = self.tree.range::<Vec<u8>, _>((Bound::Included(from), Bound::Excluded(to)));
            while let Some(row) = if scan.reverse { rows.next_back() } else { rows.next() } {
                let (key, bytes) = row?;
                let bad = || sled::Error::Unsupported("a row that is not ours".to_owned());
                let key = key.get(prefix..).and_then(|key| std::str::from_utf8(key).ok()).ok_or_else(bad)?;
                let (version, value) = split(&bytes).map_err(|_| bad())?;
                if !each(Record { key: key.to_owned(), value: value.to_vec(), version }) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Applies changes as one atomic step and adjusts `meta` to them. Not durable until [`Self::sync`].
    pub fn apply(&self, changes: &[IndexWrite<'_>], meta: &mut Meta) -> Result<(), StoreError> {
        let mut next = meta.clone();
        guard(|| {
            let mut batch = sled::Batch::default();
            for (coll, key, version, value) in changes {
                let row = row_key(coll, key);
                if let Some(old) = self.tree.get(&row)? {
                    let (old_version, old_value) =
                        split(&old).map_err(|error| sled::Error::Unsupported(error.to_string()))?;
                    next.sub(coll, key, old_version, old_value);
                } else if value.is_none() {
                    continue;
                }
                if let Some(value) = value {
                    next.add(coll, key, *version, value);
                    let mut bytes = Vec::with_capacity(8 + value.len());
                    bytes.extend_from_slice(&version.to_be_bytes());
                    bytes.extend_from_slice(value);
                    batch.insert(row, bytes);
                } else {
                    batch.remove(row);
                }
            }
            batch.insert(META, next.encode());
            self.tree.apply_batch(batch)
        })?;
        *meta = next;
        Ok(())
    }

    /// Makes everything applied durable.
    pub fn sync(&self) -> Result<(), StoreError> {
        guard(|| {
            self.tree.flush()?;
            self.file.sync_data()?;
            Ok(())
        })
    }

    /// Reads every row and compares with `meta`. The reason when they differ.
    pub fn check(&self, meta: &Meta) -> Result<(), String> {
        let mut found = Meta { seq: meta.seq, chain: meta.chain, tallies: BTreeMap::new() };
        self.each(|coll, key, version, value| {
            found.add(coll, key, version, value);
            Ok(())
        })
        .map_err(|error| error.to_string())?;
        if found == *meta { Ok(()) } else { Err("the rows of the index do not match its sums".to_owned()) }
    }

    /// Calls `each` with collection, key, version and value of every row, in order.
    pub fn each(
        &self,
        mut each: impl FnMut(&str, &str, u64, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut outcome = Ok(());
        let walked = guard(|| {
            for row in &*self.tree {
                let (key, bytes) = row?;
                if *key == *META {
                    continue;
                }
                let parts = std::str::from_utf8(&key).ok().and_then(|key| key.split_once('\0'));
                let Some((coll, key)) = parts else {
                    return Err(sled::Error::Unsupported("a row that is not ours".to_owned()));
                };
                outcome = split(&bytes).and_then(|(version, value)| each(coll, key, version, value));
                if outcome.is_err() {
                    break;
                }
            }
            Ok(())
        });
        walked.and(outcome)
    }

    /// Closes it and waits until the engine has let go of its files (at most 5 s), so that they do not change any
    /// more.
    pub fn close(self) -> Result<(), String> {
        let Self { tree, file, dir } = self;
        let synced = guard(|| tree.flush().map(|_| ())).map_err(|error| error.to_string());
        // Its destructor flushes once more, which may panic on a broken disk.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(tree))).map_err(|_| "closing it panicked".to_owned());
        for _ in 0..500 {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(10)),
                Err(TryLockError::Error(error)) => return Err(error.to_string()),
            }
        }
        let durable = file.sync_all().map_err(|error| format!("{}: {error}", dir.display()));
        synced.and(dropped).and(durable)
    }
}

fn row_key(coll: &str, key: &str) -> Vec<u8> {
    let mut row = Vec::with_capacity(coll.len() + 1 + key.len());
    row.extend_from_slice(coll.as_bytes());
    row.push(0);
    row.extend_from_slice(key.as_bytes());
    row
}

fn split(row: &[u8]) -> Result<(u64, &[u8]), StoreError> {
    let bad = || StoreError::Damaged("a row of the index is too short".to_owned());
    let (version, value) = row.split_first_chunk::<8>().ok_or_else(bad)?;
    Ok((u64::from_be_bytes(*version), value))
}

/// Runs a call of the engine; a panic counts as damage.
fn guard<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(sled::Error::Io(error))) if super::disk::is_full(&error) => {
            Err(StoreError::Full(format!("index: {error}")))
        }
        Ok(Err(sled::Error::Io(error))) => Err(StoreError::Io(format!("index: {error}"))),
        Ok(Err(error)) => Err(StoreError::Damaged(format!("index: {error}"))),
        Err(panic) => {
            let why = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            Err(StoreError::Damaged(format!("index: {}", why.unwrap_or("panic"))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::{Embedded, Options};

    /// A row changed behind our back, with a checksum of the engine that is right.
    #[test]
    fn wrong_rows_are_found_after_an_unclean_end() {
        let tampers: [fn(&sled::Db); 3] = [
            |tree| drop(tree.insert(row_key("c", "b"), &[0, 0, 0, 0, 0, 0, 0, 1, 9][..]).unwrap()),
            |tree| drop(tree.remove(row_key("c", "b")).unwrap()),
            |tree| drop(tree.insert(row_key("c", "z"), &[0; 9][..]).unwrap()),
        ];
        for tamper in tampers {
            let root = tempfile::tempdir().unwrap();
            let options = || Options { reserve_bytes: 0, ..Options::default() };
            drop(Embedded::open(root.path(), options()).unwrap());
            let index = Index::open(&root.path().join("index")).unwrap();
            let mut meta = index.meta().unwrap().unwrap();
            index.apply(&[("c", "a", 1, Some(b"1")), ("c", "b", 1, Some(b"2"))], &mut meta).unwrap();
            index.apply(&[("c", "a", 2, None)], &mut meta).unwrap();
            index.check(&meta).unwrap();
            assert_eq!(meta.tallies["c"].rows, 1);
            tamper(&index.tree);
            index.check(&meta).unwrap_err();
            index.close().unwrap();
            let store = Embedded::open(root.path(), options()).unwrap();
            assert!(store.report().rebuilt.is_some());
        }
    }

    /// The same in an index that is too large to be read at the start: noticed while the store works, and replaced.
    #[test]
    fn wrong_rows_of_a_large_index_are_found_soon() {
        let root = tempfile::tempdir().unwrap();
        let options = || Options { reserve_bytes: 0, check_rows: 0, check_after: 0, ..Options::default() };
        drop(Embedded::open(root.path(), options()).unwrap());
        let index = Index::open(&root.path().join("index")).unwrap();
        let mut meta = index.meta().unwrap().unwrap();
        index.apply(&[("c", "a", 1, Some(b"1"))], &mut meta).unwrap();
        index.close().unwrap();
        let store = Embedded::open(root.path(), options()).unwrap();
        assert!(store.report().rebuilt.is_none(), "not read at the start");
        index_changes(&store, "a row that no commit wrote goes away");
    }

    fn index_changes(store: &Embedded, what: &str) {
        // The row matches the sums, so only a tampered one may go: take it out behind the store's back first.
        let index = store.inner.shared.index().unwrap();
        index.tree.insert(row_key("c", "z"), &[0; 9][..]).unwrap();
        drop(index);
        for _ in 0..200 {
            let there = store.inner.shared.get("c", "z").map_or(true, |row| row.is_some());
            if !there {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("{what}");
    }
}
