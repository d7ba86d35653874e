//! Where messages and files go and come from: places, changes, the home page, and words that must stay words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use nightbell_core::chat::{Block, Card, FileRef, Style, Tone, What};
use nightbell_core::port::chat::{Chat as _, Delivery, FetchError, MsgRef, Place};
use nightbell_core::port::clock::Clock as _;
use nightbell_slack_sim::{ChannelKind, Fault, Often, Say, Seen, Upload};
use serde_json::Value;
use std::time::Duration;
use support::{World, channel, only_for, send, user, waits_are_kept};

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
async fn a_file_is_fetched_when_slack_lets_us_and_is_gone_only_when_it_is_gone() {
    let w = World::new(16);
    let mail = Upload::new("odd.eml", "message/rfc822", b"Subject: odd".to_vec());
    let due = w.sim.with(|s| {
        s.say_with(w.clock.now(), Say::new("U1", "dm", "").file(mail)).unwrap();
        s.due(w.clock.now())
    });
    for e in due {
        assert!(w.slack.frame(&e.frame().to_string()).await.is_some());
    }
    let What::Message(m) = w.inbox.all()[0].event.what.clone() else { panic!("a message") };
    let by_address = m.files[0].clone();
    let by_id = FileRef { id: by_address.id.split_once(' ').unwrap().0.to_owned() + " ", ..by_address.clone() };
    for (method, file) in [("download", &by_address), ("files.info", &by_id)] {
        let before = w.calls(method);
        w.sim.with(|s| s.fault(method, Fault::Limited { retry_after: 30 }, Often::Times(1)));
        for _ in 0..5 {
            let answer = w.slack.fetch(file, 1_000).await;
            assert!(matches!(answer, Err(FetchError::Later(_))), "{method}: {answer:?}");
        }
        assert_eq!(w.calls(method), before + 1, "{method} is asked for again before the wait is over");
        w.clock.pass(Duration::from_secs(30));
        assert_eq!(w.slack.fetch(file, 1_000).await, Ok(b"Subject: odd".to_vec()), "{method}");
    }
    waits_are_kept(&w);
    assert_eq!(w.slack.fetch(&by_address, 5).await, Err(FetchError::TooBig { cap: 5 }));
    // What somebody can put right is waited for: the mail is not gone.
    for code in ["missing_scope", "token_revoked", "account_inactive", "internal_error"] {
        w.sim.with(|s| s.fault("files.info", Fault::Error(code.to_owned()), Often::Times(1)));
        let answer = w.slack.fetch(&by_id, 1_000).await;
        assert!(matches!(answer, Err(FetchError::Later(_))), "{code}: {answer:?}");
    }
    for code in ["file_not_found", "file_deleted"] {
        w.sim.with(|s| s.fault("files.info", Fault::Error(code.to_owned()), Often::Times(1)));
        assert_eq!(w.slack.fetch(&by_id, 1_000).await, Err(FetchError::Gone), "{code}");
    }
    for fault in [Fault::Status(500), Fault::Reset { done: true }, Fault::Truncated, Fault::Html, Fault::Refuse] {
        let name = fault.name();
        w.sim.with(|s| s.fault("download", fault, Often::Times(1)));
        let answer = w.slack.fetch(&by_address, 1_000).await;
        assert!(matches!(answer, Err(FetchError::Later(_))), "{name}: {answer:?}");
    }
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
    for c in &calls {
        texts(&c.body, &mut found);
    }
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
    let lines: Vec<String> = (0..900).map(|n| format!("line {n} of a long story about a mail")).collect();
    let text = lines.join("\n");
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
