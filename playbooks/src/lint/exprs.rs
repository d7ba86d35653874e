//! Expressions: types, filters, and the texts that hold them.

use super::scope::{Ty, filter_type};
use super::site::Site;
use super::{Lint, Src};
use crate::expr::ast::Ex;
use crate::expr::extent::Extent;
use crate::expr::filters::{FILTERS, FUNCTIONS, TESTS};
use crate::expr::{Part, is_template, parts};
use crate::finding::{Mark, did_you_mean};
use crate::yaml::Node;
use serde_json::Value;
use std::ops::Range;

/// A part of an expression and where it stands.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub src: Src<'a>,
    /// The text of the whole expression.
    pub text: &'a str,
    pub extent: &'a Extent,
}

impl<'a> At<'a> {
    pub(super) fn part(&self, n: usize) -> Self {
        Self { extent: self.extent.parts.get(n).unwrap_or(self.extent), ..*self }
    }

    pub(super) fn shown(&self) -> &'a str {
        self.text.get(self.extent.range.clone()).unwrap_or(self.text).trim()
    }
}

const COMPARE: &str = "compare it with something; nothing is taken for true by itself";

impl Lint<'_> {
    pub(super) fn mark_at(&self, at: At<'_>) -> Mark {
        self.mark(at.src, &at.extent.range)
    }

    /// A condition: one expression without braces that gives true or false.
    pub fn condition(&mut self, source: &str, site: &Site<'_>, node: Option<&Node>) {
        let src = Src { node, base: 0, at: node.map_or(site.at, |n| n.at) };
        let whole = trimmed(source);
        if is_template(source) {
            let mark = self.mark(src, &whole);
            self.sink.error(
                "NB1301",
                mark,
                "a condition stands in braces",
                "write the bare expression: `x == 1`, not `{{ x == 1 }}`",
            );
            return;
        }
        let ty = self.expression(source, site, src);
        if !matches!(ty, Ty::Bool | Ty::Any) {
            let mark = self.mark(src, &whole);
            self.sink.error("NB1302", mark, format!("the condition gives {}, not true or false", ty.word()), COMPARE);
        }
    }

    /// Any value: its strings are templates.
    pub fn value(&mut self, value: &Value, site: &Site<'_>, node: Option<&Node>) -> Ty {
        match value {
            Value::String(s) => return self.template(s, site, node),
            Value::Array(items) => {
                for (n, v) in items.iter().enumerate() {
                    self.value(v, site, node.and_then(|x| x.item(n)));
                }
            }
            Value::Object(map) => {
                for (k, v) in map {
                    self.value(v, site, node.and_then(|x| x.get(k)));
                }
            }
            _ => {}
        }
        Ty::of(value)
    }

    /// A string with or without `{{ }}`.
    pub fn template(&mut self, source: &str, site: &Site<'_>, node: Option<&Node>) -> Ty {
        let src = Src { node, base: 0, at: node.map_or(site.at, |n| n.at) };
        let parts = match parts(source) {
            Ok(p) => p,
            Err((code, message, at)) => {
                let mark = self.mark(src, &(at..at + 2));
                let help = match code {
                    "NB1306" => "logic belongs in steps; `a if c else b` chooses within an expression",
                    _ => "close it with `}}`",
                };
                self.sink.error(code, mark, message, help);
                return Ty::Any;
            }
        };
        if let [Part::Expr(e, base)] = parts.as_slice() {
            return self.expression(e, site, Src { base: *base, ..src });
        }
        for part in parts {
            if let Part::Expr(e, base) = part {
                let src = Src { base, ..src };
                let ty = self.expression(e, site, src);
                if matches!(ty, Ty::List | Ty::Map) {
                    let mark = self.mark(src, &trimmed(e));
                    let message = format!("`{}` is {} and stands in text", e.trim(), ty.word());
                    self.sink.error("NB1305", mark, message, "use `| join(', ')` or name one field");
                }
            }
        }
        Ty::Str
    }

    fn expression(&mut self, source: &str, site: &Site<'_>, src: Src<'_>) -> Ty {
        if let Some((id, range)) = self.dashed(source) {
            let help = format!("`-` would be a subtraction; call the step `{}`", id.replace('-', "_"));
            let message = format!("the step `{id}` has `-` in its id and is used in an expression");
            let mark = self.mark(src, &range);
            self.sink.error("NB1204", mark, message, help);
            return Ty::Any;
        }
        match self.tree(source) {
            Ok(tree) => self.infer(&tree.0, site, At { src, text: source, extent: &tree.1 }),
            Err((message, range)) => {
                let mark = self.mark(src, &range);
                let help = advice(source);
                self.sink.error("NB1304", mark, format!("this expression cannot be read: {message}"), help);
                Ty::Any
            }
        }
    }

    /// A step with `-` in its id that the expression names, and where.
    fn dashed(&self, source: &str) -> Option<(String, Range<usize>)> {
        if !source.contains("steps") || !source.contains('-') {
            return None;
        }
        let mut ids: Vec<&String> = self.pb.places.keys().filter(|id| id.contains('-')).collect();
        ids.sort_unstable_by_key(|id| (std::cmp::Reverse(id.len()), *id));
        ids.into_iter().find_map(|id| {
            let forms = [format!("steps.{id}"), format!("steps['{id}']"), format!("steps[\"{id}\"]")];
            let (at, form) = forms.iter().find_map(|f| Some((source.find(f.as_str())?, f)))?;
            Some((id.clone(), at..at + form.len()))
        })
    }

    pub(super) fn infer(&mut self, e: &Ex, site: &Site<'_>, at: At<'_>) -> Ty {
        match e {
            Ex::Lit(v) => Ty::of(v),
            Ex::List(_) => {
                self.infer_all(e, site, at);
                Ty::List
            }
            Ex::Map(_) => {
                self.infer_all(e, site, at);
                Ty::Map
            }
            Ex::Unary("not", x) => {
                self.must_be_bool(x, site, at.part(0));
                Ty::Bool
            }
            Ex::Unary(_, x) => {
                self.infer(x, site, at.part(0));
                Ty::Num
            }
            Ex::Binary("and" | "or", l, r) => {
                self.must_be_bool(l, site, at.part(0));
                self.must_be_bool(r, site, at.part(1));
                Ty::Bool
            }
            Ex::Binary(op, l, r) => {
                let (l, r) = (self.infer(l, site, at.part(0)), self.infer(r, site, at.part(1)));
                if *op == "~" { Ty::Str } else { l.join(r) }
            }
            Ex::Compare(first, rest) => {
                let mut left = self.infer(first, site, at.part(0));
                let mut before = first.as_ref();
                for (n, (op, right)) in rest.iter().enumerate() {
                    let ty = self.infer(right, site, at.part(n + 1));
                    self.comparable(op, left, ty, at);
                    self.possible(op, before, right, at, n);
                    (left, before) = (ty, right);
                }
                Ty::Bool
            }
            Ex::If(c, t, f) => {
                self.must_be_bool(c, site, at.part(0));
                let t = self.infer(t, site, at.part(1));
                f.as_ref().map_or(Ty::Any, |f| self.infer(f, site, at.part(2)).join(t))
            }
            Ex::Filter(x, name, args) => {
                let ty = self.infer(x, site, at.part(0));
                let args: Vec<Ty> =
                    args.iter().enumerate().map(|(n, a)| self.infer(&a.value, site, at.part(n + 1))).collect();
                self.known("filter", name, FILTERS, at);
                filter_type(name, ty, args.first().copied())
            }
            Ex::Test(_, name, _) => {
                self.infer_all(e, site, at);
                self.known("test", name, TESTS, at);
                Ty::Bool
            }
            Ex::Call(f, args) => {
                for (n, a) in args.iter().enumerate() {
                    self.infer(&a.value, site, at.part(n + 1));
                }
                let name = f.path().map(|p| p.join(".")).unwrap_or_default();
                self.known("function", &name, FUNCTIONS, at);
                if name == "now" && !site.clock {
                    let mark = self.mark_at(at);
                    let help = "whether an event matches must not depend on when it is asked";
                    self.sink.error("NB1307", mark, "`now()` cannot stand in a trigger", help);
                }
                if name == "now" { Ty::Str } else { Ty::Any }
            }
            Ex::Var(_) | Ex::Attr(..) | Ex::Item(..) => match e.path() {
                Some(path) => self.path(&path, site, at),
                None => {
                    self.infer_all(e, site, at);
                    Ty::Any
                }
            },
            Ex::Slice(x, _) => {
                for (n, c) in e.children().into_iter().enumerate().skip(1) {
                    self.infer(c, site, at.part(n));
                }
                self.infer(x, site, at.part(0))
            }
        }
    }

    fn infer_all(&mut self, e: &Ex, site: &Site<'_>, at: At<'_>) {
        for (n, c) in e.children().into_iter().enumerate() {
            self.infer(c, site, at.part(n));
        }
    }

    fn must_be_bool(&mut self, e: &Ex, site: &Site<'_>, at: At<'_>) {
        let ty = self.infer(e, site, at);
        if !matches!(ty, Ty::Bool | Ty::Any) {
            let message = format!("`{}` is {}, not true or false", at.shown(), ty.word());
            let mark = self.mark_at(at);
            self.sink.error("NB1302", mark, message, COMPARE);
        }
    }

    fn comparable(&mut self, op: &str, l: Ty, r: Ty, at: At<'_>) {
        let wrong = match (op, l, r) {
            ("in" | "not in", _, Ty::List | Ty::Any) | (_, Ty::Any, _) | (_, _, Ty::Any) => false,
            ("in" | "not in", l, Ty::Str | Ty::Map) => l != Ty::Str,
            ("in" | "not in", ..) => true,
            ("==" | "!=", l, r) => l != r,
            (_, l, r) => l != r || !matches!(l, Ty::Num | Ty::Str),
        };
        if wrong {
            let message = format!("`{op}` compares {} with {}", l.word(), r.word());
            let mark = self.mark_at(at);
            let help = "bring both to one type, for instance with `| int` or `| string`";
            self.sink.error("NB1303", mark, message, help);
        }
    }

    fn known(&mut self, what: &str, name: &str, list: &[&str], at: At<'_>) {
        if list.contains(&name) {
            return;
        }
        let help = did_you_mean(name, list.iter().copied(), &format!("known: {}", list.join(", ")));
        // The name stands behind the value that it is applied to.
        let from = if what == "function" { at.extent.range.start } else { at.part(0).extent.range.end };
        let to = at.extent.range.end.max(from);
        let found = at.text.get(from..to).and_then(|t| t.find(name)).map(|n| from + n..from + n + name.len());
        let mark = self.mark(at.src, &found.unwrap_or_else(|| at.extent.range.clone()));
        self.sink.error("NB1307", mark, format!("unknown {what} `{name}`"), help);
    }
}

fn trimmed(source: &str) -> Range<usize> {
    let start = source.len() - source.trim_start().len();
    start..start + source.trim().len()
}

/// What people bring from other languages.
fn advice(source: &str) -> &'static str {
    let plain = |s: &str| source.contains(s);
    if plain("&&") || plain("||") {
        "write `and` and `or`"
    } else if plain("===") {
        "write `==`"
    } else if plain("!") && !plain("!=") {
        "write `not x`"
    } else if plain("?") {
        "write `a if c else b`"
    } else if plain("=") && !plain("==") && !plain("!=") && !plain("<=") && !plain(">=") {
        "to compare, write `==`"
    } else if source.matches('(').count() != source.matches(')').count() {
        "there are more opening than closing brackets, or the other way round"
    } else {
        "`and`, `or`, `not`, `==`, `in`, `a if c else b` and `x | filter` are known"
    }
}
