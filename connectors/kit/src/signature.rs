//! Signatures of webhook calls, both ways.
//!
//! Two headers: [`TIMESTAMP`] holds Unix seconds, [`SIGNATURE`] holds `v1=` and the HMAC-SHA256 in hexadecimal over
//! `v1:<timestamp>:<body>`, the body being the bytes on the wire. The timestamp is signed with the body, so a recorded
//! call stops being valid after [`TOLERANCE`]; within it, the idempotency key stops the repeat.

use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use nightbell_core::port::http::Request;
use sha2::Sha256;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// Header with the instant of signing, in Unix seconds.
pub const TIMESTAMP: &str = "X-Nightbell-Timestamp";
/// Header with the signature.
pub const SIGNATURE: &str = "X-Nightbell-Signature";
/// Header with the idempotency key (the name of the IETF draft).
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// How far the clocks of sender and receiver may differ, in either direction: the usual five minutes.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// Why a call is not trusted. Says what is wrong, never what would be right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// This side has no secret, or one that is too short to mean anything.
    #[error("no usable secret is configured")]
    NoSecret,
    /// The timestamp is not a number of seconds.
    #[error("the timestamp is missing or not a number of seconds")]
    Timestamp,
    /// Signed too long ago, or in the future.
    #[error("the timestamp is too far from the time here")]
    TooOld,
    /// Not of the form `v1=<64 hexadecimal digits>`.
    #[error("the signature is missing or not of the form v1=...")]
    Form,
    /// Another secret or another body.
    #[error("the signature does not match")]
    Mismatch,
}

/// The value of [`SIGNATURE`] for a body sent at `timestamp` (Unix seconds).
pub fn sign(secret: &Secret, timestamp: i64, body: &[u8]) -> String {
    let mut out = String::from("v1=");
    for byte in mac(secret, &timestamp.to_string(), body) {
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// Checks a call by its two header values. Compares in constant time, and compares before it looks at the clock, so
/// that the time taken tells nothing.
pub fn verify(
    secret: &Secret,
    timestamp: &str,
    body: &[u8],
    given: &str,
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), BadSignature> {
    if !secret.is_strong() {
        return Err(BadSignature::NoSecret);
    }
    // Only what `sign` writes: no sign, no blanks, no leading zeros that would read as the same number.
    let seconds = timestamp
        .parse::<i64>()
        .ok()
        .filter(|n| *n >= 0 && n.to_string() == timestamp)
        .ok_or(BadSignature::Timestamp)?;
    let given = given.strip_prefix("v1=").and_then(unhex).ok_or(BadSignature::Form)?;
    if !bool::from(mac(secret, timestamp, body).ct_eq(&given)) {
        return Err(BadSignature::Mismatch);
    }
    if now.as_second().abs_diff(seconds) > tolerance.as_secs() {
        return Err(BadSignature::TooOld);
    }
    Ok(())
}

/// Longest idempotency key that is sent as it is. Services keep keys in columns; 255 is common.
const LONGEST_KEY: usize = 200;

/// A key as a header value. Keys are mostly plain, but a playbook may make one out of a person's words: what a header
/// cannot carry is percent-encoded, and what is too long becomes its digest. The same key always gives the same text.
fn header_key(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    if out.len() > LONGEST_KEY { nightbell_core::canonical::digest_bytes(key.as_bytes()) } else { out }
}

/// A signed POST of a JSON body with its idempotency key. Ten seconds and 16 KiB; change what does not fit.
pub fn signed_post(url: &str, secret: &Secret, now: Timestamp, key: &str, body: Vec<u8>) -> Request {
    let timestamp = now.as_second();
    let headers = vec![
        ("Content-Type".to_owned(), "application/json".to_owned()),
        (IDEMPOTENCY_KEY.to_owned(), header_key(key)),
        (TIMESTAMP.to_owned(), timestamp.to_string()),
        (SIGNATURE.to_owned(), sign(secret, timestamp, &body)),
    ];
    Request {
        method: "POST",
        url: url.to_owned(),
        headers,
        body,
        timeout: Duration::from_secs(10),
        max_response: 16 * 1024,
    }
}

fn mac(secret: &Secret, timestamp: &str, body: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this arm is never reached; a zero tag would match nothing that `sign` made.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return [0; 32];
    };
    mac.update(b"v1:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut out = [0; 32];
    for (slot, pair) in out.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *slot = (high * 16 + low) as u8;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: i64 = 1_800_000_000;

    fn secret() -> Secret {
        Secret::new("0123456789abcdef")
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("instant")
    }

    fn ask(timestamp: &str, body: &[u8], given: &str, now: i64) -> Result<(), BadSignature> {
        verify(&secret(), timestamp, body, given, at(now), TOLERANCE)
    }

    #[test]
    fn the_scheme_is_fixed() {
        // Computed with an independent HMAC implementation; receivers rely on it.
        assert_eq!(
            sign(&secret(), AT, br#"{"a":1}"#),
            "v1=982375ec2d6ac192f77803b87066b69d3463b6ed5ff23d6669ee28c974b98eef"
        );
    }

    #[test]
    fn what_was_signed_is_trusted_for_five_minutes() {
        let given = sign(&secret(), AT, b"body");
        for (now, want) in [
            (AT, Ok(())),
            (AT + 300, Ok(())),
            (AT - 300, Ok(())),
            (AT + 301, Err(BadSignature::TooOld)),
            (AT - 301, Err(BadSignature::TooOld)),
        ] {
            assert_eq!(ask(&AT.to_string(), b"body", &given, now), want, "{now}");
        }
        assert_eq!(ask("1800000001", b"body", &given, AT), Err(BadSignature::Mismatch));
        assert_eq!(ask(&AT.to_string(), b"Body", &given, AT), Err(BadSignature::Mismatch));
    }

    #[test]
    fn odd_forms_are_refused() {
        let given = sign(&secret(), AT, b"");
        for odd in ["", "+1800000000", " 1800000000", "01800000000", "-1", "9999999999999999999999", "1.8e9", "now"] {
            assert_eq!(ask(odd, b"", &given, AT), Err(BadSignature::Timestamp), "{odd}");
        }
        for odd in
            ["", "v1=", "v0=00", &given[3..], &given[..66], "v1=é", &format!("{given}00"), &given.replace("v1", "V1")]
        {
            assert_eq!(ask(&AT.to_string(), b"", odd, AT), Err(BadSignature::Form), "{odd}");
        }
    }

    #[test]
    fn a_weak_secret_verifies_nothing() {
        for weak in ["", "short"] {
            let weak = Secret::new(weak);
            let given = sign(&weak, AT, b"");
            assert_eq!(verify(&weak, &AT.to_string(), b"", &given, at(AT), TOLERANCE), Err(BadSignature::NoSecret));
        }
    }

    #[test]
    fn any_key_fits_into_a_header() {
        assert_eq!(header_key("run-1/lock/0:a@example.com"), "run-1/lock/0:a@example.com");
        assert_eq!(header_key("50% of\r\nMüller"), "50%25%20of%0D%0AM%C3%BCller");
        assert_eq!(header_key(&"x".repeat(200)).len(), 200);
        assert_eq!(header_key(&"x".repeat(201)).len(), 64);
    }

    proptest! {
        #[test]
        fn different_keys_stay_different(a in ".{0,80}", b in ".{0,80}") {
            prop_assert_eq!(a == b, header_key(&a) == header_key(&b));
            prop_assert!(header_key(&a).bytes().all(|c| c.is_ascii_graphic()));
        }

        #[test]
        fn one_changed_byte_is_noticed(body in proptest::collection::vec(any::<u8>(), 1..200), at_byte in any::<prop::sample::Index>(), flip in 1u8..) {
            let given = sign(&secret(), AT, &body);
            prop_assert_eq!(ask(&AT.to_string(), &body, &given, AT), Ok(()));
            let mut other = body.clone();
            let i = at_byte.index(other.len());
            other[i] ^= flip;
            prop_assert_eq!(ask(&AT.to_string(), &other, &given, AT), Err(BadSignature::Mismatch));
        }

        #[test]
        fn nothing_from_outside_panics(timestamp in ".{0,30}", given in ".{0,80}", body in proptest::collection::vec(any::<u8>(), 0..50)) {
            prop_assert!(ask(&timestamp, &body, &given, AT).is_err());
        }
    }
}
