//! Test files (`playbooks.md` section 12) as data.

use crate::world::{DecisionSpec, Mocks};
use nightbell_core::duration::Span;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A whole file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    pub playbook: String,
    #[serde(default)]
    pub min_coverage: MinCoverage,
    #[serde(default)]
    pub defaults: Defaults,
    pub cases: Vec<Case>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MinCoverage {
    pub steps: u32,
    pub branches: u32,
    pub timeouts: u32,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    pub now: Option<String>,
    pub trigger: Option<Value>,
    pub inputs: BTreeMap<String, Value>,
    pub mocks: BTreeMap<String, Mocks>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    pub now: Option<String>,
    pub trigger: Option<Value>,
    #[serde(default)]
    pub inputs: BTreeMap<String, Value>,
    #[serde(default)]
    pub answers: BTreeMap<String, Map<String, Value>>,
    #[serde(default)]
    pub approvals: BTreeMap<String, DecisionSpec>,
    #[serde(default)]
    pub mocks: BTreeMap<String, Mocks>,
    pub clock: Option<Clock>,
    #[serde(default)]
    pub script: Vec<Item>,
    pub expect: Expect,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub advance: Span,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Item {
    pub advance: Option<Span>,
    pub answer: Option<AnswerSpec>,
    pub approve: Option<DecisionSpec>,
    pub event: Option<Value>,
    pub cancel: Option<Value>,
    pub crash: Option<String>,
    pub resolve: Option<ResolveSpec>,
    /// A step whose question or approval finds nobody in the directory. Ours beyond the schema.
    pub nobody: Option<String>,
    pub expect: Option<Expect>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerSpec {
    pub step: String,
    pub by: Option<String>,
    pub values: Map<String, Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolveSpec {
    pub step: String,
    pub choice: crate::api::Resolution,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    pub status: Option<crate::api::RunStatus>,
    pub outcome: Option<String>,
    pub ran: Vec<String>,
    pub not_ran: Vec<String>,
    pub calls: BTreeMap<String, Calls>,
    pub outputs: Option<Map<String, Value>>,
    pub waiting_on: Option<Vec<String>>,
    pub failure: Option<FailureSpec>,
    pub contacted: Vec<String>,
    pub late_answers: Option<u32>,
    pub refused_approvals: Option<u32>,
    pub escalations: BTreeMap<String, u32>,
    /// The whole transcript, or the name of a `.txt` file beside the test file.
    pub transcript: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Calls {
    Count(u32),
    With(CallsWith),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallsWith {
    pub count: u32,
    #[serde(default)]
    pub with: Map<String, Value>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FailureSpec {
    pub step: Option<String>,
    pub code: Option<String>,
}
