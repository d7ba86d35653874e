//! The Web API: slack-morphism's client over our own HTTP port, so that every call has a deadline and a cap, and no body
//! or token gets into an error.

use crate::trouble::Trouble;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use nightbell_connector_kit::Secret;
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use rvstruct::ValueStruct;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use slack_morphism::errors::{
    SlackClientApiError, SlackClientError, SlackClientHttpError, SlackClientHttpProtocolError,
    SlackClientProtocolError, SlackRateLimitError,
};
use slack_morphism::multipart_form::FileMultipartData;
use slack_morphism::{
    ClientResult, SlackApiToken, SlackApiTokenValue, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector,
    SlackClientId, SlackClientSecret,
};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Deadline of one call. Slack answers in well under a second; what hangs longer is not coming back.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// Most bytes of an answer. A page of history with cards is far below.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

/// The connector that slack-morphism asks for, over the HTTP port.
pub(crate) struct Over {
    http: Arc<dyn Http>,
    api_url: String,
}

/// The part of every answer that says whether it happened. Slack adds fields; none of them may make an answer unreadable.
#[derive(Debug, Deserialize)]
struct Envelope {
    ok: Option<bool>,
    error: Option<String>,
    needed: Option<String>,
}

impl Over {
    fn request(method: &'static str, url: &Url, token: Option<&SlackApiToken>) -> Request {
        let mut headers = Vec::new();
        if let Some(t) = token {
            headers.push(("Authorization".to_owned(), format!("Bearer {}", t.token_value.value())));
        }
        Request {
            method,
            url: url.as_str().to_owned(),
            headers,
            body: Vec::new(),
            timeout: DEADLINE,
            max_response: MAX_ANSWER,
        }
    }

    async fn call<RS: DeserializeOwned>(&self, request: Request) -> ClientResult<RS> {
        let response = self.http.send(request).await.map_err(|e| {
            let cause: Box<dyn std::error::Error + Send + Sync> = Box::new(e);
            SlackClientError::HttpProtocolError(SlackClientHttpProtocolError::new().with_cause(cause))
        })?;
        answer(&response)
    }
}

fn unreadable(e: serde_json::Error) -> SlackClientError {
    // Without the body: it holds what people wrote.
    SlackClientError::ProtocolError(SlackClientProtocolError::new(e))
}

/// What an answer means. Bodies stay out of the errors.
fn answer<RS: DeserializeOwned>(response: &Response) -> ClientResult<RS> {
    if response.status == 429 {
        let after = response.header("retry-after").and_then(|v| v.trim().parse().ok()).map(Duration::from_secs);
        return Err(SlackClientError::RateLimitError(SlackRateLimitError::new().opt_retry_after(after)));
    }
    if !(200..300).contains(&response.status) {
        let status = http::StatusCode::from_u16(response.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        return Err(SlackClientError::HttpError(SlackClientHttpError::new(status)));
    }
    let envelope: Envelope = serde_json::from_slice(&response.body).map_err(unreadable)?;
    if envelope.ok != Some(true) {
        let code = envelope.error.unwrap_or_else(|| "unknown_error".to_owned());
        return Err(SlackClientError::ApiError(
            SlackClientApiError::new(code).opt_errors(envelope.needed.map(|n| vec![n])),
        ));
    }
    serde_json::from_slice(&response.body).map_err(unreadable)
}

fn not_offered<'a, RS: Send + 'a>() -> BoxFuture<'a, ClientResult<RS>> {
    let error = SlackClientError::HttpProtocolError(
        SlackClientHttpProtocolError::new().with_cause("this call is not used here".into()),
    );
    async move { Err(error) }.boxed()
}

impl SlackClientHttpConnector for Over {
    fn http_get_uri<'a, RS>(
        &'a self,
        full_uri: Url,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> Deserialize<'de> + Send + 'a,
    {
        self.call(Self::request("GET", &full_uri, context.token)).boxed()
    }

    fn http_get_with_client_secret<'a, RS>(
        &'a self,
        _full_uri: Url,
        _client_id: &'a SlackClientId,
        _client_secret: &'a SlackClientSecret,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> Deserialize<'de> + Send + 'a,
    {
        not_offered()
    }

    fn http_post_uri<'a, RQ, RS>(
        &'a self,
        full_uri: Url,
        request_body: &'a RQ,
        context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RQ: Serialize + Send + Sync,
        RS: for<'de> Deserialize<'de> + Send + 'a,
    {
        let mut request = Self::request("POST", &full_uri, context.token);
        request.headers.push(("Content-Type".to_owned(), "application/json; charset=utf-8".to_owned()));
        let body = serde_json::to_vec(request_body);
        async move {
            request.body = body.map_err(unreadable)?;
            self.call(request).await
        }
        .boxed()
    }

    fn http_post_uri_multipart_form<'a, 'p, RS, PT, TS>(
        &'a self,
        _full_uri: Url,
        _file: Option<FileMultipartData<'p>>,
        _params: &'p PT,
        _context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> Deserialize<'de> + Send + 'a,
        PT: IntoIterator<Item = (&'p str, Option<TS>)> + Clone,
        TS: AsRef<str> + 'p + Send,
    {
        not_offered()
    }

    fn http_post_uri_binary<'a, 'p, RS>(
        &'a self,
        _full_uri: Url,
        _content_type: String,
        _data: &'a [u8],
        _context: SlackClientApiCallContext<'a>,
    ) -> BoxFuture<'a, ClientResult<RS>>
    where
        RS: for<'de> Deserialize<'de> + Send + 'a,
    {
        not_offered()
    }

    fn create_method_uri_path(&self, method: &str) -> ClientResult<Url> {
        Ok(format!("{}/{method}", self.api_url).parse()?)
    }
}

/// One token's view of the Web API.
pub(crate) struct Api {
    client: SlackClient<Over>,
    token: SlackApiToken,
}

impl Api {
    pub(crate) fn new(http: Arc<dyn Http>, api_url: &str, token: &Secret) -> Self {
        let over = Over { http, api_url: api_url.trim_end_matches('/').to_owned() };
        let value = SlackApiTokenValue::new(token.expose().to_owned());
        Self { client: SlackClient::new(over), token: SlackApiToken::new(value) }
    }

    /// A call with a JSON body.
    pub(crate) async fn post<RQ, RS>(&self, method: &str, body: &RQ) -> Result<RS, Trouble>
    where
        RQ: Serialize + Send + Sync,
        RS: DeserializeOwned + Send,
    {
        let session = self.client.open_session(&self.token);
        session.http_session_api.http_post(method, body, None).await.map_err(trouble)
    }

    /// A call with parameters in the address, for methods that only read.
    pub(crate) async fn get<RS>(&self, method: &str, params: &[(&str, &str)]) -> Result<RS, Trouble>
    where
        RS: DeserializeOwned + Send,
    {
        let params: Vec<(&str, Option<&str>)> = params.iter().map(|(k, v)| (*k, Some(*v))).collect();
        let session = self.client.open_session(&self.token);
        session.http_session_api.http_get(method, &params, None).await.map_err(trouble)
    }
}

/// Whether a word of an answer is what Slack's codes and scopes are made of. Anything else may be anything: what stands
/// between us and Slack could say back what it was sent.
fn made_of(word: &str, most: usize, signs: &str) -> bool {
    let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || signs.contains(c);
    !word.is_empty() && word.len() <= most && word.chars().all(fine)
}

fn trouble(e: SlackClientError) -> Trouble {
    match e {
        SlackClientError::RateLimitError(r) => Trouble::Limited(r.retry_after),
        SlackClientError::ApiError(a) => {
            let needed = a.errors.and_then(|n| n.into_iter().next()).filter(|n| made_of(n, 200, "_:.,"));
            if a.code == "ratelimited" || a.code == "rate_limited" {
                Trouble::Limited(None)
            } else {
                let code = if made_of(&a.code, 80, "_") { a.code } else { "unreadable_error".to_owned() };
                Trouble::Said { code, needed }
            }
        }
        SlackClientError::HttpError(h) if h.status_code.as_u16() == 503 => {
            Trouble::Away("Slack answered 503".to_owned())
        }
        SlackClientError::HttpError(h) => Trouble::Unclear(format!("Slack answered {}", h.status_code.as_u16())),
        SlackClientError::HttpProtocolError(p) => match p.cause.and_then(|c| c.downcast::<HttpError>().ok()) {
            Some(e) => match *e {
                HttpError::NotSent(why) => Trouble::Away(why),
                e => Trouble::Unclear(e.to_string()),
            },
            None => Trouble::Away("the address of the Web API cannot be used".to_owned()),
        },
        SlackClientError::ProtocolError(_) => Trouble::Unclear("the answer cannot be read".to_owned()),
        _ => Trouble::Unclear("the call failed".to_owned()),
    }
}
