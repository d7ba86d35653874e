//! The one thread that commits. It takes what is queued, checks it, writes it as one group, syncs once, makes it
//! visible, wakes everybody. The sync under way is the window in which the next group gathers: there is no timer.
//!
//! **Promise:** nobody is told `Ok` before the group is on disk, and nobody is told of a conflict with a write that
//! is not on disk yet: a duplicate must not be confirmed on the strength of an original that may still be lost.

use super::frame;
use super::journal::Journal;
use super::overlay::Entry;
use super::reserve::Reserve;
use super::shared::{Shared, lock};
use super::{Job, MAX_GROUP, MAX_GROUP_BYTES};
use nightbell_core::port::store::{Batch, Check, Health, Lane, StoreError, Write};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// How often a store that cannot write tries again.
const PROBE: Duration = Duration::from_secs(1);
/// Longest wait for the flusher when the overlay is full.
const PATIENCE: Duration = Duration::from_secs(5);

/// A batch on its way.
pub(crate) struct Request {
    pub batch: Batch,
    /// Its writes as they will stand in the journal.
    pub payload: Vec<u8>,
    pub reply: oneshot::Sender<Result<u64, StoreError>>,
    /// Its place in the queue.
    pub place_in_queue: OwnedSemaphorePermit,
}

/// What the thread is told.
pub(crate) enum Order {
    Commit(Request),
    Stop,
}

pub(crate) struct Committer {
    pub shared: Arc<Shared>,
    pub journal: Journal,
    pub reserve: Reserve,
    pub flush_bytes: usize,
    pub flush_entries: usize,
    pub last_probe: Option<Instant>,
    /// The frames of the group being written.
    pub frames: Vec<u8>,
    /// Whether the flusher did not catch up in time when it was waited for last.
    pub waited_in_vain: bool,
    /// Number and chain hash at the end of the frames.
    pub next: (u64, frame::Hash),
}

enum Verdict {
    /// Stands in the group with this number.
    Write(u64),
    /// Holds, but has nothing to write.
    Nothing,
    Refuse(StoreError),
}

/// What earlier batches of the group did to a key.
#[derive(Clone, Copy)]
struct Pending {
    version: Option<u64>,
    claim_ended: bool,
}

impl Committer {
    /// Works until it is told to stop or nobody is left who could ask.
    pub fn run(mut self, orders: &Receiver<Order>) {
        let mut group = Vec::new();
        loop {
            let healthy = self.health() == Health::Healthy;
            let mut stop = match orders.recv_timeout(if healthy { Duration::from_hours(1) } else { PROBE }) {
                Ok(order) => push(&mut group, order),
                Err(RecvTimeoutError::Timeout) => {
                    if !healthy {
                        self.probe();
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut bytes = group.last().map_or(0, |request| request.payload.len());
            while !stop && group.len() < MAX_GROUP && bytes < MAX_GROUP_BYTES {
                let Ok(order) = orders.try_recv() else { break };
                stop = push(&mut group, order);
                bytes += group.last().map_or(0, |request| request.payload.len());
            }
            if !group.is_empty() {
                self.process(std::mem::take(&mut group));
            }
            if stop {
                self.journal.trim();
                return;
            }
        }
    }

    fn process(&mut self, mut group: Vec<Request>) {
        if self.health() != Health::Healthy {
            self.probe();
        }
        let refusal = self.backlog().or_else(|| match self.health() {
            Health::Full { why } => Some(StoreError::Full(why)),
            // The next write is the probe.
            Health::Failing { .. } | Health::Healthy => None,
        });
        if let Some(error) = refusal {
            refuse_normal(&mut group, &error);
        }
        let mut gave_reserve = false;
        while !group.is_empty() {
            let verdicts = self.judge(&group);
            match self.write(&group, &verdicts) {
                Ok(()) => return self.finish(group, verdicts),
                Err(StoreError::Full(why)) => {
                    self.set_health(Health::Full { why: why.clone() });
                    let error = StoreError::Full(why);
                    refuse_normal(&mut group, &error);
                    if group.is_empty() {
                        return;
                    }
                    if gave_reserve || !self.reserve.give_up() {
                        return refuse(group, &error);
                    }
                    gave_reserve = true;
                }
                Err(error) => {
                    self.set_health(Health::Failing { why: error.to_string() });
                    return refuse(group, &error);
                }
            }
        }
    }

    /// Checks every batch against what is committed and against the batches in front of it, and builds the frames.
    fn judge(&mut self, group: &[Request]) -> Vec<Verdict> {
        self.frames.clear();
        let mut pending: HashMap<(&str, &str), Pending> = HashMap::new();
        let (mut seq, mut chain, mut place) = (self.journal.seq, self.journal.chain, 0);
        let mut verdicts = Vec::with_capacity(group.len());
        for request in group {
            let batch = &request.batch;
            let failed = batch.checks.iter().find_map(|check| self.holds(check, &pending).err());
            if let Some(error) = failed {
                verdicts.push(Verdict::Refuse(error));
                continue;
            }
            if batch.writes.is_empty() {
                verdicts.push(Verdict::Nothing);
                continue;
            }
            chain = frame::write(&mut self.frames, seq + 1, place, &chain, &request.payload);
            seq += 1;
            place += 1;
            for write in &batch.writes {
                let (key, version) = match write {
                    Write::Put { coll, key, .. } => ((*coll, key.as_str()), Some(seq)),
                    Write::Delete { coll, key } => ((*coll, key.as_str()), None),
                };
                let before = pending.get(&key).is_some_and(|pending| pending.claim_ended);
                let claim_ended = before || version.is_none() || fenced(batch, key);
                pending.insert(key, Pending { version, claim_ended });
            }
            verdicts.push(Verdict::Write(seq));
        }
        self.next = (seq, chain);
        verdicts
    }

    fn holds(&self, check: &Check, pending: &HashMap<(&str, &str), Pending>) -> Result<(), StoreError> {
        let (Check::Absent { coll, key } | Check::At { coll, key, .. } | Check::Fence { coll, key, .. }) = check;
        let before = pending.get(&(*coll, key.as_str()));
        let version = match before {
            Some(pending) => pending.version,
            None => self.shared.version(coll, key)?,
        };
        let held = match check {
            Check::Absent { .. } => version.is_none(),
            Check::At { version: wanted, .. } => version == Some(*wanted),
            Check::Fence { token, .. } => {
                version.is_some()
                    && !before.is_some_and(|pending| pending.claim_ended)
                    && self.shared.claims().is_current(coll, key, *token)
            }
        };
        if held { Ok(()) } else { Err(StoreError::Conflict { coll, key: key.clone() }) }
    }

    fn write(&mut self, group: &[Request], verdicts: &[Verdict]) -> Result<(), StoreError> {
        debug_assert_eq!(group.len(), verdicts.len());
        if self.frames.is_empty() {
            return Ok(());
        }
        let (seq, chain) = self.next;
        self.journal.append(&self.frames, seq, chain)?;
        self.shared.writes.store(self.journal.writes, Ordering::Relaxed);
        self.shared.since_snapshot.fetch_add(self.frames.len() as u64, Ordering::Relaxed);
        if self.frames.capacity() > 2 * MAX_GROUP_BYTES {
            self.frames = Vec::new();
        }
        if matches!(self.health(), Health::Failing { .. }) {
            self.set_health(Health::Healthy);
        }
        Ok(())
    }

    /// Makes the group visible and wakes everybody.
    fn finish(&mut self, group: Vec<Request>, verdicts: Vec<Verdict>) {
        let mut replies = Vec::with_capacity(group.len());
        let full = {
            // Both locks at once: a claim must never find a record whose fenced commit is half visible.
            let mut claims = self.shared.claims();
            let mut layers = self.shared.layers_mut();
            // Taken under the lock: a rebuild waits until we let go of it and then reads the journal past this group.
            // In doubt a key is there: a mark too many costs time, one too few brings a deleted row back.
            let index = self.shared.index().ok();
            let below =
                |coll: &str, key: &str| index.as_ref().is_none_or(|i| !matches!(i.version(coll, key), Ok(None)));
            for (request, verdict) in group.into_iter().zip(verdicts) {
                let Request { batch, reply, place_in_queue, .. } = request;
                let answer = match verdict {
                    Verdict::Refuse(error) => Err(error),
                    Verdict::Nothing => Ok(self.journal.seq),
                    Verdict::Write(seq) => {
                        for write in batch.writes {
                            let (coll, key, value) = match write {
                                Write::Put { coll, key, value } => (coll, key, Some(value)),
                                Write::Delete { coll, key } => (coll, key, None),
                            };
                            let fence = |check: &Check| matches!(check, Check::Fence { coll: c, key: k, .. } if *c == coll && *k == key);
                            if !claims.is_empty() && (value.is_none() || batch.checks.iter().any(fence)) {
                                claims.end(coll, &key);
                            }
                            match value {
                                Some(_) => layers.active.set(coll, key, Entry { version: seq, value }),
                                None => layers.delete(coll, key, seq, |key| below(coll, key)),
                            }
                        }
                        Ok(seq)
                    }
                };
                drop(place_in_queue);
                replies.push((reply, answer));
            }
            (layers.active.seq, layers.active.chain) = (self.journal.seq, self.journal.chain);
            layers.active.bytes >= self.flush_bytes || layers.active.entries >= self.flush_entries
        };
        for (reply, answer) in replies {
            // Who asked may have gone; the commit stands all the same.
            let _ = reply.send(answer);
        }
        if full && !self.shared.kicked.swap(true, Ordering::Relaxed) {
            self.shared.job(Job::Flush);
        }
    }

    /// Waits while the flusher is far behind, so that memory stays bounded; the refusal when it does not catch up.
    /// Who waited in vain once does not wait again: urgent work goes through at once.
    fn backlog(&mut self) -> Option<StoreError> {
        let since = Instant::now();
        loop {
            let layers = self.shared.layers();
            let much = layers.active.bytes > 2 * self.flush_bytes || layers.active.entries > 4 * self.flush_entries;
            drop(layers);
            if !much {
                self.waited_in_vain = false;
                return None;
            }
            let error = match self.shared.health() {
                Health::Full { why } => return Some(StoreError::Full(why)),
                Health::Failing { why } => StoreError::Io(why),
                Health::Healthy => StoreError::Io("the index is far behind the journal".to_owned()),
            };
            if self.waited_in_vain || since.elapsed() >= PATIENCE {
                self.waited_in_vain = true;
                return Some(error);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// At most once a second: is there room again?
    fn probe(&mut self) {
        if self.last_probe.is_some_and(|at| at.elapsed() < PROBE) {
            return;
        }
        self.last_probe = Some(Instant::now());
        if matches!(self.health(), Health::Full { .. }) && self.reserve.probe().is_ok() {
            self.set_health(Health::Healthy);
        }
    }

    fn health(&self) -> Health {
        lock(&self.shared.journal_health).clone()
    }

    fn set_health(&self, health: Health) {
        let mut now = lock(&self.shared.journal_health);
        match (&health, &*now) {
            (Health::Healthy, Health::Healthy) => {}
            (Health::Healthy, _) => tracing::info!("the journal can be written again"),
            (Health::Full { why }, Health::Healthy | Health::Failing { .. }) => {
                tracing::error!(code = nightbell_core::code::STORE_FULL.0, why = %why, "the disk is full");
            }
            (Health::Failing { why }, _) => {
                tracing::error!(code = nightbell_core::code::STORE_IO.0, why = %why, "the journal cannot be written");
            }
            _ => {}
        }
        *now = health;
    }
}

fn fenced(batch: &Batch, (coll, key): (&str, &str)) -> bool {
    batch.checks.iter().any(|check| matches!(check, Check::Fence { coll: c, key: k, .. } if *c == coll && k == key))
}

fn push(group: &mut Vec<Request>, order: Order) -> bool {
    match order {
        Order::Commit(request) => {
            group.push(request);
            false
        }
        Order::Stop => true,
    }
}

fn refuse(group: Vec<Request>, error: &StoreError) {
    for request in group {
        // Who asked may have gone.
        let _ = request.reply.send(Err(error.clone()));
    }
}

fn refuse_normal(group: &mut Vec<Request>, error: &StoreError) {
    let (urgent, normal) = std::mem::take(group).into_iter().partition(|request| request.batch.lane == Lane::Urgent);
    *group = urgent;
    refuse(normal, error);
}
