//! Large payloads as files named by their digest.
//!
//! **Promise:** a digest is returned only when the file is durable under it; bytes that do not match their digest
//! are never handed out.
//!
//! What is kept is often a hostile mail, so the file is sealed: no scanner takes it away, no indexer reads it, no double
//! click opens it. The seal is a stream made of the digest (the extendable output of BLAKE3), so it hides nothing from
//! somebody who has the folder and this program; who may read the folder is for the file system to say.

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

/// First bytes of a sealed file. A file without them is older than the seal and is read as it is.
const SEALED: &[u8] = b"NBSEAL1\n";

/// Applies or takes off the seal of the digest.
fn seal(digest: &str, bytes: &mut [u8]) {
    let key = blake3::derive_key("nightbell blob seal 1", digest.as_bytes());
    let mut stream = blake3::Hasher::new_keyed(&key).finalize_xof();
    let mut block = [0_u8; 4_096];
    for chunk in bytes.chunks_mut(block.len()) {
        stream.fill(&mut block);
        for (b, s) in chunk.iter_mut().zip(&block) {
            *b ^= s;
        }
    }
}

/// What a file holds, if it is what its name says.
fn open(digest: &str, mut kept: Vec<u8>) -> Option<Vec<u8>> {
    if kept.starts_with(SEALED) {
        kept.drain(..SEALED.len());
        seal(digest, &mut kept);
    }
    (digest_bytes(&kept) == digest).then_some(kept)
}

/// Keeps the bytes and returns their digest.
pub(crate) fn put(root: &Path, bytes: &[u8]) -> Result<String, StoreError> {
    let digest = digest_bytes(bytes);
    let path = path(root, &digest);
    if fs::read(&path).is_ok_and(|kept| open(&digest, kept).is_some()) {
        return Ok(digest);
    }
    let mut sealed = bytes.to_vec();
    seal(&digest, &mut sealed);
    sealed.splice(..0, SEALED.iter().copied());
    let write = || {
        let shelf = path.parent().unwrap_or(root);
        fs::create_dir_all(shelf)?;
        sync_dir(root)?;
        // Two writers of the same bytes must not share a temporary file.
        let temp = shelf.join(format!("{digest}-{}.new", TEMP.fetch_add(1, Ordering::Relaxed)));
        write_file(&temp, &sealed)?;
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
        Ok(kept) => open(digest, kept)
            .map(Some)
            .ok_or_else(|| StoreError::Damaged(format!("{}: the bytes do not match the name", path.display()))),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_sealed_and_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        for bytes in [b"From: a@example.com\n\nhostile".to_vec(), Vec::new(), vec![7; 10_000]] {
            let digest = put(dir.path(), &bytes).unwrap();
            let file = fs::read(path(dir.path(), &digest)).unwrap();
            assert!(file.starts_with(SEALED));
            assert!(bytes.len() < 20 || !file.windows(20).any(|w| bytes.windows(20).any(|b| b == w)), "readable");
            assert_eq!(get(dir.path(), &digest).unwrap(), Some(bytes));
        }
    }

    #[test]
    fn files_from_before_the_seal_are_read_and_damage_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        let digest = put(dir.path(), b"old").unwrap();
        let file = path(dir.path(), &digest);
        fs::write(&file, b"old").unwrap();
        assert_eq!(get(dir.path(), &digest).unwrap().as_deref(), Some(&b"old"[..]));
        fs::write(&file, b"NBSEAL1\nxyz").unwrap();
        assert!(matches!(get(dir.path(), &digest), Err(StoreError::Damaged(_))));
        // Kept again, it is whole again.
        assert_eq!(put(dir.path(), b"old").unwrap(), digest);
        assert_eq!(get(dir.path(), &digest).unwrap().as_deref(), Some(&b"old"[..]));
    }
}
