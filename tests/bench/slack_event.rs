//! Events as Slack sends them: about 1.1 KB each, every other one a mention in a channel, the others direct messages.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write as _;

/// The signing secret of all servers.
pub const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// The body of an event; `n` makes its id and its time stamp its own.
pub fn body(n: u64, now: u64) -> String {
    let words = format!("is the sign-in from 203.0.113.{} at night mine? I do not remember a journey", n % 250);
    // Time stamps of messages are their identity.
    let ts = format!("{}.{:06}", now + n / 1_000_000, n % 1_000_000);
    let (kind, channel, place) = if n.is_multiple_of(2) {
        ("app_mention", format!("C{:08}", n % 40), String::new())
    } else {
        ("message", format!("D{:08}", n % 400), r#","channel_type":"im""#.to_owned())
    };
    let user = n % 400;
    format!(
        r#"{{"token":"long-ago-replaced-by-signatures","team_id":"T1","context_team_id":"T1","context_enterprise_id":null,"api_app_id":"A1","event":{{"user":"U{user:08}","type":"{kind}","ts":"{ts}","client_msg_id":"0f9c5d1e-7d5c-4a53-9a0b-{n:012}","text":"<@UBOT> {words}","team":"T1","blocks":[{{"type":"rich_text","block_id":"b{n:07}","elements":[{{"type":"rich_text_section","elements":[{{"type":"user","user_id":"UBOT"}},{{"type":"text","text":" {words}"}}]}}]}}],"channel":"{channel}"{place},"event_ts":"{ts}"}},"type":"event_callback","event_id":"Ev{n:010}","event_time":{now},"authorizations":[{{"enterprise_id":null,"team_id":"T1","user_id":"UBOT","is_bot":true,"is_enterprise_install":false}}],"is_ext_shared_channel":false,"event_context":"4-eyJldCI6ImFwcF9tZW50aW9uIiwidGlkIjoiVDEiLCJhaWQiOiJBMSIsImNpZCI6IkMxIn0-{n:010}"}}"#
    )
}

/// The whole HTTP request of an event, signed with version `v0` of Slack's signatures.
pub fn request(n: u64, now: u64) -> Vec<u8> {
    let body = body(n, now);
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("key");
    mac.update(format!("v0:{now}:{body}").as_bytes());
    let signature = mac.finalize().into_bytes().iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    });
    format!(
        "POST /slack/events HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\naccept: */*\r\ncontent-type: application/json\r\nx-slack-request-timestamp: {now}\r\nx-slack-signature: v0={signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// The frame of an event in Socket Mode.
pub fn envelope(n: u64, now: u64) -> String {
    format!(
        r#"{{"envelope_id":"{n}","payload":{},"type":"events_api","accepts_response_payload":false,"retry_attempt":0,"retry_reason":""}}"#,
        body(n, now)
    )
}
