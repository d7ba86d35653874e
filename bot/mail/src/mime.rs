//! Opening the envelope: `mail-parser` behind limits, with IMAP part numbers and places.

use crate::error::MailError;
use crate::intake;
use crate::proof::{Keep, digest};
use crate::settings::{Limits, MAX_TEXT_ALL};
use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders, PartType, parsers::MessageStream};
use nightbell_core::mail::Where;

/// Messages in Outlook's own forms that are opened in one mail.
const MAX_OUTLOOK: usize = 20;

/// What a part holds.
pub(crate) enum Body {
    /// `text/plain` and other text.
    Text(String),
    /// `text/html`.
    Html(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

/// One leaf of the MIME tree.
pub(crate) struct Part {
    /// IMAP number: `1`, `1.2` (RFC 3501 section 6.4.5).
    pub number: String,
    /// `text/plain`, lower case.
    pub ctype: String,
    /// File name, when it has one.
    pub name: String,
    /// Sent as an attachment rather than as the text.
    pub attached: bool,
    pub body: Body,
}

/// One header field.
pub(crate) struct Header {
    pub name: String,
    /// Decoded (RFC 2047), unfolded.
    pub value: String,
    /// As it stands in the mail, unfolded only.
    pub raw: String,
    /// Characters from the start of the mail's own text to the value, and its length.
    at: (usize, usize),
}

/// One opened mail.
pub(crate) struct Mail {
    pub headers: Vec<Header>,
    pub parts: Vec<Part>,
    /// Containers around the parts: number and type. The whole mail has the mail's own number.
    pub lists: Vec<(String, String)>,
    /// Mails attached to it.
    pub inner: Vec<Mail>,
    /// Number of the part this mail came in; empty for the mail handed in.
    pub number: String,
    pub raw_chars: usize,
    pub unchecked: Vec<String>,
    /// The headers were made from what a mail program kept; no mail server wrote them.
    pub made: bool,
    /// Somebody unknown brought it, attached to a mail of his: what it says about our gateway is his word.
    pub hearsay: bool,
    /// The bytes it was read from, kept only when they are asked for.
    pub raw: Option<Vec<u8>>,
    /// BLAKE3 of those bytes, when somebody has to recognise the mail.
    pub digest: Option<[u8; 32]>,
}

impl Mail {
    /// Adds what was found out while the mail was rebuilt from another form.
    pub fn take(&mut self, mut notes: Vec<String>, made: bool) {
        self.made |= made;
        if made {
            notes.push(intake::MADE.to_owned());
        }
        self.unchecked.append(&mut notes);
    }

    /// First header of that name.
    pub fn header(&self, name: &str) -> Option<&Header> {
        self.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name))
    }

    /// Decoded value of the first header of that name, or nothing.
    pub fn value(&self, name: &str) -> &str {
        self.header(name).map_or("", |h| h.value.as_str())
    }

    /// Where `needle` stands in a header; the whole value when it is not found. A header of an attached mail is
    /// cited inside the part that holds that mail.
    pub fn header_place(&self, name: &str, needle: &str) -> Where {
        let Some(h) = self.header(name).filter(|h| !h.value.is_empty()) else { return self.top() };
        if !self.number.is_empty() {
            return Where { part: format!("body/{}", self.number), start: h.at.0, end: h.at.0 + h.at.1.max(1) };
        }
        let chars = h.value.chars().count();
        let (start, end) = match h.value.find(needle).filter(|_| !needle.is_empty()) {
            Some(at) => {
                let start = h.value.get(..at).map_or(0, |s| s.chars().count());
                (start, start + needle.chars().count())
            }
            None => (0, chars),
        };
        Where { part: format!("header:{}", h.name), start, end: end.max(start + 1) }
    }

    /// The top of the mail, for reasons about something that is missing.
    pub fn top(&self) -> Where {
        let end = self.raw_chars.clamp(1, 200);
        if self.number.is_empty() {
            Where { part: "raw".into(), start: 0, end }
        } else {
            Where { part: format!("body/{}", self.number), start: 0, end }
        }
    }
}

/// Opens a mail. Attached mails are opened too, down to the depth limit.
pub(crate) fn open(bytes: &[u8], limits: &Limits, keep: Keep) -> Result<Mail, MailError> {
    let mut budget = Budget {
        text: MAX_TEXT_ALL.max(limits.text),
        parts: limits.parts,
        max_parts: limits.parts,
        depth: limits.depth,
        part_text: limits.text,
        // Nested mails are copied once per level; together they may be as large as two mails.
        bytes: limits.bytes.saturating_mul(2),
        outlook: MAX_OUTLOOK,
        keep,
    };
    open_at(bytes, "", 0, &mut budget)
}

fn open_at(bytes: &[u8], number: &str, level: usize, budget: &mut Budget) -> Result<Mail, MailError> {
    budget.bytes = budget.bytes.saturating_sub(bytes.len());
    let tamed = tame(bytes, budget.max_parts)?;
    let message = MessageParser::default()
        .parse(&tamed)
        .filter(|m| m.parts.first().is_some_and(|p| !p.headers.is_empty()))
        .ok_or(MailError::NotAMail("it has no mail headers; save the original as .eml and hand that in"))?;
    let mut mail = convert(&message, &tamed, number, level, budget)?;
    match budget.keep {
        Keep::Nothing => {}
        Keep::Digest => mail.digest = Some(digest(bytes)),
        Keep::Bytes => mail.raw = Some(bytes.to_vec()),
    }
    Ok(mail)
}

struct Budget {
    keep: Keep,
    text: usize,
    parts: usize,
    max_parts: usize,
    depth: usize,
    part_text: usize,
    bytes: usize,
    outlook: usize,
}

/// Makes nesting harmless before the parser sees it. The parser keeps attached mails inside each other and frees them
/// recursively, so a mail of many levels would overflow the stack. Their types are renamed here, byte for byte, so that
/// each level arrives as plain bytes and is opened by this module, which counts.
fn tame(bytes: &[u8], max_parts: usize) -> Result<Vec<u8>, MailError> {
    let mut out = bytes.to_vec();
    let mut lists = 0;
    for (i, b) in bytes.iter().enumerate() {
        if *b != b'/' {
            continue;
        }
        // White space, folds and comments may stand around the slash (RFC 2045 section 5.1).
        let before = bytes.get(i.saturating_sub(40)..i).unwrap_or_default().trim_ascii_end();
        let comment = before.ends_with(b")");
        if ends(before, b"multipart") || comment {
            lists += usize::from(!comment);
            if lists > max_parts {
                return Err(MailError::Limit { what: "nested parts", limit: max_parts });
            }
        } else if !ends(before, b"message") {
            continue;
        }
        let end = bytes.len().min(i + 80);
        let tail = bytes.get(i..end).unwrap_or_default();
        let cut = tail.iter().position(|c| *c == b';').unwrap_or(tail.len());
        let tail = tail.get(..cut).unwrap_or_default();
        for word in [&b"rfc822"[..], b"global", b"digest"] {
            if let Some(at) = tail.windows(word.len()).position(|w| w.eq_ignore_ascii_case(word))
                && let Some(first) = out.get_mut(i + at)
            {
                *first = b'x';
            }
        }
    }
    Ok(out)
}

fn ends(s: &[u8], word: &[u8]) -> bool {
    s.len() >= word.len() && s.get(s.len() - word.len()..).is_some_and(|p| p.eq_ignore_ascii_case(word))
}

/// Types of attached mails after [`tame`].
fn is_mail_type(ctype: &str) -> bool {
    matches!(ctype, "message/xfc822" | "message/xlobal" | "message/rfc822" | "message/global")
}

fn convert(
    message: &Message<'_>,
    raw: &[u8],
    number: &str,
    level: usize,
    budget: &mut Budget,
) -> Result<Mail, MailError> {
    let mut mail = Mail {
        headers: headers(message, raw),
        parts: Vec::new(),
        lists: Vec::new(),
        inner: Vec::new(),
        number: number.to_owned(),
        raw_chars: raw.len(),
        unchecked: Vec::new(),
        made: false,
        hearsay: false,
        raw: None,
        digest: None,
    };
    // An explicit stack instead of recursion: the tree is the sender's choice.
    let mut todo = vec![(0_usize, number.to_owned(), true, false)];
    let mut seen = vec![false; message.parts.len()];
    while let Some((id, prefix, is_root, in_digest)) = todo.pop() {
        let Some(part) = message.parts.get(id) else { continue };
        match seen.get_mut(id) {
            Some(s) if !*s => *s = true,
            _ => continue,
        }
        budget.parts =
            budget.parts.checked_sub(1).ok_or(MailError::Limit { what: "parts", limit: budget.max_parts })?;
        if let PartType::Multipart(children) = &part.body {
            mail.lists.push((prefix.clone(), ctype(part)));
            let digest = part.content_type().and_then(|c| c.subtype()).is_some_and(|s| s == "xigest");
            for (i, child) in children.iter().enumerate().rev() {
                let n = if prefix.is_empty() { (i + 1).to_string() } else { format!("{prefix}.{}", i + 1) };
                todo.push((*child as usize, n, false, digest));
            }
            continue;
        }
        let n = match (is_root, prefix.is_empty()) {
            (true, true) => "1".to_owned(),
            (true, false) => format!("{prefix}.1"),
            _ => prefix,
        };
        leaf(part, n, in_digest, level, budget, &mut mail)?;
    }
    Ok(mail)
}

/// `text/plain`, lower case; empty when the part does not say.
fn ctype(part: &mail_parser::MessagePart<'_>) -> String {
    part.content_type()
        .map_or_else(String::new, |c| format!("{}/{}", c.ctype(), c.subtype().unwrap_or_default()).to_ascii_lowercase())
}

fn leaf(
    part: &mail_parser::MessagePart<'_>,
    number: String,
    in_digest: bool,
    level: usize,
    budget: &mut Budget,
    mail: &mut Mail,
) -> Result<(), MailError> {
    let ctype = ctype(part);
    let name = part.attachment_name().unwrap_or_default().to_owned();
    let disposed = part.content_disposition().is_some_and(|d| d.ctype().eq_ignore_ascii_case("attachment"));
    let attached = disposed || !name.is_empty();
    // A mail attached as a plain file is a mail all the same.
    let is_mail = is_mail_type(&ctype)
        || (in_digest && ctype.is_empty())
        || (attached && name.to_ascii_lowercase().ends_with(".eml"));
    if is_mail {
        let bytes: &[u8] = match &part.body {
            PartType::Text(t) | PartType::Html(t) => t.as_bytes(),
            PartType::Binary(b) | PartType::InlineBinary(b) => b,
            PartType::Message(_) | PartType::Multipart(_) => &[],
        };
        if level + 1 > budget.depth || budget.bytes < bytes.len() {
            mail.unchecked.push(format!("the mail in part {number} is nested too deep and was not opened"));
            return Ok(());
        }
        match open_at(bytes, &number, level + 1, budget) {
            Ok(mut inner) => {
                let made = part.content_type().is_some_and(|c| c.attribute("x-headers-made").is_some());
                inner.take(Vec::new(), made);
                mail.inner.push(inner);
                return Ok(());
            }
            Err(MailError::NotAMail(_)) => {}
            Err(e) => return Err(e),
        }
    }
    if let PartType::Binary(b) | PartType::InlineBinary(b) = &part.body
        && intake::is_outlook(b, &name, &ctype)
        && outlook(b, &number, level, budget, mail)?
    {
        return Ok(());
    }
    let body = match &part.body {
        PartType::Html(t) => Body::Html(clip(t, &number, budget, &mut mail.unchecked)),
        PartType::Text(t) => Body::Text(clip(t, &number, budget, &mut mail.unchecked)),
        PartType::Binary(b) | PartType::InlineBinary(b) => Body::Bytes(b.to_vec()),
        PartType::Message(_) | PartType::Multipart(_) => return Ok(()),
    };
    mail.parts.push(Part { number, ctype, name, attached, body });
    Ok(())
}

/// Opens a message in Outlook's own form. winmail.dat is the body of the mail around it, so its parts become that
/// mail's; a .msg file is an attached mail. Returns whether it was opened.
fn outlook(bytes: &[u8], number: &str, level: usize, budget: &mut Budget, mail: &mut Mail) -> Result<bool, MailError> {
    if level + 1 > budget.depth || budget.outlook == 0 {
        mail.unchecked.push(format!("the Outlook message in part {number} was not opened, because there are too many"));
        return Ok(false);
    }
    budget.outlook -= 1;
    let Ok(built) = intake::rebuild(bytes, budget.depth - level, budget.bytes) else {
        mail.unchecked.push(format!("the Outlook message in part {number} is damaged and was not opened"));
        return Ok(false);
    };
    let mut inner = open_at(&built.bytes, number, level + 1, budget)?;
    if intake::is_tnef(bytes) {
        mail.parts.append(&mut inner.parts);
        mail.lists.append(&mut inner.lists);
        mail.inner.append(&mut inner.inner);
        mail.unchecked.append(&mut inner.unchecked);
        mail.take(built.notes, false);
    } else {
        inner.take(built.notes, built.made);
        mail.inner.push(inner);
    }
    Ok(true)
}

fn clip(t: &str, number: &str, budget: &mut Budget, unchecked: &mut Vec<String>) -> String {
    let max = budget.part_text.min(budget.text);
    let mut end = t.len().min(max);
    while !t.is_char_boundary(end) {
        end -= 1;
    }
    if end < t.len() {
        unchecked.push(format!("only the first {end} bytes of part {number} were read"));
    }
    budget.text -= end;
    t.get(..end).unwrap_or_default().to_owned()
}

fn headers(message: &Message<'_>, raw: &[u8]) -> Vec<Header> {
    let Some(root) = message.parts.first() else { return Vec::new() };
    let mut out = Vec::new();
    // Headers stand in order, so characters are counted once and not from the top for each.
    let mut counted = (0, 0);
    for h in root.headers.iter().take(500) {
        let (a, b) = (h.offset_start as usize, h.offset_end as usize);
        let bytes = raw.get(a..b).unwrap_or_default();
        let bytes = bytes.get(..bytes.len().min(20_000)).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes);
        let unfolded = unfold(&text);
        let value =
            if unfolded.contains("=?") { decode(bytes).unwrap_or_else(|| unfolded.clone()) } else { unfolded.clone() };
        // Characters of lossy text: bytes that do not continue a character.
        let chars = |s: &[u8]| s.iter().filter(|b| (**b & 0xc0) != 0x80).count();
        let lead = bytes.iter().take_while(|b| b.is_ascii_whitespace()).count();
        let from = if counted.0 <= a + lead { counted } else { (0, 0) };
        let start = from.1 + chars(raw.get(from.0..a + lead).unwrap_or_default());
        counted = (a + lead, start);
        let len = chars(bytes.get(lead..).unwrap_or_default());
        out.push(Header { name: h.name.as_str().to_owned(), value, raw: unfolded, at: (start, len) });
    }
    out
}

/// RFC 2047 decoding by the parser's own reader of unstructured text.
pub(crate) fn decode(bytes: &[u8]) -> Option<String> {
    let mut line = bytes.to_vec();
    line.extend_from_slice(b"\n\n");
    match MessageStream::new(&line).parse_unstructured() {
        HeaderValue::Text(t) => Some(t.trim().to_owned()),
        HeaderValue::TextList(l) => Some(l.join(" ")),
        _ => None,
    }
}

fn unfold(s: &str) -> String {
    let mut out = String::with_capacity(s.len());
    for c in s.trim().chars() {
        match c {
            '\r' | '\n' | '\0' => {}
            '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
