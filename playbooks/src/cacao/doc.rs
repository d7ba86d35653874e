//! The document as it is read: limits first, then the steps by their ids.

use super::{MAX_BYTES, MAX_DEPTH, MAX_STEPS};
use crate::finding::{Pos, Sink};
use serde_json::{Map, Value};

/// Where findings of a document stand: JSON has no lines worth naming, so messages name ids.
pub(super) const TOP: Pos = Pos { line: 1, column: 1 };

/// Type of a workflow step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Start,
    End,
    Action,
    Playbook,
    Parallel,
    If,
    While,
    Switch,
    /// A word that the standard does not know.
    Other,
}

/// A workflow step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    pub id: &'a str,
    pub kind: Kind,
    pub map: &'a Map<String, Value>,
}

impl<'a> Step<'a> {
    /// Text under a key.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.map.get(key).and_then(Value::as_str)
    }

    /// Texts of a list under a key.
    pub fn texts(&self, key: &str) -> Vec<&'a str> {
        self.map.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Milliseconds under a key; nothing when zero or no whole number.
    pub fn millis(&self, key: &str) -> Option<u64> {
        self.map.get(key).and_then(Value::as_u64).filter(|n| *n > 0)
    }

    /// Where it goes when it ended well.
    pub fn success(&self) -> Option<&'a str> {
        self.text("on_success").or_else(|| self.text("on_completion"))
    }

    /// How people call it.
    pub fn title(&self) -> &'a str {
        self.text("name").map(str::trim).filter(|n| !n.is_empty()).unwrap_or(self.id)
    }
}

/// A step reference may stand alone or, as some tools write it, in a list of one.
pub(super) fn one(v: &Value) -> Option<&str> {
    match v {
        Value::String(s) => Some(s),
        Value::Array(items) if items.len() == 1 => items.first().and_then(Value::as_str),
        _ => None,
    }
}

/// A document whose outer form is right.
#[derive(Debug)]
pub(super) struct Doc<'a> {
    pub root: &'a Map<String, Value>,
    pub steps: Vec<Step<'a>>,
    pub start: usize,
}

impl<'a> Doc<'a> {
    /// The number of a step.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.steps.binary_search_by(|s| s.id.cmp(id)).ok()
    }

    /// Text of the top level.
    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.root.get(key).and_then(Value::as_str)
    }

    /// An agent or target by its id.
    pub fn party(&self, id: &str) -> Option<&'a Map<String, Value>> {
        ["target_definitions", "agent_definitions"]
            .iter()
            .find_map(|key| self.root.get(*key).and_then(|d| d.get(id)).and_then(Value::as_object))
    }
}

/// Reads JSON within the limits. Everything is refused with a finding, nothing panics.
pub(super) fn read(json: &[u8], sink: &mut Sink) -> Option<Value> {
    if json.len() > MAX_BYTES {
        let message = format!("the document has {} bytes; at most {MAX_BYTES} are read", json.len());
        sink.error("NB3004", TOP, message, "split it into several playbooks");
        return None;
    }
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    if depth(json) > MAX_DEPTH {
        sink.error("NB3004", TOP, format!("the document is nested deeper than {MAX_DEPTH} levels"), "make it flatter");
        return None;
    }
    match serde_json::from_slice(json) {
        Ok(v) => Some(v),
        Err(e) => {
            let at = Pos { line: e.line() as u32, column: e.column() as u32 };
            let help = "CACAO documents are JSON; look for text before or after it, and for a missing comma";
            sink.error("NB3001", at, format!("the document is not JSON: {}", reason(&e)), help);
            None
        }
    }
}

/// The reader's words without its own account of the place.
fn reason(e: &serde_json::Error) -> String {
    let text = e.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// Brackets that are open at once, outside of text.
fn depth(json: &[u8]) -> usize {
    let (mut open, mut deepest, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for b in json {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Checks the outer form: a playbook of version 2.0 with a workflow and a start.
pub(super) fn open<'a>(v: &'a Value, sink: &mut Sink) -> Option<Doc<'a>> {
    let Some(root) = v.as_object() else {
        sink.error("NB3003", TOP, "the document is not an object, so it has no workflow", "give a CACAO playbook");
        return None;
    };
    if is_old(root, sink) {
        return None;
    }
    let Some(workflow) = root.get("workflow").and_then(Value::as_object).filter(|w| !w.is_empty()) else {
        let help = "a playbook without steps can be kept but not run";
        sink.error("NB3003", TOP, "the document has no `workflow` with steps", help);
        return None;
    };
    if workflow.len() > MAX_STEPS {
        let message = format!("the workflow has {} steps; at most {MAX_STEPS} are read", workflow.len());
        sink.error("NB3004", TOP, message, "split it into several playbooks");
        return None;
    }
    let mut steps = Vec::new();
    for (id, step) in workflow {
        match step.as_object() {
            Some(map) => steps.push(Step { id, kind: kind(id, map), map }),
            None => sink.warn("NB3101", TOP, format!("`{}` is not an object and is left out", short(id)), ""),
        }
    }
    steps.sort_by_key(|s| s.id);
    let mut doc = Doc { root, steps, start: 0 };
    let Some(start) = doc.text("workflow_start") else {
        let help = "set it to the id of the first step";
        sink.error("NB3003", TOP, "the document does not say where it starts: `workflow_start` is missing", help);
        return None;
    };
    let Some(n) = doc.find(start) else {
        let message = format!("`workflow_start` names `{}`, which is not in the workflow", short(start));
        sink.error("NB3021", TOP, message.clone(), "add the step or name another one");
        sink.error("NB3003", TOP, message, "set it to the id of the first step");
        return None;
    };
    doc.start = n;
    Some(doc)
}

/// The shapes of versions 1.0 and 1.1: other names of steps, lists of steps, a workflow that is a list.
fn is_old(root: &Map<String, Value>, sink: &mut Sink) -> bool {
    let version = root.get("spec_version").and_then(Value::as_str).unwrap_or_default();
    let number = version.trim_start_matches("cacao-");
    let steps = || root.get("workflow").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let word = |s: &Value| s.get("type").and_then(Value::as_str) == Some("single");
    let list = |s: &Value| {
        ["on_true", "on_false", "on_completion"]
            .iter()
            .any(|k| s.get(*k).is_some_and(|v| v.as_array().is_some_and(|a| a.len() > 1)))
    };
    let why = if number.starts_with("1.") || number == "1" {
        format!("the document is of version {}", short(version))
    } else if root.get("workflow").is_some_and(Value::is_array) {
        "the workflow is a list".to_owned()
    } else if steps().any(word) {
        "a step is of the type `single`".to_owned()
    } else if steps().any(list) {
        "a condition leads to a list of steps".to_owned()
    } else {
        return false;
    };
    let help = "that is the shape before 2.0; convert the document with a tool of its maker";
    sink.error("NB3002", TOP, format!("{why}; only CACAO 2.0 is read"), help);
    true
}

fn kind(id: &str, map: &Map<String, Value>) -> Kind {
    let word = map.get("type").and_then(Value::as_str).unwrap_or_else(|| id.split("--").next().unwrap_or_default());
    match word {
        "start" => Kind::Start,
        "end" => Kind::End,
        "action" => Kind::Action,
        "playbook-action" => Kind::Playbook,
        "parallel" => Kind::Parallel,
        "if-condition" => Kind::If,
        "while-condition" => Kind::While,
        "switch-condition" => Kind::Switch,
        _ => Kind::Other,
    }
}

/// Text cut for a message.
pub(super) fn short(s: &str) -> String {
    let flat = |c: char| if c.is_control() { ' ' } else { c };
    let mut out: String = s.chars().take(80).map(flat).collect();
    if s.chars().count() > 80 {
        out.push('…');
    }
    out
}
