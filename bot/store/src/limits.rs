//! The limits of the port, checked before anything is queued or written.

use nightbell_core::port::store::{Batch, Check, MAX_BATCH, MAX_BLOB, MAX_KEY, MAX_VALUE, StoreError, Write};

/// Longest name of a collection in bytes.
pub(crate) const MAX_NAME: usize = 64;
/// Most bytes of keys and values in one batch: bounds the memory of a commit and the length of a journal frame.
pub(crate) const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// Refuses a batch with a name, key, value or size over the limits.
pub(crate) fn batch(batch: &Batch) -> Result<(), StoreError> {
    if batch.writes.len() > MAX_BATCH || batch.checks.len() > MAX_BATCH {
        let most = batch.writes.len().max(batch.checks.len());
        return Err(StoreError::TooBig(format!("a batch of {most} writes or checks, at most {MAX_BATCH} are allowed")));
    }
    let mut bytes = 0;
    for write in &batch.writes {
        let (coll, key, len) = match write {
            Write::Put { coll, key, value } => (coll, key, value.len()),
            Write::Delete { coll, key } => (coll, key, 0),
        };
        name(coll, key)?;
        if len > MAX_VALUE {
            return Err(StoreError::TooBig(format!("`{coll}/{key}` has {len} bytes, at most {MAX_VALUE} are allowed")));
        }
        bytes += key.len() + len;
    }
    if bytes > MAX_BATCH_BYTES {
        return Err(StoreError::TooBig(format!("a batch of {bytes} bytes, at most {MAX_BATCH_BYTES} are allowed")));
    }
    for check in &batch.checks {
        let (Check::Absent { coll, key } | Check::At { coll, key, .. } | Check::Fence { coll, key, .. }) = check;
        name(coll, key)?;
    }
    Ok(())
}

/// Refuses a blob over the limit.
pub(crate) fn blob(bytes: &[u8]) -> Result<(), StoreError> {
    if bytes.len() > MAX_BLOB {
        return Err(StoreError::TooBig(format!("a blob of {} bytes, at most {MAX_BLOB} are allowed", bytes.len())));
    }
    Ok(())
}

/// Whether `digest` has the form of a digest: 64 lower-case hexadecimal digits. Anything else could leave the folder.
pub(crate) fn is_digest(digest: &str) -> bool {
    digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn name(coll: &str, key: &str) -> Result<(), StoreError> {
    // The index separates name and key by a zero byte and keeps its own row under the empty name.
    if coll.is_empty() || coll.len() > MAX_NAME || coll.contains('\0') {
        return Err(StoreError::TooBig(format!("the collection name `{coll}` (1 to {MAX_NAME} bytes, no zero byte)")));
    }
    if key.len() > MAX_KEY {
        return Err(StoreError::TooBig(format!("a key of {} bytes in `{coll}`, at most {MAX_KEY}", key.len())));
    }
    Ok(())
}
