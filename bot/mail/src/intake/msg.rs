//! Outlook's own file (MS-OXMSG): a compound file with one stream per long property.

use super::mapi::{Attached, Object, Props, id, kind, le16, le32};
use crate::error::MailError;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

/// Entries of the file at most. A mail with 100 recipients and files has about 4,000.
const MAX_ENTRIES: usize = 20_000;
/// Recipients read. The analysis looks at the first few.
const MAX_RECIPIENTS: usize = 500;

type File<'a> = cfb::CompoundFile<Cursor<&'a [u8]>>;

const BROKEN: MailError = MailError::NotAMail(
    "it looks like an Outlook .msg file, but its inside is damaged; open the mail in Outlook, save it again or forward it as an attachment",
);
const OTHER: MailError = MailError::NotAMail(
    "it is an Office document or another Outlook item, not a mail; hand in the mail that it came with, as .eml or .msg",
);

struct Reader<'a> {
    file: File<'a>,
    /// Bytes that may still be read. Streams of an honest file do not overlap, so together they are no longer than it.
    bytes: usize,
    entries: usize,
    depth: usize,
}

/// Reads the message; messages attached to it are read down to `depth`.
pub(crate) fn read(bytes: &[u8], depth: usize) -> Result<Object, MailError> {
    if !sound(bytes) {
        return Err(BROKEN);
    }
    let file = cfb::OpenOptions::new().max_buffer_size(1 << 20).open_with(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    let mut r = Reader { file, bytes: bytes.len(), entries: MAX_ENTRIES, depth };
    if !r.file.exists("/__properties_version1.0") {
        return Err(OTHER);
    }
    // The fixed part of the top message is 32 bytes (section 2.4.1.1).
    let object = r.object(Path::new("/"), 32, 0)?;
    let mail = [id::SUBJECT, id::BODY, id::RTF, id::HTML, id::TRANSPORT_HEADERS, id::SENDER_NAME, id::SENDER_ADDRESS];
    if mail.iter().all(|i| object.props.get(*i).is_none()) {
        return Err(OTHER);
    }
    Ok(object)
}

/// Whether the list of allocation sectors is no longer than the file needs (MS-CFB section 2.5). The reader keeps what
/// that list names, and a list that names one sector a million times would fill the memory.
fn sound(b: &[u8]) -> bool {
    let Some(shift @ (9 | 12)) = le16(b, 30) else { return false };
    let size = 1_usize << shift;
    let needed = b.len() / size / (size / 4) + 2;
    let per = size / 4 - 1;
    let mut sector = le32(b, 68).unwrap_or(u32::MAX);
    let mut lists = 0;
    while sector < 0xffff_fffa {
        lists += 1;
        if lists * per > needed + per {
            return false;
        }
        let Some(start) = (sector as usize + 1).checked_mul(size) else { return false };
        sector = le32(b, start + size - 4).unwrap_or(u32::MAX);
    }
    true
}

impl Reader<'_> {
    fn object(&mut self, at: &Path, head: usize, level: usize) -> Result<Object, MailError> {
        let mut o = Object::default();
        let (props, storages) = self.props(at, head)?;
        o.props = props;
        for (name, path) in storages {
            if name.starts_with("__recip_version1.0_") {
                if o.recipients.len() < MAX_RECIPIENTS {
                    o.recipients.push(self.props(&path, 8)?.0);
                }
            } else if name.starts_with("__attach_version1.0_") {
                let file = self.attached(&path, level, &mut o.notes)?;
                o.files.push(file);
            }
        }
        Ok(o)
    }

    fn attached(&mut self, at: &Path, level: usize, notes: &mut Vec<String>) -> Result<Attached, MailError> {
        let (props, storages) = self.props(at, 8)?;
        let mut a = Attached { props, inner: None };
        // Method 5 keeps a message in a storage of the data's name, method 6 an object of another program.
        if let Some((_, path)) = storages.into_iter().find(|(n, _)| n.eq_ignore_ascii_case("__substg1.0_3701000D")) {
            if !self.file.exists(path.join("__properties_version1.0")) {
                notes.push("an object of another program inside the mail was not read".into());
            } else if level + 1 >= self.depth {
                notes.push("a mail inside the mail is nested too deep and was not opened".into());
            } else {
                a.inner = Some(Box::new(self.object(&path, 24, level + 1)?));
            }
        }
        Ok(a)
    }

    /// Properties of one storage and the storages in it.
    fn props(&mut self, at: &Path, head: usize) -> Result<(Props, Vec<(String, PathBuf)>), MailError> {
        let left = self.entries;
        let list: Vec<_> = self
            .file
            .read_storage(at)
            .map_err(|_| BROKEN)?
            .take(left + 1)
            .map(|e| (e.name().to_owned(), e.path().to_owned(), e.is_stream()))
            .collect();
        self.entries = left
            .checked_sub(list.len())
            .ok_or(MailError::Limit { what: "entries in the Outlook file", limit: MAX_ENTRIES })?;
        let (mut props, mut storages) = (Props::default(), Vec::new());
        for (name, path, stream) in list {
            if !stream {
                storages.push((name, path));
            } else if name == "__properties_version1.0" {
                let fixed = self.stream(&path)?;
                for row in fixed.get(head..).unwrap_or_default().chunks_exact(16) {
                    let (Some(kind), Some(id)) = (le16(row, 0), le16(row, 2)) else { continue };
                    if matches!(kind, kind::SHORT | kind::LONG | kind::FLAG | kind::TIME) {
                        props.put_raw(id, kind, row.get(8..).unwrap_or_default().to_vec());
                    }
                }
            } else if let Some((id, kind)) = tag(&name)
                && matches!(kind, kind::TEXT | kind::TEXT8 | kind::BYTES)
                && id < 0x8000
            {
                let bytes = self.stream(&path)?;
                props.put_raw(id, kind, bytes);
            }
        }
        storages.sort();
        Ok((props, storages))
    }

    fn stream(&mut self, path: &Path) -> Result<Vec<u8>, MailError> {
        let stream = self.file.open_stream(path).map_err(|_| BROKEN)?;
        let mut out = Vec::new();
        // A cut file still shows what is there.
        let _ = stream.take(self.bytes as u64).read_to_end(&mut out);
        self.bytes -= out.len().min(self.bytes);
        Ok(out)
    }
}

/// `__substg1.0_0037001F`: identifier and kind.
fn tag(name: &str) -> Option<(u16, u16)> {
    let hex = name.get(..12).filter(|p| p.eq_ignore_ascii_case("__substg1.0_")).and(name.get(12..20))?;
    (name.len() == 20).then_some(())?;
    Some((u16::from_str_radix(hex.get(..4)?, 16).ok()?, u16::from_str_radix(hex.get(4..)?, 16).ok()?))
}
