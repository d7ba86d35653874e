//! What was handed in, in plain words.

use crate::facts::Facts;
use crate::judge::headless;
use crate::mime::Body;
use crate::{picture, quoted};

/// One sentence without a full stop.
pub(super) fn of(f: &Facts<'_>) -> String {
    if f.has_headers {
        let what = if f.mail.made {
            "a mail out of a mail program's own file, whose headers were rebuilt"
        } else if headless(f.mail) {
            "a mail without the lines that mail servers write, so it was typed or cut out of one"
        } else {
            "an original mail"
        };
        return what.to_owned();
    }
    let lone = f.mail.parts.first().and_then(|p| match &p.body {
        Body::Bytes(b) => Some(b),
        Body::Text(_) | Body::Html(_) => None,
    });
    if let Some(bytes) = lone {
        let kind = picture::form(bytes).unwrap_or("unknown").trim_start_matches("image/");
        let codes = match (picture::decode(bytes, 0), f.qr.len()) {
            (Err(picture::Why::Form(_)), _) => "of a kind that is not opened here".to_owned(),
            (_, 0) => "in which no QR code was found".to_owned(),
            (_, n) => format!("with {}", count(n, "QR code")),
        };
        return format!("a picture ({kind}) {codes}");
    }
    let words = f.texts.iter().map(|t| t.shown.split_whitespace().count()).sum();
    let links = f.links.len();
    let quoted = f.texts.iter().any(|t| quoted::find(&t.shown).is_some());
    let what = if quoted { "a text with the quoted head of a mail" } else { "a text without mail headers" };
    let links = if links == 0 { "no link".to_owned() } else { count(links, "link") };
    format!("{what} ({}, {links})", count(words, "word"))
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
