//! Rate limits, and who did not keep to them.
//!
//! Slack, "Rate limits": tiers of 1, 20, 50 and 100 calls per minute for a method and workspace; posting one message
//! per second and channel with short bursts; 429 with Retry-After in whole seconds.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Messages that a channel takes at once.
const BURST: f64 = 3.0;

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Timestamp,
}

/// Buckets per method (and channel, for posting).
#[derive(Debug, Default)]
pub struct Limits {
    /// Whether calls over the limit are refused.
    pub enforce: bool,
    buckets: BTreeMap<String, Bucket>,
    /// Until when a method and channel had been asked to wait.
    wait: BTreeMap<String, Timestamp>,
}

/// Calls per minute of a tier.
fn per_minute(tier: u8) -> f64 {
    match tier {
        1 => 1.0,
        2 => 20.0,
        3 => 50.0,
        _ => 100.0,
    }
}

/// What is limited together: posting (tier 0) per channel, everything else per method.
fn key(method: &str, tier: u8, channel: Option<&str>) -> String {
    format!("{method} {}", channel.filter(|_| tier == 0).unwrap_or_default())
}

impl Limits {
    /// Takes one call from its bucket; seconds to wait when it is empty. Tier 0 is posting: per channel.
    pub fn take(&mut self, now: Timestamp, method: &str, tier: u8, channel: Option<&str>) -> Option<u32> {
        if !self.enforce {
            return None;
        }
        let (rate, size) = match tier {
            0 => (1.0, BURST),
            // As many sockets as Slack allows can be opened at once.
            1 => (per_minute(1) / 60.0, 10.0),
            _ => (per_minute(tier) / 60.0, per_minute(tier)),
        };
        let key = key(method, tier, channel);
        let b = self.buckets.entry(key).or_insert(Bucket { tokens: size, at: now });
        let past = now.duration_since(b.at).as_secs_f64().max(0.0);
        b.tokens = (b.tokens + past * rate).min(size);
        b.at = now;
        if b.tokens >= 1.0 {
            b.tokens -= 1.0;
            return None;
        }
        // The epsilon keeps a wait of exactly one second from becoming two.
        Some((((1.0 - b.tokens) / rate) - 1e-6).ceil().max(1.0) as u32)
    }

    /// Remembers a Retry-After that was answered.
    pub fn told(&mut self, now: Timestamp, method: &str, tier: u8, channel: Option<&str>, seconds: u32) {
        self.wait.insert(key(method, tier, channel), now + SignedDuration::from_secs(i64::from(seconds)));
    }

    /// Whether a call comes before the time it had been told to wait for.
    pub fn too_early(&self, now: Timestamp, method: &str, tier: u8, channel: Option<&str>) -> bool {
        self.wait.get(&key(method, tier, channel)).is_some_and(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
    }

    #[test]
    fn a_channel_takes_a_burst_and_then_one_per_second() {
        let mut l = Limits { enforce: true, ..Limits::default() };
        for _ in 0..3 {
            assert_eq!(l.take(at(0), "chat.postMessage", 0, Some("C1")), None);
        }
        assert_eq!(l.take(at(0), "chat.postMessage", 0, Some("C1")), Some(1));
        assert_eq!(l.take(at(0), "chat.postMessage", 0, Some("C2")), None);
        assert_eq!(l.take(at(999), "chat.postMessage", 0, Some("C1")), Some(1));
        assert_eq!(l.take(at(1_000), "chat.postMessage", 0, Some("C1")), None);
    }

    #[test]
    fn the_wait_that_is_told_is_enough_and_a_second_less_is_not() {
        let mut l = Limits { enforce: true, ..Limits::default() };
        for _ in 0..20 {
            assert_eq!(l.take(at(0), "conversations.create", 2, None), None);
        }
        assert_eq!(l.take(at(0), "conversations.create", 2, None), Some(3));
        assert!(l.take(at(2_000), "conversations.create", 2, None).is_some());
        assert_eq!(l.take(at(3_000), "conversations.create", 2, None), None);
    }

    #[test]
    fn who_comes_too_early_is_seen() {
        let mut l = Limits::default();
        l.told(at(0), "chat.postMessage", 0, Some("C1"), 2);
        assert!(l.too_early(at(1_999), "chat.postMessage", 0, Some("C1")));
        assert!(!l.too_early(at(1_999), "chat.postMessage", 0, Some("C2")));
        assert!(!l.too_early(at(2_000), "chat.postMessage", 0, Some("C1")));
        l.told(at(0), "chat.update", 3, Some("C1"), 2);
        assert!(l.too_early(at(1_999), "chat.update", 3, Some("C2")), "the limit is one of the method");
    }
}
