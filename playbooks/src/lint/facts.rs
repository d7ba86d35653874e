//! What follows from a condition being true or false.

use super::flow::Flow;
use super::state::{ANY, DONE, Facts, HALF, LATE, State, exists, word};
use crate::expr::ast::Ex;
use crate::expr::{Part, parts};
use serde_json::Value;

/// How far definitions of variables are followed.
const DEPTH: usize = 4;

impl Flow<'_, '_> {
    /// The state after a condition was found to be `truth`.
    pub fn refined(&mut self, state: &State, cond: &str, truth: bool) -> State {
        let Ok(tree) = self.lint.tree(cond) else { return state.clone() };
        self.refine(state, &tree.0, truth)
    }

    pub fn refine(&mut self, state: &State, e: &Ex, truth: bool) -> State {
        let facts = self.facts(e, truth, 0);
        let mut out = state.clone();
        self.apply(&mut out, facts);
        out
    }

    fn apply(&mut self, state: &mut State, facts: Facts) {
        state.asked.extend(facts.asked);
        state.dead |= facts.never;
        let mut open: Vec<(usize, u8)> = facts.masks.into_iter().collect();
        for path in facts.defined {
            open.extend(self.needs(&path));
            state.defined.insert(path);
        }
        while let Some((order, mask)) = open.pop() {
            let before = state.mask(order);
            let after = before & mask;
            if after == 0 {
                state.dead = true;
                return;
            }
            if after == before {
                continue;
            }
            state.set(order, after);
            // A step that ran was reached: what held there holds here, because an ended step does not change.
            if after & (super::state::PENDING | super::state::SKIPPED) != 0 {
                continue;
            }
            if let Some(entry) = self.entry.get(order).and_then(Option::as_ref) {
                let settled = |m: &u8| m & super::state::PENDING == 0;
                open.extend(entry.masks.iter().copied().enumerate().filter(|(_, m)| settled(m)));
                state.defined.extend(entry.defined.iter().cloned());
                state.asked.extend(entry.asked.iter().cloned());
                state.vars.extend(entry.vars.iter().cloned());
            }
        }
    }

    /// The statuses that a step must have for one of its outputs to exist.
    fn needs(&self, path: &str) -> Option<(usize, u8)> {
        let names: Vec<&str> = path.split('.').collect();
        let ["steps", id, "outputs", fields @ ..] = names.as_slice() else { return None };
        let step = self.lint.pb.step(id).filter(|_| !fields.is_empty())?;
        Some((self.order(id)?, exists(&step.kind, fields).1))
    }

    pub fn facts(&mut self, e: &Ex, truth: bool, depth: usize) -> Facts {
        match e {
            Ex::Lit(Value::Bool(b)) if *b != truth => Facts::never(),
            Ex::Unary("not", x) => self.facts(x, !truth, depth),
            Ex::Binary(op @ ("and" | "or"), l, r) => {
                let both = (*op == "and") == truth;
                if both {
                    self.facts(l, truth, depth).and(self.facts(r, truth, depth))
                } else {
                    let second = self.facts(l, !truth, depth).and(self.facts(r, truth, depth));
                    self.facts(l, truth, depth).or(second)
                }
            }
            Ex::If(c, t, Some(f)) => {
                let first = self.facts(c, true, depth).and(self.facts(t, truth, depth));
                first.or(self.facts(c, false, depth).and(self.facts(f, truth, depth)))
            }
            Ex::Compare(l, rest) => match rest.as_slice() {
                [(op, r)] => self.comparison(op, l, r, truth, depth).and(self.evaluated(l)).and(self.evaluated(r)),
                _ => self.evaluated(e),
            },
            Ex::Test(x, name, args) => match (name.as_str(), args.as_slice()) {
                ("defined" | "undefined", []) => self.is_defined(x, (name == "defined") == truth),
                // `x is string` and its like are false for what is not there, and true only for what is.
                ("eq" | "equalto", [a]) => {
                    self.comparison("==", x, &a.value, truth, depth).and(self.evaluated_parent(x))
                }
                _ if x.path().is_some() => self.is_defined(x, truth),
                _ => self.evaluated(e),
            },
            Ex::Filter(x, name, args) if matches!(name.as_str(), "default" | "d") => {
                let fallback = args.first().map(|a| &a.value);
                match fallback {
                    Some(Ex::Lit(Value::Bool(b))) if *b != truth => self.facts(x, truth, depth),
                    _ => self.evaluated(e),
                }
            }
            Ex::Var(_) | Ex::Attr(..) | Ex::Item(..) => self.boolean(e, truth, depth).and(self.evaluated(e)),
            _ => self.evaluated(e),
        }
    }

    fn is_defined(&mut self, x: &Ex, yes: bool) -> Facts {
        let mut out = self.evaluated_parent(x);
        if let Some(path) = x.path().filter(|_| yes) {
            out.defined.insert(path.join("."));
        }
        out
    }

    /// A path that stands as a condition.
    fn boolean(&mut self, e: &Ex, truth: bool, depth: usize) -> Facts {
        match e.path().as_deref() {
            Some(["steps", id, "outputs", "answered"]) => {
                self.status(id, if truth { DONE | HALF } else { LATE | super::state::FAILED })
            }
            Some(["vars", name]) => self.variable(name, depth, |flow, def| flow.facts(def, truth, depth + 1)),
            _ => Facts::default(),
        }
    }

    fn status(&self, id: &str, mask: u8) -> Facts {
        let mut out = Facts::default();
        out.masks.extend(self.order(id).map(|o| (o, mask)));
        out
    }

    /// What each definition of a variable says; when there are several, what they say together.
    fn variable(&mut self, name: &str, depth: usize, mut each: impl FnMut(&mut Self, &Ex) -> Facts) -> Facts {
        let mut out = Facts { asked: self.behind(name), ..Facts::default() };
        if depth >= DEPTH {
            return out;
        }
        let mut sum: Option<Facts> = None;
        for def in self.definitions(name) {
            let facts = match &def {
                Some(tree) => each(self, tree),
                None => Facts::default(),
            };
            sum = Some(match sum {
                Some(s) => s.or(facts),
                None => facts,
            });
        }
        if let Some(s) = sum {
            out = out.and(s);
        }
        out
    }

    fn comparison(&mut self, op: &str, l: &Ex, r: &Ex, truth: bool, depth: usize) -> Facts {
        let (positive, words): (bool, Vec<&Value>) = match (op, r) {
            ("==" | "!=", Ex::Lit(v)) => (op == "==", vec![v]),
            ("==" | "!=", other) => match l {
                Ex::Lit(v) => return self.one_of(other, &[v], (op == "==") == truth, depth),
                _ => return Facts::default(),
            },
            ("in" | "not in", Ex::List(items)) => {
                let lits: Option<Vec<&Value>> =
                    items.iter().map(|i| if let Ex::Lit(v) = i { Some(v) } else { None }).collect();
                match lits {
                    Some(l) => (op == "in", l),
                    None => return Facts::default(),
                }
            }
            _ => {
                let mut out = Facts::default();
                self.mention(l, &mut out);
                self.mention(r, &mut out);
                return out;
            }
        };
        self.one_of(l, &words, positive == truth, depth)
    }

    /// `e` is one of these values, or (`yes` false) none of them.
    fn one_of(&mut self, e: &Ex, words: &[&Value], yes: bool, depth: usize) -> Facts {
        let texts = || words.iter().filter_map(|w| w.as_str());
        match e {
            Ex::Lit(v) => {
                if words.contains(&v) == yes {
                    Facts::default()
                } else {
                    Facts::never()
                }
            }
            Ex::If(c, t, Some(f)) => {
                let first = self.facts(c, true, depth).and(self.one_of(t, words, yes, depth));
                first.or(self.facts(c, false, depth).and(self.one_of(f, words, yes, depth)))
            }
            Ex::Filter(x, name, args) if matches!(name.as_str(), "default" | "d") => {
                match args.first().map(|a| &a.value) {
                    // The fallback would not do, so the value was there.
                    Some(Ex::Lit(v)) if words.contains(&v) != yes => {
                        let mut out = self.one_of(x, words, yes, depth).and(self.evaluated(x));
                        self.mention(x, &mut out);
                        out
                    }
                    _ => {
                        let mut out = self.evaluated(e);
                        self.mention(x, &mut out);
                        out
                    }
                }
            }
            _ => match e.path().as_deref() {
                Some(["steps", id, "status"]) => {
                    let Some(kind) = self.lint.pb.step(id).map(|s| &s.kind) else { return Facts::default() };
                    let mask = texts().fold(0, |m, w| m | word(kind, w));
                    self.status(id, if yes { mask } else { ANY & !mask })
                }
                Some(["steps", id, "outputs", "decision"]) => {
                    let of = |w: &str| match w {
                        "granted" => DONE,
                        "denied" => HALF,
                        _ => LATE | HALF,
                    };
                    let mask = texts().fold(0, |m, w| m | of(w));
                    let granted = texts().any(|w| w == "granted");
                    let not = if granted { HALF | LATE } else { DONE | HALF | LATE };
                    self.status(id, if yes { mask } else { not })
                }
                Some(["steps", id, "outputs", "answered"]) if words.len() == 1 => {
                    let truth = words.first().and_then(|w| w.as_bool()).map(|b| b == yes);
                    truth.map_or_else(Facts::default, |t| {
                        self.status(id, if t { DONE | HALF } else { LATE | super::state::FAILED })
                    })
                }
                Some(["vars", name]) => {
                    let words: Vec<Value> = words.iter().map(|w| (*w).clone()).collect();
                    self.variable(name, depth, |flow, def| {
                        let words: Vec<&Value> = words.iter().collect();
                        flow.one_of(def, &words, yes, depth + 1)
                    })
                }
                _ => {
                    let mut out = Facts::default();
                    self.mention(e, &mut out);
                    out
                }
            },
        }
    }

    /// Paths below `default` or `is defined`, and steps behind variables, count as thought of.
    fn mention(&self, e: &Ex, out: &mut Facts) {
        if let Some(path) = e.path() {
            if let ["vars", name, ..] = path.as_slice() {
                out.asked.extend(self.behind(name));
            }
            out.asked.insert(path.join("."));
            return;
        }
        for c in e.children() {
            self.mention(c, out);
        }
    }

    /// Paths that an expression surely reads: when it gave a value, they had one.
    fn evaluated(&self, e: &Ex) -> Facts {
        let mut out = Facts::default();
        self.reads(e, &mut out);
        out
    }

    fn evaluated_parent(&self, e: &Ex) -> Facts {
        let mut out = Facts::default();
        if let Ex::Attr(parent, _) | Ex::Item(parent, _) = e {
            self.reads(parent, &mut out);
        }
        out
    }

    fn reads(&self, e: &Ex, out: &mut Facts) {
        match e {
            Ex::Binary("and" | "or", l, _) => self.reads(l, out),
            Ex::If(c, ..) => self.reads(c, out),
            Ex::Filter(x, name, _) if matches!(name.as_str(), "default" | "d") => {
                self.mention(x, out);
                if let Ex::Attr(parent, _) | Ex::Item(parent, _) = x.as_ref() {
                    self.reads(parent, out);
                }
            }
            Ex::Test(x, _, _) if x.path().is_some() => {
                self.mention(x, out);
                if let Ex::Attr(parent, _) | Ex::Item(parent, _) = x.as_ref() {
                    self.reads(parent, out);
                }
            }
            _ => match e.path() {
                Some(path) => {
                    if let ["vars", name, ..] = path.as_slice() {
                        out.asked.extend(self.behind(name));
                    }
                    out.defined.insert(path.join("."));
                }
                None => e.children().into_iter().for_each(|c| self.reads(c, out)),
            },
        }
    }

    /// The values that a variable is given, as expressions; None for what is none.
    pub(super) fn definitions(&mut self, name: &str) -> Vec<Option<Ex>> {
        let values = self.defs.get(name).cloned().unwrap_or_default();
        values.into_iter().map(|v| self.definition(&v)).collect()
    }

    fn definition(&mut self, value: &Value) -> Option<Ex> {
        let Some(text) = value.as_str() else { return Some(Ex::Lit(value.clone())) };
        match parts(text).ok()?.as_slice() {
            [Part::Expr(e, _)] => self.lint.tree(e).ok().map(|t| t.0.clone()),
            parts if parts.iter().all(|p| matches!(p, Part::Text(_))) => Some(Ex::Lit(value.clone())),
            _ => None,
        }
    }

    /// Steps and paths that the definitions of a variable look at, and those that surely ran where it is set: a
    /// condition over the variable is most likely a condition over them.
    fn behind(&self, name: &str) -> std::collections::BTreeSet<String> {
        self.behind.get(name).cloned().unwrap_or_default()
    }
}
