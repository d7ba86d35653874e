//! Payloads of every shape that Slack sends, small and made up.

use nightbell_chat_slack::receive::Door;
use serde_json::{Value, json};

/// One payload.
pub struct Shape {
    pub name: &'static str,
    pub door: Door,
    pub body: Value,
}

fn outer(event: Value) -> Value {
    json!({ "token": "verification", "team_id": "T1", "api_app_id": "A1", "type": "event_callback",
        "event_id": "Ev1", "event_time": 1_770_000_000, "event": event,
        "authorizations": [{ "enterprise_id": null, "team_id": "T1", "user_id": "UBOT", "is_bot": true }] })
}

fn message(more: Value) -> Value {
    let mut m = json!({ "type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "team": "T1",
        "text": "I clicked on a link", "ts": "1770000000.000100", "event_ts": "1770000000.000100" });
    merge(&mut m, more);
    m
}

fn merge(into: &mut Value, more: Value) {
    let Value::Object(more) = more else { return };
    for (k, v) in more {
        into[k] = v;
    }
}

fn interaction(kind: &str, more: Value) -> Value {
    let mut v = json!({ "type": kind, "token": "verification", "api_app_id": "A1",
        "team": { "id": "T1", "domain": "company" }, "enterprise": null, "is_enterprise_install": false,
        "user": { "id": "U1", "username": "employee", "name": "employee", "team_id": "T1" },
        "trigger_id": "1.2.abc" });
    merge(&mut v, more);
    v
}

fn command(more: Value) -> Value {
    let mut v = json!({ "token": "verification", "team_id": "T1", "team_domain": "company", "channel_id": "C1",
        "channel_name": "general", "user_id": "U1", "user_name": "employee", "command": "/nb",
        "text": "report &lt;odd&gt; mail", "api_app_id": "A1", "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/1", "trigger_id": "1.2.cmd" });
    merge(&mut v, more);
    v
}

fn clicked(action: Value) -> Value {
    interaction(
        "block_actions",
        json!({ "actions": [action], "channel": { "id": "D1", "name": "directmessage" },
            "container": { "type": "message", "message_ts": "1.1", "channel_id": "D1", "is_ephemeral": false },
            "message": { "type": "message", "ts": "1.1", "text": "A question",
                "blocks": [{ "type": "header", "text": { "type": "plain_text", "text": "What did you do?" } }] },
            "response_url": "https://hooks.slack.com/actions/1" }),
    )
}

fn submitted(callback: &str) -> Value {
    interaction(
        "view_submission",
        json!({ "view": { "id": "V1", "hash": "h1", "callback_id": callback, "type": "modal",
            "state": { "values": { "answer": { "answer": { "type": "plain_text_input", "value": "It came at nine" } } } } } }),
    )
}

fn file(more: Value) -> Value {
    let mut f = json!({ "id": "F1", "name": "odd.eml", "title": "odd", "mimetype": "message/rfc822", "size": 1234,
        "mode": "hosted", "url_private": "https://files.slack.com/files-pri/T1-F1/odd.eml",
        "url_private_download": "https://files.slack.com/files-pri/T1-F1/download/odd.eml" });
    merge(&mut f, more);
    f
}

/// All of them.
pub fn all() -> Vec<Shape> {
    let event = |name, body| Shape { name, door: Door::Event, body };
    let act = |name, body| Shape { name, door: Door::Interaction, body };
    let cmd = |name, body| Shape { name, door: Door::Command, body };
    let shared = json!([{ "team_id": "T1", "user_id": "UBOT", "is_bot": true }]);
    let mail = json!({ "mode": "email", "filetype": "email", "title": "Your parcel", "name": "Your parcel",
        "subject": "Your parcel", "mimetype": "text/html" });
    let mut grid = outer(message(json!({ "user_team": "T9", "source_team": "T9" })));
    merge(&mut grid, json!({ "enterprise_id": "E1", "context_enterprise_id": "E1" }));
    let mut foreign = outer(message(json!({ "channel": "C1", "channel_type": "channel", "user": "UF1", "team": "T7",
        "user_team": "T7", "source_team": "T7", "text": "<@UBOT> hello from another company" })));
    merge(&mut foreign, json!({ "team_id": "T7", "is_ext_shared_channel": true, "authorizations": shared }));
    let grid_click = clicked(json!({ "type": "button", "action_id": "p:1:yes", "block_id": "b" }));
    let mut grid_click_more = grid_click.clone();
    merge(
        &mut grid_click_more,
        json!({ "enterprise": { "id": "E1", "name": "Company" }, "team": { "id": "T9" },
        "user": { "id": "U1", "team_id": "T9" } }),
    );
    let channel = json!({ "channel": "C1", "channel_type": "channel" });
    let with_channel = |more: Value| {
        let mut m = message(channel.clone());
        merge(&mut m, more);
        outer(m)
    };
    vec![
        event("message in a direct message", outer(message(json!({})))),
        event(
            "message in a channel",
            with_channel(json!({ "text": "a &lt;b&gt; &amp; <https://example.com/x|the page>" })),
        ),
        event("message that mentions the bot", with_channel(json!({ "text": "<@UBOT> is this fine?" }))),
        event(
            "mention",
            with_channel(json!({ "type": "app_mention", "channel_type": null, "text": "<@UBOT> is this fine?" })),
        ),
        event("message in a thread", with_channel(json!({ "thread_ts": "1769999999.000001", "parent_user_id": "U2" }))),
        event(
            "thread broadcast",
            with_channel(json!({ "subtype": "thread_broadcast", "thread_ts": "1769999999.000001" })),
        ),
        event("thread in a direct message", outer(message(json!({ "thread_ts": "1769999999.000001" })))),
        event("message with a file", outer(message(json!({ "subtype": "file_share", "files": [file(json!({}))] })))),
        event(
            "file without words",
            outer(message(json!({ "subtype": "file_share", "text": "", "files": [file(json!({}))] }))),
        ),
        event("mail object", outer(message(json!({ "subtype": "file_share", "text": "", "files": [file(mail)] })))),
        event(
            "file that only has an id",
            outer(message(
                json!({ "subtype": "file_share", "files": [{ "id": "F9", "file_access": "check_file_info" }] }),
            )),
        ),
        event(
            "forwarded message",
            outer(message(json!({ "text": "is this real?", "attachments": [{ "is_share": true,
            "text": "Your account &amp; more: <https://example.com/login>", "author_id": "U2" }] }))),
        ),
        event(
            "forwarded without own words",
            outer(message(json!({ "text": "", "attachments": [{ "is_msg_unfurl": true, "text": "Pay at once" }] }))),
        ),
        event(
            "preview of a link",
            outer(message(
                json!({ "attachments": [{ "text": "words of the page", "from_url": "https://example.com" }] }),
            )),
        ),
        event("me message in a direct message", outer(message(json!({ "subtype": "me_message" })))),
        event("me message in a channel", with_channel(json!({ "subtype": "me_message" }))),
        event("own message", outer(message(json!({ "user": "UBOT", "bot_id": "BBOT" })))),
        event("another bot", outer(message(json!({ "subtype": "bot_message", "bot_id": "B9", "user": null })))),
        event("another bot with a user", outer(message(json!({ "bot_id": "B9", "user": "U9" })))),
        event(
            "message changed",
            outer(json!({ "type": "message", "subtype": "message_changed", "channel": "D1",
            "channel_type": "im", "message": { "user": "U1", "text": "new", "ts": "1.1" }, "ts": "1.2" })),
        ),
        event(
            "message deleted",
            outer(json!({ "type": "message", "subtype": "message_deleted", "channel": "D1",
            "channel_type": "im", "deleted_ts": "1.1", "ts": "1.2" })),
        ),
        event("message of the system", with_channel(json!({ "subtype": "channel_join" }))),
        event("message without a user", outer(message(json!({ "user": null })))),
        event("message without event_id", {
            let mut v = outer(message(json!({})));
            v["event_id"] = Value::Null;
            v
        }),
        event("direct message of several people", outer(message(json!({ "channel": "G1", "channel_type": "mpim" })))),
        event(
            "reaction added",
            outer(json!({ "type": "reaction_added", "user": "U1", "reaction": "eyes", "item_user": "UBOT",
            "item": { "type": "message", "channel": "C1", "ts": "1.1" }, "event_ts": "1.2" })),
        ),
        event(
            "reaction removed",
            outer(json!({ "type": "reaction_removed", "user": "U1", "reaction": "eyes",
            "item": { "type": "message", "channel": "D1", "ts": "1.1" } })),
        ),
        event(
            "reaction to a file",
            outer(json!({ "type": "reaction_added", "user": "U1", "reaction": "eyes",
            "item": { "type": "file", "file": "F1" } })),
        ),
        event("home opened", outer(json!({ "type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home" }))),
        event(
            "messages tab opened",
            outer(json!({ "type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "messages" })),
        ),
        event("tokens revoked", outer(json!({ "type": "tokens_revoked", "tokens": { "bot": ["UBOT"] } }))),
        event("app uninstalled", outer(json!({ "type": "app_uninstalled" }))),
        event(
            "app rate limited",
            json!({ "token": "verification", "type": "app_rate_limited", "team_id": "T1",
            "minute_rate_limited": 1_770_000_000, "api_app_id": "A1" }),
        ),
        event("shared channel with another company", foreign),
        event("organisation", grid),
        event("other workspace", {
            let mut v = outer(message(json!({})));
            v["team_id"] = json!("T8");
            v["authorizations"] = json!([]);
            v
        }),
        event("other app", {
            let mut v = outer(message(json!({})));
            v["api_app_id"] = json!("A8");
            v
        }),
        event("unknown event", outer(json!({ "type": "something_new", "user": "U1" }))),
        event("unknown wrapper", json!({ "type": "something_new", "team_id": "T1" })),
        event("no object", json!([1, 2])),
        cmd("command", command(json!({}))),
        cmd(
            "command in a direct message",
            command(json!({ "channel_id": "D5", "channel_name": "directmessage", "text": "help" })),
        ),
        cmd(
            "command in a private channel",
            command(json!({ "channel_id": "G5", "channel_name": "privategroup", "text": "" })),
        ),
        cmd(
            "command in an organisation",
            command(
                json!({ "team_id": "T9", "enterprise_id": "E1", "enterprise_name": "Company", "is_enterprise_install": "true" }),
            ),
        ),
        cmd("command of another company", command(json!({ "team_id": "T7" }))),
        cmd("command without a user", command(json!({ "user_id": "" }))),
        act(
            "button",
            clicked(
                json!({ "type": "button", "action_id": "p:1:yes", "block_id": "b", "text": { "type": "plain_text", "text": "Yes" } }),
            ),
        ),
        act("button in a thread", {
            let mut v = clicked(json!({ "type": "button", "action_id": "p:1:yes" }));
            merge(
                &mut v,
                json!({ "channel": { "id": "C1", "name": "general" },
                "container": { "type": "message", "message_ts": "1.1", "channel_id": "C1", "thread_ts": "1.0" } }),
            );
            v
        }),
        act(
            "list that stands for buttons",
            clicked(json!({ "type": "static_select", "action_id": "nb:list",
            "selected_option": { "text": { "type": "plain_text", "text": "Choice" }, "value": "p:1:3" } })),
        ),
        act(
            "select with a value",
            clicked(json!({ "type": "users_select", "action_id": "p:1:who", "selected_user": "U2" })),
        ),
        act("button of a form", clicked(json!({ "type": "button", "action_id": "form:p:1:text" }))),
        act("button on the home tab", {
            let mut v = interaction(
                "block_actions",
                json!({
            "container": { "type": "view", "view_id": "V1" }, "view": { "id": "V1", "type": "home" },
            "actions": [{ "type": "button", "action_id": "p:1:open" }] }),
            );
            v["channel"] = Value::Null;
            v
        }),
        act("button of an ephemeral message", {
            let mut v = clicked(json!({ "type": "button", "action_id": "p:1:yes" }));
            v["message"] = Value::Null;
            v["container"]["is_ephemeral"] = json!(true);
            v
        }),
        act("button in an organisation", grid_click_more),
        act("button without an action", interaction("block_actions", json!({ "actions": [] }))),
        act("form with an answer", submitted("p:1:text")),
        act("form with a question", submitted("nb_ask")),
        act("form with a report", submitted("nb_report")),
        act("form without a name", submitted("")),
        act("form closed", interaction("view_closed", json!({ "view": { "id": "V1" }, "is_cleared": false }))),
        act("shortcut to ask", interaction("shortcut", json!({ "callback_id": "nb_ask_text" }))),
        act("shortcut to report", interaction("shortcut", json!({ "callback_id": "nb_report_text" }))),
        act("shortcut of somebody else", interaction("shortcut", json!({ "callback_id": "other" }))),
        act(
            "report of a message",
            interaction(
                "message_action",
                json!({ "callback_id": "nb_report", "channel": { "id": "C1" },
            "message": { "ts": "1.1", "user": "U2", "text": "see <https://example.com/x>", "files": [file(json!({}))] } }),
            ),
        ),
        act(
            "question about a message",
            interaction(
                "message_action",
                json!({ "callback_id": "nb_ask",
            "message": { "ts": "1.1", "text": "may I open this?" } }),
            ),
        ),
        act("unknown interaction", interaction("block_suggestion", json!({ "value": "x" }))),
        act("interaction without a user", interaction("block_actions", json!({ "user": null }))),
        act("interaction of another workspace", interaction("block_actions", json!({ "team": { "id": "T8" } }))),
    ]
}
