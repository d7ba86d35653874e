//! What an operator does with a data folder. Everything here blocks. [`journal_entries`], [`chain_head`] and
//! [`stats`] only read and may run beside an open store; the others take the folder's lock.

mod bench;
mod copy;
mod export;
mod verify;

pub use bench::{bench_writer, keys};
pub use copy::{backup, restore};
pub(crate) use copy::{backup_target, finish_backup};
pub use export::{Entries, Entry, Stats, chain_head, journal_entries, stats};
pub use verify::{VerifyReport, verify};

use super::folder::Folder;
use super::{Embedded, Options, Report};
use nightbell_core::port::store::StoreError;
use std::path::Path;

/// Moves the index aside and makes a new one from the newest snapshot and the journal.
///
/// Errors: `Locked`, `Damaged` when the journal is, `Full`, `Io`.
pub fn rebuild(dir: &Path) -> Result<Report, StoreError> {
    let folder = existing(dir)?;
    let lock = folder.lock()?;
    if folder.index().exists() {
        folder.set_index_aside()?;
    }
    drop(lock);
    let store = Embedded::open(dir, Options::default())?;
    store.inner.stop(true)?;
    Ok(store.report().clone())
}

/// The folder, if it is one of ours.
fn existing(dir: &Path) -> Result<Folder, StoreError> {
    let folder = Folder::new(dir);
    if folder.check_format()? {
        Ok(folder)
    } else {
        Err(StoreError::Io(format!("{} is not a data folder", dir.display())))
    }
}
