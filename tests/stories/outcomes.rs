//! What an action did when nobody can know: a human says, nothing is guessed, nothing is done twice.

use crate::typed_password;
use nightbell_core::action::Outcome;
use nightbell_tests::World;

const ACTION: &str = "identity.revoke_sessions";

/// A lost laptop is to be erased; the service breaks off in the middle.
fn unknown() -> World {
    let mut w = World::default();
    w.actions.script("device.wipe", [Outcome::Unknown { why: "the connection broke".into() }]);
    w.command("employee", "lost-device");
    w.press("employee", "laptop");
    w.dm("employee", "NB-1234");
    w.press("employee", "today");
    w.press("employee", "no");
    w.press("responder", "Approve");
    w.sees("employee", "C-1");
    w.press("lead", "Approve");
    assert_eq!(w.calls("device.lock").len(), 1, "{}", w.timeline("C-1"));
    w.advance("1h");
    w
}

#[test]
fn an_unknown_outcome_that_must_not_happen_twice_is_put_to_a_human() {
    for (choice, arrived, end) in [
        ("It happened", 1, "being erased"),
        ("Skip it", 1, "Thank you for telling us"),
        ("It did not", 2, "being erased"),
    ] {
        let mut w = unknown();
        assert_eq!(w.actions.arrived("device.wipe").len(), 1, "it was guessed");
        w.sees("responder", "C-1: did it happen?");
        w.sees("responder", "NB-1234");
        w.press("responder", choice);
        w.advance("1h");
        assert_eq!(w.actions.arrived("device.wipe").len(), arrived, "{choice}");
        w.sees("employee", end);
        w.nothing_lost();
    }
}

#[test]
fn a_death_between_the_call_and_its_result_is_put_to_a_human() {
    use nightbell_tests::fault::At;
    let mut asked = 0;
    // Accept, handle, mark as started, call, result: the death comes at each of them once.
    for ahead in 1..=6 {
        let mut w = World::default();
        w.command("employee", "lost-device");
        w.press("employee", "laptop");
        w.dm("employee", "NB-1234");
        w.press("employee", "today");
        w.press("employee", "no");
        w.press("responder", "Deny");
        w.store.plan([At::Before(w.store.operations() + ahead)]);
        w.press("lead", "Approve");
        w.advance("1m");
        let arrived = w.actions.arrived("device.wipe").len();
        assert!(arrived <= 1, "death {ahead}: erased {arrived} times");
        let question = w.transcript("responder").contains("did it happen?");
        asked += usize::from(question);
        assert!(question || arrived == 1, "death {ahead}: neither erased nor asked\n{}", w.timeline("C-1"));
    }
    assert!(asked > 0, "no death hit the moment of the call");
}

#[test]
fn an_unknown_outcome_under_a_key_is_tried_again_and_happens_once() {
    let mut w = World::default();
    w.actions.script(ACTION, [Outcome::Unknown { why: "the connection broke".into() }]);
    typed_password(&mut w);
    w.press("responder", "Approve");
    w.advance("5m");
    let calls = w.actions.arrived(ACTION);
    assert_eq!(calls.len(), 2, "{}", w.timeline("C-1"));
    assert_eq!(calls[0].key, calls[1].key, "another key is another action");
    assert_eq!(w.calls(ACTION).len(), 1);
    w.press("employee", "no");
    w.sees("employee", "signed out everywhere");
}

#[test]
fn only_somebody_who_works_on_cases_may_say_what_happened() {
    let mut w = unknown();
    let token = w.button("responder", "It happened").expect("button");
    w.press_token("employee", &token);
    w.sees("employee", "meant for somebody else");
    assert!(w.button("responder", "It happened").is_some());
}

#[test]
fn a_failure_that_may_pass_is_tried_again_with_the_same_key() {
    let mut w = World::default();
    let failed = Outcome::Failed { code: "503".into(), message: "busy".into(), retryable: true };
    w.actions.script(ACTION, [failed]);
    typed_password(&mut w);
    w.press("responder", "Approve");
    w.advance("30m");
    let calls = w.actions.arrived(ACTION);
    assert!(calls.iter().all(|c| c.args == calls[0].args), "the arguments changed between tries");
    assert!(w.calls(ACTION).len() <= 1);
    w.press("employee", "no");
    assert!(w.transcript("employee").contains("Your report is closed"), "{}", w.transcript("employee"));
    w.nothing_lost();
}

#[test]
fn a_failure_for_good_is_told_and_the_reporter_is_not_left_hanging() {
    let mut w = World::default();
    let failed = Outcome::Failed { code: "403".into(), message: "not allowed".into(), retryable: false };
    w.actions.script(ACTION, std::iter::repeat_n(failed, 20));
    typed_password(&mut w);
    w.press("responder", "Approve");
    w.advance("2h");
    assert!(w.timeline("C-1").contains("did not happen: 403"), "{}", w.timeline("C-1"));
    w.does_not_see("employee", "you were signed out");
    w.nothing_lost();
}
