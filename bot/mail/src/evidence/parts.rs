//! The structure of a mail: the only picture of it that is safe to show.

use super::plain;
use crate::mime::Mail;
use nightbell_core::mail::evidence::{MAX_PARTS, PartSeen};

/// The lines up to the cap, top down, and how many there are.
pub(super) fn read(mail: &Mail) -> (Vec<PartSeen>, usize) {
    let mut all: Vec<(Vec<u32>, PartSeen)> = Vec::new();
    let mut add = |number: &str, kind: &str, name: &str, size| {
        let key: Vec<u32> = number.split('.').filter_map(|n| n.parse().ok()).collect();
        let seen = PartSeen { number: plain(number), depth: 0, kind: plain(&honest(kind)), name: plain(name), size };
        all.push((key, seen));
    };
    for (number, kind) in &mail.lists {
        add(number, kind, "", None);
    }
    for p in &mail.parts {
        add(
            &p.number,
            if p.ctype.is_empty() { "no type" } else { &p.ctype },
            &p.name,
            Some(super::files::bytes(p).len()),
        );
    }
    for m in &mail.inner {
        add(&m.number, "message/rfc822", m.value("Subject"), Some(m.raw_chars));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let count = all.len();
    let top = all.first().map_or(0, |(k, _)| k.len());
    all.truncate(MAX_PARTS);
    let out = all.into_iter().map(|(k, p)| PartSeen { depth: k.len().saturating_sub(top), ..p }).collect();
    (out, count)
}

/// Types of nested mails are renamed before parsing (see `mime::tame`).
fn honest(kind: &str) -> String {
    match kind {
        "message/xfc822" => "message/rfc822".to_owned(),
        "message/xlobal" => "message/global".to_owned(),
        "multipart/xigest" => "multipart/digest".to_owned(),
        other => other.to_owned(),
    }
}
