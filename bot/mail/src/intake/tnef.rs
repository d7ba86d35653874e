//! `winmail.dat` (MS-OXTNEF): a message in Microsoft's own form inside an ordinary mail.

use super::mapi::{Attached, Object, Props, Value, decode, id, kind, le16, le32};
use crate::error::MailError;

/// First four bytes of every stream (section 2.1.1).
pub(crate) const MAGIC: &[u8] = &[0x78, 0x9f, 0x3e, 0x22];
/// Files and rows at most.
const MAX_FILES: usize = 1_000;
const MAX_PROPS: u32 = 10_000;
/// `IID_IMessage` (section 2.1.3.4): the object is a message.
const MESSAGE: &[u8] = &[0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46];

const BROKEN: MailError = MailError::NotAMail(
    "it looks like winmail.dat, but its inside is damaged; ask the sender for the mail as HTML or plain text, and hand in the whole mail as .eml",
);

/// Reads the message; messages attached to it are read down to `depth`.
pub(crate) fn read(b: &[u8], depth: usize) -> Result<Object, MailError> {
    if !b.starts_with(MAGIC) {
        return Err(BROKEN);
    }
    let mut o = Object::default();
    let mut at = 6;
    let mut found = false;
    // One attribute: level, identifier and type, length, data, checksum (section 2.1.2).
    while let (Some(level), Some(tag), Some(len)) = (b.get(at), le32(b, at + 1), le32(b, at + 5)) {
        let start = at + 9;
        let end = start.saturating_add(len as usize);
        let cut = end > b.len();
        let data = b.get(start..end.min(b.len())).unwrap_or_default();
        match level {
            1 => message(tag, data, &mut o),
            2 => file(tag, data, depth, &mut o),
            _ => {
                o.notes.push("winmail.dat ends in bytes that belong to nothing".into());
                break;
            }
        }
        found = true;
        if cut {
            o.notes.push("winmail.dat is cut off; what was left of it was read".into());
            break;
        }
        at = end + 2;
    }
    if found { Ok(o) } else { Err(BROKEN) }
}

fn message(tag: u32, data: &[u8], o: &mut Object) {
    match tag & 0xffff {
        // attSubject, attBody, attMessageID.
        0x8004 => o.props.put(id::SUBJECT, Value::Text8(data.to_vec())),
        0x800c => o.props.put(id::BODY, Value::Text8(data.to_vec())),
        // attFrom: a structure of lengths, then name and address (section 2.1.3.3.6).
        0x8000 => from(data, o),
        // attOemCodepage.
        0x9007 => {
            if let Some(n) = le32(data, 0) {
                o.props.put(id::CODEPAGE_TEXT, Value::Number(n));
            }
        }
        // attMsgProps and attRecipTable.
        0x9003 => {
            let mut at = 0;
            let read = props(data, &mut at, &mut o.props);
            if read.is_none() {
                o.notes.push("the properties in winmail.dat are damaged in part".into());
            }
        }
        0x9004 => {
            let mut at = 4;
            for _ in 0..le32(data, 0).unwrap_or(0).min(500) {
                let mut p = Props::default();
                let whole = props(data, &mut at, &mut p).is_some();
                o.recipients.push(p);
                if !whole {
                    break;
                }
            }
        }
        _ => {}
    }
}

fn from(data: &[u8], o: &mut Object) {
    let (Some(name), Some(address)) = (le16(data, 4), le16(data, 6)) else { return };
    let (name, address) = (usize::from(name), usize::from(address));
    let text = |a: usize, n: usize| {
        let part = data.get(a..a.saturating_add(n)).unwrap_or_default();
        Value::Text(decode(part, 1252).trim_end_matches('\0').to_owned())
    };
    o.props.put(id::SENDER_NAME, text(8, name));
    if let Value::Text(t) = text(8 + name, address) {
        let t = t.strip_prefix("SMTP:").or_else(|| t.strip_prefix("smtp:")).unwrap_or(&t).to_owned();
        o.props.put(id::SENDER_ADDRESS, Value::Text(t));
    }
}

fn file(tag: u32, data: &[u8], depth: usize, o: &mut Object) {
    // attAttachRendData starts each file; broken programs write the data first.
    if tag & 0xffff == 0x9002 || o.files.is_empty() {
        if o.files.len() >= MAX_FILES {
            return;
        }
        o.files.push(Attached::default());
    }
    let Some(file) = o.files.last_mut() else { return };
    match tag & 0xffff {
        // attAttachTitle, attAttachData.
        0x8010 => file.props.put(id::ATTACH_SHORT_NAME, Value::Text8(data.to_vec())),
        0x800f => file.props.put(id::ATTACH_DATA, Value::Bytes(data.to_vec())),
        // attAttachment.
        0x9005 => {
            let mut at = 0;
            if props(data, &mut at, &mut file.props).is_none() {
                o.notes.push("the properties of a file in winmail.dat are damaged in part".into());
            }
            let nested = file.props.bytes(id::ATTACH_DATA).and_then(|d| d.strip_prefix(MESSAGE));
            if let Some(inner) = nested.filter(|d| d.starts_with(MAGIC)) {
                if depth > 1 {
                    file.inner = read(inner, depth - 1).ok().map(Box::new);
                } else {
                    o.notes.push("a mail inside winmail.dat is nested too deep and was not opened".into());
                }
            }
        }
        _ => {}
    }
}

/// A list of properties (section 2.1.3.4). Nothing when it breaks off; what came before is kept.
fn props(b: &[u8], at: &mut usize, out: &mut Props) -> Option<()> {
    let count = le32(b, *at)?;
    *at += 4;
    for _ in 0..count.min(MAX_PROPS) {
        let (kind, id) = (le16(b, *at)?, le16(b, *at + 2)?);
        *at += 4;
        if id >= 0x8000 {
            // A named property: set, then a number or a name.
            let by_name = le32(b, *at + 16)? == 1;
            *at += 20;
            let skip = if by_name { 4 + pad(le32(b, *at)?)? } else { 4 };
            *at = at.checked_add(skip)?;
        }
        let base = kind & 0x0fff;
        let many = kind & 0x1000 != 0;
        let long = matches!(base, kind::TEXT8 | kind::TEXT | kind::BYTES | kind::OBJECT);
        let values = if many || long { le32(b, *at)? } else { 1 };
        *at += if many || long { 4 } else { 0 };
        for _ in 0..values {
            let len = match base {
                _ if long => {
                    let n = le32(b, *at)?;
                    *at += 4;
                    n
                }
                0x05 | 0x06 | 0x07 | 0x14 | kind::TIME => 8,
                0x48 => 16,
                _ => 4,
            };
            let value = b.get(*at..at.checked_add(len as usize)?);
            if id < 0x8000 && !many {
                let rest = || b.get(*at..).unwrap_or_default();
                out.put_raw(id, base, value.unwrap_or_else(rest).to_vec());
            }
            value?;
            *at = at.checked_add(pad(len)?)?;
        }
    }
    Some(())
}

/// Lengths are padded to four bytes.
fn pad(n: u32) -> Option<usize> {
    usize::try_from(n.checked_add(3)? & !3).ok()
}
