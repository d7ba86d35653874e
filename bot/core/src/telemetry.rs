//! What the bot tells about itself: typed, counted and logged in one place, never with text of people.

/// One thing worth counting. Fields are ids and words of a fixed set only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Telemetry {
    /// An event was kept and acknowledged.
    Accepted {
        /// Connector or webhook.
        source: String,
        /// True when it was a repeat.
        duplicate: bool,
    },
    /// An event could not be kept and was refused so that the platform retries.
    Refused {
        /// Connector or webhook.
        source: String,
        /// Error code.
        code: &'static str,
    },
    /// An event was handled.
    Handled {
        /// What it was routed to.
        route: &'static str,
        /// Microseconds from pick-up to commit.
        micros: u64,
    },
    /// An event could not be handled; it stays visible.
    HandlerFailed {
        /// Error code.
        code: &'static str,
        /// Inbox key.
        key: String,
    },
    /// A message left.
    Sent {
        /// Platform.
        platform: String,
    },
    /// A message could not be delivered this time.
    SendFailed {
        /// Platform.
        platform: String,
        /// Whether it is tried again.
        retry: bool,
    },
    /// An outside action was called.
    ActionCalled {
        /// `connector.action`.
        action: String,
        /// `done`, `failed` or `unknown`.
        outcome: &'static str,
    },
    /// A timer fired.
    TimerFired {
        /// What it was for.
        kind: &'static str,
        /// How late, in milliseconds.
        late_ms: u64,
    },
    /// A page went to a level of the ladder.
    Paged {
        /// Level, from 1.
        level: u32,
    },
    /// The store changed its state.
    Store {
        /// `healthy`, `full`, `failing`.
        state: &'static str,
    },
}

/// Takes what the rooms tell. Implementations never block and never fail.
pub trait Observer: Send + Sync {
    /// Counts and logs one thing.
    fn tell(&self, what: Telemetry);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn tell(&self, _what: Telemetry) {}
}
