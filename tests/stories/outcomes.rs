//! What an action did when nobody can know: a human says, nothing is guessed, nothing is done twice.

use crate::typed_password;
use nightbell_core::action::Outcome;
use nightbell_tests::World;

const ACTION: &str = "identity.revoke_sessions";

fn unknown() -> World {
    let mut w = World::default();
    w.actions.script(ACTION, std::iter::repeat_n(Outcome::Unknown { why: "the connection broke".into() }, 20));
    typed_password(&mut w);
    w.press("responder", "Approve");
    w.advance("30m");
    w
}

#[test]
fn an_unknown_outcome_is_put_to_a_human() {
    for (choice, end) in [("It happened", "signed out everywhere"), ("Skip it", "Your report is closed")] {
        let mut w = unknown();
        println!("{}", w.timeline("C-1"));
        w.sees("responder", "C-1: did it happen?");
        w.press("responder", choice);
        w.advance("10m");
        w.press("employee", "no");
        w.sees("employee", end);
        assert_eq!(w.actions.effects().iter().filter(|c| c.action == ACTION).count(), 1);
        w.nothing_lost();
    }
}

#[test]
fn only_somebody_who_works_on_cases_may_say_what_happened() {
    let mut w = unknown();
    let token = w.button("responder", "It happened").expect("button");
    w.press_token("employee", &token);
    w.sees("employee", "meant for somebody else");
    w.sees("responder", "1) It happened");
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
