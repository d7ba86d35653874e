//! Attached files: what they are called, what they are, and what is odd about them.

use super::{Notes, plain};
use crate::attach::File;
use crate::facts::Facts;
use crate::mime::{Body, Part};
use crate::picture;
use nightbell_core::mail::evidence::{FileSeen, MAX_FILES};

/// Files up to the cap, the odd ones first.
pub(super) fn read(f: &Facts<'_>) -> Vec<FileSeen> {
    let mut out: Vec<&File> = f.files.iter().collect();
    out.sort_by_key(|x| (x.signs.is_empty() && !x.locked, x.image));
    out.into_iter().take(MAX_FILES).map(|x| one(f, x)).collect()
}

fn one(f: &Facts<'_>, file: &File) -> FileSeen {
    let number = file.place.part.trim_start_matches("body/");
    let part = f.mail.parts.iter().find(|p| p.number == number);
    let mut n = Notes::default();
    for s in &file.signs {
        n.add(s.text.as_str());
    }
    n.when(file.locked, "locked with a password, so its content is not known");
    let bytes = part.map(bytes).unwrap_or_default();
    let (real, said) = (real(bytes), part.map(|p| p.ctype.clone()).unwrap_or_default());
    n.when(!agree(&said, real), "its type is not what the mail says");
    n.when(part.is_some_and(|p| !p.attached), "inline: shown in the text");
    if !file.links.is_empty() {
        n.add(format!("{} links inside", file.links.len()));
    }
    FileSeen {
        name: part.map(|p| plain(&p.name)).unwrap_or_default(),
        said: plain(&said),
        real: real.to_owned(),
        size: bytes.len(),
        sha256: file.sha256.clone(),
        notes: n.0,
        place: file.place.clone(),
    }
}

pub(super) fn bytes(p: &Part) -> &[u8] {
    match &p.body {
        Body::Bytes(b) => b,
        Body::Text(t) | Body::Html(t) => t.as_bytes(),
    }
}

/// The type by the first bytes.
fn real(b: &[u8]) -> &'static str {
    let head = b.get(..b.len().min(4_096)).unwrap_or_default();
    if b.is_empty() {
        return "empty";
    }
    if let Some(form) = picture::form(b) {
        return form;
    }
    // MS-SHLLINK 2.1.
    if head.starts_with(&[0x4c, 0, 0, 0, 1, 0x14, 2, 0]) {
        return "Windows shortcut";
    }
    if b.get(0x8001..0x8006) == Some(b"CD001") {
        return "disk image (ISO 9660)";
    }
    let low = String::from_utf8_lossy(head).to_ascii_lowercase();
    let text = low.trim_start_matches(['\u{feff}', ' ', '\r', '\n', '\t']);
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        return "text/html";
    }
    if text.starts_with("<svg") || text.starts_with("<?xml") && text.contains("<svg") {
        return "image/svg+xml";
    }
    if text.starts_with("begin:vcalendar") {
        return "text/calendar";
    }
    if let Some(t) = infer::get(head) {
        return match t.mime_type() {
            "application/vnd.microsoft.portable-executable" => "Windows program",
            "application/x-executable" => "Linux program",
            "application/x-mach-binary" => "macOS program",
            other => other,
        };
    }
    let binary = head.iter().any(|b| *b < 9);
    if binary || std::str::from_utf8(head.get(..head.len().saturating_sub(3)).unwrap_or_default()).is_err() {
        "unknown"
    } else {
        "text"
    }
}

/// Whether the two names can mean the same. Only plain contradictions count: mail programs are careless.
fn agree(said: &str, real: &str) -> bool {
    let kind = |t: &str| t.split('/').next().unwrap_or_default().to_owned();
    let vague = said.is_empty() || said == "application/octet-stream" || matches!(real, "unknown" | "empty");
    let said_text = said.starts_with("text/") || said.contains("xml") || said.contains("json");
    let real_text = real.starts_with("text") || real == "image/svg+xml";
    if vague || said == real || (said_text && real == "text") {
        return true;
    }
    if said_text && real == "text/xml" {
        return true;
    }
    match kind(said).as_str() {
        "image" | "audio" | "video" => kind(real) == kind(said) || (real_text && said.contains("svg")),
        "text" => real_text && (real == "text" || said == "text/plain" || said == real),
        _ if said == "application/pdf" => real == "application/pdf",
        // Office files are archives and compound files by their first bytes.
        _ => !(real_text && real != "text") && kind(real) != "image" && real != "Windows shortcut",
    }
}
