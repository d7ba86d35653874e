//! The way in: one durable commit, then the acknowledgement. Nothing else happens here.

use crate::desk::Desk;
use crate::records::{InboxRow, coll};
use async_trait::async_trait;
use nightbell_core::chat::{FileRef, Msg, What};
use nightbell_core::code;
use nightbell_core::event::Event;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::store::{Batch, MAX_KEY, StoreError, time_key};
use nightbell_core::telemetry::Telemetry;
use std::sync::atomic::Ordering;

/// Longest raw text kept beside an event, in bytes: enough to see what a platform sent.
pub const MAX_RAW: usize = 16 * 1024;

/// Prefix of a file handle whose bytes lie among our own blobs.
pub const BLOB: &str = "blob:";

/// Longest text of a message that is kept inside the event, in bytes. A pasted mail is longer and becomes a file.
const MAX_TEXT: usize = 12 * 1024;

/// Longest text of one field of an alert or command that is kept, in bytes of JSON; the raw body beside it has more.
const MAX_FIELD: usize = 4 * 1024;

/// Most files of one message that are kept.
const MAX_FILES: usize = 20;

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
        let dedupe_key = dedupe_key(source, dedupe);
        let mut raw = String::from_utf8_lossy(raw.get(..raw.len().min(MAX_RAW)).unwrap_or_default()).into_owned();
        cut(&mut raw, MAX_RAW);
        let row = InboxRow {
            source: source.to_owned(),
            dedupe: dedupe_key.clone(),
            event,
            raw,
            at: now,
            tries: 0,
            error: None,
        };
        let mut batch = Batch::default();
        batch.absent(coll::DEDUPE, dedupe_key.clone());
        let written = batch.put(coll::DEDUPE, dedupe_key, &now).and_then(|()| {
            // Two events of one millisecond keep the order in which they came.
            let n = self.bells.arrivals.fetch_add(1, Ordering::Relaxed);
            batch.put(coll::INBOX, format!("{}-{n:08x}-{}", time_key(now), self.ids.fresh()), &row)
        });
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

    async fn knows(&self, source: &str, dedupe: &str) -> bool {
        // A store that cannot answer has not said yes: the connector then treats the event as a new one.
        self.store.get(coll::DEDUPE, &dedupe_key(source, dedupe)).await.is_ok_and(|row| row.is_some())
    }
}

/// The key under which a platform's event id is remembered; one that is too long for a key goes by its digest.
fn dedupe_key(source: &str, dedupe: &str) -> String {
    if dedupe.len() + source.len() > MAX_DEDUPE {
        format!("{source}:{}", nightbell_core::canonical::digest_bytes(dedupe.as_bytes()))
    } else {
        format!("{source}:{dedupe}")
    }
}

/// Bytes of a character inside JSON: the store's limit is on what is written, not on what was sent.
fn weight(c: char) -> usize {
    match c {
        '"' | '\\' => 2,
        c if c < ' ' || c == '\u{7f}' => 6,
        c => c.len_utf8(),
    }
}

/// Cuts a text to so many bytes of JSON.
fn cut(text: &mut String, most: usize) {
    let mut sum = 0;
    let over = text.char_indices().find(|(_, c)| {
        sum += weight(*c);
        sum > most
    });
    if let Some((at, _)) = over {
        text.truncate(at);
    }
}

impl Desk {
    /// Moves a very long text into a file and cuts fields that no honest sender fills, so that the event stays below the
    /// store's record limit: an event that can never be kept would be refused for ever.
    async fn shrink(&self, mut event: Event) -> Result<Event, StoreError> {
        match &mut event {
            Event::Chat(inbound) => {
                for name in [&mut inbound.user.name, &mut inbound.user.email].into_iter().flatten() {
                    cut(name, 512);
                }
                match &mut inbound.what {
                    What::Message(m) | What::Reported(m) => self.shrink_message(m).await?,
                    What::Command { line } => cut(line, MAX_FIELD),
                    What::Press { token, value } => {
                        cut(token, 512);
                        if let Some(v) = value {
                            cut(v, MAX_TEXT);
                        }
                    }
                    What::Reaction { message, emoji, .. } => {
                        cut(message, 512);
                        cut(emoji, 128);
                    }
                    What::Home => {}
                    What::Other { kind } => cut(kind, 512),
                }
            }
            Event::Alert(a) => {
                for text in [&mut a.summary, &mut a.rule.id, &mut a.rule.name] {
                    cut(text, MAX_FIELD);
                }
                for text in [&mut a.user, &mut a.host, &mut a.source_ip].into_iter().flatten() {
                    cut(text, 512);
                }
                cut(&mut a.id, 512);
                a.rule.tags.truncate(64);
                for tag in &mut a.rule.tags {
                    cut(tag, 128);
                }
            }
            Event::Console { what: What::Command { line }, .. } => cut(line, MAX_TEXT),
            _ => {}
        }
        Ok(event)
    }

    async fn shrink_message(&self, m: &mut Msg) -> Result<(), StoreError> {
        m.files.truncate(MAX_FILES);
        for f in &mut m.files {
            cut(&mut f.name, 512);
            cut(&mut f.mime, 128);
        }
        if m.text.chars().map(weight).sum::<usize>() > MAX_TEXT {
            let bytes = std::mem::take(&mut m.text).into_bytes();
            let size = bytes.len() as u64;
            let id = format!("{BLOB}{}", self.store.put_blob(bytes).await?);
            m.files.push(FileRef { id, name: String::new(), mime: "text/plain".to_owned(), size });
        }
        Ok(())
    }
}
