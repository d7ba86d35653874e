//! Backup and restore. A backup is a folder: `snapshots/<seq>.snap`, `blobs/`, and `BACKUP`, written last.
//!
//! The audit chain goes on behind a restore: the first commit continues the chain hash of the snapshot.

use super::super::disk::{sync_dir, write_file};
use super::super::folder::{Folder, hex, segment_name};
use super::super::journal::fault;
use super::super::{Embedded, Job, Options, blobs, snapshot};
use nightbell_core::port::store::StoreError;
use std::fs;
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

/// Backs up a folder that no process has open; see [`Embedded::backup`] for a running store. The commit the backup
/// stands for comes back.
pub fn backup(dir: &Path, to: &Path) -> Result<u64, StoreError> {
    super::existing(dir)?;
    let store = Embedded::open(dir, Options::default())?;
    let snapshot = backup_target(to)?;
    let (reply, answer) = oneshot::channel();
    store.inner.shared.job(Job::Snapshot(snapshot, reply));
    let ended = |_| StoreError::Io("the flusher has ended".to_owned());
    let (seq, _) = answer.blocking_recv().map_err(ended)??;
    finish_backup(to, &Folder::new(dir).blobs())?;
    store.inner.stop(true)?;
    Ok(seq)
}

/// Makes a data folder from a backup. `dir` must be empty or missing. Everything is verified on the way.
pub fn restore(from: &Path, dir: &Path) -> Result<u64, StoreError> {
    refuse_non_empty(dir)?;
    if !from.join("BACKUP").exists() {
        return Err(StoreError::Damaged(format!("{} is not a whole backup", from.display())));
    }
    let Some((path, seq, _)) = snapshot::newest(&from.join("snapshots"))? else {
        return Err(StoreError::Damaged(format!("{}: the snapshot is damaged", from.display())));
    };
    let folder = Folder::new(dir);
    let _lock = folder.lock()?;
    folder.make_dirs()?;
    copy_blobs(&from.join("blobs"), &folder.blobs())?;
    copy_file(&path, &folder.snapshots().join(snapshot::name(seq)))?;
    let first = folder.journal().join(segment_name(seq + 1));
    write_file(&first, &[]).map_err(|error| fault(&first, &error))?;
    folder.write_format()?;
    Ok(seq)
}

/// Prepares the folder and names the file for the snapshot.
pub(crate) fn backup_target(to: &Path) -> Result<PathBuf, StoreError> {
    refuse_non_empty(to)?;
    let dir = to.join("snapshots");
    fs::create_dir_all(&dir).map_err(|error| fault(&dir, &error))?;
    Ok(dir.join("new.part"))
}

/// Names the snapshot, copies the blobs and marks the backup as whole.
pub(crate) fn finish_backup(to: &Path, blobs: &Path) -> Result<(), StoreError> {
    let part = to.join("snapshots").join("new.part");
    let bad = || StoreError::Damaged(format!("{}: does not read back", part.display()));
    let (seq, chain) = snapshot::verify(&part).ok_or_else(bad)?;
    let path = part.with_file_name(snapshot::name(seq));
    fs::rename(&part, &path).map_err(|error| fault(&path, &error))?;
    sync_dir(&to.join("snapshots")).map_err(|error| fault(to, &error))?;
    // Blobs are never removed, so those of the snapshot are there even though it is older by now.
    copy_blobs(blobs, &to.join("blobs"))?;
    let mark = to.join("BACKUP");
    let text = format!("nightbell backup 1\n{seq} {}\n", hex(&chain));
    write_file(&mark, text.as_bytes()).map_err(|error| fault(&mark, &error))
}

fn copy_blobs(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(to).map_err(|error| fault(to, &error))?;
    if !from.exists() {
        return Ok(());
    }
    for digest in blobs::list(from)? {
        if let Some(bytes) = blobs::get(from, &digest)? {
            blobs::put(to, &bytes)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let temp = to.with_extension("tmp");
    let copy = || {
        fs::copy(from, &temp)?;
        fs::File::open(&temp)?.sync_all()?;
        fs::rename(&temp, to)?;
        to.parent().map_or(Ok(()), sync_dir)
    };
    copy().map_err(|error| fault(to, &error))
}

fn refuse_non_empty(dir: &Path) -> Result<(), StoreError> {
    match fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(StoreError::Io(format!("{} is not empty", dir.display()))),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(fault(dir, &error)),
    }
}
