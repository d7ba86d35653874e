//! A clock that only the test moves.

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_core::port::clock::Clock;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// A settable clock. Who sleeps on it wakes when the test moves it; with [`TestClock::jumping`] a sleep itself moves
/// it, for worlds of one thread where nobody else could.
#[derive(Debug)]
pub struct TestClock {
    now: watch::Sender<Timestamp>,
    jumps: AtomicBool,
}

impl TestClock {
    /// Starts at an instant.
    pub fn new(at: Timestamp) -> Self {
        Self { now: watch::Sender::new(at), jumps: AtomicBool::new(false) }
    }

    /// Whether a sleep moves the clock instead of waiting.
    #[must_use]
    pub fn jumping(self) -> Self {
        self.jumps.store(true, Ordering::Relaxed);
        self
    }

    /// Sets it, forwards or backwards.
    pub fn set(&self, at: Timestamp) {
        self.now.send_replace(at);
    }

    /// Moves it forwards to `at`; an earlier instant changes nothing.
    pub fn reach(&self, at: Timestamp) {
        self.now.send_if_modified(|now| {
            let later = at > *now;
            if later {
                *now = at;
            }
            later
        });
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, at: Timestamp) {
        if self.jumps.load(Ordering::Relaxed) {
            self.reach(at);
            return;
        }
        let mut changed = self.now.subscribe();
        let _ = changed.wait_for(|now| *now >= at).await;
    }
}
