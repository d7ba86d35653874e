//! Waking a human: up the ladder until somebody acknowledges, and saying so plainly when nobody does.
//!
//! A page is a row; each step of the ladder is a durable timer. The fold is small: `step` counts levels over all
//! rounds, an acknowledgement ends it, the last step ends in "nobody could be reached".

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, Due, Leaving, OutLane, Page, Prompt, PromptState, Shown, TimerRow, coll};
use crate::tx::Tx;
use nightbell_core::alert::Severity;
use nightbell_core::case::Case;
use nightbell_core::chat::{Block, Card, Style, To, Tone};
use nightbell_core::ids::{CaseId, PageId, PersonId};
use nightbell_core::port::pager::PageText;
use nightbell_core::telemetry::Telemetry;

/// Most lines of a page's body: a phone shows about this much.
const MAX_BODY: usize = 14;

impl Desk {
    /// A reason to wake somebody. While a page rings, or somebody has the case and this is no worse, those people are told;
    /// else the ladder is climbed from its first level.
    pub async fn page(&self, tx: &mut Tx<'_>, case: &mut Case, title: &str, severity: Severity) -> Result<PageId> {
        if let Some(id) = &case.page
            && let Some(page) = tx.get::<Page>(coll::PAGES, &id.0).await?
            && (page.acked.is_none() || page.severity >= severity)
            && !page.exhausted
        {
            return self.add_reason(tx, case, page, title, severity).await;
        }
        self.ring(tx, case, title, severity).await
    }

    /// A further reason for a page: whoever has it hears it, and later levels read it as well.
    async fn add_reason(
        &self,
        tx: &mut Tx<'_>,
        case: &mut Case,
        mut page: Page,
        title: &str,
        severity: Severity,
    ) -> Result<PageId> {
        let worse = severity > page.severity;
        let card = Card::titled(format!("{}: {title}", case.id), if worse { Tone::Bad } else { Tone::Warn });
        let lane = if worse { OutLane::Incident } else { OutLane::Answer };
        let told = match &page.acked {
            Some((by, _)) => vec![by.clone()],
            None => tx.get::<Prompt>(coll::PROMPTS, &page.prompt).await?.map(|p| p.to).unwrap_or_default(),
        };
        for p in told {
            tx.say(lane, Some(case.id), To::Person(p), card.clone())?;
        }
        page.severity = page.severity.max(severity);
        page.body.push(title.to_owned());
        page.log.push(title.to_owned());
        tx.put(coll::PAGES, page.id.0.clone(), &page)?;
        self.row(tx, case, "bot", "paged", format!("Added to the call: {title}"), Vec::new())?;
        Ok(page.id)
    }

    /// Rings from the first level of the ladder.
    pub async fn ring(&self, tx: &mut Tx<'_>, case: &mut Case, title: &str, severity: Severity) -> Result<PageId> {
        let id = PageId(tx.fresh());
        let mut page = Page {
            id: id.clone(),
            case: case.id,
            title: title.to_owned(),
            body: self.summary(tx, case).await?,
            severity,
            step: 0,
            level: 0,
            at: tx.now,
            acked: None,
            exhausted: false,
            prompt: tx.fresh(),
            log: Vec::new(),
        };
        let prompt = Prompt {
            id: page.prompt.clone(),
            what: Asked::Page { page: id.clone() },
            case: Some(case.id),
            to: Vec::new(),
            shown: Vec::new(),
            state: PromptState::Open,
            at: tx.now,
            expires: None,
            card: Card::default(),
        };
        tx.put(coll::PROMPTS, prompt.id.clone(), &prompt)?;
        tx.mark(coll::PROMPTS_OPEN, prompt.id.clone())?;
        tx.mark(coll::PAGES_OPEN, id.0.clone())?;
        case.page = Some(id.clone());
        self.row(tx, case, "bot", "paging", format!("On-call is being called: {title}"), Vec::new())?;
        tx.audit("bot", "page.start", Some(case.id), severity.word())?;
        self.climb(tx, case, &mut page).await?;
        Ok(id)
    }

    /// Who, what, evidence, and what was already done: the newest rows of the timeline in order.
    pub async fn summary(&self, tx: &mut Tx<'_>, case: &Case) -> Result<Vec<String>> {
        let mut lines = vec![case.title.clone()];
        if !case.reporters.is_empty() {
            let names: Vec<String> = case.reporters.iter().map(|p| self.name(&p.0)).collect();
            lines.push(format!("Reported by: {}", names.join(", ")));
        }
        if !case.subjects.is_empty() {
            let names: Vec<String> = case.subjects.iter().map(|p| self.name(&p.0)).collect();
            lines.push(format!("About: {}", names.join(", ")));
        }
        if let Some(v) = case.verdict {
            lines.push(format!("Mail analysis: {}", v.word().replace('_', " ")));
        }
        let from = case.rows.saturating_sub(MAX_BODY as u32);
        for n in from..case.rows {
            let key = format!("{}/{n:08}", case.id.key());
            if let Some(row) = tx.get::<nightbell_core::case::Row>(coll::ROWS, &key).await? {
                if matches!(row.kind.as_str(), "paging" | "paged" | "asked") {
                    continue;
                }
                lines.push(row.text);
                lines.extend(row.details.into_iter().take(3).map(|d| format!("  {d}")));
            }
        }
        lines.truncate(MAX_BODY * 2);
        Ok(lines)
    }

    /// One step up: calls the next level, or ends the ladder.
    async fn climb(&self, tx: &mut Tx<'_>, case: &mut Case, page: &mut Page) -> Result<()> {
        let policy = self.policy.load_full();
        let ladder = &policy.oncall;
        let levels = ladder.levels.len() as u32;
        let rounds = ladder.rounds.max(1);
        if page.step >= levels * rounds {
            return self.nobody(tx, case, page);
        }
        let level_no = page.step % levels + 1;
        page.step += 1;
        page.level = level_no;
        let Some(level) = ladder.levels.get((level_no - 1) as usize) else { return Ok(()) };
        let Some(mut prompt) = tx.get::<Prompt>(coll::PROMPTS, &page.prompt).await? else { return Ok(()) };
        prompt.card = page_card(case, page, level_no);
        for target in &level.notify {
            let to = if let Some(id) = target.strip_prefix("person:") {
                let person = PersonId::from(id);
                if !prompt.to.contains(&person) {
                    prompt.to.push(person.clone());
                }
                Some(To::Person(person))
            } else {
                target.strip_prefix("channel:").map(|name| To::Channel(name.to_owned()))
            };
            if let Some(to) = to {
                let key = tx.say(OutLane::Incident, Some(case.id), to.clone(), prompt.card.clone())?;
                prompt.shown.push(Shown { key, to });
            } else {
                let text = PageText {
                    key: format!("{}-{}-{target}", page.id, page.step),
                    case: case.id.to_string(),
                    title: page.title.clone(),
                    body: page.body.join("\n"),
                    severity: page.severity.word().to_owned(),
                    level: level_no,
                };
                let what = Leaving::Page { page: page.id.clone(), target: target.clone(), text };
                tx.leave(OutLane::Incident, Some(case.id), what)?;
            }
        }
        tx.put(coll::PROMPTS, prompt.id.clone(), &prompt)?;
        let due = level.wait.after(tx.now);
        tx.arm(
            &format!("page-{}", page.id),
            &TimerRow { what: Due::Page { page: page.id.clone(), step: page.step }, due },
        )?;
        tx.put(coll::PAGES, page.id.0.clone(), page)?;
        self.observer.tell(Telemetry::Paged { level: level_no });
        let who: Vec<String> = level.notify.iter().map(|t| self.target_name(t)).collect();
        self.row(tx, case, "bot", "paged", format!("Called level {level_no}: {}", who.join(", ")), Vec::new())
    }

    fn target_name(&self, target: &str) -> String {
        target.strip_prefix("person:").map_or_else(|| target.replace(':', " "), |id| self.name(id))
    }

    /// The end of the ladder: visible everywhere, with numbers to call.
    fn nobody(&self, tx: &mut Tx<'_>, case: &mut Case, page: &mut Page) -> Result<()> {
        page.exhausted = true;
        tx.put(coll::PAGES, page.id.0.clone(), page)?;
        let numbers = self.policy.load().oncall.numbers.clone();
        let mut card = Card::titled(format!("NB0601 Nobody on call could be reached for {}", case.id), Tone::Bad)
            .with(Block::Text("Every level was called and nobody took the case. Please call now:".to_owned()));
        let lines =
            if numbers.is_empty() { vec!["No number is configured (oncall.numbers).".to_owned()] } else { numbers };
        card = card.with(Block::List(lines.clone()));
        self.tell_team(tx, Some(case.id), card.clone())?;
        for r in case.reporters.clone() {
            let p = self.person(&r.0);
            let text = self.t(&p, "nobody-reached", &[("case", case.id.to_string())]);
            let card = Card::titled(text, Tone::Warn).with(Block::List(lines.clone()));
            tx.say(OutLane::Incident, Some(case.id), To::Person(r), card)?;
        }
        tx.audit("bot", "page.exhausted", Some(case.id), "")?;
        self.row(tx, case, "bot", "nobody", "NB0601 Nobody on call could be reached", lines)
    }

    /// The wait of a level is over.
    pub async fn page_due(&self, tx: &mut Tx<'_>, id: &PageId, step: u32) -> Result<()> {
        let Some(mut page) = tx.get::<Page>(coll::PAGES, &id.0).await? else { return Ok(()) };
        if page.acked.is_some() || page.exhausted || page.step != step {
            return Ok(());
        }
        let Some(mut case) = self.case(tx, page.case).await? else { return Ok(()) };
        self.row(tx, &mut case, "bot", "silence", format!("No answer at step {step} of the ladder"), Vec::new())?;
        self.climb(tx, &mut case, &mut page).await
    }

    /// What a target other than chat answered.
    pub async fn page_result(&self, tx: &mut Tx<'_>, id: &PageId, target: &str, error: Option<&str>) -> Result<()> {
        let Some(mut page) = tx.get::<Page>(coll::PAGES, &id.0).await? else { return Ok(()) };
        let line =
            error.map_or_else(|| format!("{target} took the page"), |e| format!("{target} did not take the page: {e}"));
        page.log.push(line.clone());
        tx.put(coll::PAGES, page.id.0.clone(), &page)?;
        self.note(tx, page.case, target, if error.is_some() { "page_failed" } else { "page_taken" }, line, Vec::new())
            .await
    }

    /// Somebody takes it. Returns false when it was taken already.
    pub async fn ack_page(&self, tx: &mut Tx<'_>, id: &PageId, by: &PersonId) -> Result<bool> {
        let Some(mut page) = tx.get::<Page>(coll::PAGES, &id.0).await? else { return Ok(false) };
        if page.acked.is_some() {
            return Ok(false);
        }
        page.acked = Some((by.clone(), tx.now));
        let case_id = page.case;
        self.end_page(tx, page, &by.0).await?;
        if let Some(mut case) = self.case(tx, case_id).await? {
            self.take_case(tx, &mut case, by)?;
            for r in case.reporters.clone().iter().filter(|r| *r != by) {
                let p = self.person(&r.0);
                let text = self.t(&p, "human-took-over", &[("case", case.id.to_string())]);
                tx.say(OutLane::Answer, Some(case.id), To::Person(r.clone()), Card::text(text))?;
            }
        }
        tx.audit(&by.0, "page.ack", Some(case_id), "")?;
        Ok(true)
    }

    /// The bell stops: no further level is called, all copies say who has it.
    pub async fn end_page(&self, tx: &mut Tx<'_>, mut page: Page, by: &str) -> Result<()> {
        if page.acked.is_none() {
            page.acked = Some((by.into(), tx.now));
        }
        tx.delete(coll::PAGES_OPEN, page.id.0.clone());
        tx.put(coll::PAGES, page.id.0.clone(), &page)?;
        if let Some(mut prompt) = tx.get::<Prompt>(coll::PROMPTS, &page.prompt).await? {
            let line = format!("Taken by {}", self.name(by));
            let state = PromptState::Answered { by: by.into(), text: "taken".to_owned() };
            self.finish_prompt(tx, &mut prompt, state, Some(line)).await?;
        }
        Ok(())
    }

    /// The case of a page, for commands.
    pub async fn page_case(&self, tx: &mut Tx<'_>, id: &PageId) -> Result<Option<CaseId>> {
        Ok(tx.get::<Page>(coll::PAGES, &id.0).await?.map(|p| p.case))
    }
}

/// What a woken person sees.
fn page_card(case: &Case, page: &Page, level: u32) -> Card {
    let mut card = Card::titled(format!("{} needs you: {}", case.id, page.title), Tone::Bad)
        .with(Block::Fields(vec![
            ("Severity".to_owned(), page.severity.word().to_owned()),
            ("Level".to_owned(), level.to_string()),
        ]))
        .with(Block::List(page.body.clone()))
        .button(format!("p:{}:ack", page.prompt), format!("Take {}", case.id), Style::Primary);
    if level > 1 {
        card = card.with(Block::Context("Earlier levels did not answer.".to_owned()));
    }
    card
}
