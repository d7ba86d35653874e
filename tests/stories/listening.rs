//! In channels: a worry gets one quiet offer per person and day; chatter leaves no trace; a mention is answered in its thread.

use nightbell_core::port::chat::Place;
use nightbell_core::port::store::{Scan, Store};
use nightbell_desk::records::coll;
use nightbell_tests::World;

const ALL: &[&str] = &[
    coll::INBOX,
    coll::DEAD,
    coll::OUTBOX,
    coll::OUTBOX_INCIDENT,
    coll::OUTBOX_BULK,
    coll::STARTED,
    coll::SENT,
    coll::CASES,
    coll::ROWS,
    coll::ANALYSES,
    coll::SAME,
    coll::RUNS,
    coll::PROMPTS,
    coll::CONVS,
    coll::PAGES,
    coll::GAPS,
    coll::QUIZ,
    coll::LEARNERS,
    coll::AUDIT,
    coll::SENDERS,
    coll::OFFERS,
];

#[test]
fn chatter_is_answered_by_nothing_and_leaves_nothing() {
    let mut w = World::default();
    for (n, text) in
        ["lunch at noon?", "the deploy is done", "SECRETWORD in passing", "show C-1", "help", "approve C-1"]
            .into_iter()
            .enumerate()
    {
        w.channel_message("general", if n % 2 == 0 { "employee" } else { "responder" }, text);
    }
    assert!(w.chat.all().is_empty(), "{:?}", w.chat.all());
    for coll in ALL.iter().chain(&[coll::DEDUPE, coll::COUNTERS, coll::TIMERS]) {
        let found = w.desk().store.clone();
        let rows = futures(found, coll);
        assert!(
            !rows.iter().any(|r| r.contains("SECRETWORD") || r.contains("lunch")),
            "{coll} keeps chatter: {rows:?}"
        );
        if ALL.contains(coll) {
            let fine = *coll == coll::LEARNERS;
            assert!(rows.is_empty() || fine, "{coll}: {rows:?}");
        }
    }
}

fn futures(store: std::sync::Arc<dyn Store>, coll: &'static str) -> Vec<String> {
    let rt = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let rows = rt.block_on(store.scan(coll, Scan::all(1000))).expect("scan");
    rows.into_iter().map(|r| String::from_utf8_lossy(&r.value).into_owned()).collect()
}

#[test]
fn a_worry_gets_one_quiet_offer_a_day() {
    let mut w = World::default();
    w.channel_message("general", "employee", "hm, I think I clicked on a bad link");
    w.sees("employee", "Can I help?");
    assert!(w.channel("general").is_empty(), "the worry was made public");
    w.channel_message("general", "employee", "I just typed my password there, oops");
    assert_eq!(w.times_seen("employee", "Can I help?"), 1);
    w.channel_message("general", "colleague", "is this phishing?");
    assert_eq!(w.times_seen("colleague", "Can I help?"), 1, "another person has an offer of their own");
    w.advance("24h");
    w.channel_message("general", "employee", "I think I clicked on a bad link again");
    assert_eq!(w.times_seen("employee", "Can I help?"), 2);
    w.press("employee", "No, all is well");
    w.sees("employee", "I am here if you need me");
    assert!(w.cases().is_empty());
    w.nothing_lost();
}

#[test]
fn the_offer_leads_to_help() {
    for (choice, sign) in [
        ("I got a strange mail", ".eml"),
        ("I typed my password", "case C-1"),
        ("My device is gone", "case C-1"),
        ("Call a person", "I am calling a person now"),
    ] {
        let mut w = World::default();
        w.channel_message("general", "employee", "oops, I clicked on it");
        w.press("employee", choice);
        w.sees("employee", sign);
        if choice == "Call a person" {
            w.sees("responder", "C-1 needs you: Employee in sales asks for a person");
        }
        w.nothing_lost();
    }
}

#[test]
fn the_offer_is_for_one_person_only() {
    let mut w = World::default();
    w.channel_message("general", "employee", "oops, I clicked on it");
    let token = w.button("employee", "Call a person").expect("button");
    w.press_token("colleague", &token);
    w.sees("colleague", "meant for somebody else");
    assert!(w.cases().is_empty());
}

#[test]
fn a_mention_is_answered_in_its_thread() {
    let mut w = World::default();
    let id = w.mention("general", "employee", "may I use a USB stick?");
    let shown = w.chat.all();
    let place = &shown.last().expect("an answer").place;
    assert_eq!(*place, Place::Channel { id: "general".into(), thread: Some(id), only_for: None });
    w.nothing_lost();
}

#[test]
fn a_worry_in_a_direct_message_is_taken_as_one() {
    let mut w = World::default();
    w.dm("employee", "oops, I clicked on a link and I just typed my password");
    w.sees("employee", "Thank you for telling me");
    w.press("employee", "I typed my password");
    w.sees("employee", "case C-1");
    w.nothing_lost();
}
