//! Once means once: every event arrives one to three times, late and out of order, and nobody can tell.

use nightbell_tests::end::End;
use nightbell_tests::{World, mails};

/// A busy day with a bit of everything.
pub fn busy_day(w: &mut World) {
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.press("employee", "a link");
    w.dm("colleague", "may I bring my parrot to the server room?");
    w.press("employee", "Yes");
    w.send_file("colleague", "fwd.eml", mails::PHISH.into());
    w.alert("second@company.example.com", "Sign-in from a new country", &["verify-user"]);
    w.press("responder", "Take C-1");
    w.press("responder", "Approve");
    w.press("employee", "no");
    w.advance("20m");
    w.press("second", "no");
    w.advance("2h");
    w.command("lead", "declare high Odd traffic");
    w.advance("30m");
    w.command("lead", "close C-3 harmless a backup");
    w.channel_message("general", "german", "oops, I clicked on it");
    w.command("german", "quiz now");
    // Platforms give up long before the two days for which the inbox remembers.
    w.all_repeats();
    w.advance("80h");
}

fn ended(w: &World) -> End {
    w.nothing_lost();
    w.end()
}

#[test]
fn repeats_of_the_platforms_change_nothing() {
    let mut w = World::default();
    busy_day(&mut w);
    let once = ended(&w);
    assert!(!once.effects.is_empty() && !once.pages.is_empty(), "{once:#?}");
    for seed in 0..12 {
        let mut w = World::default().repeating(seed);
        busy_day(&mut w);
        let end = ended(&w);
        assert!(end == once, "seed {seed}: the end differs\n{}", end.differs(&once));
        assert!(w.chat.tries().values().all(|n| *n == 1), "seed {seed}: a message was sent again");
    }
}

#[test]
fn the_two_stores_give_the_same_day() {
    let mut memory = World::default();
    busy_day(&mut memory);
    let mut embedded = World::new(nightbell_tests::Kind::Embedded);
    busy_day(&mut embedded);
    let (one, other) = (ended(&embedded), ended(&memory));
    assert!(one == other, "{}", one.differs(&other));
}

/// What only serves to recognise repeats is not kept for ever: a year of daily talk leaves no more than its window.
#[test]
fn old_traces_are_swept() {
    let mut w = World::new(nightbell_tests::Kind::Memory);
    for _ in 0..60 {
        w.dm("employee", "help");
        w.advance("24h");
    }
    let dedupe = w.records::<serde_json::Value>(nightbell_desk::records::coll::DEDUPE).len();
    let sent = w.records::<serde_json::Value>(nightbell_desk::records::coll::SENT).len();
    assert!((1..=4).contains(&dedupe), "{dedupe} dedupe keys after 60 days");
    assert!((28..=40).contains(&sent), "{sent} delivered messages after 60 days");
    assert_eq!(w.times_seen("employee", "What I can do for you here"), 60);
}
