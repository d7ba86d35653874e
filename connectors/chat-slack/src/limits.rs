//! How fast we may speak. Slack's rules: one message per second and channel with short bursts, a few hundred messages per
//! minute and workspace, and a tier per method; a 429 names the wait, which is kept to the second.

use jiff::{SignedDuration, Timestamp};
use nightbell_connector_kit::bucket::Bucket;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Messages at once in one channel, before the one per second.
const BURST: u32 = 3;
/// Channels remembered; a channel that is forgotten starts with a full bucket.
const MOST: usize = 20_000;
/// Longest wait that is believed.
const LONGEST: Duration = Duration::from_hours(1);

/// Calls per minute of a method, rounded down from its tier (tier 2: 20, tier 3: 50, tier 4: 100).
fn tier(method: &str) -> u32 {
    match method {
        "chat.postMessage" | "chat.postEphemeral" => 240,
        "users.info" | "conversations.members" | "files.info" | "download" | "views.publish" | "views.open" => 100,
        "apps.connections.open" | "conversations.create" | "conversations.list" | "usergroups.users.list" => 20,
        _ => 50,
    }
}

struct Inner {
    methods: HashMap<String, Bucket>,
    channels: HashMap<String, Bucket>,
    /// Messages that may wait: so many a minute, however much room there is.
    bulk: Bucket,
    /// Until when a method must not be called at all.
    blocked: HashMap<String, Timestamp>,
}

/// All buckets.
pub(crate) struct Limits(Mutex<Inner>);

impl Default for Limits {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            methods: HashMap::new(),
            channels: HashMap::new(),
            bulk: Bucket::new(5, Duration::from_millis(1_200)),
            blocked: HashMap::new(),
        }))
    }
}

impl Limits {
    /// Whether a call may be made now; else how long to wait.
    pub(crate) fn take(&self, method: &str, channel: Option<&str>, now: Timestamp) -> Result<(), Duration> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(until) = inner.blocked.get(method).copied() {
            if until > now {
                return Err(Duration::try_from(until.duration_since(now)).unwrap_or_default());
            }
            inner.blocked.remove(method);
        }
        let per_minute = tier(method);
        if let Some(channel) = channel {
            if inner.channels.len() >= MOST {
                inner.channels.clear();
            }
            let bucket = inner.channels.entry(channel.to_owned());
            bucket.or_insert_with(|| Bucket::new(BURST, Duration::from_secs(1))).take(now)?;
        }
        let bucket = inner.methods.entry(method.to_owned());
        let every = Duration::from_millis(60_000 / u64::from(per_minute));
        bucket.or_insert_with(|| Bucket::new(per_minute / 4, every)).take(now)
    }

    /// Whether a message that may wait is let through now. A thousand quizzes must never stand before one page.
    pub(crate) fn take_bulk(&self, now: Timestamp) -> Result<(), Duration> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bulk.take(now)
    }

    /// Slack asked us to wait: nothing of this method leaves before.
    pub(crate) fn blocked(&self, method: &str, after: Duration, now: Timestamp) {
        let wait = SignedDuration::try_from(after.min(LONGEST)).unwrap_or(SignedDuration::ZERO);
        let until = now.checked_add(wait).unwrap_or(now);
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = inner.blocked.entry(method.to_owned()).or_insert(until);
        *entry = (*entry).max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + ms).expect("instant")
    }

    #[test]
    fn a_wait_is_kept_to_the_second() {
        let l = Limits::default();
        assert_eq!(l.take("chat.postMessage", Some("C1"), at(0)), Ok(()));
        l.blocked("chat.postMessage", Duration::from_secs(30), at(0));
        assert_eq!(l.take("chat.postMessage", Some("C2"), at(29_999)), Err(Duration::from_millis(1)));
        assert_eq!(l.take("chat.update", None, at(0)), Ok(()), "other methods go on");
        l.blocked("chat.postMessage", Duration::from_secs(1), at(0));
        assert!(l.take("chat.postMessage", Some("C2"), at(5_000)).is_err(), "a shorter wait does not end a longer one");
        assert_eq!(l.take("chat.postMessage", Some("C2"), at(30_000)), Ok(()));
    }

    #[test]
    fn one_message_per_second_and_channel_after_a_burst() {
        let l = Limits::default();
        let sent = (0..10).filter(|_| l.take("chat.postMessage", Some("C1"), at(0)).is_ok()).count();
        assert_eq!(sent, BURST as usize);
        assert_eq!(l.take("chat.postMessage", Some("C2"), at(0)), Ok(()), "other channels are not held up");
        assert_eq!(l.take("chat.postMessage", Some("C1"), at(1_000)), Ok(()));
    }
}
