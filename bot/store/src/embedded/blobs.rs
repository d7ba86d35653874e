//! Large payloads as files named by their digest.
//!
//! **Promise:** a digest is returned only when the file is durable under it; bytes that do not match their digest
//! are never handed out.

use super::disk::{sync_dir, write_file};
use super::journal::fault;
use crate::limits;
use nightbell_core::canonical::digest_bytes;
use nightbell_core::port::store::StoreError;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static TEMP: AtomicU64 = AtomicU64::new(0);

/// Keeps the bytes and returns their digest.
pub(crate) fn put(root: &Path, bytes: &[u8]) -> Result<String, StoreError> {
    let digest = digest_bytes(bytes);
    let path = path(root, &digest);
    if fs::read(&path).is_ok_and(|kept| digest_bytes(&kept) == digest) {
        return Ok(digest);
    }
    let write = || {
        let shelf = path.parent().unwrap_or(root);
        fs::create_dir_all(shelf)?;
        sync_dir(root)?;
        // Two writers of the same bytes must not share a temporary file.
        let temp = shelf.join(format!("{digest}-{}.new", TEMP.fetch_add(1, Ordering::Relaxed)));
        write_file(&temp, bytes)?;
        fs::rename(&temp, &path)?;
        sync_dir(shelf)
    };
    write().map_err(|error| fault(&path, &error))?;
    Ok(digest)
}

/// The bytes of a digest; `None` when there are none or it is not a digest at all.
pub(crate) fn get(root: &Path, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
    if !limits::is_digest(digest) {
        return Ok(None);
    }
    let path = path(root, digest);
    match fs::read(&path) {
        Ok(bytes) if digest_bytes(&bytes) == digest => Ok(Some(bytes)),
        Ok(_) => Err(StoreError::Damaged(format!("{}: the bytes do not match the name", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fault(&path, &error)),
    }
}

/// Digests of everything kept.
pub(crate) fn list(root: &Path) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    let walk = || -> io::Result<()> {
        for shelf in fs::read_dir(root)? {
            let shelf = shelf?.path();
            if !shelf.is_dir() {
                continue;
            }
            for file in fs::read_dir(shelf)? {
                let name = file?.file_name().to_string_lossy().into_owned();
                if limits::is_digest(&name) {
                    found.push(name);
                }
            }
        }
        Ok(())
    };
    let walked = { walk }();
    walked.map_err(|error| fault(root, &error))?;
    found.sort();
    Ok(found)
}

fn path(root: &Path, digest: &str) -> PathBuf {
    root.join(&digest[..2]).join(digest)
}
