//! Questions and approvals put to people, and what becomes of them.

use crate::cards;
use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, OutLane, Prompt, PromptState, RunRow, Shown, coll};
use crate::tx::Tx;
use jiff::Timestamp;
use nightbell_core::action::Call;
use nightbell_core::approval::Decision;
use nightbell_core::chat::{Block, Card, Conv, Style, To, Tone};
use nightbell_core::ids::{PersonId, RunId};
use nightbell_core::person::{Person, Role};
use nightbell_playbooks::api::{self, Effect, Recipient};
use nightbell_playbooks::engine::{hide, hide_in};

/// A question of a run, as the engine hands it over.
pub struct Question {
    /// Step path.
    pub path: String,
    /// To whom.
    pub to: Vec<Recipient>,
    /// Words before the first question.
    pub intro: Option<String>,
    /// The question.
    pub question: api::Question,
    /// Number, from 1.
    pub number: u32,
    /// When the step times out.
    pub expires: Option<Timestamp>,
    /// Goes before everything else.
    pub urgent: bool,
    /// Put into the team's channel instead of direct messages, where buttons can answer it.
    pub public: bool,
}

impl Desk {
    /// The people behind recipients, without those who may not.
    pub fn resolve(&self, to: &[Recipient], level: u32, not: &[String]) -> Vec<Person> {
        let policy = self.policy.load();
        let directory = self.directory.load();
        let mut out: Vec<Person> = Vec::new();
        for r in to {
            let found: Vec<Person> = match r.role() {
                Some("on-call") => {
                    policy.oncall.people(level).iter().filter_map(|id| directory.find(id)).cloned().collect()
                }
                Some(role) => {
                    let role = if role == "analyst" { "responder" } else { role };
                    role.parse::<Role>().map(|r| directory.with_role(r).cloned().collect()).unwrap_or_default()
                }
                None => vec![self.person(r.0.strip_prefix("user:").unwrap_or(&r.0))],
            };
            for p in found {
                if !not.iter().any(|n| p.is(n)) && !out.iter().any(|o| o.id == p.id) {
                    out.push(p);
                }
            }
        }
        out
    }

    /// Roles somebody holds at this moment, for the engine.
    pub fn voter(&self, p: &Person) -> api::Voter {
        let mut roles: Vec<String> = Role::ALL.iter().filter(|r| p.has(**r)).map(|r| r.word().to_owned()).collect();
        if self.policy.load().oncall.has(&p.id.0) {
            roles.push("on-call".to_owned());
        }
        if p.has(Role::Responder) {
            roles.push("analyst".to_owned());
        }
        api::Voter { id: p.id.0.clone(), emails: p.emails.clone(), roles }
    }

    async fn put_prompt(
        &self,
        tx: &mut Tx<'_>,
        row: &mut RunRow,
        path: String,
        what: Asked,
        card: Card,
        to: Vec<Person>,
        expires: Option<Timestamp>,
        id: String,
        lane: OutLane,
        place: Option<Conv>,
    ) -> Result<()> {
        let mut prompt = Prompt {
            id: id.clone(),
            what,
            case: Some(row.case),
            to: Vec::new(),
            shown: Vec::new(),
            state: PromptState::Open,
            at: tx.now,
            expires,
            card,
        };
        match place {
            Some(conv) => {
                let key = tx.say(lane, prompt.case, To::Conv(conv.clone()), prompt.card.clone())?;
                prompt.shown.push(Shown { key, to: To::Conv(conv) });
                prompt.to.extend(to.into_iter().map(|p| p.id));
            }
            None => self.show_to(tx, &mut prompt, to, lane).await?,
        }
        tx.mark(coll::PROMPTS_OPEN, id.clone())?;
        tx.put(coll::PROMPTS, id.clone(), &prompt)?;
        row.prompts.insert(path, id);
        Ok(())
    }

    async fn show_to(&self, tx: &mut Tx<'_>, prompt: &mut Prompt, to: Vec<Person>, lane: OutLane) -> Result<()> {
        for p in to {
            if prompt.to.contains(&p.id) {
                continue;
            }
            let to = To::Person(p.id.clone());
            let key = tx.say(lane, prompt.case, to.clone(), prompt.card.clone())?;
            prompt.shown.push(Shown { key, to });
            if prompt.card.free_text {
                self.start_waiting(tx, &p.id, &prompt.id, prompt.case).await?;
            }
            prompt.to.push(p.id);
        }
        Ok(())
    }

    /// Puts a question. False when the directory has nobody for it.
    pub async fn ask_question(&self, tx: &mut Tx<'_>, run: &RunId, row: &mut RunRow, q: Question) -> Result<bool> {
        // The question before this one of the same step is over.
        if let Some(old) = row.prompts.get(&q.path).cloned() {
            self.close_if_open(tx, &old, PromptState::Closed, None).await?;
        }
        let people = self.resolve(&q.to, 1, &[]);
        let id = tx.fresh();
        let lang = people.first().map_or("en", |p| p.lang.as_str()).to_owned();
        let card = cards::question(&self.texts, &lang, &id, row.case, q.intro.as_deref(), &q.question);
        let names: Vec<String> = people.iter().map(|p| p.name.clone()).collect();
        self.note(
            tx,
            row.case,
            "bot",
            "asked",
            format!("Asked {}: {}", names.join(", "), q.question.label),
            Vec::new(),
        )
        .await?;
        let what = Asked::Question { run: run.clone(), path: q.path.clone(), question: q.question };
        let lane = if q.urgent { OutLane::Incident } else { OutLane::Answer };
        let found = !people.is_empty();
        // Free text in a channel would be taken for talk: such questions stay private.
        let place = if q.public && !card.free_text { self.channel("security") } else { None };
        self.put_prompt(tx, row, q.path, what, card, people, q.expires, id, lane, place).await?;
        Ok(found)
    }

    /// The step's question is over.
    pub async fn ask_closed(&self, tx: &mut Tx<'_>, row: &mut RunRow, path: &str, timed_out: bool) -> Result<()> {
        let Some(id) = row.prompts.get(path).cloned() else { return Ok(()) };
        let line = timed_out.then(|| "No answer in time. You can still write to me.".to_owned());
        if timed_out {
            self.note(tx, row.case, "bot", "silence", "No answer in time", Vec::new()).await?;
        }
        self.close_if_open(tx, &id, PromptState::Closed, line).await
    }

    /// Closes a prompt that nobody closed yet.
    pub async fn close_if_open(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        state: PromptState,
        line: Option<String>,
    ) -> Result<()> {
        if let Some(mut p) = tx.get::<Prompt>(coll::PROMPTS, id).await?
            && p.state == PromptState::Open
        {
            self.finish_prompt(tx, &mut p, state, line).await?;
        }
        Ok(())
    }

    /// Puts an approval, with every argument in full. False when nobody may decide it.
    pub async fn ask_approval(
        &self,
        tx: &mut Tx<'_>,
        run: &RunId,
        row: &mut RunRow,
        masked: &[String],
        effect: Effect,
    ) -> Result<bool> {
        let Effect::Approve { path, by, not_by, proposal, summary, class, inverse, quorum, urgency } = effect else {
            return Ok(true);
        };
        let people = self.resolve(&by, 1, &not_by);
        let id = tx.fresh();
        let digest = proposal.digest();
        let words = self.action_words(&proposal.action);
        // What is shown is the proposal with masked values hidden; what is done and what the digest binds is not.
        let mut shown = proposal.clone();
        shown.args = hide_in(&proposal.args, masked);
        let summary = hide(&summary, masked);
        let card = cards::approval(&id, row.case, &summary, &words, class, inverse.as_deref(), &shown, &digest);
        let names: Vec<String> = people.iter().map(|p| p.name.clone()).collect();
        let mut details = cards::argument_lines(&shown.args);
        details.push(format!("digest {}", digest.get(..8).unwrap_or(&digest)));
        let text = format!(
            "Approval asked of {}: {summary}",
            if names.is_empty() { "nobody (see console)".to_owned() } else { names.join(", ") }
        );
        self.note(tx, row.case, "bot", "approval_asked", text, details).await?;
        tx.audit("bot", "approval.ask", Some(row.case), format!("{} {}", proposal.action, digest))?;
        let expires = Some(proposal.expires_at);
        let what = Asked::Approval {
            run: run.clone(),
            path: path.clone(),
            proposal,
            digest,
            summary,
            class,
            inverse,
            not_by,
            by: by.into_iter().map(|r| r.0).collect(),
            quorum,
        };
        let lane = if urgency == "high" { OutLane::Incident } else { OutLane::Answer };
        let found = !people.is_empty();
        self.put_prompt(tx, row, path, what, card, people, expires, id, lane, None).await?;
        Ok(found)
    }

    /// An approval is decided: all copies say so.
    pub async fn approval_closed(
        &self,
        tx: &mut Tx<'_>,
        row: &RunRow,
        path: &str,
        decision: Decision,
        by: Option<String>,
    ) -> Result<()> {
        let Some(id) = row.prompts.get(path).cloned() else { return Ok(()) };
        let who = by.as_deref().map(|b| self.name(b));
        let line = match (decision, &who) {
            (Decision::Granted, Some(w)) => format!("Approved by {w}"),
            (Decision::Granted, None) => "Approved".to_owned(),
            (Decision::Denied, Some(w)) => format!("Denied by {w}"),
            (Decision::Denied, None) => "Denied".to_owned(),
            (Decision::Expired, _) => "Nobody decided in time. That means no.".to_owned(),
        };
        let kind = match decision {
            Decision::Granted => "approved",
            Decision::Denied => "denied",
            Decision::Expired => "expired",
        };
        self.note(tx, row.case, by.as_deref().unwrap_or("bot"), kind, line.clone(), Vec::new()).await?;
        if let (Some(by), Some(case)) = (&by, self.case(tx, row.case).await?)
            && let Some(page) = case.page
        {
            // Who decides has the case in hand: nobody else needs to be woken for it.
            self.ack_page(tx, &page, &PersonId(by.clone())).await?;
        }
        tx.audit(by.as_deref().unwrap_or("bot"), &format!("approval.{kind}"), Some(row.case), "")?;
        if let Some(b) = &by
            && tx.get::<Prompt>(coll::PROMPTS, &id).await?.is_some_and(|p| !p.to.iter().any(|t| t.0 == *b))
        {
            // Who decided by command or in the console has no copy that changes.
            self.answer(tx, Some(row.case), To::Person(PersonId(b.clone())), format!("{}: {line}", row.case))?;
        }
        self.close_if_open(tx, &id, PromptState::Decided { decision, by }, Some(line)).await
    }

    /// Reminds those who were asked.
    pub async fn remind(&self, tx: &mut Tx<'_>, row: &RunRow, path: &str) -> Result<()> {
        let Some(id) = row.prompts.get(path) else { return Ok(()) };
        let Some(mut prompt) = tx.get::<Prompt>(coll::PROMPTS, id).await? else { return Ok(()) };
        if prompt.state != PromptState::Open {
            return Ok(());
        }
        for id in prompt.to.clone() {
            let p = self.person(&id.0);
            let mut card = prompt.card.clone();
            card.body.insert(0, Block::Context(self.t(&p, "reminder", &[])));
            let to = To::Person(id);
            let key = tx.say(OutLane::Answer, prompt.case, to.clone(), card)?;
            prompt.shown.push(Shown { key, to });
        }
        tx.put(coll::PROMPTS, prompt.id.clone(), &prompt)?;
        self.note(tx, row.case, "bot", "reminded", "Reminder sent", Vec::new()).await
    }

    /// Puts an open prompt to the next level of the ladder; those asked before keep it.
    pub async fn widen(&self, tx: &mut Tx<'_>, row: &RunRow, path: &str, level: u32) -> Result<()> {
        let Some(id) = row.prompts.get(path) else { return Ok(()) };
        let Some(mut prompt) = tx.get::<Prompt>(coll::PROMPTS, id).await? else { return Ok(()) };
        let not = match &prompt.what {
            Asked::Approval { not_by, .. } => not_by.clone(),
            _ => Vec::new(),
        };
        let mut people = self.resolve(&[Recipient("role:on-call".to_owned())], level, &not);
        if people.is_empty() {
            people = self.holders(&[Role::Lead]).into_iter().filter(|p| !not.iter().any(|n| p.is(n))).collect();
        }
        let names: Vec<String> = people.iter().map(|p| p.name.clone()).collect();
        self.show_to(tx, &mut prompt, people, OutLane::Incident).await?;
        tx.put(coll::PROMPTS, prompt.id.clone(), &prompt)?;
        self.note(
            tx,
            row.case,
            "bot",
            "escalated",
            format!("No answer. Now also asking {}", names.join(", ")),
            Vec::new(),
        )
        .await
    }

    /// Nobody knows whether an action happened: a human says.
    pub async fn ask_unknown(
        &self,
        tx: &mut Tx<'_>,
        run: &RunId,
        row: &mut RunRow,
        masked: &[String],
        path: String,
        call: Call,
        why: String,
    ) -> Result<()> {
        let id = tx.fresh();
        let card = Card::titled(format!("{}: did it happen?", row.case), Tone::Warn)
            .with(Block::Text(format!(
                "I sent \"{}\" and cannot know whether it happened: {why}. Please look before you choose.",
                self.action_words(&call.action)
            )))
            .with(Block::Fields(cards::argument_fields(&hide_in(&call.args, masked))))
            .button(format!("p:{id}:happened"), "It happened", Style::Plain)
            .button(format!("p:{id}:rerun"), "It did not: run it now", Style::Danger)
            .button(format!("p:{id}:skip"), "Skip it", Style::Plain);
        let people = self.resolve(&[Recipient("role:on-call".to_owned())], 1, &[]);
        self.note(
            tx,
            row.case,
            "bot",
            "unknown",
            format!("NB0505 Unknown whether it happened: {}", call.action),
            vec![why.clone()],
        )
        .await?;
        let what = Asked::Unknown { run: run.clone(), path: path.clone(), call, why };
        self.put_prompt(tx, row, format!("{path}#unknown"), what, card, people, None, id, OutLane::Incident, None).await
    }

    /// A press or answer that did not count is answered kindly.
    pub async fn refused(&self, tx: &mut Tx<'_>, row: &RunRow, who: &str, reason: &str, text: &str) -> Result<()> {
        let p = self.person(who);
        let said = match reason {
            "late" => self.t(&p, "too-late", &[("case", row.case.to_string())]),
            _ => text.to_owned(),
        };
        self.note(
            tx,
            row.case,
            who,
            "not_counted",
            format!("Did not count ({reason}): {}", self.name(who)),
            Vec::new(),
        )
        .await?;
        self.answer(tx, Some(row.case), To::Person(PersonId::from(who)), said)
    }
}
