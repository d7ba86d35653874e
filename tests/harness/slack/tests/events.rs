//! What reaches the app, and how often.

use crate::{World, world};
use nightbell_slack_sim::{ChannelKind, Kind, Say, User};
use serde_json::{Value, json};

/// Types (and subtypes) of what is sent now.
fn sent(w: &mut World) -> Vec<String> {
    let name = |e: &Value| {
        let subtype = e["subtype"].as_str().map(|s| format!("/{s}")).unwrap_or_default();
        format!("{}{subtype}", e["type"].as_str().unwrap_or_default())
    };
    w.take().iter().map(|e| name(&e.payload["event"])).collect()
}

#[test]
fn messages_mentions_changes_and_deletions_arrive() {
    let mut w = world();
    let bot = w.s.bot_user.clone();
    let dm = w.s.say(w.now, "U1", "dm", "hello").unwrap();
    let first = w.take().remove(0).payload;
    assert_eq!((first["event"]["channel_type"].as_str(), first["event"]["user"].as_str()), (Some("im"), Some("U1")));
    assert_eq!((first["type"].as_str(), first["event_time"].as_i64()), (Some("event_callback"), Some(1_800_000_000)));
    w.s.say(w.now, "U1", "C1", &format!("<@{bot}> help")).unwrap();
    assert_eq!(sent(&mut w), ["message", "app_mention"]);
    let channel = w.s.dm("U1");
    w.s.edit(w.now, &channel, &dm, "hello!").unwrap();
    w.s.unsay(w.now, &channel, &dm).unwrap();
    w.s.react(w.now, "U2", "C1", &w.s.in_channel("C1")[0].ts.clone(), "eyes").unwrap();
    w.s.open_home(w.now, "U1").unwrap();
    assert_eq!(
        sent(&mut w),
        ["message/message_changed", "message/message_deleted", "reaction_added", "app_home_opened"]
    );
    assert!(w.s.say(w.now, "U99", "dm", "x").is_err() && w.s.say(w.now, "U1", "C99", "x").is_err());
}

#[test]
fn the_app_hears_only_where_it_is_and_itself_when_it_wants() {
    let mut w = world();
    w.s.add_channel("C7", "elsewhere", ChannelKind::Public, &["U1"], false);
    w.s.say(w.now, "U1", "C7", "not for the bot").unwrap();
    assert_eq!(sent(&mut w), Vec::<String>::new());
    w.fine("chat.postMessage", json!({ "channel": "C1", "text": "x" }));
    let own = w.take().remove(0).payload;
    assert_eq!(own["event"]["bot_id"], json!(w.s.bot_id));
    w.s.echo_own = false;
    w.fine("chat.postMessage", json!({ "channel": "C1", "text": "x" }));
    assert_eq!(sent(&mut w), Vec::<String>::new());
    // Neither its changes nor what only one person sees.
    let (channel, ts) = w.with_button("C1");
    let change = json!({ "channel": channel, "ts": ts, "text": "y" });
    w.fine("chat.update", change.clone());
    w.fine("chat.delete", json!({ "channel": channel, "ts": w.s.in_channel("C1")[0].ts }));
    assert_eq!(sent(&mut w), Vec::<String>::new());
    w.s.echo_own = true;
    w.fine("chat.postEphemeral", json!({ "channel": "C1", "user": "U1", "text": "x" }));
    assert_eq!(sent(&mut w), Vec::<String>::new());
    w.fine("chat.update", change);
    w.fine("chat.delete", json!({ "channel": channel, "ts": ts }));
    assert_eq!(sent(&mut w), ["message/message_changed", "message/message_deleted"]);
    w.s.unsubscribed.insert("message".to_owned());
    w.s.say(w.now, "U1", "C1", "x").unwrap();
    assert_eq!(sent(&mut w), Vec::<String>::new());
}

#[test]
fn without_its_scope_an_event_is_not_sent() {
    let mut w = world();
    let bot = w.s.bot_user.clone();
    w.s.set_scopes(["im:history", "app_mentions:read"]);
    w.s.say(w.now, "U1", "dm", "hello").unwrap();
    assert_eq!(sent(&mut w), ["message"]);
    w.s.say(w.now, "U1", "C1", &format!("<@{bot}> help")).unwrap();
    assert_eq!(sent(&mut w), ["app_mention"]);
    let ts = w.s.in_channel("C1")[0].ts.clone();
    w.s.react(w.now, "U1", "C1", &ts, "eyes").unwrap();
    w.s.user_change(w.now, "U1");
    assert_eq!(sent(&mut w), Vec::<String>::new());
    assert!(w.s.command(w.now, "U1", "dm", "/nightbell").unwrap_err().contains("`commands`"));
}

#[test]
fn another_bot_and_a_stranger_are_told_apart() {
    let mut w = world();
    w.s.put_user(User { id: "U8".into(), name: "far".into(), stranger: true, team_id: "T9".into(), ..User::default() });
    w.s.say_with(w.now, Say { bot_id: Some("B9".into()), ..Say::new("U1", "C1", "beep") }).unwrap();
    assert_eq!(w.s.say(w.now, "U8", "C1", "too early").unwrap_err(), "U8 is not in C1");
    w.s.channel_mut("C1").unwrap().members.insert("U8".to_owned());
    w.s.say(w.now, "U8", "C1", "hello from afar").unwrap();
    w.s.user_mut("U2").unwrap().deleted = true;
    assert_eq!(w.s.say(w.now, "U2", "dm", "gone").unwrap_err(), "U2 is deactivated");
    let both: Vec<Value> = w.take().into_iter().map(|e| e.payload["event"].clone()).collect();
    assert_eq!((both[0]["subtype"].as_str(), both[0]["bot_id"].as_str()), (Some("bot_message"), Some("B9")));
    assert_eq!((both[1]["team"].as_str(), both[1]["user_team"].as_str()), (Some("T9"), Some("T9")));
}

#[test]
fn an_unacknowledged_event_comes_four_times_at_most() {
    let mut w = world();
    w.s.say(w.now, "U1", "dm", "x").unwrap();
    let first = w.s.due(w.now).remove(0);
    assert_eq!((first.attempt, first.frame()["retry_attempt"].as_u64()), (0, Some(0)));
    let mut ids = vec![first.envelope_id];
    for (n, wait) in [3_000, 60_000, 300_000].into_iter().enumerate() {
        w.pass(wait - 1);
        assert!(w.s.due(w.now).is_empty(), "retry {n} is early");
        w.pass(1);
        let e = w.s.due(w.now).remove(0);
        assert_eq!(e.frame()["retry_attempt"].as_u64(), Some(n as u64 + 1));
        assert_eq!((e.reason, e.payload["event_id"].clone()), ("timeout", first.payload["event_id"].clone()));
        assert!(!ids.contains(&e.envelope_id), "a retry has an envelope of its own");
        ids.push(e.envelope_id);
    }
    assert!(w.s.lost().is_empty());
    w.pass(1_000_000);
    assert!(w.s.due(w.now).is_empty());
    assert_eq!(w.s.lost().len(), 1);
}

#[test]
fn an_acknowledgement_of_any_try_ends_the_retries() {
    let mut w = world();
    w.s.say(w.now, "U1", "dm", "x").unwrap();
    let first = w.s.due(w.now).remove(0);
    w.pass(3_000);
    let second = w.s.due(w.now).remove(0);
    assert!(w.s.ack(w.now, &first.envelope_id, Some(json!({}))));
    assert!(w.s.ack(w.now, &second.envelope_id, None));
    assert!(!w.s.ack(w.now, "unknown", None));
    w.pass(1_000_000);
    assert!(w.s.due(w.now).is_empty() && w.s.lost().is_empty());
    assert_eq!((w.s.deliveries()[0].acks, w.s.deliveries()[0].ack.clone()), (2, None));
}

#[test]
fn a_command_comes_once_and_its_answer_is_shown() {
    let mut w = world();
    assert!(w.s.command(w.now, "U1", "C1", "no slash").is_err());
    w.s.command(w.now, "U1", "C1", "/nightbell  status all ").unwrap();
    let e = w.s.due(w.now).remove(0);
    let text = |key: &str| e.payload[key].as_str().unwrap().to_owned();
    assert_eq!(
        (e.kind, text("command"), text("text")),
        (Kind::SlashCommands, "/nightbell".into(), "status all".into())
    );
    assert!(text("response_url").starts_with("https://hooks.slack.com/commands/"));
    assert_eq!(
        (e.frame()["accepts_response_payload"].clone(), e.frame()["retry_attempt"].clone()),
        (json!(true), Value::Null)
    );
    w.s.ack(w.now, &e.envelope_id, Some(json!({ "text": "for you" })));
    assert!(w.s.heard("U1").iter().any(|m| m.text == "for you" && m.ephemeral));
    w.s.command(w.now, "U1", "C1", "/nightbell").unwrap();
    assert_eq!(w.s.due(w.now).len(), 1);
    w.pass(3_000);
    assert!(w.s.due(w.now).is_empty());
    assert_eq!(w.s.lost().len(), 1);
}

#[test]
fn a_button_sends_what_is_on_it() {
    let mut w = world();
    let (channel, ts) = w.with_button("U1");
    w.take();
    w.s.press(w.now, "U1", &channel, &ts, "Yes", None).unwrap();
    w.s.press(w.now, "U1", &channel, &ts, "pick", Some("One")).unwrap();
    let all = w.take();
    let (p, q) = (&all[0].payload, &all[1].payload);
    assert_eq!((p["actions"][0]["action_id"].as_str(), p["actions"][0]["value"].as_str()), (Some("yes"), Some("v1")));
    assert_eq!(
        (p["actions"][0]["block_id"].as_str(), p["container"]["message_ts"].as_str()),
        (Some("b"), Some(ts.as_str()))
    );
    assert_eq!(p["message"]["ts"], json!(ts));
    assert_eq!(p["state"]["values"]["b"]["pick"], json!({ "type": "static_select", "selected_option": null }));
    assert_eq!(q["state"]["values"]["b"]["pick"]["selected_option"]["value"], "1");
    assert_eq!(q["actions"][0]["selected_option"]["value"], "1");
    let said = w.s.press(w.now, "U1", &channel, &ts, "No", None).unwrap_err();
    assert!(said.contains("Yes (yes)"), "{said}");
    assert!(w.s.press(w.now, "U1", &channel, &ts, "pick", Some("Two")).is_err());
    w.s.channel_mut(&channel).unwrap().members.remove("U1");
    assert!(w.s.press(w.now, "U1", &channel, &ts, "Yes", None).is_err(), "who is not there cannot press");
}

#[test]
fn shortcuts_and_the_rest_have_their_shapes() {
    let mut w = world();
    let ts = w.s.say(w.now, "U1", "C1", "look at this").unwrap();
    w.take();
    w.s.shortcut(w.now, "U1", "report").unwrap();
    w.s.message_shortcut(w.now, "U2", "report-message", "C1", &ts).unwrap();
    w.s.app_rate_limited(w.now);
    w.s.tokens_revoked(w.now);
    w.s.raw(w.now, Kind::Interactive, json!({ "type": "surprise" }));
    let all: Vec<Value> = w.take().into_iter().map(|e| e.payload).collect();
    assert_eq!((all[0]["type"].as_str(), all[0]["callback_id"].as_str()), (Some("shortcut"), Some("report")));
    assert_eq!((all[1]["message"]["text"].as_str(), all[1]["user"]["id"].as_str()), (Some("look at this"), Some("U2")));
    assert_eq!(all[2]["type"], "app_rate_limited");
    assert_eq!(all[3]["event"]["tokens"]["bot"], json!([w.s.bot_user]));
    assert_eq!(all[4], json!({ "type": "surprise" }));
    assert_eq!(w.wrong("auth.test", json!({})), "token_revoked");
}
