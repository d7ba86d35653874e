//! The default store: a journal on disk is the truth, an overlay in memory has the newest writes, an index has the
//! rest. One file per promise:
//!
//! | File | Promise |
//! |---|---|
//! | `committer` | nobody is told `Ok` before the disk is |
//! | `journal`, `frame`, `codec` | a group is on disk whole or not read again |
//! | `recovery`, `open` | what was committed is found again, what is missing is told |
//! | `overlay`, `shared` | readers see committed data of one moment |
//! | `index`, `flusher`, `snapshot` | state beyond memory; may be deleted, is rebuilt |
//! | `blobs` | bytes match their digest |
//! | `reserve` | room for what is urgent on a full disk |
//! | `folder` | one process, one format, clean ends |

mod blobs;
mod codec;
mod committer;
#[doc(hidden)]
pub mod disk;
mod flusher;
mod folder;
mod frame;
mod index;
mod journal;
mod open;
pub mod ops;
mod options;
mod overlay;
mod recovery;
mod reserve;
mod shared;
mod snapshot;

pub use codec::Change;
pub use frame::Hash;
pub use options::{CrashAt, Cut, Options, Report};

use crate::claims::Claims;
use crate::limits;
use async_trait::async_trait;
use committer::{Committer, Order, Request};
use flusher::{Flusher, Job};
use folder::Folder;
use jiff::Timestamp;
use journal::Journal;
use nightbell_core::port::store::{Batch, Claim, Health, Record, Scan, Store, StoreError};
use overlay::Layers;
use reserve::Reserve;
use shared::{Shared, lock};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, RwLock};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};

/// Most batches in a group.
pub(crate) const MAX_GROUP: usize = 256;
/// Bytes of payload after which a group is full.
pub(crate) const MAX_GROUP_BYTES: usize = 1024 * 1024;
/// Batches that may wait; more wait in front of the queue.
const QUEUE: usize = 1024;

/// The store. Cheap to clone; the last clone stops it. Call [`Self::close`] first: it makes the next start quick.
#[derive(Clone)]
pub struct Embedded {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    orders: Sender<Order>,
    queue: Arc<Semaphore>,
    report: Report,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    committer: JoinHandle<()>,
    flusher: JoinHandle<Result<(), StoreError>>,
    lock: File,
}

impl Embedded {
    /// Opens the data folder, creating it when there is none. Blocks while it recovers: call it before serving.
    ///
    /// Errors: `Locked` when another process has it; `Damaged` when the journal is, unless `options.repair` says to
    /// go on; `Full` and `Io` from the disk. What was found and mended is in [`Self::report`].
    pub fn open(dir: impl AsRef<Path>, options: Options) -> Result<Self, StoreError> {
        let folder = Folder::new(dir.as_ref());
        let opened = open::open(&folder, &options)?;
        let disk = options.disk();
        let reserve = Reserve::new(disk.clone(), &folder.root, folder.reserve(), options.reserve_bytes);
        let journal_health = match reserve.ensure() {
            Ok(()) => Health::Healthy,
            Err(StoreError::Full(why)) => Health::Full { why },
            Err(error) => return Err(error),
        };
        let segment = opened.segment.filter(|(_, len)| *len < options.segment_bytes);
        let crash_at = options.crash_at;
        let journal =
            Journal::open(&folder.journal(), disk.clone(), opened.head, segment, options.segment_bytes, crash_at)?;
        if !opened.existed {
            // Only now: a folder with this file and without a journal is damaged.
            folder.write_format()?;
        }
        let (job_sender, jobs) = channel();
        let since_snapshot = flusher::since_snapshot(&folder)?;
        let shared = Arc::new(Shared {
            layers: RwLock::new(Layers { active: opened.table, frozen: None }),
            gate: RwLock::new(()),
            index: RwLock::new(Some(Arc::new(opened.index))),
            claims: Mutex::new(Claims::new(folder.next_epoch()?)),
            journal_health: Mutex::new(journal_health),
            index_health: Mutex::new(Health::Healthy),
            writes: 0.into(),
            since_snapshot: since_snapshot.into(),
            kicked: AtomicBool::new(false),
            jobs: Mutex::new(job_sender),
            folder,
        });
        let committer = Committer {
            shared: shared.clone(),
            next: (journal.seq, journal.chain),
            journal,
            reserve,
            flush_bytes: options.flush_bytes,
            flush_entries: options.flush_entries,
            last_probe: None,
            waited_in_vain: false,
            frames: Vec::new(),
        };
        let check_in = opened.unchecked.then_some(options.check_after);
        let flusher = Flusher { shared: shared.clone(), disk, meta: opened.meta, options, check_in };
        let (orders, inbox) = channel();
        let spawned = |error: std::io::Error| StoreError::Io(format!("cannot start a thread: {error}"));
        let committer = std::thread::Builder::new().name("store-commit".into()).spawn(move || committer.run(&inbox));
        let flusher = std::thread::Builder::new().name("store-flush".into()).spawn(move || flusher.run(&jobs));
        let threads =
            Threads { committer: committer.map_err(spawned)?, flusher: flusher.map_err(spawned)?, lock: opened.lock };
        let queue = Arc::new(Semaphore::new(QUEUE));
        let threads = Mutex::new(Some(threads));
        Ok(Self { inner: Arc::new(Inner { shared, orders, queue, report: opened.report, threads }) })
    }

    /// What opening found and mended.
    pub fn report(&self) -> &Report {
        &self.inner.report
    }

    /// Number of group writes made durable since opening: the range of [`Options::crash_at`].
    pub fn durable_writes(&self) -> u64 {
        self.inner.shared.writes.load(Ordering::Relaxed)
    }

    /// Last durable commit and the chain hash at it: the head of the audit chain.
    pub fn head(&self) -> (u64, Hash) {
        let layers = self.inner.shared.layers();
        (layers.active.seq, layers.active.chain)
    }

    /// Commits what is queued, moves everything into the index and leaves the mark of a clean end. Later commits are
    /// refused. Closing twice is fine. Without room for the index the mark is left out: nothing is lost, the next
    /// start reads the journal.
    pub async fn close(&self) -> Result<(), StoreError> {
        let inner = self.inner.clone();
        run_blocking(move || inner.stop(true)).await
    }

    /// Replaces the index by a new one from the journal while commits go on, as after a fault of the index. Reads may
    /// fail with `Io` until [`Store::health`] is `Healthy` again.
    pub fn rebuild_index(&self) -> Result<(), StoreError> {
        if self.inner.shared.job(Job::Heal) { Ok(()) } else { Err(closed()) }
    }

    /// Writes a snapshot and the blobs into the folder `to`, which must be empty or missing. Commits go on
    /// meanwhile. The commit the backup stands for comes back.
    pub async fn backup(&self, to: impl AsRef<Path>) -> Result<u64, StoreError> {
        let to = to.as_ref().to_owned();
        let snapshot = ops::backup_target(&to)?;
        let (reply, answer) = oneshot::channel();
        if !self.inner.shared.job(Job::Snapshot(snapshot.clone(), reply)) {
            return Err(closed());
        }
        let (seq, _) = answer.await.map_err(|_| closed())??;
        let blobs = self.inner.shared.folder.blobs();
        run_blocking(move || ops::finish_backup(&to, &blobs)).await?;
        Ok(seq)
    }
}

impl Inner {
    fn stop(&self, clean: bool) -> Result<(), StoreError> {
        let Some(threads) = lock(&self.threads).take() else { return Ok(()) };
        // A thread that has ended already needs no order.
        let _ = self.orders.send(Order::Stop);
        let committed = threads.committer.join().is_ok();
        self.shared.job(Job::Stop(clean && committed));
        let ended = threads.flusher.join().unwrap_or_else(|_| Err(StoreError::Io("the flusher panicked".to_owned())));
        drop(threads.lock);
        if committed { ended } else { Err(StoreError::Io("the committer panicked".to_owned())) }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // What is not in the index is in the journal: nothing is lost, the next start only takes longer.
        let _ = self.stop(false);
    }
}

#[async_trait]
impl Store for Embedded {
    async fn get(&self, coll: &'static str, key: &str) -> Result<Option<Record>, StoreError> {
        self.inner.shared.get(coll, key)
    }

    async fn scan(&self, coll: &'static str, scan: Scan) -> Result<Vec<Record>, StoreError> {
        self.inner.shared.scan(coll, &scan)
    }

    async fn commit(&self, batch: Batch) -> Result<u64, StoreError> {
        limits::batch(&batch)?;
        let payload = codec::encode(&batch.writes);
        let place_in_queue = self.inner.queue.clone().acquire_owned().await.map_err(|_| closed())?;
        let (reply, answer) = oneshot::channel();
        let request = Request { batch, payload, reply, place_in_queue };
        self.inner.orders.send(Order::Commit(request)).map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    async fn claim(
        &self,
        coll: &'static str,
        before: &str,
        now: Timestamp,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claim>, StoreError> {
        if before.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let shared = &self.inner.shared;
        // Held until the end: no commit becomes visible between looking and taking.
        let mut claims = shared.claims();
        let mut free = Vec::new();
        let mut scan = Scan::below(before, limit);
        while free.len() < limit {
            let mut seen = 0;
            let mut last = String::new();
            shared.scan_with(coll, &scan, |record| {
                seen += 1;
                last.clone_from(&record.key);
                if !claims.is_held(coll, &record.key, now) {
                    free.push(record);
                }
                seen < scan.limit && free.len() < limit
            })?;
            if seen < scan.limit {
                break;
            }
            // The least key behind the last one.
            last.push('\0');
            scan.from = last;
            scan.limit = (scan.limit * 2).min(1024);
        }
        let claim = |record: Record| {
            let token = claims.take(coll, &record.key, now, lease);
            Claim { record, token }
        };
        Ok(free.into_iter().map(claim).collect())
    }

    async fn put_blob(&self, bytes: Vec<u8>) -> Result<String, StoreError> {
        limits::blob(&bytes)?;
        let root = self.inner.shared.folder.blobs();
        run_blocking(move || blobs::put(&root, &bytes)).await
    }

    async fn get_blob(&self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let root = self.inner.shared.folder.blobs();
        let digest = digest.to_owned();
        run_blocking(move || blobs::get(&root, &digest)).await
    }

    fn health(&self) -> Health {
        self.inner.shared.health()
    }
}

fn closed() -> StoreError {
    StoreError::Io("the store is closed".to_owned())
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let failed = |error: tokio::task::JoinError| StoreError::Io(format!("file work ended early: {error}"));
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}
