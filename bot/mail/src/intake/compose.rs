//! From properties to an ordinary mail (RFC 5322), which the one reader of mails then opens.

use super::mapi::{Attached, Object, Props, decode, id};
use super::{lzfu, rtf};
use base64::Engine;
use std::fmt::Write;

/// What was built.
pub(crate) struct Built {
    pub bytes: Vec<u8>,
    pub notes: Vec<String>,
    /// The headers were made from properties: nothing in them was written by a mail server.
    pub made: bool,
}

/// Builds the mail. `max` bounds its bytes; files that do not fit are left out and named.
pub(crate) fn build(o: &Object, max: usize) -> Built {
    let mut notes = o.notes.clone();
    let mut left = max;
    let (bytes, made) = mail(o, 0, &mut left, &mut notes);
    Built { bytes, notes, made }
}

fn mail(o: &Object, level: usize, left: &mut usize, notes: &mut Vec<String>) -> (Vec<u8>, bool) {
    let mut head = String::new();
    let transport = o.props.text(id::TRANSPORT_HEADERS, o.codepage()).map(|t| kept(&t)).filter(|t| t.contains(':'));
    let made = transport.is_none();
    if let Some(t) = transport {
        head.push_str(&t);
        if !has(&t, "from") {
            senders(o, &mut head);
        }
    } else {
        made_headers(o, &mut head);
    }
    // Levels differ, so that a part cannot end the list around it.
    let b = format!("=_intake_{level}_mixed");
    let _ = write!(head, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"{b}\"\r\n\r\n");
    let mut out = head.into_bytes();
    bodies(o, level, &b, left, &mut out, notes);
    for a in &o.files {
        file(a, o.codepage(), level, &b, left, &mut out, notes);
    }
    let _ = std::io::Write::write_fmt(&mut out, format_args!("--{b}--\r\n"));
    (out, made)
}

/// Transport headers without those that describe the body as it once was.
fn kept(t: &str) -> String {
    let mut out = String::new();
    let mut keep = false;
    for line in t.lines() {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() {
            if out.is_empty() {
                continue;
            }
            break;
        }
        if !line.starts_with([' ', '\t']) {
            let name = line.split(':').next().unwrap_or_default().trim_end().to_ascii_lowercase();
            // The first line may be a title of the program, without a colon or with a version after blanks.
            keep = line.contains(':')
                && !name.is_empty()
                && name.bytes().all(|b| b.is_ascii_graphic())
                && !name.starts_with("content-")
                && name != "mime-version";
        }
        if keep {
            out.push_str(&line.replace('\0', ""));
            out.push_str("\r\n");
        }
    }
    out
}

fn has(head: &str, name: &str) -> bool {
    head.lines().any(|l| l.split(':').next().is_some_and(|n| n.trim_end().eq_ignore_ascii_case(name)))
}

fn header(out: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        let _ = write!(out, "{name}: {value}\r\n");
    }
}

/// A mailbox of From, Sender, To: only an address of the internet is one, not an internal name (`/o=.../cn=`).
fn mailbox(name: &str, address: &str) -> String {
    let address: String = address.chars().filter(|c| !c.is_whitespace() && !matches!(c, '<' | '>' | ',')).collect();
    let address = if address.contains('@') && !address.starts_with('/') { address } else { String::new() };
    let name = name.trim().trim_matches('\'');
    let shown = if name.is_empty() || name.eq_ignore_ascii_case(&address) {
        String::new()
    } else if name.is_ascii() && !name.contains(['"', '\\', '\r', '\n']) {
        format!("\"{name}\"")
    } else {
        word(name)
    };
    match (shown.is_empty(), address.is_empty()) {
        (true, true) => String::new(),
        (false, true) => shown,
        (true, false) => format!("<{address}>"),
        (false, false) => format!("{shown} <{address}>"),
    }
}

/// Text of a header, encoded where it must be (RFC 2047).
fn word(s: &str) -> String {
    let clean: String = s.chars().map(|c| if c.is_control() { ' ' } else { c }).take(2_000).collect();
    if clean.is_ascii() && !clean.contains("=?") && !clean.contains('"') {
        return clean;
    }
    let mut out = String::new();
    let mut piece = String::new();
    for c in clean.chars().map(Some).chain([None]) {
        if c.is_none_or(|c| piece.len() + c.len_utf8() > 45) && !piece.is_empty() {
            let sep = if out.is_empty() { "" } else { "\r\n " };
            let _ = write!(out, "{sep}=?utf-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(&piece));
            piece.clear();
        }
        piece.extend(c);
    }
    out
}

fn senders(o: &Object, out: &mut String) {
    let page = o.codepage();
    let text = |i| o.props.text(i, page).unwrap_or_default();
    let first = |list: &[u16]| list.iter().map(|i| text(*i)).find(|t| t.contains('@')).unwrap_or_default();
    let shown = mailbox(&text(id::REPRESENTING_NAME), &first(&[id::REPRESENTING_SMTP, id::REPRESENTING_ADDRESS]));
    let sender = mailbox(&text(id::SENDER_NAME), &first(&[id::SENDER_SMTP, id::SENDER_ADDRESS]));
    // The represented person is who the reader sees; the sender acted for him.
    if !shown.contains('@') {
        header(out, "From", if sender.is_empty() { &shown } else { &sender });
        return;
    }
    header(out, "From", &shown);
    if sender.contains('@') && sender != shown {
        header(out, "Sender", &sender);
    }
}

fn made_headers(o: &Object, out: &mut String) {
    let page = o.codepage();
    let text = |i| o.props.text(i, page).unwrap_or_default();
    senders(o, out);
    for (kind, name) in [(1, "To"), (2, "Cc")] {
        let list: Vec<String> = o
            .recipients
            .iter()
            .filter(|r| r.number(id::RECIPIENT_TYPE).unwrap_or(1) & 3 == kind)
            .map(|r| recipient(r, page))
            .filter(|m| !m.is_empty())
            .collect();
        header(out, name, &list.join(",\r\n "));
    }
    let entries = o.props.bytes(id::REPLY_TO_ENTRIES).and_then(one_off);
    let (name, reply) = entries.unwrap_or_else(|| (String::new(), text(id::REPLY_TO_NAMES)));
    if reply.contains('@') && !reply.contains(['\r', '\n', ';']) {
        header(out, "Reply-To", &mailbox(&name, &reply));
    }
    let subject = text(id::SUBJECT);
    // A mark and a length may stand in front: how long "RE: " is.
    let subject = match subject.strip_prefix('\u{1}') {
        Some(s) => s.chars().skip(1).collect(),
        None => subject,
    };
    header(out, "Subject", &word(&subject));
    if let Some(t) = o.props.get(id::SUBMITTED).or_else(|| o.props.get(id::DELIVERED)).and_then(date) {
        header(out, "Date", &t);
    }
    for (i, name) in [(id::MESSAGE_ID, "Message-ID"), (id::IN_REPLY_TO, "In-Reply-To")] {
        let value: String = text(i).chars().filter(char::is_ascii_graphic).take(900).collect();
        header(out, name, &value);
    }
    if out.is_empty() {
        header(out, "Subject", "(none)");
    }
}

/// Name and address of the first entry that is a mail address (one-off entry, MS-OXCDATA section 2.2.5.1).
fn one_off(b: &[u8]) -> Option<(String, String)> {
    const PROVIDER: [u8; 16] =
        [0x81, 0x2b, 0x1f, 0xa4, 0xbe, 0xa3, 0x10, 0x19, 0x9d, 0x6e, 0, 0xdd, 0x01, 0x0f, 0x54, 0x02];
    let b = b.get(..b.len().min(20_000))?;
    let at = b.windows(16).position(|w| w == PROVIDER)? + 16;
    let wide = b.get(at + 3)? & 0x80 != 0;
    let mut rest = b.get(at + 4..)?;
    let mut next = || -> Option<String> {
        let (size, end) = if wide {
            (2, rest.chunks_exact(2).position(|c| c == [0, 0])? * 2)
        } else {
            (1, rest.iter().position(|c| *c == 0)?)
        };
        let text = rest.get(..end)?;
        rest = rest.get(end + size..)?;
        Some(if wide { super::mapi::utf16(text) } else { decode(text, 1252) })
    };
    let (name, _kind, address) = (next()?, next()?, next()?);
    address.contains('@').then_some((name, address))
}

fn recipient(r: &Props, page: u32) -> String {
    let text = |i| r.text(i, page).unwrap_or_default();
    let address = [id::SMTP_ADDRESS, id::ADDRESS].iter().map(|i| text(*i)).find(|t| t.contains('@'));
    let address = address.unwrap_or_default();
    mailbox(&text(id::NAME), address.strip_prefix("SMTP:").unwrap_or(&address))
}

/// FILETIME as a date of RFC 5322, in UTC.
fn date(v: &super::mapi::Value) -> Option<String> {
    let super::mapi::Value::Time(t) = v else { return None };
    let secs = i64::try_from(t / 10_000_000).ok()?.checked_sub(11_644_473_600)?;
    let (days, rest) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    // Days to a date of the Gregorian calendar, counted in eras of 400 years from 1 March of year 0.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + i64::from(month <= 2);
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let name = MONTHS.get(usize::try_from(month - 1).ok()?)?;
    (1970..=2200)
        .contains(&year)
        .then(|| format!("{day:02} {name} {year} {:02}:{:02}:{:02} +0000", rest / 3_600, rest / 60 % 60, rest % 60))
}

fn bodies(o: &Object, level: usize, b: &str, left: &mut usize, out: &mut Vec<u8>, notes: &mut Vec<String>) {
    let mut plain = o.props.text(id::BODY, o.codepage());
    let mut html = o.props.bytes(id::HTML).map(|h| decode(h, o.codepage_body())).or_else(|| o.props.text(id::HTML, 0));
    if html.is_none()
        && let Some(packed) = o.props.bytes(id::RTF)
    {
        match lzfu::unpack(packed) {
            Some((text, whole)) => {
                if !whole {
                    notes.push("the checksum of the formatted text is wrong, so parts of it may be missing".into());
                }
                match rtf::read(&text) {
                    rtf::Text::Html(t) => html = Some(t),
                    // The formatted text has the links; the plain one has only what they show.
                    rtf::Text::Plain(t) => plain = Some(t).filter(|t| !t.trim().is_empty()).or(plain),
                }
            }
            None => notes.push("the formatted text is packed in a way that is not known and was not read".into()),
        }
    }
    let html = html.filter(|t| !t.trim().is_empty());
    let alt = format!("=_intake_{level}_alt");
    let both = html.is_some() && plain.is_some();
    if both {
        let _ = std::io::Write::write_fmt(
            out,
            format_args!("--{b}\r\nContent-Type: multipart/alternative; boundary=\"{alt}\"\r\n\r\n"),
        );
    }
    let inner = if both { alt.as_str() } else { b };
    for (kind, text) in [("plain", plain), ("html", html)] {
        let Some(text) = text else { continue };
        part(out, inner, &format!("Content-Type: text/{kind}; charset=utf-8"), text.as_bytes(), left);
    }
    if both {
        let _ = std::io::Write::write_fmt(out, format_args!("--{alt}--\r\n"));
    }
}

fn file(a: &Attached, page: u32, level: usize, b: &str, left: &mut usize, out: &mut Vec<u8>, notes: &mut Vec<String>) {
    let name = a.props.text(id::ATTACH_NAME, page).or_else(|| a.props.text(id::ATTACH_SHORT_NAME, page));
    let name = name.or_else(|| a.props.text(id::NAME, page)).unwrap_or_default();
    if let Some(inner) = &a.inner {
        let mut own = inner.notes.clone();
        let (bytes, made) = mail(inner, level + 1, left, &mut own);
        notes.append(&mut own);
        let mark = if made { super::MARK } else { "" };
        let head = format!("Content-Type: message/rfc822{mark}\r\nContent-Disposition: attachment");
        if !part(out, b, &head, &bytes, left) {
            notes.push("a mail inside the mail is too large and was left out".into());
        }
        return;
    }
    let Some(data) = a.props.bytes(id::ATTACH_DATA) else { return };
    let kind = a.props.text(id::ATTACH_TYPE, page).unwrap_or_default().to_ascii_lowercase();
    let token = |s: &str| !s.is_empty() && s.bytes().all(|c| c.is_ascii_alphanumeric() || b".+-_".contains(&c));
    let sound = kind.split_once('/').is_some_and(|(t, s)| token(t) && token(s) && t != "multipart" && t != "message");
    let kind = if sound { kind.as_str() } else { "application/octet-stream" };
    let mut head = format!("Content-Type: {kind}");
    // A picture of the text is shown in it, everything else is attached.
    let shown = a.props.get(id::ATTACH_CONTENT_ID).is_some() && kind.starts_with("image/");
    let _ = write!(head, "\r\nContent-Disposition: {}", if shown { "inline" } else { "attachment" });
    if !name.is_empty() {
        // RFC 2231: any character, percent-encoded.
        head.push_str("; filename*=utf-8''");
        for byte in name.bytes().take(600) {
            if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
                head.push(char::from(byte));
            } else {
                let _ = write!(head, "%{byte:02X}");
            }
        }
    }
    if !part(out, b, &head, data, left) {
        let shown = nightbell_core::text::one_line(&name, 60);
        notes.push(format!("the file \"{shown}\" is too large and was left out"));
    }
}

/// One part in base64. Nothing is written and `false` returned when it does not fit.
fn part(out: &mut Vec<u8>, b: &str, head: &str, data: &[u8], left: &mut usize) -> bool {
    let size = data.len() / 3 * 4 + 4 + data.len() / 27 + head.len() + 200;
    if size > *left {
        return false;
    }
    *left -= size;
    let _ =
        std::io::Write::write_fmt(out, format_args!("--{b}\r\n{head}\r\nContent-Transfer-Encoding: base64\r\n\r\n"));
    let text = base64::engine::general_purpose::STANDARD.encode(data);
    for line in text.as_bytes().chunks(76) {
        out.extend_from_slice(line);
        out.extend_from_slice(b"\r\n");
    }
    true
}
