//! What a person is in the middle of: which open questions a free text would answer.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{ConvState, coll};
use crate::tx::Tx;
use nightbell_core::ids::{CaseId, PersonId};

impl Desk {
    /// The state of somebody's talk with the bot.
    pub async fn talk(&self, tx: &mut Tx<'_>, person: &PersonId) -> Result<ConvState> {
        Ok(tx.get(coll::CONVS, &person.0).await?.unwrap_or_default())
    }

    /// A prompt waits for this person's words.
    pub async fn start_waiting(
        &self,
        tx: &mut Tx<'_>,
        person: &PersonId,
        prompt: &str,
        case: Option<CaseId>,
    ) -> Result<()> {
        let mut talk = self.talk(tx, person).await?;
        talk.waiting.retain(|p| p != prompt);
        talk.waiting.push(prompt.to_owned());
        if case.is_some() {
            talk.case = case;
        }
        Ok(tx.put(coll::CONVS, person.0.clone(), &talk)?)
    }

    /// It no longer does.
    pub async fn stop_waiting(&self, tx: &mut Tx<'_>, person: &PersonId, prompt: &str) -> Result<()> {
        let mut talk = self.talk(tx, person).await?;
        if talk.waiting.iter().any(|p| p == prompt) {
            talk.waiting.retain(|p| p != prompt);
            tx.put(coll::CONVS, person.0.clone(), &talk)?;
        }
        Ok(())
    }
}
