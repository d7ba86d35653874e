//! What was handed in.

/// The form of an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One mail with its headers (RFC 5322).
    Eml,
    /// Several mails in one file (RFC 4155).
    Mbox,
    /// Text a person pasted; chat links as `<url|text>` or Markdown are understood.
    PastedText,
    /// Outlook's own format: an OLE2 compound file.
    Msg,
    /// Something else, such as a picture.
    Other,
}

/// Magic of an OLE2 compound file (MS-CFB section 2.2).
pub(crate) const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Recognises the form by content first, by name second.
pub fn detect(bytes: &[u8], file_name: &str) -> Kind {
    let name = file_name.to_ascii_lowercase();
    if bytes.starts_with(OLE) {
        return Kind::Msg;
    }
    if crate::intake::slack::read(bytes).is_some() {
        return Kind::Eml;
    }
    if bytes.starts_with(b"From ") && (name.ends_with(".mbox") || split_mbox(bytes).len() > 1) {
        return Kind::Mbox;
    }
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or_default();
    if header_lines(head) >= 2 || (name.ends_with(".eml") && header_lines(head) >= 1) {
        return Kind::Eml;
    }
    let binary = head.iter().take(4_096).filter(|b| **b == 0 || (**b < 9)).count();
    if binary > 0 || infer::get(head).is_some_and(|t| !t.mime_type().starts_with("text/")) {
        return if name.ends_with(".eml") && binary == 0 { Kind::Eml } else { Kind::Other };
    }
    if name.ends_with(".eml") || name.ends_with(".email") { Kind::Eml } else { Kind::PastedText }
}

/// Whether the first lines hold any header that mails have.
pub(crate) fn has_headers(bytes: &[u8]) -> bool {
    header_lines(bytes.get(..bytes.len().min(65_536)).unwrap_or_default()) > 0
}

/// How many of the first lines look like `Name: value` of a header that mails have.
fn header_lines(head: &[u8]) -> usize {
    const USUAL: [&str; 15] = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "received",
        "return-path",
        "mime-version",
        "content-type",
        "reply-to",
        "delivered-to",
        "sender",
        "cc",
        "dkim-signature",
        "authentication-results",
    ];
    let mut found = 0;
    for line in head.split(|b| *b == b'\n').take(200) {
        if line.iter().all(u8::is_ascii_whitespace) {
            if found > 0 {
                break;
            }
            continue;
        }
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let name = String::from_utf8_lossy(line.get(..colon).unwrap_or_default()).to_ascii_lowercase();
        found += usize::from(USUAL.contains(&name.trim_end()));
    }
    found
}

/// The mails of an mbox file, without their `From ` lines and with one level of `>From ` quoting undone
/// (RFC 4155 appendix A, "mboxrd").
pub fn split_mbox(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut blank = true;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        if blank && line.starts_with(b"From ") {
            out.push(Vec::new());
            blank = false;
            continue;
        }
        blank = line.iter().all(u8::is_ascii_whitespace);
        let Some(mail) = out.last_mut() else { continue };
        let quoted = line.iter().take_while(|b| **b == b'>').count();
        let unquoted = line.get(quoted..).is_some_and(|r| r.starts_with(b"From ")) && quoted > 0;
        mail.extend_from_slice(line.get(usize::from(unquoted)..).unwrap_or_default());
    }
    out.retain(|m| !m.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        assert_eq!(detect(b"From: a@b.example\nSubject: x\n\nhi", "x"), Kind::Eml);
        assert_eq!(detect(b"Hello, is this real?", "x.txt"), Kind::PastedText);
        assert_eq!(detect(b"\x89PNG\r\n\x1a\n\0\0", "x.png"), Kind::Other);
        assert_eq!(detect(OLE, "x"), Kind::Msg);
        let two = b"From a\nFrom: a@b.example\n\none\n>From here\n\nFrom b\nFrom: c@d.example\n\ntwo\n";
        assert_eq!(detect(two, "x"), Kind::Mbox);
        let mails = split_mbox(two);
        assert_eq!(mails.len(), 2);
        assert!(String::from_utf8_lossy(&mails[0]).contains("\nFrom here"));
    }
}
