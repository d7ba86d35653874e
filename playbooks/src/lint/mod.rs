//! The checker (`playbooks.md` section 11): what can be known before anything runs.
//!
//! Two passes. The first looks at each expression by itself: names, types, where secrets may stand. The second
//! ([`flow`]) goes through the steps as the engine would and knows at each place which values surely exist.

mod attack;
mod calls;
mod cond;
mod exprs;
mod facts;
mod flow;
mod flow_kinds;
mod later;
mod names;
mod nodes;
mod people;
mod place;
mod scope;
mod site;
mod snippet;
mod state;
mod steps;
mod taint;
mod unused;
mod values;
mod why;

pub use later::{compare_versions, never_tested, no_tests, quorums, same_version, unserved};
pub(crate) use nodes::Nodes;

use crate::expr::ast::Ex;
use crate::expr::extent::{Extent, parse_with_extent};
use crate::finding::{Mark, Pos, Sink};
use crate::model::{On, Playbook};
use crate::yaml::Node;
use nightbell_core::action::Manifest;
use place::Source;
use scope::Scope;
use site::Site;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;

/// An expression and where its parts stand.
pub(crate) type Tree = Rc<(Ex, Extent)>;

/// Where the text of an expression stands: its node, and the bytes of the node's value before it.
#[derive(Clone, Copy)]
pub(crate) struct Src<'a> {
    node: Option<&'a Node>,
    base: usize,
    at: Pos,
}

/// Everything the single checks need.
pub(crate) struct Lint<'a> {
    pub(crate) pb: &'a Playbook,
    pub(crate) manifests: &'a [Manifest],
    pub(crate) nodes: &'a Nodes<'a>,
    pub(crate) source: Source<'a>,
    pub(crate) scope: Scope,
    /// Names below the roots that some expression reads, such as `inputs.user` or `steps.lock.outputs.decision`.
    pub(crate) used: BTreeSet<String>,
    trees: HashMap<String, Result<Tree, (String, Range<usize>)>>,
    pub(crate) sink: &'a mut Sink,
}

/// Checks a decoded playbook as a whole.
pub(crate) fn check(pb: &Playbook, nodes: &Nodes<'_>, manifests: &[Manifest], sink: &mut Sink) {
    let (scope, source) = (Scope::new(pb), Source::new(&pb.source));
    let (used, trees) = (BTreeSet::new(), HashMap::new());
    let mut lint = Lint { pb, manifests, nodes, source, scope, used, trees, sink };
    lint.top();
    lint.steps(&pb.steps, false, false);
    lint.steps(&pb.on_failure, true, true);
    lint.outputs();
    lint.flow();
    lint.taint();
    lint.unused();
    lint.techniques();
}

impl<'a> Lint<'a> {
    /// The place of some bytes of an expression.
    pub(crate) fn mark(&self, src: Src<'_>, range: &Range<usize>) -> Mark {
        let bytes = src.base + range.start..src.base + range.end;
        src.node.map_or_else(|| src.at.into(), |n| self.source.mark(n, bytes))
    }

    /// The place of a whole scalar, or of the key or value that a finding is about.
    pub(crate) fn here(&self, node: Option<&Node>, or: Pos) -> Mark {
        match node.and_then(|n| Some((n, n.text()?))) {
            Some((n, text)) if !text.is_empty() => self.source.mark(n, 0..text.len()),
            _ => node.map_or(or, |n| n.at).into(),
        }
    }

    /// The id of a step: where a finding about the step as a whole points.
    pub(crate) fn id_mark(&self, id: &str) -> Mark {
        let step = self.nodes.step(id);
        let or = step.map_or_else(|| self.pb.step(id).map_or(Pos::default(), |s| s.at), |n| n.at);
        self.here(step.and_then(|n| n.get("id")), or)
    }

    pub(crate) fn tree(&mut self, source: &str) -> Result<Tree, (String, Range<usize>)> {
        if let Some(known) = self.trees.get(source) {
            return known.clone();
        }
        let tree = parse_with_extent(source).map(Rc::new);
        self.trees.insert(source.to_owned(), tree.clone());
        tree
    }

    fn top(&mut self) {
        let (pb, root) = (self.pb, self.nodes.root());
        for (n, trigger) in pb.triggers.iter().enumerate() {
            let node = root.get("triggers").and_then(|t| t.item(n));
            let site = Site::new(node.map_or(Pos::default(), |n| n.at), &["trigger"], 0).timeless();
            if let On::Alert(cond) = &trigger.on {
                self.condition(cond, &site, node.and_then(|n| n.get("alert")));
            }
            if let Some(cond) = &trigger.cond {
                self.condition(cond, &site, node.and_then(|n| n.get("if")));
            }
        }
        for input in &pb.inputs {
            let node = root.get("inputs").and_then(|n| n.get(&input.name));
            if let Some(default) = &input.default {
                let site = Site::new(node.map_or(Pos::default(), |n| n.at), &["trigger", "inputs"], 0);
                self.value(default, &site, node.and_then(|n| n.get("default")));
            }
        }
        let site = Site::new(root.at, &["trigger", "inputs"], 0);
        if let Some(d) = &pb.dedupe {
            self.template(&d.key, &site, root.get("dedupe").and_then(|n| n.get("key")));
        }
        if let Some(key) = pb.concurrency.as_ref().and_then(|c| c.key.as_ref()) {
            self.template(key, &site, root.get("concurrency").and_then(|n| n.get("key")));
        }
        for (name, value) in &pb.vars {
            let site = Site::new(root.at, &["trigger", "inputs", "vars", "run"], 0).quiet("vars");
            let ty = self.value(value, &site, root.get("vars").and_then(|n| n.get(name)));
            self.scope.set(name, ty);
        }
    }

    fn outputs(&mut self) {
        let root = self.nodes.root();
        for (name, value) in &self.pb.outputs {
            let node = root.get("outputs").and_then(|n| n.get(name));
            let roots = &["trigger", "inputs", "vars", "steps", "run"];
            let site = Site::new(root.at, roots, usize::MAX).quiet("outputs");
            self.value(value, &site, node);
        }
    }

    /// The node of a step; none for the handler that is added when a file has none.
    pub(crate) fn node(&self, id: &str) -> Option<&'a Node> {
        self.nodes.step(id)
    }
}
