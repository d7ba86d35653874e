//! The thread behind the overlay: moves it into the index, makes snapshots, rebuilds a broken index while the
//! journal goes on.

use super::disk::Disk;
use super::folder::{Folder, segments};
use super::frame::Hash;
use super::index::{Index, Meta};
use super::open::{self, Loader, pour};
use super::recovery::{self, Start, WalkError};
use super::shared::{Shared, lock};
use super::{Options, snapshot};
use nightbell_core::port::store::{Health, StoreError};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// How often it looks whether something is old enough to be moved.
const TICK: Duration = Duration::from_secs(1);
/// Room asked for besides the rows themselves before the index is touched: it does not survive a full disk.
const SLACK: u64 = 2 * 1024 * 1024;

/// What the thread is told.
pub(crate) enum Job {
    /// There is much to move.
    Flush,
    /// A snapshot into this file; the commit it stands for comes back.
    Snapshot(PathBuf, oneshot::Sender<Result<(u64, Hash), StoreError>>),
    /// A new index from the journal, as after a fault of the old one.
    Heal,
    /// The end; with true as a clean one.
    Stop(bool),
}

pub(crate) struct Flusher {
    pub shared: Arc<Shared>,
    pub disk: Arc<dyn Disk>,
    pub meta: Meta,
    pub options: Options,
    /// Quiet ticks until an index that was not read at the start is read whole.
    pub check_in: Option<u32>,
}

impl Flusher {
    /// Works until it is told to stop.
    pub fn run(mut self, jobs: &Receiver<Job>) -> Result<(), StoreError> {
        loop {
            match jobs.recv_timeout(TICK) {
                Ok(Job::Flush) => {
                    self.shared.kicked.store(false, Ordering::Relaxed);
                    self.tend(true);
                }
                Ok(Job::Snapshot(path, reply)) => {
                    // Who asked may have gone.
                    let _ = reply.send(self.snapshot(&path));
                }
                Ok(Job::Heal) => {
                    let healed = self.heal(&StoreError::Io("a rebuild was asked for".to_owned()));
                    self.note(healed);
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.tend(false);
                    self.check_late();
                }
                Ok(Job::Stop(true)) => return self.close(),
                Ok(Job::Stop(false)) | Err(RecvTimeoutError::Disconnected) => {
                    drop(self.shared.swap_index(None));
                    return Ok(());
                }
            }
        }
    }

    /// Reads an index that was too large to be read at the start, once things are quiet, and replaces it when it does not
    /// hold what it must.
    fn check_late(&mut self) {
        match self.check_in {
            Some(0) => self.check_in = None,
            Some(left) => {
                self.check_in = Some(left - 1);
                return;
            }
            None => return,
        }
        let outcome = self.shared.index().and_then(|index| index.check(&self.meta).map_err(StoreError::Damaged));
        if let Err(why) = outcome {
            tracing::error!(code = nightbell_core::code::STORE_REBUILT.0, why = %why, "the index is rebuilt from the journal");
            let healed = self.heal(&why);
            self.note(healed);
        }
    }

    /// Moves the overlay if it is time, and makes a snapshot if one is due.
    fn tend(&mut self, now: bool) {
        let due = {
            let layers = self.shared.layers();
            let old = layers.active.since.is_some_and(|since| since.elapsed() >= self.options.flush_age);
            now || old || layers.frozen.is_some()
        };
        let outcome = if due { self.flush() } else { Ok(()) };
        let outcome = outcome.and_then(|()| {
            if self.shared.since_snapshot.load(Ordering::Relaxed) < self.options.snapshot_bytes {
                return Ok(());
            }
            let folder = self.shared.folder.snapshots();
            self.snapshot(&folder.join(snapshot::name(self.meta.seq)))?;
            snapshot::prune(&folder)
        });
        self.note(outcome);
    }

    /// One table from the overlay into the index, durably.
    fn flush(&mut self) -> Result<(), StoreError> {
        let table = {
            let _gate = self.shared.gate.write().unwrap_or_else(PoisonError::into_inner);
            let mut layers = self.shared.layers_mut();
            if layers.frozen.is_none() {
                let active = std::mem::take(&mut layers.active);
                (layers.active.seq, layers.active.chain) = (active.seq, active.chain);
                layers.frozen = Some(Arc::new(active));
            }
            layers.frozen.clone()
        };
        let Some(table) = table else { return Ok(()) };
        if table.entries > 0 || table.seq > self.meta.seq {
            let need = 2 * table.bytes as u64 + SLACK;
            if self.disk.free(&self.shared.folder.root).is_ok_and(|free| free < need) {
                return Err(StoreError::Full(format!("the index needs {need} bytes")));
            }
            let poured = self.pour(&table);
            if let Err(error) = poured {
                tracing::error!(code = nightbell_core::code::STORE_IO.0, why = %error, "the index cannot be written");
                self.heal(&error)?;
            }
        }
        self.shared.layers_mut().frozen = None;
        Ok(())
    }

    fn pour(&mut self, table: &super::overlay::Table) -> Result<(), StoreError> {
        let index = self.shared.index()?;
        pour(&index, &mut self.meta, table)?;
        index.sync()
    }

    /// Replaces a broken index by a new one from the newest snapshot and the journal. Everything committed
    /// meanwhile stays in the overlay, so it does not matter how far the journal is read.
    fn heal(&mut self, why: &StoreError) -> Result<(), StoreError> {
        self.note(Err(why.clone()));
        if let Some(mut old) = self.shared.swap_index(None) {
            // Readers let go of it soon.
            let old = loop {
                match Arc::try_unwrap(old) {
                    Ok(index) => break index,
                    Err(shared) => old = shared,
                }
                std::thread::sleep(Duration::from_millis(1));
            };
            let _ = old.close();
        }
        let folder = &self.shared.folder;
        if folder.index().exists() {
            folder.set_index_aside()?;
        }
        let (index, meta) = {
            let layers = self.shared.layers();
            let last = layers.active.seq.max(layers.frozen.as_ref().map_or(0, |table| table.seq));
            drop(layers);
            rebuild(folder, last, self.options.flush_bytes)?
        };
        tracing::warn!(code = nightbell_core::code::STORE_REBUILT.0, seq = meta.seq, "the index was rebuilt");
        self.meta = meta;
        self.shared.swap_index(Some(Arc::new(index)));
        Ok(())
    }

    /// Everything committed so far as one file.
    fn snapshot(&mut self, path: &std::path::Path) -> Result<(u64, Hash), StoreError> {
        self.flush()?;
        // What a failed earlier flush left frozen went first; now the rest.
        self.flush()?;
        let index = self.shared.index()?;
        snapshot::write(path, self.meta.seq, &self.meta.chain, |row| index.each(row))?;
        if path.parent() == Some(&self.shared.folder.snapshots()) {
            self.shared.since_snapshot.store(0, Ordering::Relaxed);
        }
        Ok((self.meta.seq, self.meta.chain))
    }

    fn close(&mut self) -> Result<(), StoreError> {
        let flushed = self.flush().and_then(|()| self.flush());
        let index = self.shared.swap_index(None).and_then(Arc::into_inner);
        match flushed {
            Err(StoreError::Full(why)) => {
                tracing::warn!(code = nightbell_core::code::STORE_FULL.0, why = %why, "the next start will take longer");
                return Ok(());
            }
            flushed => flushed?,
        }
        if let Some(index) = index {
            index.close().map_err(StoreError::Io)?;
            self.shared.folder.mark_clean(self.meta.seq, &self.meta.chain)?;
        }
        Ok(())
    }

    fn note(&self, outcome: Result<(), StoreError>) {
        *lock(&self.shared.index_health) = match outcome {
            Ok(()) => Health::Healthy,
            Err(StoreError::Full(why)) => Health::Full { why },
            Err(error) => Health::Failing { why: error.to_string() },
        };
    }
}

/// A new index that stands for commit `last`.
fn rebuild(folder: &Folder, last: u64, flush_bytes: usize) -> Result<(Index, Meta), StoreError> {
    let (index, meta) = open::fresh(folder)?;
    let mut load = Loader::new(index, meta, flush_bytes);
    let start = Start { seq: load.meta.seq, chain: load.meta.chain, durable: last };
    let walked = recovery::walk(&folder.journal(), start, last, false, &mut |s, h, c| load.add(s, h, c));
    match walked {
        Ok(_) => load.flush()?,
        Err(WalkError::Start(why)) => return Err(StoreError::Damaged(why)),
        Err(WalkError::Store(error)) => return Err(error),
    }
    load.index.sync()?;
    Ok((load.index, load.meta))
}

/// Bytes of journal that a rebuild would have to read behind the newest snapshot.
pub(crate) fn since_snapshot(folder: &Folder) -> Result<u64, StoreError> {
    let newest = super::folder::numbered(&folder.snapshots(), ".snap")?.last().map_or(0, |(seq, _)| *seq);
    let mut bytes = 0;
    for (first, path) in segments(&folder.journal())? {
        if first > newest {
            bytes += path.metadata().map_or(0, |meta| meta.len());
        }
    }
    Ok(bytes)
}
