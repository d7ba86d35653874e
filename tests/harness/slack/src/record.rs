//! Bodies that the app sent, as lines for a validator: `{"kind": "slack-message", "body": ...}`.

use serde_json::{Value, json};
use std::io::Write as _;
use std::path::Path;

/// Kinds as the validator names them.
pub fn kind_of(method: &str) -> Option<&'static str> {
    Some(match method {
        "chat.postMessage" | "chat.update" | "chat.postEphemeral" | "response_url" => "slack-message",
        "views.open" | "views.update" | "views.push" => "slack-modal",
        "views.publish" => "slack-home",
        _ => return None,
    })
}

/// Writes lines, or nothing when no file was named.
#[derive(Debug, Default)]
pub struct Recorder {
    file: Option<std::fs::File>,
}

impl Recorder {
    /// Appends to a file.
    ///
    /// # Errors
    /// Of the file system.
    pub fn to(path: &Path) -> std::io::Result<Self> {
        Ok(Self { file: Some(std::fs::OpenOptions::new().create(true).append(true).open(path)?) })
    }

    /// One line. A disk that is full loses the line; the test that reads it will say so.
    pub fn line(&mut self, kind: &str, body: &Value) {
        if let Some(f) = &mut self.file {
            let _ = writeln!(f, "{}", json!({ "kind": kind, "body": body }));
        }
    }
}
