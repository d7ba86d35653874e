//! Structured steps of the document as steps of ours.

use super::commands::{Call, Work};
use super::doc::{Doc, Kind, Step, TOP};
use super::ids::{Names, word};
use super::secrets::Secrets;
use super::text;
use super::tree::Stmt;
use super::vars::{Ty, Vars, bare, dictionary};
use super::write::{Out, map};
use crate::finding::Sink;
use nightbell_core::duration::Span;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::time::Duration;

/// Everything that writing steps needs.
pub(super) struct Emit<'d, 'a> {
    pub doc: &'d Doc<'a>,
    pub vars: Vars,
    pub secrets: &'d Secrets,
    pub sink: &'d mut Sink,
    /// Longest instruction for a person, in characters.
    pub longest: usize,
    /// Instructions that were cut.
    pub cut: u32,
    /// Questions and approvals, for the deadline of the run.
    pub waits: u32,
    pub names: Names,
    /// The condition under which a step of the document went well.
    pub went_well: HashMap<usize, String>,
    /// The variable that says whether a loop goes on.
    pub rounds: HashMap<usize, String>,
    /// The longest deadline of a step.
    pub longest_wait: Span,
}

impl Emit<'_, '_> {
    pub(super) fn list(&mut self, stmts: &[Stmt]) -> Vec<Out> {
        let mut out = Vec::new();
        for stmt in stmts {
            match stmt {
                Stmt::Step(n) => self.step(*n, &mut out),
                Stmt::End => {
                    let id = self.names.take("finish");
                    out.push(map([("id", id.into()), ("end", map([("outcome", "completed".into())]))]));
                }
                other => self.flow(other, &mut out),
            }
        }
        out
    }

    /// What stands before a step: its delay and the values that its variables start with.
    pub(super) fn before(&mut self, n: usize, out: &mut Vec<Out>) {
        let Some(step) = self.doc.steps.get(n).copied() else { return };
        if let Some(delay) = step.millis("delay") {
            let id = self.names.take(&format!("wait_for_{}", word(step.title(), "step")));
            out.push(map([("id", id.into()), ("wait", map([("for", span(delay).to_string().into())]))]));
        }
        let mut values = Vec::new();
        for (name, spec) in dictionary(step.map.get("step_variables")) {
            if let Some(raw) = spec.get("value").and_then(Value::as_str) {
                let var = self.vars.get(n, name);
                let value = super::vars::parse(var.ty, raw).unwrap_or(Value::Null);
                values.push((var.name, Out::from(&text::value(&value, n, &mut self.vars))));
            }
        }
        if !values.is_empty() {
            let id = self.names.take(&format!("values_for_{}", word(step.title(), "step")));
            out.push(map([("id", id.into()), ("set", Out::Map(values))]));
        }
    }

    fn step(&mut self, n: usize, out: &mut Vec<Out>) {
        let Some(step) = self.doc.steps.get(n).copied() else { return };
        self.before(n, out);
        self.went_well.insert(n, "true".to_owned());
        match step.kind {
            Kind::Start | Kind::End => {}
            Kind::Playbook => self.playbook(n, &step, out),
            Kind::Action => self.action(n, &step, out),
            _ => {
                let kind = step.text("type").unwrap_or("unnamed").to_owned();
                let command = Map::from_iter([("type".to_owned(), Value::String(kind))]);
                if let Work::Call(call) = self.work(n, &command, None) {
                    self.call(n, &step, call, out);
                }
            }
        }
    }

    fn action(&mut self, n: usize, step: &Step<'_>, out: &mut Vec<Out>) {
        let commands: Vec<&Map<String, Value>> = step
            .map
            .get("commands")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .collect();
        if commands.is_empty() {
            let message = format!("the step `{}` has no commands", step.id);
            self.sink.warn("NB3122", TOP, message, "it became a question whether it is done");
            self.person(n, step, "", out);
        }
        let targets: Vec<&Map<String, Value>> =
            step.texts("targets").into_iter().filter_map(|t| self.doc.party(t)).collect();
        let agent = step.text("agent").and_then(|a| self.doc.party(a));
        for (i, command) in commands.iter().enumerate() {
            // People see all targets at once; a connector gets one call for each.
            let targets: Vec<_> = match command.get("type").and_then(Value::as_str) {
                Some("manual") => vec![None],
                _ if targets.is_empty() => vec![agent],
                _ => targets.iter().map(|t| Some(*t)).collect(),
            };
            let count = targets.len();
            for (j, target) in targets.into_iter().enumerate() {
                let last = i + 1 == commands.len() && j + 1 == count;
                match self.work(n, command, target) {
                    Work::Person(words) => self.person(n, step, &words, out),
                    Work::Call(call) => {
                        let output = call.output;
                        let (id, path) = self.call(n, step, call, out);
                        if let Some(output) = output.filter(|_| last) {
                            self.results(n, step, &id, &format!("{path}.{output}"), out);
                        }
                    }
                }
            }
        }
    }

    /// The start of a step of ours: id and description, after the step before it went well where that matters.
    fn head(&mut self, n: usize, step: &Step<'_>) -> (String, Out) {
        let id = self.names.take(&word(step.title(), &by_id(step.id)));
        let mut out = map([("id", id.clone().into())]);
        if step.text("name").is_some() {
            out.put("description", text::cut(step.title(), 120));
        }
        if let Some(before) = self.went_well.get(&n).filter(|b| fails(step) && *b != "true") {
            out.put("if", before.clone());
        }
        (id, out)
    }

    /// A command under approval. Gives the step's id and where its outputs stand.
    fn call(&mut self, n: usize, step: &Step<'_>, call: Call, out: &mut Vec<Out>) -> (String, String) {
        let (id, mut yaml) = self.head(n, step);
        let with = Out::Map(call.with);
        let (path, well) = if call.action == "cacao.unsupported" {
            yaml.put("uses", call.action);
            yaml.put("with", with);
            (format!("steps.{id}.outputs"), format!("steps.{id}.status == 'succeeded'"))
        } else {
            self.waits += 1;
            let action = map([("uses", call.action.into()), ("with", with)]);
            let approve = map([("by", "role:on-call".into()), ("summary", call.summary.into()), ("action", action)]);
            yaml.put("approve", approve);
            // The document's deadline is about the command; people need time to decide as well.
            let given = step.millis("timeout").map_or(Span::default(), span);
            yaml.put("timeout", self.deadline(given.max(Span::mins(30))));
            yaml.put("on_timeout", "escalate");
            let granted = format!("steps.{id}.status == 'succeeded' and steps.{id}.outputs.decision == 'granted'");
            (format!("steps.{id}.outputs.action"), granted)
        };
        self.close(n, step, yaml, well, out);
        (id, path)
    }

    /// Notes when the step went well, and that its failure is looked at afterwards.
    fn close(&mut self, n: usize, step: &Step<'_>, mut yaml: Out, well: String, out: &mut Vec<Out>) {
        if fails(step) {
            yaml.put("on_error", "continue");
        }
        self.went_well.insert(n, well);
        out.push(yaml);
    }

    /// What a command gave goes into the variables of `out_args`.
    fn results(&mut self, n: usize, step: &Step<'_>, id: &str, path: &str, out: &mut Vec<Out>) {
        let mut values = Vec::new();
        for name in step.texts("out_args") {
            let var = self.vars.get(n, bare(name));
            let text = format!("{path} | default('') | string");
            let value = match var.ty {
                Ty::Text => format!("{{{{ {text} }}}}"),
                Ty::Whole => format!("{{{{ {text} | trim | int }}}}"),
                Ty::Number => format!("{{{{ {text} | trim | float }}}}"),
                Ty::Flag => format!("{{{{ ({text} | trim | lower) == 'true' }}}}"),
                Ty::Any => format!("{{{{ {path} | default('') }}}}"),
            };
            values.push((var.name, value.into()));
        }
        self.note(n, step, id, values, out);
    }

    /// A `set` after a step that went well.
    fn note(&mut self, n: usize, step: &Step<'_>, id: &str, values: Vec<(String, Out)>, out: &mut Vec<Out>) {
        if values.is_empty() {
            return;
        }
        let set = self.names.take(&format!("{id}_result"));
        let well = self.went_well.get(&n).cloned().unwrap_or_default();
        let yaml = map([("id", set.clone().into()), ("if", well.into()), ("set", Out::Map(values))]);
        let next = format!("steps.{set}.status == 'succeeded'");
        self.close(n, step, yaml, next, out);
    }

    /// A job for a person: the words, and a question whether it is done. What it gives is asked for as well.
    fn person(&mut self, n: usize, step: &Step<'_>, words: &str, out: &mut Vec<Out>) {
        let (id, mut yaml) = self.head(n, step);
        let intro = self.intro(n, step, words);
        let mut form = vec![map([
            ("id", "done".into()),
            ("type", "boolean".into()),
            ("label", "Is this done?".into()),
            ("required", true.into()),
        ])];
        let mut values = Vec::new();
        for name in step.texts("out_args").into_iter().take(15) {
            let var = self.vars.get(n, bare(name));
            let question = if var.name == "done" { "done_value".to_owned() } else { var.name.clone() };
            let kind = match var.ty {
                Ty::Whole | Ty::Number => "number",
                Ty::Flag => "boolean",
                Ty::Text | Ty::Any => "text",
            };
            let label = text::cut(&format!("What is the result: {}?", var.name.replace('_', " ")), 150);
            let mut item = map([("id", question.clone().into()), ("type", kind.into()), ("label", label.into())]);
            if !var.description.is_empty() {
                item.put("help", text::literal(&text::cut(&var.description, 300)));
            }
            item.put("required", true);
            item.put("if", "answers.done");
            form.push(item);
            values.push((var.name, format!("{{{{ steps.{id}.outputs.answers.{question} }}}}").into()));
        }
        yaml.put("ask", map([("to", "role:on-call".into()), ("intro", intro.into()), ("form", Out::List(form))]));
        let given = step.millis("timeout").map_or(Span::hours(24), span);
        yaml.put("timeout", self.deadline(given));
        yaml.put("on_timeout", "escalate");
        self.waits += 1;
        let well = format!("steps.{id}.status == 'succeeded' and steps.{id}.outputs.answers.done");
        self.close(n, step, yaml, well, out);
        self.note(n, step, &id, values, out);
    }

    /// What a person reads: name, description, whom it is about, the instruction.
    fn intro(&mut self, n: usize, step: &Step<'_>, words: &str) -> String {
        let mut parts = vec![step.title().to_owned()];
        parts.extend(step.text("description").filter(|d| !d.trim().is_empty()).map(str::to_owned));
        let name = |id: &str| self.doc.party(id).and_then(|p| p.get("name")).and_then(Value::as_str).map(str::to_owned);
        parts.extend(step.text("agent").and_then(name).map(|a| format!("Who: {a}")));
        let targets: Vec<String> = step.texts("targets").into_iter().filter_map(name).collect();
        if !targets.is_empty() {
            parts.push(format!("About: {}", targets.join(", ")));
        }
        if !words.trim().is_empty() {
            parts.push(words.trim_end().to_owned());
        }
        let whole = parts.join("\n");
        let shown = text::cut(&whole, self.longest);
        self.cut += u32::from(shown != whole);
        text::template(&shown, n, &mut self.vars)
    }

    fn playbook(&mut self, n: usize, step: &Step<'_>, out: &mut Vec<Out>) {
        let wanted = step.text("playbook_id").unwrap_or_default().to_ascii_lowercase();
        let (id, mut yaml) = self.head(n, step);
        yaml.put("playbook", if crate::decode::is_id(&wanted) { wanted } else { "not-named".to_owned() });
        let with: Vec<(String, Out)> = step
            .texts("in_args")
            .into_iter()
            .map(|name| {
                let var = self.vars.get(n, bare(name));
                let input = word(bare(name).trim_matches('_'), "value");
                (input, format!("{{{{ {} }}}}", var.path()).into())
            })
            .collect();
        if !with.is_empty() {
            yaml.put("with", Out::Map(with));
        }
        if let Some(timeout) = step.millis("timeout") {
            yaml.put("timeout", self.deadline(span(timeout)));
        }
        self.close(n, step, yaml, format!("steps.{id}.status == 'succeeded'"), out);
        let values = step.texts("out_args").into_iter().map(|name| {
            let var = self.vars.get(n, bare(name));
            let output = word(bare(name).trim_matches('_'), "value");
            (var.name, format!("{{{{ steps.{id}.outputs.{output} }}}}").into())
        });
        let values: Vec<(String, Out)> = values.collect();
        self.note(n, step, &id, values, out);
    }

    /// A deadline as text; the longest one decides about that of the run.
    pub(super) fn deadline(&mut self, span: Span) -> String {
        self.longest_wait = self.longest_wait.max(span);
        span.to_string()
    }
}

/// Whether the document says what follows the failure of this step.
pub(super) fn fails(step: &Step<'_>) -> bool {
    step.map.contains_key("on_failure")
}

/// Milliseconds of the document, at most a year.
pub(super) fn span(ms: u64) -> Span {
    Span(Duration::from_millis(ms.min(366 * 86_400_000)))
}

/// A name from an id when no name can be read: the type and the first digits.
fn by_id(id: &str) -> String {
    let (kind, uuid) = id.split_once("--").unwrap_or((id, ""));
    word(&format!("{kind}_{}", uuid.split('-').next().unwrap_or_default()), "step")
}
