//! The second pass: through the steps as the engine goes, with what is known at each place.
//!
//! Each list of steps takes a state and gives the one behind it, or none when every way through it ends the run.
//! Where ways meet, only what holds on all of them is kept, so a value that counts as there is there.

use super::Lint;
use super::state::{ANY, FAILED, HALF, LATE, SKIPPED, State};
use crate::expr::{Part, parts};
use crate::model::{AskSpec, Handler, Kind, ListRef, Step};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the walk carries along.
pub struct Flow<'l, 'a> {
    pub lint: &'l mut Lint<'a>,
    /// The state in which each step was entered, by order.
    pub entry: Vec<Option<State>>,
    /// The states at every end of the run.
    pub ends: Vec<State>,
    /// Every value that each variable is given.
    pub defs: BTreeMap<String, Vec<Value>>,
    /// The steps that set each variable, by order.
    pub sets: BTreeMap<String, Vec<usize>>,
    /// See [`super::facts`].
    pub behind: BTreeMap<String, BTreeSet<String>>,
    /// Order of the step that is looked at.
    pub here: usize,
    /// The form that is looked at, and which question of it.
    pub form: Option<(&'a AskSpec, usize)>,
}

impl<'a> Lint<'a> {
    pub(super) fn flow(&mut self) {
        let pb = self.pb;
        let mut flow = Flow {
            entry: vec![None; pb.places.len() + 1],
            ends: Vec::new(),
            defs: BTreeMap::new(),
            sets: BTreeMap::new(),
            behind: BTreeMap::new(),
            here: 0,
            form: None,
            lint: self,
        };
        flow.learn();
        flow.top();
        let start = State::start(pb);
        let end = flow.list(&pb.steps, start.clone());
        let ends = std::mem::take(&mut flow.ends);
        flow.outputs(State::join_all(ends.into_iter().map(Some).chain([end])));
        // The handler runs after a failure anywhere.
        let mut failed = start;
        for step in pb.walk() {
            if !flow.in_handler(&step.id) {
                let order = flow.order(&step.id).unwrap_or_default();
                failed.set(order, ANY);
            }
        }
        flow.list(&pb.on_failure, failed);
    }
}

impl<'a> Flow<'_, 'a> {
    pub fn order(&self, id: &str) -> Option<usize> {
        self.lint.pb.place(id).map(|p| p.order)
    }

    fn in_handler(&self, id: &str) -> bool {
        let mut at = id.to_owned();
        while let Some(place) = self.lint.pb.place(&at) {
            at = match &place.list {
                ListRef::Main => return false,
                ListRef::OnFailure => return true,
                ListRef::Case(up, _) | ListRef::Branch(up, _) => up.clone(),
                ListRef::Body(up) | ListRef::OnError(up) | ListRef::OnTimeout(up) => up.clone(),
            };
        }
        false
    }

    /// Whether the step of this order stands in a loop around the place that is looked at.
    pub fn same_loop(&self, order: usize) -> bool {
        let of = |order: usize| self.lint.pb.places.values().find(|p| p.order == order).map(|p| p.scope.clone());
        match (of(order), of(self.here)) {
            (Some(a), Some(b)) => a.first().is_some() && a.first() == b.first(),
            _ => false,
        }
    }

    /// What variables are made of.
    fn learn(&mut self) {
        let pb = self.lint.pb;
        for (name, value) in &pb.vars {
            self.define(name, value, None);
        }
        for step in pb.walk() {
            if let Kind::Set(values) = &step.kind {
                for (name, value) in values {
                    self.define(name, value, Some(step));
                }
            }
        }
    }

    fn define(&mut self, name: &str, value: &Value, step: Option<&Step>) {
        self.defs.entry(name.to_owned()).or_default().push(value.clone());
        let mut seen = BTreeSet::new();
        if let Some(text) = value.as_str() {
            for part in parts(text).unwrap_or_default() {
                if let Part::Expr(e, _) = part
                    && let Ok(tree) = self.lint.tree(e)
                {
                    collect(&tree.0, &mut seen);
                }
            }
        }
        if let Some(step) = step {
            let order = self.order(&step.id).unwrap_or_default();
            self.sets.entry(name.to_owned()).or_default().push(order);
            // Set within a branch: the variable tells that the steps before it in that branch were reached.
            if let Some(place) = self.lint.pb.place(&step.id).filter(|p| p.list != ListRef::Main) {
                seen.extend(self.lint.pb.list(&place.list).iter().take(place.index).map(|s| format!("steps.{}", s.id)));
            }
        }
        let of_others: Vec<String> = seen.iter().filter_map(|p| p.strip_prefix("vars.")).map(str::to_owned).collect();
        for other in of_others {
            seen.extend(self.behind.get(&other).cloned().unwrap_or_default());
        }
        self.behind.entry(name.to_owned()).or_default().extend(seen);
    }

    /// A list of steps: the state behind it, or None when nothing goes on.
    pub fn list(&mut self, steps: &'a [Step], state: State) -> Option<State> {
        let mut at = Some(state);
        for (n, step) in steps.iter().enumerate() {
            let Some(state) = at else {
                self.unreachable(steps.get(n.saturating_sub(1)), step);
                return None;
            };
            at = self.step(step, state);
        }
        at
    }

    fn unreachable(&mut self, before: Option<&Step>, step: &Step) {
        let Some(before) = before else { return };
        let (message, help) = if matches!(before.kind, Kind::End(_)) {
            let message = format!("the step `{}` is never reached: `{}` ends the run before it", step.id, before.id);
            (message, "remove it, or give the `end` an `if`")
        } else {
            let message =
                format!("the step `{}` is never reached: every way through `{}` ends the run", step.id, before.id);
            (message, "remove it, or let one way go on")
        };
        let mark = self.lint.id_mark(&step.id);
        self.lint.sink.error("NB1107", mark, message, help);
    }

    fn step(&mut self, step: &'a Step, state: State) -> Option<State> {
        let order = self.order(&step.id).unwrap_or_default();
        let node = self.lint.node(&step.id);
        let get = |key: &str| node.and_then(|n| n.get(key));
        self.here = order;
        let (mut run, mut skipped) = (state, None);
        if let Some(cond) = &step.cond {
            self.check_cond(cond, &run, get("if"));
            let mut other = self.refined(&run, cond, false);
            other.set(order, SKIPPED);
            skipped = Some(other);
            run = self.refined(&run, cond, true);
        }
        if let Some(slot) = self.entry.get_mut(order).filter(|_| !run.dead) {
            *slot = Some(run.clone());
        }
        self.check_text(step.idempotency_key.as_ref(), &run, get("idempotency_key"));
        if let Some(when) = step.retry.as_ref().and_then(|r| r.when.as_ref()) {
            self.check_cond(when, &run, get("retry").and_then(|n| n.get("when")));
        }
        let done = self.kind(step, order, run.clone());
        if let Some(undo) = &step.undo {
            let mut own = run.clone();
            own.set(order, super::state::DONE);
            self.here = order;
            let with = get("undo").and_then(|n| n.get("with"));
            for (name, value) in &undo.with {
                self.check_value(value, &own, with.and_then(|w| w.get(name)));
            }
        }
        let mut ways = vec![skipped, done];
        self.handlers(step, order, &run, &mut ways);
        State::join_all(ways)
    }

    /// The ways on after a failure or a deadline.
    fn handlers(&mut self, step: &'a Step, order: usize, run: &State, ways: &mut Vec<Option<State>>) {
        let late = match step.kind {
            Kind::Ask(_) => LATE | HALF,
            Kind::Uses(_) | Kind::Approve(_) => LATE,
            Kind::Set(_) | Kind::End(_) | Kind::Switch(_) => 0,
            _ if step.timeout.is_some() => LATE,
            _ => 0,
        };
        let own = match &step.on_timeout {
            None | Some(Handler::Escalate) => None,
            Some(h) => Some(h),
        };
        let on_error = if own.is_some() { FAILED } else { FAILED | late };
        for (handler, mask) in [(Some(&step.on_error), on_error), (own, late)] {
            let mut state = run.clone();
            self.weaken(step, &mut state);
            state.set(order, mask);
            match handler {
                _ if mask == 0 => {}
                Some(Handler::Continue) => ways.push(Some(state)),
                Some(Handler::Steps(steps)) => {
                    let way = self.list(steps, state);
                    ways.push(way);
                }
                _ => {}
            }
        }
    }

    /// A step that failed may have left off anywhere within itself.
    fn weaken(&self, step: &Step, state: &mut State) {
        let lists = step.lists();
        let inner = lists.iter().filter(|(l, _)| !matches!(l, ListRef::OnError(_) | ListRef::OnTimeout(_)));
        let mut open: Vec<&Step> = inner.flat_map(|(_, steps)| steps.iter()).collect();
        while let Some(s) = open.pop() {
            state.set(self.order(&s.id).unwrap_or_default(), ANY);
            open.extend(s.lists().into_iter().flat_map(|(_, steps)| steps));
        }
    }
}

/// Paths of an expression; of steps only which one.
fn collect(e: &crate::expr::ast::Ex, out: &mut BTreeSet<String>) {
    match e.path().as_deref() {
        Some(["steps", id, ..]) => {
            out.insert(format!("steps.{id}"));
        }
        Some(path) => {
            out.insert(path.join("."));
        }
        None => e.children().into_iter().for_each(|c| collect(c, out)),
    }
}
