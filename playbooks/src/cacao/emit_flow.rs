//! Conditions, loops and branches as steps of ours.

use super::cond;
use super::doc::{Kind, TOP, short};
use super::emit::{Emit, fails};
use super::ids::{Names, word};
use super::text;
use super::tree::Stmt;
use super::write::{Out, map};
use serde_json::Value;

/// A case: its condition, and the statements.
type Case<'s> = (String, &'s [Stmt]);

impl Emit<'_, '_> {
    pub(super) fn flow(&mut self, stmt: &Stmt, out: &mut Vec<Out>) {
        match stmt {
            Stmt::Choice(n, ways) => self.choice(*n, ways, out),
            Stmt::Outcome(n, good, bad) => {
                let well = self.went_well.get(n).cloned().unwrap_or_else(|| "true".to_owned());
                let id = self.id(*n, "then");
                self.switch(id, vec![(well, good)], bad, out);
            }
            Stmt::Repeat(step, number, leaves, body) => self.repeat(*step, *number, *leaves, body, out),
            Stmt::Leave(number, way) => {
                let var = self.round(*number);
                let id = self.names.take("leave_the_loop");
                out.push(set(id, var, Value::from(*way)));
            }
            Stmt::Left(number, ways) => {
                let var = self.round(*number);
                let (last, first) = ways.split_last().map_or((&[][..], &[][..]), |(l, f)| (l.as_slice(), f));
                let cases = first.iter().enumerate().map(|(i, s)| (format!("vars.{var} == {}", i + 1), s.as_slice()));
                let id = self.names.take("after_the_loop");
                self.switch(id, cases.collect(), last, out);
            }
            Stmt::Parallel(n, branches) => self.parallel(*n, branches, out),
            Stmt::Step(_) | Stmt::End => {}
        }
    }

    fn id(&mut self, n: usize, suffix: &str) -> String {
        let title = self.doc.steps.get(n).map_or("step", |s| s.title());
        let base = word(title, "step");
        self.names.take(&if suffix.is_empty() { base } else { format!("{base}_{suffix}") })
    }

    fn round(&mut self, number: usize) -> String {
        if let Some(name) = self.rounds.get(&number) {
            return name.clone();
        }
        let name = self.vars.fresh("loop");
        self.rounds.insert(number, name.clone());
        name
    }

    /// The cases of a condition as far as they can be said, and the rest. A condition that cannot is asked.
    fn choice(&mut self, n: usize, ways: &[Vec<Stmt>], out: &mut Vec<Out>) {
        self.before(n, out);
        let (mut cases, mut default) = self.cases(n, ways, out);
        // A condition that is all there is in the default joins the cases: lists stay flat.
        while let [Stmt::Choice(inner, ways)] = default {
            let Some(step) = self.doc.steps.get(*inner).copied() else { break };
            let plain = !fails(&step) && !step.map.contains_key("delay") && !step.map.contains_key("step_variables");
            let Some(more) = plain.then(|| self.told(*inner, ways)).flatten() else { break };
            cases.extend(more.0);
            default = more.1;
        }
        let id = self.id(n, "");
        if let Some(id) = self.switch(id, cases, default, out) {
            self.holder(n, &id, out);
        }
    }

    /// A step that holds others went well when it succeeded.
    fn holder(&mut self, n: usize, id: &str, out: &mut [Out]) {
        if self.doc.steps.get(n).is_some_and(fails) {
            if let Some(last) = out.last_mut() {
                last.put("on_error", "continue");
            }
            self.went_well.insert(n, format!("steps.{id}.status == 'succeeded'"));
        }
    }

    /// Cases whose conditions can all be said.
    fn told<'s>(&mut self, n: usize, ways: &'s [Vec<Stmt>]) -> Option<(Vec<Case<'s>>, &'s [Stmt])> {
        let step = self.doc.steps.get(n).copied()?;
        let (last, first) = ways.split_last()?;
        let conditions: Vec<String> = if step.kind == Kind::Switch {
            let switch = step.text("switch")?;
            let keys = step.map.get("cases").and_then(Value::as_object).into_iter().flat_map(|c| c.keys());
            keys.filter(|k| *k != "default").map(|k| cond::case(switch, k, n, &mut self.vars)).collect::<Option<_>>()?
        } else {
            vec![cond::translate(step.text("condition")?, n, &mut self.vars)?]
        };
        Some((conditions.into_iter().zip(first.iter().map(Vec::as_slice)).collect(), last))
    }

    fn cases<'s>(&mut self, n: usize, ways: &'s [Vec<Stmt>], out: &mut Vec<Out>) -> (Vec<Case<'s>>, &'s [Stmt]) {
        if let Some(told) = self.told(n, ways) {
            return told;
        }
        let Some(step) = self.doc.steps.get(n).copied() else { return (Vec::new(), &[]) };
        let (last, first) = ways.split_last().map_or((&[][..], &[][..]), |(l, f)| (l.as_slice(), f));
        if step.kind != Kind::Switch {
            let yes = self.decide(n, step.text("condition").unwrap_or_default(), out);
            return (vec![(yes, first.first().map_or(&[][..], Vec::as_slice))], last);
        }
        let keys = step.map.get("cases").and_then(Value::as_object).into_iter().flat_map(|c| c.keys());
        let keys: Vec<String> = keys.filter(|k| *k != "default").cloned().collect();
        let about = step.text("switch").unwrap_or_default().to_owned();
        self.untold(n, &about);
        let id = self.id(n, "which");
        let mut options: Vec<Out> = keys.iter().take(24).map(|k| text::cut(k, 75).into()).collect();
        options.push("none of these".into());
        let form = map([
            ("id", "which".into()),
            ("type", "choice".into()),
            ("label", "Which case is it?".into()),
            ("options", Out::List(options)),
            ("required", true.into()),
        ]);
        self.question(n, &id, &about, form, out);
        let condition = |k: &String| format!("steps.{id}.outputs.answers.which == {}", cond::quote(&text::cut(k, 75)));
        (keys.iter().map(condition).zip(first.iter().map(Vec::as_slice)).collect(), last)
    }

    /// Asks the on-call whether a condition holds; gives the condition on the answer.
    fn decide(&mut self, n: usize, condition: &str, out: &mut Vec<Out>) -> String {
        self.untold(n, condition);
        let id = self.id(n, "holds");
        let form = map([
            ("id", "holds".into()),
            ("type", "boolean".into()),
            ("label", "Does this condition hold?".into()),
            ("required", true.into()),
        ]);
        self.question(n, &id, condition, form, out);
        format!("steps.{id}.outputs.answers.holds")
    }

    fn untold(&mut self, n: usize, condition: &str) {
        let id = self.doc.steps.get(n).map_or("", |s| s.id);
        let message = format!("the condition `{}` of `{id}` cannot be translated", short(condition));
        let help = "a person of the on-call is asked instead; write it as `case` if you can say it in our language";
        self.sink.warn("NB3111", TOP, message, help);
    }

    fn question(&mut self, n: usize, id: &str, condition: &str, form: Out, out: &mut Vec<Out>) {
        let Some(step) = self.doc.steps.get(n).copied() else { return };
        let mut words = vec![step.title()];
        words.extend(step.text("description"));
        let mut intro = words.join("\n");
        if !condition.is_empty() {
            intro.push_str(&format!("\nThe condition: {condition}"));
        }
        let intro = text::template(&text::cut(&intro, self.longest), n, &mut self.vars);
        let ask = map([("to", "role:on-call".into()), ("intro", intro.into()), ("form", Out::List(vec![form]))]);
        let timeout = self.deadline(nightbell_core::duration::Span::hours(24));
        self.waits += 1;
        let entries = [("id", id.into()), ("ask", ask), ("timeout", timeout.into()), ("on_timeout", "escalate".into())];
        out.push(map(entries));
    }

    /// A `switch`; nothing at all when no way does anything. Gives its id when it was written.
    fn switch(&mut self, id: String, cases: Vec<Case<'_>>, default: &[Stmt], out: &mut Vec<Out>) -> Option<String> {
        let mut written: Vec<(String, Vec<Out>)> = cases.into_iter().map(|(c, s)| (c, self.list(s))).collect();
        let mut rest = self.list(default);
        // One empty case: turn the condition round.
        if let [(condition, steps)] = written.as_mut_slice()
            && steps.is_empty()
            && !rest.is_empty()
        {
            *condition = format!("not ({condition})");
            std::mem::swap(steps, &mut rest);
        }
        while rest.is_empty() && written.last().is_some_and(|(_, s)| s.is_empty()) {
            written.pop();
        }
        if written.is_empty() {
            out.append(&mut rest);
            return None;
        }
        let mut items = Vec::new();
        for (condition, mut steps) in written {
            if steps.is_empty() {
                let (id, var) = (self.names.take("nothing_to_do"), self.vars.fresh("nothing"));
                steps.push(set(id, var, Value::Bool(true)));
            }
            items.push(map([("case", condition.into()), ("steps", Out::List(steps))]));
        }
        if !rest.is_empty() {
            items.push(map([("default", true.into()), ("steps", Out::List(rest))]));
        }
        out.push(map([("id", id.clone().into()), ("switch", Out::List(items))]));
        Some(id)
    }

    fn repeat(&mut self, step: Option<usize>, number: usize, leaves: bool, body: &[Stmt], out: &mut Vec<Out>) {
        let condition = step.and_then(|n| {
            self.before(n, out);
            let text = self.doc.steps.get(n).and_then(|s| s.text("condition"))?;
            cond::translate(text, n, &mut self.vars)
        });
        let shown = step.and_then(|n| self.doc.steps.get(n)).map_or("a loop", |s| s.id);
        let message = format!("`{shown}` repeats without a limit");
        self.sink.warn("NB3110", TOP, message, "it runs at most 10 times; set `max` to what you need, up to 1000");
        let asked = step.is_some() && condition.is_none();
        let flagged = leaves || asked || step.is_none();
        let id = match step {
            Some(n) => self.id(n, ""),
            None => self.names.take("again"),
        };
        let mut whiles: Vec<String> = condition.into_iter().collect();
        if flagged {
            let var = self.round(number);
            out.push(set(self.names.take(&format!("before_{id}")), var.clone(), Value::from(0)));
            whiles = whiles.into_iter().map(|c| format!("({c})")).collect();
            whiles.insert(0, format!("vars.{var} == 0"));
        }
        let mut steps = Vec::new();
        if let Some(n) = step.filter(|_| asked) {
            let text = self.doc.steps.get(n).and_then(|s| s.text("condition")).unwrap_or_default();
            let holds = self.decide(n, text, &mut steps);
            let switch = self.id(n, "round");
            self.switch(switch, vec![(holds.clone(), body)], &[], &mut steps);
            let var = self.round(number);
            let mut stop = set(self.names.take(&format!("{id}_over")), var, Value::from(-1));
            stop.put("if", format!("not ({holds})"));
            steps.push(stop);
        } else {
            steps = self.list(body);
        }
        if steps.is_empty() {
            let (id, var) = (self.names.take("nothing_to_do"), self.vars.fresh("nothing"));
            steps.push(set(id, var, Value::Bool(true)));
        }
        let repeat = map([
            ("while", whiles.join(" and ").into()),
            ("max", Out::Leaf(Value::from(10))),
            ("steps", Out::List(steps)),
        ]);
        let mut yaml = map([("id", id.clone().into()), ("repeat", repeat)]);
        let timeout = step.and_then(|n| self.doc.steps.get(n)).and_then(|s| s.millis("timeout"));
        if let Some(ms) = timeout {
            let text = self.deadline(super::emit::span(ms));
            yaml.put("timeout", text);
        }
        out.push(yaml);
        if let Some(n) = step {
            self.holder(n, &id, out);
        }
    }

    fn parallel(&mut self, n: usize, branches: &[Vec<Stmt>], out: &mut Vec<Out>) {
        self.before(n, out);
        let Some(step) = self.doc.steps.get(n).copied() else { return };
        let mut names = Names::default();
        let mut written: Vec<(String, Out)> = Vec::new();
        for branch in branches {
            let mut steps = self.list(branch);
            if !steps.is_empty() {
                let first = steps.first().and_then(|s| s.get("id")).map(Out::json);
                let name = word(first.as_ref().and_then(Value::as_str).unwrap_or("branch"), "branch");
                written.push((names.take(&name), Out::List(std::mem::take(&mut steps))));
            }
        }
        self.went_well.insert(n, "true".to_owned());
        let inline = written.len() == 1 && !fails(&step);
        if written.is_empty() || inline {
            out.extend(
                written.into_iter().flat_map(|(_, s)| if let Out::List(steps) = s { steps } else { Vec::new() }),
            );
            return;
        }
        while written.len() < 2 {
            let (id, var) = (self.names.take("nothing_to_do"), self.vars.fresh("nothing"));
            written.push((names.take("nothing_to_do"), Out::List(vec![set(id, var, Value::Bool(true))])));
        }
        // Sixteen branches at most in one step; more of them go into groups.
        while written.len() > 16 {
            let mut groups = Vec::new();
            let mut rest = written.into_iter().peekable();
            while rest.peek().is_some() {
                let group: Vec<(String, Out)> = rest.by_ref().take(16).collect();
                let name = names.take("group");
                if group.len() == 1 {
                    groups.extend(group);
                    continue;
                }
                let id = self.id(n, "group");
                let inner = map([("id", id.into()), ("parallel", Out::Map(group))]);
                groups.push((name, Out::List(vec![inner])));
            }
            written = groups;
        }
        let id = self.id(n, "");
        let mut yaml = map([("id", id.clone().into()), ("parallel", Out::Map(written))]);
        if let Some(ms) = step.millis("timeout") {
            let text = self.deadline(super::emit::span(ms));
            yaml.put("timeout", text);
        }
        out.push(yaml);
        self.holder(n, &id, out);
    }
}

fn set(id: String, var: String, value: Value) -> Out {
    map([("id", id.into()), ("set", Out::Map(vec![(var, Out::Leaf(value))]))])
}
