//! Outside actions.

use crate::action::{Call, Manifest, Outcome};
use async_trait::async_trait;

/// A connector that can do things.
#[async_trait]
pub trait Actions: Send + Sync {
    /// What it can do.
    fn manifests(&self) -> Vec<Manifest>;
    /// Does one. Never longer than the manifest's deadline. A time-out after the request left is
    /// [`Outcome::Unknown`] unless the action is idempotent by key or nature.
    async fn call(&self, call: &Call) -> Outcome;
}
