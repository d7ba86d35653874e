//! `/chat`: the conversations on the left, the messages in the middle, the composer below.

use super::draw::{self, Shown};
use super::forms::draw_query;
use super::{OnPage, Problem, acting};
use crate::post::NotTaken;
use crate::rooms::{Room, direct};
use crate::{Local, Person};
use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use nightbell_core::chat::Block;
use nightbell_core::person::Session;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize)]
pub(crate) struct Ask {
    conv: Option<String>,
    thread: Option<String>,
    /// The unread mark of the page that asks again.
    mark: Option<String>,
    #[serde(rename = "as")]
    as_: Option<String>,
}

/// What was typed and why it was not kept.
#[derive(Default)]
pub(crate) struct Again {
    pub(crate) text: String,
    pub(crate) why: String,
}

#[derive(Template)]
#[template(path = "chat.html")]
struct Page<'a> {
    links: &'a [(String, String)],
    csrf: &'a str,
    me: &'a Person,
    people: &'a [Person],
    may_switch: bool,
    rooms: Vec<Room>,
    room: Room,
    thread: Option<String>,
    stream: Vec<Shown>,
    mark: String,
    checking: Option<&'static str>,
    /// The card that free text would answer.
    answers: Option<String>,
    client_id: String,
    again: Again,
    now: String,
    cap: usize,
}

impl Page<'_> {
    /// Address of a conversation.
    fn at(&self, conv: &str) -> String {
        format!("/chat?conv={}&as={}", draw_query(conv), draw_query(&self.me.id))
    }

    fn thread_at(&self, id: &str) -> String {
        format!("{}&thread={}", self.at(&self.room.id), draw_query(id))
    }
}

/// The page.
pub(crate) async fn show(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    Query(q): Query<Ask>,
) -> Result<Response, OnPage> {
    let person = acting(&local, &session, q.as_.as_deref())?;
    let conv = q.conv.unwrap_or_else(|| direct(&person.id));
    // Who was switched to may not have the room of the one before.
    let conv = if session.may_switch && !local.may_enter(person, &conv) { direct(&person.id) } else { conv };
    draw(&local, &session, person, &conv, q.thread.as_deref(), q.mark, None).await.map_err(OnPage::from)
}

/// Draws it, with what was typed when it was not kept.
pub(crate) async fn draw(
    local: &Local,
    session: &Session,
    person: &Person,
    conv: &str,
    thread: Option<&str>,
    mark: Option<String>,
    again: Option<Again>,
) -> Result<Response, Problem> {
    if !local.may_enter(person, conv) {
        return Err(NotTaken::Nowhere.into());
    }
    let all = local.last_messages(&person.id, conv).await?;
    let seen = local.seen(&person.id, conv).await?;
    if let Some(last) = all.last().filter(|m| m.id > seen) {
        local.saw(&person.id, conv, &last.id).await;
    }
    let now = local.clock.now();
    let thread = thread.filter(|t| !t.is_empty());
    let mut roots: Vec<_> = match thread {
        Some(t) => all.iter().filter(|m| m.id == t || m.thread.as_deref() == Some(t)).cloned().collect(),
        None => all.clone(),
    };
    // In the main stream answers of a thread stand in their thread, unless its first message is too old to be shown.
    if thread.is_none() {
        roots.retain(|m| m.thread.as_ref().is_none_or(|t| !all.iter().any(|o| o.id == *t)));
    }
    let checking = draw::checking(now, roots.last());
    let answers = roots.iter().rev().find(|m| m.from.bot).and_then(|m| m.card.as_ref());
    let answers = answers.filter(|c| c.free_text).map(|c| c.title.clone());
    let mark = mark.unwrap_or(seen);
    let mut stream = draw::stream(local, person, roots, &mark);
    for s in &mut stream {
        s.replies = all.iter().filter(|m| m.thread.as_deref() == Some(&s.m.id)).count();
    }
    let rooms = local.rooms(person).await?;
    let room = rooms.iter().find(|r| r.id == conv).cloned().ok_or(NotTaken::Nowhere)?;
    let people = if session.may_switch { local.options.people.as_slice() } else { &[] };
    let page = Page {
        links: &local.options.links,
        csrf: &session.csrf,
        me: person,
        people,
        may_switch: session.may_switch,
        rooms,
        room,
        thread: thread.map(str::to_owned),
        stream,
        mark,
        checking,
        answers,
        client_id: local.ids.fresh(),
        again: again.unwrap_or_default(),
        now: now.to_string(),
        cap: local.options.upload_cap / (1024 * 1024),
    };
    match page.render() {
        Ok(text) => Ok(Html(text).into_response()),
        Err(e) => {
            tracing::error!(error = %e, "the chat page could not be drawn");
            Ok((StatusCode::INTERNAL_SERVER_ERROR, "The page could not be drawn.").into_response())
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Which {
    conv: String,
    message: String,
    #[serde(rename = "as")]
    as_: Option<String>,
}

/// `/chat/file/{digest}`: a file of a message the person may see, always as a download and never shown by the
/// browser: it may be the dangerous one.
pub(crate) async fn file(
    State(local): State<Arc<Local>>,
    Extension(session): Extension<Session>,
    Path(digest): Path<String>,
    Query(q): Query<Which>,
) -> Result<Response, OnPage> {
    let person = acting(&local, &session, q.as_.as_deref())?;
    let gone = || Problem::NotTaken(NotTaken::Nowhere);
    if !local.may_enter(person, &q.conv) {
        return Err(gone().into());
    }
    let (message, _) = local.message(&crate::message::key(&q.conv, &q.message)).await?.ok_or_else(gone)?;
    let shown = message.visible_to(&person.id) && message.files.iter().any(|f| f.id == digest);
    let bytes = if shown { local.store.get_blob(&digest).await? } else { None };
    let bytes = bytes.ok_or_else(gone)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"reported-file.bin\"")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    Ok((headers, bytes).into_response())
}
