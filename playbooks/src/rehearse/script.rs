//! What a rehearsal is given: the trigger, inputs, answers, decisions and what actions give.

use crate::world::{DecisionSpec, Mocks, Word};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The file behind `--answers`; every key may be left out. The words are those of a case in a test file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    /// When it begins.
    pub now: Option<String>,
    /// The root `trigger`.
    pub trigger: Option<Value>,
    /// Inputs by name.
    pub inputs: BTreeMap<String, Value>,
    /// Answers by step and question.
    pub answers: BTreeMap<String, Map<String, Value>>,
    /// Decisions by step.
    pub approvals: BTreeMap<String, DecisionSpec>,
    /// What actions give, by name.
    pub mocks: BTreeMap<String, Mocks>,
}

impl Script {
    /// Reads the file behind `--answers`.
    pub fn parse(path: &str, text: &str) -> Result<Self, String> {
        serde_json::from_value(value(path, text)?).map_err(|e| format!("NB2901 {path}: {e}"))
    }

    /// `step.question=value` for an answer, `step=granted` or `step=denied` for an approval.
    pub fn set(&mut self, word: &str) -> Result<(), String> {
        let help = "write step.question=value, or step=granted, or step=denied";
        let (name, given) = word.split_once('=').ok_or_else(|| format!("NB0007 `{word}`: {help}"))?;
        if let Some((step, question)) = name.rsplit_once('.') {
            self.answers.entry(step.to_owned()).or_default().insert(question.to_owned(), plain(given));
            return Ok(());
        }
        let decision = match given {
            "granted" | "yes" => Word::Granted,
            "denied" | "no" => Word::Denied,
            _ => return Err(format!("NB0007 `{word}`: {help}")),
        };
        let by = "role:on-call".to_owned();
        self.approvals.insert(name.to_owned(), DecisionSpec { decision, by, comment: None, step: None });
        Ok(())
    }

    /// Reads a file of mocks: action to what it gives.
    pub fn mocks(&mut self, path: &str, text: &str) -> Result<(), String> {
        let more: BTreeMap<String, Mocks> =
            serde_json::from_value(value(path, text)?).map_err(|e| format!("NB2901 {path}: {e}"))?;
        self.mocks.extend(more);
        Ok(())
    }
}

/// A YAML or JSON file as a value.
pub fn value(path: &str, text: &str) -> Result<Value, String> {
    let found = crate::yaml::parse(path, text).map_err(|f| {
        let first = f.first().map(|f| format!("{} {path}:{}:{}: {}", f.code, f.line, f.column, f.message));
        first.unwrap_or_default()
    })?;
    Ok(found.json())
}

/// Words of the command line: true, false and numbers are such, `[...]` and `{...}` are JSON, the rest is text.
pub fn plain(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(v @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_))) => v,
        _ => Value::String(text.to_owned()),
    }
}
