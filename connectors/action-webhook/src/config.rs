//! The keys of `[action.webhook]`.

use nightbell_connector_kit::Secret;
use nightbell_connector_kit::address::{self, BadAddress};
use nightbell_connector_kit::secret::SHORTEST;
use nightbell_core::action::Manifest;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Where the actions are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// An action without an address of its own goes to `<base_url>/<connector.action>`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// Addresses by action name.
    #[serde(default)]
    pub urls: BTreeMap<String, String>,
    /// Shared with the receiver, for the signature. At least 16 characters.
    pub secret: Secret,
}

/// What is wrong, and what to do about it. Shows neither address nor secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// `secret` is too short.
    #[error(
        "action.webhook: `secret` needs at least {SHORTEST} characters; make one with `openssl rand -hex 32` and give it to the receiver too"
    )]
    Secret,
    /// Not `connector.action`.
    #[error("action.webhook: `{0}` is not an action's name; write it like tickets.create")]
    Name(String),
    /// Two manifests of one name and major version.
    #[error("action.webhook: there are two manifests of `{0}`")]
    Twice(String),
    /// Nowhere to send it.
    #[error("action.webhook: `{0}` has no address; give `base_url` or a line in `urls`")]
    NoUrl(String),
    /// The address cannot be used.
    #[error("action.webhook: the address of `{0}` cannot be used: {1}")]
    Url(String, BadAddress),
    /// A path cannot be put behind it.
    #[error("action.webhook: `base_url` must not have a query or a fragment")]
    BaseUrl,
    /// An address for something that is no action.
    #[error("action.webhook: `urls` has `{0}`, but there is no manifest of that name")]
    Stray(String),
    /// A manifest without a deadline.
    #[error("action.webhook: `{0}` has a `timeout` of zero")]
    Timeout(String),
}

impl Config {
    /// Checks the keys against the manifests and returns the address of each (name, major version).
    pub(crate) fn resolve(&self, manifests: &[Manifest]) -> Result<BTreeMap<(String, u32), String>, ConfigError> {
        if !self.secret.is_strong() {
            return Err(ConfigError::Secret);
        }
        if self.base_url.as_deref().is_some_and(|b| b.contains(['?', '#'])) {
            return Err(ConfigError::BaseUrl);
        }
        let mut out = BTreeMap::new();
        for m in manifests {
            let name = &m.name;
            if !is_action_name(name) {
                return Err(ConfigError::Name(nightbell_core::text::one_line(name, 80)));
            }
            if m.timeout.0.is_zero() {
                return Err(ConfigError::Timeout(name.clone()));
            }
            let url = match (self.urls.get(name), &self.base_url) {
                (Some(own), _) => own.clone(),
                (None, Some(base)) => format!("{}/{name}", base.trim_end_matches('/')),
                (None, None) => return Err(ConfigError::NoUrl(name.clone())),
            };
            address::check(&url).map_err(|e| ConfigError::Url(name.clone(), e))?;
            if out.insert((name.clone(), m.major), url).is_some() {
                return Err(ConfigError::Twice(format!("{name}@{}", m.major)));
            }
        }
        let known: BTreeSet<&String> = manifests.iter().map(|m| &m.name).collect();
        match self.urls.keys().find(|k| !known.contains(k)) {
            Some(stray) => Err(ConfigError::Stray(nightbell_core::text::one_line(stray, 80))),
            None => Ok(out),
        }
    }
}

/// `connector.action`, safe in a path: lower-case letters, digits, `-` and `_`.
fn is_action_name(name: &str) -> bool {
    let part = |p: &str| {
        !p.is_empty()
            && p.len() <= 64
            && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    name.split_once('.').is_some_and(|(connector, action)| part(connector) && part(action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(name: &str, major: u32) -> Manifest {
        serde_json::from_value(json!({
            "name": name, "major": major, "about": "Create a ticket", "effect": "notify", "idempotent": "key"
        }))
        .expect("manifest")
    }

    fn config(value: serde_json::Value) -> Config {
        serde_json::from_value(value).expect("config")
    }

    const SECRET: &str = "0123456789abcdef";

    #[test]
    fn own_addresses_win_over_the_base() {
        let c = config(json!({
            "base_url": "https://auto.example.com/hooks/", "urls": {"a.b": "https://other.example.com/x?y=z"}, "secret": SECRET
        }));
        let got = c.resolve(&[manifest("a.b", 1), manifest("t.create", 1), manifest("t.create", 2)]).expect("fine");
        assert_eq!(got[&("a.b".to_owned(), 1)], "https://other.example.com/x?y=z");
        assert_eq!(got[&("t.create".to_owned(), 2)], "https://auto.example.com/hooks/t.create");
    }

    #[test]
    fn each_mistake_is_named() {
        let base = json!({"base_url": "https://auto.example.com/token", "secret": SECRET});
        let check = |value: serde_json::Value, manifests: &[Manifest]| {
            let got = config(value).resolve(manifests).map(|_| ());
            let text = got.as_ref().err().map(ToString::to_string).unwrap_or_default();
            assert!(!text.contains("token") && !text.contains(SECRET), "{text}");
            got
        };
        let one = manifest("a.b", 1);
        assert_eq!(check(base.clone(), &[one.clone(), one.clone()]), Err(ConfigError::Twice("a.b@1".into())));
        for name in ["", "ab", "a.", ".b", "a.b.c", "A.b", "a./b", "a.b?c", "a.ü"] {
            assert_eq!(check(base.clone(), &[manifest(name, 1)]), Err(ConfigError::Name(name.into())));
        }
        let mut hasty = one.clone();
        hasty.timeout = nightbell_core::duration::Span::secs(0);
        assert_eq!(check(base, &[hasty]), Err(ConfigError::Timeout("a.b".into())));
        for (value, want) in [
            (json!({"secret": SECRET}), ConfigError::NoUrl("a.b".into())),
            (json!({"base_url": "https://a.example", "secret": "short"}), ConfigError::Secret),
            (json!({"base_url": "https://a.example/?k=v", "secret": SECRET}), ConfigError::BaseUrl),
            (
                json!({"base_url": "http://a.example", "secret": SECRET}),
                ConfigError::Url("a.b".into(), BadAddress::NotEncrypted),
            ),
            (
                json!({"urls": {"a.b": "https://a.example", "c.d": "https://a.example"}, "secret": SECRET}),
                ConfigError::Stray("c.d".into()),
            ),
        ] {
            assert_eq!(check(value, std::slice::from_ref(&one)), Err(want));
        }
    }
}
