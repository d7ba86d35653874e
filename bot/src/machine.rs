//! The real clock and the real dice: the only place that asks the machine.

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::Rng;
use std::time::Duration;

/// Longest single sleep: after it the wall clock is looked at again, so a clock that was set is noticed.
const NAP: Duration = Duration::from_secs(30);

/// Wall clock.
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock port")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep_until(&self, at: Timestamp) {
        loop {
            let left = at.duration_since(self.now());
            if left.is_negative() || left.is_zero() {
                return;
            }
            tokio::time::sleep(Duration::try_from(left).unwrap_or(NAP).min(NAP)).await;
        }
    }
}

/// Dice of the operating system.
pub struct OsRng;

impl Rng for OsRng {
    #[expect(clippy::disallowed_methods, reason = "this is the randomness port")]
    #[expect(clippy::expect_used, reason = "without randomness no token is safe; stopping is the only answer")]
    fn fill(&self, buf: &mut [u8]) {
        getrandom::fill(buf).expect("the operating system gives randomness");
    }
}
