//! Names in expressions: what each root holds and who may see it.

use super::exprs::At;
use super::scope::{Lookup, Ty, answers, step};
use super::site::Site;
use super::{Lint, site};
use crate::finding::did_you_mean;
use crate::model::Kind;

impl Lint<'_> {
    pub(super) fn path(&mut self, path: &[&str], site: &Site<'_>, at: At<'_>) -> Ty {
        let Some((root, rest)) = path.split_first() else { return Ty::Any };
        self.used.insert(path.join("."));
        if *root == "secrets" {
            return self.secret(rest, site, at);
        }
        if !site.roots.contains(root) {
            self.unknown_root(root, site, at);
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

    fn unknown_root(&mut self, root: &str, site: &Site<'_>, at: At<'_>) {
        let elsewhere = match root {
            "failure" => Some("`failure` exists only in `on_failure`, `on_error`, `on_timeout` and `retry.when`"),
            "answers" => Some("`answers` exists only in the form itself; later it is `steps.<id>.outputs.answers`"),
            "event" => Some("`event` exists only in `match`; later it is `steps.<id>.outputs.event`"),
            "loop" => Some("`loop` exists only inside of `for_each` and `repeat`"),
            "secrets" => None,
            name if self.is_item(name) => Some("the item of a loop exists only inside of its `for_each`"),
            _ => None,
        };
        let known = format!("known here: {}", site.roots.join(", "));
        let help = elsewhere.map_or_else(|| did_you_mean(root, site.roots.iter().copied(), &known), str::to_owned);
        let message = match elsewhere {
            Some(_) => format!("`{root}` does not exist here"),
            None => format!("unknown name `{root}`"),
        };
        let mark = self.mark_at(at);
        self.sink.error("NB1201", mark, message, help);
    }

    fn is_item(&self, name: &str) -> bool {
        self.pb.walk().iter().any(|s| matches!(&s.kind, Kind::ForEach(e) if e.var == name))
    }

    fn named(&mut self, what: &str, name: &str, found: Option<Ty>, all: &[String], fields: &[&str], at: At<'_>) -> Ty {
        match found {
            Some(ty) if fields.is_empty() => ty,
            Some(_) => Ty::Any,
            None => {
                let known = match all {
                    [] => format!("this playbook has no {what} at all"),
                    all => format!("known: {}", all.join(", ")),
                };
                let help = did_you_mean(name, all.iter().map(String::as_str), &known);
                let mark = self.mark_at(at);
                self.sink.error("NB1201", mark, format!("there is no {what} `{name}`"), help);
                Ty::Any
            }
        }
    }

    fn fixed(&mut self, root: &str, name: &str, known: &[&str], at: At<'_>) -> Ty {
        if !known.contains(&name) {
            let help = did_you_mean(name, known.iter().copied(), &format!("known: {}", known.join(", ")));
            let mark = self.mark_at(at);
            self.sink.error("NB1201", mark, format!("`{root}` has no `{name}`"), help);
        }
        Ty::Str
    }

    fn secret(&mut self, rest: &[&str], site: &Site<'_>, at: At<'_>) -> Ty {
        let mark = self.mark_at(at);
        if let Some((code, place)) = site.no_secret {
            self.sink.error(
                code,
                mark,
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
                self.sink.error("NB1602", mark, format!("the secret `{name}` is not declared"), help);
            }
        }
        Ty::Str
    }

    fn step_path(&mut self, id: &str, fields: &[&str], site: &Site<'_>, at: At<'_>) -> Ty {
        let mark = self.mark_at(at);
        let Some(place) = self.pb.place(id) else {
            let known: Vec<&str> = self.pb.places.keys().map(String::as_str).collect();
            let help = did_you_mean(id, known, "steps are named by their id");
            self.sink.error("NB1201", mark, format!("there is no step `{id}`"), help);
            return Ty::Any;
        };
        if place.order >= site.order && site.own != Some(id) {
            let (message, help) = if place.order == site.order {
                (format!("the step `{id}` uses its own result"), "only its `undo` may: use it in a later step")
            } else {
                let message = format!("the step `{id}` cannot have run before this point");
                (message, "use it in a later step, or move this step behind it")
            };
            self.sink.error("NB1202", mark, message, help);
            return Ty::Any;
        }
        if !site.scope.starts_with(&place.scope) {
            let holder = place.scope.last().cloned().unwrap_or_default();
            let repeat = matches!(self.pb.step(&holder).map(|s| &s.kind), Some(Kind::Repeat(_)));
            let gives = if repeat { format!("last.{id}") } else { "results".to_owned() };
            let help = format!("outside of the loop use `steps.{holder}.outputs.{gives}`");
            self.sink.error("NB1203", mark, format!("the step `{id}` is only visible inside of `{holder}`"), help);
            return Ty::Any;
        }
        for (holder, n) in site::branches(self.pb, id) {
            if site.branches.iter().any(|(h, m)| *h == holder && *m != n) {
                let message =
                    format!("the step `{id}` stands in another branch of `{holder}`, which runs at the same time");
                self.sink.error("NB1202", mark, message, "use it after the `parallel`, where all branches have ended");
                return Ty::Any;
            }
        }
        let lookup = step(self.pb, id);
        self.look(&lookup, fields, &format!("steps.{id}"), at)
    }

    fn look(&mut self, lookup: &Lookup, fields: &[&str], shown: &str, at: At<'_>) -> Ty {
        match lookup.find(fields) {
            Ok(ty) => ty,
            Err((depth, names)) => {
                let shown = fields.iter().take(depth).fold(shown.to_owned(), |s, f| format!("{s}.{f}"));
                let name = fields.get(depth).copied().unwrap_or_default();
                let known = match names.as_slice() {
                    [] => "it has none".to_owned(),
                    names => format!("known: {}", names.join(", ")),
                };
                let help = did_you_mean(name, names.iter().copied(), &known);
                let mark = self.mark_at(at);
                self.sink.error("NB1403", mark, format!("`{shown}` has no `{name}`"), help);
                Ty::Any
            }
        }
    }
}
