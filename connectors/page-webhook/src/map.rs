//! Core to wire and back.

use nightbell_connector_kit::Secret;
use nightbell_connector_kit::answer::{Answer, refusal};
use nightbell_core::port::chat::SendError;
use nightbell_core::port::pager::PageText;
use serde_json::json;
use std::time::Duration;

/// Wait when the service asks for none. The outbox adds its own backoff on top; this is the least that makes sense.
const WAIT: Duration = Duration::from_secs(2);

/// The body: one flat JSON object, so that a receiver needs no library.
pub fn body(page: &PageText) -> Vec<u8> {
    json!({
        "key": page.key,
        "case": page.case,
        "title": page.title,
        "body": page.body,
        "severity": page.severity,
        "level": page.level,
    })
    .to_string()
    .into_bytes()
}

/// What the answer means for the outbox. An unclear end is tried again: the receiver knows the key, and a page too
/// many is better than none.
pub fn result(answer: Answer, secret: &Secret) -> Result<(), SendError> {
    let later = |why: String, after: Option<Duration>| {
        let wait = after.unwrap_or(WAIT).max(WAIT);
        Err(SendError::Later {
            why: secret.hide_in(&why),
            after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        })
    };
    match answer {
        Answer::Yes(_) => Ok(()),
        Answer::Busy { why, after } | Answer::Unclear { why, after } => later(why, after),
        Answer::NotSent(why) => later(why, None),
        Answer::No(response) => Err(SendError::Never(refusal(&response, secret))),
    }
}
