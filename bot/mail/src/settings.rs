//! What a company tells the analysis about itself, and the limits.

use nightbell_core::mail::gateway::Gateway;
use std::collections::BTreeMap;

/// Bytes of one mail that are analysed. Mail systems refuse more than about 25 MB, so a larger file is no mail.
pub const MAX_BYTES: usize = 25 * 1024 * 1024;
/// MIME parts of one mail. Real mails stay below 100; 2,000 leaves room for digests.
pub const MAX_PARTS: usize = 2_000;
/// Mails inside mails. A report of a report of a forward is 3; the parser frees nested mails recursively, so the
/// number is enforced before parsing.
pub const MAX_DEPTH: usize = 20;
/// Links looked at. Newsletters have about 200.
pub const MAX_LINKS: usize = 2_000;
/// Bytes of text per part that are read. A novel has 1 MB.
pub const MAX_TEXT: usize = 2 * 1024 * 1024;
/// Bytes of text over all parts, for a bounded time per mail.
pub const MAX_TEXT_ALL: usize = 4 * 1024 * 1024;
/// Entries of one archive that are listed.
pub const MAX_ENTRIES: usize = 1_000;
/// Bytes unpacked from all archives of one mail. Only names and small members are looked at.
pub const MAX_UNPACKED: usize = 4 * 1024 * 1024;
/// Unpacked bytes per packed byte: deflate reaches about 1,000 only on constant data, so more than 200 is a bomb.
pub const MAX_RATIO: u64 = 200;

/// Limits that a site may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// See [`MAX_BYTES`].
    pub bytes: usize,
    /// See [`MAX_PARTS`].
    pub parts: usize,
    /// See [`MAX_DEPTH`].
    pub depth: usize,
    /// See [`MAX_LINKS`].
    pub links: usize,
    /// See [`MAX_TEXT`].
    pub text: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: MAX_BYTES, parts: MAX_PARTS, depth: MAX_DEPTH, links: MAX_LINKS, text: MAX_TEXT }
    }
}

/// A header that the company's own exercise vendor was told to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    /// Header name, any case.
    pub header: String,
    /// Exact value. A secret one: vendors' public defaults are copied by attackers.
    pub value: String,
}

/// Points from which a verdict is given; the scale is that of the rules' weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// A human should look.
    pub suspicious: f64,
    /// Act.
    pub malicious: f64,
}

impl Thresholds {
    /// Least and most that a site may set for `suspicious`.
    pub const SUSPICIOUS: (f64, f64) = (1.5, 4.5);
    /// Least and most that a site may set for `malicious`.
    pub const MALICIOUS: (f64, f64) = (4.0, 9.0);

    /// Within the bounds, `malicious` never below `suspicious`.
    #[must_use]
    pub fn bounded(self) -> Self {
        let within =
            |x: f64, (low, high): (f64, f64), otherwise| if x.is_finite() { x.clamp(low, high) } else { otherwise };
        let d = Self::default();
        let suspicious = within(self.suspicious, Self::SUSPICIOUS, d.suspicious);
        Self { suspicious, malicious: within(self.malicious, Self::MALICIOUS, d.malicious).max(suspicious) }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        // Half a point less than two strong signs; two strong signs and one more.
        Self { suspicious: 2.5, malicious: 5.2 }
    }
}

/// How many authenticated mails an address or organisational domain sent to this company.
pub trait KnownSenders: Send + Sync {
    /// The count for `key`, an address or a domain in lower case.
    fn count(&self, key: &str) -> u32;

    /// How many mails of the address `key` a responder confirmed as attacks.
    fn attacks(&self, key: &str) -> u32 {
        let _ = key;
        0
    }
}

impl KnownSenders for BTreeMap<String, u32> {
    fn count(&self, key: &str) -> u32 {
        self.get(key).copied().unwrap_or(0)
    }
}

/// What the analysis knows about the company.
#[derive(Default)]
pub struct Context {
    /// The company's own mail domains, lower case.
    pub own_domains: Vec<String>,
    /// Names of people whose name is worth faking, as displayed ("Given Family").
    pub vip_names: Vec<String>,
    /// The company's own gateways, whose authentication results count.
    pub gateways: Vec<Gateway>,
    /// Exercise markers.
    pub markers: Vec<Marker>,
    /// Domains of companies that ours does business with, lower case.
    pub vendors: Vec<String>,
    /// Where the lines between verdicts lie.
    pub thresholds: Thresholds,
    /// Organisation memory, when there is one.
    pub known: Option<Box<dyn KnownSenders>>,
    /// What a check with the DNS found out about the mail that is analysed.
    pub proof: Option<crate::proof::Proof>,
    /// Limits.
    pub limits: Limits,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Marker values are secrets and are not printed.
        f.debug_struct("Context")
            .field("own_domains", &self.own_domains)
            .field("gateways", &self.gateways)
            .field("vendors", &self.vendors)
            .field("thresholds", &self.thresholds)
            .field("markers", &self.markers.len())
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Context {
    /// Mails known from `key`.
    pub(crate) fn known(&self, key: &str) -> u32 {
        self.known.as_ref().map_or(0, |k| k.count(key))
    }

    /// Confirmed attacks from `key`.
    pub(crate) fn attacks(&self, key: &str) -> u32 {
        self.known.as_ref().map_or(0, |k| k.attacks(key))
    }
}
