//! A playbook drawn with box characters, at most 80 columns wide.

use super::words::{self, clean, short};
use super::{class, is_human, label, words as branch_words};
use crate::engine::Run;
use crate::model::{Kind, ListRef, Playbook, Step};
use nightbell_core::action::Effect;

/// Widest line.
const WIDTH: usize = 80;
/// Room that indentation may take before it is cut.
const DEEPEST: usize = 44;

/// The playbook for a terminal, with the state of a run when there is one; `colour` adds escape codes.
pub fn terminal(playbook: &Playbook, run: Option<&Run>, colour: bool) -> String {
    let mut out = Drawing { playbook, run, colour, lines: Vec::new() };
    out.plain(&format!("{} ({} {})", clean(&playbook.name), playbook.id, playbook.version));
    for trigger in &playbook.triggers {
        out.plain(&format!("starts on {}", crate::diff::trigger(trigger)));
    }
    out.plain("?  asks a person    !  needs a yes    ~  waits    X  cannot be taken back");
    out.plain("");
    out.plain("○ start");
    out.list(&playbook.steps, "");
    out.plain("● end");
    if !playbook.on_failure.is_empty() {
        out.plain("");
        out.plain("○ if anything fails");
        out.list(&playbook.on_failure, "");
        out.plain("● end, failed");
    }
    out.lines.join("\n")
}

struct Drawing<'a> {
    playbook: &'a Playbook,
    run: Option<&'a Run>,
    colour: bool,
    lines: Vec<String>,
}

impl Drawing<'_> {
    fn plain(&mut self, text: &str) {
        self.lines.extend(wrap(text, WIDTH));
    }

    /// Text behind a prefix; what does not fit goes on under the second prefix.
    fn text(&mut self, first: &str, later: &str, text: &str, paint: Option<&str>) {
        let (first, later) = (cut(first), cut(later));
        let room = WIDTH - first.chars().count().max(later.chars().count());
        for (n, part) in wrap(text, room).into_iter().enumerate() {
            let prefix = if n == 0 { &first } else { &later };
            self.lines.push(match paint.filter(|_| self.colour) {
                Some(code) => format!("{prefix}\x1b[{code}m{part}\x1b[0m"),
                None => format!("{prefix}{part}"),
            });
        }
    }

    fn list(&mut self, steps: &[Step], prefix: &str) {
        for step in steps {
            self.step(step, prefix);
        }
    }

    fn step(&mut self, step: &Step, prefix: &str) {
        let mut marks = String::new();
        marks.push_str(if matches!(step.kind, Kind::Ask(_)) { "?" } else { "" });
        marks.push_str(if matches!(step.kind, Kind::Approve(_)) { "!" } else { "" });
        marks.push_str(if matches!(step.kind, Kind::Wait(_)) { "~" } else { "" });
        let destructive = class(self.playbook, step) == Some(Effect::Destructive);
        marks.push_str(if destructive { "X" } else { "" });
        let marks = if marks.is_empty() { String::new() } else { format!("{marks} ") };
        let status = self.run.map(|r| r.status_of(self.playbook, &step.id).word());
        let state = status.map(|s| format!(" [{s}]")).unwrap_or_default();
        let paint = match status {
            Some("succeeded") => Some("32"),
            Some("waiting" | "running") => Some("1;33"),
            Some("failed" | "timed_out" | "unknown") => Some("1;31"),
            Some(_) => Some("2"),
            None if destructive => Some("1;31"),
            None if is_human(step) => Some("1;34"),
            None if matches!(step.kind, Kind::Wait(_)) => Some("33"),
            None => None,
        };
        let corner = if matches!(step.kind, Kind::End(_)) { "■" } else { "├" };
        let head = format!("{marks}{}: {}{state}", step.id, label(self.playbook, step));
        self.text(&format!("{prefix}{corner}─ "), &format!("{prefix}│    "), &short(&head, 240), paint);
        for detail in words::details(self.playbook, step) {
            self.text(&format!("{prefix}│    "), &format!("{prefix}│      "), &short(&detail, 160), Some("2"));
        }
        let lists = step.lists();
        for (n, (inner, steps)) in lists.iter().enumerate() {
            let last = n + 1 == lists.len();
            let (fork, under) = if last { ("└", " ") } else { ("├", "│") };
            let dashed = matches!(inner, ListRef::OnError(_) | ListRef::OnTimeout(_));
            let line = if dashed { "╌" } else { "─" };
            let words = short(&branch_words(step, inner), 160);
            let below = format!("{prefix}│  {under}  ");
            self.text(&format!("{prefix}│  {fork}{line}▸ "), &below, &words, Some("36"));
            self.list(steps, &below);
        }
    }
}

/// A prefix that leaves room for text, however deep it is.
fn cut(prefix: &str) -> String {
    let length = prefix.chars().count();
    if length <= DEEPEST {
        return prefix.to_owned();
    }
    let tail: String = prefix.chars().skip(length - DEEPEST + 1).collect();
    format!("…{tail}")
}

/// Columns that a sign takes: wide ones take two.
fn columns(c: char) -> usize {
    let wide = matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}');
    if wide { 2 } else { 1 }
}

fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let width: usize = word.chars().map(columns).sum();
        if used > 0 && used + 1 + width > room {
            out.push(String::new());
            used = 0;
        }
        if used > 0 {
            push(&mut out, ' ');
            used += 1;
        }
        for c in word.chars() {
            if used + columns(c) > room {
                out.push(String::new());
                used = 0;
            }
            push(&mut out, c);
            used += columns(c);
        }
    }
    out
}

fn push(lines: &mut [String], c: char) {
    if let Some(last) = lines.last_mut() {
        last.push(c);
    }
}
