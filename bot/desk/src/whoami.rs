//! `whoami`: whom the bot takes somebody for, how sure it is, and the way to say that it is wrong.

use crate::accounts::{How, owner};
use crate::commands::{Line, reply_card};
use crate::desk::Desk;
use crate::error::Result;
use crate::records::{Asked, OutLane, Prompt, PromptState, Shown, coll};
use crate::tx::Tx;
use nightbell_core::chat::{Block, Card, Conv, Style, To, Tone};
use nightbell_core::person::{Person, Role};

impl Desk {
    /// Says who somebody is here.
    pub(crate) async fn whoami(&self, tx: &mut Tx<'_>, line: &Line<'_>, conv: &Conv) -> Result<()> {
        let who = line.who;
        let user = self.account(&conv.platform, who).unwrap_or_else(|| who.id.0.clone());
        let row = self.accounts.get(&conv.platform, &user);
        let (_, how) = owner(&self.directory.load(), row.as_ref(), &conv.platform, &user);
        let key = match how {
            How::Configured => "whoami-configured",
            How::Email => "whoami-email",
            How::Disputed => "whoami-disputed",
            How::Unknown if who.listed => "whoami-configured",
            How::Unknown => "whoami-unknown",
        };
        let roles: Vec<&str> = Role::ALL.iter().filter(|r| who.has(**r)).map(|r| r.word()).collect();
        let mut fields = vec![
            (self.t(who, "label-name", &[]), who.name.clone()),
            (self.t(who, "label-account", &[]), format!("{} {user}", conv.platform)),
        ];
        if let Some(email) = who.email() {
            fields.push((self.t(who, "label-email", &[]), email.to_owned()));
        }
        fields.push((self.t(who, "label-roles", &[]), roles.join(", ")));
        let mut card = Card::titled(self.t(who, "whoami-title", &[]), Tone::Plain)
            .with(Block::Fields(fields))
            .with(Block::Text(self.t(who, key, &[])));
        if how != How::Email {
            return reply_card(tx, line, card);
        }
        let id = tx.fresh();
        card = card.button(format!("p:{id}:not-me"), self.t(who, "whoami-not-me", &[]), Style::Plain);
        let to = To::Person(who.id.clone());
        let shown = tx.say(OutLane::Answer, None, to.clone(), card.clone())?;
        let prompt = Prompt {
            id: id.clone(),
            what: Asked::Account { platform: conv.platform.clone(), user },
            case: None,
            to: vec![who.id.clone()],
            shown: vec![Shown { key: shown, to }],
            state: PromptState::Open,
            at: tx.now,
            expires: None,
            card,
        };
        tx.mark(coll::PROMPTS_OPEN, id.clone())?;
        Ok(tx.put(coll::PROMPTS, id, &prompt)?)
    }

    /// Somebody said that an account is not who it was taken for: it loses every right at once, and the team hears of it.
    pub(crate) async fn not_me(
        &self,
        tx: &mut Tx<'_>,
        who: &Person,
        mut prompt: Prompt,
        platform: &str,
        user: &str,
    ) -> Result<&'static str> {
        let done = self.dispute(tx, platform, user)?;
        let state = PromptState::Answered { by: who.id.clone(), text: "not me".to_owned() };
        self.finish_prompt(tx, &mut prompt, state, Some(self.t(who, "whoami-taken-back", &[]))).await?;
        if done {
            tx.audit(&who.id.0, "account.disputed", None, format!("{platform}:{user}"))?;
            let card = Card::titled("An account was taken for the wrong person", Tone::Warn)
                .with(Block::Fields(vec![
                    ("Account".to_owned(), format!("{platform} {user}")),
                    ("Taken for".to_owned(), who.name.clone()),
                ]))
                .with(Block::Text(
                    "It has no role any more. Put the right account under the person's accounts in the configuration."
                        .to_owned(),
                ));
            self.tell_team(tx, None, card)?;
        }
        Ok("not_me")
    }
}
