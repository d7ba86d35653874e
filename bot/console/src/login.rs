//! In by a one-time link, out by a button.

use crate::error::Problem;
use crate::guard::{COOKIE, Who, secret};
use crate::{App, session};
use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nightbell_core::person::Role;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Token {
    token: Option<String>,
}

#[derive(Template)]
#[template(path = "entered.html")]
struct Entered<'a> {
    to: &'a str,
}

fn set_cookie(app: &App, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if app.options.secure_cookie { "; Secure" } else { "" };
    HeaderValue::from_str(&format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"))
        .ok()
}

/// `/login?token=...`. A `HEAD` of a link checker does not use the link up.
pub(crate) async fn enter(
    State(app): State<App>,
    method: Method,
    headers: HeaderMap,
    Query(Token { token }): Query<Token>,
) -> Result<Response, Problem> {
    let token = token.filter(|t| !t.is_empty() && method == Method::GET).ok_or(Problem::NoSession)?;
    let d = &app.deps;
    let (secret, to) =
        session::redeem(d.store.as_ref(), d.clock.as_ref(), d.rng.as_ref(), &token).await?.ok_or(Problem::LinkGone)?;
    // A redirect out of a foreign page's click would not carry a strict cookie; a page of our own that moves on does.
    let foreign = headers.get("sec-fetch-site").is_some_and(|s| s == "cross-site");
    let mut response = if foreign {
        crate::error::html(&Entered { to: &to })
    } else {
        (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
    };
    if let Some(cookie) = set_cookie(&app, &secret, session::SESSION.as_secs()) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[derive(Deserialize)]
pub(crate) struct For {
    person: Option<String>,
}

/// `POST /login/new`, by token only: a fresh one-time link for oneself, or by an admin for anybody of the directory. This
/// is how people get in on the local chat, and how an operator gets back in without a restart.
pub(crate) async fn fresh(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Query(For { person }): Query<For>,
) -> Result<String, Problem> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Err(Problem::ForeignForm);
    }
    let d = &app.deps;
    let wanted = person.unwrap_or_else(|| who.person.id.0.clone());
    if wanted != who.person.id.0 && !who.person.has(Role::Admin) && !who.session.may_switch {
        return Err(Problem::NotYours("a link for somebody else"));
    }
    let person =
        (d.people)().find(&wanted).map(|p| p.id.clone()).ok_or_else(|| Problem::NotThere("person".to_owned()))?;
    let switch = who.session.may_switch && person == who.person.id;
    Ok(session::issue_login(d.store.as_ref(), d.clock.as_ref(), d.rng.as_ref(), &person, switch, "/").await?)
}

#[derive(Deserialize)]
pub(crate) struct Leave {
    csrf: String,
}

/// Ends the session.
pub(crate) async fn leave(
    State(app): State<App>,
    who: Who,
    headers: HeaderMap,
    Form(form): Form<Leave>,
) -> Result<Response, Problem> {
    if !who.made(&form.csrf) {
        return Err(Problem::ForeignForm);
    }
    if let Some(secret) = secret(&headers) {
        session::end(app.deps.store.as_ref(), secret).await?;
    }
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, "/login")]).into_response();
    if let Some(cookie) = set_cookie(&app, "", 0) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
