//! How long to wait before the next try. Nothing here waits: the outbox keeps the instant in its row.

use jiff::Timestamp;
use nightbell_core::port::random::Rng;
use std::time::Duration;

/// Longest wait a service can impose by `Retry-After`. A service that says "tomorrow" must not hold a page back.
pub const LONGEST_ASKED: Duration = Duration::from_hours(1);

/// Backoff with full jitter: evenly spread between zero and `base * 2^(attempt - 1)`, at most `max`.
///
/// `attempt` counts the tries that failed, from 1. Full jitter, because after an outage all rows become due at once and
/// anything less sends them in step.
pub fn delay(attempt: u32, base: Duration, max: Duration, rng: &dyn Rng) -> Duration {
    let factor = 1u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    spread(base.saturating_mul(factor).min(max), rng)
}

/// The wait after a failed try when the service may have named one: never earlier than it asked (up to
/// [`LONGEST_ASKED`]), and with up to `base` more, so that not all come at the same instant.
pub fn delay_asked(attempt: u32, base: Duration, max: Duration, asked: Option<Duration>, rng: &dyn Rng) -> Duration {
    match asked {
        Some(asked) => asked.min(LONGEST_ASKED) + spread(base, rng),
        None => delay(attempt, base, max, rng),
    }
}

/// Reads a `Retry-After` header: seconds, with a fraction as some services write it, or any of the three forms of an
/// HTTP date (RFC 9110, section 5.6.7). A date in the past is zero. `None` when it is neither.
pub fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if value.starts_with(|c: char| c.is_ascii_digit()) {
        let seconds = value.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| value.parse::<f64>().ok())??;
        return Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_ASKED).min(LONGEST_ASKED));
    }
    let wait = http_date(value)?.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO).min(LONGEST_ASKED))
}

fn http_date(value: &str) -> Option<Timestamp> {
    // The form everybody writes: Sun, 06 Nov 1994 08:49:37 GMT.
    if let Ok(t) = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value) {
        return Some(t);
    }
    // The two old forms, which a recipient must still read. Both are UTC.
    ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"].iter().find_map(|form| {
        let civil = jiff::civil::DateTime::strptime(form, value).ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
    })
}

/// Evenly between zero and `top`, both included.
fn spread(top: Duration, rng: &dyn Rng) -> Duration {
    let nanos = u64::try_from(top.as_nanos()).unwrap_or(u64::MAX);
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    // Multiply and shift instead of a remainder: no bias worth naming and no division by zero.
    let part = (u128::from(u64::from_le_bytes(bytes)) * (u128::from(nanos) + 1)) >> 64;
    Duration::from_nanos(part as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::port::random::Seeded;
    use proptest::prelude::*;

    const BASE: Duration = Duration::from_secs(2);
    const MAX: Duration = Duration::from_mins(1);

    #[test]
    fn the_window_doubles_up_to_the_cap() {
        let rng = Seeded::new(1);
        for (attempt, top) in [(0, 2), (1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (40, 60), (u32::MAX, 60)] {
            let seen: Vec<Duration> = (0..500).map(|_| delay(attempt, BASE, MAX, &rng)).collect();
            let top = Duration::from_secs(top);
            assert!(seen.iter().all(|d| *d <= top), "{attempt}");
            // Full jitter: the whole window is used.
            assert!(
                seen.iter().any(|d| *d > top.mul_f32(0.9)) && seen.iter().any(|d| *d < top.mul_f32(0.1)),
                "{attempt}"
            );
        }
    }

    #[test]
    fn the_header_is_read_in_all_its_forms() {
        let now: Timestamp = "1994-11-06T08:49:07Z".parse().expect("instant");
        for (value, want) in [
            ("30", Some(30_000)),
            ("0", Some(0)),
            ("1.5", Some(1_500)),
            (" 7 ", Some(7_000)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(30_000)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(30_000)),
            ("Sun Nov  6 08:49:37 1994", Some(30_000)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("Mon, 07 Nov 1994 08:49:37 GMT", Some(3_600_000)),
            ("999999999999999999999999", Some(3_600_000)),
            ("86400", Some(3_600_000)),
            ("", None),
            ("-5", None),
            ("1e3", None),
            ("1.2.3", None),
            ("soon", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ] {
            assert_eq!(retry_after(value, now).map(|d| d.as_millis()), want, "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_named_wait_is_never_cut_short(asked in 0u64..5_000, attempt in any::<u32>(), seed in any::<u64>()) {
            let asked = Duration::from_secs(asked);
            let got = delay_asked(attempt, BASE, MAX, Some(asked), &Seeded::new(seed));
            prop_assert!(got >= asked.min(LONGEST_ASKED));
            prop_assert!(got <= LONGEST_ASKED + BASE);
        }

        #[test]
        fn no_header_panics(value in ".{0,60}", seconds in 0i64..4_000_000_000) {
            let now = Timestamp::from_second(seconds).expect("instant");
            if let Some(wait) = retry_after(&value, now) {
                prop_assert!(wait <= LONGEST_ASKED);
            }
        }
    }
}
