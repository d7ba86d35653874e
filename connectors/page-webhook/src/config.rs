//! The keys of `[[page.webhook]]`.

use nightbell_connector_kit::Secret;
use nightbell_connector_kit::address::{self, BadAddress};
use nightbell_connector_kit::secret::SHORTEST;
use nightbell_core::duration::Span;
use serde::Deserialize;
use std::time::Duration;

/// One way to page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Its name; the escalation ladder calls it `webhook:<name>`. Lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// Where to POST. https, or http on this machine.
    pub url: String,
    /// Shared with the receiver, for the signature. At least 16 characters.
    pub secret: Secret,
    /// Deadline of one try, 1 s to 30 s.
    #[serde(default = "ten_seconds")]
    pub timeout: Span,
}

const fn ten_seconds() -> Span {
    Span::secs(10)
}

/// What is wrong with the keys, and what to do about it. Shows neither address nor secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// `name` cannot be used.
    #[error("page.webhook: `name` must be 1 to 40 of a-z, 0-9, - and _")]
    Name,
    /// `url` cannot be used.
    #[error("page.webhook `{0}`: `url` cannot be used: {1}")]
    Url(String, BadAddress),
    /// `secret` is too short.
    #[error(
        "page.webhook `{0}`: `secret` needs at least {SHORTEST} characters; make one with `openssl rand -hex 32` and give it to the receiver too"
    )]
    Secret(String),
    /// `timeout` is out of range.
    #[error("page.webhook `{0}`: `timeout` must be between 1s and 30s")]
    Timeout(String),
}

impl Config {
    /// Checks what the types cannot.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if self.name.is_empty() || self.name.len() > 40 || !self.name.bytes().all(fits) {
            return Err(ConfigError::Name);
        }
        address::check(&self.url).map_err(|e| ConfigError::Url(self.name.clone(), e))?;
        if !self.secret.is_strong() {
            return Err(ConfigError::Secret(self.name.clone()));
        }
        // Somebody is waiting to be woken: better the next try or the next way than a long silence.
        if !(Duration::from_secs(1)..=Duration::from_secs(30)).contains(&self.timeout.0) {
            return Err(ConfigError::Timeout(self.name.clone()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<Config, String> {
        serde_json::from_value(json).map_err(|e| e.to_string())
    }

    #[test]
    fn keys_and_defaults() {
        let c = read(serde_json::json!({
            "name": "pager", "url": "https://hooks.example.com/p", "secret": "0123456789abcdef"
        }))
        .expect("config");
        assert_eq!((c.timeout, c.validate()), (Span::secs(10), Ok(())));
        let wrong = serde_json::json!({"name": "p", "url": "https://a.example", "secret": "s", "key": 1});
        assert!(read(wrong).is_err_and(|e| e.contains("unknown field `key`")));
    }

    #[test]
    fn each_wrong_value_is_named() {
        let check = |name: &str, url: &str, secret: &str, timeout| {
            Config { name: name.into(), url: url.into(), secret: Secret::new(secret), timeout: Span::secs(timeout) }
                .validate()
                .map_err(|e| e.to_string())
        };
        let (url, secret) = ("https://hooks.example.com/token", "0123456789abcdef");
        assert_eq!(check("pager", url, secret, 10), Ok(()));
        for (got, word) in [
            (check("", url, secret, 10), "`name`"),
            (check("Pa ger", url, secret, 10), "`name`"),
            (check("pager", "http://hooks.example.com/token", secret, 10), "`url`"),
            (check("pager", "hooks", secret, 10), "`url`"),
            (check("pager", url, "short", 10), "`secret`"),
            (check("pager", url, secret, 0), "`timeout`"),
            (check("pager", url, secret, 31), "`timeout`"),
        ] {
            let text = got.expect_err(word);
            assert!(text.contains(word) && !text.contains("token") && !text.contains("short"), "{text}");
        }
    }
}
