//! What the app did, in order.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// One call of the Web API, of a response URL or of a file URL.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    /// Such as `chat.postMessage`; `response_url`, `download`, `upload` for the rest.
    pub method: String,
    /// `bot`, `app`, `none` or `unknown`.
    pub token: &'static str,
    /// Arguments, or the body; the token is left out.
    pub body: Value,
    /// When it came.
    pub at: Timestamp,
    /// HTTP status.
    pub status: u16,
    /// Answer as JSON; null when it was none.
    pub answer: Value,
    /// The fault that was played, if any.
    pub fault: Option<String>,
    /// Whether the work was done, whatever was answered.
    pub done: bool,
    /// It came before an earlier Retry-After of the same method and channel had passed.
    pub too_early: bool,
}

impl Call {
    /// A text argument.
    pub fn text(&self, key: &str) -> &str {
        self.body.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The error that was answered.
    pub fn error(&self) -> Option<&str> {
        self.answer.get("error").and_then(Value::as_str)
    }
}
