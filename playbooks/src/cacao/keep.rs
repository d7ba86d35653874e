//! What an import keeps under `x.cacao`, and what later reads it.

use super::doc::{Doc, TOP};
use super::write::{Out, map, printable};
use crate::finding::Sink;
use jiff::Timestamp;
use nightbell_core::canonical;
use serde_json::Value;

/// Up to so many bytes the kept document is written over several lines.
const PRETTY: usize = 24 * 1024;

/// The entry `x` of an import: the document as text, when it is valid, and a digest of what was made of it.
pub(super) fn entry(doc: &Doc<'_>, clean: &Value, playbook: &Value) -> Out {
    let mut kept = map([("imported", canonical::digest(playbook).into())]);
    if doc.root.get("revoked").and_then(Value::as_bool) == Some(true) {
        kept.put("revoked", true);
    }
    for key in ["valid_from", "valid_until"] {
        if let Some(at) = doc.text(key) {
            kept.put(key, at);
        }
    }
    kept.put("document", text(clean));
    map([("cacao", kept)])
}

/// JSON whose signs all stand in YAML as they are.
fn text(v: &Value) -> String {
    let pretty = serde_json::to_string_pretty(v).unwrap_or_default();
    let json = if pretty.len() <= PRETTY { pretty } else { v.to_string() };
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || printable(c) {
            out.push(c);
        } else {
            let mut units = [0; 2];
            out.extend(c.encode_utf16(&mut units).iter().map(|u| format!("\\u{u:04x}")));
        }
    }
    out
}

/// The document that a playbook was imported from, when nothing but `x` was changed since.
pub(super) fn unchanged(root: &Value) -> Option<Value> {
    let kept = root.pointer("/x/cacao")?;
    let document = kept.get("document").and_then(Value::as_str)?;
    (Some(digest(root).as_str()) == kept.get("imported").and_then(Value::as_str)).then_some(())?;
    serde_json::from_str(document).ok()
}

/// Digest of a playbook without its `x`.
fn digest(root: &Value) -> String {
    let mut bare = root.clone();
    if let Some(map) = bare.as_object_mut() {
        map.remove("x");
    }
    canonical::digest(&bare)
}

/// Why a playbook may not start now: its document was revoked, or it is not the time.
pub(crate) fn refuses(x: &Value, now: Timestamp) -> Option<String> {
    let kept = x.get("cacao")?;
    if kept.get("revoked").and_then(Value::as_bool) == Some(true) {
        return Some("its maker revoked it".to_owned());
    }
    let at = |key: &str| kept.get(key).and_then(Value::as_str).map(|t| (t, t.parse::<Timestamp>()));
    match at("valid_from") {
        Some((text, Ok(from))) if now < from => return Some(format!("it is valid from {text} on")),
        Some((text, Err(_))) => return Some(format!("`valid_from` is `{text}`, which is not an instant")),
        _ => {}
    }
    match at("valid_until") {
        Some((text, Ok(until))) if now >= until => Some(format!("it was valid until {text}")),
        Some((text, Err(_))) => Some(format!("`valid_until` is `{text}`, which is not an instant")),
        _ => None,
    }
}

/// Warns about a document that will not start now (NB3142).
pub(super) fn validity(kept: &Out, now: Timestamp, sink: &mut Sink) {
    if let Some(why) = refuses(&kept.json(), now) {
        let help = "it is imported and refuses to start (NB2007); get a current version from its maker";
        sink.warn("NB3142", TOP, format!("the playbook may not be started: {why}"), help);
    }
}
