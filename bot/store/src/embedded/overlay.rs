//! Recent writes in memory, in front of the index. Each key has its newest state only, so a record that is written
//! and deleted soon after never reaches the index.

use super::frame::Hash;
use nightbell_core::port::store::Scan;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Instant;

/// Bytes counted for an entry besides its key and value.
const ENTRY_COST: usize = 96;

/// Newest state of a key.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Sequence number of the commit.
    pub version: u64,
    /// `None` when it was deleted.
    pub value: Option<Vec<u8>>,
}

type Rows = BTreeMap<String, Entry>;

/// Writes up to one point of the journal.
#[derive(Debug, Default)]
pub(crate) struct Table {
    colls: BTreeMap<Box<str>, Rows>,
    /// Rough memory in bytes.
    pub bytes: usize,
    /// Number of keys.
    pub entries: usize,
    /// Last commit in it or in front of it.
    pub seq: u64,
    /// Chain hash at `seq`.
    pub chain: Hash,
    /// When the first entry came.
    pub since: Option<Instant>,
}

impl Table {
    /// Sets the state of a key.
    pub fn set(&mut self, coll: &str, key: String, entry: Entry) {
        if !self.colls.contains_key(coll) {
            self.colls.insert(coll.into(), Rows::new());
        }
        let Some(rows) = self.colls.get_mut(coll) else { return };
        self.since.get_or_insert_with(Instant::now);
        let key_len = key.len();
        self.bytes += value_len(&entry);
        match rows.insert(key, entry) {
            Some(old) => self.bytes = self.bytes.saturating_sub(value_len(&old)),
            None => {
                self.bytes += key_len + ENTRY_COST;
                self.entries += 1;
            }
        }
    }

    /// Forgets a key that was written here and stands nowhere else.
    fn forget(&mut self, coll: &str, key: &str) {
        if let Some(old) = self.colls.get_mut(coll).and_then(|rows| rows.remove(key)) {
            self.bytes = self.bytes.saturating_sub(value_len(&old) + key.len() + ENTRY_COST);
            self.entries = self.entries.saturating_sub(1);
        }
    }

    fn get(&self, coll: &str, key: &str) -> Option<&Entry> {
        self.colls.get(coll)?.get(key)
    }

    /// Every entry in order of collection and key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Entry)> {
        self.colls.iter().flat_map(|(coll, rows)| rows.iter().map(move |(key, entry)| (&**coll, key.as_str(), entry)))
    }
}

fn value_len(entry: &Entry) -> usize {
    entry.value.as_ref().map_or(0, Vec::len)
}

/// The table being filled and the one on its way into the index.
#[derive(Debug, Default)]
pub(crate) struct Layers {
    pub active: Table,
    pub frozen: Option<Arc<Table>>,
}

impl Layers {
    /// Newest state of a key, if it is here.
    pub fn get(&self, coll: &str, key: &str) -> Option<&Entry> {
        let frozen = || self.frozen.as_ref().and_then(|table| table.get(coll, key));
        self.active.get(coll, key).or_else(frozen)
    }

    /// Deletes a key. Where it stands nowhere below, it leaves no mark: a queue whose rows come and go would otherwise
    /// be read through the marks of all that went. `below` tells whether the index has it; it is asked under our lock, so
    /// the flusher cannot move the key meanwhile.
    pub fn delete(&mut self, coll: &str, key: String, version: u64, below: impl FnOnce(&str) -> bool) {
        let frozen = self.frozen.as_ref().is_some_and(|table| table.get(coll, &key).is_some());
        if self.active.get(coll, &key).is_some() && !frozen && !below(&key) {
            self.active.forget(coll, &key);
        } else {
            self.active.set(coll, key, Entry { version, value: None });
        }
    }

    /// Entries of the range in the direction of the scan, until there are as many live ones as the scan wants.
    /// The flag tells whether it stopped there: then nothing behind the last entry matters.
    pub fn range(&self, coll: &str, scan: &Scan) -> (Vec<(String, Entry)>, bool) {
        let mut out = Vec::new();
        let mut live = 0;
        let mut newer = side(Some(&self.active), coll, scan).peekable();
        let mut older = side(self.frozen.as_deref(), coll, scan).peekable();
        loop {
            let order = match (newer.peek(), older.peek()) {
                (None, None) => return (out, false),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((a, _)), Some((b, _))) if scan.reverse => b.cmp(a),
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            let next = match order {
                std::cmp::Ordering::Less => newer.next(),
                std::cmp::Ordering::Greater => older.next(),
                std::cmp::Ordering::Equal => {
                    older.next();
                    newer.next()
                }
            };
            let Some((key, entry)) = next else { return (out, false) };
            live += usize::from(entry.value.is_some());
            out.push((key.clone(), entry.clone()));
            if live >= scan.limit {
                return (out, true);
            }
        }
    }
}

fn side<'a>(
    table: Option<&'a Table>,
    coll: &str,
    scan: &'a Scan,
) -> Box<dyn Iterator<Item = (&'a String, &'a Entry)> + 'a> {
    let Some(rows) = table.and_then(|table| table.colls.get(coll)) else { return Box::new(std::iter::empty()) };
    if !scan.to.is_empty() && scan.to < scan.from {
        return Box::new(std::iter::empty());
    }
    let to = if scan.to.is_empty() { Bound::Unbounded } else { Bound::Excluded(scan.to.as_str()) };
    let range = rows.range::<str, _>((Bound::Included(scan.from.as_str()), to));
    if scan.reverse { Box::new(range.rev()) } else { Box::new(range) }
}
