//! The Web API.
#![allow(clippy::unnecessary_wraps, reason = "every method of the table has the same form")]

mod chat;
mod conversations;
mod files;
mod hooks;
mod more;
mod people;
mod table;
mod views;

use crate::fault::{Fault, Often};
use crate::ledger::Call;
use crate::model::TokenKind;
use crate::record::{Recorder, kind_of};
use crate::state::SlackState;
use crate::wire::{Cut, Reply, Request, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::time::Duration;
use table::{Method, Need};

pub(crate) mod content {
    //! What a message says, and how views are stacked.
    pub(crate) use super::chat::{Content, content};
    pub(crate) use super::views::STACK;
}

/// A refused call: the error and more keys of the answer.
#[derive(Debug)]
pub(crate) struct Refusal {
    error: String,
    more: Map<String, Value>,
}

impl Refusal {
    fn with(mut self, key: &str, value: Value) -> Self {
        self.more.insert(key.to_owned(), value);
        self
    }
}

impl From<&str> for Refusal {
    fn from(error: &str) -> Self {
        Self { error: error.to_owned(), more: Map::new() }
    }
}

/// Keys beside `ok`.
pub(crate) type Answer = Result<Value, Refusal>;

/// A call that may be made.
#[derive(Debug)]
pub(crate) struct Ask {
    now: Timestamp,
    args: Map<String, Value>,
}

impl Ask {
    /// A text argument; empty is as good as none.
    fn text(&self, key: &str) -> Option<&str> {
        self.args.get(key).and_then(Value::as_str).filter(|s| !s.is_empty())
    }

    fn need(&self, key: &str) -> Result<&str, Refusal> {
        self.text(key).ok_or_else(|| {
            Refusal::from("invalid_arguments").with(
                "response_metadata",
                json!({
            "messages": [format!("[ERROR] missing required field: {key}")] }),
            )
        })
    }

    /// True as JSON or as form text.
    fn flag(&self, key: &str) -> bool {
        match self.args.get(key) {
            Some(Value::Bool(b)) => *b,
            Some(Value::String(s)) => s == "true" || s == "1",
            Some(Value::Number(n)) => n.as_i64() == Some(1),
            _ => false,
        }
    }

    fn number(&self, key: &str) -> Option<usize> {
        match self.args.get(key)? {
            Value::Number(n) => n.as_u64().map(|n| n as usize),
            Value::String(s) => s.parse().ok(),
            _ => None,
        }
    }

    /// Ids as a list or as text with commas.
    fn list(&self, key: &str) -> Vec<String> {
        match self.args.get(key) {
            Some(Value::Array(a)) => a.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
            Some(Value::String(s)) => s.split(',').map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect(),
            _ => Vec::new(),
        }
    }

    /// One page of a list, with the cursor to the next one.
    fn page(&self, all: &[Value], usual: usize) -> (Vec<Value>, Value) {
        let limit = self.number("limit").filter(|n| *n > 0).unwrap_or(usual).min(1_000);
        let from = self.text("cursor").and_then(|c| c.strip_prefix("at-")?.parse().ok()).unwrap_or(0);
        let page: Vec<Value> = all.iter().skip(from).take(limit).cloned().collect();
        let next = from + page.len();
        let cursor = if next < all.len() { format!("at-{next}") } else { String::new() };
        (page, json!({ "next_cursor": cursor }))
    }
}

/// What is known about a request before its work begins.
struct Arrived {
    method: String,
    token: &'static str,
    args: Map<String, Value>,
    channel: Option<String>,
}

impl SlackState {
    /// One request of the app: the Web API, a file, an upload or a response URL. Whatever comes is in the ledger.
    pub fn handle(&mut self, now: Timestamp, request: &Request) -> Reply {
        let arrived = self.arrived(request);
        let channel = arrived.channel.as_deref();
        let tier = table::tier(&arrived.method);
        let too_early = self.limits.too_early(now, &arrived.method, tier, channel);
        let fault = self.faults.take(&arrived.method);
        let limited = match &fault {
            None => self.limits.take(now, &arrived.method, tier, channel),
            Some(_) => None,
        };
        let fault = fault.or(limited.map(|retry_after| Fault::Limited { retry_after }));
        if let Some(Fault::Limited { retry_after }) = fault {
            self.limits.told(now, &arrived.method, tier, channel, retry_after);
        }
        let done = fault.as_ref().is_none_or(Fault::works);
        let response = if done { self.work(now, request, &arrived) } else { Response::new(200, "text/plain", "") };
        let reply = spoil(fault.as_ref(), response);
        if let Some(kind) = kind_of(&arrived.method) {
            self.recorder.line(kind, &Value::Object(arrived.args.clone()));
        }
        self.calls.push(Call {
            method: arrived.method,
            token: arrived.token,
            body: Value::Object(arrived.args),
            at: now,
            status: reply.response.status,
            answer: reply.response.value(),
            fault: fault.map(|f| f.name()),
            done,
            too_early,
        });
        reply
    }

    /// The methods of the Web API that are known here.
    pub fn methods() -> impl Iterator<Item = &'static str> {
        table::names()
    }

    /// Plays a fault for matching methods: a method, a beginning with a star (`chat.*`), or `*`. Besides the Web API:
    /// `response_url`, `download`, `upload`.
    pub fn fault(&mut self, pattern: &str, fault: Fault, often: Often) {
        self.faults.add(pattern, fault, often);
    }

    /// Plays no more faults.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Whether calls over Slack's rate limits get 429 with the exact wait.
    pub fn enforce_limits(&mut self, on: bool) {
        self.limits.enforce = on;
    }

    /// Appends every body that the app sends to a file, one JSON line each.
    ///
    /// # Errors
    /// Of the file system.
    pub fn record(&mut self, path: &std::path::Path) -> std::io::Result<()> {
        self.recorder = Recorder::to(path)?;
        Ok(())
    }

    fn arrived(&self, request: &Request) -> Arrived {
        let route = request.route();
        let method = match route.strip_prefix("/api/") {
            Some(name) => name.to_owned(),
            None if route.starts_with("/files-pri/") => "download".to_owned(),
            None if route.starts_with("/upload/") => "upload".to_owned(),
            None if self.is_response_url(route) => "response_url".to_owned(),
            None => route.to_owned(),
        };
        let mut args = if method == "upload" {
            Map::from_iter([("bytes".to_owned(), json!(request.body.len()))])
        } else {
            request.arguments().unwrap_or_default()
        };
        if method == "download" || method == "upload" {
            args.insert("path".to_owned(), json!(route));
        }
        let given = request.bearer().map(str::to_owned).or_else(|| args.get("token")?.as_str().map(str::to_owned));
        args.remove("token");
        let known = given.as_ref().map(|g| self.tokens.iter().find(|t| t.value == *g).map(|t| t.kind));
        let token = match known {
            None => "none",
            Some(None) => "unknown",
            Some(Some(TokenKind::Bot)) => "bot",
            Some(Some(TokenKind::App)) => "app",
        };
        let channel = args.get("channel").and_then(Value::as_str).map(str::to_owned);
        Arrived { method, token, args, channel }
    }

    fn work(&mut self, now: Timestamp, request: &Request, arrived: &Arrived) -> Response {
        let answer = match arrived.method.as_str() {
            "download" => return self.download(request),
            "upload" => return self.upload(request),
            "response_url" => return self.respond(now, request.route(), &arrived.args),
            other if other.starts_with('/') => return Response::new(404, "text/plain", "no such page"),
            name => self.call(now, name, request, arrived),
        };
        let mut body = match answer {
            Ok(Value::Object(o)) => o,
            Ok(_) => Map::new(),
            Err(r) => {
                let mut o = r.more;
                o.insert("error".to_owned(), Value::String(r.error));
                o
            }
        };
        body.insert("ok".to_owned(), Value::Bool(!body.contains_key("error")));
        let mut response = Response::json(200, &Value::Object(body));
        if let (Some(t), "bot") = (self.tokens.first(), arrived.token) {
            let scopes: Vec<&str> = t.scopes.iter().map(String::as_str).collect();
            response.headers.push(("x-oauth-scopes".to_owned(), scopes.join(",")));
        }
        response
    }

    fn call(&mut self, now: Timestamp, name: &str, request: &Request, arrived: &Arrived) -> Answer {
        let Some(method) = table::find(name) else {
            return Err(Refusal::from("unknown_method").with("req_method", json!(name)));
        };
        if let Err(e) = request.arguments() {
            return Err(e.into());
        }
        if method.need != Need::Nothing {
            self.allowed(method, request, arrived)?;
        }
        (method.run)(self, &Ask { now, args: arrived.args.clone() })
    }

    /// The order in which Slack looks: a token, a known one, a valid one, of the right kind, with the scope.
    fn allowed(&self, method: &Method, request: &Request, arrived: &Arrived) -> Result<(), Refusal> {
        if arrived.token == "none" {
            return Err("not_authed".into());
        }
        let in_form = || -> Option<String> { Some(request.arguments().ok()?.get("token")?.as_str()?.to_owned()) };
        let given = request.bearer().map(str::to_owned).or_else(in_form).unwrap_or_default();
        let Some(token) = self.tokens.iter().find(|t| t.value == given) else { return Err("invalid_auth".into()) };
        if token.revoked {
            return Err("token_revoked".into());
        }
        let wants = if method.need == Need::Socket { TokenKind::App } else { TokenKind::Bot };
        if token.kind != wants && method.need != Need::AnyToken {
            return Err("not_allowed_token_type".into());
        }
        let kind = arrived.channel.as_ref().and_then(|c| self.channels.get(c)).map(|c| c.kind);
        let needed = method.need.scopes(kind);
        if needed.is_empty() || needed.iter().any(|n| token.scopes.contains(n)) {
            return Ok(());
        }
        let provided: Vec<&str> = token.scopes.iter().map(String::as_str).collect();
        Err(Refusal::from("missing_scope")
            .with("needed", json!(needed.join(",")))
            .with("provided", json!(provided.join(","))))
    }
}

/// What the fault makes of a response.
fn spoil(fault: Option<&Fault>, response: Response) -> Reply {
    let failed = |status: u16, error: &str| Response::json(status, &json!({ "ok": false, "error": error }));
    match fault {
        None => response.into(),
        Some(Fault::Limited { retry_after }) => {
            let mut r = failed(429, "ratelimited");
            r.headers.push(("retry-after".to_owned(), retry_after.to_string()));
            r.into()
        }
        Some(Fault::Status(s)) => failed(*s, "internal_error").into(),
        Some(Fault::Error(e)) => failed(200, e).into(),
        Some(Fault::Redirect(to)) => {
            let mut r = Response::new(302, "text/html", "");
            // What no header can hold is left out.
            if to.bytes().all(|b| b.is_ascii_graphic()) {
                r.headers.push(("location".to_owned(), to.clone()));
            }
            r.into()
        }
        Some(Fault::Html) => Response::new(502, "text/html", "<html><body><h1>Bad gateway</h1></body></html>").into(),
        Some(Fault::Hang(d)) => Reply { response, delay: *d, cut: Cut::No },
        Some(Fault::Truncated) => Reply { response, delay: Duration::ZERO, cut: Cut::Short },
        Some(Fault::Reset { .. }) => Reply { response, delay: Duration::ZERO, cut: Cut::Unanswered },
        Some(Fault::Refuse) => Reply { response, delay: Duration::ZERO, cut: Cut::Refused },
    }
}
