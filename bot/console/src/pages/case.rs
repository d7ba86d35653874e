//! `/case/C-7`: one case with everything around it.

use super::cases::{Line, line};
use super::item::Item;
use super::mail::Seen;
use super::{Desk, Query, Shell, desk, shell};
use crate::error::{Problem, html};
use crate::guard::Who;
use crate::words::{self, When};
use crate::{App, graph};
use askama::Template;
use axum::extract::{Path, Query as Q, State};
use axum::response::Response;
use nightbell_core::case::{Row, Status};
use nightbell_core::ids::CaseId;
use nightbell_core::mail::{Analysis, IndicatorKind};
use nightbell_core::text::defang;
use nightbell_desk::records::Page;
use nightbell_desk::view::{CaseView, Detail, Kind, Waiting};

struct Reason {
    against: bool,
    text: String,
    place: String,
    code: String,
}

struct Mail {
    verdict: (&'static str, &'static str),
    score: String,
    from: String,
    name: String,
    subject: String,
    digest: String,
    reasons: Vec<Reason>,
    indicators: Vec<(&'static str, String)>,
    unchecked: Vec<String>,
}

struct Step {
    at: When,
    who: String,
    kind: String,
    text: String,
    details: Vec<String>,
}

struct Run {
    playbook: String,
    state: &'static str,
    ended: bool,
    started: When,
    digest: String,
    drawing: String,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    shell: Shell,
    works: bool,
    line: Line,
    reporters: String,
    subjects: String,
    closed: Option<When>,
    page: Option<String>,
    open: Vec<Item>,
    past: Vec<Item>,
    mail: Option<Mail>,
    seen: Option<Seen>,
    /// There are indicators to hand out.
    export: bool,
    runs: Vec<Run>,
    steps: Vec<Step>,
    can_take: bool,
    can_close: bool,
    why_not_close: Option<&'static str>,
    reasons: [(&'static str, &'static str); 4],
}

/// Words beside the close reasons.
const REASONS: [(&str, &str); 4] = [
    ("real", "Real: it was what it looked like"),
    ("harmless", "Harmless: real, but an exercise or allowed"),
    ("false-alarm", "False alarm: it was nothing"),
    ("unknown", "Unknown: not enough could be found out"),
];

/// Responders see everything; a reporter sees how the own report stands.
pub(crate) async fn show(
    State(app): State<App>,
    who: Who,
    Path(id): Path<String>,
    Q(query): Q<Query>,
) -> Result<Response, Problem> {
    let id: CaseId = id.parse().map_err(|e| Problem::NotThere(format!("{e}. That case")))?;
    let view = app.view.case(id).await?;
    // Whether a case exists is also not for everybody.
    let seen = view.filter(|v| who.works() || v.case.reporters.contains(&who.person.id));
    let v = seen.ok_or_else(|| Problem::NotThere(format!("Case {id}")))?;
    let d = desk(&app, &who);
    let seen = match &v.case.mail {
        Some(digest) if who.works() => Some(super::mail::look(&app, digest).await?),
        _ => None,
    };
    Ok(html(&page(&app, &who, &d, v, seen, &query)))
}

fn page(app: &App, who: &Who, d: &Desk, v: CaseView, seen: Option<Seen>, query: &Query) -> CasePage {
    let (works, case) = (who.works(), &v.case);
    let here = format!("/case/{}", case.id);
    let people = |ids: &[nightbell_core::ids::PersonId]| words::names(&d.people, ids.iter().map(AsRef::as_ref));
    let (mut open, mut past): (Vec<Item>, Vec<Item>) = (Vec::new(), Vec::new());
    if works {
        open.extend(v.page.iter().filter(|p| p.acked.is_none()).map(|p| d.item(&of_page(p), &who.person)));
        for item in v.prompts.iter().filter_map(|p| d.of_prompt(p, &who.person)) {
            if item.ended.is_some() { past.push(item) } else { open.push(item) }
        }
    }
    // The same order as on the first page; within a kind the soonest to run out stays first.
    open.sort_by_key(|i| ["page", "unknown", "approval", "review"].iter().position(|c| *c == i.class));
    let ended = case.status == Status::Closed;
    let about_you = case.subjects.contains(&who.person.id);
    CasePage {
        works,
        reporters: people(&case.reporters),
        subjects: people(&case.subjects),
        closed: case.closed_at.map(|t| d.reader.when(t)),
        page: v.page.as_ref().filter(|_| works).map(|p| page_words(d, p)),
        mail: v.analysis.as_ref().filter(|_| works).map(mail),
        export: works && v.analysis.as_ref().is_some_and(|a| !a.indicators.is_empty()),
        seen,
        runs: if works { v.runs.iter().map(|(_, r)| run(app, d, r)).collect() } else { Vec::new() },
        steps: if works { v.rows.iter().map(|r| step(d, r)).collect() } else { Vec::new() },
        can_take: works && !ended && case.owner.as_ref() != Some(&who.person.id),
        can_close: works && !ended && !about_you,
        why_not_close: (works && !ended && about_you).then_some("This case is about you, so somebody else closes it."),
        reasons: REASONS,
        shell: shell(app, who, format!("{} {}", case.id, words::reveal(&case.title)), &here, query),
        line: line(d, case.clone()),
        open,
        past,
    }
}

fn of_page(p: &Page) -> Waiting {
    Waiting {
        kind: Kind::Page,
        title: p.title.clone(),
        case: Some(p.case),
        since: p.at,
        expires: None,
        prompt: Some(p.prompt.clone()),
        detail: Detail::Page(Box::new(p.clone())),
    }
}

fn page_words(d: &Desk, p: &Page) -> String {
    match &p.acked {
        Some((by, at)) => format!("taken by {} {}", words::name(&d.people, &by.0), d.reader.when(*at).rel),
        None if p.exhausted => "every level was called and nobody answered".to_owned(),
        None => format!("calling level {} since {}", p.level, d.reader.when(p.at).rel),
    }
}

fn step(d: &Desk, r: &Row) -> Step {
    Step {
        at: d.reader.when(r.at),
        who: words::name(&d.people, &r.who),
        kind: words::reveal(&r.kind).replace('_', " "),
        text: words::reveal(&r.text),
        details: r.details.iter().map(|l| words::reveal(l)).collect(),
    }
}

fn run(app: &App, d: &Desk, r: &nightbell_desk::records::RunRow) -> Run {
    let state = words::run(r);
    let nodes = (app.deps.nodes)(r);
    Run {
        drawing: graph::svg(&format!("Steps of the playbook {}, which {state}", r.playbook), &nodes),
        playbook: r.playbook.clone(),
        state,
        ended: !matches!(words::machine(&r.status).as_str(), "running" | "waiting" | "needs_human"),
        started: d.reader.when(r.started_at),
        digest: r.digest.rsplit(':').next().unwrap_or_default().chars().take(8).collect(),
    }
}

fn mail(a: &Analysis) -> Mail {
    let kind = |k: IndicatorKind| match k {
        IndicatorKind::Url => "Link",
        IndicatorKind::Domain => "Domain",
        IndicatorKind::Email => "Address",
        IndicatorKind::Ip => "IP address",
        IndicatorKind::Sha256 => "File",
        IndicatorKind::Phone => "Phone",
    };
    Mail {
        verdict: words::verdict(a.verdict),
        score: format!("{:.2}", a.score),
        from: words::reveal(&defang(&a.from)),
        name: words::reveal(&a.from_name),
        subject: words::reveal(&a.subject),
        digest: words::reveal(&a.sha256),
        reasons: a
            .reasons
            .iter()
            .map(|r| Reason {
                against: r.weight >= 0.0,
                text: words::reveal(&r.text),
                place: format!("{}, characters {} to {}", words::reveal(&r.place.part), r.place.start, r.place.end),
                code: words::reveal(&r.code),
            })
            .collect(),
        indicators: a.indicators.iter().map(|i| (kind(i.kind), words::reveal(&i.defanged))).collect(),
        unchecked: a.unchecked.iter().map(|u| words::reveal(u)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::case::Disposition;

    #[test]
    fn every_close_reason_has_words() {
        assert!(Disposition::ALL.iter().zip(REASONS).all(|((_, a), (b, _))| *a == b));
    }
}
