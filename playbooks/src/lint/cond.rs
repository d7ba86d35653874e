//! Whether each value that an expression reads is surely there (NB1205, NB1202).

use super::Src;
use super::exprs::At;
use super::flow::Flow;
use super::state::{DONE, PENDING, State, exists, reasons};
use crate::expr::ast::Ex;
use crate::expr::{Part, is_template, parts};
use crate::finding::Mark;
use crate::model::{Kind, Step};
use crate::yaml::Node;
use serde_json::Value;

impl Flow<'_, '_> {
    pub fn check_cond(&mut self, source: &str, state: &State, node: Option<&Node>) {
        if !is_template(source) {
            let at = node.map_or_else(Default::default, |n| n.at);
            self.check_expr(source, state, Src { node, base: 0, at });
        }
    }

    /// Every template within a value.
    pub fn check_value(&mut self, value: &Value, state: &State, node: Option<&Node>) {
        match value {
            Value::String(s) if is_template(s) => {
                let at = node.map_or_else(Default::default, |n| n.at);
                for part in parts(s).unwrap_or_default() {
                    if let Part::Expr(e, base) = part {
                        self.check_expr(e, state, Src { node, base, at });
                    }
                }
            }
            Value::Array(items) => {
                for (n, v) in items.iter().enumerate() {
                    self.check_value(v, state, node.and_then(|x| x.item(n)));
                }
            }
            Value::Object(map) => {
                for (k, v) in map {
                    self.check_value(v, state, node.and_then(|x| x.get(k)));
                }
            }
            _ => {}
        }
    }

    pub fn check_text(&mut self, text: Option<&String>, state: &State, node: Option<&Node>) {
        if let Some(text) = text {
            self.check_value(&Value::String(text.clone()), state, node);
        }
    }

    fn check_expr(&mut self, source: &str, state: &State, src: Src<'_>) {
        if let Ok(tree) = self.lint.tree(source) {
            self.check(&tree.0, state, At { src, text: source, extent: &tree.1 });
        }
    }

    fn check(&mut self, e: &Ex, state: &State, at: At<'_>) {
        match e {
            Ex::Binary(op @ ("and" | "or"), l, r) => {
                self.check(l, state, at.part(0));
                let after = self.refine(state, l, *op == "and");
                self.check(r, &after, at.part(1));
            }
            Ex::If(c, t, f) => {
                self.check(c, state, at.part(0));
                let yes = self.refine(state, c, true);
                self.check(t, &yes, at.part(1));
                if let Some(f) = f {
                    let no = self.refine(state, c, false);
                    self.check(f, &no, at.part(2));
                }
            }
            Ex::Filter(x, name, args) if matches!(name.as_str(), "default" | "d") && x.path().is_some() => {
                self.check_path(x, true, state, at.part(0));
                for (n, a) in args.iter().enumerate() {
                    self.check(&a.value, state, at.part(n + 1));
                }
            }
            // A test of what is not there is false, not an error.
            Ex::Test(x, _, args) if x.path().is_some() => {
                self.check_path(x, true, state, at.part(0));
                for (n, a) in args.iter().enumerate() {
                    self.check(&a.value, state, at.part(n + 1));
                }
            }
            Ex::Var(_) | Ex::Attr(..) | Ex::Item(..) if e.path().is_some() => {
                self.check_path(e, false, state, at);
            }
            _ => {
                for (n, c) in e.children().into_iter().enumerate() {
                    self.check(c, state, at.part(n));
                }
            }
        }
    }

    /// A path; `guarded` when its last name may be absent.
    fn check_path(&mut self, e: &Ex, guarded: bool, state: &State, at: At<'_>) {
        let Some(path) = e.path() else { return };
        let full = path.join(".");
        if state.dead || state.has(&full) || state.asked.contains(&full) {
            return;
        }
        let mark = self.lint.mark_at(at);
        match path.as_slice() {
            ["inputs", name, rest @ ..] => {
                let optional =
                    self.lint.pb.inputs.iter().any(|i| i.name == **name && !i.required && i.default.is_none());
                if optional && !(guarded && rest.is_empty()) && !state.has(&format!("inputs.{name}")) {
                    let help =
                        format!("ask first: `inputs.{name} is defined`; or add `| default(...)`; or make it required");
                    let message = format!("the input `{name}` is optional and may be absent here");
                    self.lint.sink.warn("NB1205", mark, message, help);
                }
            }
            ["vars", name, rest @ ..] if self.lint.scope.all_vars.contains(*name) => {
                let set = state.vars.contains(*name) || (guarded && rest.is_empty());
                if !set && !state.has(&format!("vars.{name}")) {
                    self.unset(name, mark);
                }
            }
            ["steps", id, "outputs", fields @ ..] if !fields.is_empty() => {
                let asked = |p: &str| state.asked.contains(p);
                if !asked(&format!("steps.{id}")) {
                    self.output(id, fields, guarded, state, mark);
                }
            }
            ["answers", question, ..] => self.answer(question, guarded, mark),
            _ => {}
        }
    }

    fn unset(&mut self, name: &str, mark: Mark) {
        let first = self.sets.get(name).cloned().unwrap_or_default();
        // Set in several places: which of them a run passes may hang on more than is followed here.
        if first.len() > 1 && first.iter().any(|order| *order < self.here) {
            return;
        }
        if first.iter().any(|order| *order < self.here || self.same_loop(*order)) {
            let message = format!("the variable `{name}` may not be set here");
            let help =
                format!("give it a first value under `vars:` at the top, or add `| default(...)` to `vars.{name}`");
            self.lint.sink.warn("NB1205", mark, message, help);
        } else {
            let message = format!("the variable `{name}` is set only later");
            let help = "set it before, or give it a first value under `vars:` at the top";
            self.lint.sink.error("NB1202", mark, message, help);
        }
    }

    fn output(&mut self, id: &str, fields: &[&str], guarded: bool, state: &State, mark: Mark) {
        let Some((step, order)) = self.lint.pb.step(id).zip(self.order(id)) else { return };
        let mask = state.mask(order);
        let needed = if guarded { fields.split_last().map_or(fields, |(_, rest)| rest) } else { fields };
        if needed.is_empty() {
            return;
        }
        let missing = |fields: &[&str]| mask & !exists(&step.kind, fields).0;
        let gap = missing(needed);
        if gap == 0 {
            return;
        }
        let shown = format!("steps.{id}.outputs.{}", needed.join("."));
        if mask == PENDING && !guarded {
            let message = format!("the step `{id}` cannot have run when this is evaluated");
            let help = format!("ask for its status first, as in `... if steps.{id}.status == 'succeeded' else ...`");
            self.lint.sink.error("NB1202", mark, message, help);
            return;
        }
        if gap & DONE != 0 {
            self.left_out(step, needed, state, &shown, mark, guarded);
            return;
        }
        let message = format!("`{shown}` is not there if the step `{id}` {}", reasons(gap, &step.kind));
        let parent = needed.split_last().map_or(0, |(_, rest)| if rest.is_empty() { 0 } else { missing(rest) });
        let status = match &step.kind {
            Kind::Approve(_) if matches!(needed, ["action", ..]) => {
                format!("`steps.{id}.status == 'succeeded' and steps.{id}.outputs.decision == 'granted'`")
            }
            _ => format!("`steps.{id}.status == 'succeeded'`"),
        };
        let help = if guarded || parent != 0 {
            format!("`default` saves only the last name of a path; ask first: {status}")
        } else {
            format!("add `| default(...)`, or ask first: {status}")
        };
        self.lint.sink.warn("NB1205", mark, message, help);
    }

    /// An answer that need not be given.
    fn left_out(&mut self, step: &Step, fields: &[&str], state: &State, shown: &str, mark: Mark, guarded: bool) {
        let (Kind::Ask(ask), ["answers", question, ..]) = (&step.kind, fields) else { return };
        let Some(q) = ask.form.iter().find(|q| q.id == *question) else { return };
        // Whoever looks at what the question depends on has thought of it.
        let same = format!("steps.{}.outputs.answers", step.id);
        let looked =
            |other: &str| state.has(&format!("{same}.{other}")) || state.asked.contains(&format!("{same}.{other}"));
        let cond = q.cond.clone().unwrap_or_default();
        if q.required && ask.form.iter().any(|o| cond.contains(&format!("answers.{}", o.id)) && looked(&o.id)) {
            return;
        }
        let why = if q.cond.is_some() { "is not always asked" } else { "may be left out" };
        let help = if guarded {
            "`default` saves only the last name of a path".to_owned()
        } else {
            format!("add `| default(...)`, or ask first: `{shown} is defined`")
        };
        self.lint.sink.warn(
            "NB1205",
            mark,
            format!("the question `{question}` {why}, so `{shown}` may not be there"),
            help,
        );
    }

    /// `answers.x` within the form itself.
    fn answer(&mut self, question: &str, guarded: bool, mark: Mark) {
        let Some((ask, n)) = self.form else { return };
        let Some(index) = ask.form.iter().position(|q| q.id == question) else { return };
        let Some(q) = ask.form.get(index) else { return };
        if index >= n {
            let help = "questions are asked in the order of the form: move it up";
            self.lint.sink.error("NB1202", mark, format!("the question `{question}` is asked only later"), help);
        } else if !guarded && (!q.required || q.cond.is_some()) {
            let why = if q.cond.is_some() { "is not always asked" } else { "may be left out" };
            let help = format!("add `| default(...)` to `answers.{question}`");
            let message = format!("the question `{question}` {why}, so `answers.{question}` may not be there");
            self.lint.sink.warn("NB1205", mark, message, help);
        }
    }
}
