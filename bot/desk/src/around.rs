//! What happens around the conversation: reactions to our messages, and people who are not of this company.

use crate::delivery::posted_key;
use crate::desk::Desk;
use crate::error::Result;
use crate::records::{OutLane, PostedRow, coll};
use crate::tx::Tx;
use nightbell_core::chat::{Card, Conv, ConvKind, Inbound, To, What};
use nightbell_core::person::Person;
use nightbell_core::text::one_line;

impl Desk {
    /// Whether somebody belongs to another company that shares a channel or a chat with ours.
    pub(crate) fn is_foreign(&self, event: &Inbound) -> bool {
        let user = &event.user;
        user.foreign || self.accounts.get(&event.conv.platform, &user.id).is_some_and(|r| r.profile.foreign)
    }

    /// Policies, cases and buttons are for our own people. Who speaks to the bot is told so; all else is not heard.
    pub(crate) fn foreigner(&self, tx: &mut Tx<'_>, event: &Inbound) -> Result<&'static str> {
        let spoken_to = match &event.what {
            What::Message(m) => m.to_bot || event.conv.kind == ConvKind::Dm,
            What::Command { .. } | What::Reported(_) => true,
            What::Press { .. } | What::Reaction { .. } | What::Home | What::Other { .. } => false,
        };
        if spoken_to {
            let card = Card::text(self.texts.get("en", "foreign", &[]));
            tx.say(OutLane::Answer, None, To::Conv(event.conv.clone()), card)?;
        }
        tx.audit(&format!("{}:{}", event.conv.platform, event.user.id), "foreign", None, "")?;
        Ok("foreign")
    }

    /// A reaction of somebody who works on cases to a message about a case is a note in its timeline.
    pub(crate) async fn reaction(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        conv: &Conv,
        message: &str,
        emoji: &str,
        added: bool,
    ) -> Result<&'static str> {
        let posted = tx.get::<PostedRow>(coll::POSTED, &posted_key(&conv.platform, message)).await?;
        let Some(row) = posted.filter(|_| self.may_work(who)) else { return Ok("reaction") };
        let emoji = one_line(emoji, 40);
        let text = if added { format!(":{emoji}:") } else { format!("took :{emoji}: away") };
        self.note(tx, row.case, &who.id.0, "reaction", text, Vec::new()).await?;
        Ok("reaction_note")
    }
}
