//! What expressions may name, and of which type it is.

use crate::api::QuestionKind;
use crate::model::{InputType, Kind, Playbook, WaitFor};
use nightbell_core::action::ArgType;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A type as far as the checker knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ty {
    Bool,
    Num,
    Str,
    List,
    Map,
    Any,
}

impl Ty {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Num => "a number",
            Self::Str => "text",
            Self::List => "a list",
            Self::Map => "a map",
            Self::Any => "anything",
        }
    }

    pub fn join(self, other: Self) -> Self {
        if self == other { self } else { Self::Any }
    }

    pub const fn of(v: &Value) -> Self {
        match v {
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Num,
            Value::String(_) => Self::Str,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Map,
            Value::Null => Self::Any,
        }
    }

    pub const fn arg(kind: ArgType) -> Self {
        match kind {
            ArgType::String => Self::Str,
            ArgType::Integer | ArgType::Number => Self::Num,
            ArgType::Boolean => Self::Bool,
            ArgType::List => Self::List,
            ArgType::Map => Self::Map,
            ArgType::User | ArgType::Mail | ArgType::Any => Self::Any,
        }
    }
}

/// What a name may be followed by.
pub enum Lookup {
    /// A value of this type; anything may follow.
    Value(Ty),
    /// Exactly these names.
    Fields(BTreeMap<String, Lookup>),
}

impl Lookup {
    /// The type of what a path leads to, or how many names were right and which would have been next.
    pub fn find(&self, fields: &[&str]) -> Result<Ty, (usize, Vec<&str>)> {
        let mut at = self;
        for (depth, name) in fields.iter().enumerate() {
            match at {
                Self::Value(_) => return Ok(Ty::Any),
                Self::Fields(known) => match known.get(*name) {
                    Some(inner) => at = inner,
                    None => return Err((depth, known.keys().map(String::as_str).collect())),
                },
            }
        }
        Ok(match at {
            Self::Value(ty) => *ty,
            Self::Fields(_) => Ty::Map,
        })
    }
}

/// Names of the file.
pub struct Scope {
    pub inputs: BTreeMap<String, Ty>,
    pub vars: BTreeMap<String, Ty>,
    /// Every variable that is set anywhere.
    pub all_vars: BTreeSet<String>,
}

impl Scope {
    pub fn new(pb: &Playbook) -> Self {
        let input = |kind| match kind {
            InputType::Integer | InputType::Number => Ty::Num,
            InputType::Boolean => Ty::Bool,
            InputType::List => Ty::List,
            InputType::Map | InputType::User | InputType::Alert => Ty::Map,
            InputType::Mail | InputType::File | InputType::Indicator => Ty::Any,
            _ => Ty::Str,
        };
        let mut all_vars: BTreeSet<String> = pb.vars.iter().map(|(n, _)| n.clone()).collect();
        for step in pb.walk() {
            if let Kind::Set(values) = &step.kind {
                all_vars.extend(values.iter().map(|(n, _)| n.clone()));
            }
        }
        let inputs = pb.inputs.iter().map(|i| (i.name.clone(), input(i.kind))).collect();
        Self { inputs, vars: BTreeMap::new(), all_vars }
    }

    pub fn set(&mut self, name: &str, ty: Ty) {
        let joined = self.vars.get(name).map_or(ty, |old| old.join(ty));
        self.vars.insert(name.to_owned(), joined);
    }
}

const fn question(kind: QuestionKind) -> Ty {
    match kind {
        QuestionKind::Boolean => Ty::Bool,
        QuestionKind::Number => Ty::Num,
        QuestionKind::Multi => Ty::List,
        QuestionKind::Text | QuestionKind::Choice | QuestionKind::Date => Ty::Str,
        QuestionKind::File | QuestionKind::User => Ty::Any,
    }
}

fn fields<const N: usize>(list: [(&str, Lookup); N]) -> Lookup {
    Lookup::Fields(list.into_iter().map(|(n, l)| (n.to_owned(), l)).collect())
}

/// The answers of a form.
pub fn answers(pb: &Playbook, id: &str) -> Lookup {
    match pb.step(id).map(|s| &s.kind) {
        Some(Kind::Ask(a)) => {
            Lookup::Fields(a.form.iter().map(|q| (q.id.clone(), Lookup::Value(question(q.kind)))).collect())
        }
        _ => Lookup::Fields(BTreeMap::new()),
    }
}

/// What `steps.<id>` holds.
pub fn step(pb: &Playbook, id: &str) -> Lookup {
    let outputs = |action: &str| match pb.manifests.get(action) {
        Some(m) if !m.outputs.is_empty() => {
            Lookup::Fields(m.outputs.iter().map(|(n, k)| (n.clone(), Lookup::Value(Ty::arg(*k)))).collect())
        }
        _ => Lookup::Value(Ty::Map),
    };
    let text = || Lookup::Value(Ty::Str);
    let out = match pb.step(id).map(|s| &s.kind) {
        Some(Kind::Uses(c)) => outputs(&c.action),
        Some(Kind::Ask(_)) => fields([
            ("answered", Lookup::Value(Ty::Bool)),
            ("answers", answers(pb, id)),
            ("by", text()),
            ("at", text()),
        ]),
        Some(Kind::Approve(a)) => fields([
            ("decision", text()),
            ("by", text()),
            ("comment", text()),
            ("digest", text()),
            ("at", text()),
            ("action", outputs(&a.action.action)),
        ]),
        Some(Kind::Parallel(p)) if p.any => fields([("winner", text())]),
        Some(Kind::Parallel(_)) => Lookup::Fields(BTreeMap::new()),
        Some(Kind::ForEach(_)) => fields([("results", Lookup::Value(Ty::List))]),
        Some(Kind::Repeat(r)) => {
            let last = r.steps.iter().map(|s| (s.id.clone(), Lookup::Value(Ty::Map))).collect();
            fields([
                ("count", Lookup::Value(Ty::Num)),
                ("exhausted", Lookup::Value(Ty::Bool)),
                ("last", Lookup::Fields(last)),
            ])
        }
        // What another file gives is known only when all files are: `Library::cross_check`.
        Some(Kind::Playbook(_)) => Lookup::Value(Ty::Map),
        Some(Kind::Wait(w)) => match w.until {
            WaitFor::Event { .. } => fields([("event", Lookup::Value(Ty::Any)), ("late_by", Lookup::Value(Ty::Num))]),
            _ => fields([("late_by", Lookup::Value(Ty::Num))]),
        },
        _ => Lookup::Fields(BTreeMap::new()),
    };
    fields([
        ("status", text()),
        ("outputs", out),
        ("attempts", Lookup::Value(Ty::Num)),
        ("error", Lookup::Value(Ty::Any)),
    ])
}

/// The type that a filter gives.
pub fn filter_type(name: &str, on: Ty, arg: Option<Ty>) -> Ty {
    match name {
        "default" | "d" => arg.map_or(on, |a| on.join(a)),
        "length" | "count" | "int" | "float" | "abs" | "round" => Ty::Num,
        "after" | "before" | "upper" | "lower" | "title" | "trim" | "replace" | "join" | "string" | "localtime"
        | "defang" | "redact" | "domain_of" | "verdict_text" | "duration" => Ty::Str,
        "in_cidr" | "matches" | "bool" => Ty::Bool,
        "list" | "split" | "lines" | "unique" | "sort" | "map" | "select" | "reject" | "selectattr" | "rejectattr"
        | "items" | "batch" => Ty::List,
        _ => Ty::Any,
    }
}
