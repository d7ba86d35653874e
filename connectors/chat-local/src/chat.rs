//! The platform as the outbox sees it.

use crate::message::Message;
use crate::rooms::direct;
use crate::{Local, PLATFORM};
use async_trait::async_trait;
use nightbell_core::chat::FileRef;
use nightbell_core::port::chat::{Capabilities, Chat, Delivery, FetchError, MsgRef, Place, SendError};
use nightbell_core::port::store::StoreError;

/// Longest text of one message, in characters. Far below the store's limit for one record.
const MAX_TEXT: usize = 12_000;

fn failed(e: &StoreError) -> SendError {
    match e {
        StoreError::TooBig(_) => SendError::Never(e.to_string()),
        _ => SendError::Later { why: e.to_string(), after_ms: 1_000 },
    }
}

#[async_trait]
impl Chat for Local {
    fn platform(&self) -> &str {
        PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            threads: true,
            update: true,
            ephemeral: true,
            home: false,
            profiles: false,
            max_text: MAX_TEXT,
            max_buttons: 25,
        }
    }

    async fn send(&self, d: Delivery<'_>) -> Result<MsgRef, SendError> {
        let Delivery { key, to, card, replaces, .. } = d;
        let idem = format!("out/{key}");
        if let Some(there) = self.kept(&idem).await.map_err(|e| failed(&e))? {
            return Ok(MsgRef(there));
        }
        let now = self.clock.now();
        if let Some(old) = replaces {
            let edit = |m: &mut Message| {
                m.card = Some(card.clone());
                m.text = card.plain();
                m.edited = Some(now);
            };
            if self.change(&idem, &old.0, edit).await.map_err(|e| failed(&e))?.is_some() {
                return Ok(old.clone());
            }
        }
        let (conv, thread, only_for) = match to {
            Place::User(user) if self.person(user).is_some() => (direct(user), None, None),
            Place::Home(_) => return Err(SendError::Never("the local chat has no page of the bot's own".to_owned())),
            Place::User(user) => return Err(SendError::Never(format!("nobody here is called `{user}`"))),
            Place::Channel { id, thread, only_for } => (id.clone(), thread.clone(), only_for.clone()),
        };
        let known = conv
            .strip_prefix("dm:")
            .map_or_else(|| self.options.channels.iter().any(|c| c.id == conv), |p| self.person(p).is_some());
        if !known {
            return Err(SendError::Never(format!("there is no conversation `{conv}`")));
        }
        let id = Self::id_of(self.number());
        let message = Message {
            rev: id.clone(),
            id,
            conv,
            at: now,
            from: Self::from_bot(),
            text: card.plain(),
            card: Some(card.clone()),
            files: Vec::new(),
            thread,
            only_for,
            edited: None,
            chosen: Vec::new(),
            to_bot: false,
        };
        self.add(&idem, message).await.map(MsgRef).map_err(|e| failed(&e))
    }

    async fn fetch(&self, file: &FileRef, cap: u64) -> Result<Vec<u8>, FetchError> {
        if file.size > cap {
            return Err(FetchError::TooBig { cap });
        }
        let bytes = self.store.get_blob(&file.id).await.map_err(|e| FetchError::Later(e.to_string()))?;
        let bytes = bytes.ok_or(FetchError::Gone)?;
        // The declared size is a claim.
        if bytes.len() as u64 > cap { Err(FetchError::TooBig { cap }) } else { Ok(bytes) }
    }
}
