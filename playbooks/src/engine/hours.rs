//! Working time: a deadline of four working hours asked for on Friday evening ends on Monday.

use crate::api::Hours;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::duration::Span;

/// Longest look ahead, in days: a calendar without a working day must not loop for ever.
const HORIZON: i64 = 366;

/// The instant at which `span` of working time has passed. A calendar that cannot be read counts every hour:
/// a deadline that comes early is seen, one that never comes is not.
pub fn after(hours: &Hours, zone: Option<&str>, start: Timestamp, span: Span) -> Timestamp {
    let plain = span.after(start);
    let known = |name: &str| TimeZone::get(name).ok();
    let Some(zone) = zone.and_then(known).or_else(|| known(&hours.zone)) else { return plain };
    let (Ok(from), Ok(to)) = (hours.from.parse::<Time>(), hours.to.parse::<Time>()) else { return plain };
    if from >= to || !hours.days.iter().any(|d| (1..=7).contains(d)) {
        return plain;
    }
    let mut left = SignedDuration::try_from(span.0).unwrap_or(SignedDuration::MAX);
    let mut day = start.to_zoned(zone.clone()).date();
    for _ in 0..HORIZON {
        if hours.days.contains(&day.weekday().to_monday_one_offset()) {
            let opens = day.to_datetime(from).to_zoned(zone.clone());
            let closes = day.to_datetime(to).to_zoned(zone.clone());
            if let (Ok(opens), Ok(closes)) = (opens, closes) {
                let begin = opens.timestamp().max(start);
                let room = closes.timestamp().duration_since(begin);
                if room.is_positive() {
                    if left <= room {
                        return begin.checked_add(left).unwrap_or(plain);
                    }
                    left -= room;
                }
            }
        }
        let Ok(next) = day.tomorrow() else { return plain };
        day = next;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Hours {
        Hours { zone: "Europe/Berlin".into(), days: vec![1, 2, 3, 4, 5], from: "09:00".into(), to: "17:00".into() }
    }

    fn at(s: &str) -> Timestamp {
        s.parse().expect("instant")
    }

    #[test]
    fn nights_and_weekends_do_not_count() {
        // Friday 16:00 in Berlin, four hours: one on Friday, three on Monday.
        let due = after(&office(), None, at("2026-11-20T15:00:00Z"), Span::hours(4));
        assert_eq!(due, at("2026-11-23T11:00:00Z"));
        let inside = after(&office(), None, at("2026-11-18T09:00:00Z"), Span::hours(2));
        assert_eq!(inside, at("2026-11-18T11:00:00Z"));
    }

    #[test]
    fn the_hour_that_a_zone_skips_is_not_lost() {
        // The clocks of Berlin change on 2026-03-29, a Sunday: Monday's work begins at 07:00 UTC, not 08:00.
        let due = after(&office(), None, at("2026-03-27T16:30:00Z"), Span::hours(1));
        assert_eq!(due, at("2026-03-30T08:00:00Z"));
    }

    #[test]
    fn the_person_s_zone_wins_and_nonsense_counts_every_hour() {
        let due = after(&office(), Some("America/New_York"), at("2026-11-18T09:00:00Z"), Span::hours(1));
        assert_eq!(due, at("2026-11-18T15:00:00Z"));
        for bad in [
            Hours { days: vec![], ..office() },
            Hours { from: "x".into(), ..office() },
            Hours { zone: "Nowhere/X".into(), ..office() },
            Hours { to: "08:00".into(), ..office() },
        ] {
            assert_eq!(after(&bad, None, at("2026-11-20T20:00:00Z"), Span::hours(1)), at("2026-11-20T21:00:00Z"));
        }
    }
}
