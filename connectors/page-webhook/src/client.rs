//! The pager.

use crate::config::{Config, ConfigError};
use crate::map;
use async_trait::async_trait;
use nightbell_connector_kit::answer::classify;
use nightbell_connector_kit::health::{Check, Health};
use nightbell_connector_kit::signature::signed_post;
use nightbell_core::code::CONNECTOR_DOWN;
use nightbell_core::port::chat::SendError;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::{Http, HttpError, Request};
use nightbell_core::port::pager::{PageText, Pager};
use std::sync::Arc;
use std::time::Duration;

/// Pages by one webhook.
pub struct PageWebhook {
    name: String,
    config: Config,
    http: Arc<dyn Http>,
    clock: Arc<dyn Clock>,
}

impl PageWebhook {
    /// Checks the configuration. Connects to nothing.
    pub fn new(config: Config, http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self { name: format!("webhook:{}", config.name), config, http, clock })
    }
}

#[async_trait]
impl Pager for PageWebhook {
    fn name(&self) -> &str {
        &self.name
    }

    async fn page(&self, page: &PageText) -> Result<(), SendError> {
        let Config { url, secret, timeout, .. } = &self.config;
        let mut request = signed_post(url, secret, self.clock.now(), &page.key, map::body(page));
        request.timeout = timeout.0;
        let answer = self.http.send(request).await;
        map::result(classify(answer, self.clock.now()), secret)
    }
}

#[async_trait]
impl Check for PageWebhook {
    /// Asks with HEAD, which wakes nobody: any answer shows that name, connection and certificate are right. Whether a
    /// page is taken only a test page can show.
    async fn check(&self) -> Health {
        let request = Request {
            method: "HEAD",
            url: self.config.url.clone(),
            headers: Vec::new(),
            body: Vec::new(),
            timeout: Duration::from_secs(8),
            max_response: 16 * 1024,
        };
        match self.http.send(request).await {
            Ok(_) | Err(HttpError::TooBig(_)) => Health::ok(&self.name, "reachable"),
            Err(e) => Health::down(
                &self.name,
                CONNECTOR_DOWN,
                self.config.secret.hide_in(&e.to_string()),
                format!("Check `url` of page.webhook `{}` and that this machine may connect to it", self.config.name),
            ),
        }
    }
}
