//! The web chat and its API, under `/chat`.

mod api;
mod draw;
mod forms;
mod live;
mod page;

pub(crate) use forms::draw_query;

use crate::post::NotTaken;
use crate::{Local, Person};
use axum::Router;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use nightbell_core::person::Session;
use std::sync::Arc;

/// Room for form fields around the files.
const AROUND: usize = 1024 * 1024;

/// Everything under `/chat`.
pub(crate) fn router(local: Arc<Local>) -> Router {
    let cap = local.options.upload_cap;
    Router::new()
        .route("/chat", get(page::show))
        .route("/chat/events", get(live::events))
        .route("/chat/send", post(forms::send).layer(DefaultBodyLimit::max(cap.saturating_mul(2) + AROUND)))
        .route("/chat/press", post(forms::press))
        .route("/chat/file/{digest}", get(page::file))
        .route("/chat/assets/{name}", get(asset))
        .route("/chat/api/messages", get(api::messages))
        .route(
            "/chat/api/message",
            // Base 64 needs four bytes for three.
            post(api::message).layer(DefaultBodyLimit::max(cap.saturating_mul(2) / 3 * 2 + AROUND)),
        )
        .route("/chat/api/press", post(api::press))
        .route("/chat/api/people", get(api::people))
        .route("/chat/api/convs", get(api::convs))
        .with_state(local)
}

/// Why a request got nowhere.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The session's person does not talk here.
    #[error("You are not one of the people of this chat. Ask an operator to add you to the directory.")]
    Stranger,
    /// Acting as somebody else is for the demo.
    #[error("You can only be yourself here. Acting as somebody else works in the demo and in rehearsals.")]
    NoSwitch,
    /// The form came from elsewhere.
    #[error("This did not come from the chat page, so nothing was done. Reload the page and try again.")]
    Foreign,
    /// What was sent makes no sense.
    #[error("{0}")]
    Unclear(String),
    /// It was not taken.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
}

impl From<nightbell_core::port::store::StoreError> for Problem {
    fn from(e: nightbell_core::port::store::StoreError) -> Self {
        Self::NotTaken(NotTaken::Store(e))
    }
}

impl Problem {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Stranger | Self::NoSwitch | Self::Foreign => StatusCode::FORBIDDEN,
            Self::Unclear(_) => StatusCode::BAD_REQUEST,
            Self::NotTaken(n) => match n {
                NotTaken::Nowhere | NotTaken::NoButton => StatusCode::NOT_FOUND,
                NotTaken::Empty | NotTaken::TooMany | NotTaken::NoId => StatusCode::UNPROCESSABLE_ENTITY,
                NotTaken::TooBig(..) => StatusCode::PAYLOAD_TOO_LARGE,
                NotTaken::Refused(_) | NotTaken::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            },
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::NotTaken(NotTaken::Refused(r)) => Some(r.retry_after),
            Self::NotTaken(NotTaken::Store(_)) => Some(2),
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let code = match &self {
            Self::NotTaken(NotTaken::Refused(r)) => Some(r.code.0),
            _ => None,
        };
        let body = serde_json::json!({ "error": self.to_string(), "code": code, "retry_after": self.retry_after() });
        let mut response = (self.status(), axum::Json(body)).into_response();
        if let Some(s) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, s.into());
        }
        response
    }
}

/// The same for people in front of a page.
pub(crate) struct OnPage(Problem);

impl<E: Into<Problem>> From<E> for OnPage {
    fn from(e: E) -> Self {
        Self(e.into())
    }
}

#[derive(askama::Template)]
#[template(path = "sorry.html")]
struct Sorry {
    words: String,
}

impl IntoResponse for OnPage {
    fn into_response(self) -> Response {
        let page = askama::Template::render(&Sorry { words: self.0.to_string() });
        (self.0.status(), page.map_or_else(|_| self.0.to_string().into_response(), |p| Html(p).into_response()))
            .into_response()
    }
}

/// Who acts: the session's person, or with `may_switch` anybody of the simulated people.
pub(crate) fn acting<'a>(local: &'a Local, session: &Session, as_: Option<&str>) -> Result<&'a Person, Problem> {
    let wanted = as_.filter(|a| !a.is_empty()).unwrap_or(&session.person.0);
    if wanted != session.person.0 && !session.may_switch {
        return Err(Problem::NoSwitch);
    }
    let found = local.person(wanted);
    // An operator of the demo need not be one of its people.
    let found = found.or_else(|| local.options.people.first().filter(|_| session.may_switch && as_.is_none()));
    found.ok_or(Problem::Stranger)
}

/// A cookie is sent along by every page a browser shows, so whoever comes with one must show the session's own text.
/// The guard looks at the cookie only when there is no `Authorization` header.
pub(crate) fn own_form(session: &Session, headers: &HeaderMap, csrf: Option<&str>) -> Result<(), Problem> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let given = csrf.or_else(|| headers.get("x-nightbell-csrf").and_then(|v| v.to_str().ok())).unwrap_or_default();
    // Compared in full whatever the first difference is.
    let (a, b) = (given.as_bytes(), session.csrf.as_bytes());
    let same = a.len() == b.len() && a.iter().zip(b).fold(0u8, |acc, (x, y)| acc | (x ^ y)) == 0;
    if same && !b.is_empty() { Ok(()) } else { Err(Problem::Foreign) }
}

async fn asset(Path(name): Path<String>) -> Response {
    let (mime, body) = match name.as_str() {
        "chat.css" => ("text/css; charset=utf-8", include_str!("../../assets/chat.css")),
        "chat.js" => ("text/javascript; charset=utf-8", include_str!("../../assets/chat.js")),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let cache = HeaderValue::from_static("public, max-age=600");
    ([(header::CONTENT_TYPE, HeaderValue::from_static(mime)), (header::CACHE_CONTROL, cache)], body).into_response()
}
