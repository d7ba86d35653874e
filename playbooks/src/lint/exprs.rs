//! Expressions: names, types, filters.

use super::Lint;
use super::scope::{Lookup, Ty, answers, filter_type, step};
use super::site::Site;
use crate::expr::ast::{Ex, parse};
use crate::expr::filters::{FILTERS, FUNCTIONS, TESTS};
use crate::expr::{Part, is_template, parts};
use crate::finding::{Pos, did_you_mean};
use serde_json::Value;

impl Lint<'_> {
    /// A condition: one expression without braces that gives true or false.
    pub fn condition(&mut self, source: &str, site: &Site<'_>) {
        let at = self.locate(source, site.at);
        if is_template(source) {
            self.sink.error(
                "NB1301",
                at,
                "a condition stands in braces",
                "write the bare expression: `x == 1`, not `{{ x == 1 }}`",
            );
            return;
        }
        let ty = self.expression(source, site);
        if !matches!(ty, Ty::Bool | Ty::Any) {
            let help = "compare it with something; nothing is taken for true by itself";
            self.sink.error("NB1302", at, format!("the condition gives {}, not true or false", ty.word()), help);
        }
    }

    /// Any value: its strings are templates.
    pub fn value(&mut self, value: &Value, site: &Site<'_>) -> Ty {
        match value {
            Value::String(s) => return self.template(s, site),
            Value::Array(items) => {
                for v in items {
                    self.value(v, site);
                }
            }
            Value::Object(map) => {
                for v in map.values() {
                    self.value(v, site);
                }
            }
            _ => {}
        }
        Ty::of(value)
    }

    /// A string with or without `{{ }}`.
    pub fn template(&mut self, source: &str, site: &Site<'_>) -> Ty {
        let at = self.locate(source, site.at);
        let parts = match parts(source) {
            Ok(p) => p,
            Err((code, message, _)) => {
                self.sink.error(
                    code,
                    at,
                    message,
                    "logic belongs in steps; `a if c else b` chooses within an expression",
                );
                return Ty::Any;
            }
        };
        if let [Part::Expr(e, _)] = parts.as_slice() {
            return self.expression(e, site);
        }
        for part in parts {
            if let Part::Expr(e, _) = part {
                let ty = self.expression(e, site);
                if matches!(ty, Ty::List | Ty::Map) {
                    let at = self.locate(e, site.at);
                    self.sink.error(
                        "NB1305",
                        at,
                        format!("`{}` is {} and stands in text", e.trim(), ty.word()),
                        "use `| join(', ')` or name one field",
                    );
                }
            }
        }
        Ty::Str
    }

    fn expression(&mut self, source: &str, site: &Site<'_>) -> Ty {
        let at = self.locate(source, site.at);
        let dashed: Vec<String> = self.pb.places.keys().filter(|id| id.contains('-')).cloned().collect();
        for id in dashed {
            if source.contains(&format!("steps.{id}")) || source.contains(&format!("steps['{id}']")) {
                let help = format!("`-` would be a subtraction; call the step `{}`", id.replace('-', "_"));
                self.sink.error(
                    "NB1204",
                    at,
                    format!("the step `{id}` has `-` in its id and is used in an expression"),
                    help,
                );
                return Ty::Any;
            }
        }
        match parse(source) {
            Ok(tree) => self.infer(&tree, site, at),
            Err(m) => {
                self.sink.error("NB1304", at, format!("this expression cannot be read: {m}"), "");
                Ty::Any
            }
        }
    }

    fn infer(&mut self, e: &Ex, site: &Site<'_>, at: Pos) -> Ty {
        match e {
            Ex::Lit(v) => Ty::of(v),
            Ex::List(items) => {
                for i in items {
                    self.infer(i, site, at);
                }
                Ty::List
            }
            Ex::Map(entries) => {
                for (_, v) in entries {
                    self.infer(v, site, at);
                }
                Ty::Map
            }
            Ex::Unary("not", x) => {
                self.must_be_bool(x, site, at);
                Ty::Bool
            }
            Ex::Unary(_, x) => {
                self.infer(x, site, at);
                Ty::Num
            }
            Ex::Binary("and" | "or", l, r) => {
                self.must_be_bool(l, site, at);
                self.must_be_bool(r, site, at);
                Ty::Bool
            }
            Ex::Binary(op, l, r) => {
                let (l, r) = (self.infer(l, site, at), self.infer(r, site, at));
                if *op == "~" { Ty::Str } else { l.join(r) }
            }
            Ex::Compare(first, rest) => {
                let mut left = self.infer(first, site, at);
                for (op, right) in rest {
                    let right = self.infer(right, site, at);
                    self.comparable(op, left, right, at);
                    left = right;
                }
                Ty::Bool
            }
            Ex::If(c, t, f) => {
                self.must_be_bool(c, site, at);
                let t = self.infer(t, site, at);
                f.as_ref().map_or(Ty::Any, |f| self.infer(f, site, at).join(t))
            }
            Ex::Filter(x, name, args) => {
                let ty = self.infer(x, site, at);
                let args: Vec<Ty> = args.iter().map(|a| self.infer(&a.value, site, at)).collect();
                self.known("filter", name, FILTERS, at);
                filter_type(name, ty, args.first().copied())
            }
            Ex::Test(x, name, args) => {
                self.infer(x, site, at);
                for a in args {
                    self.infer(&a.value, site, at);
                }
                self.known("test", name, TESTS, at);
                Ty::Bool
            }
            Ex::Call(f, args) => {
                for a in args {
                    self.infer(&a.value, site, at);
                }
                let name = f.path().map(|p| p.join(".")).unwrap_or_default();
                self.known("function", &name, FUNCTIONS, at);
                if name == "now" && !site.clock {
                    self.sink.error(
                        "NB1307",
                        at,
                        "`now()` cannot stand in a trigger",
                        "whether an event matches must not depend on when it is asked",
                    );
                }
                if name == "now" { Ty::Str } else { Ty::Any }
            }
            Ex::Var(_) | Ex::Attr(..) | Ex::Item(..) => match e.path() {
                Some(path) => self.path(&path, site, at),
                None => {
                    for c in e.children() {
                        self.infer(c, site, at);
                    }
                    Ty::Any
                }
            },
            Ex::Slice(x, parts) => {
                for p in parts.iter().flatten() {
                    self.infer(p, site, at);
                }
                self.infer(x, site, at)
            }
        }
    }

    fn must_be_bool(&mut self, e: &Ex, site: &Site<'_>, at: Pos) {
        let ty = self.infer(e, site, at);
        if !matches!(ty, Ty::Bool | Ty::Any) {
            let message = format!("`{}` is {}, not true or false", e.source(), ty.word());
            self.sink.error("NB1302", at, message, "compare it with something; nothing is taken for true by itself");
        }
    }

    fn comparable(&mut self, op: &str, l: Ty, r: Ty, at: Pos) {
        let wrong = match (op, l, r) {
            ("in" | "not in", _, Ty::List | Ty::Any) | (_, Ty::Any, _) | (_, _, Ty::Any) => false,
            ("in" | "not in", l, Ty::Str | Ty::Map) => l != Ty::Str,
            ("in" | "not in", ..) => true,
            ("==" | "!=", l, r) => l != r,
            (_, l, r) => l != r || !matches!(l, Ty::Num | Ty::Str),
        };
        if wrong {
            let message = format!("`{op}` compares {} with {}", l.word(), r.word());
            self.sink.error("NB1303", at, message, "bring both to one type, for instance with `| int` or `| string`");
        }
    }

    fn known(&mut self, what: &str, name: &str, list: &[&str], at: Pos) {
        if !list.contains(&name) {
            let help = did_you_mean(name, list.iter().copied(), &format!("known: {}", list.join(", ")));
            self.sink.error("NB1307", at, format!("unknown {what} `{name}`"), help);
        }
    }

    fn path(&mut self, path: &[&str], site: &Site<'_>, at: Pos) -> Ty {
        let Some((root, rest)) = path.split_first() else { return Ty::Any };
        if *root == "secrets" {
            return self.secret(rest, site, at);
        }
        if !site.roots.contains(root) {
            let help =
                did_you_mean(root, site.roots.iter().copied(), &format!("known here: {}", site.roots.join(", ")));
            self.sink.error("NB1201", at, format!("unknown name `{root}`"), help);
            return Ty::Any;
        }
        let maps = ["inputs", "vars", "steps", "run", "failure", "answers", "loop", "trigger"];
        let Some((name, fields)) = rest.split_first() else {
            return if maps.contains(root) { Ty::Map } else { Ty::Any };
        };
        match *root {
            "inputs" => {
                let found = self.scope.inputs.get(*name).copied();
                let names: Vec<String> = self.scope.inputs.keys().cloned().collect();
                self.named("input", name, found, &names, fields, at)
            }
            "vars" => {
                let found =
                    self.scope.all_vars.contains(*name).then(|| self.scope.vars.get(*name).copied().unwrap_or(Ty::Any));
                let names: Vec<String> = self.scope.all_vars.iter().cloned().collect();
                self.named("variable", name, found, &names, fields, at)
            }
            "run" => self.fixed("run", name, &["id", "started_at", "playbook", "version"], at),
            "loop" if *name == "index" => Ty::Num,
            "loop" => self.fixed("loop", name, &["index"], at),
            "failure" => self.fixed("failure", name, &["step", "code", "message", "at"], at),
            "answers" => {
                let lookup = answers(self.pb, site.form.unwrap_or_default());
                self.look(&lookup, rest, "answers", at)
            }
            "steps" => self.step_path(name, fields, site, at),
            _ => Ty::Any,
        }
    }

    fn named(&mut self, what: &str, name: &str, found: Option<Ty>, known: &[String], fields: &[&str], at: Pos) -> Ty {
        match found {
            Some(ty) if fields.is_empty() => ty,
            Some(_) => Ty::Any,
            None => {
                let help =
                    did_you_mean(name, known.iter().map(String::as_str), &format!("known: {}", known.join(", ")));
                self.sink.error("NB1201", at, format!("there is no {what} `{name}`"), help);
                Ty::Any
            }
        }
    }

    fn fixed(&mut self, root: &str, name: &str, known: &[&str], at: Pos) -> Ty {
        if !known.contains(&name) {
            let help = did_you_mean(name, known.iter().copied(), &format!("known: {}", known.join(", ")));
            self.sink.error("NB1201", at, format!("`{root}` has no `{name}`"), help);
        }
        Ty::Str
    }

    fn secret(&mut self, rest: &[&str], site: &Site<'_>, at: Pos) -> Ty {
        if let Some((code, place)) = site.no_secret {
            self.sink.error(
                code,
                at,
                format!("a secret stands in {place}"),
                "secrets may only be arguments of a `uses` call that is not read by people",
            );
        }
        match rest.first() {
            Some(name) if self.pb.secrets.iter().any(|s| s == name) => {}
            other => {
                let name = other.copied().unwrap_or("?");
                let known: Vec<&str> = self.pb.secrets.iter().map(String::as_str).collect();
                let help = did_you_mean(name, known, "list it under `secrets:`");
                self.sink.error("NB1602", at, format!("the secret `{name}` is not declared"), help);
            }
        }
        Ty::Str
    }

    fn step_path(&mut self, id: &str, fields: &[&str], site: &Site<'_>, at: Pos) -> Ty {
        let Some(place) = self.pb.place(id) else {
            let known: Vec<&str> = self.pb.places.keys().map(String::as_str).collect();
            let help = did_you_mean(id, known, "steps are named by their id");
            self.sink.error("NB1201", at, format!("there is no step `{id}`"), help);
            return Ty::Any;
        };
        if place.order >= site.order && site.own != Some(id) {
            let help = "use it in a later step, or move this step behind it";
            self.sink.error("NB1202", at, format!("the step `{id}` cannot have run before this point"), help);
            return Ty::Any;
        }
        if !site.scope.starts_with(&place.scope) {
            let holder = place.scope.last().cloned().unwrap_or_default();
            let repeat = matches!(self.pb.step(&holder).map(|s| &s.kind), Some(crate::model::Kind::Repeat(_)));
            let gives = if repeat { "last" } else { "results" };
            let help = format!("outside of the loop use `steps.{holder}.outputs.{gives}`");
            self.sink.error("NB1203", at, format!("the step `{id}` is only visible inside of `{holder}`"), help);
            return Ty::Any;
        }
        for (holder, n) in super::site::branches(self.pb, id) {
            if site.branches.iter().any(|(h, m)| *h == holder && *m != n) {
                let message =
                    format!("the step `{id}` stands in another branch of `{holder}`, which runs at the same time");
                self.sink.error("NB1202", at, message, "use it after the `parallel`, where all branches have ended");
                return Ty::Any;
            }
        }
        let lookup = step(self.pb, id);
        self.look(&lookup, fields, &format!("steps.{id}"), at)
    }

    fn look(&mut self, lookup: &Lookup, fields: &[&str], shown: &str, at: Pos) -> Ty {
        match (lookup, fields.split_first()) {
            (Lookup::Value(ty), None) => *ty,
            (Lookup::Value(_), Some(_)) => Ty::Any,
            (Lookup::Fields(_), None) => Ty::Map,
            (Lookup::Fields(known), Some((name, rest))) => match known.get(*name) {
                Some(inner) => self.look(inner, rest, &format!("{shown}.{name}"), at),
                None => {
                    let names: Vec<&str> = known.keys().map(String::as_str).collect();
                    let help = did_you_mean(name, names.clone(), &format!("known: {}", names.join(", ")));
                    self.sink.error("NB1403", at, format!("`{shown}` has no `{name}`"), help);
                    Ty::Any
                }
            },
        }
    }

    /// Where the text stands: the first line from `from` on that holds it, else `from`.
    pub fn locate(&self, needle: &str, from: Pos) -> Pos {
        let needle = needle.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
        if needle.is_empty() {
            return from;
        }
        let start = (from.line as usize).saturating_sub(1);
        for (number, line) in (1u32..).zip(self.pb.source.lines()).skip(start) {
            if let Some(byte) = line.find(needle) {
                let column = line.get(..byte).map_or(0, |l| l.chars().count()) as u32 + 1;
                return Pos { line: number, column };
            }
        }
        from
    }
}
