//! Slack's refusals: what becomes of the message, and what the operator reads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use nightbell_core::chat::{Block, Card, Tone};
use nightbell_core::port::chat::{Chat as _, Delivery, Place, SendError};
use nightbell_slack_sim::{ChannelKind, Fault, Often};
use support::{World, channel, only_for, send, shown, user};

/// One refusal: how it comes about, where to, what becomes of the message, and words of the finding.
struct Case {
    name: &'static str,
    make: fn(&mut nightbell_slack_sim::SlackState),
    to: Place,
    later: Option<u64>,
    why: &'static str,
    found: &'static str,
}

fn cases() -> Vec<Case> {
    let case = |name, make, to, later, why, found| Case { name, make, to, later, why, found };
    vec![
        case(
            "a channel that is not there",
            |_| {},
            channel("C404"),
            None,
            "private and the bot was not invited",
            "channel_not_found",
        ),
        case(
            "a private channel without the bot",
            |s| s.add_channel("CP", "secret", ChannelKind::Private, &["U1"], false),
            channel("CP"),
            None,
            "the channel is not there",
            "channel_not_found",
        ),
        case(
            "a channel that the bot may not join",
            |s| {
                s.add_channel("CJ", "open", ChannelKind::Public, &["U1"], false);
                s.set_scopes(["chat:write"]);
            },
            channel("CJ"),
            None,
            "/invite",
            "not_in_channel",
        ),
        case(
            "an archived channel",
            |s| s.channel_mut("C1").unwrap().archived = true,
            channel("C1"),
            None,
            "archived",
            "is_archived",
        ),
        case(
            "an account that is switched off",
            |s| s.user_mut("U1").unwrap().deleted = true,
            user("U1"),
            None,
            "switched off",
            "user_disabled",
        ),
        case("a bot", |s| s.user_mut("U1").unwrap().is_bot = true, user("U1"), None, "is a bot", "cannot_dm_bot"),
        case("nobody", |_| {}, user("U404"), None, "does not know this person", "user_not_found"),
        case(
            "a stranger",
            |s| s.user_mut("U1").unwrap().stranger = true,
            user("U1"),
            None,
            "may not see",
            "user_not_visible",
        ),
        case(
            "a message that is too long in every form",
            |s| s.fault("chat.postMessage", Fault::Error("msg_too_long".to_owned()), Often::Times(9)),
            channel("C1"),
            None,
            "too long",
            "msg_too_long",
        ),
        case(
            "a revoked token",
            |s| {
                let token = s.secrets.bot_token.clone();
                s.revoke(&token);
            },
            channel("C1"),
            Some(60_000),
            "Install the app again",
            "token_revoked",
        ),
        case(
            "a missing permission",
            |s| s.set_scopes(["im:write"]),
            channel("C1"),
            Some(60_000),
            "chat:write",
            "chat:write",
        ),
        case(
            "another missing permission",
            |s| s.set_scopes(["chat:write"]),
            user("U1"),
            Some(60_000),
            "im:write",
            "im:write",
        ),
        case(
            "an app that was removed",
            |s| s.fault("*", Fault::Error("account_inactive".to_owned()), Often::Times(9)),
            channel("C1"),
            Some(60_000),
            "Install it again",
            "account_inactive",
        ),
        case(
            "trouble of Slack's own",
            |s| s.fault("chat.*", Fault::Error("internal_error".to_owned()), Often::Times(1)),
            channel("C1"),
            Some(2_000),
            "trouble of its own",
            "internal_error",
        ),
        case(
            "too many calls",
            |s| s.fault("chat.*", Fault::Limited { retry_after: 37 }, Often::Times(1)),
            channel("C1"),
            Some(37_000),
            "asked us to wait",
            "",
        ),
        case(
            "an error page",
            |s| s.fault("chat.*", Fault::Html, Often::Times(1)),
            channel("C1"),
            Some(1_000),
            "502",
            "",
        ),
        case(
            "nobody listens",
            |s| s.fault("chat.*", Fault::Refuse, Often::Times(1)),
            channel("C1"),
            Some(1_000),
            "refused",
            "",
        ),
        case(
            "a code that nobody knows yet",
            |s| s.fault("chat.*", Fault::Error("brand_new_error".to_owned()), Often::Times(1)),
            channel("C1"),
            None,
            "brand_new_error",
            "brand_new_error",
        ),
    ]
}

#[tokio::test]
async fn every_refusal_has_its_meaning_and_its_line_for_the_operator() {
    for c in cases() {
        let w = World::new(8);
        w.sim.with(c.make);
        let error = send(&w, "k", &c.to, "words").await.expect_err(c.name);
        let text = error.to_string();
        assert!(text.contains(c.why), "{}: {text}", c.name);
        match (c.later, &error) {
            (Some(ms), SendError::Later { after_ms, .. }) => assert_eq!(*after_ms, ms, "{}", c.name),
            (None, SendError::Never(_)) => {}
            other => panic!("{}: {other:?}", c.name),
        }
        let findings = w.slack.examine().await;
        let bad: Vec<&String> = findings.iter().filter(|f| !f.ok).map(|f| &f.text).collect();
        if c.found.is_empty() {
            // Trouble on the way is over as soon as a call goes well, and the look itself is one.
            assert!(bad.len() == 1 && bad[0].contains("socket"), "{}: {bad:?}", c.name);
        } else {
            assert!(bad.iter().any(|t| t.contains(c.found)), "{}: {bad:?}", c.name);
        }
        assert!(findings.iter().filter(|f| !f.ok).all(|f| f.code.is_some() && f.text.starts_with("slack: ")));
    }
}

#[tokio::test]
async fn a_healthy_connection_has_nothing_to_complain_about_but_its_sockets() {
    let w = World::new(8);
    send(&w, "k", &user("U1"), "words").await.expect("sent");
    let bad: Vec<String> = w.slack.examine().await.into_iter().filter(|f| !f.ok).map(|f| f.text).collect();
    assert!(bad.len() == 1 && bad[0].contains("no socket is open"), "{bad:?}");
}

#[tokio::test]
async fn a_public_channel_is_joined_once() {
    let w = World::new(9);
    w.sim.with(|s| s.add_channel("C9", "open", ChannelKind::Public, &["U1"], false));
    send(&w, "a", &channel("C9"), "one").await.expect("sent");
    send(&w, "b", &channel("C9"), "two").await.expect("sent");
    assert_eq!((w.calls("conversations.join"), shown(&w).len()), (1, 2));
}

#[tokio::test]
async fn what_slack_finds_too_long_is_said_in_plain_words() {
    for code in ["msg_too_long", "msg_blocks_too_long", "invalid_blocks", "invalid_blocks_format"] {
        let w = World::new(10);
        let card = Card::titled("A verdict", Tone::Bad).with(Block::Text("Do not pay.".to_owned()));
        let old = send(&w, "old", &user("U2"), "open").await.expect("sent");
        for method in ["chat.postMessage", "chat.postEphemeral", "chat.update"] {
            w.sim.with(|s| s.fault(method, Fault::Error(code.to_owned()), Often::Times(1)));
        }
        w.slack.send(Delivery::of("a", &user("U1"), &card)).await.expect("sent");
        w.slack.send(Delivery::of("b", &only_for("C1", "U1"), &card)).await.expect("whispered");
        let changed = w.slack.send(Delivery { replaces: Some(&old), ..Delivery::of("c", &user("U2"), &card) }).await;
        assert_eq!(changed, Ok(old), "changed where it stands");
        for (who, many) in [("U1", 2), ("U2", 1)] {
            let heard = w.sim.with(|s| s.heard(who));
            assert_eq!(heard.len(), many, "{code}: {heard:?}");
            assert!(heard.iter().all(|h| h.blocks.is_empty() && h.text.contains("Do not pay.")), "{code}: {heard:?}");
        }
    }
}
