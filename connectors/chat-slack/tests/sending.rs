//! What leaves: nothing is lost and nothing comes twice, whatever Slack does; and every refusal has its meaning.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use jiff::{SignedDuration, Timestamp};
use nightbell_core::chat::{Block, Card, Style, Tone};
use nightbell_core::port::chat::{Chat as _, Delivery, MsgRef, Place, SendError};
use nightbell_core::port::clock::Clock as _;
use nightbell_core::port::random::Seeded;
use nightbell_slack_sim::{ChannelKind, Fault, Often, Seen};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use support::{World, below};

fn user(id: &str) -> Place {
    Place::User(id.to_owned())
}

fn channel(id: &str) -> Place {
    Place::Channel { id: id.to_owned(), thread: None, only_for: None }
}

fn only_for(id: &str, who: &str) -> Place {
    Place::Channel { id: id.to_owned(), thread: None, only_for: Some(who.to_owned()) }
}

/// Keys of our messages in all of Slack, in the order in which they stand, with their conversation.
fn shown(w: &World) -> Vec<(String, String)> {
    let of = |m: &nightbell_slack_sim::Message| {
        let key = m.metadata.as_ref().and_then(|v| v.pointer("/event_payload/key")?.as_str().map(str::to_owned));
        key.filter(|_| !m.deleted)
    };
    w.sim.look(|s| s.channels().flat_map(|c| c.messages.iter().filter_map(|m| Some((c.id.clone(), of(m)?)))).collect())
}

async fn send(w: &World, key: &str, to: &Place, text: &str) -> Result<MsgRef, SendError> {
    w.slack.send(Delivery::of(key, to, &Card::text(text))).await
}

// --- storms ---------------------------------------------------------------------------------------------------------

struct Row {
    key: String,
    at: Timestamp,
    tries: u32,
}

struct Conversation {
    place: Place,
    rows: VecDeque<Row>,
    next: Timestamp,
}

/// How a storm went.
#[derive(Debug, Default)]
struct Went {
    tries: usize,
    later: usize,
    crashes: usize,
    minutes: i64,
}

const STORM_MINUTES: i64 = 30;
const MESSAGES: usize = 500;

fn storm_begins(w: &World, seed: u64) {
    w.sim.with(|s| {
        s.enforce_limits(true);
        let mut n = 0;
        let mut rule = |fault: Fault, probability: f64| {
            n += 1;
            s.fault("*", fault, Often::Chance { probability, seed: seed * 100 + n });
        };
        for retry_after in [1, 2, 3, 5, 8, 13, 21, 34, 47, 60] {
            rule(Fault::Limited { retry_after }, 0.01);
        }
        for status in [500, 502, 503, 504] {
            rule(Fault::Status(status), 0.05);
        }
        for done in [true, false] {
            rule(Fault::Reset { done }, 0.05);
        }
        rule(Fault::Truncated, 0.02);
        rule(Fault::Html, 0.02);
        rule(Fault::Refuse, 0.02);
        rule(Fault::Hang(Duration::from_secs(30)), 0.01);
    });
}

/// Forty conversations: people, channels, and threads in channels.
fn conversations(w: &World) -> Vec<Conversation> {
    let now = w.clock.now();
    let mut places: Vec<Place> = Vec::new();
    w.sim.with(|s| {
        for n in 0..26 {
            s.add_user(&format!("U{}", 100 + n), "Employee", &format!("employee{n}@company.example.com"));
            places.push(user(&format!("U{}", 100 + n)));
        }
        for n in 0..10 {
            let id = format!("C{}", 100 + n);
            s.add_channel(&id, &format!("channel-{n}"), ChannelKind::Public, &["U1"], true);
            places.push(channel(&id));
        }
        for id in ["C1", "C2", "C100", "C101"] {
            let ts = s.say(now, "U1", id, "a case").unwrap();
            places.push(Place::Channel { id: id.to_owned(), thread: Some(ts), only_for: None });
        }
    });
    places.into_iter().map(|place| Conversation { place, rows: VecDeque::new(), next: now }).collect()
}

/// Half an hour of trouble and what comes after, sent as the outbox does: in order per conversation, not before the time
/// that was named, and with doubt after every try that did not end well. With `crashes`, the process dies after some sends
/// before they are written down.
async fn storm(seed: u64, crashes: bool) -> (World, Went) {
    let mut w = World::new(seed);
    let start = w.clock.now();
    let end = start + SignedDuration::from_mins(STORM_MINUTES);
    let rng = Seeded::new(seed);
    let mut all = conversations(&w);
    assert_eq!(all.len(), 40);
    for n in 0..MESSAGES {
        let c = below(&rng, 40);
        let at = start + SignedDuration::from_millis(i64::try_from(n).unwrap() * 3_600);
        all[c].rows.push_back(Row { key: format!("{c:02}-{n:03}"), at, tries: 0 });
    }
    storm_begins(&w, seed);
    let mut went = Went::default();
    let mut calm = false;
    loop {
        let due = |c: &Conversation| c.rows.front().map(|r| r.at.max(c.next));
        let Some((at, c)) = all.iter_mut().filter_map(|c| Some((due(c)?, c))).min_by_key(|(at, _)| *at) else { break };
        w.clock.reach(at);
        if !calm && w.clock.now() >= end {
            calm = true;
            w.sim.with(nightbell_slack_sim::SlackState::clear_faults);
        }
        let row = c.rows.front_mut().unwrap();
        let card = Card::titled(format!("Message {}", row.key), Tone::Plain).with(Block::Text("x".repeat(200)));
        let doubt = (row.tries > 0).then_some(row.at);
        let result = w.slack.send(Delivery { doubt, ..Delivery::of(&row.key, &c.place, &card) }).await;
        went.tries += 1;
        assert!(went.tries < 100_000, "it does not end: {went:?}");
        match result {
            Ok(_) if crashes && below(&rng, 10) == 0 => {
                went.crashes += 1;
                row.tries += 1;
                w.restart();
            }
            Ok(_) => {
                c.rows.pop_front();
            }
            Err(SendError::Later { after_ms, why }) => {
                assert!(after_ms > 0 && !why.is_empty());
                went.later += 1;
                let back_off = (250u64 << row.tries.min(8)).min(60_000);
                row.tries += 1;
                c.next = w.clock.now() + SignedDuration::from_millis(after_ms.max(back_off) as i64);
            }
            Err(SendError::Never(why)) => panic!("given up: {why}"),
        }
    }
    went.minutes = w.clock.now().duration_since(start).as_mins();
    (w, went)
}

fn all_once_and_in_order(w: &World) {
    let shown = shown(w);
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    shown.iter().for_each(|(_, k)| *counted.entry(k).or_default() += 1);
    let twice: Vec<_> = counted.iter().filter(|(_, n)| **n > 1).collect();
    assert!(twice.is_empty(), "shown twice: {twice:?}");
    assert_eq!(counted.len(), MESSAGES, "lost");
    // A key begins with its conversation; a channel may hold a thread's messages as well.
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    for (_, key) in &shown {
        let (conversation, _) = key.split_once('-').unwrap();
        if let Some(before) = last.insert(conversation, key) {
            assert!(before < key.as_str(), "{key} stands behind {before}");
        }
    }
}

/// No call came before the time that Slack had named.
fn waits_are_kept(w: &World) {
    let early: Vec<String> = w.sim.look(|s| s.violations().iter().map(|c| format!("{} {}", c.method, c.at)).collect());
    assert!(early.is_empty(), "before the Retry-After had passed: {early:?}");
}

#[tokio::test]
async fn half_an_hour_of_trouble_loses_nothing_and_doubles_nothing() {
    for seed in [1, 2, 3] {
        let (w, went) = storm(seed, false).await;
        println!("seed {seed}: {went:?}, {} calls", w.sim.look(|s| s.ledger().len()));
        assert!(went.later > 200, "that was no storm: {went:?}");
        let undone = w.sim.look(|s| s.ledger().iter().filter(|c| c.done && c.fault.is_some()).count());
        assert!(undone > 20, "work that was done without an answer: {undone}");
        all_once_and_in_order(&w);
        waits_are_kept(&w);
        assert!(went.minutes < 45, "a quarter of an hour later all of it has arrived: {went:?}");
    }
}

#[tokio::test]
async fn a_process_that_dies_between_sending_and_writing_down_doubles_nothing() {
    // The waits that Slack named die with the process: it is told again, and nothing else comes of it.
    let (w, went) = storm(4, true).await;
    println!("{went:?}");
    assert!(went.crashes > 30, "{went:?}");
    all_once_and_in_order(&w);
}

#[tokio::test]
async fn after_kill_9_the_message_is_found_again() {
    let mut w = World::new(5);
    let thread = w.sim.with(|s| s.say(w.clock.now(), "U1", "C1", "a case")).unwrap();
    let in_thread = Place::Channel { id: "C1".to_owned(), thread: Some(thread), only_for: None };
    for (n, to) in [user("U1"), channel("C1"), in_thread].iter().enumerate() {
        let (key, at) = (format!("k{n}"), w.clock.now());
        let first = send(&w, &key, to, "A verdict").await.expect("sent");
        w.restart();
        w.clock.pass(Duration::from_mins(10));
        let card = Card::text("A verdict");
        let again = w.slack.send(Delivery { doubt: Some(at), ..Delivery::of(&key, to, &card) }).await;
        assert_eq!(again, Ok(first.clone()), "the same message");
        assert_eq!(shown(&w).iter().filter(|(_, k)| *k == key).count(), 1);
        // Another message with the same words is another message.
        let other = w.slack.send(Delivery { doubt: Some(at), ..Delivery::of(&format!("{key}b"), to, &card) }).await;
        assert_ne!(other.expect("sent"), first);
    }
}

#[tokio::test]
async fn a_message_is_found_below_many_newer_ones() {
    for newer in [99, 250] {
        let mut w = World::new(6);
        let at = w.clock.now();
        let first = send(&w, "k", &channel("C1"), "A page").await.expect("sent");
        for n in 0..newer {
            w.clock.pass(Duration::from_secs(1));
            w.sim.with(|s| s.say(w.clock.now(), "U1", "C1", &format!("people talk {n}"))).unwrap();
        }
        w.restart();
        let card = Card::text("A page");
        let again = w.slack.send(Delivery { doubt: Some(at), ..Delivery::of("k", &channel("C1"), &card) }).await;
        assert_eq!(again, Ok(first), "below {newer} newer messages");
    }
}

#[tokio::test]
async fn looking_back_that_is_not_allowed_sends_rather_twice_than_never() {
    let w = World::new(7);
    let at = w.clock.now();
    send(&w, "k", &user("U1"), "once").await.expect("sent");
    w.sim.with(|s| s.set_scopes(["chat:write", "im:write"]));
    let card = Card::text("once");
    w.slack.send(Delivery { doubt: Some(at), ..Delivery::of("k", &user("U1"), &card) }).await.expect("sent");
    assert_eq!(shown(&w).len(), 2);
}

// --- refusals -------------------------------------------------------------------------------------------------------

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
        w.sim.with(|s| s.fault("chat.postMessage", Fault::Error(code.to_owned()), Often::Times(1)));
        let card = Card::titled("A verdict", Tone::Bad).with(Block::Text("Do not pay.".to_owned()));
        w.slack.send(Delivery::of("k", &user("U1"), &card)).await.expect("sent");
        let heard = w.sim.with(|s| s.heard("U1"));
        assert!(
            heard.len() == 1 && heard[0].blocks.is_empty() && heard[0].text.contains("Do not pay."),
            "{code}: {heard:?}"
        );
    }
}

// --- places ---------------------------------------------------------------------------------------------------------

#[tokio::test]
async fn what_one_person_should_see_goes_to_them_directly_where_it_cannot_be_shown() {
    let w = World::new(11);
    w.sim.with(|s| {
        s.add_channel("C9", "open", ChannelKind::Public, &["U1"], false);
        s.add_channel("CP", "secret", ChannelKind::Private, &["U1"], false);
        s.add_channel("CN", "without", ChannelKind::Public, &["U2"], true);
    });
    send(&w, "a", &only_for("C1", "U1"), "for you").await.expect("sent");
    for (key, place) in [("b", "C9"), ("c", "CP"), ("d", "CN"), ("e", "C404")] {
        w.clock.pass(Duration::from_secs(2));
        send(&w, key, &only_for(place, "U1"), "for you").await.expect(place);
    }
    let heard: Vec<Seen> = w.sim.with(|s| s.heard("U1"));
    assert_eq!(heard.iter().filter(|h| h.ephemeral && h.channel == "C1").count(), 1);
    let dm = w.sim.with(|s| s.dm("U1"));
    assert_eq!(heard.iter().filter(|h| h.channel == dm && !h.ephemeral).count(), 4);
    for other in ["U2", "U3"] {
        assert!(w.sim.with(|s| s.heard(other)).is_empty(), "{other} reads what was not for them");
    }
}

#[tokio::test]
async fn a_change_goes_where_the_message_stands_or_is_posted_anew() {
    let w = World::new(12);
    let change = async |old: &MsgRef, key: &str, to: &Place, text: &str| {
        w.clock.pass(Duration::from_secs(2));
        let card = Card::text(text);
        w.slack.send(Delivery { replaces: Some(old), ..Delivery::of(key, to, &card) }).await
    };
    let old = send(&w, "a", &channel("C1"), "open").await.expect("sent");
    assert_eq!(change(&old, "a2", &channel("C1"), "decided").await, Ok(old.clone()));
    let seen = w.sim.look(|s| s.in_channel("C1"));
    assert!(seen.len() == 1 && seen[0].edited && seen[0].text == "decided", "{seen:?}");
    // A change is tried again without harm.
    assert_eq!(change(&old, "a2", &channel("C1"), "decided").await, Ok(old.clone()));

    w.sim.with(|s| s.unsay(w.clock.now(), "C1", old.0.split_once('/').unwrap().1)).unwrap();
    let anew = change(&old, "a3", &channel("C1"), "decided again").await.expect("sent");
    assert_ne!(anew, old);
    assert_eq!(w.sim.look(|s| s.in_channel("C1")).len(), 1);
    for code in ["edit_window_closed", "cant_update_message"] {
        w.sim.with(|s| s.fault("chat.update", Fault::Error(code.to_owned()), Often::Times(1)));
        assert_ne!(change(&anew, code, &channel("C1"), "anew").await.expect("sent"), anew);
    }
    // What only one person saw cannot be changed; they get it again.
    let whispered = send(&w, "b", &only_for("C1", "U1"), "for you").await.expect("sent");
    let calls = w.calls("chat.update");
    change(&whispered, "b2", &only_for("C1", "U1"), "for you, changed").await.expect("sent");
    assert_eq!(w.calls("chat.update"), calls);
    // A card that lost all it had says nothing of what stood there before.
    let full = send(&w, "c", &user("U2"), "the old words").await.expect("sent");
    w.clock.pass(Duration::from_secs(2));
    let empty = Card::default();
    w.slack.send(Delivery { replaces: Some(&full), ..Delivery::of("c2", &user("U2"), &empty) }).await.expect("changed");
    assert!(!w.sim.with(|s| s.heard("U2"))[0].text.contains("old words"));
}

#[tokio::test]
async fn the_id_of_a_direct_message_is_asked_for_once() {
    let w = World::new(13);
    for n in 0..10 {
        w.clock.pass(Duration::from_secs(2));
        send(&w, &format!("k{n}"), &user("U1"), "words").await.expect("sent");
    }
    let own = Place::Channel { id: "user:U1".to_owned(), thread: None, only_for: None };
    w.clock.pass(Duration::from_secs(5));
    send(&w, "own", &own, "words").await.expect("sent");
    assert_eq!((w.calls("conversations.open"), w.sim.with(|s| s.heard("U1")).len()), (1, 11));
}

#[tokio::test]
async fn the_home_page_is_replaced() {
    let w = World::new(14);
    for text in ["one", "two"] {
        let card = Card::titled(text, Tone::Plain).button("p:1:a", "Open it", Style::Plain);
        w.slack.send(Delivery::of(text, &Place::Home("U1".to_owned()), &card)).await.expect("published");
    }
    let home = w.sim.look(|s| s.home("U1").map(|v| v.body.to_string())).expect("a page");
    assert!(home.contains("two") && !home.contains("one"), "{home}");
}

fn texts(v: &Value, out: &mut Vec<(bool, String)>) {
    match v {
        Value::Object(o) => {
            if let Some(Value::String(t)) = o.get("text") {
                // A plain text object and an element of rich text are shown as they are; the message's own text and mrkdwn
                // are read for markup.
                let quiet = matches!(o.get("type").and_then(Value::as_str), Some("plain_text" | "text"));
                out.push((quiet, t.clone()));
            }
            o.values().for_each(|v| texts(v, out));
        }
        Value::Array(a) => a.iter().for_each(|v| texts(v, out)),
        _ => {}
    }
}

#[tokio::test]
async fn words_of_others_can_neither_call_nor_link_nor_unfurl() {
    let bad = "<!channel> <!here> <@U1> <!subteam^S1> @everyone <https://example.com|your bank> *b* `c` [x](https://example.com) \u{202e}";
    let card = Card::titled(bad, Tone::Bad)
        .with(Block::Text(bad.to_owned()))
        .with(Block::Heading(bad.to_owned()))
        .with(Block::Fields(vec![(bad.to_owned(), bad.to_owned())]))
        .with(Block::Quote { text: bad.to_owned(), source: bad.to_owned() })
        .with(Block::List(vec![bad.to_owned(); 3]))
        .with(Block::Code(bad.to_owned()))
        .with(Block::Context(bad.to_owned()))
        .button("p:1:a", bad, Style::Danger);
    let w = World::new(15);
    let old = w.slack.send(Delivery::of("a", &channel("C1"), &card)).await.expect("sent");
    w.slack.send(Delivery::of("b", &only_for("C1", "U1"), &card)).await.expect("sent");
    w.slack.send(Delivery::of("c", &Place::Home("U1".to_owned()), &card)).await.expect("sent");
    w.slack.send(Delivery { replaces: Some(&old), ..Delivery::of("d", &channel("C1"), &card) }).await.expect("sent");
    let calls = w.sim.look(|s| s.ledger().to_vec());
    let mut posts = 0;
    for c in calls.iter().filter(|c| c.method.starts_with("chat.post")) {
        posts += 1;
        for key in ["unfurl_links", "unfurl_media"] {
            assert_eq!(c.body[key], Value::Bool(false), "{}: {key}", c.method);
        }
        for key in ["parse", "link_names", "mrkdwn", "attachments"] {
            assert!(c.body[key].is_null(), "{}: {key}", c.method);
        }
    }
    assert_eq!(posts, 2);
    let mut found = Vec::new();
    calls.iter().for_each(|c| texts(&c.body, &mut found));
    assert!(found.len() > 30, "{}", found.len());
    for (quiet, t) in found {
        assert!(quiet || !t.contains(['<', '>']), "this is read as markup: {t}");
    }
    assert!(calls.iter().all(|c| c.error().is_none() && c.status == 200), "Slack refused something: {calls:?}");
    let people = w.sim.look(|s| s.in_channel("C1"));
    assert!(people.iter().all(|m| m.text.contains("<!channel>")), "what it says is shown as it is");
}

#[tokio::test]
async fn what_is_too_long_for_a_message_follows_as_a_file_in_its_thread() {
    let w = World::new(12);
    let text: String = (0..900).map(|n| format!("line {n} of a long story about a mail\n")).collect();
    let sent = send(&w, "long", &user("U1"), &text).await.expect("sent");
    let (channel, ts) = sent.0.split_once('/').expect("a reference");
    let heard = w.sim.with(|s| s.in_channel(channel));
    let first = heard.iter().find(|m| m.ts == ts).expect("the message");
    assert!(first.text.contains("line 0 of") && !first.text.contains("line 899"), "{}", first.text);
    let file =
        heard.iter().find(|m| m.thread_ts.as_deref() == Some(ts) && !m.files.is_empty()).expect("a file below it");
    assert_eq!(file.files, ["whole-message.txt"]);
    // A short one brings no file, and a failed upload does not fail the message.
    let before = w.sim.with(|s| s.calls_of("files.completeUploadExternal").count());
    w.sim.with(|s| s.fault("upload", Fault::Status(500), Often::Times(1)));
    w.clock.pass(Duration::from_secs(5));
    send(&w, "long 2", &user("U1"), &text).await.expect("sent");
    send(&w, "short", &user("U1"), "short").await.expect("sent");
    assert_eq!(w.sim.with(|s| s.calls_of("files.completeUploadExternal").count()), before);
}
