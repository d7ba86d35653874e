//! The app manifest: what an administrator pastes into Slack, with the least permissions that do the work.
//! Format: "App manifest reference".

use crate::receive::{ASK, ASK_TEXT, REPORT, REPORT_TEXT};
use serde_json::{Value, json};

/// Every permission of the bot, and what it is for.
pub const SCOPES: &[(&str, &str)] = &[
    ("app_mentions:read", "hear when somebody mentions the bot"),
    ("channels:history", "find its own message again after a broken connection, in public channels it was invited to"),
    ("channels:join", "post to a public channel that the configuration names without being invited first"),
    ("chat:write", "answer"),
    ("commands", "offer the slash command and the shortcuts"),
    ("files:read", "read the mail that somebody hands in"),
    ("files:write", "send as a file what is too long for a message"),
    ("groups:history", "do the same in private channels it was invited to"),
    ("groups:read", "find the room of an incident again"),
    ("groups:write", "open a private room for an incident, invite who is needed, set its topic, close it"),
    ("im:history", "read what people write to it directly"),
    ("im:write", "write to people first: questions, approvals, pages, quizzes"),
    ("metadata.message:read", "recognise its own message among those it finds"),
    ("reactions:read", "write reactions to its case messages into the timeline"),
    ("usergroups:read", "let a user group say who works on cases or is on call"),
    ("users:read", "tell guests and people of other companies from its own"),
    ("users:read.email", "know who is who by the address that Slack vouches for"),
];

/// Every event the bot listens to.
pub const EVENTS: &[&str] = &[
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
    "tokens_revoked",
];

/// How events will come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// WebSockets that we open.
    Socket,
    /// Calls to this public address, such as `https://bot.example.com`.
    Http(&'a str),
}

/// The manifest. `command` is the root command with its slash.
pub fn manifest(name: &str, command: &str, reach: Reach<'_>) -> Value {
    let scopes: Vec<&str> = SCOPES.iter().map(|(s, _)| *s).collect();
    let url = |path: &str| match reach {
        Reach::Socket => None,
        Reach::Http(base) => Some(format!("{}/slack/{path}", base.trim_end_matches('/'))),
    };
    let with_url = |mut v: Value, key: &str, path: &str| {
        if let (Some(u), Some(map)) = (url(path), v.as_object_mut()) {
            map.insert(key.to_owned(), json!(u));
        }
        v
    };
    let slash = json!({
        "command": command,
        "description": "Report something odd, ask about policies, work on cases",
        "usage_hint": "help",
        "should_escape": true,
    });
    json!({
        "display_information": {
            "name": name,
            "description": "Ring it when something seems odd",
            "long_description": "Send suspicious mails and messages as a direct message, ask what the security policies say, \
                and get help when something happened. Responders work on cases, approve actions and are called when they \
                are needed. It runs on the company's own machine and sends nothing to anybody else.",
            "background_color": "#1b2a41",
        },
        "features": {
            "app_home": {"home_tab_enabled": true, "messages_tab_enabled": true, "messages_tab_read_only_enabled": false},
            "bot_user": {"display_name": name, "always_online": true},
            "shortcuts": [
                {"name": "Report this message", "type": "message", "callback_id": REPORT,
                 "description": "Hand a message to the security bot"},
                {"name": "Ask about this message", "type": "message", "callback_id": ASK,
                 "description": "Ask the security bot about a message"},
                {"name": "Report something odd", "type": "global", "callback_id": REPORT_TEXT,
                 "description": "Paste a text that seems odd"},
                {"name": "Ask Nightbell", "type": "global", "callback_id": ASK_TEXT,
                 "description": "Ask what the security policies say"},
            ],
            "slash_commands": [with_url(slash, "url", "commands")],
        },
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {
            "event_subscriptions": with_url(json!({"bot_events": EVENTS}), "request_url", "events"),
            "interactivity": with_url(json!({"is_enabled": true}), "request_url", "interactions"),
            "org_deploy_enabled": false,
            "socket_mode_enabled": matches!(reach, Reach::Socket),
            "token_rotation_enabled": false,
        },
    })
}

/// The link that opens Slack's page for a new app with this manifest filled in.
pub fn create_link(manifest: &Value) -> String {
    let text = manifest.to_string();
    let coded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // A blank must not become a plus in a manifest.
    format!("https://api.slack.com/apps?new_app=1&manifest_json={}", coded.replace('+', "%20"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_what_the_transport_needs_and_nothing_more() {
        let socket = manifest("Nightbell", "/nb", Reach::Socket);
        assert_eq!(socket["settings"]["socket_mode_enabled"], true);
        assert!(socket["settings"]["event_subscriptions"].get("request_url").is_none());
        let http = manifest("Nightbell", "/nb", Reach::Http("https://bot.example.com/"));
        assert_eq!(http["settings"]["event_subscriptions"]["request_url"], "https://bot.example.com/slack/events");
        assert_eq!(http["settings"]["interactivity"]["request_url"], "https://bot.example.com/slack/interactions");
        assert_eq!(http["features"]["slash_commands"][0]["url"], "https://bot.example.com/slack/commands");
        let mut sorted = SCOPES.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, SCOPES);
    }

    #[test]
    fn the_link_carries_the_manifest() {
        let m = manifest("Nightbell", "/nb", Reach::Socket);
        let link = url::Url::parse(&create_link(&m)).expect("a link");
        let (_, text) = link.query_pairs().find(|(k, _)| k == "manifest_json").expect("the manifest");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), m);
    }
}
