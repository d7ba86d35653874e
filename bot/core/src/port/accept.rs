//! The way in. Connectors and webhooks hand over what they verified; only then do they acknowledge it.

use crate::code::Code;
use crate::event::Event;
use async_trait::async_trait;

/// It is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accepted {
    /// For the first time.
    New,
    /// It was there already; acknowledge it again, nothing runs twice.
    Duplicate,
}

/// It could not be kept: answer so that the platform retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {why}")]
pub struct Refused {
    /// For the operator.
    pub code: Code,
    /// Safe to show.
    pub why: String,
    /// Seconds after which a retry makes sense.
    pub retry_after: u32,
}

/// The inbox.
#[async_trait]
pub trait Accept: Send + Sync {
    /// Keeps the event durably. `source` names the connector, `dedupe` is the platform's own event id: the same
    /// pair is kept once for at least 24 hours. `raw` is what came over the wire, kept beside it for inspection.
    async fn accept(&self, source: &str, dedupe: &str, event: Event, raw: &[u8]) -> Result<Accepted, Refused>;

    /// Whether the pair is kept already. A connector asks when a repeat comes that it can no longer place, such as a
    /// press of a button that its first delivery took away.
    async fn knows(&self, source: &str, dedupe: &str) -> bool;
}
