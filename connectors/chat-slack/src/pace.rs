//! How soon the next connection is opened: at once when Slack renews one, ever more slowly when something is wrong, and
//! never before Slack's own time.

use nightbell_core::port::random::Rng;
use std::time::Duration;

/// Shortest and longest wait before the next try.
const WAIT: (Duration, Duration) = (Duration::from_millis(500), Duration::from_mins(1));
/// Longest wait of Slack's that is believed.
const MOST_WAIT: Duration = Duration::from_hours(1);
/// A connection that lived so long was a good one: the next trouble begins with the shortest wait.
const GOOD: Duration = Duration::from_secs(10);
/// A connection that is renewed sooner than this is in doubt, and after so many of them in a row we wait.
const SHORT: (Duration, u32) = (Duration::from_secs(1), 3);

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Slack asked for another one, or closed it in order.
    Renew,
    /// It broke, or was silent.
    Broken,
    /// Slack asked us to wait for so long.
    Limited(Duration),
    /// The app may not connect as it is.
    Refused,
    /// We stop.
    Stop,
}

/// A wait with jitter: between half of it and all of it, so that many bots do not come back at the same moment.
pub(crate) fn jitter(rng: &dyn Rng, wait: Duration) -> Duration {
    let mut b = [0u8; 2];
    rng.fill(&mut b);
    wait.mul_f64(0.5 + f64::from(u16::from_le_bytes(b)) / f64::from(u16::MAX) / 2.0)
}

/// How one place for a connection goes on after an end.
#[derive(Debug)]
pub(crate) struct Pace {
    wait: Duration,
    short: u32,
}

impl Pace {
    /// The wait before the next try, before jitter, and what is added to it; None: at once.
    pub(crate) fn after(&mut self, end: End, lived: Duration) -> Option<(Duration, Duration)> {
        if lived >= GOOD {
            self.wait = WAIT.0;
        }
        self.short = if end == End::Renew && lived < SHORT.0 { self.short + 1 } else { 0 };
        match end {
            End::Renew if self.short <= SHORT.1 => return None,
            End::Refused => self.wait = self.wait.max(Duration::from_secs(20)),
            _ => {}
        }
        let wait = self.wait;
        self.wait = (wait * 2).min(WAIT.1);
        Some((wait, if let End::Limited(more) = end { more.min(MOST_WAIT) } else { Duration::ZERO }))
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self { wait: WAIT.0, short: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::port::random::Seeded;

    #[test]
    fn a_place_goes_on_at_once_or_ever_more_slowly() {
        let s = Duration::from_secs;
        let mut p = Pace::default();
        assert_eq!(p.after(End::Renew, s(3_600)), None);
        let waits: Vec<Duration> = (0..9).filter_map(|_| p.after(End::Broken, s(0))).map(|(w, _)| w).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0].map(Duration::from_secs_f64));
        // A connection that was good for a while forgets the trouble before it.
        assert_eq!(p.after(End::Broken, GOOD), Some((WAIT.0, s(0))));
        assert_eq!(p.after(End::Limited(s(37)), s(0)), Some((s(1), s(37))));
        assert_eq!(p.after(End::Refused, s(0)), Some((s(20), s(0))));
        // Greeted and sent away, again and again.
        let mut p = Pace::default();
        let at_once = (0..10).take_while(|_| p.after(End::Renew, s(0)).is_none()).count();
        assert_eq!(at_once, 3);
        assert_eq!(p.after(End::Renew, s(0)), Some((s(1), s(0))));
        assert_eq!(p.after(End::Renew, s(2)), None);
    }

    #[test]
    fn waits_differ_and_stay_between_half_and_whole() {
        let rng = Seeded::new(3);
        let waits: Vec<Duration> = (0..50).map(|_| jitter(&rng, Duration::from_secs(10))).collect();
        assert!(waits.iter().all(|w| (5..=10).contains(&w.as_secs())), "{waits:?}");
        assert!(waits.iter().any(|w| *w != waits[0]));
    }
}
