//! Commands about playbooks: starting one, what runs, stopping it, taking back what it did.

use crate::commands::{Line, reply_card};
use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::records::{RunRow, coll};
use crate::starts::Started;
use crate::text::when;
use crate::tx::Tx;
use crate::undo::Undone;
use nightbell_core::alert::Severity;
use nightbell_core::case::{Case, CaseKind};
use nightbell_core::chat::{Block, Card, ConvKind, Tone};
use nightbell_core::ids::CaseId;
use nightbell_core::mail::Analysis;
use nightbell_core::person::{Person, Role};
use nightbell_core::port::store::Scan;
use nightbell_core::text::one_line;
use nightbell_playbooks::Playbook;
use nightbell_playbooks::api::RunStatus;
use serde_json::json;

/// Most lines of a list in chat.
const PAGE: usize = 12;
/// Runs that a list looks at.
const LOOK: usize = 2_000;
/// The label of playbooks that every employee may start for themselves.
const SELF_SERVICE: &str = "self-service";

/// The root `trigger` of a run that a command starts.
fn command_trigger(tx: &Tx<'_>, about: &Person, args: &str, summary: &str) -> serde_json::Value {
    json!({ "kind": "command", "id": tx.fresh(), "user": crate::people::as_value(about), "args": args, "summary": summary,
        "time": tx.now.to_string(), "rule": { "id": "command", "tags": [] }, "source_ip": "" })
}

fn may_start(playbook: &Playbook, who: &Person) -> bool {
    playbook.labels.iter().any(|l| l == SELF_SERVICE) || who.has(Role::Responder) || who.has(Role::Lead)
}

impl Desk {
    /// A playbook that an employee may start about themselves.
    pub(crate) async fn self_service(&self, tx: &mut Tx<'_>, line: &Line<'_>, word: &str) -> Result<()> {
        let title = match word {
            "lost-device" => "Lost or stolen device",
            _ => "Password typed into a wrong page",
        };
        self.start_new(tx, line, word, title, line.rest, CaseKind::Report).await
    }

    /// A word that is no command of ours but the command of a playbook. None when it is neither, or when this
    /// person may not start it: what is not theirs does not exist for them.
    pub(crate) async fn playbook_word(
        &self,
        tx: &mut Tx<'_>,
        line: &Line<'_>,
        word: &str,
        place: ConvKind,
    ) -> Result<Option<&'static str>> {
        let Some(playbook) = self.playbooks.load_full().for_command(word).filter(|p| may_start(p, line.who)) else {
            return Ok(None);
        };
        if place != ConvKind::Dm && !line.who.has(Role::Responder) {
            let text = self.t(line.who, "only-dm", &[("word", word.to_owned())]);
            self.reply(tx, line, text)?;
            return Ok(Some("only_dm"));
        }
        // A responder may name the case that it belongs to.
        if let Some(id) = line.rest.split_whitespace().next().and_then(|w| w.parse::<CaseId>().ok())
            && let Some(mut case) = self.case(tx, id).await?
        {
            self.start_by_command(tx, line, &mut case, word, "").await?;
            return Ok(Some("run"));
        }
        let own = !line.who.has(Role::Responder) && !line.who.has(Role::Lead);
        let kind = if own { CaseKind::Report } else { CaseKind::Task };
        self.start_new(tx, line, word, playbook.name(), line.rest, kind).await?;
        Ok(Some("run"))
    }

    /// Whether a message is nothing but the command of a playbook.
    pub(crate) fn names_playbook(&self, text: &str) -> bool {
        let (word, rest) = crate::command::parse(text);
        rest.is_empty() && word.contains('-') && self.playbooks.load().for_command(&word).is_some()
    }

    async fn start_new(
        &self,
        tx: &mut Tx<'_>,
        line: &Line<'_>,
        word: &str,
        title: &str,
        args: &str,
        kind: CaseKind,
    ) -> Result<()> {
        let who = line.who;
        let library = self.playbooks.load_full();
        if let Some(playbook) = library.for_command(word)
            && let Some(joined) = self.join_run(tx, &playbook, &command_trigger(tx, who, args, title)).await?
        {
            return self.reply(tx, line, self.t(who, "under-way", &[("case", joined.to_string())]));
        }
        let severity = if kind == CaseKind::Task { Severity::Low } else { Severity::Medium };
        let mut case = self.open_case(tx, kind, title, severity, Some(&who.id)).await?;
        self.row(tx, &mut case, &who.id.0, "reported", format!("{} started: {title}", who.name), Vec::new())?;
        self.reply(tx, line, self.t(who, "receipt", &[("case", case.id.to_string())]))?;
        self.start_by_command(tx, line, &mut case, word, args).await
    }

    async fn start_by_command(
        &self,
        tx: &mut Tx<'_>,
        line: &Line<'_>,
        case: &mut Case,
        word: &str,
        args: &str,
    ) -> Result<()> {
        let library = self.playbooks.load_full();
        let Some(playbook) = library.for_command(word).or_else(|| library.current(word)) else {
            let text = self.t(line.who, "no-such-playbook", &[("name", one_line(word, 60))]);
            return self.reply(tx, line, text);
        };
        let about = case.reporters.first().map_or_else(|| line.who.clone(), |r| self.person(&r.0));
        let mut trigger = command_trigger(tx, &about, args, &case.title);
        if let Some(original) = &case.mail
            && let Some(a) = tx.get::<Analysis>(coll::ANALYSES, original).await?
            && let Some(root) = trigger.as_object_mut()
        {
            root.insert("mail".to_owned(), crate::report::as_value(original, &a));
        }
        match self.start_for(tx, case, &playbook, trigger.clone(), line.who).await {
            Ok(Started::Run(_)) => self.remember_start(tx, &playbook, &trigger, case.id).await,
            Ok(Started::Queued(n)) => self.reply(tx, line, self.t(line.who, "run-queued", &[("count", n.to_string())])),
            Ok(Started::Dropped) => self.reply(tx, line, self.t(line.who, "run-dropped", &[])),
            Err(DeskError::Refused(e, name)) => {
                let text = format!("Playbook {name} did not start: {} {}", e.code, e.message);
                self.row(tx, case, "bot", "failed", text.clone(), Vec::new())?;
                self.reply(tx, line, text)
            }
            Err(DeskError::Playbook(why)) => self.reply(tx, line, why),
            Err(e) => Err(e),
        }
    }

    /// `run PLAYBOOK [CASE]`: without a case it gets one of its own.
    pub(crate) async fn run_command(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let (name, rest) = line.rest.split_once(char::is_whitespace).unwrap_or((line.rest, ""));
        if name.is_empty() {
            return self.list_playbooks(tx, line);
        }
        let library = self.playbooks.load_full();
        if let Some(why) = library.refused(name).filter(|_| library.current(name).is_none()) {
            let rows = why.iter().take(5).map(|f| format!("{} {}:{} {}", f.code, f.path, f.line, f.message)).collect();
            let card = Card::titled(self.t(line.who, "playbook-refused", &[("name", one_line(name, 60))]), Tone::Bad)
                .with(Block::List(rows));
            return reply_card(tx, line, card);
        }
        let Some(playbook) = library.current(name).or_else(|| library.for_command(name)) else {
            let ids: Vec<&str> = library.iter().map(|p| p.id()).collect();
            let near = nightbell_playbooks::finding::nearest(name, ids);
            let text = self.t(line.who, "no-such-playbook", &[("name", one_line(name, 60))]);
            let text = near.map_or_else(|| text.clone(), |n| format!("{text} Did you mean `{n}`?"));
            return self.reply(tx, line, text);
        };
        if rest.trim().is_empty() {
            let who = line.who;
            let mut case = self.open_case(tx, CaseKind::Task, playbook.name(), Severity::Low, Some(&who.id)).await?;
            self.reply(tx, line, format!("{}: {}", case.id, playbook.name()))?;
            return self.start_by_command(tx, line, &mut case, playbook.id(), "").await;
        }
        let Ok(id) = rest.trim().parse::<CaseId>() else {
            return self.reply(tx, line, self.t(line.who, "usage", &[("usage", "run PLAYBOOK [CASE]".to_owned())]));
        };
        let Some(mut case) = self.case(tx, id).await? else {
            return self.reply(tx, line, self.t(line.who, "no-such-case", &[("case", id.to_string())]));
        };
        self.start_by_command(tx, line, &mut case, playbook.id(), "").await?;
        self.reply(tx, line, format!("{id}: {}", playbook.name()))
    }

    fn list_playbooks(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let rows = self.playbooks.load().iter().map(|p| format!("`{}` {}", p.id(), p.name())).collect();
        let card = Card::titled(self.t(line.who, "playbooks-title", &[]), Tone::Plain)
            .with(Block::List(rows))
            .with(Block::Context(self.t(line.who, "usage", &[("usage", "run PLAYBOOK [CASE]".to_owned())])));
        reply_card(tx, line, card)
    }

    /// `runs [CASE|open|failed|all]`.
    pub(crate) async fn runs_command(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let filter = if line.rest.is_empty() { "open" } else { line.rest };
        let of = filter.parse::<CaseId>().ok();
        let mut found: Vec<(String, RunRow)> = Vec::new();
        for r in tx.scan(coll::RUNS, Scan::all(LOOK)).await? {
            let row: RunRow = r.decode()?;
            let fits = match (of, filter) {
                (Some(case), _) => row.case == case,
                (None, "all") => true,
                (None, "failed") => row.status == RunStatus::Failed,
                _ => !row.status.ended(),
            };
            if fits {
                found.push((r.key, row));
            }
        }
        found.sort_by_key(|(_, r)| std::cmp::Reverse(r.started_at));
        let more = found.len().saturating_sub(PAGE);
        let rows: Vec<String> = found.iter().take(PAGE).map(|(_, r)| run_line(r, line.who)).collect();
        let mut card = Card::titled(self.t(line.who, "runs-title", &[("filter", one_line(filter, 20))]), Tone::Plain);
        card = if rows.is_empty() {
            card.with(Block::Text(self.t(line.who, "runs-empty", &[])))
        } else {
            card.with(Block::List(rows))
        };
        if more > 0 {
            card = card.with(Block::Context(self.t(line.who, "list-more", &[("count", more.to_string())])));
        }
        reply_card(tx, line, card)
    }

    /// `stop CASE [WHY]`: every open run of a case.
    pub(crate) async fn stop_command(
        &self,
        tx: &mut Tx<'_>,
        line: &Line<'_>,
        case: &mut Case,
        why: &str,
    ) -> Result<()> {
        if case.subjects.contains(&line.who.id) {
            return self.reply(tx, line, self.t(line.who, "subject-cannot", &[]));
        }
        let why = if why.is_empty() { "a responder stopped it".to_owned() } else { one_line(why, 200) };
        let mut stopped = 0;
        for run in case.runs.clone() {
            let open = tx.get::<RunRow>(coll::RUNS, &run.0).await?.is_some_and(|r| !r.status.ended());
            if open {
                self.cancel_run(tx, case, &run, &line.who.id.0, &why).await?;
                stopped += 1;
            }
        }
        tx.audit(&line.who.id.0, "run.stop", Some(case.id), why)?;
        let key = if stopped == 0 { "nothing-to-stop" } else { "stopped" };
        self.reply(tx, line, self.t(line.who, key, &[("case", case.id.to_string())]))
    }

    /// `undo CASE`: takes back what the newest run of the case changed, each step under its own approval.
    pub(crate) async fn undo_command(&self, tx: &mut Tx<'_>, line: &Line<'_>, case: &Case) -> Result<()> {
        if case.subjects.contains(&line.who.id) {
            return self.reply(tx, line, self.t(line.who, "subject-cannot", &[]));
        }
        let key = match self.undo_case(tx, &case.runs, line.who).await? {
            Undone::Asked => "undo-asked",
            Undone::Already => "undo-already",
            Undone::Nothing => "undo-nothing",
        };
        self.reply(tx, line, self.t(line.who, key, &[("case", case.id.to_string())]))
    }
}

fn run_line(row: &RunRow, who: &Person) -> String {
    let status = match row.status {
        RunStatus::Running => "running".to_owned(),
        RunStatus::Waiting => "waiting".to_owned(),
        RunStatus::NeedsHuman => "needs a human".to_owned(),
        RunStatus::Failed => "failed".to_owned(),
        RunStatus::Cancelled => "stopped".to_owned(),
        RunStatus::Succeeded if row.outcome.is_empty() => "done".to_owned(),
        RunStatus::Succeeded => row.outcome.replace('_', " "),
    };
    format!("{} {} - {status}, {}", row.case, row.playbook, when(row.started_at, &who.zone))
}
