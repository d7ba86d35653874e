//! An alert asks the person: only a proven yes is calm, everything else wakes somebody.

use nightbell_core::action::Outcome;
use nightbell_core::case::Status;
use nightbell_tests::World;

fn asked() -> World {
    let mut w = World::default();
    w.alert("employee@company.example.com", "Sign-in from a new country", &["verify-user"]);
    w.sees("employee", "Was this you?");
    w.sees("employee", "Sign-in from a new country");
    w
}

#[test]
fn a_proven_yes_closes_the_alert_after_a_person_agreed() {
    let mut w = asked();
    w.press("employee", "yes");
    assert_eq!(w.calls("identity.mfa_push").len(), 1);
    w.sees("employee", "You confirmed it with your second factor");
    assert!(w.calls("alert.close").is_empty(), "the bot closed an alert by itself");
    assert!(w.pages().is_empty(), "a proven yes woke somebody");
    w.press("responder", "Approve");
    assert_eq!(w.calls("alert.close").len(), 1);
    assert_eq!(w.case("C-1").status, Status::Closed);
    w.nothing_lost();
}

#[test]
fn a_yes_without_proof_is_no_proof() {
    for outcome in [
        Outcome::Done { outputs: serde_json::json!({ "approved": false }) },
        Outcome::Failed { code: "NB2101".into(), message: "down".into(), retryable: false },
        Outcome::Unknown { why: "time-out".into() },
    ] {
        let mut w = asked();
        w.actions.script("identity.mfa_push", std::iter::repeat_n(outcome.clone(), 20));
        w.press("employee", "yes");
        w.advance("10m");
        assert!(!w.pages().is_empty(), "{outcome:?}: nobody was woken\n{}", w.timeline("C-1"));
        assert!(w.calls("alert.close").is_empty());
        w.nothing_lost();
    }
}

#[test]
fn a_no_wakes_somebody_and_offers_the_lock() {
    for answer in ["no", "not sure"] {
        let mut w = asked();
        w.press("employee", answer);
        w.sees("responder", &format!("did not confirm this ({answer})"));
        assert!(w.calls("identity.suspend").is_empty());
        w.press("responder", "Approve");
        assert_eq!(w.calls("identity.suspend").len(), 1);
        w.sees("employee", "your account is suspended for now");
        w.nothing_lost();
    }
}

#[test]
fn silence_is_treated_like_a_no() {
    let mut w = asked();
    w.advance("11m");
    w.sees("employee", "A gentle reminder");
    w.advance("20m");
    w.sees("responder", "did not confirm this (no answer)");
    assert!(w.actions.effects().is_empty());
    w.advance("48h");
    assert!(w.actions.effects().is_empty(), "it acted without a human");
    assert_ne!(w.case("C-1").status, Status::Closed, "an unconfirmed alert was closed by itself");
    w.nothing_lost();
}

#[test]
fn somebody_else_cannot_say_yes() {
    let mut w = asked();
    let token = w.button("employee", "yes").expect("button");
    w.press_token("colleague", &token);
    w.sees("colleague", "meant for somebody else");
    assert!(w.calls("identity.mfa_push").is_empty());
}

#[test]
fn a_storm_of_the_same_alert_asks_once() {
    let mut w = asked();
    for _ in 0..5 {
        w.alert("employee@company.example.com", "Sign-in from a new country", &["verify-user"]);
    }
    assert_eq!(w.times_seen("employee", "Was this you?"), 1, "the person is asked again and again");
}

#[test]
fn an_alert_about_nobody_known_reaches_the_team() {
    let mut w = World::default();
    w.alert("ghost@elsewhere.example.net", "Odd sign-in", &[]);
    w.sees("#security", "No playbook handles this alert");
    w.alert("ghost@elsewhere.example.net", "Odd sign-in", &["verify-user"]);
    w.advance("2h");
    assert!(!w.pages().is_empty(), "a question that nobody can get woke nobody\n{}", w.timeline("C-2"));
    w.nothing_lost();
}
