//! Starting a run: triggers that match, inputs that are bound, the key of deduplication.

use crate::engine::EngineError;
use crate::expr::{self, Context};
use crate::model::{Input, InputType, On, Playbook};
use jiff::Timestamp;
use nightbell_core::duration::Span;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Playbook {
    /// Whether this inbound event starts it. A condition that fails to evaluate does not match.
    pub fn matches_event(&self, name: &str, trigger: &Value) -> bool {
        self.matches(trigger, |on| matches!(on, On::Event(e) if e == name))
    }

    /// Whether this word after the root command starts it.
    pub fn matches_command(&self, word: &str, trigger: &Value) -> bool {
        self.matches(trigger, |on| matches!(on, On::Command(c) if c == word))
    }

    /// Whether this normalised alert starts it.
    pub fn matches_alert(&self, alert: &Value) -> bool {
        let context = timeless(alert);
        self.matches(alert, |on| matches!(on, On::Alert(c) if expr::condition(c, &context) == Ok(true)))
    }

    /// Whether this signed webhook starts it.
    pub fn matches_webhook(&self, name: &str, trigger: &Value) -> bool {
        self.matches(trigger, |on| matches!(on, On::Webhook(w) if w == name))
    }

    /// Whether the further condition of one trigger holds.
    pub fn condition_holds(&self, trigger: usize, event: &Value) -> bool {
        let cond = self.triggers.get(trigger).and_then(|t| t.cond.as_ref());
        cond.is_none_or(|c| expr::condition(c, &timeless(event)) == Ok(true))
    }

    fn matches(&self, trigger: &Value, on: impl Fn(&On) -> bool) -> bool {
        let context = timeless(trigger);
        let holds = |cond: &Option<String>| cond.as_ref().is_none_or(|c| expr::condition(c, &context) == Ok(true));
        self.triggers.iter().any(|t| on(&t.on) && holds(&t.cond))
    }

    /// Binds and types the inputs; refuses an imported playbook that is revoked or not valid now. The error names the input that a person can be asked for.
    pub fn bind(
        &self,
        trigger: &Value,
        given: &BTreeMap<String, Value>,
        now: Timestamp,
    ) -> Result<Map<String, Value>, EngineError> {
        if let Some(why) = crate::cacao::refuses(&self.x, now) {
            return Err(EngineError::new("NB2007", format!("`{}` may not be started: {why}", self.id)));
        }
        let fail = |name: &str, message: String| EngineError { code: "NB2001", message, input: Some(name.to_owned()) };
        if let Some(name) = given.keys().find(|n| !self.inputs.iter().any(|i| i.name == **n)) {
            return Err(fail(name, format!("`{}` has no input `{name}`", self.id)));
        }
        let mut bound = Map::new();
        for input in &self.inputs {
            let value = match given.get(&input.name).filter(|v| !v.is_null()) {
                Some(v) => Some(v.clone()),
                None => default(input, trigger, &bound, now).map_err(|m| fail(&input.name, m))?,
            };
            match value {
                Some(v) => {
                    let v = convert(input, v).map_err(|m| fail(&input.name, format!("`{}` {m}", input.name)))?;
                    bound.insert(input.name.clone(), v);
                }
                None if input.required => return Err(fail(&input.name, format!("`{}` is needed", input.name))),
                None => {}
            }
        }
        Ok(bound)
    }

    /// The key of deduplication, None when the playbook has none.
    pub fn dedupe_key(
        &self,
        trigger: &Value,
        inputs: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Option<String>, EngineError> {
        let Some(d) = &self.dedupe else { return Ok(None) };
        let key = expr::render_text(&d.key, &roots(trigger, Some(inputs), now));
        key.map(Some).map_err(|e| EngineError::new(e.code, format!("dedupe: {}", e.message)))
    }

    /// The key of concurrency: the playbook's id unless the file says otherwise.
    pub fn concurrency_key(
        &self,
        trigger: &Value,
        inputs: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<String, EngineError> {
        match self.concurrency.as_ref().and_then(|c| c.key.as_ref()) {
            None => Ok(self.id.clone()),
            Some(k) => expr::render_text(k, &roots(trigger, Some(inputs), now))
                .map_err(|e| EngineError::new(e.code, format!("concurrency: {}", e.message))),
        }
    }
}

/// What a trigger's condition sees. Whether an event matches must not depend on when it is asked, so the
/// checker refuses `now()` there.
fn timeless(trigger: &Value) -> Context<'_> {
    roots(trigger, None, Timestamp::UNIX_EPOCH)
}

fn roots<'a>(trigger: &'a Value, inputs: Option<&'a Map<String, Value>>, now: Timestamp) -> Context<'a> {
    let context = Context::empty(now).with("trigger", std::borrow::Cow::Borrowed(trigger));
    match inputs {
        Some(i) => context.with_map("inputs", i),
        None => context,
    }
}

/// A default that is one expression giving nothing counts as absent.
fn default(
    input: &Input,
    trigger: &Value,
    bound: &Map<String, Value>,
    now: Timestamp,
) -> Result<Option<Value>, String> {
    let Some(value) = &input.default else { return Ok(None) };
    match expr::render(value, &roots(trigger, Some(bound), now)) {
        Ok(Value::Null) => Ok(None),
        // An alert without an account has a user map that names nobody.
        Ok(Value::Object(m))
            if input.kind == InputType::User
                && ["id", "email"].iter().all(|k| m.get(*k).is_none_or(|v| v.is_null() || v == "")) =>
        {
            Ok(None)
        }
        Ok(v) => Ok(Some(v)),
        Err(e) if e.code == "NB2010" => Ok(None),
        Err(e) => Err(e.message),
    }
}

/// Checks a value against its type and brings it into the one form that steps rely on.
fn convert(input: &Input, v: Value) -> Result<Value, String> {
    if !input.options.is_empty() && !input.options.contains(&v) {
        let options: Vec<String> =
            input.options.iter().map(|o| o.as_str().map_or_else(|| o.to_string(), str::to_owned)).collect();
        return Err(format!("must be one of {}", options.join(", ")));
    }
    let text = v.as_str().map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned);
    let keep = |ok: bool, what: &str, v: Value| if ok { Ok(v) } else { Err(format!("must be {what}")) };
    let parsed = |ok: bool| text.is_some() && ok;
    let t = text.as_deref().unwrap_or_default();
    match input.kind {
        InputType::String => keep(v.is_string(), "text", v),
        InputType::Integer => match t.parse::<i64>() {
            Ok(n) => Ok(n.into()),
            Err(_) => keep(v.is_i64() || v.is_u64(), "a whole number", v),
        },
        InputType::Number => match t.parse::<i64>().map(Value::from).or_else(|_| t.parse::<f64>().map(Value::from)) {
            Ok(n) if !n.is_null() => Ok(n),
            _ => keep(v.is_number(), "a number", v),
        },
        InputType::Boolean => match t {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => keep(v.is_boolean(), "true or false", v),
        },
        InputType::Date => keep(parsed(t.parse::<jiff::civil::Date>().is_ok()), "a date like 2026-01-31", v),
        InputType::Datetime => keep(parsed(t.parse::<Timestamp>().is_ok()), "an instant like 2026-01-31T09:00:00Z", v),
        InputType::Duration => keep(parsed(t.parse::<Span>().is_ok()), "a duration like 4h", v),
        InputType::User => person(v).ok_or_else(|| "must be a person".to_owned()),
        InputType::Ip => keep(parsed(t.parse::<std::net::IpAddr>().is_ok()), "an address like 192.0.2.7", v),
        InputType::Url => keep(parsed(t.contains("://")), "a link", v),
        InputType::Domain => keep(parsed(t.contains('.') && !t.contains(['/', '@', ' '])), "a domain", v),
        InputType::Address => keep(parsed(t.contains('@')), "a mail address", v),
        InputType::Hash => keep(parsed(t.len() >= 32 && t.chars().all(|c| c.is_ascii_hexdigit())), "a hash", v),
        InputType::Role => keep(text.is_some(), "a role", v),
        InputType::Mail | InputType::File | InputType::Indicator => {
            keep(text.is_some() || v.as_object().is_some_and(|m| !m.is_empty()), "a mail, file or indicator", v)
        }
        InputType::Alert | InputType::Map => keep(v.is_object(), "a map", v),
        InputType::List => keep(v.is_array(), "a list", v),
    }
}

/// A person always has id, email, name, first_name and timezone, so that steps need no guards.
fn person(v: Value) -> Option<Value> {
    let mut map = match v {
        Value::String(s) if !s.trim().is_empty() => {
            let s = s.trim().to_owned();
            let email = if s.contains('@') { s.clone() } else { String::new() };
            Map::from_iter([("id".to_owned(), json!(s)), ("email".to_owned(), json!(email))])
        }
        Value::Object(map) => map,
        _ => return None,
    };
    let get = |map: &Map<String, Value>, key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let email = match get(&map, "email") {
        e if e.is_empty() => map
            .get("emails")
            .and_then(Value::as_array)
            .and_then(|a| a.first())
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        e => e,
    };
    let id = if get(&map, "id").is_empty() { email.clone() } else { get(&map, "id") };
    if id.is_empty() {
        return None;
    }
    let name = if get(&map, "name").is_empty() {
        email.split('@').next().unwrap_or(&id).to_owned()
    } else {
        get(&map, "name")
    };
    let name = if name.is_empty() { id.clone() } else { name };
    let first = if get(&map, "first_name").is_empty() {
        name.split_whitespace().next().unwrap_or(&name).to_owned()
    } else {
        get(&map, "first_name")
    };
    let zone = if get(&map, "timezone").is_empty() { "UTC".to_owned() } else { get(&map, "timezone") };
    for (key, value) in [("id", id), ("email", email), ("name", name), ("first_name", first), ("timezone", zone)] {
        map.insert(key.to_owned(), Value::String(value));
    }
    Some(Value::Object(map))
}
