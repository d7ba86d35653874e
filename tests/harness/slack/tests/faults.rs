//! Faults and limits, as the ledger tells them.

use crate::world;
use nightbell_slack_sim::{Cut, Fault, Often};
use serde_json::json;

#[test]
fn a_limited_call_does_nothing_and_the_ledger_knows_who_comes_too_early() {
    let mut w = world();
    let post = json!({ "channel": "C1", "text": "x" });
    w.s.fault("chat.postMessage", Fault::Limited { retry_after: 2 }, Often::Times(1));
    let r = w.reply("chat.postMessage", post.clone()).response;
    assert_eq!((r.status, r.header("retry-after")), (429, Some("2")));
    assert_eq!(r.value(), json!({ "ok": false, "error": "ratelimited" }));
    assert!(w.s.in_channel("C1").is_empty());
    w.pass(1_999);
    w.fine("chat.postMessage", json!({ "channel": "C2", "text": "x" }));
    w.fine("chat.postMessage", post.clone());
    assert_eq!(w.s.violations().len(), 1);
    w.pass(1);
    w.fine("chat.postMessage", post);
    assert_eq!(w.s.violations().len(), 1);
}

#[test]
fn every_fault_says_whether_the_work_was_done() {
    for (fault, status, cut, done) in [
        (Fault::Status(503), 503, Cut::No, false),
        (Fault::Html, 502, Cut::No, false),
        (Fault::Error("fatal_error".into()), 200, Cut::No, false),
        (Fault::Redirect("https://example.com/".into()), 302, Cut::No, false),
        (Fault::Reset { done: true }, 200, Cut::Unanswered, true),
        (Fault::Reset { done: false }, 200, Cut::Unanswered, false),
        (Fault::Refuse, 200, Cut::Refused, false),
        (Fault::Truncated, 200, Cut::Short, true),
        (Fault::Hang(std::time::Duration::from_secs(9)), 200, Cut::No, true),
    ] {
        let mut w = world();
        w.s.fault("chat.*", fault.clone(), Often::Times(1));
        let r = w.reply("chat.postMessage", json!({ "channel": "C1", "text": "x" }));
        assert_eq!((r.response.status, r.cut), (status, cut), "{fault:?}");
        assert_eq!(w.s.in_channel("C1").len(), usize::from(done), "{fault:?}");
        let call = &w.s.ledger()[0];
        assert_eq!((call.done, call.fault.clone()), (done, Some(fault.name())));
        w.fine("chat.postMessage", json!({ "channel": "C1", "text": "x" }));
    }
}

#[test]
fn limits_are_kept_when_they_are_enforced() {
    let mut w = world();
    let post = json!({ "channel": "C1", "text": "x" });
    for _ in 0..5 {
        w.fine("chat.postMessage", post.clone());
    }
    w.s.enforce_limits(true);
    let statuses: Vec<u16> = (0..5).map(|_| w.reply("chat.postMessage", post.clone()).response.status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    assert_eq!(w.s.violations().len(), 1, "the second refused one came although the first had been told to wait");
    w.pass(1_000);
    w.fine("chat.postMessage", post);
    let refused =
        (0..21).filter(|n| w.call("conversations.create", json!({ "name": format!("c{n}") }))["ok"] == false).count();
    assert_eq!(refused, 1, "20 per minute");
}

#[test]
fn the_ledger_holds_bodies_without_tokens() {
    let mut w = world();
    let token = w.s.secrets.bot_token.clone();
    w.call("chat.postMessage", json!({ "channel": "C1", "text": "hello", "token": token }));
    let call = w.s.ledger().last().unwrap();
    assert_eq!((call.method.as_str(), call.token, call.text("text")), ("chat.postMessage", "bot", "hello"));
    assert!(!serde_json::to_string(w.s.ledger()).unwrap().contains(&token));
}

#[test]
fn what_the_app_sends_is_recorded_for_validators() {
    let mut w = world();
    let file = tempfile::NamedTempFile::new().unwrap();
    w.s.record(file.path()).unwrap();
    w.fine("chat.postMessage", json!({ "channel": "C1", "text": "hello" }));
    let t = w.trigger();
    w.fine("views.open", json!({ "trigger_id": t, "view": crate::form("Report") }));
    w.fine("users.info", json!({ "user": "U1" }));
    let text = std::fs::read_to_string(file.path()).unwrap();
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|l| l["kind"].as_str().unwrap()).collect();
    // The echo of the message and the command were acknowledged.
    assert_eq!(kinds, ["slack-message", "slack-ack", "slack-ack", "slack-modal"]);
    assert_eq!(lines[0]["body"], json!({ "channel": "C1", "text": "hello" }));
}
