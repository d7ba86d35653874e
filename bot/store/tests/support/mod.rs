//! What the tests of the embedded store share.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]
#![allow(dead_code, clippy::cast_possible_wrap, reason = "each test binary uses a part; counts are small")]

use nightbell_core::port::store::{Batch, Lane, Scan, Store, StoreError, Write};
use nightbell_store::embedded::disk::{Disk, DiskFile, RealDisk};
use nightbell_store::embedded::{Embedded, Options};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

pub const COLL: &str = "rows";

pub fn options() -> Options {
    Options { reserve_bytes: 512 * 1024, ..Options::default() }
}

pub fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub fn put(store: &Embedded, key: &str, value: &str) -> Result<u64, StoreError> {
    put_in(store, key, value, Lane::Normal)
}

pub fn put_in(store: &Embedded, key: &str, value: &str, lane: Lane) -> Result<u64, StoreError> {
    let write = Write::Put { coll: COLL, key: key.to_owned(), value: value.as_bytes().to_vec() };
    block(store.commit(Batch { writes: vec![write], lane, ..Batch::default() }))
}

pub fn rows(store: &Embedded) -> BTreeMap<String, String> {
    let records = block(store.scan(COLL, Scan::all(usize::MAX))).unwrap();
    records.into_iter().map(|record| (record.key, String::from_utf8(record.value).unwrap())).collect()
}

pub fn close(store: Embedded) {
    block(store.close()).unwrap();
}

/// A copy of a data folder as a killed process would leave it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The contents of a segment without the zeros that were allocated ahead. Test values never end with a zero byte.
pub fn written(segment: &Path) -> Vec<u8> {
    let mut bytes = std::fs::read(segment).unwrap();
    bytes.truncate(bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1));
    bytes
}

pub fn only_segment(dir: &Path) -> PathBuf {
    let mut segments: Vec<_> = std::fs::read_dir(dir.join("journal")).unwrap().map(|e| e.unwrap().path()).collect();
    segments.retain(|path| path.extension().is_some_and(|e| e == "log"));
    assert_eq!(segments.len(), 1);
    segments.remove(0)
}

/// A disk with faults on demand. Room is counted, also what removing and cutting gives back.
#[derive(Debug, Clone)]
pub struct Faulty {
    pub room: Arc<AtomicI64>,
    pub fail_syncs: Arc<AtomicU64>,
    pub fail_writes: Arc<AtomicU64>,
    pub fail_cuts: Arc<AtomicBool>,
    pub synced: Arc<AtomicU64>,
}

impl Faulty {
    pub fn new(room: i64) -> Self {
        Self {
            room: Arc::new(room.into()),
            fail_syncs: Arc::default(),
            fail_writes: Arc::default(),
            fail_cuts: Arc::default(),
            synced: Arc::default(),
        }
    }
    pub fn options(&self) -> Options {
        Options { disk: Some(Arc::new(self.clone())), ..options() }
    }
}

struct FaultyFile {
    file: Box<dyn DiskFile>,
    len: u64,
    disk: Faulty,
}

fn eio() -> io::Error {
    io::Error::from_raw_os_error(5)
}

fn next(counter: &AtomicU64) -> bool {
    counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok()
}

impl Disk for Faulty {
    fn create(&self, path: &Path, ahead: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FaultyFile { file: RealDisk.create(path, ahead)?, len: 0, disk: self.clone() }))
    }
    fn append(&self, path: &Path, len: u64) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(FaultyFile { file: RealDisk.append(path, len)?, len, disk: self.clone() }))
    }
    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        let len = path.metadata()?.len();
        RealDisk.remove(path)?;
        self.room.fetch_add(len as i64, Ordering::SeqCst);
        Ok(())
    }
    fn free(&self, _: &Path) -> io::Result<u64> {
        Ok(self.room.load(Ordering::SeqCst).max(0) as u64)
    }
}

impl DiskFile for FaultyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if next(&self.disk.fail_writes) {
            self.file.write(&bytes[..bytes.len() / 3])?;
            self.len += bytes.len() as u64 / 3;
            return Err(eio());
        }
        let room = self.disk.room.load(Ordering::SeqCst).max(0) as usize;
        let fits = bytes.len().min(room);
        self.file.write(&bytes[..fits])?;
        self.len += fits as u64;
        self.disk.room.fetch_sub(fits as i64, Ordering::SeqCst);
        if fits < bytes.len() { Err(io::Error::from_raw_os_error(28)) } else { Ok(()) }
    }
    fn sync(&mut self) -> io::Result<()> {
        if next(&self.disk.fail_syncs) {
            return Err(eio());
        }
        self.disk.synced.fetch_add(1, Ordering::SeqCst);
        self.file.sync()
    }
    fn truncate(&mut self, len: u64) -> io::Result<()> {
        if self.disk.fail_cuts.load(Ordering::SeqCst) {
            return Err(eio());
        }
        self.file.truncate(len)?;
        self.disk.room.fetch_add(self.len as i64 - len as i64, Ordering::SeqCst);
        self.len = len;
        Ok(())
    }
}
