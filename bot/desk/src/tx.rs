//! One unit of work: reads remember what they saw, writes wait, one commit at the end.
//!
//! A record that was read and then written is committed only if nobody changed it in between; the caller runs the
//! whole use-case again when that happens ([`StoreError::Conflict`]). So a use-case is written as if it were alone.

use crate::records::{AuditRow, Leaving, OutLane, OutboxRow, TimerRow, coll};
use jiff::Timestamp;
use nightbell_core::chat::{Card, Outbound, To};
use nightbell_core::ids::CaseId;
use nightbell_core::port::random::Ids;
use nightbell_core::port::store::{Batch, Check, Lane, Record, Scan, Store, StoreError, Write, time_key};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

type Key = (&'static str, String);

/// Who has something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rings {
    /// Events of our own were put into the inbox.
    pub inbox: bool,
    /// Something has to leave.
    pub outbox: bool,
    /// A timer was armed.
    pub timers: bool,
}

/// A unit of work.
pub struct Tx<'s> {
    store: &'s dyn Store,
    ids: &'s dyn Ids,
    /// The instant the work is about; the same for everything in it.
    pub now: Timestamp,
    seen: BTreeMap<Key, u64>,
    writes: BTreeMap<Key, Option<Vec<u8>>>,
    fences: Vec<Check>,
    lane: Lane,
    counter: u32,
    touched: BTreeSet<CaseId>,
    taken: crate::numbers::Taken,
}

impl<'s> Tx<'s> {
    /// Begins.
    pub fn new(store: &'s dyn Store, ids: &'s dyn Ids, now: Timestamp) -> Self {
        Self {
            store,
            ids,
            now,
            seen: BTreeMap::new(),
            writes: BTreeMap::new(),
            fences: Vec::new(),
            lane: Lane::Normal,
            counter: 0,
            touched: BTreeSet::new(),
            taken: crate::numbers::Taken::default(),
        }
    }

    /// This work may use the reserve of a full disk: timers, pages, results.
    pub fn urgent(&mut self) {
        self.lane = Lane::Urgent;
    }

    /// The store, for blobs.
    pub fn store(&self) -> &'s dyn Store {
        self.store
    }

    /// A fresh id.
    pub fn fresh(&self) -> String {
        self.ids.fresh()
    }

    /// Reads a record; sees what this work wrote.
    pub async fn get<T: DeserializeOwned>(&mut self, coll: &'static str, key: &str) -> Result<Option<T>, StoreError> {
        let k = (coll, key.to_owned());
        if let Some(pending) = self.writes.get(&k) {
            return pending.as_ref().map(|v| decode(key, v)).transpose();
        }
        let found = self.store.get(coll, key).await?;
        self.seen.entry(k).or_insert_with(|| found.as_ref().map_or(0, |r| r.version));
        found.map(|r| r.decode()).transpose()
    }

    /// Reads committed records in key order. Does not see what this work wrote.
    pub async fn scan(&self, coll: &'static str, scan: Scan) -> Result<Vec<Record>, StoreError> {
        self.store.scan(coll, scan).await
    }

    /// Writes a record.
    pub fn put<T: Serialize>(
        &mut self,
        coll: &'static str,
        key: impl Into<String>,
        value: &T,
    ) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(value).map_err(|e| StoreError::Io(format!("cannot encode: {e}")))?;
        self.writes.insert((coll, key.into()), Some(bytes));
        Ok(())
    }

    /// Writes the present instant as a record: presence is what matters.
    pub fn mark(&mut self, coll: &'static str, key: impl Into<String>) -> Result<(), StoreError> {
        let now = self.now;
        self.put(coll, key, &now)
    }

    /// Removes a record.
    pub fn delete(&mut self, coll: &'static str, key: impl Into<String>) {
        self.writes.insert((coll, key.into()), None);
    }

    /// The commit happens only while the claim is ours.
    pub fn fence(&mut self, coll: &'static str, key: &str, token: u64) {
        self.fences.push(Check::Fence { coll, key: key.to_owned(), token });
    }

    /// The next number of a counter, from 1.
    pub async fn next(&mut self, counter: &str) -> Result<u64, StoreError> {
        let n = self.get::<u64>(coll::COUNTERS, counter).await?.unwrap_or(0) + 1;
        self.put(coll::COUNTERS, counter, &n)?;
        Ok(n)
    }

    /// The number of a new case; it comes back when this work is not committed.
    pub async fn case_number(
        &mut self,
        numbers: &std::sync::Arc<crate::numbers::Numbers>,
    ) -> Result<CaseId, StoreError> {
        let id = numbers.take(self.store, &mut self.taken).await?;
        // Asks at the commit that nobody else has it.
        self.seen.insert((coll::CASES, id.key()), 0);
        Ok(id)
    }

    /// Which workers have something to do after the commit.
    pub fn rings(&self) -> Rings {
        let wrote = |c: &str| self.writes.iter().any(|((coll, _), v)| *coll == c && v.is_some());
        Rings {
            inbox: wrote(coll::INBOX),
            outbox: OutLane::ALL.iter().any(|l| wrote(l.coll())),
            timers: wrote(coll::TIMERS),
        }
    }

    /// Puts something into the outbox.
    pub fn leave(&mut self, lane: OutLane, case: Option<CaseId>, what: Leaving) -> Result<(), StoreError> {
        self.counter += 1;
        let key = format!("{}-{:05}-{}", time_key(self.now), self.counter, self.ids.fresh());
        self.put(lane.coll(), key, &OutboxRow { what, at: self.now, tries: 0, error: None, case, first: None })
    }

    /// Says something; returns the message's key for later changes.
    pub fn say(&mut self, lane: OutLane, case: Option<CaseId>, to: To, card: Card) -> Result<String, StoreError> {
        let key = self.fresh();
        let bulk = lane == OutLane::Bulk;
        let out = Outbound { key: key.clone(), to, card, replaces: None, bulk };
        self.leave(lane, case, Leaving::Message(out))?;
        Ok(key)
    }

    /// Changes an earlier message in place.
    pub fn amend(&mut self, lane: OutLane, of: &str, to: To, card: Card) -> Result<(), StoreError> {
        let bulk = lane == OutLane::Bulk;
        let out = Outbound { key: self.fresh(), to, card, replaces: Some(of.to_owned()), bulk };
        self.leave(lane, None, Leaving::Message(out))
    }

    /// Arms a timer. `id` must be unique among timers of the same instant.
    pub fn arm(&mut self, id: &str, row: &TimerRow) -> Result<(), StoreError> {
        self.put(coll::TIMERS, timer_key(row.due, id), row)
    }

    /// Disarms a timer.
    pub fn disarm(&mut self, id: &str, due: Timestamp) {
        self.delete(coll::TIMERS, timer_key(due, id));
    }

    /// Records who did what.
    pub fn audit(
        &mut self,
        who: &str,
        what: &str,
        case: Option<CaseId>,
        detail: impl Into<String>,
    ) -> Result<(), StoreError> {
        self.counter += 1;
        let key = format!("{}-{:05}-{}", time_key(self.now), self.counter, self.ids.fresh());
        let row = AuditRow { at: self.now, who: who.to_owned(), what: what.to_owned(), case, detail: detail.into() };
        self.put(coll::AUDIT, key, &row)
    }

    /// This case will look different after the commit.
    pub fn touch(&mut self, case: CaseId) {
        self.touched.insert(case);
    }

    /// The cases that changed.
    pub fn touched(&self) -> Vec<CaseId> {
        self.touched.iter().copied().collect()
    }

    /// Whether there is anything to commit.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// One durable commit of everything.
    pub async fn commit(self) -> Result<u64, StoreError> {
        let mut batch = Batch { checks: self.fences, writes: Vec::new(), lane: self.lane };
        for ((coll, key), value) in self.writes {
            match self.seen.get(&(coll, key.clone())) {
                Some(0) => batch.absent(coll, key.clone()),
                Some(version) => batch.at(coll, key.clone(), *version),
                None => {}
            }
            batch.writes.push(match value {
                Some(value) => Write::Put { coll, key, value },
                None => Write::Delete { coll, key },
            });
        }
        let seq = self.store.commit(batch).await?;
        self.taken.keep();
        Ok(seq)
    }
}

fn decode<T: DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|e| StoreError::Damaged(format!("record `{key}`: {e}")))
}

/// Key of a timer.
pub fn timer_key(due: Timestamp, id: &str) -> String {
    format!("{}-{id}", time_key(due))
}
