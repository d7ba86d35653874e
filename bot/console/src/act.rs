//! Forms become events. The same events as in chat, through the same way in; the desk decides what they mean and
//! whether this person may.

use crate::App;
use crate::error::{Problem, html};
use crate::guard::Who;
use crate::session::{hex, local_path};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use nightbell_core::case::Disposition;
use nightbell_core::chat::What;
use nightbell_core::event::Event;
use nightbell_core::ids::CaseId;
use nightbell_core::person::Role;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Longest text a form takes, in characters.
const MAX_TEXT: usize = 8_000;
/// Longest button token (`platforms.md` section 6, rule 3).
const MAX_TOKEN: usize = 100;

/// What every form carries. `id` is fresh on every page, so that pressing twice counts once.
#[derive(Debug, Deserialize)]
pub(crate) struct Common {
    csrf: String,
    id: String,
    #[serde(default)]
    back: String,
}

/// The page for the moment when nothing could be kept: what was typed stays, one press tries again.
#[derive(Template)]
#[template(path = "retry.html")]
struct Retry<'a> {
    why: &'a str,
    code: &'a str,
    action: &'a str,
    back: &'a str,
    fields: &'a [(&'a str, String)],
}

/// A form ready to be kept.
pub(crate) struct Ask<'a> {
    pub(crate) action: &'a str,
    pub(crate) said: &'a str,
    pub(crate) common: &'a Common,
    pub(crate) fields: Vec<(&'a str, String)>,
}

/// The forms of one page share its number; what they hold tells them apart. Two presses of one button are one.
fn dedupe(ask: &Ask<'_>) -> String {
    let mut hash = Sha256::new();
    hash.update(ask.action);
    for (name, value) in &ask.fields {
        // The length in front keeps neighbours apart.
        hash.update(format!("\0{name}\0{}\0{value}", value.len()));
    }
    let hash = hash.finalize();
    format!("{}:{}", ask.common.id, hex(hash.get(..8).unwrap_or_default()))
}

impl Common {
    pub(crate) fn check(&self, who: &Who) -> Result<(), Problem> {
        if !who.made(&self.csrf) {
            return Err(Problem::ForeignForm);
        }
        if self.id.is_empty() || self.id.len() > 64 {
            return Err(Problem::Unclear("The form has lost its number.".to_owned()));
        }
        Ok(())
    }
}

/// Keeps the event and goes back, or shows the retry page.
pub(crate) async fn keep(app: &App, ask: Ask<'_>, event: Event) -> Response {
    let dedupe = dedupe(&ask);
    let back = local_path(&ask.common.back);
    match app.deps.accept.accept("console", &dedupe, event, b"").await {
        Ok(_) => {
            let (path, query) = back.split_once('?').unwrap_or((back, ""));
            let rest: Vec<&str> = query.split('&').filter(|q| !q.is_empty() && !q.starts_with("said=")).collect();
            let more = if rest.is_empty() { String::new() } else { format!("&{}", rest.join("&")) };
            (StatusCode::SEE_OTHER, [(header::LOCATION, format!("{path}?said={}{more}", ask.said))]).into_response()
        }
        Err(refused) => {
            let mut fields = ask.fields;
            fields.push(("csrf", ask.common.csrf.clone()));
            fields.push(("id", ask.common.id.clone()));
            fields.push(("back", back.to_owned()));
            let page = Retry { why: &refused.why, code: refused.code.0, action: ask.action, back, fields: &fields };
            let mut response = (StatusCode::SERVICE_UNAVAILABLE, html(&page)).into_response();
            response.headers_mut().insert(header::RETRY_AFTER, refused.retry_after.into());
            response
        }
    }
}

fn console(who: &Who, what: What) -> Event {
    Event::Console { person: who.person.id.clone(), what }
}

#[derive(Deserialize)]
pub(crate) struct Press {
    #[serde(flatten)]
    common: Common,
    token: String,
    #[serde(default)]
    value: String,
}

/// A button of a prompt.
pub(crate) async fn press(State(app): State<App>, who: Who, Form(f): Form<Press>) -> Result<Response, Problem> {
    f.common.check(&who)?;
    if !f.token.starts_with("p:") || f.token.len() > MAX_TOKEN {
        return Err(Problem::Unclear("This button is not one of ours.".to_owned()));
    }
    let value = (!f.value.is_empty()).then(|| clip(&f.value));
    let event = console(&who, What::Press { token: f.token.clone(), value });
    let fields = vec![("token", f.token.clone()), ("value", f.value)];
    let ask = Ask { action: "/do/press", said: "pressed", common: &f.common, fields };
    Ok(keep(&app, ask, event).await)
}

fn clip(text: &str) -> String {
    text.trim().chars().take(MAX_TEXT).collect()
}

async fn command(
    app: &App,
    who: &Who,
    common: &Common,
    (action, said): (&str, &str),
    fields: Vec<(&str, String)>,
    line: String,
) -> Response {
    let ask = Ask { action, said, common, fields };
    keep(app, ask, console(who, What::Command { line })).await
}

#[derive(Deserialize)]
pub(crate) struct Close {
    #[serde(flatten)]
    common: Common,
    case: String,
    disposition: String,
    #[serde(default)]
    text: String,
}

/// Ends a case with a reason.
pub(crate) async fn close(State(app): State<App>, who: Who, Form(f): Form<Close>) -> Result<Response, Problem> {
    f.common.check(&who)?;
    if !who.works() {
        return Err(Problem::NotYours("responders and leads"));
    }
    let case: CaseId = f.case.parse().map_err(|e| Problem::Unclear(format!("{e}")))?;
    let how: Disposition = f.disposition.parse().map_err(Problem::Unclear)?;
    let line = format!("close {case} {} {}", how.word(), clip(&f.text)).trim_end().to_owned();
    let fields = vec![("case", f.case), ("disposition", f.disposition), ("text", f.text)];
    Ok(command(&app, &who, &f.common, ("/do/close", "closed"), fields, line).await)
}

#[derive(Deserialize)]
pub(crate) struct Take {
    #[serde(flatten)]
    common: Common,
    case: String,
}

/// Takes a case.
pub(crate) async fn take(State(app): State<App>, who: Who, Form(f): Form<Take>) -> Result<Response, Problem> {
    f.common.check(&who)?;
    if !who.works() {
        return Err(Problem::NotYours("responders and leads"));
    }
    let case: CaseId = f.case.parse().map_err(|e| Problem::Unclear(format!("{e}")))?;
    let fields = vec![("case", f.case)];
    Ok(command(&app, &who, &f.common, ("/do/take", "taken"), fields, format!("ack {case}")).await)
}

#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(flatten)]
    common: Common,
    gap: String,
    text: String,
}

/// Answers a question the policies do not answer.
pub(crate) async fn answer(State(app): State<App>, who: Who, Form(f): Form<Answer>) -> Result<Response, Problem> {
    f.common.check(&who)?;
    if !who.person.has(Role::Lead) {
        return Err(Problem::NotYours("security leads"));
    }
    let text = clip(&f.text);
    if text.is_empty() || f.gap.is_empty() || f.gap.contains(char::is_whitespace) {
        return Err(Problem::Unclear("The answer is empty.".to_owned()));
    }
    let line = format!("answer {} {text}", f.gap);
    let fields = vec![("gap", f.gap), ("text", f.text)];
    Ok(command(&app, &who, &f.common, ("/do/answer", "answered"), fields, line).await)
}

#[derive(Deserialize)]
pub(crate) struct Again {
    #[serde(flatten)]
    common: Common,
}

/// Hands the events that could not be handled to the desk once more.
pub(crate) async fn retry(State(app): State<App>, who: Who, Form(f): Form<Again>) -> Result<Response, Problem> {
    f.common.check(&who)?;
    if !who.person.has(Role::Admin) {
        return Err(Problem::NotYours("admins"));
    }
    let line = "admin retry".to_owned();
    Ok(command(&app, &who, &f.common, ("/do/retry", "retried"), Vec::new(), line).await)
}

/// The words behind `?said=`. Only these are ever shown: the address bar cannot put words into the page.
pub(crate) fn said(word: Option<&str>) -> Option<&'static str> {
    match word? {
        "pressed" => Some("Kept. The result appears here in a moment."),
        "closed" => Some("Kept. The case is being closed and the reporters are told."),
        "taken" => Some("Kept. The case is being put into your hands."),
        "answered" => Some("Thank you. Everybody who asked gets your answer."),
        "retried" => Some("Kept. The events that failed are being tried again."),
        "alerted" => Some("Kept. The person is being asked."),
        _ => None,
    }
}
