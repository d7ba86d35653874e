//! `/health` for people, `/healthz` and `/readyz` for machines, `/errors/NB0102` for the words behind a code.

use super::{Query, Shell, desk, shell};
use crate::App;
use crate::error::{Problem, html};
use crate::guard::Who;
use crate::words::{self, When};
use askama::Template;
use axum::extract::{Path, Query as Q, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nightbell_core::person::Role;
use nightbell_core::port::store::Health;
use nightbell_desk::records::{Due, Leaving};
use nightbell_desk::view::Counts;

struct Last {
    at: When,
    code: &'static str,
    title: &'static str,
    about: String,
}

struct Stuck {
    what: String,
    why: String,
    tries: u32,
    since: When,
}

#[derive(Template)]
#[template(path = "health.html")]
struct Page {
    shell: Shell,
    admin: bool,
    store: (&'static str, &'static str, String),
    counts: Counts,
    stuck: Vec<Stuck>,
    last: Vec<Last>,
    timers: Vec<(When, &'static str)>,
}

fn store_words(health: &Health) -> (&'static str, &'static str, String) {
    match health {
        Health::Healthy => ("good", "Healthy", "What is accepted is on disk.".to_owned()),
        Health::Full { why } => {
            ("bad", "The disk is full", format!("New events are refused so that senders retry. {why}"))
        }
        Health::Failing { why } => ("bad", "Writes fail", format!("Nothing is accepted until this is repaired. {why}")),
    }
}

/// For responders, leads and admins.
pub(crate) async fn show(State(app): State<App>, who: Who, Q(query): Q<Query>) -> Result<Response, Problem> {
    if !who.works() && !who.person.has(Role::Admin) {
        return Err(Problem::NotYours("responders, leads and admins"));
    }
    let d = desk(&app, &who);
    let stuck = app.view.undelivered().await?.into_iter().map(|(_, r)| Stuck {
        what: match &r.what {
            Leaving::Message(_) => "A message".to_owned(),
            Leaving::Call { call, .. } => format!("The action {}", words::reveal(&call.action)),
            Leaving::Page { target, .. } => format!("A call through {}", words::reveal(target)),
        },
        why: words::reveal(r.error.as_deref().unwrap_or_default()),
        tries: r.tries,
        since: d.reader.when(r.at),
    });
    let last = app.deps.metrics.last().into_iter().map(|s| Last {
        at: d.reader.when(s.at),
        code: s.code,
        title: nightbell_core::code::title(s.code).unwrap_or_default(),
        about: s.about,
    });
    let timers = app.view.timers_next(8).await?.into_iter().map(|(_, t)| {
        let what = match t.what {
            Due::Run { .. } => "a step of a playbook",
            Due::Page { .. } => "the next level of a call",
            Due::Quiz { .. } => "a quiz question",
            Due::QuizExpired { .. } => "a quiz question runs out",
            Due::Sweep => "old rows are removed",
            #[allow(unreachable_patterns, reason = "the desk adds kinds of timers")]
            Due::Schedule { .. } => "planned work",
        };
        (d.reader.when(t.due), what)
    });
    let page = Page {
        admin: who.person.has(Role::Admin),
        store: store_words(&app.deps.store.health()),
        counts: app.view.counts().await?,
        stuck: stuck.take(50).collect(),
        last: last.collect(),
        timers: timers.collect(),
        shell: shell(&app, &who, "Health", "/health", &query),
    };
    Ok(html(&page))
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage {
    shell: Shell,
    code: String,
    title: String,
    parts: Vec<(&'static str, String)>,
}

/// The page of an error code.
pub(crate) async fn error(
    State(app): State<App>,
    who: Who,
    Path(code): Path<String>,
    Q(query): Q<Query>,
) -> Result<Response, Problem> {
    let known = code.len() == 6 && code.starts_with("NB") && code.chars().skip(2).all(|c| c.is_ascii_digit());
    let text = known.then(|| (app.deps.error_page)(&code)).flatten();
    let title = nightbell_core::code::title(&code).filter(|_| known);
    if text.is_none() && title.is_none() {
        return Err(Problem::NotThere("A page for this code".to_owned()));
    }
    let shell = shell(&app, &who, code.clone(), "/health", &query);
    let mut parts = parts(text.as_deref().unwrap_or("There is no page for this code yet."));
    // The code and its title stand above already.
    if parts.first().is_some_and(|(kind, text)| *kind == "heading" && text.contains(&code)) {
        parts.remove(0);
    }
    Ok(html(&CodePage { shell, code, title: title.unwrap_or_default().to_owned(), parts }))
}

/// Headings, code and paragraphs of a small Markdown page; everything else stays as it was written.
fn parts(text: &str) -> Vec<(&'static str, String)> {
    let mut out: Vec<(&'static str, String)> = Vec::new();
    let mut code = false;
    let mut fresh = true;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
            fresh = true;
            continue;
        }
        let kind = if code {
            "code"
        } else if line.starts_with('#') {
            "heading"
        } else {
            "text"
        };
        if !code && line.trim().is_empty() {
            fresh = true;
            continue;
        }
        let line = if kind == "heading" { line.trim_start_matches('#').trim() } else { line };
        match out.last_mut() {
            Some((k, body)) if *k == kind && kind != "heading" && !fresh => {
                body.push('\n');
                body.push_str(line);
            }
            _ => out.push((kind, line.to_owned())),
        }
        fresh = false;
    }
    out
}

/// The process is alive.
pub(crate) async fn alive() -> &'static str {
    "alive\n"
}

/// The store takes what comes in.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    match app.deps.store.health() {
        Health::Healthy => (StatusCode::OK, "ready\n").into_response(),
        // The reason is for the health page: this one is open to everybody.
        Health::Full { .. } => (StatusCode::SERVICE_UNAVAILABLE, "full\n").into_response(),
        Health::Failing { .. } => (StatusCode::SERVICE_UNAVAILABLE, "failing\n").into_response(),
    }
}
