//! Bytes of a batch in the journal and of a record in a snapshot: variable-length integers and counted strings.
//!
//! Payload of a frame: number of writes, then for each a tag, collection, key and, for a put, the value.

use nightbell_core::port::store::Write;

const PUT: u8 = 1;
const DELETE: u8 = 2;

/// A write as read back: the collection is text, because the names of the code that wrote it may be gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Collection.
    pub coll: String,
    /// Key.
    pub key: String,
    /// The value; `None` for a delete.
    pub value: Option<Vec<u8>>,
}

/// The payload of a frame for these writes.
pub(crate) fn encode(writes: &[Write]) -> Vec<u8> {
    let size = writes.iter().map(|write| match write {
        Write::Put { coll, key, value } => coll.len() + key.len() + value.len() + 10,
        Write::Delete { coll, key } => coll.len() + key.len() + 6,
    });
    let mut out = Vec::with_capacity(size.sum::<usize>() + 4);
    put_int(&mut out, writes.len() as u64);
    for write in writes {
        match write {
            Write::Put { coll, key, value } => {
                out.push(PUT);
                put_bytes(&mut out, coll.as_bytes());
                put_bytes(&mut out, key.as_bytes());
                put_bytes(&mut out, value);
            }
            Write::Delete { coll, key } => {
                out.push(DELETE);
                put_bytes(&mut out, coll.as_bytes());
                put_bytes(&mut out, key.as_bytes());
            }
        }
    }
    out
}

/// The writes of a payload; `None` when it does not make sense.
pub(crate) fn decode(mut payload: &[u8]) -> Option<Vec<Change>> {
    let count = usize::try_from(get_int(&mut payload)?).ok()?;
    // A write takes at least three bytes, so a wrong count cannot ask for much memory.
    let mut changes = Vec::with_capacity(count.min(payload.len() / 3 + 1));
    for _ in 0..count {
        let (tag, rest) = payload.split_first()?;
        payload = rest;
        let coll = get_text(&mut payload)?;
        let key = get_text(&mut payload)?;
        let value = match *tag {
            PUT => Some(get_bytes(&mut payload)?.to_vec()),
            DELETE => None,
            _ => return None,
        };
        changes.push(Change { coll, key, value });
    }
    payload.is_empty().then_some(changes)
}

pub(crate) fn put_int(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn get_int(from: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_int(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn get_bytes<'a>(from: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = usize::try_from(get_int(from)?).ok()?;
    let (bytes, rest) = from.split_at_checked(len)?;
    *from = rest;
    Some(bytes)
}

pub(crate) fn get_text(from: &mut &[u8]) -> Option<String> {
    String::from_utf8(get_bytes(from)?.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_comes_back() {
        let writes = vec![
            Write::Put { coll: "inbox", key: "a".into(), value: vec![7; 300] },
            Write::Delete { coll: "seen", key: "ü".into() },
        ];
        let changes = decode(&encode(&writes)).unwrap();
        assert_eq!(changes[0], Change { coll: "inbox".into(), key: "a".into(), value: Some(vec![7; 300]) });
        assert_eq!(changes[1], Change { coll: "seen".into(), key: "ü".into(), value: None });
    }

    #[test]
    fn integers_of_every_length_come_back() {
        for value in (0..64).map(|bit| 1_u64 << bit).chain([0, u64::MAX]) {
            let mut out = Vec::new();
            put_int(&mut out, value);
            assert_eq!(get_int(&mut out.as_slice()), Some(value));
        }
    }
}
