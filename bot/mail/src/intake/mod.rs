//! Everything that people hand in, turned into mails.
//!
//! [`unpack`] is for callers: one file becomes one or several items, each of which [`crate::analyse`] understands.
//! Inside, a form that is not an ordinary mail is rebuilt as one, so that there is one reader of mails.

mod compose;
mod lzfu;
mod mapi;
mod msg;
mod rtf;
pub(crate) mod slack;
mod tnef;
mod zipped;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use crate::error::MailError;
use crate::input::{Kind, OLE, detect, has_headers, split_mbox};
use crate::mime::{self, Body, Mail, Part};
use crate::picture;
use crate::proof::Keep;
use crate::settings::Limits;
pub(crate) use compose::Built;
pub(crate) use mapi::decode;

/// Mails taken out of one file at most. A person reports a handful; a folder of mails is another task.
pub const MAX_ITEMS: usize = 200;

/// Said when the headers were made from what the mail program kept.
pub(crate) const MADE: &str = "the original headers are not in the file: sender, recipients and date are what the \
mail program kept, so it is not known who really sent it";

/// Marks an attached mail whose headers were made. A sender who writes it himself only keeps his mail from being cleared.
const MARK: &str = "; x-headers-made=1";

/// Nothing was handed in.
pub(crate) const EMPTY: MailError = MailError::NotAMail(
    "the file is empty; in your mail program choose 'save as' or 'download original' again and hand in the .eml file",
);
const NO_HEADERS: MailError = MailError::NotAMail("it has no mail headers; save the original as .eml and hand that in");
const MHT: MailError = MailError::NotAMail(
    "it is a web page saved as .mht, which has no original headers; open the mail itself and choose 'save as' or 'download original' to get an .eml or .msg file",
);
const PDF: MailError = MailError::NotAMail(
    "it is a PDF, which shows neither the sender nor where links lead; open the mail itself and choose 'save as' or 'download original' to get an .eml or .msg file",
);
const OFFICE: MailError = MailError::NotAMail(
    "it is an Office document; hand in the mail itself: in your mail program choose 'save as' or 'download original' to get an .eml or .msg file",
);
const OTHER: MailError = MailError::NotAMail(
    "it is another kind of file; in your mail program choose 'save as' or 'download original' and hand in the .eml file",
);
const SEVERAL: MailError =
    MailError::NotAMail("the file holds several mails; hand them in one by one, so that each gets its own answer");
const BAD_PICTURE: MailError = MailError::NotAMail(
    "it is a picture that cannot be opened; in your mail program choose 'save as' or 'download original' and hand in the .eml file",
);

/// One mail out of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Name of the file it was in, for people; untrusted.
    pub name: String,
    /// How to analyse it.
    pub kind: Kind,
    /// What to analyse.
    pub bytes: Vec<u8>,
    /// What was left out, in plain words. What was left out of the whole file stands with the first item.
    pub left_out: Vec<String>,
}

/// Takes the mails out of a file: an mbox file or an archive may hold several, everything else is one item.
///
/// # Errors
/// [`MailError::TooBig`] when the file is larger than `limits.bytes`, [`MailError::NotAMail`] with the next step when
/// there is no mail in it, [`MailError::Limit`] when it is built to break readers.
pub fn unpack(bytes: &[u8], name: &str, limits: &Limits) -> Result<Vec<Item>, MailError> {
    let kind = detect(bytes, name);
    // An mbox file may be a whole folder: each mail in it has the limit.
    if bytes.len() > limits.bytes && kind != Kind::Mbox {
        return Err(MailError::TooBig { size: bytes.len(), limit: limits.bytes });
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(EMPTY);
    }
    let one = |kind| vec![Item { name: name.to_owned(), kind, bytes: bytes.to_vec(), left_out: Vec::new() }];
    match kind {
        Kind::Mbox => mbox(bytes, name, limits),
        Kind::Other if is_zip(bytes) => zipped::mails(bytes, limits),
        Kind::Other if !(bytes.starts_with(tnef::MAGIC) || picture::form(bytes).is_some()) => Err(refusal(bytes)),
        Kind::Eml if is_mht(bytes) => Err(MHT),
        kind => Ok(one(kind)),
    }
}

fn mbox(bytes: &[u8], name: &str, limits: &Limits) -> Result<Vec<Item>, MailError> {
    let mails = split_mbox(bytes);
    let (all, mut items, mut large) = (mails.len(), Vec::new(), 0);
    for (i, bytes) in mails.into_iter().take(MAX_ITEMS).enumerate() {
        if bytes.len() > limits.bytes {
            large += 1;
        } else if has_headers(&bytes) {
            items.push(Item { name: format!("{name}#{}", i + 1), kind: Kind::Eml, bytes, left_out: Vec::new() });
        }
    }
    let Some(first) = items.first_mut() else { return Err(NO_HEADERS) };
    if all > MAX_ITEMS {
        first.left_out.push(format!("the file holds {all} mails; only the first {MAX_ITEMS} were taken"));
    }
    if large > 0 {
        first.left_out.push(format!("{large} mails are larger than the limit and were left out"));
    }
    Ok(items)
}

/// What one file became.
pub(crate) enum Handed {
    Mail(Mail),
    /// A picture alone, as a mail without headers.
    Picture(Mail),
}

/// Opens one mail in any form but pasted text.
pub(crate) fn open(input: &[u8], kind: Kind, limits: &Limits, keep: Keep) -> Result<Handed, MailError> {
    if input.starts_with(OLE) || input.starts_with(tnef::MAGIC) {
        let built = rebuild(input, limits.depth, limits.bytes.saturating_mul(2))?;
        let mut mail = mime::open(&built.bytes, limits, Keep::Nothing)?;
        mail.take(built.notes, built.made);
        return Ok(Handed::Mail(mail));
    }
    if let Some((bytes, mut notes)) = slack::read(input) {
        let mut mail = mime::open(&bytes, limits, Keep::Nothing)?;
        notes.push(MADE.to_owned());
        mail.take(notes, true);
        return Ok(Handed::Mail(mail));
    }
    if kind == Kind::Other && is_zip(input) {
        let mut items = zipped::mails(input, limits)?;
        let Some(item) = items.pop().filter(|_| items.is_empty()) else { return Err(SEVERAL) };
        let Handed::Mail(mut mail) = open(&item.bytes, item.kind, limits, keep)? else { return Err(OTHER) };
        mail.take(item.left_out, false);
        return Ok(Handed::Mail(mail));
    }
    if kind == Kind::Other {
        if picture::form(input).is_none() {
            return Err(refusal(input));
        }
        // One that is not read here, or too large, is answered as well: the person is asked for the mail.
        return match picture::decode(input, 0) {
            Err(picture::Why::Broken) => Err(BAD_PICTURE),
            _ => Ok(Handed::Picture(lone(input))),
        };
    }
    let input = bare(input);
    if is_mht(input) {
        return Err(MHT);
    }
    if !has_headers(input) {
        return Err(NO_HEADERS);
    }
    mime::open(input, limits, keep).map(Handed::Mail)
}

/// The bytes of a mail as a server delivered it; None for every form that was made of one.
pub(crate) fn original(input: &[u8], kind: Kind) -> Option<&[u8]> {
    let made = input.starts_with(OLE) || input.starts_with(tnef::MAGIC) || slack::read(input).is_some();
    (kind == Kind::Eml && !made).then(|| bare(input)).filter(|b| has_headers(b) && !is_mht(b))
}

/// A message of Outlook as an ordinary mail.
pub(crate) fn rebuild(bytes: &[u8], depth: usize, max: usize) -> Result<Built, MailError> {
    let object = if bytes.starts_with(tnef::MAGIC) { tnef::read(bytes, depth) } else { msg::read(bytes, depth) }?;
    Ok(compose::build(&object, max))
}

/// Whether a part of a mail is such a message, by content and by what it is called.
pub(crate) fn is_outlook(bytes: &[u8], name: &str, ctype: &str) -> bool {
    let msg = name.to_ascii_lowercase().ends_with(".msg") || ctype.ends_with("ms-outlook");
    is_tnef(bytes) || (bytes.starts_with(OLE) && msg)
}

pub(crate) fn is_tnef(bytes: &[u8]) -> bool {
    bytes.starts_with(tnef::MAGIC)
}

/// Without what programs put around a mail: a byte order mark, the line of an mbox, the length of Apple Mail's `.emlx`.
fn bare(input: &[u8]) -> &[u8] {
    let input = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let end = input.iter().position(|b| *b == b'\n').map_or(0, |i| i + 1);
    let (first, rest) = input.split_at(end);
    if first.starts_with(b"From ") {
        return rest;
    }
    // `.emlx`: the length of the mail in bytes, the mail, then a property list that is of no use here.
    let digits = first.trim_ascii();
    if !digits.is_empty() && digits.len() <= 12 && digits.iter().all(u8::is_ascii_digit) {
        let len: usize = std::str::from_utf8(digits).ok().and_then(|d| d.parse().ok()).unwrap_or(usize::MAX);
        return rest.get(..len).unwrap_or(rest);
    }
    input
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// A page that a browser or a word processor saved: MIME (RFC 2557), but never sent.
fn is_mht(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(8_192)).unwrap_or_default();
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = text.split("\n\n").next().unwrap_or_default().split("\r\n\r\n").next().unwrap_or_default();
    let has = |name: &str| text.lines().any(|l| l.strip_prefix(name).is_some_and(|r| r.trim_start().starts_with(':')));
    let sent = ["received", "return-path", "message-id", "to"].iter().any(|n| has(n));
    let saved = has("snapshot-content-location")
        || text.lines().any(|l| l.starts_with("from: <saved by") || l.starts_with("from: \"saved by"));
    // A word processor writes neither sender nor subject.
    let bare = has("mime-version") && text.contains("multipart/related") && !has("from") && !has("subject");
    !sent && (saved || bare)
}

/// Why a file that holds no mail is not taken, with the next step.
fn refusal(bytes: &[u8]) -> MailError {
    if bytes.get(..bytes.len().min(1_024)).is_some_and(|h| h.windows(5).any(|w| w == b"%PDF-")) {
        return PDF;
    }
    if bytes.starts_with(b"Rar!") || bytes.starts_with(b"7z\xbc\xaf") {
        return MailError::NotAMail(
            "it is an archive of a kind that is not opened here; unpack it and hand in the .eml or .msg files",
        );
    }
    if bytes.starts_with(b"{\\rtf") { OFFICE } else { OTHER }
}

/// A file alone as a mail without headers.
fn lone(bytes: &[u8]) -> Mail {
    let ctype = picture::form(bytes).unwrap_or("application/octet-stream").to_owned();
    let part =
        Part { number: "1".into(), ctype, name: String::new(), attached: true, body: Body::Bytes(bytes.to_vec()) };
    Mail {
        headers: Vec::new(),
        parts: vec![part],
        lists: Vec::new(),
        inner: Vec::new(),
        number: String::new(),
        raw_chars: bytes.len(),
        unchecked: Vec::new(),
        made: false,
        hearsay: false,
        raw: None,
        digest: None,
    }
}
