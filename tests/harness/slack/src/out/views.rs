//! Forms: submitted and closed.

use super::{Delivery, Kind, pick};
use crate::api_content::STACK;
use crate::state::SlackState;
use jiff::Timestamp;
use serde_json::{Value, json};

impl SlackState {
    /// A user fills a form in and submits it. Each value is named by block id, action id or label of its input.
    /// As in the client, an input that must be filled in and is empty keeps the form from being sent. The number of
    /// the delivery.
    ///
    /// # Errors
    /// When there is no such open view or input, or an input is missing.
    pub fn submit(&mut self, now: Timestamp, user: &str, view: &str, values: &[(&str, &str)]) -> Result<usize, String> {
        let v = self.views.get(view).filter(|v| v.open && v.user == user);
        let v = v.ok_or_else(|| format!("{user} has no open view {view}"))?;
        let blocks = v.body["blocks"].as_array().cloned().unwrap_or_default();
        let mut state = pick::initial(&blocks);
        for (name, value) in values {
            let input =
                blocks.iter().find(|b| b["block_id"] == *name || b.pointer("/label/text").is_some_and(|l| *l == *name));
            let one = input.map(std::slice::from_ref).and_then(|b| pick::elements(b).into_iter().next());
            let (block, element) =
                one.or_else(|| pick::find(&blocks, name)).ok_or_else(|| format!("no input `{name}`"))?;
            pick::fill(&mut state, &block, &element, value)?;
        }
        for b in blocks.iter().filter(|b| b["type"] == "input" && b["optional"] != true) {
            let id = b["block_id"].as_str().unwrap_or_default();
            let action = b["element"]["action_id"].as_str().unwrap_or_default();
            let filled = |v: &Value| match v {
                Value::Null => false,
                Value::String(s) => !s.is_empty(),
                Value::Array(a) => !a.is_empty(),
                _ => true,
            };
            let given = state.get(id).and_then(|s| s[action].as_object());
            if !given.is_some_and(|o| o.iter().any(|(k, v)| k != "type" && filled(v))) {
                let label = b.pointer("/label/text").and_then(Value::as_str).unwrap_or(id);
                return Err(format!("`{label}` must be filled in"));
            }
        }
        let mut p = self.interaction("view_submission", user);
        p["trigger_id"] = json!(self.trigger(now, user, Some(view)));
        p["view"] = self.view_json(view, Value::Object(state));
        p["response_urls"] = json!([]);
        Ok(self.send(now, Kind::Interactive, p))
    }

    /// A user closes a form; the app hears of it when it asked for that. The number of the delivery.
    ///
    /// # Errors
    /// When there is no such open view.
    pub fn close_view(&mut self, now: Timestamp, user: &str, view: &str) -> Result<Option<usize>, String> {
        let v = self.views.get_mut(view).filter(|v| v.open && v.user == user);
        let v = v.ok_or_else(|| format!("{user} has no open view {view}"))?;
        v.open = false;
        if v.body["notify_on_close"] != true {
            return Ok(None);
        }
        let mut p = self.interaction("view_closed", user);
        p["view"] = self.view_json(view, json!({}));
        p["is_cleared"] = json!(false);
        Ok(Some(self.send(now, Kind::Interactive, p)))
    }

    /// What the acknowledgement of a submission does to the form.
    pub(super) fn view_answered(&mut self, d: &Delivery, payload: Option<&Value>) {
        let id = d.payload["view"]["id"].as_str().unwrap_or_default().to_owned();
        let user = d.payload["user"]["id"].as_str().unwrap_or_default().to_owned();
        let action = payload.and_then(|p| p["response_action"].as_str()).unwrap_or_default();
        let body = payload.map(|p| p["view"].clone()).unwrap_or_default();
        match action {
            "errors" => {
                let errors = payload.and_then(|p| p["errors"].as_object()).cloned().unwrap_or_default();
                if let Some(v) = self.views.get_mut(&id) {
                    v.errors = errors;
                }
            }
            "update" if body.is_object() => self.replace_view(&id, body),
            "push" if body.is_object() && self.depth(&id) < STACK => {
                self.show(&user, body, Some(&id));
            }
            // The client says that something went wrong, and the form stays.
            "update" | "push" => {}
            "clear" => {
                for v in self.views.values_mut().filter(|v| v.user == user && v.body["type"] == "modal") {
                    v.open = false;
                }
            }
            _ => {
                if let Some(v) = self.views.get_mut(&id) {
                    v.open = false;
                }
            }
        }
    }
}
