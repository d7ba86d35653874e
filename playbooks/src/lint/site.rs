//! Where an expression stands.

use crate::finding::Pos;
use crate::model::{Kind, ListRef, Playbook};

/// Where an expression stands and what it may see.
#[derive(Clone)]
pub struct Site<'a> {
    pub(super) at: Pos,
    pub(super) roots: Vec<&'a str>,
    /// Steps before this order are visible.
    pub(super) order: usize,
    /// The step whose own outputs are visible too: its `undo`.
    pub(super) own: Option<&'a str>,
    /// The step whose `answers` are visible.
    pub(super) form: Option<&'a str>,
    /// Where a secret must not stand, in words; None where it may.
    pub(super) no_secret: Option<(&'static str, &'a str)>,
    pub(super) clock: bool,
    /// The loops around it, outermost first.
    pub(super) scope: Vec<String>,
    /// The branches around it: the `parallel` and which branch.
    pub(super) branches: Vec<(String, usize)>,
}

impl<'a> Site<'a> {
    pub fn new(at: Pos, roots: &[&'a str], order: usize) -> Self {
        Self {
            at,
            roots: roots.to_vec(),
            order,
            own: None,
            form: None,
            no_secret: Some(("NB1603", "here")),
            clock: true,
            scope: Vec::new(),
            branches: Vec::new(),
        }
    }
    /// Where a step stands: which loops and branches are around it, and the names that they give.
    pub fn standing(mut self, id: &str, pb: &'a Playbook) -> Self {
        self.scope = pb.place(id).map(|p| p.scope.clone()).unwrap_or_default();
        self.branches = branches(pb, id);
        for holder in self.scope.clone() {
            self = self.names_of(&holder, pb);
        }
        self
    }
    /// As if it stood inside the loop `id`: its condition.
    pub fn within(mut self, id: &str, pb: &'a Playbook) -> Self {
        self = self.names_of(id, pb);
        self.scope.push(id.to_owned());
        self
    }
    fn names_of(mut self, holder: &str, pb: &'a Playbook) -> Self {
        self.roots.push("loop");
        if let Some(Kind::ForEach(each)) = pb.step(holder).map(|s| &s.kind) {
            self.roots.push(&each.var);
        }
        self
    }
    pub const fn timeless(mut self) -> Self {
        self.clock = false;
        self
    }
    pub const fn quiet(mut self, place: &'a str) -> Self {
        self.no_secret = Some(("NB1603", place));
        self
    }
    pub const fn people(mut self) -> Self {
        self.no_secret = Some(("NB1601", "text for people"));
        self
    }
    pub const fn secrets(mut self) -> Self {
        self.no_secret = None;
        self
    }
    pub const fn own(mut self, id: &'a str) -> Self {
        self.own = Some(id);
        self
    }
    pub fn form(mut self, id: &'a str) -> Self {
        self.form = Some(id);
        self.roots.push("answers");
        self
    }
    pub fn also(mut self, root: &'a str) -> Self {
        self.roots.push(root);
        self
    }
}

/// The branches around a step, innermost first.
pub fn branches(pb: &Playbook, id: &str) -> Vec<(String, usize)> {
    let (mut out, mut at) = (Vec::new(), id.to_owned());
    while let Some(place) = pb.place(&at) {
        let up = match &place.list {
            ListRef::Main | ListRef::OnFailure => break,
            ListRef::Branch(up, n) => {
                out.push((up.clone(), *n));
                up
            }
            ListRef::Case(up, _) | ListRef::Body(up) | ListRef::OnError(up) | ListRef::OnTimeout(up) => up,
        };
        at.clone_from(up);
    }
    out
}
