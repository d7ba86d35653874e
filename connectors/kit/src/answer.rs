//! What an answer over HTTP means, once for all webhook connectors.

use crate::retry::retry_after;
use crate::secret::Secret;
use jiff::Timestamp;
use nightbell_core::port::http::{HttpError, Response};
use nightbell_core::text::one_line;
use serde_json::Value;
use std::time::Duration;

/// Most characters of a service's own words that are shown.
pub const MAX_MESSAGE: usize = 200;

/// The five things that matter to a caller.
#[derive(Debug, Clone)]
pub enum Answer {
    /// 2xx: it happened.
    Yes(Response),
    /// 408, 425, 429, 503: it did not happen, later it may. With the wait the service asked for.
    Busy {
        /// Status in words.
        why: String,
        /// From `Retry-After`.
        after: Option<Duration>,
    },
    /// Any other 3xx or 4xx: it did not happen and will not.
    No(Response),
    /// The request never left.
    NotSent(String),
    /// It left, and the answer is none, broken or another 5xx: nobody knows.
    Unclear {
        /// What was seen.
        why: String,
        /// From `Retry-After`.
        after: Option<Duration>,
    },
}

/// Sorts an exchange. Anything that is not surely a yes, a no or "not sent" is unclear.
pub fn classify(result: Result<Response, HttpError>, now: Timestamp) -> Answer {
    let response = match result {
        Ok(r) => r,
        Err(HttpError::NotSent(why)) => return Answer::NotSent(why),
        Err(e @ (HttpError::NoAnswer(_) | HttpError::TooBig(_))) => {
            return Answer::Unclear { why: e.to_string(), after: None };
        }
    };
    let after = response.header("retry-after").and_then(|v| retry_after(v, now));
    let why = format!("answered {}", response.status);
    match response.status {
        200..=299 => Answer::Yes(response),
        // A gateway's 502 or 504 says nothing about what stands behind it; 503 means refused before work began.
        408 | 425 | 429 | 503 => Answer::Busy { why, after },
        300..=499 => Answer::No(response),
        _ => Answer::Unclear { why, after },
    }
}

/// A refusal in words: the status and the service's own `message`, made safe to show and without our secret.
pub fn refusal(response: &Response, secret: &Secret) -> String {
    let status = response.status;
    let own = serde_json::from_slice::<Value>(&response.body)
        .ok()
        .and_then(|v| v.get("message").and_then(Value::as_str).map(|m| one_line(&secret.hide_in(m), MAX_MESSAGE)))
        .filter(|m| !m.is_empty());
    match (status, own) {
        (300..=399, _) => format!("answered {status}, a redirect; put the final address into the configuration"),
        (_, Some(own)) => format!("answered {status}: {own}"),
        (401 | 403, None) => format!("answered {status}; check the shared secret on both sides"),
        (404 | 410, None) => format!("answered {status}; check the address"),
        (_, None) => format!("answered {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16) -> Answer {
        let headers = vec![("retry-after".to_owned(), "9".to_owned())];
        classify(Ok(Response { status, headers, body: Vec::new() }), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_table_of_statuses() {
        for status in 100..=600 {
            let got = match answer(status) {
                Answer::Yes(_) => "yes",
                Answer::No(_) => "no",
                Answer::Busy { after, .. } => {
                    assert_eq!(after, Some(Duration::from_secs(9)));
                    "busy"
                }
                Answer::Unclear { .. } => "unclear",
                Answer::NotSent(_) => "not sent",
            };
            let want = match status {
                200..=299 => "yes",
                408 | 425 | 429 | 503 => "busy",
                300..=499 => "no",
                _ => "unclear",
            };
            assert_eq!(got, want, "{status}");
        }
    }

    #[test]
    fn foreign_words_are_made_safe() {
        let secret = Secret::new("0123456789abcdef");
        let body = |b: &str| Response { status: 422, headers: Vec::new(), body: b.as_bytes().to_vec() };
        let long = format!(r#"{{"message":"no\n\u202eeel: 0123456789abcdef {}"}}"#, "x".repeat(5_000));
        let got = refusal(&body(&long), &secret);
        assert!(got.starts_with("answered 422: no eel: *** xxx"), "{got}");
        assert!(got.chars().count() < 230 && !got.contains("abcdef"), "{got}");
        for odd in ["", "<html>", "[]", "null", r#"{"message":7}"#, r#"{"message":" "}"#, "\u{0}"] {
            assert_eq!(refusal(&body(odd), &secret), "answered 422", "{odd}");
        }
    }
}
