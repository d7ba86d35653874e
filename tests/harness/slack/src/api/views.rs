//! Modals and home tabs.

use super::{Answer, Ask, Refusal};
use crate::check;
use crate::model::View;
use crate::state::SlackState;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// How long a trigger lasts, in seconds.
const TRIGGER: i64 = 3;
/// Views on top of each other.
pub(crate) const STACK: usize = 3;

fn body(ask: &Ask, kind: &str) -> Result<Value, Refusal> {
    let view = ask.args.get("view").filter(|v| v.is_object()).cloned().ok_or("invalid_arguments")?;
    let wrong = check::view(&view, kind);
    if wrong.is_empty() {
        return Ok(view);
    }
    let said: Vec<String> = wrong.iter().map(|w| format!("[ERROR] {w}")).collect();
    Err(Refusal::from("invalid_arguments").with("response_metadata", json!({ "messages": said })))
}

impl SlackState {
    /// Uses a trigger up: its user and view.
    fn exchange(&mut self, now: Timestamp, id: &str) -> Result<(String, Option<String>), Refusal> {
        let t = self.triggers.iter_mut().find(|t| t.id == id).ok_or("invalid_trigger_id")?;
        if t.used {
            return Err("exchanged_trigger_id".into());
        }
        if now.duration_since(t.at) > SignedDuration::from_secs(TRIGGER) {
            return Err("expired_trigger_id".into());
        }
        t.used = true;
        Ok((t.user.clone(), t.view.clone()))
    }

    fn external_is_free(&self, view: &Value, own: Option<&str>) -> Result<(), Refusal> {
        let id = view["external_id"].as_str().unwrap_or_default();
        let taken = |v: &View| v.open && v.body["external_id"] == json!(id) && Some(v.id.as_str()) != own;
        if !id.is_empty() && self.views.values().any(taken) { Err("duplicate_external_id".into()) } else { Ok(()) }
    }

    /// Shows a view to a user, on top of another or alone.
    pub(crate) fn show(&mut self, user: &str, mut body: Value, below: Option<&str>) -> String {
        self.complete_view(&mut body);
        let id = self.ids.object("V");
        if below.is_none() && body["type"] == "modal" {
            for v in self.views.values_mut().filter(|v| v.user == user && v.body["type"] == "modal") {
                v.open = false;
            }
        }
        let root = below.and_then(|b| self.views.get(b)).map_or_else(|| id.clone(), |b| b.root.clone());
        let hash = self.ids.hex(16);
        let previous = below.map(str::to_owned);
        self.views.insert(
            id.clone(),
            View { id: id.clone(), user: user.to_owned(), body, hash, root, previous, open: true, errors: Map::new() },
        );
        id
    }

    fn complete_view(&mut self, body: &mut Value) {
        for block in body.get_mut("blocks").and_then(Value::as_array_mut).into_iter().flatten() {
            self.ids.complete(block);
        }
    }

    /// Puts another body into a view.
    pub(crate) fn replace_view(&mut self, id: &str, mut body: Value) {
        self.complete_view(&mut body);
        let hash = self.ids.hex(16);
        if let Some(v) = self.views.get_mut(id) {
            v.body = body;
            v.hash = hash;
            v.errors.clear();
        }
    }

    /// How many views lie on top of each other below and with this one.
    pub(crate) fn depth(&self, id: &str) -> usize {
        let up = |v: &&View| v.previous.as_ref().and_then(|p| self.views.get(p));
        std::iter::successors(self.views.get(id), up).take(STACK + 1).count()
    }

    /// The view object of answers and payloads.
    pub(crate) fn view_json(&self, id: &str, values: Value) -> Value {
        let view = self.views.get(id).map(|v| v.json(&self.team_id, &self.app_id, &self.bot_id, values));
        view.unwrap_or_default()
    }

    fn answer_view(&self, id: &str) -> Answer {
        Ok(json!({ "view": self.view_json(id, json!({})) }))
    }
}

pub(super) fn open(s: &mut SlackState, ask: &Ask) -> Answer {
    let view = body(ask, "modal")?;
    s.external_is_free(&view, None)?;
    let (user, _) = s.exchange(ask.now, ask.need("trigger_id")?)?;
    let id = s.show(&user, view, None);
    s.answer_view(&id)
}

pub(super) fn push(s: &mut SlackState, ask: &Ask) -> Answer {
    let view = body(ask, "modal")?;
    s.external_is_free(&view, None)?;
    let (user, from) = s.exchange(ask.now, ask.need("trigger_id")?)?;
    // A view can be pushed only from a press within a view.
    let below = from.filter(|f| s.views.get(f).is_some_and(|v| v.open)).ok_or("not_found")?;
    if s.depth(&below) >= STACK {
        return Err("push_limit_reached".into());
    }
    let id = s.show(&user, view, Some(&below));
    s.answer_view(&id)
}

pub(super) fn update(s: &mut SlackState, ask: &Ask) -> Answer {
    let view = body(ask, "modal")?;
    let external = ask.text("external_id");
    let by_external = || {
        let e = external?;
        s.views.values().find(|v| v.open && v.body["external_id"] == json!(e)).map(|v| v.id.clone())
    };
    let id = ask.text("view_id").map(str::to_owned).or_else(by_external).unwrap_or_default();
    let old = s.views.get(&id).filter(|v| v.open).ok_or("not_found")?;
    if ask.text("hash").is_some_and(|h| h != old.hash) {
        return Err("hash_conflict".into());
    }
    s.external_is_free(&view, Some(&id))?;
    s.replace_view(&id, view);
    s.answer_view(&id)
}

pub(super) fn publish(s: &mut SlackState, ask: &Ask) -> Answer {
    let view = body(ask, "home")?;
    let user = ask.need("user_id")?.to_owned();
    if s.users.get(&user).is_none_or(|u| u.deleted || u.is_bot) {
        return Err("user_not_found".into());
    }
    if let Some(old) = s.home(&user)
        && ask.text("hash").is_some_and(|h| h != old.hash)
    {
        return Err("hash_conflict".into());
    }
    let id = match s.homes.get(&user).cloned() {
        Some(id) => {
            s.replace_view(&id, view);
            id
        }
        None => s.show(&user, view, None),
    };
    s.homes.insert(user, id.clone());
    s.answer_view(&id)
}
