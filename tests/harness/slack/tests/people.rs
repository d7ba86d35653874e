//! Users, channels and direct messages.

use crate::world;
use nightbell_slack_sim::User;
use serde_json::json;

#[test]
fn mail_addresses_need_their_scope_and_strangers_have_none() {
    let mut w = world();
    let stranger = User {
        id: "U8".into(),
        name: "far".into(),
        email: Some("far@example.org".into()),
        stranger: true,
        team_id: "T9".into(),
        ..User::default()
    };
    w.s.put_user(stranger);
    let v = w.fine("users.info", json!({ "user": "U1" }));
    assert_eq!(v["user"]["profile"]["email"], "employee@example.com");
    assert!(w.fine("users.info", json!({ "user": "U8" }))["user"]["profile"]["email"].is_null());
    assert_eq!(w.fine("users.lookupByEmail", json!({ "email": "EMPLOYEE@example.com" }))["user"]["id"], "U1");
    assert_eq!(w.wrong("users.lookupByEmail", json!({ "email": "far@example.org" })), "users_not_found");
    assert_eq!(w.wrong("users.info", json!({ "user": "U99" })), "user_not_found");
    w.s.set_scopes(["users:read"]);
    assert!(w.fine("users.info", json!({ "user": "U1" }))["user"]["profile"]["email"].is_null());
    assert_eq!(w.wrong("users.lookupByEmail", json!({ "email": "employee@example.com" })), "missing_scope");
}

#[test]
fn a_direct_message_is_opened_once_and_not_with_everybody() {
    let mut w = world();
    let one = w.fine("conversations.open", json!({ "users": "U1" }))["channel"]["id"].clone();
    assert_eq!(w.fine("conversations.open", json!({ "users": ["U1"] }))["channel"]["id"], one);
    let group = w.fine("conversations.open", json!({ "users": "U1,U2" }))["channel"]["id"].clone();
    assert!(group.as_str().unwrap().starts_with('G'));
    let bot = w.s.bot_user.clone();
    assert_eq!(w.wrong("conversations.open", json!({ "users": bot })), "cannot_dm_bot");
    assert_eq!(w.wrong("conversations.open", json!({ "users": "U99" })), "user_not_found");
    assert_eq!(w.wrong("conversations.open", json!({})), "users_list_not_supplied");
    w.s.user_mut("U2").unwrap().deleted = true;
    assert_eq!(w.wrong("conversations.open", json!({ "users": "U2" })), "user_disabled");
}

#[test]
fn a_channel_is_made_filled_and_closed() {
    let mut w = world();
    let id = w.fine("conversations.create", json!({ "name": "inc-1", "is_private": true }))["channel"]["id"].clone();
    assert_eq!(w.wrong("conversations.create", json!({ "name": "inc-1" })), "name_taken");
    assert_eq!(w.wrong("conversations.create", json!({ "name": "Not This" })), "invalid_name_specials");
    w.fine("conversations.invite", json!({ "channel": id, "users": "U1,U2" }));
    assert_eq!(w.wrong("conversations.invite", json!({ "channel": id, "users": "U1" })), "already_in_channel");
    assert_eq!(w.wrong("conversations.invite", json!({ "channel": id, "users": "U99" })), "user_not_found");
    let v = w.fine("conversations.members", json!({ "channel": id }));
    assert_eq!(v["members"].as_array().unwrap().len(), 3);
    w.fine("conversations.setTopic", json!({ "channel": id, "topic": "Severity 1" }));
    assert_eq!(w.wrong("conversations.setTopic", json!({ "channel": id, "topic": "x".repeat(251) })), "too_long");
    w.fine(
        "bookmarks.add",
        json!({ "channel_id": id, "title": "Runbook", "type": "link", "link": "https://example.com" }),
    );
    w.fine("conversations.rename", json!({ "channel": id, "name": "inc-1-closed" }));
    w.fine("conversations.archive", json!({ "channel": id }));
    assert_eq!(w.wrong("conversations.archive", json!({ "channel": id })), "already_archived");
    assert_eq!(w.wrong("conversations.invite", json!({ "channel": id, "users": "U3" })), "is_archived");
    let c = w.s.channel(id.as_str().unwrap()).unwrap();
    assert_eq!((c.name.as_str(), c.topic.as_str(), c.bookmarks.len()), ("inc-1-closed", "Severity 1", 1));
    // Both invited people were announced, the refused ones were not.
    let joined = w.take().iter().filter(|e| e.payload["event"]["type"] == "member_joined_channel").count();
    assert_eq!(joined, 2);
}

#[test]
fn groups_and_shared_channels_are_listed() {
    let mut w = world();
    w.s.add_group("S1", "oncall", &["U1", "U2"]);
    let v = w.fine("usergroups.list", json!({ "include_users": true }));
    assert_eq!(
        (v["usergroups"][0]["handle"].as_str(), v["usergroups"][0]["users"].clone()),
        (Some("oncall"), json!(["U1", "U2"]))
    );
    assert_eq!(w.fine("usergroups.users.list", json!({ "usergroup": "S1" }))["users"], json!(["U1", "U2"]));
    assert_eq!(w.wrong("usergroups.users.list", json!({ "usergroup": "S9" })), "no_such_subteam");
    assert_eq!(w.s.plain("ask <!subteam^S1>"), "ask @oncall");
    let v = w.fine("users.conversations", json!({ "user": "U1", "types": "public_channel,im" }));
    assert_eq!(v["channels"].as_array().unwrap().len(), 2);
    w.s.dm("U1");
    let v = w.fine("users.conversations", json!({ "user": "U1", "types": "public_channel,im" }));
    assert_eq!(v["channels"].as_array().unwrap().len(), 3);
}
