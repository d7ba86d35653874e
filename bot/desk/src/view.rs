//! What the console reads. No writes here: pages look, the inbox acts.
//!
//! Lists skip a record that cannot be decoded instead of hiding the whole page; [`View::waiting`] names open ones
//! that are unreadable, because they would otherwise wait for ever.

use crate::records::{Asked, AuditRow, Gap, InboxRow, OutboxRow, Page, Prompt, PromptState, RunRow, TimerRow, coll};
use jiff::Timestamp;
use nightbell_core::alert::Severity;
use nightbell_core::case::{Case, Row};
use nightbell_core::ids::{CaseId, RunId};
use nightbell_core::mail::Analysis;
use nightbell_core::person::{Person, Role};
use nightbell_core::port::store::{Scan, Store, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Most open things one page shows; nobody works through more in one sitting.
const MOST: usize = 500;
/// Most prompts looked through for the past ones of a case. Prompt ids are random, so there is no range to scan.
const PAST: usize = 20_000;
/// Counting stops here: "1000" on the page means "1000 or more".
pub const COUNT_CAP: usize = 1_000;

/// Something was committed that a page may show. Sent after the commit, never before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The case it belongs to, if any.
    pub case: Option<CaseId>,
    /// A fixed word, such as `case`, `prompt`, `page`, `gap`, `outbox`, `health`.
    pub what: &'static str,
}

/// Which cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// Not closed.
    #[default]
    Open,
    /// Closed.
    Closed,
    /// Both.
    All,
}

/// Everything of one case.
#[derive(Debug, Clone)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// Its timeline, oldest first.
    pub rows: Vec<Row>,
    /// Its runs.
    pub runs: Vec<(RunId, RunRow)>,
    /// Prompts about it: open ones first, the soonest to run out first; then newest first.
    pub prompts: Vec<Prompt>,
    /// The open or last page.
    pub page: Option<Page>,
    /// What the mail analysis said.
    pub analysis: Option<Analysis>,
}

/// Kinds of things that wait for a human, most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A call for a human that nobody took yet.
    Page,
    /// It is not known whether an action happened.
    Unknown,
    /// An action waits for a yes.
    Approval,
    /// A question waits for an answer.
    Review,
    /// An event could not be handled.
    Failed,
    /// The policies do not answer a question.
    Gap,
}

/// The record behind a waiting thing.
#[derive(Debug, Clone)]
pub enum Detail {
    /// An approval, a question or an unknown outcome.
    Prompt(Box<Prompt>),
    /// A page.
    Page(Box<Page>),
    /// A gap.
    Gap(Gap),
    /// An event that failed, with its key.
    Failed(String, Box<InboxRow>),
    /// A record that cannot be read: its collection and key.
    Unreadable(&'static str, String),
}

/// One thing that waits for a human.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// What kind.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// The case it is about.
    pub case: Option<CaseId>,
    /// Since when.
    pub since: Timestamp,
    /// When it runs out.
    pub expires: Option<Timestamp>,
    /// Prompt whose buttons decide it (`p:<prompt>:<choice>`).
    pub prompt: Option<String>,
    /// The whole record.
    pub detail: Detail,
}

/// How much there is of everything, each capped at [`COUNT_CAP`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// Cases that are not closed.
    pub open_cases: usize,
    /// Open prompts.
    pub prompts: usize,
    /// Pages nobody took.
    pub pages: usize,
    /// Accepted events not yet handled.
    pub inbox: usize,
    /// What has to leave.
    pub outbox: usize,
    /// Events that could not be handled.
    pub failed: usize,
    /// Questions without an answer.
    pub gaps: usize,
    /// Armed timers.
    pub timers: usize,
}

/// The read model.
#[derive(Clone)]
pub struct View {
    store: Arc<dyn Store>,
}

impl View {
    /// Over a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    async fn one<T: DeserializeOwned>(&self, coll: &'static str, key: &str) -> Result<Option<T>, StoreError> {
        self.store.get(coll, key).await?.map(|r| r.decode()).transpose()
    }

    async fn list<T: DeserializeOwned>(&self, coll: &'static str, scan: Scan) -> Result<Vec<(String, T)>, StoreError> {
        let records = self.store.scan(coll, scan).await?;
        Ok(records.into_iter().filter_map(|r| r.decode().ok().map(|v| (r.key, v))).collect())
    }

    async fn count(&self, coll: &'static str) -> Result<usize, StoreError> {
        Ok(self.store.scan(coll, Scan::all(COUNT_CAP)).await?.len())
    }

    /// Records named by an index collection whose keys are theirs.
    async fn indexed<T: DeserializeOwned>(
        &self,
        index: &'static str,
        coll: &'static str,
        scan: Scan,
    ) -> Result<Vec<(String, Option<T>)>, StoreError> {
        let mut out = Vec::new();
        for r in self.store.scan(index, scan).await? {
            match self.one::<T>(coll, &r.key).await {
                Ok(Some(v)) => out.push((r.key, Some(v))),
                Ok(None) => {}
                Err(StoreError::Damaged(_)) => out.push((r.key, None)),
                Err(e) => return Err(e),
            }
        }
        Ok(out)
    }

    /// Cases, newest first.
    pub async fn cases(&self, filter: Filter, limit: usize) -> Result<Vec<Case>, StoreError> {
        if filter == Filter::Open {
            let open = self.indexed::<Case>(coll::OPEN, coll::CASES, Scan::all(limit).reversed()).await?;
            return Ok(open.into_iter().filter_map(|(_, c)| c).collect());
        }
        let (mut out, mut to) = (Vec::new(), String::new());
        while out.len() < limit {
            let page = self.store.scan(coll::CASES, Scan::below(to.as_str(), limit.clamp(1, MOST)).reversed()).await?;
            let Some(last) = page.last() else { break };
            to.clone_from(&last.key);
            out.extend(page.iter().filter_map(|r| r.decode::<Case>().ok()).filter(|c| match filter {
                Filter::Closed => c.closed_at.is_some(),
                Filter::Open | Filter::All => true,
            }));
        }
        out.truncate(limit);
        Ok(out)
    }

    /// One case with everything around it.
    pub async fn case(&self, id: CaseId) -> Result<Option<CaseView>, StoreError> {
        let Some(case) = self.one::<Case>(coll::CASES, &id.key()).await? else { return Ok(None) };
        let rows = self.list::<Row>(coll::ROWS, Scan::prefix(&format!("{}/", id.key()), 2_000)).await?;
        let mut runs = Vec::new();
        for run in &case.runs {
            if let Some(row) = self.one::<RunRow>(coll::RUNS, &run.0).await? {
                runs.push((run.clone(), row));
            }
        }
        let page = match &case.page {
            Some(p) => self.one::<Page>(coll::PAGES, &p.0).await?,
            None => None,
        };
        let analysis = match &case.mail {
            Some(digest) => self.one::<Analysis>(coll::ANALYSES, digest).await?,
            None => None,
        };
        let prompts = self.prompts_of(id).await?;
        Ok(Some(CaseView { case, rows: rows.into_iter().map(|(_, r)| r).collect(), runs, prompts, page, analysis }))
    }

    async fn prompts_of(&self, id: CaseId) -> Result<Vec<Prompt>, StoreError> {
        // Looking for the number in the bytes first saves decoding every other prompt.
        let needle = format!("\"case\":{},", id.0);
        let (mut out, mut from, mut seen) = (Vec::new(), String::new(), 0);
        loop {
            let scan = Scan { from: from.clone(), to: String::new(), limit: 1_000, reverse: false };
            let page = self.store.scan(coll::PROMPTS, scan).await?;
            seen += page.len();
            let last = page.last().map(|r| format!("{}\0", r.key));
            out.extend(
                page.iter()
                    .filter(|r| r.value.windows(needle.len()).any(|w| w == needle.as_bytes()))
                    .filter_map(|r| r.decode::<Prompt>().ok())
                    .filter(|p| p.case == Some(id)),
            );
            match last {
                Some(l) if page.len() == 1_000 && seen < PAST => from = l,
                _ => break,
            }
        }
        out.sort_by_key(|p| {
            let soonest = p.expires.filter(|_| p.state == PromptState::Open).unwrap_or(Timestamp::MAX);
            (p.state != PromptState::Open, soonest, std::cmp::Reverse(p.at))
        });
        Ok(out)
    }

    /// What waits for a human, most urgent first. With a person: only what this person can act on.
    pub async fn waiting(&self, person: Option<&Person>) -> Result<Vec<Waiting>, StoreError> {
        let mut out = Vec::new();
        for (key, prompt) in self.indexed::<Prompt>(coll::PROMPTS_OPEN, coll::PROMPTS, Scan::all(MOST)).await? {
            match prompt {
                None => out.push(unreadable(coll::PROMPTS, key)),
                Some(p) => out.extend(of_prompt(p)),
            }
        }
        for (key, page) in self.indexed::<Page>(coll::PAGES_OPEN, coll::PAGES, Scan::all(MOST)).await? {
            match page {
                None => out.push(unreadable(coll::PAGES, key)),
                Some(p) if p.acked.is_none() => out.push(Waiting {
                    kind: Kind::Page,
                    title: p.title.clone(),
                    case: Some(p.case),
                    since: p.at,
                    expires: None,
                    prompt: Some(p.prompt.clone()),
                    detail: Detail::Page(Box::new(p)),
                }),
                Some(_) => {}
            }
        }
        out.extend(self.failed_events().await?.into_iter().map(|(key, row)| Waiting {
            kind: Kind::Failed,
            title: row.error.clone().unwrap_or_else(|| "An event could not be handled".to_owned()),
            case: None,
            since: row.at,
            expires: None,
            prompt: None,
            detail: Detail::Failed(key, Box::new(row)),
        }));
        out.extend(self.gaps().await?.into_iter().filter(|g| g.answer.is_none()).map(|g| Waiting {
            kind: Kind::Gap,
            title: g.questions.last().cloned().unwrap_or_default(),
            case: None,
            since: g.first,
            expires: None,
            prompt: None,
            detail: Detail::Gap(g),
        }));
        if let Some(p) = person {
            out.retain(|w| may_act(p, w));
        }
        out.sort_by_key(|w| {
            let calm = match &w.detail {
                Detail::Page(p) => std::cmp::Reverse(p.severity),
                _ => std::cmp::Reverse(Severity::Low),
            };
            (w.kind, calm, w.expires.unwrap_or(Timestamp::MAX), w.since)
        });
        Ok(out)
    }

    /// Questions the policies do not answer: unanswered first, then most asked first.
    pub async fn gaps(&self) -> Result<Vec<Gap>, StoreError> {
        let mut out: Vec<Gap> = self.list(coll::GAPS, Scan::all(MOST)).await?.into_iter().map(|(_, g)| g).collect();
        out.sort_by_key(|g| (g.answer.is_some(), std::cmp::Reverse(g.count), g.first));
        Ok(out)
    }

    /// What could not leave so far, with its key.
    pub async fn undelivered(&self) -> Result<Vec<(String, OutboxRow)>, StoreError> {
        let mut out = self.list::<OutboxRow>(coll::OUTBOX, Scan::all(2_000)).await?;
        out.retain(|(_, r)| r.error.is_some());
        Ok(out)
    }

    /// Events that could not be handled, with their key, newest first.
    pub async fn failed_events(&self) -> Result<Vec<(String, InboxRow)>, StoreError> {
        self.list(coll::DEAD, Scan::all(MOST).reversed()).await
    }

    /// The next timers, with their key.
    pub async fn timers_next(&self, n: usize) -> Result<Vec<(String, TimerRow)>, StoreError> {
        self.list(coll::TIMERS, Scan::all(n)).await
    }

    /// How much there is of everything.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        Ok(Counts {
            open_cases: self.count(coll::OPEN).await?,
            prompts: self.count(coll::PROMPTS_OPEN).await?,
            pages: self.count(coll::PAGES_OPEN).await?,
            inbox: self.count(coll::INBOX).await?,
            outbox: self.count(coll::OUTBOX).await?,
            failed: self.count(coll::DEAD).await?,
            gaps: self.gaps().await?.iter().filter(|g| g.answer.is_none()).count(),
            timers: self.count(coll::TIMERS).await?,
        })
    }

    /// Who did what, newest first.
    pub async fn audit(&self, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        let rows = self.list(coll::AUDIT, Scan::all(limit).reversed()).await?;
        Ok(rows.into_iter().map(|(_, r)| r).collect())
    }
}

fn unreadable(coll: &'static str, key: String) -> Waiting {
    Waiting {
        kind: Kind::Failed,
        title: format!("An open record cannot be read: {coll}/{key}"),
        case: None,
        since: Timestamp::UNIX_EPOCH,
        expires: None,
        prompt: None,
        detail: Detail::Unreadable(coll, key),
    }
}

/// Quizzes and quiet offers wait for nobody; pages are taken from their own collection.
fn of_prompt(p: Prompt) -> Option<Waiting> {
    let (kind, title) = match &p.what {
        Asked::Approval { summary, .. } => (Kind::Approval, summary.clone()),
        Asked::Question { question, .. } => (Kind::Review, question.label.clone()),
        Asked::Unknown { call, .. } => (Kind::Unknown, call.action.clone()),
        Asked::Account { .. }
        | Asked::Page { .. }
        | Asked::Quiz { .. }
        | Asked::Offer { .. }
        | Asked::Undo { .. }
        | Asked::Feedback { .. } => {
            return None;
        }
    };
    (p.state == PromptState::Open).then(|| Waiting {
        kind,
        title,
        case: p.case,
        since: p.at,
        expires: p.expires,
        prompt: Some(p.id.clone()),
        detail: Detail::Prompt(Box::new(p)),
    })
}

/// A hint for pages, not the rule: the engine decides again when the button is pressed.
pub fn may_act(person: &Person, waiting: &Waiting) -> bool {
    let works = person.has(Role::Responder) || person.has(Role::Lead);
    match &waiting.detail {
        Detail::Prompt(p) => {
            let asked = p.to.contains(&person.id);
            match &p.what {
                Asked::Approval { not_by, by, .. } => {
                    !not_by.iter().any(|n| person.is(n))
                        && (asked || by.iter().any(|b| person.is(b) || (works && b.starts_with("role:"))))
                }
                Asked::Unknown { .. } => works,
                _ => asked,
            }
        }
        Detail::Gap(_) => person.has(Role::Lead),
        Detail::Failed(..) | Detail::Unreadable(..) => works || person.has(Role::Admin),
        Detail::Page(_) => works,
    }
}
