//! A circuit breaker: after several failures in a row a service is left alone for a while, then asked once.
//!
//! Kept in memory on purpose: after a restart, asking once is right.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls go through; so many have failed in a row.
    Closed { failures: u32 },
    /// No calls since this instant.
    Open { since: Timestamp },
    /// One probe is under way since this instant.
    Probing { since: Timestamp },
}

/// State machine on instants given by the caller. One per service and lane.
#[derive(Debug, Clone)]
pub struct Breaker {
    threshold: u32,
    cool_down: Duration,
    state: State,
}

impl Breaker {
    /// Opens after `threshold` failures in a row (at least one) and stays open for `cool_down`.
    pub const fn new(threshold: u32, cool_down: Duration) -> Self {
        let threshold = if threshold == 0 { 1 } else { threshold };
        Self { threshold, cool_down, state: State::Closed { failures: 0 } }
    }

    /// Whether a call may go out now; when not, how long to wait before asking again.
    ///
    /// After the cool-down exactly one caller gets through, the probe. When nobody reports how the probe ended (its
    /// task was dropped), another is let through after one more cool-down.
    pub fn allow(&mut self, now: Timestamp) -> Result<(), Duration> {
        let since = match self.state {
            State::Closed { .. } => return Ok(()),
            State::Open { since } | State::Probing { since } => since,
        };
        let passed = now.duration_since(since);
        if passed.is_negative() {
            // The clock was set back. Counting from the new time bounds the wait by one cool-down.
            self.state = State::Open { since: now };
            return Err(self.cool_down);
        }
        let left = SignedDuration::try_from(self.cool_down).unwrap_or(SignedDuration::MAX) - passed;
        if left > SignedDuration::ZERO {
            return Err(Duration::try_from(left).unwrap_or(self.cool_down));
        }
        self.state = State::Probing { since: now };
        Ok(())
    }

    /// A call went well: closed again.
    pub const fn success(&mut self) {
        self.state = State::Closed { failures: 0 };
    }

    /// A call failed in a way that says the service is unwell (no answer, 5xx); refusals of one call do not count.
    pub const fn failure(&mut self, now: Timestamp) {
        self.state = match self.state {
            State::Closed { failures } if failures + 1 < self.threshold => State::Closed { failures: failures + 1 },
            // A straggler that began before the opening does not prolong it.
            State::Open { since } => State::Open { since },
            State::Closed { .. } | State::Probing { .. } => State::Open { since: now },
        };
    }

    /// Whether calls are held back, for the health page.
    pub const fn is_open(&self) -> bool {
        !matches!(self.state, State::Closed { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COOL: Duration = Duration::from_secs(30);

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + s).expect("instant")
    }

    #[test]
    fn it_opens_probes_and_closes() {
        let mut b = Breaker::new(3, COOL);
        b.failure(at(0));
        b.failure(at(0));
        b.success();
        b.failure(at(1));
        b.failure(at(1));
        assert_eq!(b.allow(at(1)), Ok(()), "two in a row are not three");
        b.failure(at(1));
        assert!(b.is_open());
        assert_eq!(b.allow(at(11)), Err(Duration::from_secs(20)));
        assert_eq!(b.allow(at(31)), Ok(()), "the probe");
        assert_eq!(b.allow(at(32)), Err(Duration::from_secs(29)), "only one probe");
        b.failure(at(33));
        assert_eq!(b.allow(at(34)), Err(Duration::from_secs(29)));
        assert_eq!(b.allow(at(63)), Ok(()));
        b.success();
        assert!(!b.is_open());
        assert_eq!(b.allow(at(63)), Ok(()));
    }

    #[test]
    fn a_lost_probe_does_not_close_the_door_for_ever() {
        let mut b = Breaker::new(1, COOL);
        b.failure(at(0));
        assert_eq!(b.allow(at(30)), Ok(()));
        assert!(b.allow(at(59)).is_err());
        assert_eq!(b.allow(at(60)), Ok(()));
    }

    #[test]
    fn a_clock_set_back_costs_one_cool_down_at_most() {
        let mut b = Breaker::new(1, COOL);
        b.failure(at(100_000));
        assert_eq!(b.allow(at(0)), Err(COOL));
        assert_eq!(b.allow(at(30)), Ok(()));
    }

    proptest! {
        /// Whatever happens: it never waits longer than the cool-down, and after waiting it lets somebody through.
        #[test]
        fn it_always_recovers(events in proptest::collection::vec((0u8..3, -100i64..100), 0..60)) {
            let mut b = Breaker::new(2, COOL);
            let mut now = 0;
            for (what, step) in events {
                now += step;
                match what {
                    0 => b.success(),
                    1 => b.failure(at(now)),
                    _ => { let _ = b.allow(at(now)); }
                }
            }
            if let Err(wait) = b.allow(at(now)) {
                prop_assert!(wait <= COOL);
                let later = at(now).checked_add(SignedDuration::try_from(wait).expect("short")).expect("instant");
                prop_assert_eq!(b.allow(later), Ok(()));
            }
        }
    }
}
