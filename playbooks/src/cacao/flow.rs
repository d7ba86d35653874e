//! The workflow as a graph in which the end of a branch leads on to where its holder continues.
//!
//! In CACAO a branch of a condition or `parallel` step runs until an `end` step; then its holder goes on with its
//! own `on_completion`. Many documents draw the join directly instead. Both become plain edges here: a place is
//! a step together with the holders around it.

use super::doc::{Doc, Kind, TOP, one};
use crate::finding::Sink;
use serde_json::Value;
use std::collections::HashMap;

/// Number of the place where everything has ended.
pub(super) const EXIT: usize = 0;
/// Most places, and most holders around one.
const MAX_PLACES: usize = 3000;
const MAX_HOLDERS: usize = 40;

/// What happens at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum What {
    Exit,
    Step(usize),
    /// After a holder that says what comes after success and after failure.
    Outcome(usize),
}

/// A place and where it leads. Two ways after a step are success and failure; a condition leads to true and
/// false, a loop to its body and out, a switch to its cases in order and then the default.
#[derive(Debug)]
pub(super) struct Place {
    pub what: What,
    pub next: Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
enum To {
    Step(usize),
    Outcome,
    Again,
}

/// A holder around a place and where its branches lead when they end.
#[derive(Debug, Clone, Copy)]
struct Frame {
    parent: usize,
    depth: usize,
    owner: usize,
    to: To,
}

struct Builder<'d, 'a> {
    doc: &'d Doc<'a>,
    places: Vec<Place>,
    frames: Vec<Frame>,
    known: HashMap<(What, usize), usize>,
    inner: HashMap<(usize, usize), usize>,
    open: Vec<(usize, usize)>,
    too_much: bool,
}

/// The graph from a step on; None, with NB3022, when it is too large.
pub(super) fn build(doc: &Doc<'_>, start: usize, sink: &mut Sink) -> Option<(Vec<Place>, usize)> {
    let outside = Frame { parent: 0, depth: 0, owner: usize::MAX, to: To::Outcome };
    let mut b = Builder {
        doc,
        places: vec![Place { what: What::Exit, next: Vec::new() }],
        frames: vec![outside],
        known: HashMap::new(),
        inner: HashMap::new(),
        open: Vec::new(),
        too_much: false,
    };
    let entry = b.enter(start, 0);
    while let Some((place, frame)) = b.open.pop() {
        let next = b.next(place, frame);
        if let Some(p) = b.places.get_mut(place) {
            p.next = next;
        }
    }
    if b.too_much {
        let message = "the workflow leads through its own conditions in too many ways to be written as a list of steps";
        sink.error("NB3022", TOP, message, "split it into several playbooks, joined by `playbook-action`");
        return None;
    }
    Some((b.places, entry))
}

impl Builder<'_, '_> {
    fn place(&mut self, what: What, frame: usize) -> usize {
        if let Some(n) = self.known.get(&(what, frame)) {
            return *n;
        }
        if self.places.len() >= MAX_PLACES {
            self.too_much = true;
            return EXIT;
        }
        let n = self.places.len();
        self.places.push(Place { what, next: Vec::new() });
        self.known.insert((what, frame), n);
        self.open.push((n, frame));
        n
    }

    fn within(&mut self, parent: usize, owner: usize, to: To) -> usize {
        if let Some(n) = self.inner.get(&(parent, owner)) {
            return *n;
        }
        let depth = self.frames.get(parent).map_or(0, |f| f.depth) + 1;
        if depth > MAX_HOLDERS {
            self.too_much = true;
            return parent;
        }
        self.frames.push(Frame { parent, depth, owner, to });
        self.inner.insert((parent, owner), self.frames.len() - 1);
        self.frames.len() - 1
    }

    /// Going to a step. When it is where a holder around goes on, or a holder itself, that holder is left.
    fn enter(&mut self, step: usize, frame: usize) -> usize {
        let mut at = frame;
        while at != 0 {
            let Some(f) = self.frames.get(at).copied() else { break };
            if matches!(f.to, To::Step(c) if c == step) {
                return self.enter(step, f.parent);
            }
            if f.owner == step {
                return self.place(What::Step(step), f.parent);
            }
            at = f.parent;
        }
        if self.doc.steps.get(step).is_some_and(|s| s.kind == Kind::End) {
            return self.end(frame);
        }
        self.place(What::Step(step), frame)
    }

    /// The end of a branch, or of everything.
    fn end(&mut self, frame: usize) -> usize {
        if frame == 0 {
            return EXIT;
        }
        let Some(f) = self.frames.get(frame).copied() else { return EXIT };
        match f.to {
            To::Step(c) => self.enter(c, f.parent),
            To::Outcome => self.place(What::Outcome(f.owner), f.parent),
            To::Again => self.place(What::Step(f.owner), f.parent),
        }
    }

    fn to(&mut self, id: Option<&str>, frame: usize) -> usize {
        match id.and_then(|id| self.doc.find(id)) {
            Some(step) => self.enter(step, frame),
            None => self.end(frame),
        }
    }

    fn next(&mut self, place: usize, frame: usize) -> Vec<usize> {
        let Some(what) = self.places.get(place).map(|p| p.what) else { return Vec::new() };
        let (What::Step(n) | What::Outcome(n)) = what else { return Vec::new() };
        let Some(step) = self.doc.steps.get(n).copied() else { return Vec::new() };
        let success = step.success();
        let failure = step.text("on_failure");
        if matches!(what, What::Outcome(_)) {
            return vec![self.to(success, frame), self.to(failure, frame)];
        }
        let id = |key: &str| step.map.get(key).and_then(one);
        let holder = matches!(step.kind, Kind::If | Kind::Switch | Kind::Parallel | Kind::While);
        // Where it goes on itself, and how its branches lead there.
        let after = match (failure, success.and_then(|id| self.doc.find(id))) {
            (Some(_), _) => Some(To::Outcome),
            (None, Some(c)) => Some(To::Step(c)),
            (None, None) => None,
        };
        if !holder {
            return match failure {
                Some(_) => vec![self.to(success, frame), self.to(failure, frame)],
                None => vec![self.to(success, frame)],
            };
        }
        if step.kind == Kind::While {
            let body = self.within(frame, n, To::Again);
            let out = match (id("on_false"), after) {
                (Some(other), Some(to)) => {
                    // The way out is a branch of its own that ends where the loop goes on.
                    let frame = self.within(frame, n + self.doc.steps.len(), to);
                    self.to(Some(other), frame)
                }
                (Some(other), None) => self.to(Some(other), frame),
                (None, Some(To::Outcome)) => self.place(What::Outcome(n), frame),
                (None, _) => self.to(success, frame),
            };
            return vec![self.to(id("on_true"), body), out];
        }
        let inner = after.map_or(frame, |to| self.within(frame, n, to));
        match step.kind {
            Kind::If => vec![self.to(id("on_true"), inner), self.to(id("on_false"), inner)],
            Kind::Switch => {
                let cases = step.map.get("cases").and_then(Value::as_object);
                let mut next: Vec<usize> = Vec::new();
                for (_, v) in cases.into_iter().flatten().filter(|(k, _)| *k != "default") {
                    next.push(self.to(one(v), inner));
                }
                let default = cases.and_then(|c| c.get("default")).and_then(one);
                next.push(self.to(default, inner));
                next
            }
            _ => {
                let branches = step.texts("next_steps");
                if branches.is_empty() {
                    return vec![self.end(inner)];
                }
                branches.into_iter().map(|b| self.to(Some(b), inner)).collect()
            }
        }
    }
}
