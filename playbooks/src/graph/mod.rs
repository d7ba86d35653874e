//! A playbook drawn: as plain data for the console, as Mermaid and DOT for documents, as SVG for browsers, and with
//! box characters for terminals. The layout is computed each time and never stored.

mod dot;
mod flow;
mod mermaid;
mod svg;
mod terminal;
mod words;

pub use dot::dot;
pub use mermaid::mermaid;
pub use svg::svg;
pub use terminal::terminal;

use crate::engine::Run;
use crate::model::{Kind, ListRef, Playbook, Step, WaitFor};
use nightbell_core::action::Effect;
use serde::{Deserialize, Serialize};

/// One step as a row of a drawn run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Step path.
    pub path: String,
    /// Kind of step, such as `ask`.
    pub kind: String,
    /// What it does, for people.
    pub label: String,
    /// Status in the run; `pending` without one.
    pub status: String,
    /// How deep it stands within switches and handlers.
    pub depth: u32,
    /// Which branch it stands in, in words; empty for the next step of the list.
    pub branch: String,
    /// Whether it waits for a person.
    pub human: bool,
    /// Whether its action cannot be taken back.
    pub destructive: bool,
}

/// Every step in the order of the file.
pub fn nodes(playbook: &Playbook, run: Option<&Run>) -> Vec<Node> {
    let mut out = Vec::new();
    list(playbook, run, &playbook.steps, 0, "", &mut out);
    list(playbook, run, &playbook.on_failure, 0, "on failure", &mut out);
    out
}

fn list(playbook: &Playbook, run: Option<&Run>, steps: &[Step], depth: u32, branch: &str, out: &mut Vec<Node>) {
    for (i, step) in steps.iter().enumerate() {
        out.push(Node {
            path: step.id.clone(),
            kind: step.kind.word().to_owned(),
            label: label(playbook, step),
            status: run.map_or("pending", |r| r.status_of(playbook, &step.id).word()).to_owned(),
            depth,
            branch: if i == 0 { branch.to_owned() } else { String::new() },
            human: is_human(step),
            destructive: class(playbook, step) == Some(Effect::Destructive),
        });
        for (inner, steps) in step.lists() {
            list(playbook, run, steps, depth + 1, &words(step, &inner), out);
        }
    }
}

/// Whether it waits for a person.
fn is_human(step: &Step) -> bool {
    matches!(step.kind, Kind::Ask(_) | Kind::Approve(_))
}

fn words(step: &Step, list: &ListRef) -> String {
    match (list, &step.kind) {
        (ListRef::Case(_, n), Kind::Switch(cases)) => match cases.get(*n) {
            Some((Some(cond), _)) => format!("if {cond}"),
            _ => "otherwise".to_owned(),
        },
        (ListRef::Branch(_, n), Kind::Parallel(p)) => {
            format!("branch {}", p.branches.get(*n).map_or("", |(name, _)| name.as_str()))
        }
        (ListRef::Body(_), Kind::ForEach(each)) => format!("for each {}", each.var),
        (ListRef::Body(_), Kind::Repeat(r)) => format!("while {}, at most {} times", r.cond, r.max),
        (ListRef::OnTimeout(_), _) => "when time runs out".to_owned(),
        _ => "on error".to_owned(),
    }
}

fn class(playbook: &Playbook, step: &Step) -> Option<Effect> {
    let action = match &step.kind {
        Kind::Uses(c) => &c.action,
        Kind::Approve(a) => &a.action.action,
        _ => return None,
    };
    playbook.manifest(action).map(|m| m.effect)
}

fn label(playbook: &Playbook, step: &Step) -> String {
    if !step.description.is_empty() {
        return step.description.clone();
    }
    let about = |action: &str| playbook.manifest(action).map_or_else(|| action.to_owned(), |m| m.about.clone());
    match &step.kind {
        Kind::Uses(c) => about(&c.action),
        Kind::Approve(a) => format!("Approval: {}", about(&a.action.action)),
        Kind::Ask(a) => a.form.first().map_or_else(String::new, |q| q.label.clone()),
        Kind::Switch(_) => "Decide".to_owned(),
        Kind::Parallel(_) => "At the same time".to_owned(),
        Kind::ForEach(each) => format!("For each {}", each.var.replace('_', " ")),
        Kind::Repeat(_) => "Repeat".to_owned(),
        Kind::Playbook(sub) => format!("Playbook {}", sub.id),
        Kind::Wait(w) => match &w.until {
            WaitFor::For(span) => format!("Wait for {span}"),
            WaitFor::Until(at) => format!("Wait until {at}"),
            WaitFor::Event { name, .. } => format!("Wait for the event {name}"),
        },
        Kind::Set(values) => format!("Note {}", values.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ")),
        Kind::End(end) => {
            end.outcome.as_ref().map_or_else(|| "End".to_owned(), |o| format!("End: {}", self::words::bare(o)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Library, builtin};

    #[test]
    fn every_step_is_drawn_and_marked() {
        let library = Library::shipped(builtin::manifests()).expect("library");
        let playbook = library.current("lost-device").expect("lost-device");
        let rows = nodes(&playbook, None);
        assert_eq!(rows.len(), playbook.walk().len());
        let wipe = rows.iter().find(|n| n.path == "wipe").expect("wipe");
        assert!(wipe.human && wipe.destructive && wipe.depth == 1 && wipe.status == "pending");
        let text = mermaid(&playbook, None);
        assert!(text.contains("s_wipe{{\"Approval: Erase the device\"}}"), "{text}");
        assert!(text.contains("class s_wipe destructive"), "{text}");
        assert!(text.contains("s_protect -->|\"otherwise\"| s_by__hand"), "{text}");
    }
}
