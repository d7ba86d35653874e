//! Patterns in time. The `cron` crate sees civil time only; `jiff` resolves it in the person's zone, so that clock
//! changes fire exactly once (cron with a zone skips the spring day and doubles the autumn day).

use chrono::{Datelike, TimeZone as _, Timelike, Utc};
use cron::Schedule;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use nightbell_core::code::{self, Code, Coded};
use std::str::FromStr;

/// A pattern of five cron fields.
#[derive(Debug, Clone)]
pub struct Pattern(Schedule);

/// The pattern is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}`: {1}")]
pub struct BadPattern(pub String, pub String);

impl Coded for BadPattern {
    fn code(&self) -> Code {
        code::CRON_PATTERN
    }
}

impl FromStr for Pattern {
    type Err = BadPattern;

    /// Five fields: minute, hour, day, month, weekday. Weekdays by name only: in cron `1` is Sunday here and Monday
    /// elsewhere, and nobody should have to know.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let bad = |why: &str| BadPattern(s.to_owned(), why.to_owned());
        let fields: Vec<&str> = s.split_whitespace().collect();
        if fields.len() != 5 {
            return Err(bad("a pattern has five fields: minute hour day month weekday, such as `0 10 * * Tue`"));
        }
        if fields.last().is_some_and(|w| w.chars().any(|c| c.is_ascii_digit())) {
            return Err(bad(
                "write weekdays by name, such as Mon-Fri; numbers mean different days in different systems",
            ));
        }
        Schedule::from_str(&format!("0 {s}")).map(Self).map_err(|e| bad(&e.to_string()))
    }
}

impl Pattern {
    /// The first instant later than `after` in that zone; `None` when the pattern never comes again.
    ///
    /// Civil answers of cron are read back one by one and resolved: a gap moves forward by its length, an overlap takes
    /// the first pass. Only instants strictly later count, which drops doubles where two civil times meet.
    pub fn next(&self, after: Timestamp, zone: &str) -> Option<Timestamp> {
        let tz = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
        // Three hours back in civil time: no zone moves its clock further in one step.
        let civil = after.to_zoned(tz.clone()).datetime().checked_sub(jiff::Span::new().hours(3)).ok()?;
        let fake = Utc
            .with_ymd_and_hms(
                i32::from(civil.year()),
                u32::try_from(civil.month()).ok()?,
                u32::try_from(civil.day()).ok()?,
                u32::try_from(civil.hour()).ok()?,
                u32::try_from(civil.minute()).ok()?,
                u32::try_from(civil.second()).ok()?,
            )
            .single()?;
        self.0.after(&fake).take(2_000).find_map(|t| {
            let dt = DateTime::new(
                i16::try_from(t.year()).ok()?,
                i8::try_from(t.month()).ok()?,
                i8::try_from(t.day()).ok()?,
                i8::try_from(t.hour()).ok()?,
                i8::try_from(t.minute()).ok()?,
                i8::try_from(t.second()).ok()?,
                0,
            )
            .ok()?;
            let at = tz.to_ambiguous_zoned(dt).compatible().ok()?.timestamp();
            (at > after).then_some(at)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Daily patterns fire once on every day of three years in zones with every kind of clock change.
    #[test]
    fn a_daily_pattern_fires_once_a_day_in_every_zone() {
        let zones = [
            "Europe/Stockholm",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
            "America/Sao_Paulo",
            "Asia/Kathmandu",
            "Pacific/Apia",
        ];
        for zone in zones {
            for pattern in ["30 2 * * *", "0 0 * * *", "15 10 * * *"] {
                let p: Pattern = pattern.parse().expect(pattern);
                let tz = TimeZone::get(zone).expect(zone);
                let end: Timestamp = "2029-01-01T00:00:00Z".parse().expect("end");
                let mut at: Timestamp = "2026-01-01T00:00:00Z".parse().expect("start");
                let mut days = Vec::new();
                while let Some(next) = p.next(at, zone).filter(|n| *n < end) {
                    assert!(next > at);
                    days.push(next.to_zoned(tz.clone()).date());
                    at = next;
                }
                let unique: std::collections::BTreeSet<_> = days.iter().collect();
                assert_eq!(unique.len(), days.len(), "{zone} {pattern}: a day fired twice");
                assert!((1095..=1097).contains(&days.len()), "{zone} {pattern}: {}", days.len());
            }
        }
    }

    #[test]
    fn patterns_that_mislead_are_refused_with_the_fix() {
        for (p, word) in [("0 10 * *", "five fields"), ("0 10 * * 1", "by name"), ("61 10 * * Mon", "")] {
            let e = p.parse::<Pattern>().expect_err(p);
            assert!(e.to_string().contains(word), "{e}");
        }
    }
}
