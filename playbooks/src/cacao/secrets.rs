//! Inline credentials: found, replaced by the name of a secret, reported (NB3140). Their values go nowhere.

use super::doc::{TOP, short};
use super::ids::{Names, word};
use super::text::names;
use crate::finding::Sink;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names of the secrets that took the place of credentials.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// In the order they were found.
    pub names: Vec<String>,
    /// The secret of an authentication definition by its id.
    pub of_auth: BTreeMap<String, String>,
    /// Whether any value was taken out of the document.
    pub moved: bool,
    taken: Names,
}

/// What stands where a credential stood.
pub(super) fn mark(name: &str) -> String {
    format!("[secret {name}]")
}

/// The name in such a mark.
pub(super) fn marked(text: &str) -> Option<&str> {
    let rest = text.get(text.find("[secret ")? + 8..)?;
    rest.split(']').next().filter(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Keys whose value is a credential wherever they stand.
fn is_secret_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('-', "_");
    ["password", "passwd", "passphrase", "private_key", "client_secret", "api_key", "apikey", "access_token", "secret"]
        .iter()
        .any(|w| key.ends_with(w))
        || matches!(key.as_str(), "token" | "auth_token" | "bearer" | "refresh_token" | "id_token" | "credential")
}

/// Headers that carry credentials.
fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.as_str(), "authorization" | "proxy-authorization" | "cookie" | "oauth_header" | "x-auth")
        || ["token", "api-key", "apikey", "secret", "password"].iter().any(|w| name.ends_with(w))
}

/// Whether the text holds something of its own and not only references to variables.
fn inline(text: &str) -> bool {
    let t = text.trim();
    let only_reference = names(t).len() == 1 && t.starts_with("__") && t.ends_with("__:value");
    !t.is_empty() && !only_reference && !t.starts_with("[secret ")
}

/// Takes every credential out of the document.
pub(super) fn remove(doc: &mut Value, sink: &mut Sink) -> Secrets {
    let mut out = Secrets::default();
    let Some(root) = doc.as_object_mut() else { return out };
    if let Some(Value::Object(defs)) = root.get_mut("authentication_info_definitions") {
        for (id, def) in defs {
            if let Value::Object(def) = def {
                out.auth(id, def, sink);
            }
        }
    }
    if let Some(Value::Object(variables)) = root.get_mut("playbook_variables") {
        out.variables(variables, sink);
    }
    if let Some(Value::Object(steps)) = root.get_mut("workflow") {
        for step in steps.values_mut() {
            if let Some(Value::Object(variables)) = step.get_mut("step_variables") {
                out.variables(variables, sink);
            }
        }
    }
    for (key, value) in
        root.iter_mut().filter(|(k, _)| !matches!(k.as_str(), "signatures" | "authentication_info_definitions"))
    {
        out.walk(value, key, false, sink);
    }
    out
}

impl Secrets {
    fn name(&mut self, wanted: &str) -> String {
        let name = self.taken.take(&word(wanted, "secret"));
        self.names.push(name.clone());
        name
    }

    fn report(&mut self, place: &str, name: &str, sink: &mut Sink) {
        self.moved = true;
        let message = format!("a credential stands in {}; its value was left out", short(place));
        let help =
            format!("give it to the bot's configuration as the secret `{name}`, and change it: it was in a file");
        sink.warn("NB3140", TOP, message, help);
    }

    /// The standard has a way to say that the credential is kept elsewhere: `kms` with a name.
    fn auth(&mut self, id: &str, def: &mut Map<String, Value>, sink: &mut Sink) {
        let kept = def.get("kms").and_then(Value::as_bool) == Some(true);
        let text = |def: &Map<String, Value>, key: &str| def.get(key).and_then(Value::as_str).map(str::to_owned);
        let (kind, uuid) = id.split_once("--").unwrap_or((id, ""));
        let by_id = format!("{kind}_{}", uuid.split('-').next().unwrap_or_default());
        let wanted = text(def, "kms_key_identifier").filter(|_| kept).or_else(|| text(def, "name")).unwrap_or(by_id);
        let name = self.name(&wanted);
        self.of_auth.insert(id.to_owned(), name.clone());
        let secret = |(key, v): (&String, &Value)| {
            let credential =
                is_secret_key(key) || (key == "oauth_header" && v.as_str().is_some_and(|t| t.contains(' ')));
            (credential && v.as_str().is_some_and(inline)).then(|| key.clone())
        };
        let found: Vec<String> = def.iter().filter_map(secret).collect();
        if found.is_empty() {
            return;
        }
        for key in found {
            // OAuth definitions must have both properties; with `kms` their values are not looked at.
            if kind == "oauth2" && matches!(key.as_str(), "token" | "oauth_header") {
                def.insert(key, Value::String(String::new()));
            } else {
                def.remove(&key);
            }
        }
        def.insert("kms".to_owned(), Value::Bool(true));
        def.insert("kms_key_identifier".to_owned(), Value::String(name.clone()));
        self.report(&format!("`{id}`"), &name, sink);
    }

    fn variables(&mut self, variables: &mut Map<String, Value>, sink: &mut Sink) {
        for (key, spec) in variables {
            let Some(value) = spec.get_mut("value") else { continue };
            if is_secret_key(key.trim_matches('_')) && value.as_str().is_some_and(inline) {
                let name = self.name(key.trim_matches('_'));
                *value = Value::String(mark(&name));
                self.report(&format!("the variable `{key}`"), &name, sink);
            }
        }
    }

    fn walk(&mut self, v: &mut Value, key: &str, headers: bool, sink: &mut Sink) {
        match v {
            Value::String(text) => {
                if (headers && is_secret_header(key) || !headers && is_secret_key(key)) && inline(text) {
                    let name = self.name(key);
                    *text = mark(&name);
                    self.report(&format!("`{key}`"), &name, sink);
                } else {
                    self.text(text, key, sink);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|i| self.walk(i, key, headers, sink)),
            Value::Object(map) => {
                for (k, inner) in map.iter_mut() {
                    self.walk(inner, k, headers || key == "headers", sink);
                }
            }
            _ => {}
        }
    }

    /// Credentials within text: in links, in header lines of commands, and private keys.
    fn text(&mut self, text: &mut String, key: &str, sink: &mut Sink) {
        let mut from = 0;
        // Each found range becomes a mark; the search goes on behind it.
        for _ in 0..20 {
            let Some((start, end)) = credential(text.get(from..).unwrap_or_default()) else { return };
            let (start, end) = (from + start, from + end);
            let name = self.name(&format!("{key}_secret"));
            let mark = mark(&name);
            text.replace_range(start..end, &mark);
            from = start + mark.len();
            self.report(&format!("the text of `{key}`"), &name, sink);
        }
    }
}

/// The first credential in a text, as a range of bytes.
fn credential(text: &str) -> Option<(usize, usize)> {
    let found = [private_key(text), user_info(text), parameter(text), bearer(text)];
    found.into_iter().flatten().filter(|(s, e)| text.get(*s..*e).is_some_and(inline)).min()
}

fn private_key(text: &str) -> Option<(usize, usize)> {
    let start = text
        .match_indices("-----BEGIN ")
        .find(|(i, _)| text.get(*i..).and_then(|t| t.lines().next()).is_some_and(|l| l.contains("PRIVATE KEY-----")))?;
    let rest = text.get(start.0..)?;
    let end = rest.find("-----END ").and_then(|i| rest.get(i + 9..)?.find("-----").map(|j| i + 9 + j + 5));
    Some((start.0, start.0 + end.unwrap_or(rest.len())))
}

/// `://user:password@`.
fn user_info(text: &str) -> Option<(usize, usize)> {
    text.match_indices("://").find_map(|(i, _)| {
        let rest = text.get(i + 3..)?;
        let host = rest.split(['/', '?', '#', ' ', '"', '\'']).next()?;
        let info = host.get(..host.rfind('@')?)?;
        let colon = info.find(':').filter(|c| c + 1 < info.len())?;
        Some((i + 3 + colon + 1, i + 3 + info.len()))
    })
}

/// `token=...` in a query or a form.
fn parameter(text: &str) -> Option<(usize, usize)> {
    text.match_indices('=').find_map(|(i, _)| {
        let before = text.get(..i)?;
        let start = before.rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')?;
        let name = before.get(start + 1..).filter(|_| matches!(before.as_bytes().get(start), Some(b'?' | b'&')))?;
        if !is_secret_key(name) && !matches!(name, "key" | "sig" | "auth") {
            return None;
        }
        let rest = text.get(i + 1..)?;
        let len = rest.find(['&', ' ', '#', '"', '\'', '\n']).unwrap_or(rest.len());
        (len > 0).then_some((i + 1, i + 1 + len))
    })
}

/// `Authorization: Bearer ...` in a command line.
fn bearer(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("authorization:").find_map(|(i, w)| {
        let rest = text.get(i + w.len()..)?;
        let start = rest.len() - rest.trim_start().len();
        let line = rest.get(start..)?;
        let skip = ["bearer ", "basic ", "token "]
            .iter()
            .find(|w| lower.get(i + 14 + start..).is_some_and(|l| l.starts_with(**w)));
        let skip = skip.map_or(0, |w| w.len());
        let value = line.get(skip..)?;
        let len = value.find(['"', '\'', ' ', '\n', '\r']).unwrap_or(value.len());
        let from = i + w.len() + start + skip;
        (len > 0).then_some((from, from + len))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn credentials_leave_no_trace_and_references_stay() {
        let mut doc = json!({
            "authentication_info_definitions": {
                "http-basic--1": {"type": "http-basic", "user_id": "svc", "password": "hunter2hunter2"},
                "oauth2--2": {"type": "oauth2", "oauth_header": "Bearer", "token": "hunter2hunter2"},
                "user-auth--3": {"type": "user-auth", "username": "u", "password": "__pw__:value"}
            },
            "playbook_variables": {"__api_key__": {"type": "string", "value": "hunter2hunter2"}},
            "workflow": {"a": {"commands": [
                {"command": "GET /x?token=hunter2hunter2&y=1 HTTP/1.1", "headers": {"Authorization": ["Basic hunter2hunter2"], "Accept": ["*/*"]}},
                {"command": "curl -H 'Authorization: Bearer hunter2hunter2' https://u:hunter2hunter2@h.example/"},
                {"command": "echo '-----BEGIN RSA PRIVATE KEY-----\nhunter2hunter2\n-----END RSA PRIVATE KEY-----' > k"},
                {"command": "GET /x?token=__t__:value HTTP/1.1"}
            ]}}
        });
        let mut sink = Sink::new("t");
        let found = remove(&mut doc, &mut sink);
        let text = doc.to_string();
        assert!(!text.contains("hunter2"), "{text}");
        assert!(!sink.findings.iter().any(|f| format!("{f:?}").contains("hunter2")));
        assert!(
            text.contains("token=__t__:value")
                && text.contains("\"password\":\"__pw__:value\"")
                && text.contains("*/*")
        );
        assert_eq!(found.names.len(), 9, "{:?}", found.names);
        assert_eq!(sink.findings.iter().filter(|f| f.code == "NB3140").count(), 8, "{:#?}", sink.findings);
        assert_eq!(doc["authentication_info_definitions"]["http-basic--1"]["kms"], true);
    }
}
