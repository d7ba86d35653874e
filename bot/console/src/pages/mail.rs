//! "The mail" on the page of a case, and its indicators for other tools.
//!
//! The kept original is read and turned into tables at the moment somebody looks. It is never handed out: a browser
//! would show it, and whoever opens it in a mail program is where the attacker wanted them.

use super::sheets::{Sheet, sheets};
use crate::App;
use crate::error::Problem;
use crate::guard::Who;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use nightbell_core::code::{Code, MAIL_GONE};
use nightbell_core::ids::CaseId;
use nightbell_core::mail::evidence::{Evidence, drawing};
use nightbell_core::mail::export::{self, Source};

/// What could be seen.
pub(crate) enum Seen {
    Tables(Box<Tables>),
    /// Code and words.
    Not(Code, String),
}

/// Everything in words.
pub(crate) struct Tables {
    pub sheets: Vec<Sheet>,
    pub insights: Vec<String>,
    pub drawing: String,
    pub text: String,
    pub left_out: Vec<String>,
}

async fn evidence(app: &App, digest: &str) -> Result<Result<Evidence, (Code, String)>, Problem> {
    let Some(bytes) = app.deps.store.get_blob(digest).await? else {
        return Ok(Err((MAIL_GONE, "the original of this mail is not in the store any more".to_owned())));
    };
    let look = app.deps.evidence.clone();
    // A fault in the reader of hostile bytes must not take the page with it.
    let looked = tokio::task::spawn_blocking(move || look(&bytes)).await;
    Ok(looked.unwrap_or_else(|e| {
        tracing::error!(error = %e, "a mail could not be looked at");
        Err((nightbell_core::code::MAIL_UNREADABLE, "the mail could not be looked at".to_owned()))
    }))
}

/// The tables of a kept mail.
pub(crate) async fn look(app: &App, digest: &str) -> Result<Seen, Problem> {
    Ok(match evidence(app, digest).await? {
        Ok(e) => Seen::Tables(Box::new(Tables {
            sheets: sheets(&e),
            insights: e.insights.into_iter().map(|i| i.text).collect(),
            drawing: drawing(&e.parts),
            text: e.text,
            left_out: e.left_out,
        })),
        Err((code, text)) => Seen::Not(code, text),
    })
}

/// `/case/C-7/indicators/csv`: for people who work on cases.
pub(crate) async fn indicators(
    State(app): State<App>,
    who: Who,
    Path((id, form)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let id: CaseId = id.parse().map_err(|e| Problem::NotThere(format!("{e}. That case")))?;
    let none = || Problem::NotThere(format!("A list of indicators of {id}"));
    let view = app.view.case(id).await?.filter(|_| who.works()).ok_or_else(none)?;
    let analysis = view.analysis.as_ref().ok_or_else(none)?;
    let card = match &view.case.mail {
        Some(digest) => evidence(&app, digest).await?.ok().map(|e| e.identity),
        None => None,
    };
    let at = card.and_then(|c| c.arrived.or(c.date)).or(Some(view.case.opened_at));
    let mail = Source { analysis, at };
    let (kind, end, text) = match form.as_str() {
        "csv" => ("text/csv; charset=utf-8", "csv", export::csv(&[mail])),
        "stix" => ("application/stix+json;version=2.1", "stix.json", export::stix(&[mail])),
        "misp" => ("application/json", "misp.json", export::misp(&mail)),
        _ => return Err(none()),
    };
    let name = format!("attachment; filename=\"{id}-indicators.{end}\"");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name.as_str())], text).into_response())
}
