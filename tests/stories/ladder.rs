//! Waking a human: level by level, once per (page, level, round, target), and plainly said when nobody comes.

use nightbell_core::case::Status;
use nightbell_core::port::chat::SendError;
use nightbell_tests::people;
use nightbell_tests::{Kind, World};
use std::collections::BTreeMap;

fn ringing() -> World {
    let mut w = World::default();
    w.command("lead", "declare critical The file server is encrypted");
    w
}

fn taken(w: &World, by: &str) {
    let case = w.case("C-1");
    assert_eq!(case.owner.as_ref().map(|o| o.0.as_str()), Some(by));
    assert_eq!(case.status, Status::Acknowledged);
}

#[test]
fn an_acknowledgement_at_the_first_level_stops_the_bell() {
    let mut w = ringing();
    w.press("responder", "Take C-1");
    taken(&w, "responder");
    w.advance("48h");
    assert!(w.pager.rang().is_empty());
    assert_eq!(w.times_seen("second", "C-1 needs you"), 0);
    w.does_not_see("#security", "could be reached");
}

#[test]
fn silence_climbs_and_the_second_level_can_take_it() {
    let mut w = ringing();
    w.advance("5m");
    assert_eq!(w.pager.rang().len(), 1);
    let page = &w.pager.rang()[0];
    assert_eq!((page.case.as_str(), page.level, page.severity.as_str()), ("C-1", 2, "critical"));
    assert!(page.body.contains("The file server is encrypted"), "{}", page.body);
    w.sees("second", "Earlier levels did not answer.");
    w.press("second", "Take C-1");
    taken(&w, "second");
    // The first level comes too late and hears who has it.
    let token = w.old_button("responder", "Take C-1");
    w.press_token("responder", &token);
    w.sees("responder", "Second responder was faster");
    taken(&w, "second");
    w.advance("48h");
    w.does_not_see("#security", "could be reached");
    w.nothing_lost();
}

#[test]
fn silence_to_the_end_is_said_with_numbers() {
    for restarts in [false, true] {
        let mut w = ringing();
        for _ in 0..20 {
            w.advance("1m");
            if restarts {
                w.restart();
            }
        }
        w.sees("#security", "NB0601 Nobody on call could be reached for C-1");
        w.sees("#security", "Front desk: extension 100");
        assert_eq!(w.times_seen("lead", "Front desk: extension 100"), 1, "the reporter is not told");
        assert_eq!(w.times_seen("responder", "C-1 needs you"), 1);
        assert_eq!(w.pager.rang().len(), 1);
        w.advance("72h");
        assert_eq!(w.times_seen("#security", "Nobody on call could be reached"), 1);
        // Somebody can still take it.
        w.press("responder", "Take C-1");
        taken(&w, "responder");
        w.nothing_lost();
    }
}

#[test]
fn every_round_rings_every_target_once() {
    let mut policy = people::policy();
    policy.oncall.rounds = 3;
    let mut w = World::with(Kind::Memory, people::directory(), policy, 3);
    w.command("lead", "declare high Trouble");
    for _ in 0..120 {
        w.advance("1m");
        w.restart();
    }
    assert_eq!(w.times_seen("responder", "C-1 needs you"), 3);
    assert_eq!(w.times_seen("second", "C-1 needs you"), 3);
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    for p in w.pager.rang() {
        *keys.entry(p.key).or_default() += 1;
    }
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(keys.values().all(|n| *n == 1));
    assert_eq!(w.times_seen("#security", "Nobody on call could be reached"), 1);
}

#[test]
fn a_pager_that_is_down_does_not_stop_the_people() {
    let mut w = ringing();
    w.pager.script((0..200).map(|_| SendError::Later { why: "503".into(), after_ms: 1000 }));
    w.advance("6m");
    w.sees("second", "C-1 needs you");
    assert!(w.pager.rang().is_empty());
    w.press("second", "Take C-1");
    w.advance("24h");
    taken(&w, "second");
    w.nothing_lost();
}

#[test]
fn a_pager_that_refuses_is_written_down() {
    let mut w = ringing();
    w.pager.script([SendError::Never("401 wrong key".into())]);
    w.advance("6m");
    assert!(w.timeline("C-1").contains("did not take the page"), "{}", w.timeline("C-1"));
    w.nothing_lost();
}

#[test]
fn a_short_outage_of_the_pager_rings_once() {
    let mut w = ringing();
    w.pager.script((0..4).map(|_| SendError::Later { why: "503".into(), after_ms: 100 }));
    w.advance("8m");
    assert_eq!(w.pager.rang().len(), 1);
    assert_eq!(w.pager.tries(), 5);
}

#[test]
fn without_a_ladder_it_is_said_at_once() {
    let mut policy = people::policy();
    policy.oncall.levels.clear();
    let mut w = World::with(Kind::Memory, people::directory(), policy, 3);
    w.command("lead", "declare high Trouble");
    w.sees("#security", "NB0601 Nobody on call could be reached for C-1");
    w.command("employee", "oncall");
    w.sees("employee", "NB0602");
}

#[test]
fn a_second_reason_is_told_to_those_who_are_called() {
    let mut w = ringing();
    w.command("lead", "page C-1 the backup is gone too");
    assert_eq!(w.pages().len(), 1, "one case rings once");
    w.sees("responder", "the backup is gone too");
}

#[test]
fn a_second_reason_is_told_to_the_one_who_has_the_case() {
    let mut w = ringing();
    w.press("responder", "Take C-1");
    w.command("lead", "page C-1 the printers as well");
    w.sees("lead", "I am calling on-call for C-1");
    let told = w.transcript("responder").contains("the printers as well");
    assert!(told, "somebody asked for help and nobody was told:\n{}", w.timeline("C-1"));
}

#[test]
fn who_is_not_on_call_cannot_take_it() {
    let mut w = ringing();
    let token = w.button("responder", "Take C-1").expect("button");
    w.press_token("employee", &token);
    w.sees("employee", "meant for somebody else");
    assert!(w.case("C-1").owner.is_none());
    w.advance("5m");
    w.sees("second", "C-1 needs you");
}
