//! The whole story again for every durable operation k: the process dies before or after it. The end must be the same.

use nightbell_core::port::random::Seeded;
use nightbell_tests::end::End;
use nightbell_tests::fault::At;
use nightbell_tests::verbs::below;
use nightbell_tests::{Kind, World, mails};
use std::sync::atomic::{AtomicU64, Ordering};

type Story = fn(&mut World);

/// Sends that had to be repeated under their key: the proof that deaths hit the moment between effect and record.
static REPEATED: AtomicU64 = AtomicU64::new(0);

fn phishing(w: &mut World) {
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.press("employee", "a link");
    w.press("employee", "Yes");
    w.send_file("colleague", "fwd.eml", mails::PHISH.into());
    w.press("responder", "Take C-1");
    w.press("responder", "Approve");
    w.press("employee", "no");
    w.press("colleague", "no");
    w.press("colleague", "no");
    w.command("responder", "close C-1 real");
}

fn silence(w: &mut World) {
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.press("employee", "a link");
    w.advance("75m");
    w.press("employee", "no");
    w.advance("48h");
}

fn ladder(w: &mut World) {
    w.command("lead", "declare critical The file server is encrypted");
    w.advance("40m");
    w.press("responder", "Take C-1");
}

fn verification(w: &mut World) {
    w.alert("employee@company.example.com", "Sign-in from a new country", &["verify-user"]);
    w.press("employee", "yes");
    w.press("responder", "Approve");
    w.alert("colleague@company.example.com", "Sign-in from a new country", &["verify-user"]);
    w.press("colleague", "no");
    w.press("responder", "Deny");
    w.advance("1h");
}

fn small_things(w: &mut World) {
    w.dm("employee", "may I bring my parrot to the server room?");
    w.dm("employee", "may I use a USB stick?");
    w.channel_message("general", "colleague", "oops, I clicked on it");
    w.press("colleague", "Call a person");
    w.press("responder", "Take C-1");
    w.command("lead", "gaps");
    w.mention("general", "german", "may I use a USB stick?");
}

fn run(kind: Kind, story: Story, plan: &[At]) -> (End, u64) {
    let mut w = World::new(kind);
    let from = w.store.operations();
    w.store.plan(plan.iter().map(|at| match at {
        At::Before(k) => At::Before(k + from),
        At::After(k) => At::After(k + from),
    }));
    story(&mut w);
    w.nothing_lost();
    let end = w.end();
    assert!(end.open["started"] == 0, "a call is left half done");
    for (coll, n) in end.open.iter().filter(|(c, _)| c.starts_with("outbox")) {
        assert_eq!(*n, 0, "{coll} is not empty");
    }
    let again = w.chat.tries().values().filter(|n| **n > 1).count() as u64;
    REPEATED.fetch_add(again, Ordering::Relaxed);
    (end, w.store.operations() - from)
}

#[track_caller]
fn same(end: &End, calm: &End, when: &str) {
    assert!(end == calm, "{when}: the end differs\n{}", end.differs(calm));
}

/// Every operation, both sides.
fn matrix(name: &str, story: Story) {
    let (calm, operations) = run(Kind::Memory, story, &[]);
    assert!(operations > 10, "{name} has {operations} operations only");
    for k in 1..=operations {
        for at in [At::Before(k), At::After(k)] {
            let (end, _) = run(Kind::Memory, story, &[at]);
            same(&end, &calm, &format!("{name}: a death {at:?} of {operations}"));
        }
    }
    assert!(REPEATED.load(Ordering::Relaxed) > 0, "no death ever came between an effect and its record");
}

#[test]
fn phishing_survives_a_death_at_every_commit() {
    matrix("phishing", phishing);
}

#[test]
fn silence_survives_a_death_at_every_commit() {
    matrix("silence", silence);
}

#[test]
fn the_ladder_survives_a_death_at_every_commit() {
    matrix("ladder", ladder);
}

#[test]
fn was_this_you_survives_a_death_at_every_commit() {
    matrix("verification", verification);
}

#[test]
fn small_things_survive_a_death_at_every_commit() {
    matrix("small things", small_things);
}

#[test]
fn many_deaths_in_one_story_change_nothing() {
    for (name, story) in [("phishing", phishing as Story), ("ladder", ladder), ("verification", verification)] {
        let (calm, operations) = run(Kind::Memory, story, &[]);
        for seed in 0..40 {
            let dice = Seeded::new(seed);
            let mut plan: Vec<At> = Vec::new();
            let mut k = 0;
            while k < operations * 3 {
                k += 1 + below(&dice, 6);
                plan.push(if below(&dice, 2) == 0 { At::Before(k) } else { At::After(k) });
            }
            let (end, _) = run(Kind::Memory, story, &plan);
            same(&end, &calm, &format!("{name}, seed {seed}"));
        }
    }
}

#[test]
fn the_real_store_reopens_after_every_death() {
    let (calm, operations) = run(Kind::Embedded, phishing, &[]);
    for k in (1..=operations).step_by(5) {
        for at in [At::Before(k), At::After(k)] {
            let (end, _) = run(Kind::Embedded, phishing, &[at]);
            same(&end, &calm, &format!("{at:?}"));
        }
    }
}
