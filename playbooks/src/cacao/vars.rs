//! Variables: names of the document to names of ours, with types and places.

use super::doc::Doc;
use super::ids::{Names, word};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Type of a variable as far as expressions care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Ty {
    #[default]
    Text,
    Whole,
    Number,
    Flag,
    /// A dictionary, or a word the standard does not know.
    Any,
}

/// A variable.
#[derive(Debug, Clone, Default)]
pub(super) struct Var {
    /// In our playbook.
    pub name: String,
    pub ty: Ty,
    /// The standard's word for the type.
    pub word: String,
    /// Given by whoever starts the playbook.
    pub external: bool,
    pub constant: bool,
    /// Whether a step sets it.
    pub assigned: bool,
    /// Whether the playbook, not a step, declares it.
    pub global: bool,
    pub value: Option<Value>,
    pub description: String,
    /// Used, but nowhere declared.
    pub undefined: bool,
}

impl Var {
    /// How expressions name it.
    pub fn path(&self) -> String {
        format!("{}.{}", if self.external && !self.assigned { "inputs" } else { "vars" }, self.name)
    }
}

/// All variables of a document.
#[derive(Debug, Default)]
pub(super) struct Vars {
    pub all: Vec<Var>,
    /// By the step that keeps it to itself, if any, and the name in the document.
    index: BTreeMap<(Option<usize>, String), usize>,
    names: Names,
}

impl Vars {
    /// Collects what the document declares.
    pub fn of(doc: &Doc<'_>) -> Self {
        let mut out = Self::default();
        for (name, spec) in dictionary(doc.root.get("playbook_variables")) {
            out.declare(None, name, spec, true);
        }
        for (n, step) in doc.steps.iter().enumerate() {
            let outs = step.texts("out_args");
            for (name, spec) in dictionary(step.map.get("step_variables")) {
                let known = out.index.get(&(None, name.clone())).and_then(|i| out.all.get(*i));
                let differs = known.is_some_and(|k| k.ty != ty(spec));
                let shadows = known.is_some_and(|k| k.global) && !outs.contains(&name.as_str());
                if differs || (shadows && step.map.contains_key("commands")) {
                    out.declare(Some(n), name, spec, false);
                } else if known.is_none() {
                    out.declare(None, name, spec, false);
                }
                if spec.get("value").is_some_and(Value::is_string) {
                    out.assign(n, name);
                }
            }
        }
        for (n, step) in doc.steps.iter().enumerate() {
            for name in step.texts("out_args") {
                out.assign(n, bare(name));
            }
        }
        out
    }

    fn assign(&mut self, step: usize, name: &str) {
        let i = self.number(step, name);
        if let Some(var) = self.all.get_mut(i) {
            var.assigned = true;
        }
    }

    fn declare(&mut self, step: Option<usize>, name: &str, spec: &Value, global: bool) -> usize {
        let kind = spec.get("type").and_then(Value::as_str).unwrap_or("string");
        let text = spec.get("value").and_then(Value::as_str);
        let flag = |key: &str| spec.get(key).and_then(Value::as_bool).unwrap_or(false);
        let var = Var {
            name: self.names.take(&word(name.trim_matches('_'), "value")),
            ty: ty(spec),
            word: kind.to_owned(),
            external: global && flag("external"),
            constant: flag("constant"),
            assigned: false,
            global,
            value: text.and_then(|t| parse(ty(spec), t)),
            description: spec.get("description").and_then(Value::as_str).unwrap_or_default().to_owned(),
            undefined: false,
        };
        let i = self.all.len();
        self.all.push(var);
        self.index.insert((step, name.to_owned()), i);
        i
    }

    /// The variable that a step means by a name. A name that nobody declares becomes an input, so that nothing
    /// is sent with a hole in it.
    pub fn get(&mut self, step: usize, name: &str) -> Var {
        let i = self.number(step, name);
        self.all.get(i).cloned().unwrap_or_default()
    }

    /// A new name for a variable of the import itself.
    pub fn fresh(&mut self, wanted: &str) -> String {
        self.names.take(wanted)
    }

    /// Whether the name is declared.
    pub fn knows(&self, step: usize, name: &str) -> bool {
        self.index.contains_key(&(Some(step), name.to_owned())) || self.index.contains_key(&(None, name.to_owned()))
    }

    fn number(&mut self, step: usize, name: &str) -> usize {
        let key = (Some(step), name.to_owned());
        if let Some(i) = self.index.get(&key).or_else(|| self.index.get(&(None, name.to_owned()))) {
            return *i;
        }
        let i = self.declare(None, name, &Value::Null, true);
        if let Some(var) = self.all.get_mut(i) {
            (var.external, var.undefined) = (true, true);
        }
        i
    }
}

/// `__name__` of an argument that may be written with `:value`.
pub(super) fn bare(name: &str) -> &str {
    name.strip_suffix(":value").unwrap_or(name)
}

pub(super) fn dictionary(v: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    v.and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn ty(spec: &Value) -> Ty {
    match spec.get("type").and_then(Value::as_str).unwrap_or("string") {
        "integer" | "long" => Ty::Whole,
        "float" | "number" => Ty::Number,
        "bool" | "boolean" => Ty::Flag,
        "dictionary" | "list" | "array" => Ty::Any,
        _ => Ty::Text,
    }
}

/// Values are text in the document. What does not fit its type is left out: using it then fails loudly.
pub(super) fn parse(ty: Ty, text: &str) -> Option<Value> {
    let t = text.trim();
    match ty {
        Ty::Text => Some(Value::String(text.to_owned())),
        Ty::Whole => t.parse::<i64>().ok().map(Value::from),
        Ty::Number => t.parse::<i64>().map(Value::from).ok().or_else(|| {
            let n = t.parse::<f64>().ok().filter(|f| f.is_finite())?;
            serde_json::Number::from_f64(n).map(Value::Number)
        }),
        Ty::Flag => match t.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Ty::Any => serde_json::from_str(t).ok(),
    }
}
