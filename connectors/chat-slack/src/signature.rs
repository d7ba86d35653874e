//! The signature of calls by Slack: `v0=` and the HMAC-SHA256 over `v0:<timestamp>:<raw body>` in hexadecimal, five
//! minutes fresh. Source: "Verifying requests from Slack". On our own clock port, which the crate's verifier has not.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use nightbell_connector_kit::Secret;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// How old or how far ahead a call may be, in seconds.
const TOLERANCE: u64 = 300;

/// Whether a call comes from Slack, and is not one of long ago. Says nothing about why not: the caller answers 401 and
/// logs neither.
pub(crate) fn genuine(secret: &Secret, timestamp: &str, given: &str, body: &[u8], now: Timestamp) -> bool {
    let Some(seconds) = timestamp.parse::<i64>().ok().filter(|n| *n >= 0 && n.to_string() == timestamp) else {
        return false;
    };
    let Some(hex) = given.strip_prefix("v0=").filter(|h| h.len() == 64) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else { return false };
    mac.update(b"v0:");
    mac.update(timestamp.as_bytes());
    mac.update(b":");
    mac.update(body);
    let want = mac.finalize().into_bytes();
    let mut given = [0u8; 32];
    for (byte, pair) in given.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digit = |c: u8| match c {
            b'0'..=b'9' => Some(c - b'0'),
            b'a'..=b'f' => Some(c - b'a' + 10),
            _ => None,
        };
        let (Some(Some(high)), Some(Some(low))) = (pair.first().map(|c| digit(*c)), pair.get(1).map(|c| digit(*c)))
        else {
            return false;
        };
        *byte = high << 4 | low;
    }
    bool::from(want.as_slice().ct_eq(&given)) && now.as_second().abs_diff(seconds) <= TOLERANCE && secret.is_strong()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of Slack's documentation.
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const GOOD: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    #[test]
    fn the_documented_example_and_what_is_wrong_in_one_thing() {
        let s = Secret::new(SECRET);
        let now = Timestamp::from_second(1_531_420_618).expect("instant");
        let check = |ts: &str, sig: &str, body: &str, now| genuine(&s, ts, sig, body.as_bytes(), now);
        assert!(check("1531420618", GOOD, BODY, now));
        let later = |s: i64| Timestamp::from_second(1_531_420_618 + s).expect("instant");
        assert!(check("1531420618", GOOD, BODY, later(300)));
        assert!(!check("1531420618", GOOD, BODY, later(301)));
        assert!(!check("1531420618", GOOD, BODY, later(-301)));
        assert!(!check("1531420619", GOOD, BODY, now));
        assert!(!check("01531420618", GOOD, BODY, now));
        assert!(!check("1531420618", &GOOD.to_uppercase(), BODY, now));
        assert!(!check("1531420618", &GOOD[..60], BODY, now));
        assert!(!check("1531420618", "", BODY, now));
        assert!(!check("1531420618", GOOD, &BODY.replace("xyzz", "xyzy"), now));
        assert!(!genuine(&Secret::new("other-secret-of-some-length"), "1531420618", GOOD, BODY.as_bytes(), now));
    }
}
