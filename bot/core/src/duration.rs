//! Durations as people write them: `250ms`, `30s`, `15m`, `4h`, `7d`, joined as in `1h30m`.
//!
//! A day is 24 hours; civil days belong to patterns and business hours (`playbooks.md` section 2).

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The longest span the language accepts: ten years. Longer ones are typing errors.
pub const LONGEST: Duration = Duration::from_hours(10 * 366 * 24);

/// A length of time with the textual form of the configuration and the playbooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span(pub Duration);

/// What was written is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration; write it like 30s, 15m, 4h, 7d or 1h30m")]
pub struct NotASpan(pub String);

impl Span {
    /// So many seconds.
    pub const fn secs(n: u64) -> Self {
        Self(Duration::from_secs(n))
    }
    /// So many minutes.
    pub const fn mins(n: u64) -> Self {
        Self::secs(n * 60)
    }
    /// So many hours.
    pub const fn hours(n: u64) -> Self {
        Self::secs(n * 3600)
    }
    /// The instant this much after `t`; the largest instant when it would overflow.
    pub fn after(self, t: jiff::Timestamp) -> jiff::Timestamp {
        jiff::SignedDuration::try_from(self.0).ok().and_then(|d| t.checked_add(d).ok()).unwrap_or(jiff::Timestamp::MAX)
    }
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bad = || NotASpan(s.chars().take(40).collect());
        let (mut rest, mut total) = (s.trim(), Duration::ZERO);
        if rest.is_empty() {
            return Err(bad());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
            let n: u64 = rest[..digits].parse().map_err(|_| bad())?;
            let unit_len = rest[digits..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len() - digits);
            let ms: u64 = match &rest[digits..digits + unit_len] {
                "ms" => 1,
                "s" => 1_000,
                "m" => 60_000,
                "h" => 3_600_000,
                "d" => 86_400_000,
                _ => return Err(bad()),
            };
            let part = Duration::from_millis(n.checked_mul(ms).ok_or_else(bad)?);
            total = total.checked_add(part).filter(|d| *d <= LONGEST).ok_or_else(bad)?;
            rest = &rest[digits + unit_len..];
        }
        Ok(Self(total))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ms = self.0.as_millis();
        if ms == 0 {
            return f.write_str("0s");
        }
        for (unit, name) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")] {
            if ms >= unit {
                write!(f, "{}{name}", ms / unit)?;
                ms %= unit;
            }
        }
        Ok(())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_and_print_back() {
        for (s, ms) in [("250ms", 250), ("30s", 30_000), ("1h30m", 5_400_000), ("7d", 604_800_000), ("0s", 0)] {
            let span: Span = s.parse().expect(s);
            assert_eq!(span.0.as_millis(), ms, "{s}");
            assert_eq!(span.to_string(), s);
        }
        for s in ["", "5", "m", "5x", "-3s", "1h 30m", "99999999999999999999s", "99999d", "5mm", "١s"] {
            assert!(s.parse::<Span>().is_err(), "{s}");
        }
    }
}
