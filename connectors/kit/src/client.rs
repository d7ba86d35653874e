//! The one HTTP client.

use crate::address;
use async_trait::async_trait;
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use std::error::Error;
use std::time::Duration;

/// Longest time for the TCP and TLS handshakes. Short, because a connection that never stood is the one failure
/// after which it is certain that nothing happened.
const CONNECT: Duration = Duration::from_secs(5);

/// Chooses ring as the TLS library of this process. Call it first in `main` and in each test binary; calling it again
/// changes nothing. rustls stops the process when it has to choose by itself and cannot.
pub fn install_tls() {
    // An error means that one is installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// No client could be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP client cannot start: {0}")]
pub struct ClientError(String);

/// HTTP over reqwest and rustls. Follows no redirects, keeps no cookies, repeats nothing.
///
/// Connections are not kept for reuse. A service may close an idle connection at the very moment a call is written to
/// it; then nobody knows whether the call arrived, and for an action that cannot be repeated a human would be woken to
/// find out. Calls are rare here, so a handshake for each is the cheaper price.
///
/// The proxy variables of the environment are honoured, except for this machine itself.
#[derive(Debug, Clone)]
pub struct ReqwestHttp {
    /// For addresses on loopback.
    near: Client,
    /// For all others; the reason when the machine has no root certificates.
    far: Result<Client, String>,
}

impl ReqwestHttp {
    /// Builds the client and installs the TLS library when that was not done yet.
    ///
    /// A machine without root certificates gets a client as well: loopback works, everything else is
    /// [`HttpError::NotSent`] with that reason, so that the local demo starts anywhere.
    pub fn new() -> Result<Self, ClientError> {
        install_tls();
        let near = builder().no_proxy().tls_certs_only([]).build().map_err(|e| ClientError(words(&e.without_url())))?;
        let far = builder().build().map_err(|e| {
            format!("{}; install the root certificates of the system (package ca-certificates)", words(&e))
        });
        Ok(Self { near, far })
    }

    /// Whether calls to other machines are possible; the reason when not. For `nightbell check`.
    pub fn outside(&self) -> Result<(), &str> {
        self.far.as_ref().map(|_| ()).map_err(String::as_str)
    }

    fn client(&self, url: &Url) -> Result<&Client, HttpError> {
        if url.scheme() == "http" {
            return Ok(&self.near);
        }
        self.far.as_ref().map_err(|why| HttpError::NotSent(why.clone()))
    }
}

fn builder() -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(concat!("nightbell/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(0)
}

#[async_trait]
impl Http for ReqwestHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let cap = request.max_response;
        let url = address::check(&request.url).map_err(|e| HttpError::NotSent(format!("the address: {e}")))?;
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| HttpError::NotSent("the method is not one".to_owned()))?;
        let headers = header_map(&request.headers)?;
        let mut answer = self
            .client(&url)?
            .request(method, url)
            .headers(headers)
            .body(request.body)
            .timeout(request.timeout)
            .send()
            .await
            .map_err(|e| failed(e, request.timeout))?;

        // Saves reading what is refused anyway. The count below is what protects: a length can be a lie.
        if answer.content_length().is_some_and(|n| n > cap as u64) {
            return Err(HttpError::TooBig(cap));
        }
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|e| failed(e, request.timeout))? {
            if body.len() + chunk.len() > cap {
                return Err(HttpError::TooBig(cap));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body })
    }
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, HttpError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        // The value may be a token, so only the name is told.
        let bad = || HttpError::NotSent(format!("the header `{}` cannot be sent", name.escape_debug()));
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?;
        map.append(header, HeaderValue::from_str(value).map_err(|_| bad())?);
    }
    Ok(map)
}

/// Sorts a failure by the only question that matters: can the other side have seen the request? In doubt it can.
fn failed(error: reqwest::Error, timeout: Duration) -> HttpError {
    if error.is_connect() || error.is_builder() {
        return HttpError::NotSent(words(&error.without_url()));
    }
    if error.is_timeout() {
        return HttpError::NoAnswer(format!("nothing within {} s", timeout.as_secs_f32()));
    }
    HttpError::NoAnswer(words(&error.without_url()))
}

/// The error with its causes, without the address: that of a webhook is a secret.
fn words(error: &dyn Error) -> String {
    let mut out = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !out.contains(&text) {
            out.push_str(": ");
            out.push_str(&text);
        }
        next = cause.source();
    }
    nightbell_core::text::one_line(&out, 300)
}
