//! Leases on records, in memory: one process owns the data, so nobody else could hold one.

use jiff::Timestamp;
use std::collections::HashMap;
use std::time::Duration;

#[derive(Debug)]
struct Lease {
    token: u64,
    /// Nanoseconds since 1970.
    until: i128,
}

/// Who holds what. A lease that ran out stays valid for its fence until somebody else claims the record: nobody
/// was let in between, so finishing late is harmless.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    held: HashMap<&'static str, HashMap<String, Lease>>,
    last_token: u64,
}

impl Claims {
    /// Starts with tokens above those of every earlier `epoch`.
    pub fn new(epoch: u64) -> Self {
        Self { held: HashMap::new(), last_token: epoch << 32 }
    }

    /// Whether there are no leases at all.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether somebody holds the record at `now`.
    pub fn is_held(&self, coll: &str, key: &str, now: Timestamp) -> bool {
        self.lease(coll, key).is_some_and(|lease| lease.until > now.as_nanosecond())
    }

    /// Gives the record to a new holder and returns the token; earlier tokens stop being valid.
    pub fn take(&mut self, coll: &'static str, key: &str, now: Timestamp, lease: Duration) -> u64 {
        self.last_token += 1;
        let until = now.as_nanosecond().saturating_add(i128::try_from(lease.as_nanos()).unwrap_or(i128::MAX));
        let lease = Lease { token: self.last_token, until };
        self.held.entry(coll).or_default().insert(key.to_owned(), lease);
        self.last_token
    }

    /// Whether `token` is the latest one given for the record.
    pub fn is_current(&self, coll: &str, key: &str, token: u64) -> bool {
        self.lease(coll, key).is_some_and(|lease| lease.token == token)
    }

    /// Ends the claim on the record, if there is one.
    pub fn end(&mut self, coll: &str, key: &str) {
        if let Some(keys) = self.held.get_mut(coll) {
            keys.remove(key);
            if keys.is_empty() {
                self.held.remove(coll);
            }
        }
    }

    fn lease(&self, coll: &str, key: &str) -> Option<&Lease> {
        self.held.get(coll)?.get(key)
    }
}
