//! A playbook that a person starts and that lacks an input asks that person for it, instead of refusing.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::starts::Started;
use crate::tx::Tx;
use nightbell_core::case::Case;
use nightbell_core::person::Person;
use nightbell_playbooks::Playbook;
use nightbell_playbooks::model::{Input, InputType};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Questions that one form may have.
const MAX_QUESTIONS: usize = 20;

impl Desk {
    /// Starts a playbook for a person. Inputs that are missing and can be asked for become questions to them.
    pub(crate) async fn start_for(
        &self,
        tx: &mut Tx<'_>,
        case: &mut Case,
        playbook: &Arc<Playbook>,
        trigger: Value,
        who: &Person,
    ) -> Result<Started> {
        let requester = Some(who.id.0.clone());
        let Some(form) = form(playbook, &trigger, tx.now) else {
            return self.start_run(tx, case, playbook, trigger, BTreeMap::new(), requester).await;
        };
        let asks = json!({
            "nightbell": 1, "id": "inputs", "version": "1.0.0", "name": format!("Questions for {}", playbook.name()),
            "steps": [
                {
                    "id": "facts",
                    "ask": {"to": format!("user:{}", who.id.0), "form": form.questions,
                        "intro": format!("Before I start \"{}\" I need to know a little.", playbook.name().replace("{{", "{ {"))},
                    "timeout": "24h", "on_timeout": [{"id": "no_facts", "end": {"outcome": "not_started"}}],
                },
                {"id": "go", "playbook": playbook.id(), "with": form.with},
                {"id": "done", "end": {"outcome": "{{ steps.go.outputs.outcome }}"}},
            ],
        });
        let manifests = self.playbooks.load().manifests().to_vec();
        let asks = nightbell_playbooks::load_kept("inputs", &asks.to_string(), &manifests).map_err(|f| {
            DeskError::Playbook(format!("the questions for {} have {} findings", playbook.id(), f.len()))
        })?;
        self.start_run(tx, case, &Arc::new(asks), trigger, BTreeMap::new(), requester).await
    }
}

struct Form {
    questions: Vec<Value>,
    with: BTreeMap<String, Value>,
}

/// The questions for what is missing; None when nothing is, or when something cannot be asked for in chat.
fn form(playbook: &Playbook, trigger: &Value, now: jiff::Timestamp) -> Option<Form> {
    let mut given = BTreeMap::new();
    let mut out = Form { questions: Vec::new(), with: BTreeMap::new() };
    loop {
        let missing = playbook.bind(trigger, &given, now).err().and_then(|e| e.input)?;
        let input = playbook.inputs.iter().find(|i| i.name == missing)?;
        if out.with.contains_key(&missing) || out.questions.len() >= MAX_QUESTIONS {
            // What stands in for an answer does not fit the input's type: not for us to guess.
            return None;
        }
        let (kind, sample) = question(input)?;
        given.insert(missing.clone(), sample);
        let label = if input.description.is_empty() { missing.replace('_', " ") } else { input.description.clone() };
        let label: String = label.replace("{{", "{ {").chars().take(150).collect();
        let mut q = json!({"id": missing, "type": kind, "label": label, "required": true});
        if kind == "choice" {
            let options: Vec<String> =
                input.options.iter().map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned)).collect();
            q["options"] = json!(options);
        }
        out.questions.push(q);
        out.with.insert(missing.clone(), json!(format!("{{{{ steps.facts.outputs.answers.{missing} }}}}")));
        if playbook.bind(trigger, &given, now).is_ok() {
            return Some(out);
        }
    }
}

/// How an input is asked for, and a value that stands in for the answer while the rest is looked at.
fn question(input: &Input) -> Option<(&'static str, Value)> {
    if let Some(first) = input.options.first() {
        return Some(("choice", first.clone()));
    }
    Some(match input.kind {
        InputType::String | InputType::Role => ("text", json!("x")),
        InputType::Address => ("text", json!("x@example.com")),
        InputType::Url => ("text", json!("https://example.com/")),
        InputType::Domain => ("text", json!("example.com")),
        InputType::Ip => ("text", json!("192.0.2.1")),
        InputType::Hash => ("text", json!("0".repeat(64))),
        InputType::Duration => ("text", json!("1h")),
        InputType::Indicator => ("text", json!("example.com")),
        InputType::Datetime => ("text", json!("2026-01-01T00:00:00Z")),
        InputType::Integer | InputType::Number => ("number", json!(1)),
        InputType::Boolean => ("boolean", json!(true)),
        InputType::Date => ("date", json!("2026-01-01")),
        InputType::User => ("user", json!("x@example.com")),
        InputType::Mail | InputType::File | InputType::Alert | InputType::List | InputType::Map => return None,
    })
}
