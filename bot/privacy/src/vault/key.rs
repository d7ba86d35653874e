//! Correlation without values: two texts are the same event when their raw values are, whatever they are called in a
//! conversation. So dedupe, caches and joins use these keys, never placeholders.

/// The installation's key for correlation. Never the key of anything else.
#[derive(Clone)]
pub struct CorrelationKey([u8; 32]);

impl std::fmt::Debug for CorrelationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CorrelationKey")
    }
}

/// A value that can only be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Correlation([u8; 32]);

impl CorrelationKey {
    /// From 32 secret bytes.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Of raw text, before redaction (BLAKE3, keyed).
    pub fn of(&self, raw: &str) -> Correlation {
        Correlation(*blake3::keyed_hash(&self.0, raw.as_bytes()).as_bytes())
    }
}
