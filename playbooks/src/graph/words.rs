//! What a drawing says about a step beside its label.

use super::class;
use crate::model::{Handler, Kind, Playbook, Step};
use nightbell_core::action::Effect;

/// Short lines: what it calls, whom it asks, how long, and under which condition.
pub fn details(playbook: &Playbook, step: &Step) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(cond) = &step.cond {
        out.push(format!("only if {cond}"));
    }
    let effect = class(playbook, step).map(|e| format!(" ({})", e.word())).unwrap_or_default();
    match &step.kind {
        Kind::Uses(c) => out.push(format!("{}{effect}", c.action)),
        Kind::Approve(a) => {
            out.push(format!("{}{effect}", a.action.action));
            let many = if a.quorum > 1 { format!(", {} people", a.quorum) } else { String::new() };
            out.push(format!("decided by {}{many}", who(&a.by)));
        }
        Kind::Ask(a) => {
            let more = if a.form.len() > 1 { format!(", {} questions", a.form.len()) } else { String::new() };
            out.push(format!("asks {}{more}", who(&a.to)));
        }
        Kind::ForEach(e) => {
            let at_once = if e.max_parallel > 1 { format!(", {} at once", e.max_parallel) } else { String::new() };
            out.push(format!("of {}{at_once}", who(&e.items)));
        }
        Kind::Repeat(r) => out.push(format!("while {}, at most {} times", r.cond, r.max)),
        Kind::Parallel(p) => out.push(if p.any { "goes on with the first" } else { "waits for all" }.to_owned()),
        _ => {}
    }
    if let Some(span) = step.deadline() {
        out.push(format!("{span}, then {}", late(step)));
    }
    if let Some(r) = &step.retry {
        out.push(format!("up to {} tries", r.attempts));
    }
    if step.on_error == Handler::Continue {
        out.push("goes on after an error".to_owned());
    }
    out
}

fn late(step: &Step) -> &'static str {
    match step.late() {
        Handler::Fail => "fails",
        Handler::Continue => "goes on",
        Handler::Escalate => "escalates",
        Handler::Steps(_) => "the steps for it",
    }
}

/// An expression without its braces.
pub fn bare(text: &str) -> &str {
    let inner = text.trim().strip_prefix("{{").and_then(|t| t.strip_suffix("}}"));
    inner.filter(|t| !t.contains("{{")).unwrap_or(text).trim()
}

/// A recipient as a person says it.
fn who(text: &str) -> &str {
    bare(text).trim_start_matches("role:")
}

/// Whether the step changes something that can be taken back.
pub fn is_change(playbook: &Playbook, step: &Step) -> bool {
    class(playbook, step) == Some(Effect::Change)
}

/// Text as a drawing may show it: one line, no control characters, no signs that turn the direction of text.
pub fn clean(text: &str) -> String {
    let bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let text: String = text.chars().map(|c| if bad(c) { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// At most so many characters, with a sign for what is left out.
pub fn short(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.truncate(out.trim_end().len());
    out + "…"
}
