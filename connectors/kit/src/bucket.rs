//! A token bucket for outgoing calls, on instants given by the caller.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Holds up to `capacity` tokens and gets one back every `every`. Starts full.
///
/// Kept as one instant, the moment at which the bucket will be full again (the generic cell rate algorithm): no
/// counters that drift, and nothing to refill.
#[derive(Debug, Clone)]
pub struct Bucket {
    every: SignedDuration,
    capacity: i32,
    full_at: Timestamp,
}

impl Bucket {
    /// `capacity` calls at once (at least one), afterwards one per `every`. A zero `every` limits nothing.
    pub fn new(capacity: u32, every: Duration) -> Self {
        Self {
            every: SignedDuration::try_from(every).unwrap_or(SignedDuration::MAX).min(SignedDuration::from_hours(24)),
            // More than a million at once is no limit any more; the bound keeps the arithmetic below in range.
            capacity: i32::try_from(capacity.clamp(1, 1_000_000)).unwrap_or(1_000_000),
            full_at: Timestamp::MIN,
        }
    }

    /// Takes a token; when there is none, how long until there is one. Nothing is reserved by an error.
    pub fn take(&mut self, now: Timestamp) -> Result<(), Duration> {
        let span = self.every.saturating_mul(self.capacity);
        // A clock that was set back must not empty the bucket for longer than filling it takes.
        let full_at = self.full_at.max(now).min(add(now, span));
        let next = add(full_at, self.every);
        let over = next.duration_since(now).saturating_sub(span);
        if over > SignedDuration::ZERO {
            self.full_at = full_at;
            return Err(Duration::try_from(over).unwrap_or(Duration::MAX));
        }
        self.full_at = next;
        Ok(())
    }

    /// The service said that there was too much: empty from now on, so that the next token comes after one `every`.
    pub fn drain(&mut self, now: Timestamp) {
        self.full_at = add(now, self.every.saturating_mul(self.capacity));
    }
}

fn add(t: Timestamp, d: SignedDuration) -> Timestamp {
    t.checked_add(d).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000_000 + ms).expect("instant")
    }

    #[test]
    fn a_burst_then_the_rate() {
        let mut b = Bucket::new(3, Duration::from_secs(1));
        for _ in 0..3 {
            assert_eq!(b.take(at(0)), Ok(()));
        }
        assert_eq!(b.take(at(0)), Err(Duration::from_secs(1)));
        assert_eq!(b.take(at(400)), Err(Duration::from_millis(600)));
        assert_eq!(b.take(at(1_000)), Ok(()));
        assert!(b.take(at(1_000)).is_err());
        for _ in 0..3 {
            assert_eq!(b.take(at(10_000)), Ok(()), "full again");
        }
        assert!(b.take(at(10_000)).is_err(), "never fuller than full");
    }

    #[test]
    fn a_clock_set_back_does_not_starve() {
        let mut b = Bucket::new(2, Duration::from_secs(1));
        assert_eq!(b.take(at(9_000_000)), Ok(()));
        assert_eq!(b.take(at(0)), Err(Duration::from_secs(1)));
        assert_eq!(b.take(at(1_000)), Ok(()));
    }

    #[test]
    fn drained_means_one_interval_of_silence() {
        let mut b = Bucket::new(5, Duration::from_secs(1));
        b.drain(at(0));
        assert_eq!(b.take(at(0)), Err(Duration::from_secs(1)));
        assert_eq!(b.take(at(1_000)), Ok(()));
    }

    #[test]
    fn edges_do_not_overflow() {
        assert_eq!(Bucket::new(0, Duration::ZERO).take(at(0)), Ok(()));
        let mut b = Bucket::new(u32::MAX, Duration::MAX);
        assert_eq!(b.take(Timestamp::MAX), Ok(()));
        let _ = b.take(Timestamp::MIN);
    }

    proptest! {
        /// In any window of length w at most capacity + w / every tokens are given.
        #[test]
        fn the_rate_holds(capacity in 1u32..10, every in 1u64..500, steps in proptest::collection::vec(0i64..300, 1..200)) {
            let mut b = Bucket::new(capacity, Duration::from_millis(every));
            let (mut now, mut taken) = (0, Vec::new());
            for step in steps {
                now += step;
                if b.take(at(now)).is_ok() {
                    taken.push(now);
                }
            }
            for (i, from) in taken.iter().enumerate() {
                for (j, to) in taken.iter().enumerate().skip(i) {
                    let most = u64::from(capacity) + (to - from) as u64 / every;
                    prop_assert!((j - i + 1) as u64 <= most, "{} tokens in {} ms", j - i + 1, to - from);
                }
            }
        }

        /// A caller who waits as told gets a token.
        #[test]
        fn the_wait_is_enough(capacity in 1u32..5, every in 1u64..500, takes in 1usize..20) {
            let mut b = Bucket::new(capacity, Duration::from_millis(every));
            let mut now = at(0);
            for _ in 0..takes {
                if let Err(wait) = b.take(now) {
                    now = add(now, SignedDuration::try_from(wait).expect("short"));
                    prop_assert_eq!(b.take(now), Ok(()));
                }
            }
        }
    }
}
