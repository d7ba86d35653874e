//! The workspace without a socket: an HTTP client that answers from memory, for worlds with a clock of their own.

use crate::shared::Shared;
use crate::wire::{self, Cut};
use async_trait::async_trait;
use jiff::SignedDuration;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use std::sync::Arc;

/// An HTTP client whose network ends at the workspace.
#[derive(Clone)]
pub struct Direct {
    state: Shared,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Direct").finish_non_exhaustive()
    }
}

impl Direct {
    /// A client of that workspace. Addresses other than its own cannot be reached.
    pub fn new(state: Shared, clock: Arc<dyn Clock>) -> Self {
        Self { state, clock }
    }
}

/// The path when the URL belongs to one of the workspace's hosts.
fn path_of(state: &Shared, url: &str) -> Option<String> {
    let hosts = state.with(|s| s.hosts.clone());
    let at = |base: &String| url.strip_prefix(base.as_str()).filter(|p| p.starts_with('/')).map(str::to_owned);
    [&hosts.api, &hosts.files, &hosts.hooks].into_iter().find_map(at)
}

#[async_trait]
impl Http for Direct {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let Some(path) = path_of(&self.state, &request.url) else {
            let token =
                |(name, value): &(String, String)| name.eq_ignore_ascii_case("authorization") && !value.is_empty();
            let with_token = request.headers.iter().any(token);
            self.state.with(|s| s.foreign.push((request.url.clone(), with_token)));
            return Err(HttpError::NotSent("this network has the workspace only".to_owned()));
        };
        let now = self.clock.now();
        let asked =
            wire::Request { method: request.method.to_owned(), path, headers: request.headers, body: request.body };
        let reply = self.state.with(|s| s.handle(now, &asked));
        if reply.delay > request.timeout {
            self.clock
                .sleep_until(now + SignedDuration::try_from(request.timeout).unwrap_or(SignedDuration::MAX))
                .await;
            return Err(HttpError::NoAnswer("no answer in time".to_owned()));
        }
        if !reply.delay.is_zero() {
            self.clock.sleep_until(now + SignedDuration::try_from(reply.delay).unwrap_or(SignedDuration::MAX)).await;
        }
        match reply.cut {
            Cut::Refused => return Err(HttpError::NotSent("connection refused".to_owned())),
            Cut::Unanswered => return Err(HttpError::NoAnswer("connection reset".to_owned())),
            Cut::Short => {
                return Err(HttpError::NoAnswer("the connection ended in the middle of the answer".to_owned()));
            }
            Cut::No => {}
        }
        if reply.response.body.len() > request.max_response {
            return Err(HttpError::TooBig(request.max_response));
        }
        Ok(Response { status: reply.response.status, headers: reply.response.headers, body: reply.response.body })
    }
}
