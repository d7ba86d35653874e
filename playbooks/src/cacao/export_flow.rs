//! Lists, conditions and loops of ours as a graph of the standard. Lists are written from the back: each step
//! knows what comes after it.

use super::export_cond::stix;
use super::export_step::Writer;
use crate::expr::{Part, ast, parts};
use crate::model::{ForEachSpec, Kind, RepeatSpec, Step};
use serde_json::{Value, json};

/// Items that a loop over a written list may have to be written out one by one.
const MAX_UNROLLED: usize = 20;

impl Writer<'_> {
    /// Steps in their order, then `next`. Gives the id of the first.
    pub fn list(&mut self, steps: &[Step], next: &str, path: &str) -> String {
        let mut after = next.to_owned();
        for step in steps.iter().rev() {
            after = self.step(step, &after, &format!("{path}{}", step.id));
        }
        after
    }

    fn step(&mut self, step: &Step, next: &str, path: &str) -> String {
        let Some(cond) = &step.cond else { return self.whole(step, next, path) };
        let done = self.end(&format!("{path}/if end"));
        let inner = self.whole(step, &done, path);
        let body =
            json!({ "name": format!("Whether: {}", Self::title(step)), "on_true": inner, "on_completion": next });
        self.condition("if-condition", &format!("{path}/if"), cond, body)
    }

    /// A step of the standard with a condition. What cannot be said there is asked just before.
    fn condition(&mut self, kind: &str, path: &str, cond: &str, mut body: Value) -> String {
        if let Some(text) = stix(cond, self) {
            body["condition"] = json!(text);
            return self.add(kind, path, body);
        }
        let variable = self.asked(path);
        body["condition"] = json!(format!("{variable}:value = true"));
        let id = self.add(kind, path, body);
        self.question(&format!("{path}/ask"), &format!("Does this hold? {cond}"), &variable, &id)
    }

    /// The variable for the answer to a question; made of the path, because every question has its own.
    fn asked(&self, path: &str) -> String {
        let name: String =
            path.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
        let digits = self.id_of("x", path);
        let short = digits.get(3..7).unwrap_or_default();
        format!("__holds_{}_{short}__", name.chars().take(60).collect::<String>().trim_matches('_'))
    }

    fn whole(&mut self, step: &Step, next: &str, path: &str) -> String {
        let id = match &step.kind {
            Kind::Switch(cases) => self.switch(step, cases, next, path),
            Kind::Parallel(parallel) => {
                let mut branches = Vec::new();
                for (name, steps) in &parallel.branches {
                    let end = self.end(&format!("{path}/{name}/end"));
                    branches.push(self.list(steps, &end, &format!("{path}/{name}/")));
                }
                let body = json!({ "name": Self::title(step), "next_steps": branches, "on_completion": next });
                self.add("parallel", path, body)
            }
            Kind::Repeat(repeat) => self.repeat(step, repeat, next, path),
            Kind::ForEach(each) => self.for_each(step, each, next, path),
            _ => self.plain(step, next, path),
        };
        if id != next {
            self.failure(step, &id, next, path);
            self.extend(&id, step);
        }
        id
    }

    fn switch(&mut self, step: &Step, cases: &[(Option<String>, Vec<Step>)], next: &str, path: &str) -> String {
        // From the last case to the first: each is what happens when those before do not hold.
        let mut otherwise: Option<String> = None;
        for (i, (cond, steps)) in cases.iter().enumerate().rev() {
            let here = format!("{path}/case {i}");
            let end = self.end(&format!("{here}/end"));
            let inner = self.list(steps, &end, &format!("{here}/"));
            let Some(cond) = cond else {
                otherwise = Some(inner);
                continue;
            };
            let after = if i == 0 { next.to_owned() } else { self.end(&format!("{here}/after")) };
            let mut body = json!({ "name": Self::title(step), "on_true": inner, "on_completion": after });
            if let Some(other) = otherwise.take() {
                body["on_false"] = json!(other);
            }
            otherwise = Some(self.condition("if-condition", &here, cond, body));
        }
        otherwise.unwrap_or_else(|| next.to_owned())
    }

    fn repeat(&mut self, step: &Step, repeat: &RepeatSpec, next: &str, path: &str) -> String {
        let words = format!("{}, at most {} times", Self::title(step), repeat.max);
        self.looped(&words, &repeat.cond, &repeat.steps, next, path)
    }

    fn looped(&mut self, words: &str, cond: &str, steps: &[Step], next: &str, path: &str) -> String {
        let end = self.end(&format!("{path}/round end"));
        let id = self.id_of("while-condition", path);
        let text = stix(cond, self);
        let variable = self.asked(path);
        // An answer holds for one round: it is asked for again at the end of each.
        let question = format!("Does this hold? {cond}");
        let (last, first) = if text.is_some() {
            (end, id.clone())
        } else {
            let again = self.question(&format!("{path}/ask again"), &question, &variable, &end);
            (again, self.question(&format!("{path}/ask"), &question, &variable, &id))
        };
        let body = self.list(steps, &last, &format!("{path}/"));
        let condition = text.unwrap_or_else(|| format!("{variable}:value = true"));
        let whole = json!({ "name": words, "condition": condition, "on_true": body, "on_completion": next });
        self.add("while-condition", path, whole);
        first
    }

    fn for_each(&mut self, step: &Step, each: &ForEachSpec, next: &str, path: &str) -> String {
        let Some(items) = written(&each.items) else {
            let words = format!("{}, for each of {}", Self::title(step), each.items);
            let question = format!("there is a further item in {}", each.items);
            return self.looped(&words, &question, &each.steps, next, path);
        };
        let mut after = next.to_owned();
        let outer = self.item.take();
        for (i, item) in items.iter().enumerate().rev() {
            self.item = Some((each.var.clone(), item.clone()));
            after = self.list(&each.steps, &after, &format!("{path}/{i}/"));
        }
        self.item = outer;
        after
    }
}

/// The items of a list that is written out in the file.
fn written(template: &str) -> Option<Vec<String>> {
    let parts = parts(template).ok()?;
    let [Part::Expr(e, _)] = parts.as_slice() else { return None };
    let ast::Ex::List(items) = ast::parse(e).ok()? else { return None };
    let text = |e: &ast::Ex| match e {
        ast::Ex::Lit(Value::String(s)) => Some(s.clone()),
        ast::Ex::Lit(v @ (Value::Number(_) | Value::Bool(_))) => Some(v.to_string()),
        _ => None,
    };
    let out = items.iter().map(text).collect::<Option<Vec<_>>>()?;
    (!out.is_empty() && out.len() <= MAX_UNROLLED).then_some(out)
}
