//! How to open, and what opening found.

use super::disk::{Disk, RealDisk};
use nightbell_core::port::store::StoreError;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// How to open. The defaults are right for service.
#[derive(Debug, Clone)]
pub struct Options {
    /// Goes on behind damage in the journal: what cannot be read is moved aside and told in [`Report::repaired`].
    pub repair: bool,
    /// Length in bytes at which a new journal segment begins.
    pub segment_bytes: u64,
    /// Overlay size in bytes at which it is moved into the index; memory stays below about four times this.
    pub flush_bytes: usize,
    /// Overlay entries at which it is moved.
    pub flush_entries: usize,
    /// Age at which it is moved.
    pub flush_age: Duration,
    /// Journal bytes between snapshots.
    pub snapshot_bytes: u64,
    /// Rows up to which a doubtful index is read whole before the store opens; a larger one is read by the flusher half a
    /// minute later, and replaced while commits go on should it not hold what it must.
    pub check_rows: u64,
    /// Quiet seconds until such an index is read.
    pub check_after: u32,
    /// Size in bytes of the reserve for urgent commits; 0 for none.
    pub reserve_bytes: u64,
    /// Dies at a chosen group write: for the crash tests only.
    pub crash_at: Option<CrashAt>,
    /// Another disk under the journal: for the fault tests only.
    #[doc(hidden)]
    pub disk: Option<Arc<dyn Disk>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            repair: false,
            segment_bytes: 64 * 1024 * 1024,
            flush_bytes: 8 * 1024 * 1024,
            flush_entries: 16 * 1024,
            flush_age: Duration::from_secs(5),
            snapshot_bytes: 256 * 1024 * 1024,
            check_rows: 300_000,
            check_after: 30,
            reserve_bytes: 16 * 1024 * 1024,
            crash_at: None,
            disk: None,
        }
    }
}

impl Options {
    pub(crate) fn disk(&self) -> Arc<dyn Disk> {
        self.disk.clone().unwrap_or_else(|| Arc::new(RealDisk))
    }
}

/// Where the process dies at once, as by kill -9. Group writes are counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CrashAt {
    /// Before anything of the group is written.
    Before(u64),
    /// When the group is durable and nobody has been told.
    After(u64),
    /// When half of the bytes are written.
    Torn(u64),
}

impl FromStr for CrashAt {
    type Err = StoreError;

    /// `before:N`, `after:N` or `torn:N`.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let wrong = || StoreError::Io(format!("`{text}` is not before:N, after:N or torn:N with N from 1"));
        let (place, number) = text.split_once(':').ok_or_else(wrong)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
        match place {
            "before" => Ok(Self::Before(number)),
            "after" => Ok(Self::After(number)),
            "torn" => Ok(Self::Torn(number)),
            _ => Err(wrong()),
        }
    }
}

/// What opening found and mended. Everything here was also logged with its code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Last commit.
    pub seq: u64,
    /// Commits replayed from the journal into memory.
    pub replayed: u64,
    /// A torn end that was cut (NB0105).
    pub cut: Option<Cut>,
    /// Why the index was rebuilt (NB0106).
    pub rebuilt: Option<String>,
    /// Where the old index is.
    pub index_aside: Option<PathBuf>,
    /// Damage that was skipped because [`Options::repair`] asked for it, in words.
    pub repaired: Vec<String>,
}

/// A torn end of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// Segment it was in.
    pub segment: PathBuf,
    /// Offset in bytes of the first byte cut.
    pub offset: u64,
    /// Bytes cut.
    pub bytes: u64,
    /// First commit number that was not there whole.
    pub seq: u64,
    /// File that keeps the bytes; `None` when there was no room for it, then they stay in the segment.
    pub aside: Option<PathBuf>,
}
