//! The steps of a file as they stand in it.

use crate::finding::Sink;
use crate::yaml::{Kind as Y, Node};
use std::collections::HashMap;

/// Names that records of a run use beside the ids of steps.
const RESERVED: &[&str] = &["run", "vars", "outputs"];

/// The tree of the file and its steps by id.
pub struct Nodes<'n> {
    root: &'n Node,
    steps: HashMap<&'n str, &'n Node>,
}

impl<'n> Nodes<'n> {
    /// Collects the steps; an id that stands twice is reported.
    pub fn new(root: &'n Node, sink: &mut Sink) -> Self {
        let mut out = Self { root, steps: HashMap::new() };
        for list in ["steps", "on_failure"] {
            out.list(root.get(list), sink);
        }
        out
    }

    /// The top of the file.
    pub const fn root(&self) -> &'n Node {
        self.root
    }

    /// A step by its id.
    pub fn step(&self, id: &str) -> Option<&'n Node> {
        self.steps.get(id).copied()
    }

    fn list(&mut self, list: Option<&'n Node>, sink: &mut Sink) {
        let Some(Y::Seq(items)) = list.map(|n| &n.kind) else { return };
        for step in items {
            self.add(step, sink);
            for (key, inner) in [
                (step.get("steps"), None),
                (step.get("repeat"), Some("steps")),
                (step.get("on_timeout"), None),
                (step.get("on_error"), None),
            ] {
                self.list(inner.map_or(key, |name| key.and_then(|n| n.get(name))), sink);
            }
            if let Some(Y::Seq(cases)) = step.get("switch").map(|n| &n.kind) {
                for case in cases {
                    self.list(case.get("steps"), sink);
                }
            }
            if let Some(Y::Map(branches)) = step.get("parallel").map(|n| &n.kind) {
                for (_, _, branch) in branches {
                    self.list(Some(branch), sink);
                }
            }
        }
    }

    fn add(&mut self, step: &'n Node, sink: &mut Sink) {
        let Some(id) = step.get("id") else { return };
        let Some(name) = id.text() else { return };
        if RESERVED.contains(&name) {
            let help = "records of a run use this word; choose another id";
            sink.error("NB1101", id.at, format!("`{name}` cannot be the id of a step"), help);
        }
        match self.steps.get(name).and_then(|n| n.get("id")) {
            Some(first) => {
                let message = format!("the id `{name}` is used twice; first in line {}", first.at.line);
                sink.error("NB1101", id.at, message, "ids are unique in the whole file: rename one of the two");
            }
            None => {
                self.steps.insert(name, step);
            }
        }
    }
}
