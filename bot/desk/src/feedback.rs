//! Feedback: who brought something is asked, once and without pressing, how it went.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, OutLane, Prompt, PromptState, RunRow, Shown, coll};
use crate::tx::Tx;
use jiff::Timestamp;
use nightbell_core::chat::{Block, Card, Style, To, Tone};
use nightbell_core::ids::{CaseId, RunId};
use nightbell_core::person::Person;
use nightbell_core::port::store::time_key;
use serde::{Deserialize, Serialize};

/// What a person said about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feedback {
    /// When.
    pub at: Timestamp,
    /// The playbook.
    pub playbook: String,
    /// The case.
    pub case: CaseId,
    /// good, fair or bad. Who said it is not kept: a rating must not follow a person.
    pub word: String,
}

impl Desk {
    /// Asks the people of a run how it was.
    pub(crate) async fn ask_feedback(&self, tx: &mut Tx<'_>, id: &RunId, row: &RunRow) -> Result<()> {
        for to in self.audience(tx, id, row).await? {
            let To::Person(person) = &to else { continue };
            let p = self.person(&person.0);
            let prompt = tx.fresh();
            let card = Card::titled(self.t(&p, "feedback-title", &[("case", row.case.to_string())]), Tone::Plain)
                .with(Block::Context(self.t(&p, "feedback-why", &[])))
                .button(format!("p:{prompt}:good"), self.t(&p, "feedback-good", &[]), Style::Plain)
                .button(format!("p:{prompt}:fair"), self.t(&p, "feedback-fair", &[]), Style::Plain)
                .button(format!("p:{prompt}:bad"), self.t(&p, "feedback-bad", &[]), Style::Plain);
            let what = Asked::Feedback { run: id.clone() };
            self.plain_prompt(tx, prompt, what, Some(row.case), card, vec![to], OutLane::Bulk)?;
        }
        Ok(())
    }

    /// Takes the answer.
    pub(crate) async fn take_feedback(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        mut prompt: Prompt,
        run: &RunId,
        word: &str,
    ) -> Result<&'static str> {
        let word = if matches!(word, "good" | "fair" | "bad") { word } else { "fair" };
        if let (Some(row), Some(case)) = (tx.get::<RunRow>(coll::RUNS, &run.0).await?, prompt.case) {
            let kept = Feedback { at: tx.now, playbook: row.playbook, case, word: word.to_owned() };
            let key = format!("{}-{}", time_key(tx.now), tx.fresh());
            tx.put(coll::FEEDBACK, key, &kept)?;
        }
        let state = PromptState::Answered { by: who.id.clone(), text: word.to_owned() };
        let thanks = self.t(who, "feedback-thanks", &[]);
        self.finish_prompt(tx, &mut prompt, state, Some(thanks)).await?;
        Ok("feedback")
    }

    /// A prompt that belongs to no step of a run.
    pub(crate) fn plain_prompt(
        &self,
        tx: &mut Tx<'_>,
        id: String,
        what: Asked,
        case: Option<CaseId>,
        card: Card,
        to: Vec<To>,
        lane: OutLane,
    ) -> Result<()> {
        let mut prompt = Prompt {
            id: id.clone(),
            what,
            case,
            to: Vec::new(),
            shown: Vec::new(),
            state: PromptState::Open,
            at: tx.now,
            expires: None,
            card,
        };
        for to in to {
            let key = tx.say(lane, case, to.clone(), prompt.card.clone())?;
            if let To::Person(p) = &to {
                prompt.to.push(p.clone());
            }
            prompt.shown.push(Shown { key, to });
        }
        Ok(tx.put(coll::PROMPTS, id, &prompt)?)
    }
}
