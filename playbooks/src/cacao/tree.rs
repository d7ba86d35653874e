//! From the graph to nested steps: joins are found by post-dominance, loops become `repeat`, and short tails that
//! several ways share are written several times.

use super::cycles::{END, cycles, meet};
use super::doc::{Doc, Kind, TOP};
use super::flow::{EXIT, Place, What};
use crate::finding::Sink;
use std::collections::{BTreeSet, HashMap};

/// A statement of the structured workflow. Steps are numbers of the document.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stmt {
    Step(usize),
    /// A condition or switch with its ways in order; the last one is the default.
    Choice(usize, Vec<Vec<Self>>),
    /// What follows success and failure of the step before.
    Outcome(usize, Vec<Self>, Vec<Self>),
    /// A loop: its `while` step if it is one, its number, whether a way leads out of its middle, the body.
    Repeat(Option<usize>, usize, bool, Vec<Self>),
    /// Leaves a loop by a way out, from 1.
    Leave(usize, usize),
    /// Where the ways out of a loop lead, the ordinary one last.
    Left(usize, Vec<Vec<Self>>),
    Parallel(usize, Vec<Vec<Self>>),
    /// The run ends here.
    End,
}

/// Most steps in a row that are written a second time, most statements, deepest nesting.
const MAX_TAIL: usize = 20;
const MAX_STATEMENTS: usize = 600;
const MAX_NESTING: usize = 12;

const LOOP: usize = 1_000_000;
const LEAVE: usize = 2_000_000;

/// A part of the graph without cycles: loops in it count as one place.
struct Scope {
    members: BTreeSet<usize>,
    header: Option<usize>,
    number: usize,
    /// The way out by which a place outside is reached, from 1.
    ways: HashMap<usize, usize>,
    stands_for: HashMap<usize, usize>,
    loops: Vec<(usize, BTreeSet<usize>)>,
    join: HashMap<usize, usize>,
}

pub(super) struct Builder<'d, 'a> {
    doc: &'d Doc<'a>,
    places: &'d [Place],
    written: BTreeSet<usize>,
    tail: Vec<usize>,
    statements: usize,
    loops: usize,
    /// The code, sentence and steps of what went wrong first.
    failed: Option<(&'static str, &'static str, BTreeSet<usize>)>,
}

/// Structures the graph. Errors: NB3020, NB3022.
pub(super) fn build(doc: &Doc<'_>, places: &[Place], entry: usize, sink: &mut Sink) -> Vec<Stmt> {
    let mut b =
        Builder { doc, places, written: BTreeSet::new(), tail: Vec::new(), statements: 0, loops: 0, failed: None };
    let all: BTreeSet<usize> = (1..places.len()).collect();
    let mut out = Vec::new();
    if let Some(scope) = b.scope(entry, all, None, HashMap::new()) {
        out = b.list(&scope, b.edge(&scope, entry), END, true, 0);
    }
    if let Some((code, message, steps)) = b.failed {
        let ids: Vec<&str> = steps.iter().filter_map(|n| doc.steps.get(*n)).map(|s| s.id).take(12).collect();
        let help = if code == "NB3020" {
            "end it with an `end` step, or decide with a condition when it goes on"
        } else {
            "let each branch of a condition end in an `end` step of its own and go on after the condition"
        };
        sink.error(code, TOP, format!("{message}: {}", ids.join(", ")), help);
    }
    out
}

impl Builder<'_, '_> {
    fn fail(&mut self, code: &'static str, message: &'static str, places: &BTreeSet<usize>) {
        if self.failed.is_none() {
            let steps = places.iter().filter_map(|p| self.step_of(*p)).collect();
            self.failed = Some((code, message, steps));
        }
    }

    fn step_of(&self, place: usize) -> Option<usize> {
        match self.places.get(place)?.what {
            What::Step(n) | What::Outcome(n) => Some(n),
            What::Exit => None,
        }
    }

    fn next(&self, place: usize) -> &[usize] {
        self.places.get(place).map_or(&[], |p| p.next.as_slice())
    }

    /// What a place is within a scope, before loops are taken together.
    fn raw(scope: &Scope, to: usize) -> usize {
        if Some(to) == scope.header || (to == EXIT && scope.header.is_none()) {
            END
        } else if scope.members.contains(&to) {
            to
        } else {
            LEAVE + to
        }
    }

    fn edge(&self, scope: &Scope, to: usize) -> usize {
        let raw = Self::raw(scope, to);
        scope.stands_for.get(&raw).copied().unwrap_or(raw)
    }

    fn successors(&self, scope: &Scope, v: usize) -> Vec<usize> {
        if v == END {
            return Vec::new();
        }
        if v >= LEAVE {
            return vec![END];
        }
        let mut out = Vec::new();
        if let Some((_, members)) = v.checked_sub(LOOP).and_then(|i| scope.loops.get(i)) {
            for to in members.iter().flat_map(|m| self.next(*m)) {
                let to = self.edge(scope, *to);
                if to != v && !out.contains(&to) {
                    out.push(to);
                }
            }
        } else {
            out.extend(self.next(v).iter().map(|to| self.edge(scope, *to)));
        }
        out
    }

    fn scope(
        &mut self,
        entry: usize,
        members: BTreeSet<usize>,
        header: Option<usize>,
        ways: HashMap<usize, usize>,
    ) -> Option<Scope> {
        let number = self.loops;
        let mut scope = Scope {
            members,
            header,
            number,
            ways,
            stands_for: HashMap::new(),
            loops: Vec::new(),
            join: HashMap::new(),
        };
        let edges: HashMap<usize, Vec<usize>> = scope
            .members
            .iter()
            .map(|m| {
                let inner = |to: &usize| Some(Self::raw(&scope, *to)).filter(|t| *t < LOOP);
                (*m, self.next(*m).iter().filter_map(inner).collect())
            })
            .collect();
        let start = header.unwrap_or(entry);
        for members in cycles(&edges, start) {
            let leaves =
                members.iter().flat_map(|m| self.next(*m)).any(|to| !members.contains(&Self::raw(&scope, *to)));
            if !leaves {
                self.fail("NB3020", "these steps lead back to each other and nothing ever ends that", &members);
                return None;
            }
            let from_outside =
                |m: &&usize| **m == start || edges.iter().any(|(from, to)| !members.contains(from) && to.contains(*m));
            let entries: Vec<usize> = members.iter().filter(from_outside).copied().collect();
            let [only] = entries.as_slice() else {
                self.fail("NB3022", "the workflow jumps into the middle of a loop", &members);
                return None;
            };
            let n = LOOP + scope.loops.len();
            scope.stands_for.extend(members.iter().map(|m| (*m, n)));
            scope.loops.push((*only, members));
        }
        self.joins(&mut scope, header.map_or(entry, |h| h));
        Some(scope)
    }

    /// The place where all ways from a place meet again.
    fn joins(&self, scope: &mut Scope, entry: usize) {
        let first = if scope.header.is_some() { entry } else { self.edge(scope, entry) };
        let mut depth: HashMap<usize, usize> = HashMap::from([(END, 0)]);
        let mut join: HashMap<usize, usize> = HashMap::new();
        let mut open = vec![(first, false)];
        let mut seen = BTreeSet::new();
        while let Some((v, done)) = open.pop() {
            if v == END {
                continue;
            }
            let next = self.successors(scope, v);
            if !done {
                if seen.insert(v) {
                    open.push((v, true));
                    open.extend(next.into_iter().map(|n| (n, false)));
                }
                continue;
            }
            let met = next.into_iter().reduce(|a, b| meet(a, b, &depth, &join)).unwrap_or(END);
            depth.insert(v, depth.get(&met).copied().unwrap_or(0) + 1);
            join.insert(v, met);
        }
        scope.join = join;
    }

    fn list(&mut self, scope: &Scope, from: usize, stop: usize, flat: bool, nesting: usize) -> Vec<Stmt> {
        let (mut out, mut v) = (Vec::new(), from);
        if nesting > MAX_NESTING {
            self.fail("NB3022", "conditions are nested too deeply here", &BTreeSet::from([from]));
        }
        while v != stop && v != END && self.failed.is_none() {
            self.statements += 1;
            if self.statements > MAX_STATEMENTS {
                self.fail("NB3022", "too many steps would have to be written several times", &BTreeSet::from([v]));
                break;
            }
            if v >= LEAVE {
                out.push(Stmt::Leave(scope.number, scope.ways.get(&(v - LEAVE)).copied().unwrap_or(1)));
                break;
            }
            if v >= LOOP {
                v = self.repeat(scope, v, flat, nesting, &mut out);
                continue;
            }
            let Some(what) = self.places.get(v).map(|p| p.what) else { break };
            let (What::Step(n) | What::Outcome(n)) = what else { break };
            let kind = self.doc.steps.get(n).map_or(Kind::End, |s| s.kind);
            let next: Vec<usize> = self.next(v).iter().map(|t| self.edge(scope, *t)).collect();
            if matches!(what, What::Step(_)) {
                self.write(n);
            }
            let join = scope.join.get(&v).copied().unwrap_or(END);
            match (what, kind) {
                (What::Step(_), Kind::Parallel) => {
                    let branches = next.iter().map(|b| self.list(scope, *b, join, false, nesting + 1)).collect();
                    out.push(Stmt::Parallel(n, branches));
                    v = join;
                }
                (What::Step(_), Kind::If | Kind::Switch | Kind::While) => {
                    let (ways, then) = self.fork(scope, &next, join, flat, nesting);
                    out.push(Stmt::Choice(n, ways));
                    v = then;
                }
                (What::Step(_), _) if next.len() < 2 => {
                    out.push(Stmt::Step(n));
                    v = next.first().copied().unwrap_or(END);
                }
                _ => {
                    if matches!(what, What::Step(_)) {
                        out.push(Stmt::Step(n));
                    }
                    let (ways, then) = self.fork(scope, &next, join, flat, nesting);
                    let mut ways = ways.into_iter();
                    out.push(Stmt::Outcome(n, ways.next().unwrap_or_default(), ways.next().unwrap_or_default()));
                    v = then;
                }
            }
        }
        out
    }

    /// The ways of a choice, and where the list goes on. Where nothing follows but the end of the run, the longest
    /// way stays in the list and the others end the run: that keeps lists flat.
    fn fork(
        &mut self,
        scope: &Scope,
        next: &[usize],
        join: usize,
        flat: bool,
        nesting: usize,
    ) -> (Vec<Vec<Stmt>>, usize) {
        let sizes: Vec<usize> = next.iter().map(|n| self.size(scope, *n)).collect();
        let longest = sizes.iter().max().copied().unwrap_or(0);
        let main = (flat && join == END && longest > 0).then(|| sizes.iter().position(|s| *s == longest)).flatten();
        let Some(main) = main else {
            return (next.iter().map(|n| self.list(scope, *n, join, flat, nesting + 1)).collect(), join);
        };
        let main_way = next.get(main).copied().unwrap_or(END);
        let ways = next.iter().enumerate().map(|(i, n)| {
            if i == main || *n == main_way {
                return Vec::new();
            }
            let mut way = self.list(scope, *n, END, flat, nesting + 1);
            if way.last() != Some(&Stmt::End) {
                way.push(Stmt::End);
            }
            way
        });
        (ways.collect(), main_way)
    }

    /// How many places can be reached.
    fn size(&self, scope: &Scope, from: usize) -> usize {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(v) = open.pop() {
            if v != END && seen.insert(v) {
                open.extend(self.successors(scope, v));
            }
        }
        seen.len()
    }

    fn repeat(&mut self, scope: &Scope, v: usize, flat: bool, nesting: usize, out: &mut Vec<Stmt>) -> usize {
        let Some((header, members)) = v.checked_sub(LOOP).and_then(|i| scope.loops.get(i)).cloned() else { return END };
        let step = self.step_of(header).filter(|n| {
            matches!(self.places.get(header).map(|p| p.what), Some(What::Step(_)))
                && self.doc.steps.get(*n).is_some_and(|s| s.kind == Kind::While)
        });
        let head: Vec<usize> = self.next(header).to_vec();
        let ordinary = step.and_then(|_| head.get(1)).filter(|t| !members.contains(t)).copied();
        let step = step.filter(|_| ordinary.is_some());
        let leaving = |m: &usize| (*m != header || step.is_none()).then_some(*m);
        let mut targets: Vec<usize> = Vec::new();
        let mut ways = HashMap::new();
        for to in
            members.iter().filter_map(leaving).flat_map(|m| self.next(m).to_vec()).filter(|t| !members.contains(t))
        {
            let outer = self.edge(scope, to);
            let n = targets.iter().position(|t| *t == outer).unwrap_or_else(|| {
                targets.push(outer);
                targets.len() - 1
            });
            ways.insert(to, n + 1);
        }
        self.loops += 1;
        let number = self.loops;
        if let Some(n) = step {
            self.write(n);
        }
        let entry = if step.is_some() { head.first().copied().unwrap_or(EXIT) } else { header };
        let Some(inner) = self.scope(entry, members, Some(header), ways) else { return END };
        let from = if step.is_some() { self.edge(&inner, entry) } else { header };
        let body = self.list(&inner, from, END, false, nesting + 1);
        out.push(Stmt::Repeat(step, number, !targets.is_empty(), body));
        let ordinary = ordinary.filter(|_| step.is_some()).map(|t| self.edge(scope, t));
        if targets.iter().chain(&ordinary).collect::<BTreeSet<_>>().len() <= 1 {
            return ordinary.or_else(|| targets.first().copied()).unwrap_or(END);
        }
        targets.extend(ordinary);
        let join = scope.join.get(&v).copied().unwrap_or(END);
        let (ways, then) = self.fork(scope, &targets, join, flat, nesting);
        out.push(Stmt::Left(number, ways));
        then
    }

    /// Notes that a step is written, and how many in a row are written again.
    fn write(&mut self, n: usize) {
        if self.written.insert(n) {
            self.tail.clear();
            return;
        }
        self.tail.push(n);
        if self.tail.len() > MAX_TAIL && self.failed.is_none() {
            let message = "several ways share these steps and do not meet again";
            self.failed = Some(("NB3022", message, self.tail.iter().copied().collect()));
        }
    }
}
