//! What people see when a page cannot be shown: what happened and what to do next.

use askama::Template;
use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use nightbell_core::code::{Code, Coded};
use nightbell_core::port::store::StoreError;

/// Why not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Nobody is logged in.
    #[error("You are not signed in, or your session has ended.")]
    NoSession,
    /// The link was used or is too old.
    #[error("This sign-in link was used already or is older than 15 minutes.")]
    LinkGone,
    /// Somebody else's name for this machine.
    #[error("This address is not one of the console's own names.")]
    ForeignHost,
    /// The form came from another page.
    #[error("This form did not come from the console, so nothing was done.")]
    ForeignForm,
    /// The role does not allow it.
    #[error("This page is for {0}.")]
    NotYours(&'static str),
    /// No such thing.
    #[error("{0} is not there.")]
    NotThere(String),
    /// What was typed makes no sense.
    #[error("{0}")]
    Unclear(String),
    /// The store does not answer.
    #[error("{1}")]
    Store(Code, String),
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Self {
        Self::Store(e.code(), e.to_string())
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct Page<'a> {
    title: &'a str,
    text: &'a str,
    next: &'a str,
    command: &'a str,
    code: Option<&'a str>,
    signed_in: bool,
}

impl Problem {
    fn status(&self) -> StatusCode {
        match self {
            Self::NoSession | Self::LinkGone => StatusCode::UNAUTHORIZED,
            Self::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
            Self::ForeignForm | Self::NotYours(_) => StatusCode::FORBIDDEN,
            Self::NotThere(_) => StatusCode::NOT_FOUND,
            Self::Unclear(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(..) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Title, what to do next, and a command that does it.
    fn words(&self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoSession => (
                "Sign in to Nightbell",
                "There are no passwords here. You get in by a link that works once, within 15 minutes. Nightbell prints \
                 one when it starts; whoever runs it can make a new one at any time, on that machine:",
                "nightbell login",
            ),
            Self::LinkGone => (
                "This link does not work any more",
                "Ask whoever runs Nightbell for a new one. It is made on that machine with:",
                "nightbell login",
            ),
            Self::ForeignHost => (
                "Unknown address",
                "Open the console under the address you were given. Operators add further names with \
                 `console.public_hosts` in the configuration.",
                "",
            ),
            Self::ForeignForm => ("Nothing was done", "Go back to the console, reload the page and try again.", ""),
            Self::NotYours(_) => {
                ("Not for your role", "If you need it, ask a security lead to change your role in the directory.", "")
            }
            Self::NotThere(_) => ("Nothing here", "Look at the list of cases for what there is.", ""),
            Self::Unclear(_) => ("That was not clear", "Go back, change it, and send it again.", ""),
            Self::Store(..) => (
                "The store does not answer",
                "Nothing was lost: what was accepted is on disk. Try again in a moment; operators see more on the \
                 health page.",
                "nightbell store verify",
            ),
        }
    }

    /// As a page, or as JSON for those who asked for it.
    pub(crate) fn for_client(self, headers: &HeaderMap) -> Response {
        let wants = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
        if headers.contains_key(header::AUTHORIZATION) || wants.contains("json") {
            let body = serde_json::json!({ "error": self.to_string() });
            return (self.status(), Json(body)).into_response();
        }
        self.into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (title, next, command) = self.words();
        let code = match &self {
            Self::Store(c, _) => Some(c.0),
            _ => None,
        };
        let text = self.to_string();
        let signed_in = !matches!(self, Self::NoSession | Self::LinkGone | Self::ForeignHost);
        let page = Page { title, text: &text, next, command, code, signed_in };
        let mut response = (self.status(), html(&page)).into_response();
        if matches!(self, Self::Store(..)) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// A rendered template.
pub(crate) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(e) => {
            tracing::error!(error = %e, "a page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be drawn.").into_response()
        }
    }
}

/// For every path that does not exist.
pub(crate) async fn nowhere() -> Response {
    Problem::NotThere("This page".to_owned()).into_response()
}
