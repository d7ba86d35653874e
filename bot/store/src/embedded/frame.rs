//! One batch in the journal.
//!
//! ```text
//! length u32 | CRC32C u32 | seq u64 | place in group u32 | previous chain hash [32] | payload [length]
//! ```
//! Little-endian. The CRC covers everything but itself. The chain hash of a frame is BLAKE3(previous || seq ||
//! payload), so no batch can be changed, removed or moved without a trace. The place in the group tells recovery
//! which frames were written and synced together: only the last group can be torn.

use crate::limits::MAX_BATCH_BYTES;
use nightbell_core::port::store::MAX_BATCH;

/// Hash of the chain up to a frame.
pub type Hash = [u8; 32];
/// The hash before the first frame.
pub const GENESIS: Hash = [0; 32];
/// Bytes in front of the payload.
pub(crate) const HEAD: usize = 52;
/// Largest payload: the largest batch with its names and lengths.
pub(crate) const MAX_PAYLOAD: usize = MAX_BATCH_BYTES + MAX_BATCH * 80 + 16;

/// A frame with a good checksum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub seq: u64,
    /// How many frames of the same group stand in front of it.
    pub place: u32,
    pub prev: Hash,
    pub payload: &'a [u8],
}

impl Frame<'_> {
    /// Bytes of the whole frame.
    pub fn size(&self) -> usize {
        HEAD + self.payload.len()
    }

    /// Hash of the chain including this frame.
    pub fn hash(&self) -> Hash {
        chain(&self.prev, self.seq, self.payload)
    }
}

/// The chain hash after a frame.
pub(crate) fn chain(prev: &Hash, seq: u64, payload: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(prev);
    hasher.update(&seq.to_le_bytes());
    hasher.update(payload);
    *hasher.finalize().as_bytes()
}

/// Appends a frame and returns the chain hash after it.
pub(crate) fn write(out: &mut Vec<u8>, seq: u64, place: u32, prev: &Hash, payload: &[u8]) -> Hash {
    let start = out.len();
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(&place.to_le_bytes());
    out.extend_from_slice(prev);
    out.extend_from_slice(payload);
    let crc = checksum(&out[start..]);
    out[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
    chain(prev, seq, payload)
}

/// The frame at the beginning of `bytes`, if there is a whole one with a good checksum.
pub(crate) fn read(bytes: &[u8]) -> Option<Frame<'_>> {
    let len = u32_at(bytes, 0)? as usize;
    if len > MAX_PAYLOAD {
        return None;
    }
    let whole = bytes.get(..HEAD + len)?;
    if u32_at(whole, 4)? != checksum(whole) {
        return None;
    }
    Some(Frame {
        seq: seq_at(whole)?,
        place: u32_at(whole, 16)?,
        prev: whole[20..HEAD].try_into().ok()?,
        payload: &whole[HEAD..],
    })
}

/// The sequence number a frame at the beginning of `bytes` would have: a cheap test before the checksum.
pub(crate) fn seq_at(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(8..16)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn checksum(frame: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&frame[..4]), &frame[8..])
}
