//! Keeping and reading messages.

use crate::message::{From, KEYS, MESSAGES, Message, READ, key};
use crate::{Local, Person};
use nightbell_core::chat::{Conv, ConvKind};
use nightbell_core::port::store::{Batch, Scan, StoreError};
use std::sync::atomic::Ordering;

/// How many messages of a conversation are shown.
pub(crate) const SHOWN: usize = 200;
/// How often a commit is tried again when somebody else was faster.
const TRIES: usize = 8;

/// One entry of the list of conversations.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Room {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) about: String,
    pub(crate) direct: bool,
    pub(crate) unread: usize,
}

/// The direct conversation of a person with the bot.
pub(crate) fn direct(person: &str) -> String {
    format!("dm:{person}")
}

impl Local {
    /// A number that rises with time and is never given out twice by this process.
    pub(crate) fn number(&self) -> u64 {
        let floor = (self.clock.now().as_millisecond().max(0) as u64) << 12;
        let next = |last: u64| Some(floor.max(last + 1));
        match self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) {
            Ok(last) | Err(last) => floor.max(last + 1),
        }
    }

    pub(crate) fn id_of(number: u64) -> String {
        format!("{number:016x}")
    }

    /// Whether a person may read and write there.
    pub(crate) fn may_enter(&self, person: &Person, conv: &str) -> bool {
        if conv == direct(&person.id) {
            return true;
        }
        let channel = self.options.channels.iter().find(|c| c.id == conv);
        channel.is_some_and(|c| c.only.is_empty() || c.only.iter().any(|r| person.roles.contains(r)))
    }

    pub(crate) fn conv(conv: &str, thread: Option<&str>) -> Conv {
        let kind = if conv.starts_with("dm:") { ConvKind::Dm } else { ConvKind::Channel };
        Conv { platform: crate::PLATFORM.to_owned(), id: conv.to_owned(), kind, thread: thread.map(str::to_owned) }
    }

    /// The conversations of a person, the direct one first.
    pub(crate) async fn rooms(&self, person: &Person) -> Result<Vec<Room>, StoreError> {
        let mut out = vec![Room {
            id: direct(&person.id),
            title: "Nightbell".to_owned(),
            about: "Between you and the bot".to_owned(),
            direct: true,
            unread: 0,
        }];
        out.extend(self.options.channels.iter().filter(|c| self.may_enter(person, &c.id)).map(|c| Room {
            id: c.id.clone(),
            title: c.id.clone(),
            about: c.about.clone(),
            direct: false,
            unread: 0,
        }));
        for room in &mut out {
            let seen = self.seen(&person.id, &room.id).await?;
            let after = Scan { from: key(&room.id, &seen), to: key(&room.id, "~"), limit: 60, reverse: true };
            let new = self.store.scan(MESSAGES, after).await?;
            let own = |m: &Message| m.id > seen && m.from.id != person.id && m.visible_to(&person.id);
            room.unread = new.iter().filter_map(|r| r.decode::<Message>().ok()).filter(own).count();
        }
        Ok(out)
    }

    /// Number of the last message seen; empty when none was.
    pub(crate) async fn seen(&self, person: &str, conv: &str) -> Result<String, StoreError> {
        let record = self.store.get(READ, &key(person, conv)).await?;
        Ok(record.and_then(|r| r.decode::<String>().ok()).unwrap_or_default())
    }

    /// Remembers the last message seen. Losing this costs nothing, so nobody waits for an error here.
    pub(crate) async fn saw(&self, person: &str, conv: &str, id: &str) {
        let mut batch = Batch::default();
        if batch.put(READ, key(person, conv), &id).is_ok()
            && let Err(e) = self.store.commit(batch).await
        {
            tracing::debug!(error = %e, "the read mark was not kept");
        }
    }

    /// The last messages a person may see, oldest first.
    pub(crate) async fn last_messages(&self, person: &str, conv: &str) -> Result<Vec<Message>, StoreError> {
        let records = self.store.scan(MESSAGES, Scan::prefix(&key(conv, ""), SHOWN).reversed()).await?;
        let mut out: Vec<Message> = records.iter().filter_map(|r| r.decode().ok()).collect();
        out.retain(|m| m.visible_to(person));
        out.reverse();
        Ok(out)
    }

    pub(crate) async fn message(&self, key: &str) -> Result<Option<(Message, u64)>, StoreError> {
        let Some(record) = self.store.get(MESSAGES, key).await? else { return Ok(None) };
        Ok(Some((record.decode()?, record.version)))
    }

    /// The message kept under an idempotency key.
    pub(crate) async fn kept(&self, idem: &str) -> Result<Option<String>, StoreError> {
        self.store.get(KEYS, idem).await?.map(|r| r.decode::<String>()).transpose()
    }

    /// Keeps a new message once per idempotency key; returns the key of the message that stands there.
    pub(crate) async fn add(&self, idem: &str, mut message: Message) -> Result<String, StoreError> {
        for _ in 0..TRIES {
            let at = message.key();
            let mut batch = Batch::default();
            batch.absent(KEYS, idem);
            batch.absent(MESSAGES, &at);
            batch.put(KEYS, idem, &at)?;
            batch.put(MESSAGES, &at, &message)?;
            match self.store.commit(batch).await {
                Ok(_) => {
                    self.announce(&message.conv);
                    return Ok(at);
                }
                Err(StoreError::Conflict { .. }) => {
                    if let Some(there) = self.kept(idem).await? {
                        return Ok(there);
                    }
                    // Another process took the number.
                    message.id = Self::id_of(self.number());
                    message.rev.clone_from(&message.id);
                }
                Err(e) => return Err(e),
            }
        }
        Err(StoreError::Io("the conversation is too busy".to_owned()))
    }

    /// Changes a message in place; `idem` makes the change happen once. `None` when the message is gone.
    pub(crate) async fn change(
        &self,
        idem: &str,
        at: &str,
        edit: impl Fn(&mut Message) + Send + Sync,
    ) -> Result<Option<()>, StoreError> {
        for _ in 0..TRIES {
            let Some((mut message, version)) = self.message(at).await? else { return Ok(None) };
            edit(&mut message);
            message.rev = Self::id_of(self.number());
            let mut batch = Batch::default();
            batch.absent(KEYS, idem);
            batch.at(MESSAGES, at, version);
            batch.put(KEYS, idem, &at)?;
            batch.put(MESSAGES, at, &message)?;
            match self.store.commit(batch).await {
                Ok(_) => {
                    self.announce(&message.conv);
                    return Ok(Some(()));
                }
                Err(StoreError::Conflict { .. }) if self.kept(idem).await?.is_some() => return Ok(Some(())),
                Err(StoreError::Conflict { .. }) => {}
                Err(e) => return Err(e),
            }
        }
        Err(StoreError::Io("the message is too busy".to_owned()))
    }

    pub(crate) fn announce(&self, conv: &str) {
        // Nobody listening is fine.
        let _ = self.changed.send(conv.to_owned());
    }

    pub(crate) fn from_person(person: &Person) -> From {
        From { id: person.id.clone(), name: person.name.clone(), bot: false }
    }

    pub(crate) fn from_bot() -> From {
        From { id: "nightbell".to_owned(), name: "Nightbell".to_owned(), bot: true }
    }
}
