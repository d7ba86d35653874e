//! Where a message goes: the platform, the account, the place, and what is said when it comes late.

use crate::desk::Desk;
use crate::outbox::AMEND_MS;
use crate::records::{OutboxRow, SentRow, coll};
use crate::tx::Tx;
use nightbell_core::chat::{Block, Card, Conv, Outbound, To};
use nightbell_core::ids::CaseId;
use nightbell_core::person::Person;
use nightbell_core::port::chat::{Chat, Delivery, MsgRef, Place, SendError};
use nightbell_core::port::pager::PageText;
use nightbell_core::port::store::StoreError;
use std::sync::Arc;

/// Platforms in the order in which somebody is looked for who never wrote to the bot.
const PREFERRED: [&str; 4] = ["slack", "teams", "discord", "local"];

/// Delays from so many minutes on are told to the reader.
const LATE_MINUTES: i64 = 2;

fn missing(what: &str) -> SendError {
    SendError::Never(format!("{what} is not reachable on any platform"))
}

/// Key of a message in a channel.
pub(crate) fn posted_key(platform: &str, msg: &str) -> String {
    format!("{platform}/{msg}")
}

impl Desk {
    /// Remembers which case a message in a channel is about.
    pub(crate) fn posted(
        &self,
        tx: &mut Tx<'_>,
        case: Option<CaseId>,
        m: &Outbound,
        platform: &str,
        msg: Option<&MsgRef>,
    ) -> Result<(), StoreError> {
        if let (Some(case), Some(msg), To::Conv(_) | To::Channel(_), None) = (case, msg, &m.to, &m.replaces) {
            let row = crate::records::PostedRow { case, at: tx.now };
            tx.put(coll::POSTED, posted_key(platform, &msg.0), &row)?;
        }
        Ok(())
    }

    /// Shows a message to whom it is for; `None` when there was nothing to show any more.
    pub(crate) async fn send_message(
        &self,
        row: &OutboxRow,
        m: &Outbound,
    ) -> Result<Option<(String, MsgRef)>, SendError> {
        let replaces = match &m.replaces {
            Some(key) => match self.store.get(coll::SENT, key).await {
                Ok(Some(r)) => match r.decode::<SentRow>().ok().and_then(|s| Some((s.platform, s.msg?))) {
                    Some(there) => Some(there),
                    // The first copy could never be delivered: there is nothing to change.
                    None => return Ok(None),
                },
                // The first copy is still under way: it must not arrive after what replaces it.
                Ok(None) => {
                    return Err(SendError::Later {
                        why: "the message it changes has not left yet".to_owned(),
                        after_ms: AMEND_MS,
                    });
                }
                Err(e) => return Err(SendError::Later { why: e.to_string(), after_ms: 500 }),
            },
            None => None,
        };
        let placed = self.place(m).await;
        let (chat, place, replaces) = match replaces {
            // It is changed where it stands, wherever the person is reached by now; an account that is nobody's any more
            // still shows it.
            Some((platform, msg)) => match (self.chats.get(&platform), placed) {
                (Some(chat), Ok((at, place))) if at.platform() == chat.platform() => (at, place, Some(msg)),
                (Some(chat), Ok(_) | Err(SendError::Never(_))) => {
                    (Arc::clone(chat), Place::User(String::new()), Some(msg))
                }
                (_, placed) => placed.map(|(at, place)| (at, place, None))?,
            },
            None => placed.map(|(at, place)| (at, place, None))?,
        };
        let late = self.lateness(row, m);
        let card = late.as_ref().unwrap_or(&m.card);
        // An earlier try may have arrived: one that failed in between, or one of the process before this.
        let doubt = (row.tries > 0 || row.at < self.started).then_some(row.at);
        let d = Delivery { key: &m.key, to: &place, card, replaces: replaces.as_ref(), doubt, bulk: m.bulk };
        let sent = chat.send(d).await?;
        Ok(Some((chat.platform().to_owned(), sent)))
    }

    /// The card with a word about its delay, when there was one worth telling.
    fn lateness(&self, row: &OutboxRow, m: &Outbound) -> Option<Card> {
        if row.tries == 0 || m.replaces.is_some() {
            return None;
        }
        let minutes = self.clock.now().duration_since(row.at).as_mins();
        if minutes < LATE_MINUTES {
            return None;
        }
        let lang = match &m.to {
            To::Person(id) | To::Only { person: id, .. } => self.person(&id.0).lang,
            _ => "en".to_owned(),
        };
        let text = self.texts.get(&lang, "sent-late", &[("minutes", minutes.to_string())]);
        Some(m.card.clone().with(Block::Context(text)))
    }

    async fn place(&self, m: &Outbound) -> Result<(Arc<dyn Chat>, Place), SendError> {
        match &m.to {
            To::Person(id) => {
                let person = self.person(&id.0);
                let (chat, user) = self.reach(&person).await?;
                Ok((chat, Place::User(user)))
            }
            To::Home { person, platform } => {
                let person = self.person(&person.0);
                let chat = self.chats.get(platform).filter(|c| c.capabilities().home);
                let user = self.account(platform, &person);
                match (chat, user) {
                    (Some(chat), Some(user)) => Ok((Arc::clone(chat), Place::Home(user))),
                    _ => Err(SendError::Never(format!("{platform} has no page for {}", person.name))),
                }
            }
            To::Channel(name) => {
                let conv = self.channel(name).ok_or_else(|| missing(&format!("the channel {name}")))?;
                self.in_conv(&conv, None)
            }
            To::Conv(conv) => self.in_conv(conv, None),
            To::Only { person, conv } => {
                let person = self.person(&person.0);
                match self.chats.get(&conv.platform) {
                    Some(chat) if chat.capabilities().ephemeral => self.in_conv(conv, Some(&person)),
                    _ => self.reach(&person).await.map(|(chat, user)| (chat, Place::User(user))),
                }
            }
        }
    }

    /// A person's account on a platform: configured, or found earlier.
    pub(crate) fn account(&self, platform: &str, person: &Person) -> Option<String> {
        person.accounts.get(platform).cloned().or_else(|| self.accounts.of(platform, person))
    }

    /// Where a person is reached: where they wrote last, else the first connected platform on which they have an account,
    /// which is looked for by their address when nobody configured it.
    async fn reach(&self, person: &Person) -> Result<(Arc<dyn Chat>, String), SendError> {
        let loaded = self.accounts.load(&*self.store).await;
        loaded.map_err(|e| SendError::Later { why: e.to_string(), after_ms: 500 })?;
        let last = self.accounts.last(&person.id);
        let mut order: Vec<&str> = last.as_deref().into_iter().collect();
        order.extend(PREFERRED.iter().filter(|p| last.as_deref() != Some(**p)));
        order.extend(self.chats.keys().map(String::as_str).filter(|p| !PREFERRED.contains(p)));
        let mut later = None;
        for platform in order {
            let Some(chat) = self.chats.get(platform) else { continue };
            if let Some(user) = self.account(platform, person) {
                return Ok((Arc::clone(chat), user));
            }
            if !chat.capabilities().profiles || !person.listed {
                continue;
            }
            for email in &person.emails {
                match chat.find(email).await {
                    Ok(Some(profile)) if !profile.gone && !profile.guest && !profile.foreign => {
                        let user = profile.id.clone();
                        let known = self.accounts.get(platform, &user);
                        if known.as_ref().is_some_and(|k| k.disputed.is_some()) {
                            continue;
                        }
                        let kept = self.keep_account(platform, profile, known).await;
                        kept.map_err(|e| SendError::Later { why: e.to_string(), after_ms: 500 })?;
                        return Ok((Arc::clone(chat), user));
                    }
                    Ok(_) | Err(SendError::Never(_)) => {}
                    Err(e) => later = Some(e),
                }
            }
        }
        Err(later.unwrap_or_else(|| missing(&person.name)))
    }

    fn in_conv(&self, conv: &Conv, only_for: Option<&Person>) -> Result<(Arc<dyn Chat>, Place), SendError> {
        let chat = self
            .chats
            .get(&conv.platform)
            .ok_or_else(|| SendError::Never(format!("the platform {} is not connected", conv.platform)))?;
        let only_for = match only_for {
            // Without an account there, what is for one person must not be shown to all.
            Some(p) => Some(self.account(&conv.platform, p).ok_or_else(|| missing(&p.name))?),
            None => None,
        };
        let place = Place::Channel { id: conv.id.clone(), thread: conv.thread.clone(), only_for };
        Ok((Arc::clone(chat), place))
    }

    /// Pages a target that is not chat.
    pub(crate) async fn send_page(&self, target: &str, text: &PageText) -> Result<(), SendError> {
        match self.pagers.iter().find(|p| p.name() == target) {
            Some(p) => p.page(text).await,
            None => Err(SendError::Never(format!("{target} is not configured"))),
        }
    }
}
