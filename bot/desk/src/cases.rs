//! Cases: opening, telling the timeline, closing, and the promise that who reported something hears how it ended.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{OutLane, Page, Prompt, PromptState, RunRow, coll};
use crate::tx::Tx;
use nightbell_core::alert::Severity;
use nightbell_core::case::{Case, CaseKind, Disposition, Row, Status};
use nightbell_core::chat::{Block, Card, To, Tone};
use nightbell_core::ids::{CaseId, PersonId};
use nightbell_core::text::one_line;

/// Longest title of a case, in characters.
const MAX_TITLE: usize = 120;

impl Desk {
    /// Opens a case.
    pub async fn open_case(
        &self,
        tx: &mut Tx<'_>,
        kind: CaseKind,
        title: &str,
        severity: Severity,
        reporter: Option<&PersonId>,
    ) -> Result<Case> {
        let case = Case {
            id: tx.case_number(&self.numbers).await?,
            kind,
            title: one_line(title, MAX_TITLE),
            status: Status::Open,
            severity,
            verdict: None,
            reporters: reporter.cloned().into_iter().collect(),
            subjects: Vec::new(),
            runs: Vec::new(),
            page: None,
            owner: None,
            mail: None,
            opened_at: tx.now,
            closed_at: None,
            disposition: None,
            rows: 0,
        };
        tx.mark(coll::OPEN, case.id.key())?;
        self.save_case(tx, &case)?;
        Ok(case)
    }

    /// Writes a case.
    pub fn save_case(&self, tx: &mut Tx<'_>, case: &Case) -> Result<()> {
        tx.touch(case.id);
        Ok(tx.put(coll::CASES, case.id.key(), case)?)
    }

    /// Reads a case.
    pub async fn case(&self, tx: &mut Tx<'_>, id: CaseId) -> Result<Option<Case>> {
        Ok(tx.get(coll::CASES, &id.key()).await?)
    }

    /// Adds a row to the timeline. The case must be saved by the caller's later [`Desk::save_case`] or is saved here.
    pub fn row(
        &self,
        tx: &mut Tx<'_>,
        case: &mut Case,
        who: &str,
        kind: &str,
        text: impl Into<String>,
        details: Vec<String>,
    ) -> Result<()> {
        let row = Row { at: tx.now, who: who.to_owned(), kind: kind.to_owned(), text: text.into(), details };
        tx.put(coll::ROWS, format!("{}/{:08}", case.id.key(), case.rows), &row)?;
        case.rows += 1;
        self.save_case(tx, case)
    }

    /// Adds a row to a case known by its number only.
    pub async fn note(
        &self,
        tx: &mut Tx<'_>,
        id: CaseId,
        who: &str,
        kind: &str,
        text: impl Into<String>,
        details: Vec<String>,
    ) -> Result<()> {
        if let Some(mut case) = self.case(tx, id).await? {
            self.row(tx, &mut case, who, kind, text, details)?;
        }
        Ok(())
    }

    /// Raises the severity. Lowering is for people only and goes through a command.
    pub fn raise(&self, tx: &mut Tx<'_>, case: &mut Case, to: Severity, why: &str) -> Result<()> {
        if to > case.severity {
            case.severity = to;
            self.row(tx, case, "bot", "severity", format!("Severity raised to {}: {why}", to.word()), Vec::new())?;
        }
        Ok(())
    }

    /// Closes a case by a person's word: open questions and pages end, every reporter is told.
    pub async fn close_case(
        &self,
        tx: &mut Tx<'_>,
        case: &mut Case,
        by: &str,
        disposition: Disposition,
        note: &str,
    ) -> Result<()> {
        if case.status == Status::Closed {
            return Ok(());
        }
        case.status = Status::Closed;
        case.closed_at = Some(tx.now);
        case.disposition = Some(disposition);
        tx.delete(coll::OPEN, case.id.key());
        let text = if note.is_empty() {
            format!("Closed as {}", disposition.word())
        } else {
            format!("Closed as {}: {}", disposition.word(), one_line(note, 300))
        };
        self.row(tx, case, by, "closed", text, Vec::new())?;
        for run in case.runs.clone() {
            self.cancel_run(tx, case, &run, by, "the case was closed").await?;
        }
        if let Some(page) = case.page.clone()
            && let Some(page) = tx.get::<Page>(coll::PAGES, &page.0).await?
            && page.acked.is_none()
        {
            self.end_page(tx, page, by).await?;
        }
        self.learn_mail(tx, case, disposition).await?;
        tx.audit(by, "case.close", Some(case.id), disposition.word())?;
        self.tell_reporters(tx, case, disposition)
    }

    fn tell_reporters(&self, tx: &mut Tx<'_>, case: &Case, disposition: Disposition) -> Result<()> {
        // The note stays inside the team: it may name things that only the team should know.
        for id in &case.reporters {
            let p = self.person(&id.0);
            let key = match disposition {
                Disposition::TruePositive => "closed-real",
                Disposition::BenignPositive => "closed-harmless",
                Disposition::FalsePositive => "closed-false-alarm",
                Disposition::Undetermined => "closed-unknown",
            };
            let card = Card::titled(self.t(&p, "closed-title", &[("case", case.id.to_string())]), Tone::Good)
                .with(Block::Text(self.t(&p, key, &[])));
            tx.say(OutLane::Answer, Some(case.id), To::Person(id.clone()), card)?;
        }
        Ok(())
    }

    /// When the last run of a report ended well and nobody has to look, the case ends too: the runs told the reporters.
    pub async fn settle_case(&self, tx: &mut Tx<'_>, id: CaseId, outcome: &str) -> Result<()> {
        let Some(mut case) = self.case(tx, id).await? else { return Ok(()) };
        if case.status == Status::Closed {
            return Ok(());
        }
        for run in &case.runs {
            if let Some(r) = tx.get::<RunRow>(coll::RUNS, &run.0).await?
                && !r.status.ended()
            {
                return Ok(());
            }
        }
        if let Some(page) = &case.page
            && let Some(page) = tx.get::<Page>(coll::PAGES, &page.0).await?
            && page.acked.is_none()
        {
            // Somebody was called and has not come yet: the case stays visible.
            return Ok(());
        }
        let disposition = match outcome {
            "malicious" | "contained" | "suspended" | "real" | "true_positive" => Disposition::TruePositive,
            "simulation" | "spam" | "benign_positive" => Disposition::BenignPositive,
            "likely_safe" | "confirmed" | "false_positive" => Disposition::FalsePositive,
            _ => Disposition::Undetermined,
        };
        // High severity is closed by people, never by the bot.
        if case.severity >= Severity::High || matches!(outcome, "handed_over" | "not_contained" | "failed" | "") {
            return self.row(
                tx,
                &mut case,
                "bot",
                "handed",
                "The playbook ended. The case stays open until a person closes it.",
                Vec::new(),
            );
        }
        case.status = Status::Closed;
        case.closed_at = Some(tx.now);
        case.disposition = Some(disposition);
        tx.delete(coll::OPEN, case.id.key());
        self.row(
            tx,
            &mut case,
            "bot",
            "closed",
            format!("Closed as {}: the playbook ended with {outcome}", disposition.word()),
            Vec::new(),
        )
    }

    /// Takes a case.
    pub fn take_case(&self, tx: &mut Tx<'_>, case: &mut Case, by: &PersonId) -> Result<bool> {
        if case.owner.as_ref() == Some(by) || case.status == Status::Closed {
            return Ok(false);
        }
        case.owner = Some(by.clone());
        case.status = Status::Acknowledged;
        self.row(tx, case, &by.0, "acknowledged", format!("{} took the case", self.name(&by.0)), Vec::new())?;
        Ok(true)
    }

    /// Closes a prompt: its buttons go away everywhere and free text no longer answers it.
    pub async fn finish_prompt(
        &self,
        tx: &mut Tx<'_>,
        prompt: &mut Prompt,
        state: PromptState,
        line: Option<String>,
    ) -> Result<()> {
        prompt.state = state;
        tx.delete(coll::PROMPTS_OPEN, prompt.id.clone());
        tx.put(coll::PROMPTS, prompt.id.clone(), prompt)?;
        let mut card = prompt.card.clone();
        card.buttons.clear();
        card.free_text = false;
        if let Some(line) = line {
            card.body.push(Block::Context(line));
        }
        for shown in prompt.shown.clone() {
            tx.amend(OutLane::Answer, &shown.key, shown.to, card.clone())?;
        }
        for p in prompt.to.clone() {
            self.stop_waiting(tx, &p, &prompt.id).await?;
        }
        Ok(())
    }
}
