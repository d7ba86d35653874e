//! The way in: one durable commit, then the acknowledgement. Nothing else happens here.

use crate::desk::Desk;
use crate::records::{InboxRow, coll};
use async_trait::async_trait;
use nightbell_core::chat::{FileRef, What};
use nightbell_core::code;
use nightbell_core::event::Event;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::store::{Batch, MAX_KEY, StoreError, time_key};
use nightbell_core::telemetry::Telemetry;

/// Longest raw text kept beside an event, in bytes: enough to see what a platform sent.
pub const MAX_RAW: usize = 16 * 1024;

/// Prefix of a file handle whose bytes lie among our own blobs.
pub const BLOB: &str = "blob:";

/// Longest text of a message that is kept inside the event, in bytes. A pasted mail is longer and becomes a file.
const MAX_TEXT: usize = 12 * 1024;

/// Longest part of a dedupe key that is kept as it is; longer ones are kept as their digest.
const MAX_DEDUPE: usize = MAX_KEY / 2;

#[async_trait]
impl Accept for Desk {
    async fn accept(&self, source: &str, dedupe: &str, event: Event, raw: &[u8]) -> Result<Accepted, Refused> {
        let now = self.clock.now();
        let event = self.shrink(event).await.map_err(|e| Refused {
            code: code::ACCEPT_REFUSED,
            why: e.to_string(),
            retry_after: 10,
        })?;
        let dedupe_key = if dedupe.len() + source.len() > MAX_DEDUPE {
            format!("{source}:{}", nightbell_core::canonical::digest_bytes(dedupe.as_bytes()))
        } else {
            format!("{source}:{dedupe}")
        };
        let row = InboxRow {
            source: source.to_owned(),
            dedupe: dedupe_key.clone(),
            event,
            raw: String::from_utf8_lossy(&raw[..raw.len().min(MAX_RAW)]).into_owned(),
            at: now,
            tries: 0,
            error: None,
        };
        let mut batch = Batch::default();
        batch.absent(coll::DEDUPE, dedupe_key.clone());
        let written = batch
            .put(coll::DEDUPE, dedupe_key, &now)
            .and_then(|()| batch.put(coll::INBOX, format!("{}-{}", time_key(now), self.ids.fresh()), &row));
        let result = match written {
            Ok(()) => self.store.commit(batch).await,
            Err(e) => Err(e),
        };
        match result {
            Ok(_) => {
                self.bells.inbox.notify_one();
                self.observer.tell(Telemetry::Accepted { source: source.to_owned(), duplicate: false });
                Ok(Accepted::New)
            }
            Err(StoreError::Conflict { .. }) => {
                self.observer.tell(Telemetry::Accepted { source: source.to_owned(), duplicate: true });
                Ok(Accepted::Duplicate)
            }
            Err(e) => {
                let code = match e {
                    StoreError::Full(_) => code::STORE_FULL,
                    StoreError::TooBig(_) => code::STORE_TOO_BIG,
                    _ => code::ACCEPT_REFUSED,
                };
                self.observer.tell(Telemetry::Refused { source: source.to_owned(), code: code.0 });
                Err(Refused { code, why: e.to_string(), retry_after: 10 })
            }
        }
    }
}

impl Desk {
    /// Moves a very long text into a file, so that the event stays below the store's record limit.
    async fn shrink(&self, mut event: Event) -> Result<Event, StoreError> {
        if let Event::Chat(inbound) = &mut event {
            match &mut inbound.what {
                What::Message(m) | What::Reported(m) if m.text.len() > MAX_TEXT => {
                    let bytes = std::mem::take(&mut m.text).into_bytes();
                    let size = bytes.len() as u64;
                    let id = format!("{BLOB}{}", self.store.put_blob(bytes).await?);
                    m.files.push(FileRef { id, name: String::new(), mime: "text/plain".to_owned(), size });
                }
                _ => {}
            }
        }
        Ok(event)
    }
}
