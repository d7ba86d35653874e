//! How a connector feels, for `nightbell check`, boot and the console.

use async_trait::async_trait;
use nightbell_core::Code;
use serde::Serialize;
use std::fmt;

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Works.
    Ok,
    /// Works in part, or could not be tried without waking somebody.
    Degraded,
    /// Does not work.
    Down,
}

impl State {
    /// Fixed-width word for the terminal; no colour is needed to read it.
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok  ",
            Self::Degraded => "warn",
            Self::Down => "FAIL",
        }
    }
}

/// One line of `nightbell check`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Name in the configuration, such as `webhook:pager`.
    pub connector: String,
    /// How it stands.
    pub state: State,
    /// What was seen. One line, no secrets.
    pub saw: String,
    /// Page with more, when it does not work.
    pub code: Option<Code>,
    /// What the operator does next. Empty when all is well.
    pub fix: String,
}

impl Health {
    /// Works.
    pub fn ok(connector: impl Into<String>, saw: impl Into<String>) -> Self {
        Self { connector: connector.into(), state: State::Ok, saw: saw.into(), code: None, fix: String::new() }
    }

    /// Works in part.
    pub fn degraded(connector: impl Into<String>, saw: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { connector: connector.into(), state: State::Degraded, saw: saw.into(), code: None, fix: fix.into() }
    }

    /// Does not work.
    pub fn down(connector: impl Into<String>, code: Code, saw: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { connector: connector.into(), state: State::Down, saw: saw.into(), code: Some(code), fix: fix.into() }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.state.word(), self.connector)?;
        if let Some(code) = self.code {
            write!(f, "{code} ")?;
        }
        f.write_str(&self.saw)?;
        if !self.fix.is_empty() {
            write!(f, ". {}", self.fix)?;
        }
        Ok(())
    }
}

/// A connector that can say how it feels.
#[async_trait]
pub trait Check: Send + Sync {
    /// Tries what the real operation needs (name, connection, certificate) without its effect: no page, no message,
    /// no change. Returns within ten seconds. Does not test other people's status pages.
    async fn check(&self) -> Health;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_carries_its_fix() {
        assert_eq!(Health::ok("webhook:pager", "answers").to_string(), "ok   webhook:pager: answers");
        let down = Health::down(
            "webhook:pager",
            nightbell_core::code::CONNECTOR_DOWN,
            "could not connect",
            "Check the address `url`",
        );
        assert_eq!(down.to_string(), "FAIL webhook:pager: NB0503 could not connect. Check the address `url`");
        let json = serde_json::to_value(&down).expect("json");
        assert_eq!((json["state"].as_str(), json["code"].as_str()), (Some("down"), Some("NB0503")));
    }
}
