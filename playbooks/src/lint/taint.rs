//! Where text from outside and words of a model go.
//!
//! Only the flow of values counts, not that of decisions: `'high' if x else 'low'` carries nothing of `x`.

use super::exprs::At;
use super::{Lint, Src, Tree};
use crate::api::QuestionKind;
use crate::expr::ast::Ex;
use crate::expr::{Part, parts};
use crate::finding::Mark;
use crate::model::{CallSpec, InputType, Kind, ListRef, Step};
use crate::yaml::Node;
use nightbell_core::action::{ArgType, Effect};
use serde_json::Value;
use std::collections::BTreeMap;

/// Text that anybody outside may have written: what an event, an alert or a mail says.
const OUTSIDE: u8 = 1;
/// Words of a model.
const MODEL: u8 = 2;
/// Free text of a colleague, or of a service that was asked.
const FREE: u8 = 4;

/// Arguments in which text from outside does harm, and which text.
const SINKS: &[(&str, u8)] = &[
    ("command", OUTSIDE | FREE),
    ("url", OUTSIDE | FREE),
    ("channel", OUTSIDE | FREE),
    ("subject", OUTSIDE),
    ("title", OUTSIDE),
];
/// Parts of a trigger that the platform or the alert rule writes, not the sender.
const TRUSTED: &[&str] = &[
    "id",
    "kind",
    "user",
    "channel",
    "time",
    "slot",
    "late_by",
    "severity",
    "playbook",
    "path",
    "rule",
    "host",
    "source_ip",
];
/// Filters that hand on what they get.
const PASSING: &[&str] = &[
    "default",
    "d",
    "upper",
    "lower",
    "title",
    "trim",
    "string",
    "first",
    "last",
    "join",
    "list",
    "sort",
    "unique",
    "reverse",
    "map",
    "select",
    "reject",
    "selectattr",
    "rejectattr",
    "items",
    "batch",
    "slice",
    "lines",
    "attr",
    "groupby",
    "dictsort",
    "chain",
    "zip",
    "max",
    "min",
    "split",
];

impl Lint<'_> {
    pub(super) fn taint(&mut self) {
        let mut vars = BTreeMap::new();
        // Variables feed variables; the set only grows, so this ends.
        loop {
            let before = vars.clone();
            self.spread(&mut vars);
            if vars == before {
                break;
            }
        }
        for step in self.pb.walk() {
            let node = self.node(&step.id);
            match &step.kind {
                Kind::Uses(call) => self.sinks(step, call, node, &vars),
                Kind::Approve(a) => {
                    let action = node.and_then(|n| n.get("approve")).and_then(|n| n.get("action"));
                    self.sinks(step, &a.action, action, &vars);
                    self.approved(step, &a.action, action, &vars);
                }
                _ => {}
            }
            if let Some(undo) = &step.undo {
                self.sinks(step, undo, node.and_then(|n| n.get("undo")), &vars);
            }
        }
    }

    fn spread(&mut self, vars: &mut BTreeMap<String, u8>) {
        let pb = self.pb;
        let set = |lint: &mut Self, vars: &mut BTreeMap<String, u8>, name: &str, value: &Value, at: Option<&Step>| {
            let taint = lint.of_value(value, at, vars);
            *vars.entry(name.to_owned()).or_default() |= taint;
        };
        for (name, value) in &pb.vars {
            set(self, vars, name, value, None);
        }
        for step in pb.walk() {
            if let Kind::Set(values) = &step.kind {
                for (name, value) in values {
                    set(self, vars, name, value, Some(step));
                }
            }
        }
    }

    fn sinks(&mut self, step: &Step, call: &CallSpec, node: Option<&Node>, vars: &BTreeMap<String, u8>) {
        let with = node.and_then(|n| n.get("with"));
        for (name, value) in &call.with {
            let Some((_, harmful)) = SINKS.iter().find(|(n, _)| n == name) else { continue };
            let node = with.and_then(|w| w.get(name));
            if let Some(mark) = self.first(value, node, step, vars, *harmful) {
                let message = format!("text from outside goes into `{name}` of `{}` without a filter", call.action);
                let help = match name.as_str() {
                    "command" => "choose the command from fixed words, as in `'a' if ... else 'b'`",
                    "channel" => "take the channel from a fixed word, an input or `trigger.channel`",
                    _ => "pass it through `defang`, `redact`, `domain_of` or `replace`, whichever fits",
                };
                self.sink.warn("NB1604", mark, message, help);
            }
        }
    }

    fn approved(&mut self, step: &Step, call: &CallSpec, node: Option<&Node>, vars: &BTreeMap<String, u8>) {
        let with = node.and_then(|n| n.get("with"));
        for (name, value) in &call.with {
            let node = with.and_then(|w| w.get(name));
            if let Some(mark) = self.first(value, node, step, vars, MODEL) {
                let message = format!("words of a model reach the argument `{name}` of `{}`", call.action);
                let help = "take it from evidence instead: the report, the alert, the directory";
                self.sink.warn("NB1706", mark, message, help);
            }
        }
    }

    /// The first expression of a value that carries `wanted`.
    fn first(
        &mut self,
        v: &Value,
        n: Option<&Node>,
        s: &Step,
        vars: &BTreeMap<String, u8>,
        wanted: u8,
    ) -> Option<Mark> {
        match v {
            Value::String(text) => {
                for part in parts(text).ok()? {
                    let Part::Expr(e, base) = part else { continue };
                    let Ok(tree) = self.tree(e) else { continue };
                    if self.of_expr(&tree.0, Some(s), vars) & wanted != 0 {
                        let src = Src { node: n, base, at: n.map_or(s.at, |n| n.at) };
                        return Some(self.mark_at(At { src, text: e, extent: &tree.1 }));
                    }
                }
                None
            }
            Value::Array(items) => {
                items.iter().enumerate().find_map(|(i, v)| self.first(v, n.and_then(|n| n.item(i)), s, vars, wanted))
            }
            Value::Object(map) => {
                map.iter().find_map(|(k, v)| self.first(v, n.and_then(|n| n.get(k)), s, vars, wanted))
            }
            _ => None,
        }
    }

    fn of_value(&mut self, value: &Value, at: Option<&Step>, vars: &BTreeMap<String, u8>) -> u8 {
        match value {
            Value::String(text) => {
                let mut out = 0;
                for part in parts(text).unwrap_or_default() {
                    if let Part::Expr(e, _) = part
                        && let Ok(tree) = self.tree(e)
                    {
                        out |= self.of_expr(&tree.0, at, vars);
                    }
                }
                out
            }
            Value::Array(items) => items.iter().fold(0, |t, v| t | self.of_value(v, at, vars)),
            Value::Object(map) => map.values().fold(0, |t, v| t | self.of_value(v, at, vars)),
            _ => 0,
        }
    }

    fn of_expr(&self, e: &Ex, at: Option<&Step>, vars: &BTreeMap<String, u8>) -> u8 {
        let of = |e: &Ex| self.of_expr(e, at, vars);
        match e {
            Ex::Lit(_) | Ex::Compare(..) | Ex::Test(..) | Ex::Unary(..) | Ex::Call(..) => 0,
            Ex::Binary("and" | "or", ..) => 0,
            Ex::If(_, t, f) => of(t) | f.as_ref().map_or(0, |f| of(f)),
            Ex::Filter(x, name, args) => {
                let passed = of(x) | args.iter().fold(0, |t, a| t | of(&a.value));
                if PASSING.contains(&name.as_str()) { passed } else { passed & MODEL }
            }
            Ex::Var(_) | Ex::Attr(..) | Ex::Item(..) => match e.path() {
                Some(path) => self.of_path(&path, at, vars),
                // `x[n]` is as good as `x`; the index says nothing.
                None => e.children().first().map_or(0, |x| of(x)),
            },
            Ex::Slice(x, _) => of(x),
            _ => e.children().into_iter().fold(0, |t, c| t | of(c)),
        }
    }

    fn of_path(&self, path: &[&str], at: Option<&Step>, vars: &BTreeMap<String, u8>) -> u8 {
        match path {
            ["trigger"] => OUTSIDE,
            // What a colleague typed behind a command.
            ["trigger", "args", ..] => FREE,
            ["trigger", field, ..] => u8::from(!TRUSTED.contains(field)) * OUTSIDE,
            ["event", ..] => OUTSIDE,
            ["inputs", name, ..] => self.of_input(name),
            ["vars", name, ..] => vars.get(*name).copied().unwrap_or(0),
            ["steps", id, "outputs", fields @ ..] => self.pb.step(id).map_or(0, |s| self.of_outputs(s, fields)),
            [item, ..] => self.of_item(item, at, vars),
            [] => 0,
        }
    }

    /// An input is typed and checked; only free text that a trigger fills is text from outside.
    fn of_input(&self, name: &str) -> u8 {
        let free = |t: InputType| matches!(t, InputType::String | InputType::Map | InputType::List | InputType::Mail);
        let input = self.pb.inputs.iter().find(|i| i.name == name && free(i.kind) && i.options.is_empty());
        let Some(Value::String(default)) = input.and_then(|i| i.default.as_ref()) else { return 0 };
        self.expressions(default).iter().fold(0, |t, tree| t | self.of_expr(&tree.0, None, &BTreeMap::new()))
    }

    /// The expressions of a template that the first pass has read.
    fn expressions(&self, text: &str) -> Vec<Tree> {
        let of = |p: Part<'_>| match p {
            Part::Expr(e, _) => self.trees.get(e).and_then(|t| t.as_ref().ok()).cloned(),
            Part::Text(_) => None,
        };
        parts(text).unwrap_or_default().into_iter().filter_map(of).collect()
    }

    fn of_item(&self, name: &str, at: Option<&Step>, vars: &BTreeMap<String, u8>) -> u8 {
        let scope = at.and_then(|s| self.pb.place(&s.id)).map(|p| p.scope.clone()).unwrap_or_default();
        for holder in scope.iter().rev() {
            let Some(step) = self.pb.step(holder) else { continue };
            if let Kind::ForEach(each) = &step.kind
                && each.var == name
            {
                return self
                    .expressions(&each.items)
                    .iter()
                    .fold(0, |t, tree| t | self.of_expr(&tree.0, Some(step), vars));
            }
        }
        0
    }

    fn of_outputs(&self, step: &Step, fields: &[&str]) -> u8 {
        match &step.kind {
            Kind::Uses(call) => self.of_action(call, fields),
            Kind::Approve(a) => match fields {
                ["comment"] => FREE,
                ["action", rest @ ..] => self.of_action(&a.action, rest),
                _ => 0,
            },
            Kind::Ask(a) => match fields {
                ["answers", q, ..] => {
                    let text = |x: &&crate::model::QuestionSpec| x.id == **q && x.kind == QuestionKind::Text;
                    u8::from(a.form.iter().find(text).is_some_and(|q| q.pattern.is_none())) * FREE
                }
                ["answers"] => FREE,
                _ => 0,
            },
            Kind::Wait(_) if fields.first() == Some(&"event") => OUTSIDE,
            Kind::ForEach(_) | Kind::Repeat(_) => {
                let inner = step.lists().into_iter().filter(|(l, _)| matches!(l, ListRef::Body(_)));
                inner.flat_map(|(_, steps)| steps).fold(0, |t, s| t | self.of_outputs(s, &[]))
            }
            _ => 0,
        }
    }

    fn of_action(&self, call: &CallSpec, fields: &[&str]) -> u8 {
        let model = ["llm.", "model."].iter().any(|p| call.action.starts_with(p));
        let own = if model { MODEL } else { 0 };
        let Some(manifest) = self.pb.manifests.get(&call.action) else { return own };
        let kind = fields.first().and_then(|f| manifest.outputs.get(*f)).copied();
        let text = matches!(kind, None | Some(ArgType::String | ArgType::List | ArgType::Map | ArgType::Any));
        // What a mail or a web page says was written by strangers.
        let far = ["mail.", "http.", "site."].iter().any(|p| call.action.starts_with(p));
        own | (u8::from(manifest.effect == Effect::Read && text) * if far { OUTSIDE } else { FREE })
    }
}
