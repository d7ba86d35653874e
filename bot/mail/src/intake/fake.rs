//! Writes small Outlook files for the tests, byte by byte, as the specifications say.

use super::tnef;
use std::io::{Cursor, Write};
use std::path::Path;

/// A property for a test: identifier, kind, value as stored.
pub(super) type Row = (u16, u16, Vec<u8>);

pub(super) fn wide(id: u16, s: &str) -> Row {
    (id, 0x001f, s.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

pub(super) fn number(id: u16, n: u32) -> Row {
    (id, 0x0003, n.to_le_bytes().to_vec())
}

/// A message as both formats hold it.
#[derive(Default, Clone)]
pub(super) struct Fake {
    pub rows: Vec<Row>,
    pub recipients: Vec<Vec<Row>>,
    pub files: Vec<Vec<Row>>,
    pub inner: Vec<Fake>,
}

type Cfb = cfb::CompoundFile<Cursor<Vec<u8>>>;

fn storage(c: &mut Cfb, at: &Path, head: usize, rows: &[Row]) {
    let mut fixed = vec![0; head];
    for (id, kind, value) in rows {
        fixed.extend_from_slice(&kind.to_le_bytes());
        fixed.extend_from_slice(&id.to_le_bytes());
        fixed.extend_from_slice(&[6, 0, 0, 0]);
        if value.len() <= 8 && matches!(kind, 0x0003 | 0x0040 | 0x000b) {
            let mut eight = value.clone();
            eight.resize(8, 0);
            fixed.extend_from_slice(&eight);
        } else {
            fixed.extend_from_slice(&u64::try_from(value.len()).unwrap().to_le_bytes());
            let path = at.join(format!("__substg1.0_{id:04X}{kind:04X}"));
            c.create_stream(path).unwrap().write_all(value).unwrap();
        }
    }
    c.create_stream(at.join("__properties_version1.0")).unwrap().write_all(&fixed).unwrap();
}

fn write(c: &mut Cfb, at: &Path, head: usize, m: &Fake) {
    storage(c, at, head, &m.rows);
    for (i, rows) in m.recipients.iter().enumerate() {
        let path = at.join(format!("__recip_version1.0_#{i:08X}"));
        c.create_storage(&path).unwrap();
        storage(c, &path, 8, rows);
    }
    for (i, rows) in m.files.iter().enumerate() {
        let path = at.join(format!("__attach_version1.0_#{i:08X}"));
        c.create_storage(&path).unwrap();
        storage(c, &path, 8, rows);
    }
    for (i, inner) in m.inner.iter().enumerate() {
        let path = at.join(format!("__attach_version1.0_#{:08X}", i + 100));
        c.create_storage(&path).unwrap();
        storage(c, &path, 8, &[number(0x3705, 5)]);
        let object = path.join("__substg1.0_3701000D");
        c.create_storage(&object).unwrap();
        write(c, &object, 24, inner);
    }
}

pub(super) fn outlook(m: &Fake) -> Vec<u8> {
    let mut c = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    write(&mut c, Path::new("/"), 32, m);
    c.flush().unwrap();
    c.into_inner().into_inner()
}

fn attribute(out: &mut Vec<u8>, level: u8, tag: u32, data: &[u8]) {
    out.push(level);
    out.extend_from_slice(&tag.to_le_bytes());
    out.extend_from_slice(&u32::try_from(data.len()).unwrap().to_le_bytes());
    out.extend_from_slice(data);
    let sum = data.iter().fold(0_u16, |s, b| s.wrapping_add(u16::from(*b)));
    out.extend_from_slice(&sum.to_le_bytes());
}

fn rows(list: &[Row]) -> Vec<u8> {
    let mut out = u32::try_from(list.len()).unwrap().to_le_bytes().to_vec();
    for (id, kind, value) in list {
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&id.to_le_bytes());
        if matches!(kind, 0x0003 | 0x0040) {
            out.extend_from_slice(value);
            continue;
        }
        out.extend_from_slice(&1_u32.to_le_bytes());
        out.extend_from_slice(&u32::try_from(value.len()).unwrap().to_le_bytes());
        out.extend_from_slice(value);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    out
}

pub(super) fn winmail(m: &Fake) -> Vec<u8> {
    let mut out = [tnef::MAGIC, &[1, 0]].concat();
    // A named property stands first, to be passed over.
    let mut named = rows(&m.rows);
    named[..4].copy_from_slice(&(u32::try_from(m.rows.len()).unwrap() + 1).to_le_bytes());
    let name: Vec<u8> = "abc\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let extra = [&[3, 0, 1, 0x80][..], &[0; 16], &[1, 0, 0, 0, 8, 0, 0, 0], &name, &[9, 0, 0, 0]].concat();
    named.splice(4..4, extra);
    attribute(&mut out, 1, 0x0006_9003, &named);
    for f in &m.files {
        attribute(&mut out, 2, 0x0006_9002, &[0; 14]);
        attribute(&mut out, 2, 0x0006_9005, &rows(f));
    }
    for inner in &m.inner {
        attribute(&mut out, 2, 0x0006_9002, &[0; 14]);
        let iid = [0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];
        let data = [&iid[..], &winmail(inner)].concat();
        attribute(&mut out, 2, 0x0006_9005, &rows(&[(0x3701, 0x000d, data)]));
    }
    out
}
