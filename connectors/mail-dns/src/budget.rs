//! The cap on lookups. Every lookup of the library asks its cache first, so a cache that keeps nothing can count, and
//! answer "not now" when enough was asked. Real answers are kept by the resolver.

use mail_auth::{DnsError, DnssecStatus, Error, RecordSet, ResolverCache, Txt};
use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts down.
pub(crate) struct Budget {
    left: AtomicUsize,
    refused: AtomicUsize,
}

impl Budget {
    pub fn new(lookups: usize) -> Self {
        Self { left: AtomicUsize::new(lookups), refused: AtomicUsize::new(0) }
    }

    /// Whether a lookup was refused.
    pub fn spent(&self) -> bool {
        self.refused.load(Ordering::Relaxed) > 0
    }

    /// Takes one; false when there is none left.
    fn take(&self) -> bool {
        let took = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok();
        if !took {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        took
    }
}

/// What the library gets instead of an answer.
trait Refusal {
    fn refusal() -> Self;
}

impl Refusal for Txt {
    fn refusal() -> Self {
        Self::Error(Error::Dns(DnsError::Resolver("too many lookups".into())))
    }
}

impl<T> Refusal for RecordSet<T> {
    fn refusal() -> Self {
        Self { rrset: Arc::new([]), dnssec_status: DnssecStatus::Indeterminate }
    }
}

impl<K, V: Refusal> ResolverCache<K, V> for Budget {
    fn get<Q>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        (!self.take()).then(V::refusal)
    }

    fn remove<Q>(&self, _: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: K, _: V, _: std::time::Instant) {}
}
