//! Indicators for other tools: a table (RFC 4180), a STIX 2.1 bundle, a MISP event.
//!
//! The same mail always gives the same bytes: ids are name-based (RFC 9562 section 5.5) and times are those of the
//! mail, so that an import that is repeated changes nothing.

use super::{Analysis, Indicator, IndicatorKind, Verdict};
use crate::canonical;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use std::collections::BTreeSet;

/// Namespace of observables (STIX 2.1 section 2.9): every tool gives the same observable the same id.
const STIX: [u8; 16] = [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];
/// Namespace of everything else made here.
const OWN: [u8; 16] = [0x6e, 0x69, 0x67, 0x68, 0x74, 0x62, 0x45, 0x6c, 0x8c, 0x2e, 0x31, 0x0d, 0x5a, 0x77, 0x90, 0x4b];

/// One mail for an export.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its analysis.
    pub analysis: &'a Analysis,
    /// When it arrived, as far as that is known; the beginning of 1970 otherwise.
    pub at: Option<Timestamp>,
}

impl Source<'_> {
    fn time(&self) -> Timestamp {
        self.at.unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// STIX section 3.2: RFC 3339 in UTC.
    fn stamp(&self) -> String {
        self.time().strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
    }
}

/// A table with a header line. Lines end as RFC 4180 says.
pub fn csv(mails: &[Source<'_>]) -> String {
    let mut out = String::from("kind,value,defanged,verdict,score,mail_sha256\r\n");
    for m in mails {
        let a = m.analysis;
        for i in &a.indicators {
            let score = format!("{:.2}", a.score);
            let row =
                [word(i.kind), &i.value, &i.defanged, a.verdict.word(), score.as_str(), &a.sha256].map(cell).join(",");
            out.push_str(&row);
            out.push_str("\r\n");
        }
    }
    out
}

/// One cell. Spreadsheets run a text that begins like a formula, so an apostrophe is put in front of it; white space
/// and invisible characters at the front do not hide the beginning from them.
pub fn cell(s: &str) -> String {
    let clean: String = s.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let start = clean.trim_start_matches(|c: char| c.is_whitespace() || crate::text::hidden(c));
    // Full-width forms are taken for the plain ones by some.
    let formula = start.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) || s.starts_with(char::is_control);
    format!("\"{}{}\"", if formula { "'" } else { "" }, clean.replace('"', "\"\""))
}

const fn word(k: IndicatorKind) -> &'static str {
    match k {
        IndicatorKind::Url => "url",
        IndicatorKind::Domain => "domain",
        IndicatorKind::Email => "email",
        IndicatorKind::Ip => "ip",
        IndicatorKind::Sha256 => "sha256",
        IndicatorKind::Phone => "phone",
    }
}

/// A STIX 2.1 bundle: each indicator as an observable, and as an indicator with its pattern. Telephone numbers are
/// left out, because STIX has no object for them.
pub fn stix(mails: &[Source<'_>]) -> String {
    let (mut objects, mut seen) = (Vec::new(), BTreeSet::new());
    let mut add = |o: Value| {
        if seen.insert(o.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()) {
            objects.push(o);
        }
    };
    for m in mails {
        for i in &m.analysis.indicators {
            let Some((kind, property, pattern)) = observable(i) else { continue };
            let id = format!("{kind}--{}", uuid(STIX, &canonical::json(&property)));
            let mut object = json!({ "type": kind, "spec_version": "2.1", "id": id });
            if let (Some(o), Value::Object(p)) = (object.as_object_mut(), property) {
                o.extend(p);
            }
            add(object);
            let name = format!("{} {pattern}", m.analysis.sha256);
            add(json!({
                "type": "indicator", "spec_version": "2.1", "id": format!("indicator--{}", uuid(OWN, &name)),
                "created": m.stamp(), "modified": m.stamp(), "valid_from": m.stamp(),
                "name": i.defanged, "description": format!("From a reported mail, SHA-256 {}", m.analysis.sha256),
                "pattern": pattern, "pattern_type": "stix",
                "indicator_types": [match m.analysis.verdict {
                    Verdict::Malicious => "malicious-activity",
                    Verdict::Suspicious | Verdict::Spam => "anomalous-activity",
                    Verdict::LikelySafe | Verdict::Simulation => "benign",
                    Verdict::NeedOriginal => "unknown",
                }],
                "confidence": (m.analysis.score * 100.0).round() as u8,
            }));
        }
    }
    let name: String = objects.iter().filter_map(|o| o.get("id")?.as_str()).collect::<Vec<_>>().join(" ");
    json!({ "type": "bundle", "id": format!("bundle--{}", uuid(OWN, &name)), "objects": objects }).to_string()
}

/// Type, contributing property and pattern (STIX 2.1 sections 6 and 9).
fn observable(i: &Indicator) -> Option<(&'static str, Value, String)> {
    let quoted = i.value.replace('\\', "\\\\").replace('\'', "\\'");
    let plain = |kind: &'static str| Some((kind, json!({ "value": i.value }), format!("[{kind}:value = '{quoted}']")));
    match i.kind {
        IndicatorKind::Url => plain("url"),
        IndicatorKind::Domain => plain("domain-name"),
        IndicatorKind::Email => plain("email-addr"),
        IndicatorKind::Ip => {
            let v6 = i.value.trim_matches(['[', ']']);
            if v6.contains(':') {
                Some(("ipv6-addr", json!({ "value": v6 }), format!("[ipv6-addr:value = '{v6}']")))
            } else {
                plain("ipv4-addr")
            }
        }
        IndicatorKind::Sha256 => {
            Some(("file", json!({ "hashes": { "SHA-256": i.value } }), format!("[file:hashes.'SHA-256' = '{quoted}']")))
        }
        IndicatorKind::Phone => None,
    }
}

/// A MISP event for one mail. Only what is called malicious is marked for detection.
pub fn misp(mail: &Source<'_>) -> String {
    let a = mail.analysis;
    let event = uuid(OWN, &format!("event {}", a.sha256));
    let attributes: Vec<Value> = a
        .indicators
        .iter()
        .map(|i| {
            let (kind, category) = match i.kind {
                IndicatorKind::Url => ("url", "Network activity"),
                IndicatorKind::Domain => ("domain", "Network activity"),
                IndicatorKind::Email if i.value == a.from => ("email-src", "Payload delivery"),
                IndicatorKind::Email => ("email", "Payload delivery"),
                IndicatorKind::Ip => ("ip-dst", "Network activity"),
                IndicatorKind::Sha256 => ("sha256", "Payload delivery"),
                IndicatorKind::Phone => ("phone-number", "Other"),
            };
            json!({
                "uuid": uuid(OWN, &format!("{event} {kind} {}", i.value)), "type": kind, "category": category,
                "value": i.value.trim_matches(['[', ']']), "to_ids": a.verdict == Verdict::Malicious,
                "comment": i.defanged,
            })
        })
        .collect();
    json!({ "Event": {
        "uuid": event, "info": format!("Reported mail: {}", crate::text::one_line(&a.subject, 200)),
        "date": mail.time().strftime("%Y-%m-%d").to_string(), "timestamp": mail.time().as_second().max(0).to_string(),
        // 1 high, 2 medium, 3 low, 4 undefined; 0 initial, 2 complete; your organisation only.
        "threat_level_id": match a.verdict { Verdict::Malicious => "1", Verdict::Suspicious => "2", Verdict::Spam => "3", _ => "4" },
        "analysis": "0", "distribution": "0", "published": false, "Attribute": attributes,
    } })
    .to_string()
}

/// A name-based UUID, version 5.
fn uuid(namespace: [u8; 16], name: &str) -> String {
    let hash = Sha1::new().chain_update(namespace).chain_update(name.as_bytes()).finalize();
    let mut b: Vec<u8> = hash.iter().copied().take(16).collect();
    for (i, mask, bits) in [(6, 0x0f, 0x50), (8, 0x3f, 0x80)] {
        if let Some(x) = b.get_mut(i) {
            *x = *x & mask | bits;
        }
    }
    let mut out = String::with_capacity(36);
    for (i, x) in b.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        out.push_str(&format!("{x:02x}"));
    }
    out
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
