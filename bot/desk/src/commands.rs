//! What the commands do. Each answers the person who typed it, privately unless the place says otherwise.

use crate::command::{self, COMMANDS, Denied};
use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, OutLane, Prompt, PromptState, coll};
use crate::text::when;
use crate::tx::Tx;
use nightbell_core::alert::Severity;
use nightbell_core::case::{Case, CaseKind, Disposition, Status};
use nightbell_core::chat::{Block, Card, Conv, ConvKind, To, Tone};
use nightbell_core::ids::CaseId;
use nightbell_core::person::Person;
use nightbell_core::port::store::Scan;
use nightbell_core::text::one_line;
use serde_json::json;

/// Most lines of a list in chat.
const PAGE: usize = 8;

/// A command on its way: who, where the answer goes, and the rest of the line.
pub(crate) struct Line<'a> {
    pub who: &'a Person,
    pub to: To,
    pub rest: &'a str,
}

/// How a command was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the root command, which nobody else sees.
    Slash,
    /// In words that everybody there sees.
    Words,
}

/// Answers a command with a card.
pub(crate) fn reply_card(tx: &mut Tx<'_>, line: &Line<'_>, card: Card) -> Result<()> {
    tx.say(OutLane::Answer, None, line.to.clone(), card)?;
    Ok(())
}

impl Desk {
    /// Parses, checks and runs a command line.
    pub async fn command(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        conv: &Conv,
        text: &str,
        way: Way,
    ) -> Result<&'static str> {
        let (word, rest) = command::parse(text);
        let to = match conv.kind {
            ConvKind::Dm => To::Person(who.id.clone()),
            ConvKind::Channel if self.is_teams_own(conv) => To::Conv(conv.clone()),
            // What the team works on is not for everybody who happens to be in a channel.
            ConvKind::Channel if way == Way::Slash || !command::for_everybody(&word) => {
                To::Only { person: who.id.clone(), conv: conv.clone() }
            }
            ConvKind::Channel => To::Conv(conv.clone()),
        };
        let line = Line { who, to, rest };
        if word.is_empty() {
            return self.help(tx, &line, conv.kind).map(|()| "help");
        }
        let Some(spec) = command::find(&word) else {
            if let Some(route) = self.playbook_word(tx, &line, &word, conv.kind).await? {
                return Ok(route);
            }
            let text = self.t(who, "no-such-command", &[("word", one_line(&word, 40))]);
            self.answer(tx, None, To::Person(who.id.clone()), text)?;
            return Ok("no_such_command");
        };
        if let Err(denied) = command::allowed(spec, who, conv.kind) {
            tx.audit(&who.id.0, "command.denied", None, spec.name)?;
            let roles: Vec<&str> = spec.roles.iter().map(|r| r.word()).collect();
            let args = [("command", spec.name.to_owned()), ("roles", roles.join(", "))];
            let key = if denied == Denied::Role { "denied-role" } else { "denied-place" };
            // A refusal is private: a channel does not need to see it.
            self.answer(tx, None, To::Person(who.id.clone()), self.t(who, key, &args))?;
            return Ok("denied");
        }
        match spec.name {
            "help" => self.help(tx, &line, conv.kind)?,
            "report" => {
                let msg = nightbell_core::chat::Msg { text: rest.to_owned(), to_bot: true, ..Default::default() };
                return self.report(tx, who, conv, &msg).await;
            }
            "ask" if rest.is_empty() => self.reply(tx, &line, self.t(who, "ask-how", &[]))?,
            "ask" => return self.ask(tx, who, line.to, rest).await,
            "my" => self.my(tx, &line).await?,
            "whoami" => self.whoami(tx, &line, conv).await?,
            "quiz" => return self.quiz_command(tx, who, rest).await,
            "oncall" => self.oncall(tx, &line)?,
            "lost-device" | "password-typed" => self.self_service(tx, &line, spec.name).await?,
            "list" => self.list(tx, &line).await?,
            "declare" => self.declare(tx, &line).await?,
            "gaps" => self.list_gaps(tx, &line).await?,
            "answer" => self.answer_gap(tx, &line).await?,
            "audit" => self.audit_tail(tx, &line).await?,
            "admin" => self.admin(tx, &line).await?,
            "run" => self.run_command(tx, &line).await?,
            "runs" => self.runs_command(tx, &line).await?,
            _ => return self.case_command(tx, &line, spec).await,
        }
        Ok(spec.name)
    }

    pub(crate) fn reply(&self, tx: &mut Tx<'_>, line: &Line<'_>, text: impl Into<String>) -> Result<()> {
        self.answer(tx, None, line.to.clone(), text)
    }

    /// Whether a place is one of the team's own channels.
    fn is_teams_own(&self, conv: &Conv) -> bool {
        self.policy.load().channels.values().any(|c| *c == format!("{}:{}", conv.platform, conv.id))
    }

    /// Only what this person may run here.
    fn help(&self, tx: &mut Tx<'_>, line: &Line<'_>, place: ConvKind) -> Result<()> {
        let who = line.who;
        let rows = COMMANDS
            .iter()
            .filter(|c| command::allowed(c, who, place).is_ok())
            .map(|c| {
                format!("{} {} - {}", c.name, c.args, self.t(who, &format!("help-{}", c.name), &[])).replace("  ", " ")
            })
            .collect();
        let card = Card::titled(self.t(who, "help-title", &[]), Tone::Plain)
            .with(Block::Text(self.t(who, "help-intro", &[])))
            .with(Block::List(rows))
            .with(Block::Context(self.t(who, "help-how", &[])));
        reply_card(tx, line, card)
    }

    /// A person's own reports and what waits for them.
    async fn my(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let who = line.who;
        let mut mine = Vec::new();
        for r in tx.scan(coll::CASES, Scan::all(500).reversed()).await? {
            let case: Case = r.decode()?;
            if case.reporters.contains(&who.id) && mine.len() < PAGE {
                mine.push(self.case_line(&case, who));
            }
        }
        let talk = self.talk(tx, &who.id).await?;
        let mut waiting = Vec::new();
        for id in &talk.waiting {
            if let Some(p) = tx.get::<Prompt>(coll::PROMPTS, id).await?
                && p.state == PromptState::Open
            {
                waiting.push(p.card.title.clone());
            }
        }
        let mut card = Card::titled(self.t(who, "my-title", &[]), Tone::Plain);
        card = if mine.is_empty() {
            card.with(Block::Text(self.t(who, "my-empty", &[])))
        } else {
            card.with(Block::Heading(self.t(who, "my-reports", &[]))).with(Block::List(mine))
        };
        if !waiting.is_empty() {
            card = card.with(Block::Heading(self.t(who, "my-waiting", &[]))).with(Block::List(waiting));
        }
        reply_card(tx, line, card)
    }

    pub(crate) fn case_line(&self, case: &Case, who: &Person) -> String {
        let status = match (case.status, case.disposition) {
            (Status::Open, _) => "open".to_owned(),
            (Status::Acknowledged, _) => {
                format!("with {}", case.owner.as_ref().map_or_else(String::new, |o| self.name(&o.0)))
            }
            (Status::Closed, d) => format!("closed as {}", d.map_or("unknown", Disposition::word)),
        };
        format!(
            "{} {} - {}, {}, {}",
            case.id,
            case.title,
            case.severity.word(),
            status,
            when(case.opened_at, &who.zone)
        )
    }

    pub(crate) fn oncall(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let policy = self.policy.load_full();
        if policy.oncall.levels.is_empty() {
            return self.reply(tx, line, self.t(line.who, "oncall-none", &[]));
        }
        let mut rows = Vec::new();
        for (n, level) in policy.oncall.levels.iter().enumerate() {
            let names: Vec<String> = level
                .notify
                .iter()
                .map(|t| t.strip_prefix("person:").map_or_else(|| t.replace(':', " "), |id| self.name(id)))
                .collect();
            rows.push(format!("Level {}: {} (waits {})", n + 1, names.join(", "), level.wait));
        }
        let mut card = Card::titled(self.t(line.who, "oncall-title", &[]), Tone::Plain).with(Block::List(rows));
        if !policy.oncall.numbers.is_empty() {
            card = card
                .with(Block::Heading(self.t(line.who, "oncall-numbers", &[])))
                .with(Block::List(policy.oncall.numbers.clone()));
        }
        reply_card(tx, line, card)
    }

    async fn list(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let filter = if line.rest.is_empty() { "open" } else { line.rest };
        let mut rows = Vec::new();
        let mut more = 0;
        for r in tx.scan(coll::CASES, Scan::all(1_000).reversed()).await? {
            let case: Case = r.decode()?;
            let fits = match filter {
                "closed" => case.status == Status::Closed,
                "all" => true,
                _ => case.status != Status::Closed,
            };
            if fits {
                if rows.len() < PAGE {
                    rows.push(self.case_line(&case, line.who));
                } else {
                    more += 1;
                }
            }
        }
        let mut card = Card::titled(self.t(line.who, "list-title", &[("filter", filter.to_owned())]), Tone::Plain);
        card = if rows.is_empty() {
            card.with(Block::Text(self.t(line.who, "list-empty", &[])))
        } else {
            card.with(Block::List(rows))
        };
        if more > 0 {
            card = card.with(Block::Context(self.t(line.who, "list-more", &[("count", more.to_string())])));
        }
        reply_card(tx, line, card)
    }

    async fn declare(&self, tx: &mut Tx<'_>, line: &Line<'_>) -> Result<()> {
        let (word, rest) = line.rest.split_once(char::is_whitespace).unwrap_or((line.rest, ""));
        let (severity, title) = match serde_json::from_value::<Severity>(json!(word.to_lowercase())) {
            Ok(s) => (s, rest.trim()),
            Err(_) => (Severity::High, line.rest),
        };
        if title.is_empty() {
            let usage = "declare [low|medium|high|critical] TITLE".to_owned();
            return self.reply(tx, line, self.t(line.who, "usage", &[("usage", usage)]));
        }
        let mut case = self.open_case(tx, CaseKind::Incident, title, severity, Some(&line.who.id)).await?;
        self.row(
            tx,
            &mut case,
            &line.who.id.0,
            "declared",
            format!("{} declared an incident: {title}", line.who.name),
            Vec::new(),
        )?;
        tx.audit(&line.who.id.0, "case.declare", Some(case.id), severity.word())?;
        let card = Card::titled(format!("{} declared: {}", case.id, case.title), Tone::Bad).with(Block::Fields(vec![
            ("Severity".into(), severity.word().into()),
            ("By".into(), line.who.name.clone()),
        ]));
        self.tell_team(tx, Some(case.id), card)?;
        if severity >= Severity::High {
            let title = case.title.clone();
            self.page(tx, &mut case, &title, severity).await?;
        }
        self.reply(tx, line, self.t(line.who, "declared", &[("case", case.id.to_string())]))
    }

    /// Commands whose first argument is a case.
    async fn case_command(&self, tx: &mut Tx<'_>, line: &Line<'_>, spec: &command::Spec) -> Result<&'static str> {
        let (id, rest) = line.rest.split_once(char::is_whitespace).unwrap_or((line.rest, ""));
        let rest = rest.trim();
        let id: CaseId = match id.parse() {
            Ok(id) => id,
            Err(_) => match self.talk(tx, &line.who.id).await?.case {
                Some(c) if line.rest.is_empty() => c,
                _ => {
                    let usage = format!("{} {}", spec.name, spec.args);
                    let text = self.t(line.who, "usage", &[("usage", usage)]);
                    self.reply(tx, line, text)?;
                    return Ok("usage");
                }
            },
        };
        let Some(mut case) = self.case(tx, id).await? else {
            let text = self.t(line.who, "no-such-case", &[("case", id.to_string())]);
            self.reply(tx, line, text)?;
            return Ok("no_such_case");
        };
        match spec.name {
            "show" => self.show(tx, line, &case).await?,
            "ack" => {
                let page = case.page.clone();
                let rang = match &page {
                    Some(p) => self.ack_page(tx, p, &line.who.id).await?,
                    None => false,
                };
                let mut case = if rang { self.case(tx, id).await?.unwrap_or(case) } else { case };
                let taken = self.take_case(tx, &mut case, &line.who.id)? || rang;
                let key = if taken { "page-yours" } else { "page-taken" };
                self.reply(tx, line, self.t(line.who, key, &[("case", id.to_string())]))?;
            }
            "close" => self.close_command(tx, line, &mut case, rest).await?,
            "stop" => self.stop_command(tx, line, &mut case, rest).await?,
            "undo" => self.undo_command(tx, line, &case).await?,
            "note" => {
                self.row(tx, &mut case, &line.who.id.0, "note", one_line(rest, 1_000), Vec::new())?;
                self.reply(tx, line, self.t(line.who, "noted", &[("case", id.to_string())]))?;
            }
            "page" => {
                let why = if rest.is_empty() { "A responder asks for help" } else { rest };
                let severity = case.severity.max(Severity::High);
                // Somebody asks for a person by hand: it rings, also when the case has an owner already.
                let ringing = match &case.page {
                    Some(id) => tx
                        .get::<crate::records::Page>(coll::PAGES, &id.0)
                        .await?
                        .is_some_and(|p| p.acked.is_none() && !p.exhausted),
                    None => false,
                };
                if ringing {
                    self.page(tx, &mut case, &one_line(why, 120), severity).await?;
                } else {
                    self.ring(tx, &mut case, &one_line(why, 120), severity).await?;
                }
                self.reply(tx, line, self.t(line.who, "paging", &[("case", id.to_string())]))?;
            }
            _ => self.decide(tx, line, &case, spec.name == "approve", rest).await?,
        }
        Ok(spec.name)
    }

    async fn close_command(&self, tx: &mut Tx<'_>, line: &Line<'_>, case: &mut Case, rest: &str) -> Result<()> {
        let (word, note) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let Ok(disposition) = word.parse::<Disposition>() else {
            let usage = "close CASE real|harmless|false-alarm|unknown [NOTE]".to_owned();
            return self.reply(tx, line, self.t(line.who, "usage", &[("usage", usage)]));
        };
        if case.subjects.contains(&line.who.id) {
            return self.reply(tx, line, self.t(line.who, "subject-cannot", &[]));
        }
        if case.status == Status::Closed {
            return self.reply(tx, line, self.t(line.who, "already-closed", &[("case", case.id.to_string())]));
        }
        self.close_case(tx, case, &line.who.id.0, disposition, note.trim()).await?;
        self.reply(
            tx,
            line,
            self.t(line.who, "closed-ok", &[("case", case.id.to_string()), ("word", disposition.word().to_owned())]),
        )
    }

    /// `approve C-7` and `deny C-7`: the one open approval of the case; several are chosen by button.
    async fn decide(&self, tx: &mut Tx<'_>, line: &Line<'_>, case: &Case, granted: bool, comment: &str) -> Result<()> {
        let mut open = Vec::new();
        for run in &case.runs {
            if let Some(row) = tx.get::<crate::records::RunRow>(coll::RUNS, &run.0).await? {
                for id in row.prompts.values() {
                    if let Some(p) = tx.get::<Prompt>(coll::PROMPTS, id).await?
                        && p.state == PromptState::Open
                        && let Asked::Approval { run, path, digest, .. } = p.what
                    {
                        open.push((run, path, digest));
                    }
                }
            }
        }
        match open.as_slice() {
            [(run, path, digest)] => {
                let comment = (!comment.is_empty()).then(|| comment.to_owned());
                self.vote(tx, line.who, run, path.clone(), digest.clone(), granted, comment).await
            }
            [] => self.reply(tx, line, self.t(line.who, "nothing-to-approve", &[("case", case.id.to_string())])),
            _ => self.reply(tx, line, self.t(line.who, "several-to-approve", &[("case", case.id.to_string())])),
        }
    }

    async fn show(&self, tx: &mut Tx<'_>, line: &Line<'_>, case: &Case) -> Result<()> {
        let mut rows = Vec::new();
        for n in case.rows.saturating_sub(10)..case.rows {
            if let Some(r) =
                tx.get::<nightbell_core::case::Row>(coll::ROWS, &format!("{}/{n:08}", case.id.key())).await?
            {
                rows.push(format!("{} {}", when(r.at, &line.who.zone), r.text));
            }
        }
        let card = Card::titled(self.case_line(case, line.who), Tone::Plain)
            .with(Block::List(rows))
            .with(Block::Context(self.t(line.who, "show-more", &[("case", case.id.to_string())])));
        reply_card(tx, line, card)
    }
}
