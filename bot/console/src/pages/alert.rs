//! `/alerts/new`: a responder asks a person "was this you?".

use super::{Query, Shell, shell};
use crate::App;
use crate::act::{Ask, Common, keep};
use crate::error::{Problem, html};
use crate::guard::Who;
use askama::Template;
use axum::Form;
use axum::extract::{Query as Q, State};
use axum::response::Response;
use nightbell_core::alert::{Alert, Rule, Severity};
use nightbell_core::event::Event;
use nightbell_core::text::one_line;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "alert.html")]
struct New {
    shell: Shell,
    people: Vec<(String, String)>,
}

/// The form.
pub(crate) async fn show(State(app): State<App>, who: Who, Q(query): Q<Query>) -> Result<Response, Problem> {
    if !who.works() {
        return Err(Problem::NotYours("responders and leads"));
    }
    let people = (app.deps.people)().all().iter().map(|p| (p.id.0.clone(), p.name.clone())).collect();
    Ok(html(&New { shell: shell(&app, &who, "Ask \u{201c}was this you?\u{201d}", "/alerts/new", &query), people }))
}

#[derive(Deserialize)]
pub(crate) struct Raise {
    #[serde(flatten)]
    common: Common,
    person: String,
    summary: String,
    #[serde(default)]
    host: String,
    #[serde(default)]
    source_ip: String,
    #[serde(default)]
    severity: String,
}

/// Raises the alert.
pub(crate) async fn raise(State(app): State<App>, who: Who, Form(f): Form<Raise>) -> Result<Response, Problem> {
    f.common.check(&who)?;
    if !who.works() {
        return Err(Problem::NotYours("responders and leads"));
    }
    let person = (app.deps.people)().find(&f.person).map(|p| p.id.0.clone());
    let person = person.ok_or_else(|| Problem::Unclear("Choose the person first.".to_owned()))?;
    let summary = one_line(&f.summary, 300);
    if summary.is_empty() {
        return Err(Problem::Unclear("Say in one line what was seen.".to_owned()));
    }
    let some = |t: &str| Some(one_line(t, 120)).filter(|t| !t.is_empty());
    let severity = match f.severity.as_str() {
        "low" => Severity::Low,
        "high" => Severity::High,
        "critical" => Severity::Critical,
        _ => Severity::Medium,
    };
    let alert = Alert {
        id: app.deps.ids.fresh(),
        source: "console".to_owned(),
        rule: Rule {
            id: "asked-by-a-person".to_owned(),
            name: format!("Asked by {}", who.person.name),
            tags: vec!["verify-user".to_owned()],
        },
        severity,
        user: Some(person),
        host: some(&f.host),
        source_ip: some(&f.source_ip),
        time: app.deps.clock.now(),
        summary,
    };
    let fields = vec![
        ("person", f.person),
        ("summary", f.summary),
        ("host", f.host),
        ("source_ip", f.source_ip),
        ("severity", f.severity),
    ];
    let ask = Ask { action: "/alerts/new", said: "alerted", common: &f.common, fields };
    Ok(keep(&app, ask, Event::Alert(alert)).await)
}
