//! Forms of the page. They work without a script: the answer is a redirect back, or the page again with what was
//! typed when it was not kept.

use super::{OnPage, Problem, acting, own_form, page};
use crate::Local;
use crate::post::{Draft, NotTaken, Upload};
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use nightbell_core::person::Session;
use serde::Deserialize;
use std::sync::Arc;

/// A form as far as it could be read: when a file is too large the text is still there.
pub(crate) struct Read {
    pub(crate) csrf: String,
    pub(crate) as_: Option<String>,
    pub(crate) draft: Draft,
    pub(crate) problem: Option<Problem>,
}

/// Reads a form. Text fields stand before files, so that nothing typed is lost to a large file.
pub(crate) async fn read(mut form: Multipart, cap: usize) -> Read {
    let draft =
        Draft { conv: String::new(), thread: None, text: String::new(), files: Vec::new(), client_id: String::new() };
    let mut out = Read { csrf: String::new(), as_: None, draft, problem: None };
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return out,
            Err(e) => {
                out.problem = Some(broken(e.status(), "files", cap));
                return out;
            }
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "files" {
            let file = field.file_name().unwrap_or_default().to_owned();
            let mime = field.content_type().unwrap_or_default().to_owned();
            match whole(field, cap).await {
                // A browser sends an empty file for an empty input.
                Ok(bytes) if bytes.is_empty() && file.is_empty() => {}
                Ok(bytes) => out.draft.files.push(Upload { name: file, mime, bytes }),
                Err(status) => {
                    out.problem = Some(broken(status, &file, cap));
                    return out;
                }
            }
            continue;
        }
        let Ok(text) = field.text().await else {
            out.problem = Some(Problem::Unclear("A field of the form could not be read.".to_owned()));
            return out;
        };
        match name.as_str() {
            "csrf" => out.csrf = text,
            "as" => out.as_ = Some(text),
            "conv" => out.draft.conv = text,
            "thread" => out.draft.thread = Some(text),
            "text" => out.draft.text = text,
            "client_id" => out.draft.client_id = text,
            _ => {}
        }
    }
}

async fn whole(mut field: axum::extract::multipart::Field<'_>, cap: usize) -> Result<Vec<u8>, StatusCode> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|e| e.status())? {
        if bytes.len() + chunk.len() > cap {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(status: StatusCode, file: &str, cap: usize) -> Problem {
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let name = nightbell_core::text::one_line(file, 80);
        return NotTaken::TooBig(name, cap / (1024 * 1024)).into();
    }
    Problem::Unclear("The upload broke off. Please try again.".to_owned())
}

fn back(conv: &str, as_: Option<&str>, thread: Option<&str>) -> Response {
    let mut to = format!("/chat?conv={}", draw_query(conv));
    for (name, value) in [("as", as_), ("thread", thread)] {
        if let Some(v) = value.filter(|v| !v.is_empty()) {
            to.push_str(&format!("&{name}={}", draw_query(v)));
        }
    }
    to.push_str("#compose");
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// Percent-encodes what is not a plain letter, digit, or one of `-_.:`.
pub(crate) fn draw_query(text: &str) -> String {
    let mut out = String::new();
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// `POST /chat/send`.
pub(crate) async fn send(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    form: Multipart,
) -> Result<Response, OnPage> {
    let form = read(form, local.options.upload_cap).await;
    // So large that not even the first fields came through.
    if let (Some(_), "") = (&form.problem, form.csrf.as_str()) {
        return Err(form.problem.unwrap_or(Problem::Foreign).into());
    }
    own_form(&session, &headers, Some(&form.csrf))?;
    let person = acting(&local, &session, form.as_.as_deref())?;
    let (conv, thread) = (form.draft.conv.clone(), form.draft.thread.clone());
    let typed = form.draft.text.clone();
    let result = match form.problem {
        Some(problem) => Err(problem),
        None => local.post(person, form.draft).await.map_err(Problem::from),
    };
    match result {
        Ok(_) => Ok(back(&conv, form.as_.as_deref(), thread.as_deref())),
        // Where there is no page to show the text again, words alone have to do.
        Err(problem) if !local.may_enter(person, &conv) => Err(problem.into()),
        Err(problem) => {
            let again = page::Again { text: typed, why: problem.to_string() };
            let body = page::draw(&local, &session, person, &conv, thread.as_deref(), None, Some(again)).await?;
            Ok((problem.status(), body).into_response())
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Press {
    csrf: String,
    #[serde(rename = "as")]
    as_: Option<String>,
    conv: String,
    thread: Option<String>,
    message: String,
    client_id: String,
    token: String,
}

/// `POST /chat/press`.
pub(crate) async fn press(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Form(f): Form<Press>,
) -> Result<Response, OnPage> {
    own_form(&session, &headers, Some(&f.csrf))?;
    let person = acting(&local, &session, f.as_.as_deref())?;
    match local.press(person, &f.token, &f.client_id, Some((&f.conv, &f.message))).await {
        Ok(()) => Ok(back(&f.conv, f.as_.as_deref(), f.thread.as_deref())),
        Err(e) if !local.may_enter(person, &f.conv) => Err(e.into()),
        Err(e) => {
            let again = page::Again { text: String::new(), why: e.to_string() };
            let problem = Problem::from(e);
            let body = page::draw(&local, &session, person, &f.conv, f.thread.as_deref(), None, Some(again)).await?;
            Ok((problem.status(), body).into_response())
        }
    }
}
