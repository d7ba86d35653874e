//! Where an expression stands.

use crate::finding::Pos;

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
        }
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
