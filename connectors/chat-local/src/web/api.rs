//! JSON for the terminal and for tests.

use super::{Problem, acting, own_form};
use crate::message::Message;
use crate::post::{Draft, Upload};
use crate::rooms::direct;
use crate::{Local, Person};
use axum::extract::{FromRequest, Multipart, Query, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nightbell_core::person::Session;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Longest long poll in seconds.
const MAX_WAIT: u64 = 60;

#[derive(Deserialize)]
pub(crate) struct Ask {
    conv: Option<String>,
    after: Option<String>,
    wait: Option<u64>,
    #[serde(rename = "as")]
    as_: Option<String>,
}

fn shown(m: &Message) -> Value {
    let mut v = serde_json::to_value(m).unwrap_or_default();
    if let (Some(o), Some(card)) = (v.as_object_mut(), &m.card) {
        o.insert("plain".to_owned(), card.plain().into());
    }
    v
}

async fn since(local: &Local, person: &Person, conv: &str, after: &str) -> Result<Vec<Message>, Problem> {
    let mut all = local.last_messages(&person.id, conv).await?;
    all.retain(|m| m.rev.as_str() > after);
    Ok(all)
}

/// `GET /chat/api/messages?conv=&after=&wait=`: messages that are new or changed behind the cursor `after`. With
/// `wait` it holds until there are some, at most so many seconds. `conv` is the direct conversation when left out.
pub(crate) async fn messages(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    Query(q): Query<Ask>,
) -> Result<Json<Value>, Problem> {
    let person = acting(&local, &session, q.as_.as_deref())?;
    let conv = q.conv.unwrap_or_else(|| direct(&person.id));
    if !local.may_enter(person, &conv) {
        return Err(crate::post::NotTaken::Nowhere.into());
    }
    let after = q.after.unwrap_or_default();
    // Listening begins before looking, so that nothing slips in between.
    let mut changed = local.changed.subscribe();
    let mut found = since(&local, person, &conv, &after).await?;
    let wait = Duration::from_secs(q.wait.unwrap_or(0).min(MAX_WAIT));
    if found.is_empty() && !wait.is_zero() {
        let news = async {
            // An error means missed news: look as well.
            while changed.recv().await.is_ok_and(|c| c != conv) {}
        };
        let _ = tokio::time::timeout(wait, news).await;
        found = since(&local, person, &conv, &after).await?;
    }
    let cursor = found.iter().map(|m| m.rev.as_str()).max().unwrap_or(&after).to_owned();
    let messages: Vec<Value> = found.iter().map(shown).collect();
    Ok(Json(json!({ "conv": conv, "messages": messages, "cursor": cursor })))
}

#[derive(Deserialize)]
struct Encoded {
    name: String,
    base64: String,
    #[serde(default)]
    mime: String,
}

#[derive(Deserialize)]
struct NewMessage {
    conv: Option<String>,
    #[serde(rename = "as")]
    as_: Option<String>,
    #[serde(default)]
    text: String,
    client_id: Option<String>,
    thread: Option<String>,
    #[serde(default)]
    files: Vec<Encoded>,
}

/// `POST /chat/api/message`, as JSON or as a multipart form. Answers only after the message was kept.
pub(crate) async fn message(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let mime = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let unclear = |e: &dyn std::fmt::Display| Problem::Unclear(format!("The message could not be read: {e}"));
    let (as_, mut draft) = if mime.starts_with("multipart/") {
        let form = Multipart::from_request(request, &()).await.map_err(|e| unclear(&e))?;
        let form = super::forms::read(form, local.options.upload_cap).await;
        own_form(&session, &headers, Some(form.csrf.as_str()).filter(|c| !c.is_empty()))?;
        if let Some(problem) = form.problem {
            return Err(problem);
        }
        (form.as_, form.draft)
    } else {
        own_form(&session, &headers, None)?;
        let Json(new) = Json::<NewMessage>::from_request(request, &()).await.map_err(|e| unclear(&e))?;
        let mut files = Vec::new();
        for f in new.files {
            let bytes = STANDARD.decode(f.base64.as_bytes()).map_err(|e| unclear(&e))?;
            files.push(Upload { name: f.name, mime: f.mime, bytes });
        }
        let client_id = new.client_id.unwrap_or_else(|| local.ids.fresh());
        let draft = Draft { conv: new.conv.unwrap_or_default(), thread: new.thread, text: new.text, files, client_id };
        (new.as_, draft)
    };
    let person = acting(&local, &session, as_.as_deref())?;
    if draft.conv.is_empty() {
        draft.conv = direct(&person.id);
    }
    let key = local.post(person, draft).await?;
    let (conv, id) = key.rsplit_once('/').unwrap_or((&key, ""));
    Ok(Json(json!({ "status": "kept", "conv": conv, "id": id })).into_response())
}

#[derive(Deserialize)]
pub(crate) struct Pressed {
    #[serde(rename = "as")]
    as_: Option<String>,
    token: String,
    client_id: Option<String>,
}

/// `POST /chat/api/press`.
pub(crate) async fn press(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    headers: HeaderMap,
    Json(p): Json<Pressed>,
) -> Result<Json<Value>, Problem> {
    own_form(&session, &headers, None)?;
    let person = acting(&local, &session, p.as_.as_deref())?;
    let client_id = p.client_id.unwrap_or_else(|| local.ids.fresh());
    local.press(person, &p.token, &client_id, None).await?;
    Ok(Json(json!({ "status": "kept" })))
}

/// `GET /chat/api/people`: those this session may act as.
pub(crate) async fn people(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
) -> Result<Json<Value>, Problem> {
    let me = acting(&local, &session, None)?;
    let all: Vec<Value> = local
        .options
        .people
        .iter()
        .filter(|p| session.may_switch || p.id == me.id)
        .map(|p| json!({ "id": p.id, "name": p.name, "roles": p.roles }))
        .collect();
    Ok(Json(json!({ "me": me.id, "may_switch": session.may_switch, "people": all })))
}

/// `GET /chat/api/convs?as=`.
pub(crate) async fn convs(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    Query(q): Query<Ask>,
) -> Result<Json<Value>, Problem> {
    let person = acting(&local, &session, q.as_.as_deref())?;
    Ok(Json(json!({ "convs": local.rooms(person).await? })))
}
