//! What is known at one place of a run: which statuses each step can have, and which values surely exist.

use crate::model::{AskSpec, Kind, Playbook};
use std::collections::{BTreeMap, BTreeSet};

/// Not reached.
pub const PENDING: u8 = 1;
/// Its `if` was false.
pub const SKIPPED: u8 = 2;
/// Failed, and the run went on.
pub const FAILED: u8 = 4;
/// Ran out of time: a question without all required answers, an approval that nobody decided.
pub const LATE: u8 = 8;
/// A question that ran out of time after its required answers; an approval that was decided, but not granted.
pub const HALF: u8 = 16;
/// Succeeded; an approval: granted.
pub const DONE: u8 = 32;
/// Every status.
pub const ANY: u8 = 63;

/// What is known at one place.
#[derive(Debug, Clone)]
pub struct State {
    /// By order of the step in the file, from 1.
    pub masks: Vec<u8>,
    /// Paths that surely have a value, and so have their parents.
    pub defined: BTreeSet<String>,
    /// Paths and steps that a condition around this place asks about in a way that is not followed exactly: the
    /// author has thought of them.
    pub asked: BTreeSet<String>,
    /// Variables that are surely set.
    pub vars: BTreeSet<String>,
    /// No run comes here: what conditions say contradicts itself.
    pub dead: bool,
}

impl State {
    pub fn start(pb: &Playbook) -> Self {
        let vars = pb.vars.iter().map(|(n, _)| n.clone()).collect();
        let masks = vec![PENDING; pb.places.len() + 1];
        Self { masks, vars, defined: BTreeSet::new(), asked: BTreeSet::new(), dead: false }
    }

    pub fn mask(&self, order: usize) -> u8 {
        self.masks.get(order).copied().unwrap_or(ANY)
    }

    pub fn set(&mut self, order: usize, mask: u8) {
        if let Some(m) = self.masks.get_mut(order) {
            *m = mask;
        }
    }

    /// Two ways lead here.
    pub fn join(mut self, other: Self) -> Self {
        if self.dead || other.dead {
            return if self.dead { other } else { self };
        }
        for (m, o) in self.masks.iter_mut().zip(&other.masks) {
            *m |= o;
        }
        self.defined = meet(&self.defined, &other.defined);
        self.asked = meet(&self.asked, &other.asked);
        self.vars = meet(&self.vars, &other.vars);
        self
    }

    /// All ways that lead here; None when there is none.
    pub fn join_all(ways: impl IntoIterator<Item = Option<Self>>) -> Option<Self> {
        ways.into_iter().flatten().reduce(Self::join)
    }

    /// Whether the path surely has a value because a condition or an earlier use says so.
    pub fn has(&self, path: &str) -> bool {
        self.defined.contains(path) || below(&self.defined, path)
    }
}

fn below(set: &BTreeSet<String>, path: &str) -> bool {
    let prefix = format!("{path}.");
    set.range(prefix.clone()..).next().is_some_and(|p| p.starts_with(&prefix))
}

fn meet(a: &BTreeSet<String>, b: &BTreeSet<String>) -> BTreeSet<String> {
    let mut out: BTreeSet<String> = a.intersection(b).cloned().collect();
    // `a.b.c` on one way and `a.b` on the other: the shorter holds on both.
    for (one, other) in [(a, b), (b, a)] {
        out.extend(one.iter().filter(|p| below(other, p)).cloned());
    }
    out
}

/// What a condition says.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Statuses that are possible, by order of the step.
    pub masks: BTreeMap<usize, u8>,
    /// Paths that have a value.
    pub defined: BTreeSet<String>,
    /// See [`State::asked`].
    pub asked: BTreeSet<String>,
    /// It cannot be so at all.
    pub never: bool,
}

impl Facts {
    pub fn never() -> Self {
        Self { never: true, ..Self::default() }
    }

    pub fn and(mut self, other: Self) -> Self {
        for (k, m) in other.masks {
            let at = self.masks.entry(k).or_insert(ANY);
            *at &= m;
        }
        self.defined.extend(other.defined);
        self.asked.extend(other.asked);
        self.never |= other.never;
        self
    }

    pub fn or(self, other: Self) -> Self {
        if self.never {
            return other;
        }
        if other.never {
            return self;
        }
        let masks = self.masks.iter().filter_map(|(k, m)| Some((*k, m | other.masks.get(k)?))).collect();
        let defined = meet(&self.defined, &other.defined);
        let asked = self.asked.union(&other.asked).cloned().collect();
        Self { masks, defined, asked, never: false }
    }
}

/// Which statuses a word means for a kind of step.
pub fn word(kind: &Kind, word: &str) -> u8 {
    match (word, kind) {
        ("succeeded", Kind::Approve(_)) => DONE | HALF,
        ("succeeded", _) => DONE,
        ("timed_out", Kind::Ask(_)) => LATE | HALF,
        ("timed_out", _) => LATE,
        ("failed", _) => FAILED,
        ("skipped", _) => SKIPPED,
        ("pending", _) => PENDING,
        // Cancelled within a `parallel`, or under way: nothing is known of its outputs.
        _ => PENDING | FAILED,
    }
}

/// The statuses with which the output `fields` of a step surely exists, and those with which it can.
pub fn exists(kind: &Kind, fields: &[&str]) -> (u8, u8) {
    match (kind, fields) {
        (Kind::Ask(a), ["answers", question, ..]) => (always_answered(a, question), DONE | HALF | LATE | FAILED),
        // The answers so far are kept when nobody is left to ask.
        (Kind::Ask(_), _) => (DONE | HALF | LATE | FAILED, DONE | HALF | LATE | FAILED),
        (Kind::Approve(_), ["action", _, ..]) => (DONE, DONE),
        (Kind::Approve(_), _) => (DONE | HALF | LATE, DONE | HALF | LATE),
        _ => (DONE, DONE),
    }
}

fn always_answered(ask: &AskSpec, question: &str) -> u8 {
    let required = ask.form.iter().any(|q| q.id == question && q.required && q.cond.is_none());
    if required { DONE | HALF } else { 0 }
}

/// Statuses in words, for a message.
pub fn reasons(mask: u8, kind: &Kind) -> String {
    let late = if matches!(kind, Kind::Approve(_)) { "ran out of time or was not granted" } else { "ran out of time" };
    let rows = [(PENDING, "was not reached"), (SKIPPED, "was skipped"), (FAILED, "failed"), (LATE | HALF, late)];
    let words: Vec<&str> = rows.iter().filter(|(m, _)| mask & m != 0).map(|(_, w)| *w).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => "gave nothing".to_owned(),
    }
}
