//! `/gaps`: questions the policies do not answer.

use super::item::Item;
use super::{Query, Shell, desk, shell};
use crate::App;
use crate::error::{Problem, html};
use crate::guard::Who;
use crate::words;
use askama::Template;
use axum::extract::{Query as Q, State};
use axum::response::Response;
use nightbell_desk::view::{Detail, Kind, Waiting};

struct Done {
    question: String,
    answer: String,
    by: String,
    count: u32,
}

#[derive(Template)]
#[template(path = "gaps.html")]
struct Gaps {
    shell: Shell,
    open: Vec<Item>,
    done: Vec<Done>,
}

/// For those who work on cases; leads answer.
pub(crate) async fn show(State(app): State<App>, who: Who, Q(query): Q<Query>) -> Result<Response, Problem> {
    if !who.works() {
        return Err(Problem::NotYours("responders and leads"));
    }
    let d = desk(&app, &who);
    let (mut open, mut done) = (Vec::new(), Vec::new());
    for gap in app.view.gaps().await? {
        let title = gap.questions.last().cloned().unwrap_or_default();
        if let Some((answer, by)) = &gap.answer {
            done.push(Done {
                question: words::reveal(&title),
                answer: words::reveal(answer),
                by: words::name(&d.people, &by.0),
                count: gap.count,
            });
            continue;
        }
        let (since, detail) = (gap.first, Detail::Gap(gap));
        let waiting = Waiting { kind: Kind::Gap, title, case: None, since, expires: None, prompt: None, detail };
        open.push(d.item(&waiting, &who.person));
    }
    Ok(html(&Gaps { shell: shell(&app, &who, "Open questions", "/gaps", &query), open, done }))
}
