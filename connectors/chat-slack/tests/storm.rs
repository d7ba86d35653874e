//! Half an hour of 429, error pages and cut connections, and deaths of the process: nothing is lost and nothing comes twice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use jiff::{SignedDuration, Timestamp};
use nightbell_core::chat::{Block, Card, Tone};
use nightbell_core::port::chat::{Chat as _, Delivery, Place, SendError};
use nightbell_core::port::clock::Clock as _;
use nightbell_core::port::random::Seeded;
use nightbell_slack_sim::{ChannelKind, Fault, Often};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use support::{World, below, channel, send, shown, user, waits_are_kept};

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
                c.next = w.clock.now() + SignedDuration::from_millis(after_ms.max(back_off).cast_signed());
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
    for (_, k) in &shown {
        *counted.entry(k).or_default() += 1;
    }
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
