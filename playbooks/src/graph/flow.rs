//! What follows what: the edges of a playbook, for drawings that lay themselves out.

use super::words;
use crate::model::{Kind, ListRef, Playbook, Step};

/// Why one follows the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In order.
    Next,
    /// A handler.
    Handler,
    /// The next turn of a loop.
    Back,
}

/// One follows the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    pub from: Spot,
    pub to: Spot,
    pub words: String,
    pub way: Way,
}

/// Something that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    Start,
    Failure,
    End,
    /// A step by its id.
    Step(String),
    /// Where the branches of a `parallel` come together.
    Join(String),
}

/// A loose end: from where, and in which words.
type Loose = (Spot, String, Way);

/// Every edge, in the order of the file.
pub fn edges(playbook: &Playbook) -> Vec<Edge> {
    let mut out = Vec::new();
    for (start, steps) in [(Spot::Start, &playbook.steps), (Spot::Failure, &playbook.on_failure)] {
        if steps.is_empty() {
            continue;
        }
        for end in list(steps, vec![(start, String::new(), Way::Next)], &mut out) {
            edge(end, Spot::End, &mut out);
        }
    }
    out
}

fn edge((from, words, way): Loose, to: Spot, out: &mut Vec<Edge>) {
    out.push(Edge { from, to, words, way });
}

/// Adds a list; gives the loose ends that lead on.
fn list(steps: &[Step], mut from: Vec<Loose>, out: &mut Vec<Edge>) -> Vec<Loose> {
    for step in steps {
        let here = Spot::Step(step.id.clone());
        for loose in from.drain(..) {
            edge(loose, here.clone(), out);
        }
        let on = |words: &str| (here.clone(), words.to_owned(), Way::Next);
        if matches!(step.kind, Kind::End(_)) {
            edge(on(""), Spot::End, out);
            if step.cond.is_none() {
                return Vec::new();
            }
            from = vec![on("skipped")];
            continue;
        }
        let mut ends = Vec::new();
        for (inner, steps) in step.lists() {
            let way =
                if matches!(inner, ListRef::OnError(_) | ListRef::OnTimeout(_)) { Way::Handler } else { Way::Next };
            let loose = list(steps, vec![(here.clone(), words(step, &inner), way)], out);
            match inner {
                ListRef::Body(_) => {
                    for (from, _, _) in loose {
                        edge((from, "again".to_owned(), Way::Back), here.clone(), out);
                    }
                }
                ListRef::Branch(..) => {
                    for end in loose {
                        edge(end, Spot::Join(step.id.clone()), out);
                    }
                }
                _ => ends.extend(loose),
            }
        }
        match &step.kind {
            Kind::Switch(cases) if cases.iter().any(|(c, _)| c.is_none()) => {}
            Kind::Switch(_) => ends.push(on("none of these")),
            Kind::Parallel(_) => ends.push((Spot::Join(step.id.clone()), String::new(), Way::Next)),
            Kind::ForEach(_) | Kind::Repeat(_) => ends.push(on("done")),
            _ => ends.push(on("")),
        }
        from = ends;
    }
    from
}

/// What the place where branches come together waits for.
pub fn join_words(step: &Step) -> &'static str {
    match &step.kind {
        Kind::Parallel(p) if p.any => "the first success",
        _ => "all of them",
    }
}
