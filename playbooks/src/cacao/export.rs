//! The export as a whole.

use super::doc::TOP;
use super::export_step::{Writer, number, text};
use super::{ids, keep};
use crate::finding::{Finding, Sink};
use crate::model::{InputType, Playbook};
use crate::yaml;
use jiff::Timestamp;
use nightbell_core::canonical;
use serde_json::{Map, Value, json};

/// The extension that carries what CACAO cannot say. Its id is fixed: every version of the bot knows it.
pub(super) const EXTENSION: &str = "extension-definition--4d1f0c52-6b7e-5a3c-9a55-0d6c1f6e2b71";

/// Who made the document, as far as a document of this format must say.
const MAKER: &str = "identity--0b7d6c1e-7a44-5f0e-8c3d-5e2f9a1b4c60";

/// A playbook as a CACAO 2.0 document. An import that nobody changed gives back its document.
pub fn export(playbook: &Playbook) -> (Value, Vec<Finding>) {
    let mut sink = Sink::new(&format!("{}.yaml", playbook.id));
    let root = yaml::parse("", playbook.source()).map(|n| n.json()).unwrap_or_default();
    if let Some(document) = keep::unchanged(&root) {
        return (document, sink.sorted());
    }
    let before = root.pointer("/x/cacao/document").and_then(Value::as_str);
    let before: Value = before.and_then(|d| serde_json::from_str(d).ok()).unwrap_or_default();
    if before.get("signatures").is_some() {
        let message = "the playbook was changed since its import; the signatures of the document are left out";
        sink.warn("NB3141", TOP, message, "sign the new document");
    }
    let mut doc = document(playbook, &root, &before);
    let carried = json!({
        "type": "nightbell-playbook",
        "version": playbook.version,
        "document_digest": canonical::digest(&Value::Object(doc.clone())),
        "source": playbook.source(),
    });
    doc.insert("playbook_extensions".to_owned(), json!({ EXTENSION: carried }));
    (Value::Object(doc), sink.sorted())
}

/// Our own text in a document that we exported and nobody changed since.
pub(super) fn carried(doc: &Value, sink: &mut Sink) -> Option<String> {
    let own = doc.get("playbook_extensions")?.get(EXTENSION)?;
    let source = own.get("source").and_then(Value::as_str)?;
    let mut bare = doc.clone();
    if let Some(map) = bare.as_object_mut() {
        map.remove("playbook_extensions");
    }
    if own.get("document_digest").and_then(Value::as_str) == Some(canonical::digest(&bare).as_str()) {
        return Some(source.to_owned());
    }
    let message = "the document was changed since it was exported; the playbook it carries is not used";
    sink.warn("NB3103", TOP, message, "what was changed counts; look whether forms, approvals and deadlines are right");
    None
}

fn document(playbook: &Playbook, root: &Value, before: &Value) -> Map<String, Value> {
    let mut writer = Writer::new(playbook, root);
    let end = writer.end("end");
    let first = writer.list(&playbook.steps, &end, "");
    let start = writer.add("start", "start", json!({ "on_completion": first }));
    let own_handler = root.get("on_failure").is_some();
    let exception = own_handler.then(|| {
        let end = writer.end("failure end");
        writer.list(&playbook.on_failure, &end, "failure/")
    });
    let made = stamp(&playbook.version);
    let given = |key: &str| before.get(key).filter(|v| v.is_string()).cloned();
    let own_id = || Value::String(ids::id("playbook", &playbook.id));
    let mut doc = Map::new();
    let mut put = |key: &str, value: Value| {
        doc.insert(key.to_owned(), value);
    };
    put("type", json!("playbook"));
    put("spec_version", json!("cacao-2.0"));
    put("id", given("id").filter(|id| id.as_str().is_some_and(super::shape::is_id)).unwrap_or_else(own_id));
    put("name", json!(playbook.name));
    if !playbook.description.is_empty() {
        put("description", json!(playbook.description));
    }
    if !playbook.playbook_types.is_empty() {
        put("playbook_types", json!(playbook.playbook_types));
    }
    if !playbook.labels.is_empty() {
        put("labels", json!(playbook.labels));
    }
    put("created_by", json!(MAKER));
    put("created", json!(stamp("0.0.0")));
    put("modified", json!(made));
    put("workflow_start", json!(start));
    if let Some(id) = exception {
        put("workflow_exception", json!(id));
    }
    let variables = variables(playbook, &mut writer);
    if !variables.is_empty() {
        put("playbook_variables", Value::Object(variables));
    }
    put("workflow", Value::Object(writer.workflow));
    put("agent_definitions", Value::Object(writer.agents));
    if !writer.targets.is_empty() {
        put("target_definitions", Value::Object(writer.targets));
    }
    put(
        "extension_definitions",
        json!({ EXTENSION: {
            "type": "extension-definition",
            "name": "Nightbell playbook",
            "description": "The playbook as it was written: forms, approvals, deadlines, retries, triggers and everything else that CACAO has no words for.",
            "created_by": MAKER,
            "schema": "The property `source` of the playbook's extension is the text of the playbook in YAML; `step` of a step's extension is that step.",
            "version": "1.0.0",
        }}),
    );
    doc
}

/// Documents tell versions apart by their instant, and an export has no clock: the instant is made of the version,
/// so that a later version is a later instant.
fn stamp(version: &str) -> String {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let weights = [1_000_000_i64, 1_000, 1];
    let numbers = core.split('.').map(|n| n.parse::<i64>().unwrap_or(0).min(9_999));
    let seconds: i64 = numbers.zip(weights).map(|(n, w)| n * w).sum();
    // 1 January 2000.
    let at = Timestamp::from_second(946_684_800 + seconds).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

/// Inputs are given from outside; variables are set within.
fn variables(playbook: &Playbook, writer: &mut Writer<'_>) -> Map<String, Value> {
    let mut out = std::mem::take(&mut writer.variables);
    for input in &playbook.inputs {
        let kind = match input.kind {
            InputType::Integer => "integer",
            InputType::Number => "float",
            InputType::Boolean => "bool",
            InputType::Url => "uri",
            InputType::Hash => "hash",
            InputType::User | InputType::Mail | InputType::Alert | InputType::List | InputType::Map => "dictionary",
            _ => "string",
        };
        let mut spec = json!({ "type": kind, "external": true });
        if !input.description.is_empty() {
            spec["description"] = json!(input.description);
        }
        if let Some(value) = input.default.as_ref().and_then(|v| text(v, writer)) {
            spec["value"] = json!(value);
        }
        out.insert(writer.input(&input.name), spec);
    }
    for (name, value) in &playbook.vars {
        let kind = match value {
            Value::Bool(_) => "bool",
            Value::Number(n) if n.is_f64() => "float",
            Value::Number(_) => "integer",
            Value::Array(_) | Value::Object(_) => "dictionary",
            _ => "string",
        };
        let shown = text(value, writer).or_else(|| number(value));
        out.insert(format!("__{name}__"), json!({ "type": kind, "value": shown }));
    }
    out
}
