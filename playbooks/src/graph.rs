//! A playbook drawn: as plain data for the console and as Mermaid for documents. The layout is computed each
//! time and never stored.

use crate::engine::Run;
use crate::model::{Kind, ListRef, Playbook, Step};
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
            human: matches!(step.kind, Kind::Ask(_) | Kind::Approve(_)),
            destructive: class(playbook, step) == Some(Effect::Destructive),
        });
        for (inner, steps) in step.lists() {
            list(playbook, run, steps, depth + 1, &words(step, &inner), out);
        }
    }
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
        Kind::Wait(_) => "Wait".to_owned(),
        Kind::Set(values) => format!("Note {}", values.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ")),
        Kind::End(_) => "End".to_owned(),
    }
}

/// The same as a Mermaid flow chart.
pub fn mermaid(playbook: &Playbook, run: Option<&Run>) -> String {
    let mut out = String::from("flowchart TD\n");
    let ends = chart(&playbook.steps, vec![("start".to_owned(), String::new())], &mut out);
    out.push_str("  start((start))\n  done((end))\n");
    for (from, words) in ends {
        arrow(&from, "done", &words, &mut out);
    }
    for node in nodes(playbook, run) {
        let text = safe(&node.label);
        let (open, close) = match node.kind.as_str() {
            "ask" => ("[/\"", "\"/]"),
            "approve" => ("{{\"", "\"}}"),
            "switch" => ("{\"", "\"}"),
            _ => ("[\"", "\"]"),
        };
        out.push_str(&format!("  {}{open}{text}{close}\n", name(&node.path)));
        let mut classes = vec![node.status.as_str()];
        classes.extend(node.human.then_some("human"));
        classes.extend(node.destructive.then_some("destructive"));
        for class in classes.into_iter().filter(|c| *c != "pending") {
            out.push_str(&format!("  class {} {class}\n", name(&node.path)));
        }
    }
    out.push_str("  classDef human stroke-width:3px\n  classDef destructive stroke:#b00020\n");
    out.push_str(
        "  classDef succeeded fill:#d7f0dd\n  classDef waiting fill:#fff3c4\n  classDef failed fill:#f8d0d0\n",
    );
    out
}

/// Draws a list; gives the loose ends that lead on.
fn chart(steps: &[Step], mut from: Vec<(String, String)>, out: &mut String) -> Vec<(String, String)> {
    for step in steps {
        for (f, words) in from.drain(..) {
            arrow(&f, &name(&step.id), &words, out);
        }
        if matches!(step.kind, Kind::End(_)) && step.cond.is_none() {
            arrow(&name(&step.id), "done", "", out);
            return Vec::new();
        }
        let mut ends = Vec::new();
        for (inner, steps) in step.lists() {
            ends.extend(chart(steps, vec![(name(&step.id), words(step, &inner))], out));
        }
        let falls_through = match &step.kind {
            Kind::Switch(cases) => cases.iter().all(|(c, _)| c.is_some()),
            _ => true,
        };
        if falls_through {
            ends.push((name(&step.id), String::new()));
        }
        from = ends;
    }
    from
}

fn arrow(from: &str, to: &str, words: &str, out: &mut String) {
    if words.is_empty() {
        out.push_str(&format!("  {from} --> {to}\n"));
    } else {
        out.push_str(&format!("  {from} -->|\"{}\"| {to}\n", safe(words)));
    }
}

/// Ids of steps may be words of Mermaid itself, such as `end`.
fn name(id: &str) -> String {
    format!("s_{}", id.replace('-', "_"))
}

fn safe(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars()
        .take(80)
        .map(plain)
        .collect::<String>()
        .replace('&', "#amp;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
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
        assert!(text.contains("s_protect -->|\"otherwise\"| s_by_hand"), "{text}");
    }
}
