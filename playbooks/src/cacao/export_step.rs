//! Steps of ours as steps of the standard: calls, questions, notes.

use super::export::EXTENSION;
use super::ids;
use super::sign::encode;
use crate::expr::{Part, ast, parts};
use crate::model::{AskSpec, CallSpec, Handler, Kind, Playbook, Step, WaitFor};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Collects the workflow.
pub(super) struct Writer<'p> {
    pub playbook: &'p Playbook,
    pub workflow: Map<String, Value>,
    pub agents: Map<String, Value>,
    pub targets: Map<String, Value>,
    pub variables: Map<String, Value>,
    /// Steps as they were written, by id.
    raw: BTreeMap<String, Value>,
    agent: String,
    /// The name and value of an item while a loop over known items is written out.
    pub item: Option<(String, String)>,
}

impl<'p> Writer<'p> {
    pub fn new(playbook: &'p Playbook, root: &Value) -> Self {
        let agent = ids::id("group", &format!("{} responders", playbook.id));
        let people = json!({ "type": "group", "name": "Responders", "description": "The people on call." });
        let mut raw = BTreeMap::new();
        steps_of(root, &mut raw);
        Self {
            playbook,
            workflow: Map::new(),
            agents: Map::from_iter([(agent.clone(), people)]),
            targets: Map::new(),
            variables: Map::new(),
            raw,
            agent,
            item: None,
        }
    }

    /// Adds a step of the standard under an id made of its path; gives the id.
    pub fn add(&mut self, kind: &str, path: &str, mut body: Value) -> String {
        let id = self.id_of(kind, path);
        body["type"] = json!(kind);
        self.workflow.insert(id.clone(), body);
        id
    }

    pub fn id_of(&self, kind: &str, path: &str) -> String {
        ids::id(kind, &format!("{}/{path}", self.playbook.id))
    }

    pub fn end(&mut self, path: &str) -> String {
        self.add("end", path, json!({}))
    }

    /// An action that a person carries out.
    pub fn manual(&mut self, path: &str, name: &str, words: &str, next: &str) -> String {
        let command = json!({ "type": "manual", "command": words });
        let body = json!({ "name": name, "commands": [command], "agent": self.agent, "on_completion": next });
        self.add("action", path, body)
    }

    /// A question whose answer is a variable of true or false; gives the step's id.
    pub fn question(&mut self, path: &str, words: &str, variable: &str, next: &str) -> String {
        let id = self.manual(path, "Decide", words, next);
        self.variables.insert(variable.to_owned(), json!({ "type": "bool" }));
        if let Some(step) = self.workflow.get_mut(&id) {
            step["out_args"] = json!([variable]);
        }
        id
    }

    /// What CACAO has no words for: the step as it was written, without the steps in it.
    pub fn extend(&mut self, id: &str, step: &Step) {
        if let (Some(raw), Some(body)) = (self.raw.get(&step.id), self.workflow.get_mut(id)) {
            body["step_extensions"] = json!({ EXTENSION: { "type": "nightbell-step", "step": raw } });
        }
    }

    /// The standard's name of an input: its own, or another one when a variable has it.
    pub fn input(&self, name: &str) -> String {
        let taken = self.playbook.vars.iter().any(|(n, _)| n == name);
        if taken { format!("__input_{name}__") } else { format!("__{name}__") }
    }

    /// The variable that a path of an expression is.
    pub fn reference(&self, path: &[&str]) -> Option<String> {
        match path {
            ["inputs", name] => Some(self.input(name)),
            ["vars", name] => Some(format!("__{name}__")),
            _ => None,
        }
    }

    /// A template as text of the standard: variables by name, other expressions as they are.
    pub fn words(&self, template: &str) -> String {
        let Ok(parts) = parts(template) else { return template.to_owned() };
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Text(t) => out.push_str(t),
                Part::Expr(e, _) => {
                    let tree = ast::parse(e).ok();
                    let path = tree.as_ref().and_then(ast::Ex::path);
                    let literal = matches!(&tree, Some(ast::Ex::Lit(Value::String(_))));
                    match (path.as_deref(), &self.item) {
                        (Some([name]), Some((item, value))) if name == item => out.push_str(value),
                        (Some(path), _) if self.reference(path).is_some() => {
                            out.push_str(&format!("{}:value", self.reference(path).unwrap_or_default()));
                        }
                        _ if literal => {
                            if let Some(ast::Ex::Lit(Value::String(s))) = tree {
                                out.push_str(&s);
                            }
                        }
                        _ => out.push_str(&format!("{{{{{e}}}}}")),
                    }
                }
            }
        }
        out
    }

    /// How people call a step.
    pub fn title(step: &Step) -> String {
        if step.description.is_empty() { step.id.replace(['_', '-'], " ") } else { step.description.clone() }
    }

    /// A step that holds no others.
    pub fn plain(&mut self, step: &Step, next: &str, path: &str) -> String {
        let title = Self::title(step);
        match &step.kind {
            Kind::Uses(call) => self.call(step, call, next, path),
            Kind::Approve(approve) => {
                // Another engine asks first and goes on only after a yes.
                let done = self.end(&format!("{path}/done"));
                let call = self.call(step, &approve.action, &done, &format!("{path}/action"));
                let variable = format!("__{}_granted__", step.id.replace('-', "_"));
                let branch = json!({
                    "name": "If it was approved", "condition": format!("{variable}:value = true"),
                    "on_true": call, "on_completion": next,
                });
                let branch = self.add("if-condition", &format!("{path}/granted"), branch);
                let summary = approve.summary.as_ref().map_or_else(|| title.clone(), |s| self.words(s));
                let by = self.words(&approve.by);
                let text = format!(
                    "Approval needed of {by}, {} in all: {summary}\n{}",
                    approve.quorum,
                    self.shown(&approve.action)
                );
                self.question(path, &text, &variable, &branch)
            }
            Kind::Ask(ask) => {
                let text = self.form(ask);
                self.manual(path, &title, &text, next)
            }
            Kind::Set(values) => {
                let lines: Vec<String> = values.iter().map(|(n, v)| format!("Set {n} to: {}", self.value(v))).collect();
                let id = self.manual(path, &title, &lines.join("\n"), next);
                let names: Vec<String> = values.iter().map(|(n, _)| format!("__{n}__")).collect();
                for name in &names {
                    self.variables.entry(name.clone()).or_insert_with(|| json!({ "type": "string" }));
                }
                if let Some(body) = self.workflow.get_mut(&id) {
                    body["out_args"] = json!(names);
                }
                id
            }
            Kind::Wait(wait) => {
                let (text, delay) = match &wait.until {
                    WaitFor::For(span) => (format!("Wait {span}, then go on."), span.parse().ok()),
                    WaitFor::Until(at) => (format!("Wait until {}, then go on.", self.words(at)), None),
                    WaitFor::Event { name, .. } => (format!("Wait until this happens: {name}. Then go on."), None),
                };
                let id = self.manual(path, &title, &text, next);
                let millis = delay.map(|d: nightbell_core::duration::Span| d.0.as_millis() as u64).filter(|n| *n > 0);
                if let (Some(ms), Some(body)) = (millis, self.workflow.get_mut(&id)) {
                    body["delay"] = json!(ms);
                }
                id
            }
            Kind::Playbook(sub) => {
                let own = super::shape::is_id(&sub.id);
                let id = if own { sub.id.clone() } else { ids::id("playbook", &sub.id) };
                let mut body = json!({
                    "name": title, "description": format!("Runs the playbook {}.", sub.reference()),
                    "playbook_id": id, "on_completion": next,
                });
                let given = sub.with.values().filter_map(|v| self.name_of(v)).collect::<Vec<_>>();
                if !given.is_empty() {
                    body["in_args"] = json!(given);
                }
                self.add("playbook-action", path, body)
            }
            Kind::End(end) => {
                let outcome =
                    end.outcome.as_ref().map_or_else(String::new, |o| format!(" with the outcome: {}", self.words(o)));
                self.manual(path, &title, &format!("The playbook ends here{outcome}. Nothing further is done."), next)
            }
            _ => next.to_owned(),
        }
    }

    /// The variable that a value is, when it is nothing else.
    fn name_of(&self, v: &Value) -> Option<String> {
        let inner = v.as_str()?.strip_prefix("{{")?.strip_suffix("}}")?;
        let tree = ast::parse(inner).ok()?;
        self.reference(&tree.path()?)
    }

    /// A value in words.
    fn value(&self, v: &Value) -> String {
        v.as_str().map_or_else(|| self.words(&v.to_string()), |s| self.words(s))
    }

    /// A call in words.
    fn shown(&self, call: &CallSpec) -> String {
        let about = self.playbook.manifest(&call.action).map_or("", |m| m.about.as_str());
        let mut out = format!("{about} ({})", call.action);
        for (name, v) in &call.with {
            out.push_str(&format!("\n{name}: {}", self.value(v)));
        }
        out
    }

    fn call(&mut self, step: &Step, call: &CallSpec, next: &str, path: &str) -> String {
        let arg = |name: &str| call.with.get(name).map(|v| self.value(v));
        let command = match call.action.as_str() {
            "http.request" => {
                let line = format!("{} {} HTTP/1.1", arg("method").unwrap_or_default(), arg("url").unwrap_or_default());
                let mut command = json!({ "type": "http-api", "command": line });
                if let Some(headers) = call.with.get("headers").and_then(Value::as_object) {
                    let list = headers.iter().map(|(k, v)| (k.clone(), json!([self.value(v)])));
                    command["headers"] = Value::Object(list.collect());
                }
                if let Some(body) = arg("body") {
                    command["content"] = json!(body);
                }
                command
            }
            "ssh.exec" => json!({ "type": "ssh", "command": arg("command") }),
            "shell.exec" => json!({ "type": "bash", "command": arg("command") }),
            "winrm.exec" => json!({ "type": "powershell", "command": arg("command") }),
            "openc2.send" => json!({
                "type": "openc2-http", "command": format!("POST {} HTTP/1.1", arg("url").unwrap_or_default()),
                "content_b64": encode(arg("command").unwrap_or_default().as_bytes()),
            }),
            _ => json!({ "type": "manual", "command": self.shown(call) }),
        };
        let host = arg("host");
        let mut body = json!({
            "name": Self::title(step), "commands": [command], "agent": self.agent, "on_completion": next,
        });
        if let Some(host) = host.filter(|_| call.action == "ssh.exec") {
            let target = ids::id("ssh", &format!("{}/{path}", self.playbook.id));
            self.targets.insert(target.clone(), json!({ "type": "ssh", "name": host, "address": { "dname": [host] } }));
            body["targets"] = json!([target]);
        }
        if let Some(timeout) = step.timeout {
            body["timeout"] = json!(timeout.0.as_millis() as u64);
        }
        self.add("action", path, body)
    }

    fn form(&self, ask: &AskSpec) -> String {
        let mut lines = vec![format!("Ask {}.", self.words(&ask.to))];
        lines.extend(ask.intro.as_ref().map(|i| self.words(i)));
        for q in &ask.form {
            let mut line = format!("- {}", self.words(&q.label));
            if !q.options.is_empty() {
                line.push_str(&format!(" ({})", q.options.join(" / ")));
            }
            if let Some(cond) = &q.cond {
                line.push_str(&format!(" [only if {cond}]"));
            }
            lines.push(line);
        }
        lines.join("\n")
    }

    /// What follows a failure, where the step says it.
    pub fn failure(&mut self, step: &Step, id: &str, next: &str, path: &str) {
        let failure = match &step.on_error {
            Handler::Continue => next.to_owned(),
            Handler::Steps(steps) => self.list(steps, next, &format!("{path}/error/")),
            _ => return,
        };
        if let Some(body) = self.workflow.get_mut(id)
            && let Some(success) = body.as_object_mut().and_then(|m| m.remove("on_completion"))
        {
            body["on_success"] = success;
            body["on_failure"] = json!(failure);
        }
    }
}

/// The text form of a value: text as words, everything else as JSON.
pub(super) fn text(v: &Value, writer: &Writer<'_>) -> Option<String> {
    v.as_str().map(|s| writer.words(s))
}

/// The text form of what is no text; None for nothing.
pub(super) fn number(v: &Value) -> Option<String> {
    (!v.is_null()).then(|| v.to_string())
}

/// Every step below, without the steps within it.
fn steps_of(v: &Value, out: &mut BTreeMap<String, Value>) {
    match v {
        Value::Array(items) => items.iter().for_each(|i| steps_of(i, out)),
        Value::Object(map) => {
            if let Some(id) = map.get("id").and_then(Value::as_str) {
                out.insert(id.to_owned(), bare(v));
            }
            map.iter().filter(|(k, _)| !matches!(k.as_str(), "x" | "form")).for_each(|(_, i)| steps_of(i, out));
        }
        _ => {}
    }
}

/// A step with `steps` of its own left out; their place in the document says where they stand.
fn bare(v: &Value) -> Value {
    let is_steps = |v: &Value| v.as_array().is_some_and(|a| a.first().is_some_and(|s| s.get("id").is_some()));
    match v {
        Value::Object(map) => {
            let kept = map
                .iter()
                .filter(|(k, v)| k.as_str() == "form" || !(is_steps(v) || (k.as_str() == "steps" && v.is_array())));
            Value::Object(kept.map(|(k, v)| (k.clone(), if k == "form" { v.clone() } else { bare(v) })).collect())
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}
