//! Signatures of deliveries over HTTP. Slack, "Verifying requests from Slack".

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt::Write as _;

/// `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}` in hex; the timestamp is in seconds.
pub fn signature(secret: &str, timestamp: i64, body: &[u8]) -> String {
    let mut text = "v0=".to_owned();
    // An HMAC takes keys of any length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        mac.update(format!("v0:{timestamp}:").as_bytes());
        mac.update(body);
        for b in mac.finalize().into_bytes() {
            let _ = write!(text, "{b:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `openssl dgst -sha256 -hmac secret`.
    #[test]
    fn the_signature_is_that_of_openssl() {
        let got = signature("secret", 1_700_000_000, b"a=1&b=2");
        assert_eq!(got, "v0=81e1cd2242966449062a13920d7ec46acda87aec6f9ecc149638668817601cca");
    }
}
