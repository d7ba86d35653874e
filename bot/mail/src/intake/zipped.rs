//! An archive of mails.

use super::{Item, MAX_ITEMS, OFFICE};
use crate::error::MailError;
use crate::input::{Kind, detect, has_headers, split_mbox};
use crate::settings::{Limits, MAX_ENTRIES, MAX_RATIO};
use nightbell_core::text::one_line;
use std::io::{Cursor, Read};

/// Names that are listed as left out; the rest is counted.
const NAMED: usize = 10;

const NO_MAIL: MailError = MailError::NotAMail(
    "the archive holds no mail; put the .eml or .msg files into it, or hand in the mail that it came with",
);
const LOCKED: MailError = MailError::NotAMail(
    "the archive is locked with a password, and passwords are not tried; unpack it and hand in the .eml or .msg files",
);
const DAMAGED: MailError =
    MailError::NotAMail("the archive is damaged; pack the mails again, or hand in the .eml or .msg files themselves");

/// The mails of an archive. Everything else in it is named and left out; an archive in it is not opened.
pub(super) fn mails(bytes: &[u8], limits: &Limits) -> Result<Vec<Item>, MailError> {
    let mut z = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| DAMAGED)?;
    if z.len() > MAX_ENTRIES {
        return Err(MailError::Limit { what: "entries in the archive", limit: MAX_ENTRIES });
    }
    // As much as two of the largest mails, so that many small archives in a row cannot fill the memory.
    let mut left = limits.bytes.saturating_mul(2);
    let (mut items, mut out, mut locked) = (Vec::new(), Vec::new(), 0);
    for i in 0..z.len() {
        let Ok(e) = z.by_index_raw(i) else { continue };
        let name = e.name().map_or_else(|_| String::new(), std::borrow::Cow::into_owned);
        if name == "[Content_Types].xml" {
            return Err(OFFICE);
        }
        // Folders, and what a Mac adds to each file.
        if name.ends_with(['/', '\\']) || name.starts_with("__MACOSX/") {
            continue;
        }
        let name = one_line(name.rsplit(['/', '\\']).next().unwrap_or_default(), 120);
        if e.encrypted() {
            locked += 1;
            out.push(format!("\"{name}\" is locked with a password"));
            continue;
        }
        let size = e.size();
        if size > limits.bytes as u64 {
            out.push(format!("\"{name}\" is larger than the limit of {} bytes", limits.bytes));
            continue;
        }
        if size > 1_000_000 && size / e.compressed_size().max(1) > MAX_RATIO {
            out.push(format!("\"{name}\" unpacks to far more than its size"));
            continue;
        }
        if items.len() >= MAX_ITEMS || size > left as u64 {
            out.push(format!("\"{name}\" was not taken, because there are too many mails"));
            continue;
        }
        drop(e);
        // The size in the directory is a claim; the reader stops one byte after it would be too much.
        let cap = left.min(limits.bytes);
        let mut data = Vec::new();
        let read = z.by_index(i).ok().map(|e| e.take(cap as u64 + 1).read_to_end(&mut data));
        left = left.saturating_sub(data.len());
        if !matches!(read, Some(Ok(_))) || data.len() > cap {
            out.push(format!("\"{name}\" could not be unpacked"));
            continue;
        }
        take(name, data, &mut items, &mut out);
    }
    let Some(first) = items.first_mut() else {
        return Err(if locked > 0 { LOCKED } else { NO_MAIL });
    };
    let more = out.len().saturating_sub(NAMED);
    out.truncate(NAMED);
    if more > 0 {
        out.push(format!("{more} more files of the archive"));
    }
    first.left_out = out;
    Ok(items)
}

fn take(name: String, bytes: Vec<u8>, items: &mut Vec<Item>, out: &mut Vec<String>) {
    let item = |name: String, kind, bytes| Item { name, kind, bytes, left_out: Vec::new() };
    let kind = detect(&bytes, &name);
    let low = name.to_ascii_lowercase();
    let mail = match kind {
        Kind::Eml => !super::is_mht(&bytes) && has_headers(&bytes),
        // Other documents have the same container.
        Kind::Msg => low.ends_with(".msg"),
        Kind::Other => super::is_tnef(&bytes),
        Kind::Mbox | Kind::PastedText => false,
    };
    if mail {
        items.push(item(name, kind, bytes));
    } else if kind == Kind::Mbox {
        let room = MAX_ITEMS.saturating_sub(items.len());
        let mails = split_mbox(&bytes);
        if mails.len() > room {
            out.push(format!("{} mails of \"{name}\"", mails.len() - room));
        }
        let mails = mails.into_iter().take(room).filter(|m| has_headers(m)).enumerate();
        items.extend(mails.map(|(i, m)| item(format!("{name}#{}", i + 1), Kind::Eml, m)));
    } else {
        out.push(format!("\"{name}\" is not a mail"));
    }
}
