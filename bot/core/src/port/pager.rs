//! Ways to wake somebody other than chat.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What the woken person reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageText {
    /// Idempotency key, the same on every try of the same (page, level, round, target).
    pub key: String,
    /// The case's number, such as `C-17`.
    pub case: String,
    /// One line.
    pub title: String,
    /// Who, what, evidence, what was already done.
    pub body: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// Level of the ladder, from 1.
    pub level: u32,
}

/// One configured way, such as a webhook of a paging service.
#[async_trait]
pub trait Pager: Send + Sync {
    /// Name in the ladder's configuration, such as `webhook:pager`.
    fn name(&self) -> &str;
    /// Hands it over. `Ok` means the service took it, not that somebody read it.
    async fn page(&self, page: &PageText) -> Result<(), crate::port::chat::SendError>;
}
