//! Placeholders for private values, and their way back.
//!
//! One vault belongs to one conversation. The same value has the same placeholder in it; values of other
//! conversations are unknown to it. Secrets are never kept: their placeholder has no number and no way back.

mod clearance;
mod copies;
mod key;
mod mark;
mod stream;

pub use clearance::Clearance;
pub use key::{Correlation, CorrelationKey};
pub use stream::Stream;

use crate::{Detector, Kind, Redacted, Span, Untrusted};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Most values of one kind. A text with more of them is a list: they become placeholders without a way back.
const MOST: usize = 10_000;

/// Longest value that is kept, in bytes.
const LONGEST: usize = 1_000;

/// The values of one conversation. Serialise it only sealed: it holds what redaction hides. `Debug` shows counts only.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Vault {
    values: BTreeMap<Kind, Vec<String>>,
    numbers: HashMap<(Kind, String), usize>,
}

/// What is written: the values in the order of their numbers.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    values: BTreeMap<Kind, Vec<String>>,
}

impl From<Stored> for Vault {
    fn from(s: Stored) -> Self {
        let mut values = s.values;
        values.retain(|k, _| !k.is_secret());
        let numbers =
            values.iter().flat_map(|(k, v)| v.iter().enumerate().map(|(i, t)| ((*k, t.clone()), i + 1))).collect();
        Self { values, numbers }
    }
}

impl From<Vault> for Stored {
    fn from(v: Vault) -> Self {
        Self { values: v.values }
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.values.iter().map(|(k, v)| (k.label(), v.len()))).finish()
    }
}

impl Vault {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces every found value. Text that only looks like a placeholder is escaped, so that nobody can ask for the
    /// value of another by writing its placeholder.
    pub fn redact(&mut self, detector: &Detector, text: &str) -> Redacted {
        self.redact_found(detector, text).0
    }

    /// Replaces every found value of a text from outside.
    pub fn redact_untrusted(&mut self, detector: &Detector, text: &Untrusted) -> Redacted {
        self.redact(detector, text.evidence())
    }

    /// As [`Vault::redact`], with the places that were replaced.
    pub fn redact_found(&mut self, detector: &Detector, text: &str) -> (Redacted, Vec<Span>) {
        let found = detector.find(text);
        let spans = copies::with_copies(text, found, &self.values);
        (self.replace(text, &spans), spans)
    }

    /// The strings and names of a JSON document, one by one: it stays the same document. Numbers that are private on
    /// their own (a card as a number) become strings.
    pub fn redact_json(&mut self, detector: &Detector, value: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::String(s) => Value::String(self.redact(detector, s).as_str().to_owned()),
            Value::Number(n) => {
                let text = n.to_string();
                let r = self.redact(detector, &text);
                if r.as_str() == text { value.clone() } else { Value::String(r.as_str().to_owned()) }
            }
            Value::Array(a) => Value::Array(a.iter().map(|v| self.redact_json(detector, v)).collect()),
            Value::Object(o) => {
                let mut out = serde_json::Map::new();
                for (k, v) in o {
                    let name = self.redact(detector, k).as_str().to_owned();
                    // The name announces the value: {"password": "…"}.
                    let v = match v {
                        Value::String(s) => self.member(detector, k, s),
                        _ => self.redact_json(detector, v),
                    };
                    out.insert(name, v);
                }
                Value::Object(out)
            }
            _ => value.clone(),
        }
    }

    fn member(&mut self, detector: &Detector, name: &str, value: &str) -> serde_json::Value {
        let joined = format!("{name}: {value}");
        let from = joined.len() - value.len();
        let named = detector.find(&joined);
        let alone = detector.find(value);
        let mut spans: Vec<Span> = named
            .into_iter()
            .filter(|s| s.start >= from)
            .map(|s| Span::new(s.start - from, s.end - from, s.kind))
            .collect();
        for s in alone {
            if spans.iter().all(|o| o.end <= s.start || s.end <= o.start) {
                spans.push(s);
            }
        }
        spans.sort_unstable_by_key(|s| s.start);
        let spans = copies::with_copies(value, spans, &self.values);
        serde_json::Value::String(self.replace(value, &spans).as_str().to_owned())
    }

    pub(crate) fn replace(&mut self, text: &str, spans: &[Span]) -> Redacted {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for s in spans {
            let (Some(gap), Some(value)) = (text.get(from..s.start), text.get(s.start..s.end)) else { continue };
            mark::escape_into(gap, &mut out);
            out.push_str(&self.placeholder(s.kind, value));
            from = s.end;
        }
        mark::escape_into(text.get(from..).unwrap_or_default(), &mut out);
        Redacted::new(out)
    }

    /// `<EMAIL_1>`, or `<PASSWORD>` for what is never restored.
    fn placeholder(&mut self, kind: Kind, value: &str) -> String {
        let label = kind.label();
        if kind.is_secret() || value.len() > LONGEST {
            return format!("<{label}>");
        }
        let known = self.numbers.get(&(kind, value.to_owned())).copied();
        let list = self.values.entry(kind).or_default();
        let number = match known {
            Some(n) => n,
            None if list.len() >= MOST => return format!("<{label}>"),
            None => {
                list.push(value.to_owned());
                self.numbers.insert((kind, value.to_owned()), list.len());
                list.len()
            }
        };
        format!("<{label}_{number}>")
    }

    fn value(&self, kind: Kind, number: usize) -> Option<&str> {
        self.values.get(&kind)?.get(number.checked_sub(1)?).map(String::as_str)
    }

    /// The text with its values, for a person who may see them. Placeholders that this vault did not hand out stay.
    ///
    /// ```compile_fail
    /// # let (vault, text) = (nightbell_privacy::Vault::new(), todo!());
    /// vault.restore(&text);
    /// ```
    pub fn restore(&self, text: &Redacted, _seen_by: &Clearance) -> String {
        mark::restore(text.as_str(), &|k, n| self.value(k, n))
    }

    /// What a model wrote about a redacted text. Models change placeholders: `PERSON_1`, `<person_1>` and `[PERSON_1]`
    /// are understood, unknown ones become `…`. Scrub the text first ([`crate::output::scrub`]).
    pub fn restore_answer(&self, answer: &str, _seen_by: &Clearance) -> String {
        mark::restore_loosely(answer, &|k, n| self.value(k, n))
    }
}
