//! What is kept of runs of playbooks.

use jiff::Timestamp;
use nightbell_core::ids::{CaseId, RunId};
use nightbell_playbooks::api::RunStatus;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A run of a playbook with what the desk needs around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    /// Id of the playbook.
    pub playbook: String,
    /// Digest of the definition the run is pinned to.
    pub digest: String,
    /// The case.
    pub case: CaseId,
    /// How it stands.
    pub status: RunStatus,
    /// The engine's state.
    pub state: Value,
    /// Number of the next journal record.
    pub records: u32,
    /// Open prompts by step path.
    #[serde(default)]
    pub prompts: BTreeMap<String, String>,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Its outcome word; `failed` and `cancelled` for those ends.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    /// The run that called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Runs it called, by `path#attempt`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub called: BTreeMap<String, RunId>,
    /// Key of the turn it holds, when its playbook allows only so many runs at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
    /// The run that takes its changes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<RunId>,
    /// Events it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<String>,
}

/// Which step of which run called a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The run.
    pub run: RunId,
    /// Path of the step.
    pub path: String,
    /// Which try, from 1.
    pub attempt: u32,
}

/// Runs of one key of concurrency.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Under way.
    pub running: Vec<RunId>,
    /// Waiting for their turn, the oldest first.
    pub queue: Vec<Queued>,
}

/// A start that waits for its turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    /// The case it belongs to.
    pub case: CaseId,
    /// Digest of the definition as it was when it was asked for.
    pub digest: String,
    /// The root `trigger`.
    pub trigger: Value,
    /// Inputs.
    pub inputs: BTreeMap<String, Value>,
    /// Who started it.
    pub requester: Option<String>,
}
