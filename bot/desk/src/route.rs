//! What an event means: exactly one use-case each. This is the one `match` to read.

use crate::command;
use crate::commands::Way;
use crate::desk::Desk;
use crate::error::Result;
use crate::tx::Tx;
use nightbell_core::chat::{Conv, ConvKind, Inbound, Msg, To, What};
use nightbell_core::event::Event;
use nightbell_core::person::Person;

impl Desk {
    /// Handles one event inside a unit of work. Returns the route's name for the figures.
    pub async fn route(&self, tx: &mut Tx<'_>, event: &Event) -> Result<&'static str> {
        match event {
            Event::Chat(inbound) => self.chat(tx, inbound).await,
            Event::Alert(alert) => self.alert(tx, alert).await,
            Event::Webhook { name, id, body } => self.webhook(tx, name, id, body).await,
            Event::Console { person, what } => {
                let who = self.person(&person.0);
                match what {
                    What::Press { token, value } => self.press(tx, &who, token, value.as_deref()).await,
                    What::Command { line } => self.command(tx, &who, &console_conv(&who), line, Way::Slash).await,
                    _ => Ok("ignored"),
                }
            }
            Event::ActionResult { run, path, attempt, outcome } => {
                tx.urgent();
                self.action_result(tx, run, path, *attempt, outcome.clone()).await?;
                Ok("action_result")
            }
            Event::PageResult { page, target, error } => {
                tx.urgent();
                self.page_result(tx, page, target, error.as_deref()).await?;
                Ok("page_result")
            }
        }
    }

    async fn chat(&self, tx: &mut Tx<'_>, inbound: &Inbound) -> Result<&'static str> {
        let who = self.identify(inbound);
        let conv = &inbound.conv;
        if self.is_foreign(inbound) {
            return self.foreigner(tx, inbound);
        }
        match &inbound.what {
            What::Press { token, value } => self.press(tx, &who, token, value.as_deref()).await,
            What::Command { line } => self.command(tx, &who, conv, line, Way::Slash).await,
            What::Reported(msg) => self.report(tx, &who, conv, msg).await,
            What::Message(msg) if conv.kind == ConvKind::Dm => self.direct(tx, &who, conv, msg).await,
            What::Message(msg) if msg.to_bot => self.mention(tx, &who, conv, msg).await,
            What::Message(msg) => self.overheard(tx, &who, conv, msg).await,
            What::Reaction { message, emoji, added } => self.reaction(tx, &who, conv, message, emoji, *added).await,
            What::Home => self.home(tx, &who, inbound).await,
            What::Other { .. } => Ok("other"),
        }
    }

    /// A direct message: a mail, an answer to an open question, a command, else a question about policy.
    async fn direct(&self, tx: &mut Tx<'_>, who: &Person, conv: &Conv, msg: &Msg) -> Result<&'static str> {
        if Self::looks_like_mail(msg) {
            return self.report(tx, who, conv, msg).await;
        }
        let text = msg.text.trim();
        if text.is_empty() {
            return self.command(tx, who, conv, "", Way::Words).await;
        }
        let line = text.strip_prefix('/').map_or(text, |t| t.strip_prefix("nb ").unwrap_or(t));
        let slashed = text.starts_with('/');
        if !slashed && let Some(route) = self.words_for_prompt(tx, who, text).await? {
            return Ok(route);
        }
        if slashed || command::recognised(line) || self.names_playbook(line) {
            return self.command(tx, who, conv, line, Way::Words).await;
        }
        if crate::listen::sounds_like_worry(text, &self.policy.load().listen.phrases) {
            return self.worry(tx, who, text).await;
        }
        self.ask(tx, who, To::Person(who.id.clone()), text).await
    }

    /// The bot was mentioned in a channel: the answer goes into the thread.
    async fn mention(&self, tx: &mut Tx<'_>, who: &Person, conv: &Conv, msg: &Msg) -> Result<&'static str> {
        let mut conv = conv.clone();
        if conv.thread.is_none() && !msg.id.is_empty() {
            conv.thread = Some(msg.id.clone());
        }
        let text = msg.text.trim();
        if text.is_empty() || command::recognised(text) || self.names_playbook(text) {
            return self.command(tx, who, &conv, text, Way::Words).await;
        }
        self.ask(tx, who, To::Conv(conv), text).await
    }
}

/// Where answers to a console command go: to the person, by direct message.
fn console_conv(who: &Person) -> Conv {
    Conv { platform: "console".to_owned(), id: who.id.0.clone(), kind: ConvKind::Dm, thread: None }
}
