//! What each kind of step does to what is known.

use super::flow::Flow;
use super::state::{ANY, DONE, FAILED, HALF, PENDING, State};
use crate::expr::ast::Ex;
use crate::model::{ApproveSpec, AskSpec, Kind, ListRef, On, ParallelSpec, Step, WaitFor};
use serde_json::Value;

impl<'a> Flow<'_, 'a> {
    /// The state after the step succeeded; None when it ends the run.
    pub(super) fn kind(&mut self, step: &'a Step, order: usize, mut run: State) -> Option<State> {
        let node = self.lint.node(&step.id);
        let get = |key: &str| node.and_then(|n| n.get(key));
        let value = get(step.kind.word());
        let of = |key: &str| value.and_then(|v| v.get(key));
        let mut mask = DONE;
        let mut out = match &step.kind {
            Kind::Uses(call) => {
                for (name, v) in &call.with {
                    self.check_value(v, &run, get("with").and_then(|w| w.get(name)));
                }
                run
            }
            Kind::Playbook(sub) => {
                for (name, v) in &sub.with {
                    self.check_value(v, &run, get("with").and_then(|w| w.get(name)));
                }
                run
            }
            Kind::Ask(ask) => {
                self.ask(step, ask, &run);
                run
            }
            Kind::Approve(spec) => {
                mask = DONE | HALF;
                self.approve(step, spec, &run);
                run
            }
            Kind::Wait(wait) => {
                match &wait.until {
                    WaitFor::For(t) => self.check_text(Some(t), &run, of("for")),
                    WaitFor::Until(t) => self.check_text(Some(t), &run, of("until")),
                    WaitFor::Event { matching, .. } => {
                        if let Some(m) = matching {
                            self.check_cond(m, &run, of("match"));
                        }
                    }
                }
                run
            }
            Kind::Set(values) => {
                for (name, v) in values {
                    self.check_value(v, &run, of(name));
                    run.vars.insert(name.clone());
                }
                run
            }
            Kind::End(end) => {
                self.check_text(end.outcome.as_ref(), &run, of("outcome"));
                for (name, v) in &end.outputs {
                    self.check_value(v, &run, of("outputs").and_then(|o| o.get(name)));
                }
                self.ends.push(run);
                return None;
            }
            Kind::Switch(cases) => self.switch(step, cases, run)?,
            Kind::Parallel(p) => self.parallel(p, run)?,
            Kind::ForEach(each) => {
                self.check_text(Some(&each.items), &run, value);
                let body = self.list(&each.steps, run.clone());
                // An empty list runs nothing.
                let none = if self.never_empty(&each.items) { None } else { Some(run) };
                State::join_all([none, body])?
            }
            Kind::Repeat(repeat) => {
                self.check_cond(&repeat.cond, &run, of("while"));
                let body = self.list(&repeat.steps, run.clone());
                if let Some(after) = &body {
                    self.here = order;
                    self.check_cond(&repeat.cond, after, of("while"));
                }
                // Who writes a loop means at least one round of it: what that sets counts as set.
                let mut none = run;
                none.vars.extend(body.iter().flat_map(|b| b.vars.iter().cloned()));
                State::join_all([Some(none), body])?
            }
        };
        out.set(order, mask);
        Some(out)
    }

    fn ask(&mut self, step: &'a Step, ask: &'a AskSpec, run: &State) {
        let node = self.lint.node(&step.id).and_then(|n| n.get("ask"));
        let get = |key: &str| node.and_then(|n| n.get(key));
        self.check_text(Some(&ask.to), run, get("to"));
        self.check_text(ask.intro.as_ref(), run, get("intro"));
        for (n, q) in ask.form.iter().enumerate() {
            let of = get("form").and_then(|f| f.item(n));
            self.form = Some((ask, n));
            let mut asked = run.clone();
            if let Some(cond) = &q.cond {
                self.check_cond(cond, run, of.and_then(|n| n.get("if")));
                asked = self.refined(run, cond, true);
            }
            self.check_text(Some(&q.label), &asked, of.and_then(|n| n.get("label")));
            self.check_text(q.help.as_ref(), &asked, of.and_then(|n| n.get("help")));
        }
        self.form = None;
    }

    fn approve(&mut self, step: &Step, spec: &ApproveSpec, run: &State) {
        let node = self.lint.node(&step.id).and_then(|n| n.get("approve"));
        let get = |key: &str| node.and_then(|n| n.get(key));
        self.check_text(Some(&spec.by), run, get("by"));
        for (n, who) in spec.not_by.iter().enumerate() {
            self.check_text(Some(who), run, get("not_by").and_then(|l| l.item(n)));
        }
        self.check_text(spec.summary.as_ref(), run, get("summary"));
        let with = get("action").and_then(|n| n.get("with"));
        for (name, value) in &spec.action.with {
            self.check_value(value, run, with.and_then(|w| w.get(name)));
        }
    }

    fn switch(&mut self, step: &Step, cases: &'a [(Option<String>, Vec<Step>)], run: State) -> Option<State> {
        let node = self.lint.node(&step.id).and_then(|n| n.get("switch"));
        let order = self.here;
        let (mut ways, mut rest) = (Vec::new(), Some(run));
        for (n, (cond, steps)) in cases.iter().enumerate() {
            let Some(before) = rest.take() else { break };
            let inside = match cond {
                Some(c) => {
                    self.here = order;
                    self.check_cond(c, &before, node.and_then(|x| x.item(n)).and_then(|x| x.get("case")));
                    rest = Some(self.refined(&before, c, false));
                    self.refined(&before, c, true)
                }
                None => before,
            };
            let way = self.list(steps, inside);
            ways.push(way);
        }
        ways.push(rest);
        State::join_all(ways)
    }

    fn parallel(&mut self, p: &'a ParallelSpec, run: State) -> Option<State> {
        let mut ends: Vec<Option<State>> = Vec::new();
        for (_, steps) in &p.branches {
            let end = self.list(steps, run.clone());
            ends.push(end);
        }
        if p.any {
            if ends.iter().all(Option::is_none) {
                return None;
            }
            let mut out = run;
            for (_, steps) in &p.branches {
                self.maybe(steps, &mut out);
            }
            return Some(out);
        }
        // A branch that surely ends the run takes the others with it.
        let ends: Option<Vec<State>> = ends.into_iter().collect();
        let mut out = run.clone();
        for end in ends? {
            for (order, (now, before)) in end.masks.iter().zip(&run.masks).enumerate() {
                if now != before {
                    out.set(order, *now);
                }
            }
            out.defined.extend(end.defined);
            out.vars.extend(end.vars);
        }
        Some(out)
    }

    /// Whether the list of a loop is written in the file and has items.
    fn never_empty(&mut self, items: &str) -> bool {
        let Some(path) = super::people::inside(items) else { return false };
        let Ok(tree) = self.lint.tree(path) else { return false };
        let filled = |e: &Ex| match e {
            Ex::List(items) => !items.is_empty(),
            Ex::Lit(Value::Array(items)) => !items.is_empty(),
            _ => false,
        };
        match tree.0.path().as_deref() {
            Some(["vars", name]) => {
                let all = self.definitions(name);
                !all.is_empty() && all.iter().all(|d| d.as_ref().is_some_and(filled))
            }
            _ => filled(&tree.0),
        }
    }

    /// Steps of a branch that may have been cancelled at any moment.
    fn maybe(&self, steps: &[Step], state: &mut State) {
        for step in steps {
            state.set(self.order(&step.id).unwrap_or_default(), ANY | PENDING | FAILED);
            for (list, inner) in step.lists() {
                if !matches!(list, ListRef::Body(_)) {
                    self.maybe(inner, state);
                }
            }
        }
    }

    /// What stands at the top of the file and is evaluated before any step.
    pub(super) fn top(&mut self) {
        let (pb, root) = (self.lint.pb, self.lint.nodes.root());
        let mut state = State::start(pb);
        state.vars.clear();
        for (n, trigger) in pb.triggers.iter().enumerate() {
            let node = root.get("triggers").and_then(|t| t.item(n));
            if let On::Alert(cond) = &trigger.on {
                self.check_cond(cond, &state, node.and_then(|n| n.get("alert")));
            }
        }
        let key = |name: &str| root.get(name).and_then(|n| n.get("key"));
        self.check_text(pb.dedupe.as_ref().map(|d| &d.key), &state, key("dedupe"));
        self.check_text(pb.concurrency.as_ref().and_then(|c| c.key.as_ref()), &state, key("concurrency"));
        for (name, value) in &pb.vars {
            self.check_value(value, &state, root.get("vars").and_then(|n| n.get(name)));
            state.vars.insert(name.clone());
        }
    }

    /// The outputs of the playbook, rendered at every end of the run.
    pub(super) fn outputs(&mut self, state: Option<State>) {
        let Some(state) = state else { return };
        let outputs: &'a [(String, Value)] = &self.lint.pb.outputs;
        self.here = usize::MAX;
        let node = self.lint.nodes.root().get("outputs");
        for (name, value) in outputs {
            self.check_value(value, &state, node.and_then(|n| n.get(name)));
        }
    }
}
