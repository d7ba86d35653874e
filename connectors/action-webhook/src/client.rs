//! The actions.

use crate::config::{Config, ConfigError};
use crate::map;
use async_trait::async_trait;
use nightbell_connector_kit::Secret;
use nightbell_connector_kit::address;
use nightbell_connector_kit::answer::classify;
use nightbell_connector_kit::health::{Check, Health};
use nightbell_connector_kit::signature::signed_post;
use nightbell_core::action::{Call, Manifest, Outcome};
use nightbell_core::code::CONNECTOR_DOWN;
use nightbell_core::port::actions::Actions;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::{Http, HttpError, Request};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Most bytes of an answer. Outputs become part of a run's journal, whose values end at 60 KiB; larger results belong
/// behind a handle.
const MAX_ANSWER: usize = 48 * 1024;
/// Most servers that one check asks: each gets at least 400 ms.
const MAX_CHECKED: usize = 20;
/// Name in `nightbell check`.
const NAME: &str = "webhook:actions";

/// Calls actions by webhook.
pub struct ActionWebhook {
    manifests: Vec<Manifest>,
    urls: BTreeMap<(String, u32), String>,
    secret: Secret,
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
}

impl ActionWebhook {
    /// Checks the configuration against the manifests. Connects to nothing.
    pub fn new(
        config: Config,
        manifests: Vec<Manifest>,
        http: Arc<dyn Http>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConfigError> {
        let urls = config.resolve(&manifests)?;
        Ok(Self { manifests, urls, secret: config.secret, http, clock })
    }

    fn find(&self, call: &Call) -> Option<(&Manifest, &str)> {
        let manifest = self.manifests.iter().find(|m| m.name == call.action && m.major == call.major)?;
        let url = self.urls.get(&(call.action.clone(), call.major))?;
        Some((manifest, url))
    }
}

#[async_trait]
impl Actions for ActionWebhook {
    fn manifests(&self) -> Vec<Manifest> {
        self.manifests.clone()
    }

    async fn call(&self, call: &Call) -> Outcome {
        let Some((manifest, url)) = self.find(call) else {
            let name = nightbell_core::text::one_line(&call.action, 80);
            return Outcome::Failed {
                code: map::CODE.to_owned(),
                message: format!("there is no action `{name}@{}` here; nothing was sent", call.major),
                retryable: false,
            };
        };
        let mut request = signed_post(url, &self.secret, self.clock.now(), &call.key, map::body(call));
        request.timeout = manifest.timeout.0;
        request.max_response = MAX_ANSWER;
        let answer = self.http.send(request).await;
        map::outcome(classify(answer, self.clock.now()), manifest, &self.secret)
    }
}

#[async_trait]
impl Check for ActionWebhook {
    /// Asks one address of each server with HEAD, which changes nothing. The first that does not answer is reported.
    async fn check(&self) -> Health {
        let mut servers: BTreeMap<String, (&str, &str)> = BTreeMap::new();
        for ((name, _), url) in &self.urls {
            if let Ok(parsed) = address::check(url) {
                servers.entry(parsed.origin().ascii_serialization()).or_insert((name, url));
            }
        }
        let asked = servers.len().min(MAX_CHECKED);
        // Eight seconds in all, so that the whole check keeps to its ten.
        let each = Duration::from_secs(8) / u32::try_from(asked.max(1)).unwrap_or(u32::MAX);
        for (name, url) in servers.values().take(asked) {
            let request = Request {
                method: "HEAD",
                url: (*url).to_owned(),
                headers: Vec::new(),
                body: Vec::new(),
                timeout: each,
                max_response: MAX_ANSWER,
            };
            match self.http.send(request).await {
                Ok(_) | Err(HttpError::TooBig(_)) => {}
                Err(e) => {
                    return Health::down(
                        NAME,
                        CONNECTOR_DOWN,
                        self.secret.hide_in(&format!("`{name}`: {e}")),
                        format!(
                            "Check the address of `{name}` under action.webhook and that this machine may connect to it"
                        ),
                    );
                }
            }
        }
        Health::ok(
            NAME,
            format!("{} actions; servers asked: {asked} of {}, all reachable", self.manifests.len(), servers.len()),
        )
    }
}
