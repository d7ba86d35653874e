//! A request and its reply as plain values, so that the workspace needs no socket.

use serde_json::{Map, Value};
use std::time::Duration;

/// A request as it came in.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// Path with the query, from the first slash on.
    pub path: String,
    /// Names in any case, and values.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Request {
    /// First header of that name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The path without its query.
    pub fn route(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// The bearer token, or none.
    pub fn bearer(&self) -> Option<&str> {
        let value = self.header("authorization")?;
        let (kind, token) = value.split_once(' ')?;
        let token = token.trim();
        (kind.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    }

    /// The arguments of a call as one object: query, then form or JSON. Slack takes both forms; objects and lists
    /// may be JSON text in a form.
    ///
    /// # Errors
    /// `invalid_json` or `json_not_object`, as Slack names them.
    pub fn arguments(&self) -> Result<Map<String, Value>, &'static str> {
        let mut all = Map::new();
        let query = self.path.split_once('?').map_or("", |(_, q)| q);
        take_form(&mut all, query.as_bytes());
        let kind = self.header("content-type").unwrap_or_default().to_ascii_lowercase();
        if kind.contains("application/json") {
            if self.body.is_empty() {
                return Ok(all);
            }
            match serde_json::from_slice(&self.body) {
                Ok(Value::Object(o)) => all.extend(o),
                Ok(_) => return Err("json_not_object"),
                Err(_) => return Err("invalid_json"),
            }
        } else if kind.contains("x-www-form-urlencoded") {
            take_form(&mut all, &self.body);
        }
        Ok(all)
    }
}

fn take_form(all: &mut Map<String, Value>, bytes: &[u8]) {
    const STRUCTURED: [&str; 6] = ["blocks", "attachments", "metadata", "view", "files", "users"];
    for (name, value) in form_urlencoded::parse(bytes) {
        let parsed = STRUCTURED.contains(&name.as_ref()).then(|| serde_json::from_str::<Value>(&value).ok()).flatten();
        let value = parsed.filter(|v| v.is_object() || v.is_array()).unwrap_or_else(|| Value::from(value.as_ref()));
        all.insert(name.into_owned(), value);
    }
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Response {
    /// Bytes of a kind.
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type".to_owned(), kind.to_owned())], body: body.into() }
    }

    /// A JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", body.to_string())
    }

    /// First header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The body as JSON; null when it is none.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// How the connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cut {
    /// With the response.
    #[default]
    No,
    /// Before the request left: nobody listened.
    Refused,
    /// Without a response, although the request arrived.
    Unanswered,
    /// In the middle of the body.
    Short,
}

/// A response and what happens to it on its way.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What would be answered.
    pub response: Response,
    /// How long it takes.
    pub delay: Duration,
    /// How the connection ends.
    pub cut: Cut,
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        Self { response, delay: Duration::ZERO, cut: Cut::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(kind: &str, body: &str) -> Request {
        Request {
            method: "POST".to_owned(),
            path: "/api/x?a=1".to_owned(),
            headers: vec![("Content-Type".to_owned(), kind.to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn forms_and_json_mean_the_same() {
        let form = post("application/x-www-form-urlencoded", "text=%7B1%7D&blocks=%5B%7B%22a%22%3A1%7D%5D").arguments();
        let json = post("application/json; charset=utf-8", r#"{"text":"{1}","blocks":[{"a":1}]}"#).arguments();
        assert_eq!(form, json);
        assert_eq!(form.unwrap()["a"], "1");
    }

    #[test]
    fn broken_json_has_its_names() {
        assert_eq!(post("application/json", "{").arguments(), Err("invalid_json"));
        assert_eq!(post("application/json", "[]").arguments(), Err("json_not_object"));
    }
}
