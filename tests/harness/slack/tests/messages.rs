//! chat.*, and what people read.

use crate::{request, world};
use nightbell_slack_sim::{ChannelKind, Secrets};
use serde_json::json;

#[test]
fn tokens_are_looked_at_before_anything_else() {
    let mut w = world();
    let body = json!({ "channel": "C1", "text": "x" });
    let mut ask = |token: &str, method: &str| w.s.handle(w.now, &request(method, token, &body)).response.value();
    assert_eq!(ask("", "chat.postMessage")["error"], "not_authed");
    assert_eq!(ask("nonsense", "chat.postMessage")["error"], "invalid_auth");
    assert_eq!(ask("nonsense", "no.such")["error"], "unknown_method");
    let app = Secrets::from_seed(7).app_token;
    assert_eq!(ask(&app, "chat.postMessage")["error"], "not_allowed_token_type");
    let bot = Secrets::from_seed(7).bot_token;
    assert_eq!(ask(&bot, "apps.connections.open")["error"], "not_allowed_token_type");
    assert_eq!(ask(&app, "apps.connections.open")["ok"], true);
    w.s.revoke(&bot);
    assert_eq!(w.wrong("auth.test", json!({})), "token_revoked");
}

#[test]
fn a_missing_scope_says_what_is_needed_and_what_there_is() {
    let mut w = world();
    w.s.set_scopes(["im:history", "chat:write"]);
    let v = w.call("users.info", json!({ "user": "U1" }));
    assert_eq!((v["error"].as_str(), v["needed"].as_str()), (Some("missing_scope"), Some("users:read")));
    assert_eq!(v["provided"], "chat:write,im:history");
    let dm = w.s.dm("U1");
    w.fine("conversations.history", json!({ "channel": dm }));
    let v = w.call("conversations.history", json!({ "channel": "C1" }));
    assert_eq!(v["needed"], "channels:history");
}

#[test]
fn messages_go_where_the_bot_may_write() {
    let mut w = world();
    w.s.add_channel("C7", "elsewhere", ChannelKind::Public, &["U1"], false);
    w.s.add_channel("C8", "secret", ChannelKind::Private, &["U1"], false);
    for (channel, error) in [("C7", "not_in_channel"), ("C8", "channel_not_found"), ("C9", "channel_not_found")] {
        assert_eq!(w.wrong("chat.postMessage", json!({ "channel": channel, "text": "x" })), error);
    }
    assert_eq!(w.wrong("chat.postMessage", json!({ "channel": "C1" })), "no_text");
    assert_eq!(w.wrong("chat.postMessage", json!({ "channel": "C1", "text": "x".repeat(40_001) })), "msg_too_long");
    assert_eq!(
        w.wrong("chat.postMessage", json!({ "channel": "C1", "text": "x", "thread_ts": "1.0" })),
        "thread_not_found"
    );
    w.fine("chat.postMessage", json!({ "channel": "C1", "text": "x".repeat(40_000) }));
    w.fine("conversations.archive", json!({ "channel": "C1" }));
    assert_eq!(w.wrong("chat.postMessage", json!({ "channel": "C1", "text": "x" })), "is_archived");
    let v = w.fine("chat.postMessage", json!({ "channel": "U2", "text": "direct" }));
    assert!(v["channel"].as_str().unwrap().starts_with('D'));
    assert_eq!(w.s.heard("U2").last().unwrap().text, "direct");
    assert!(w.s.heard("U1").iter().all(|m| m.text != "direct"));
}

#[test]
fn blocks_over_the_limits_are_refused_with_the_reason() {
    let mut w = world();
    let many = vec![json!({ "type": "divider" }); 51];
    let v = w.call("chat.postMessage", json!({ "channel": "C1", "text": "x", "blocks": many }));
    assert_eq!(v["error"], "invalid_blocks");
    assert!(v["errors"][0].as_str().unwrap().contains("50"), "{v}");
    let section = json!({ "type": "section", "text": { "type": "mrkdwn", "text": "x".repeat(2_900) } });
    assert_eq!(
        w.wrong("chat.postMessage", json!({ "channel": "C1", "text": "x", "blocks": vec![section; 5] })),
        "msg_blocks_too_long"
    );
    assert_eq!(
        w.wrong("chat.postMessage", json!({ "channel": "C1", "text": "x", "metadata": { "a": 1 } })),
        "invalid_metadata_format"
    );
}

#[test]
fn only_own_messages_can_be_changed() {
    let mut w = world();
    let theirs = w.s.say(w.now, "U1", "C1", "mine").unwrap();
    let (channel, ts) = w.with_button("C1");
    assert_eq!(w.wrong("chat.update", json!({ "channel": "C1", "ts": theirs, "text": "x" })), "cant_update_message");
    assert_eq!(w.wrong("chat.delete", json!({ "channel": "C1", "ts": theirs })), "cant_delete_message");
    assert_eq!(w.wrong("chat.update", json!({ "channel": "C1", "ts": "1.000000", "text": "x" })), "message_not_found");
    w.fine("chat.update", json!({ "channel": channel, "ts": ts, "text": "done" }));
    let seen = w.s.in_channel("C1").into_iter().find(|m| m.ts == ts).unwrap();
    assert_eq!((seen.text.as_str(), seen.edited, seen.buttons.len()), ("done", true, 0));
    w.fine("chat.delete", json!({ "channel": channel, "ts": ts }));
    assert!(w.s.in_channel("C1").iter().all(|m| m.ts != ts));
    assert_eq!(w.wrong("chat.delete", json!({ "channel": channel, "ts": ts })), "message_not_found");
}

#[test]
fn what_is_for_one_is_seen_by_one() {
    let mut w = world();
    w.fine("chat.postEphemeral", json!({ "channel": "C1", "user": "U1", "text": "psst" }));
    assert!(w.s.seen("U1").iter().any(|m| m.text == "psst" && m.ephemeral));
    assert!(w.s.seen("U2").iter().all(|m| m.text != "psst"));
    let bodies = w.fine("conversations.history", json!({ "channel": "C1" }));
    assert_eq!(bodies["messages"], json!([]), "history does not hold them");
    assert_eq!(
        w.wrong("chat.postEphemeral", json!({ "channel": "C1", "user": "U9", "text": "x" })),
        "user_not_in_channel"
    );
}

#[test]
fn metadata_comes_back_only_when_it_is_asked_for() {
    let mut w = world();
    let metadata = json!({ "event_type": "sent", "event_payload": { "key": "k1" } });
    let first = w.fine("chat.postMessage", json!({ "channel": "C1", "text": "a", "metadata": metadata }));
    w.fine("chat.postMessage", json!({ "channel": "C1", "text": "b", "thread_ts": first["ts"], "metadata": metadata }));
    let plain = w.fine("conversations.history", json!({ "channel": "C1" }));
    assert_eq!(plain["messages"].as_array().unwrap().len(), 1, "replies are not in the history");
    assert!(plain["messages"][0]["metadata"].is_null());
    for with in [json!(true), json!("true")] {
        let all = w.fine("conversations.history", json!({ "channel": "C1", "include_all_metadata": with }));
        assert_eq!(all["messages"][0]["metadata"], metadata);
    }
    let thread =
        w.fine("conversations.replies", json!({ "channel": "C1", "ts": first["ts"], "include_all_metadata": true }));
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2);
    assert_eq!(thread["messages"][1]["metadata"], metadata);
    // The history tells of a thread, so that a look-back finds it.
    assert_eq!(
        (plain["messages"][0]["reply_count"].clone(), plain["messages"][0]["thread_ts"].clone()),
        (json!(1), first["ts"].clone())
    );
    assert_eq!(plain["messages"][0]["latest_reply"], thread["messages"][1]["ts"]);
}

#[test]
fn history_is_newest_first_in_pages_and_within_times() {
    let mut w = world();
    let ts: Vec<String> = (0..5)
        .map(|n| {
            w.pass(1_000);
            w.s.say(w.now, "U1", "C1", &format!("m{n}")).unwrap()
        })
        .collect();
    let texts = |v: &serde_json::Value| -> Vec<String> {
        v["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect()
    };
    let first = w.fine("conversations.history", json!({ "channel": "C1", "limit": 2 }));
    assert_eq!(texts(&first), ["m4", "m3"]);
    assert_eq!(first["has_more"], true);
    let cursor = first["response_metadata"]["next_cursor"].clone();
    assert_eq!(
        texts(&w.fine("conversations.history", json!({ "channel": "C1", "limit": 2, "cursor": cursor }))),
        ["m2", "m1"]
    );
    let part = w.fine("conversations.history", json!({ "channel": "C1", "oldest": ts[1], "latest": ts[3] }));
    assert_eq!(texts(&part), ["m2"]);
    let with = w
        .fine("conversations.history", json!({ "channel": "C1", "oldest": ts[1], "latest": ts[3], "inclusive": true }));
    assert_eq!(texts(&with), ["m3", "m2", "m1"]);
}

#[test]
fn no_two_messages_have_the_same_ts() {
    let mut w = world();
    let mut all: Vec<String> = (0..100).map(|_| w.s.say(w.now, "U1", "C1", "x").unwrap()).collect();
    assert!(all.is_sorted());
    all.dedup();
    assert_eq!(all.len(), 100);
    assert_eq!(all[0], "1800000000.000000");
}
