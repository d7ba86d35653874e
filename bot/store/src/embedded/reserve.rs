//! The reserve: room kept for urgent commits on a full disk, as a file of real zero bytes.

use super::disk::Disk;
use super::journal::fault;
use nightbell_core::port::store::StoreError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Smallest reserve worth having, in bytes.
const SMALLEST: u64 = 256 * 1024;
const PIECE: usize = 256 * 1024;

/// Keeps and gives up the file.
pub(crate) struct Reserve {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    path: PathBuf,
    size: u64,
}

impl Reserve {
    pub fn new(disk: Arc<dyn Disk>, root: &Path, path: PathBuf, size: u64) -> Self {
        Self { disk, root: root.to_owned(), path, size }
    }

    /// Makes the file if it is missing; on a small disk a smaller one.
    pub fn ensure(&self) -> Result<(), StoreError> {
        if self.size == 0 || self.path.exists() {
            return Ok(());
        }
        let mut size = self.size;
        loop {
            match self.fill(&self.path, size) {
                Err(StoreError::Full(_)) if size / 2 >= SMALLEST => size /= 2,
                outcome => return outcome,
            }
        }
    }

    /// Gives the room to urgent commits. Whether there was anything to give.
    pub fn give_up(&self) -> bool {
        self.path.exists() && self.disk.remove(&self.path).is_ok() && self.disk.sync_dir(&self.root).is_ok()
    }

    /// Whether there is room again: the reserve can be made, or, where it is still there, something else can.
    pub fn probe(&self) -> Result<(), StoreError> {
        if self.size > 0 && !self.path.exists() {
            return self.fill(&self.path, self.size).or_else(|error| match error {
                // A small disk got a small reserve when it was opened.
                StoreError::Full(_) => self.fill(&self.path, (self.size / 16).max(SMALLEST)),
                error => Err(error),
            });
        }
        let path = self.path.with_extension("probe");
        let filled = self.fill(&path, SMALLEST);
        // `fill` removes it after an error.
        let _ = self.disk.remove(&path);
        filled
    }

    fn fill(&self, path: &Path, size: u64) -> Result<(), StoreError> {
        // A leftover of a crash would stand in the way.
        let _ = self.disk.remove(path);
        let fill = || {
            let mut file = self.disk.create(path, false)?;
            let zeros = vec![0; PIECE];
            let mut left = size;
            while left > 0 {
                let piece = left.min(PIECE as u64);
                file.write(&zeros[..piece as usize])?;
                left -= piece;
            }
            file.sync()?;
            self.disk.sync_dir(&self.root)
        };
        fill().map_err(|error| {
            let _ = self.disk.remove(path);
            fault(path, &error)
        })
    }
}
