//! `/cases`: all cases as a table.

use super::{Desk, Query, Shell, desk, shell};
use crate::App;
use crate::error::{Problem, html};
use crate::guard::Who;
use crate::words::{self, When};
use askama::Template;
use axum::extract::{Query as Q, State};
use axum::response::Response;
use nightbell_core::case::Case;
use nightbell_desk::view::Filter;

/// Most cases on one page.
const MOST: usize = 200;

/// One case in a list.
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) kind: &'static str,
    pub(crate) status: (&'static str, &'static str),
    pub(crate) severity: (&'static str, &'static str),
    pub(crate) verdict: Option<(&'static str, &'static str)>,
    pub(crate) ended: Option<&'static str>,
    pub(crate) owner: Option<String>,
    pub(crate) opened: When,
    pub(crate) reporters: usize,
}

/// A case in words.
pub(crate) fn line(d: &Desk, c: Case) -> Line {
    Line {
        id: c.id.to_string(),
        title: words::reveal(&c.title),
        kind: words::kind(c.kind),
        status: words::status(c.status),
        severity: words::severity(c.severity),
        verdict: c.verdict.map(words::verdict),
        ended: c.disposition.map(nightbell_core::case::Disposition::word),
        owner: c.owner.map(|o| words::name(&d.people, &o.0)),
        opened: d.reader.when(c.opened_at),
        reporters: c.reporters.len(),
    }
}

#[derive(Template)]
#[template(path = "cases.html")]
struct Cases {
    shell: Shell,
    show: &'static str,
    list: Vec<Line>,
    full: bool,
}

/// For those who work on cases.
pub(crate) async fn show(State(app): State<App>, who: Who, Q(query): Q<Query>) -> Result<Response, Problem> {
    if !who.works() {
        return Err(Problem::NotYours("responders and leads"));
    }
    let (filter, show) = match query.show.as_deref() {
        Some("closed") => (Filter::Closed, "closed"),
        Some("all") => (Filter::All, "all"),
        _ => (Filter::Open, "open"),
    };
    let cases = app.view.cases(filter, MOST).await?;
    let d = desk(&app, &who);
    let cases: Vec<Line> = cases.into_iter().map(|c| line(&d, c)).collect();
    let shell = shell(&app, &who, "Cases", "/cases", &query);
    Ok(html(&Cases { shell, show, full: cases.len() == MOST, list: cases }))
}
