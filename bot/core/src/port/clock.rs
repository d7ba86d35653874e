//! Time. Only implementations of this port may ask the machine what time it is.

use async_trait::async_trait;
use jiff::Timestamp;

/// Wall clock and sleep.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now, in UTC. May step backwards when the machine's clock is set.
    fn now(&self) -> Timestamp;
    /// Returns once `now() >= at`. Wakes late after a suspend, never early.
    async fn sleep_until(&self, at: Timestamp);
}
