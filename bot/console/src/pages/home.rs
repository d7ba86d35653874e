//! `/`: what waits for a human, and the open cases beside it.

use super::cases::{Line, line};
use super::item::Item;
use super::{Query, Shell, desk, shell};
use crate::App;
use crate::error::{Problem, html};
use crate::guard::Who;
use askama::Template;
use axum::extract::{Query as Q, State};
use axum::response::Response;
use nightbell_desk::view::Filter;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    shell: Shell,
    works: bool,
    items: Vec<Item>,
    cases: Vec<Line>,
    undelivered: usize,
}

/// Responders see all that waits, others what waits for them and what they reported.
pub(crate) async fn show(State(app): State<App>, who: Who, Q(query): Q<Query>) -> Result<Response, Problem> {
    let d = desk(&app, &who);
    let works = who.works();
    let waiting = app.view.waiting((!works).then_some(&who.person)).await?;
    let mut cases = app.view.cases(Filter::Open, 200).await?;
    if !works {
        cases.retain(|c| c.reporters.contains(&who.person.id));
    }
    Ok(html(&Home {
        works,
        items: waiting.iter().map(|w| d.item(w, &who.person)).collect(),
        cases: cases.into_iter().take(30).map(|c| line(&d, c)).collect(),
        undelivered: if works { app.view.undelivered().await?.len() } else { 0 },
        shell: shell(&app, &who, "What waits for a human", "/", &query),
    }))
}
