//! Times, states and values in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use nightbell_core::action::Effect;
use nightbell_core::alert::Severity;
use nightbell_core::case::{CaseKind, Status};
use nightbell_core::mail::Verdict;
use nightbell_core::person::{Directory, Person};
use nightbell_desk::records::RunRow;
use serde_json::Value;

/// An instant for people: `rel` beside `abs` in the reader's zone, `iso` for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    pub(crate) iso: String,
    pub(crate) rel: String,
    pub(crate) abs: String,
}

/// Whose clock and which moment a page is drawn for.
pub(crate) struct Reader {
    pub(crate) now: Timestamp,
    zone: TimeZone,
}

fn count(n: i64, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn span(seconds: i64) -> String {
    match seconds {
        ..90 => count(seconds.max(1), "second", "seconds"),
        90..5_400 => count((seconds + 30) / 60, "minute", "minutes"),
        5_400..129_600 => count((seconds + 1_800) / 3_600, "hour", "hours"),
        _ => count((seconds + 43_200) / 86_400, "day", "days"),
    }
}

impl Reader {
    /// In the person's zone, UTC when it is not known.
    pub(crate) fn new(now: Timestamp, person: &Person) -> Self {
        Self { now, zone: TimeZone::get(&person.zone).unwrap_or(TimeZone::UTC) }
    }

    /// An instant in words.
    pub(crate) fn when(&self, at: Timestamp) -> When {
        let seconds = self.now.as_second() - at.as_second();
        let rel = match seconds {
            -44..=44 => "just now".to_owned(),
            45.. => format!("{} ago", span(seconds)),
            _ => format!("in {}", span(-seconds)),
        };
        let abs = at.to_zoned(self.zone.clone()).strftime("%-d %b %Y, %H:%M %Z").to_string();
        When { iso: at.to_string(), rel, abs }
    }

    /// What is left until an instant.
    pub(crate) fn left(&self, until: Timestamp) -> String {
        let seconds = until.as_second() - self.now.as_second();
        if seconds <= 0 { "time is up, which means no".to_owned() } else { format!("{} left", span(seconds)) }
    }
}

/// Shown name of a person's id; `bot` and connectors are their own names.
pub(crate) fn name(people: &Directory, id: &str) -> String {
    match id {
        "bot" => "Nightbell".to_owned(),
        _ => people.find(id).map_or_else(|| reveal(id), |p| p.name.clone()),
    }
}

/// Roles in words, people by name.
pub(crate) fn names<'a>(people: &Directory, ids: impl IntoIterator<Item = &'a str>) -> String {
    let mut all: Vec<String> = Vec::new();
    for id in ids {
        let words = match id.strip_prefix("role:") {
            Some("on-call") => "whoever is on call".to_owned(),
            Some(role) => format!("any {role}"),
            None => name(people, id),
        };
        // The same person can stand there by id and by address.
        if !all.contains(&words) {
            all.push(words);
        }
    }
    all.join(", ")
}

/// Characters that hide or turn text around become visible: what is approved must read as what it is.
pub(crate) fn reveal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{00ad}' | '\u{061c}')
            || (c.is_control() && c != '\n' && c != '\t');
        if hidden { out.push_str(&format!("⟨U+{:04X}⟩", c as u32)) } else { out.push(c) }
    }
    out
}

/// Every argument in full, nested ones as JSON.
pub(crate) fn args(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Object(map) => map.iter().map(|(k, v)| (reveal(k), plain(v))).collect(),
        Value::Null => Vec::new(),
        other => vec![("value".to_owned(), plain(other))],
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(s) => reveal(s),
        Value::Array(_) | Value::Object(_) => reveal(&serde_json::to_string_pretty(value).unwrap_or_default()),
        other => other.to_string(),
    }
}

/// What an action of this class means.
pub(crate) const fn effect(class: Effect) -> &'static str {
    match class {
        Effect::Read => "Changes nothing outside",
        Effect::Notify => "Reaches people only",
        Effect::Change => "Changes something outside",
        Effect::Destructive => "Cannot easily be undone",
    }
}

/// Class name and word of a severity; the mark in front of it is part of the word's shape.
pub(crate) const fn severity(s: Severity) -> (&'static str, &'static str) {
    match s {
        Severity::Low => ("low", "Low"),
        Severity::Medium => ("medium", "Medium"),
        Severity::High => ("high", "High"),
        Severity::Critical => ("critical", "Critical"),
    }
}

/// Class name and words of a verdict.
pub(crate) const fn verdict(v: Verdict) -> (&'static str, &'static str) {
    match v {
        Verdict::Simulation => ("calm", "An exercise"),
        Verdict::LikelySafe => ("good", "No signs of danger found"),
        Verdict::Spam => ("calm", "Unwanted, not dangerous"),
        Verdict::NeedOriginal => ("warn", "Original needed"),
        Verdict::Suspicious => ("warn", "Suspicious"),
        Verdict::Malicious => ("bad", "Dangerous"),
    }
}

/// Class name and words of a case's status.
pub(crate) const fn status(s: Status) -> (&'static str, &'static str) {
    match s {
        Status::Open => ("open", "Open"),
        Status::Acknowledged => ("taken", "In somebody's hands"),
        Status::Closed => ("closed", "Closed"),
    }
}

/// What started a case.
pub(crate) const fn kind(k: CaseKind) -> &'static str {
    match k {
        CaseKind::Report => "Report by a person",
        CaseKind::Alert => "Alert by a system",
        CaseKind::Incident => "Declared incident",
        CaseKind::Task => "Planned work",
    }
}

/// The machine word of a value of the engine, which this crate knows by its written form only.
pub(crate) fn machine(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// How a run stands.
pub(crate) fn run(row: &RunRow) -> &'static str {
    match machine(&row.status).as_str() {
        "running" => "is running",
        "waiting" => "is waiting",
        "succeeded" => "ended well",
        "failed" => "failed",
        "cancelled" => "was stopped by a person",
        "needs_human" => "needs a person: an outcome is unknown",
        _ => "is in a state this version does not know",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_like_speech() {
        for (s, words) in
            [(1, "1 second"), (89, "89 seconds"), (540, "9 minutes"), (7_200, "2 hours"), (172_800, "2 days")]
        {
            assert_eq!(span(s), words);
        }
    }

    #[test]
    fn nothing_hides_in_an_argument() {
        assert_eq!(reveal("a\u{202e}b\u{7}"), "a⟨U+202E⟩b⟨U+0007⟩");
        assert_eq!(args(&serde_json::json!({"n": 3, "s": "x"})), [("n".into(), "3".into()), ("s".into(), "x".into())]);
    }
}
