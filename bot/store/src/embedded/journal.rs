//! Writing the journal: whole groups at the end of the newest segment, one sync per group.
//!
//! **Promise:** after `Ok` the group is on disk. After an error nothing of it will be read again: it is cut off, or,
//! where even that fails, a new segment with the same first number takes its place.

use super::disk::{Disk, DiskFile, is_full};
use super::frame::Hash;
use super::{CrashAt, folder};
use nightbell_core::port::store::StoreError;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The end of the journal.
pub(crate) struct Journal {
    pub disk: Arc<dyn Disk>,
    dir: PathBuf,
    /// `None` after a fault: the next group opens a new segment, never the same descriptor again.
    file: Option<Box<dyn DiskFile>>,
    path: PathBuf,
    /// Good bytes in the segment.
    len: u64,
    segment_bytes: u64,
    /// Last durable commit.
    pub seq: u64,
    /// Chain hash at `seq`.
    pub chain: Hash,
    /// Durable group writes since opening.
    pub writes: u64,
    crash_at: Option<CrashAt>,
}

impl Journal {
    /// Goes on behind the recovered end. `segment` is the newest segment with its length, if there is one.
    pub fn open(
        dir: &Path,
        disk: Arc<dyn Disk>,
        (seq, chain): (u64, Hash),
        segment: Option<(PathBuf, u64)>,
        segment_bytes: u64,
        crash_at: Option<CrashAt>,
    ) -> Result<Self, StoreError> {
        let mut journal = Self {
            disk,
            dir: dir.to_owned(),
            file: None,
            path: PathBuf::new(),
            len: 0,
            segment_bytes,
            seq,
            chain,
            writes: 0,
            crash_at,
        };
        if let Some((path, len)) = segment {
            journal.file = Some(journal.disk.append(&path, len).map_err(|error| fault(&path, &error))?);
            (journal.path, journal.len) = (path, len);
        } else {
            journal.roll()?;
        }
        Ok(journal)
    }

    /// Writes the frames of a group that end at `seq` and `chain`, durably.
    pub fn append(&mut self, frames: &[u8], seq: u64, chain: Hash) -> Result<(), StoreError> {
        let number = self.writes + 1;
        self.crash(number, frames)?;
        if self.file.is_none() || self.len >= self.segment_bytes {
            self.roll()?;
        }
        let Some(file) = &mut self.file else { return Err(StoreError::Io("no journal segment".to_owned())) };
        if let Err(error) = file.write(frames) {
            let cut = file.truncate(self.len);
            let reusable = is_full(&error) && cut.is_ok();
            if !reusable {
                self.abandon(cut);
            }
            return Err(fault(&self.path, &error));
        }
        if let Err(error) = file.sync() {
            let cut = file.truncate(self.len);
            self.abandon(cut);
            return Err(match fault(&self.path, &error) {
                // Delayed allocation can find out only here that the disk is full.
                StoreError::Full(why) => StoreError::Full(why),
                _ => StoreError::Io(format!("{}: sync failed: {error}", self.path.display())),
            });
        }
        self.writes = number;
        self.len += frames.len() as u64;
        (self.seq, self.chain) = (seq, chain);
        if self.crash_at == Some(CrashAt::After(number)) {
            std::process::abort();
        }
        Ok(())
    }

    /// Opens a new segment for the next commit, with the name made durable.
    fn roll(&mut self) -> Result<(), StoreError> {
        self.trim();
        self.file = None;
        let first = self.seq + 1;
        let path = self.dir.join(folder::segment_name(first));
        match path.metadata().map(|meta| meta.len()) {
            // A failed group was the first of its segment and was cut off.
            Ok(0) => self.disk.remove(&path).map_err(|error| fault(&path, &error))?,
            Ok(_) => {
                // It could not be cut: keep the bytes for whoever looks into it.
                let aside = folder::free_name(&self.dir, &format!("cut-{first:020}-failed"));
                std::fs::rename(&path, &aside).map_err(|error| fault(&path, &error))?;
            }
            Err(_) => {}
        }
        let file = self.disk.create(&path, true).map_err(|error| fault(&path, &error))?;
        if let Err(error) = self.disk.sync_dir(&self.dir) {
            drop(file);
            // A leftover is empty and would be replaced by the next try.
            let _ = self.disk.remove(&path);
            return Err(fault(&path, &error));
        }
        (self.file, self.path, self.len) = (Some(file), path, 0);
        Ok(())
    }

    /// Gives back what was allocated ahead. Best effort: zeros at the end mean nothing.
    pub fn trim(&mut self) {
        if let Some(file) = &mut self.file {
            let _ = file.truncate(self.len).and_then(|()| file.sync());
        }
    }

    /// Gives up the segment after a fault.
    fn abandon(&mut self, cut: io::Result<()>) {
        self.file = None;
        if cut.is_err() {
            // The failed tail is still there. A newer segment with the same first number outranks it; should this
            // fail too, the next group tries again.
            let _ = self.roll();
        }
    }

    /// Failpoints of the crash harness.
    fn crash(&mut self, number: u64, frames: &[u8]) -> Result<(), StoreError> {
        match self.crash_at {
            Some(CrashAt::Before(at)) if at == number => std::process::abort(),
            Some(CrashAt::Torn(at)) if at == number => {
                if self.file.is_none() {
                    self.roll()?;
                }
                if let Some(file) = &mut self.file {
                    // Not exactly half: that would often be the end of a frame.
                    let _ = file.write(&frames[..frames.len() / 2 + 7]);
                    let _ = file.sync();
                }
                std::process::abort()
            }
            _ => Ok(()),
        }
    }
}

/// An error of a file as an error of the store.
pub(crate) fn fault(path: &Path, error: &io::Error) -> StoreError {
    let text = format!("{}: {error}", path.display());
    if is_full(error) { StoreError::Full(text) } else { StoreError::Io(text) }
}
