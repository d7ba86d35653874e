//! The chat platform is down, slow or refuses: everything arrives once and in a form that is still true.

use crate::typed_password;
use nightbell_core::port::chat::SendError;
use nightbell_tests::{World, mails};

fn later() -> SendError {
    SendError::Later { why: "429".into(), after_ms: 2_000 }
}

#[test]
fn an_outage_of_the_chat_delays_and_loses_nothing() {
    let mut w = World::default();
    w.chat.down(Some(later()));
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.advance("5m");
    assert!(w.chat.all().is_empty());
    w.chat.down(None);
    w.advance("5m");
    assert_eq!(w.times_seen("employee", "Thank you. This is case C-1."), 1);
    assert_eq!(w.times_seen("employee", "This mail is dangerous"), 1);
    assert!(w.button("employee", "a link").is_some());
    w.nothing_lost();
}

#[test]
fn a_card_that_was_decided_during_an_outage_has_no_buttons_when_it_arrives() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.press("employee", "a link");
    w.chat.down(Some(later()));
    w.press("employee", "Yes");
    w.advance("1m");
    // Decided in the console or by command meanwhile; the card itself still waits to be delivered.
    w.command("second", "deny C-1 wrong person");
    w.chat.down(None);
    w.advance("10m");
    w.sees("responder", "your decision is needed");
    assert!(
        w.button("responder", "Approve").is_none(),
        "a decided approval is shown as open:\n{}",
        w.transcript("responder")
    );
}

#[test]
fn every_third_send_fails_and_everything_arrives_once() {
    let mut w = World::default();
    typed_password(&mut w);
    let calm = w.end();
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.advance("1m");
    w.chat.script([later(), later()]);
    w.press("employee", "a link");
    w.advance("1m");
    w.chat.script([later(), later(), later()]);
    w.press("employee", "Yes");
    w.advance("1m");
    assert_eq!(w.end().messages, calm.messages);
    w.nothing_lost();
}

#[test]
fn a_person_who_cannot_be_reached_is_written_down() {
    let mut w = World::default();
    w.chat.script([SendError::Never("account is closed".into())]);
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    assert!(w.timeline("C-1").contains("NB0501"), "{}", w.timeline("C-1"));
    w.nothing_lost();
}

#[test]
fn a_fault_in_the_connector_delays_and_loses_nothing() {
    let mut w = World::default();
    w.chat.panics(3);
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.advance("5m");
    assert_eq!(w.times_seen("employee", "Thank you. This is case C-1."), 1);
    assert_eq!(w.times_seen("employee", "This mail is dangerous"), 1);
    assert!(w.button("employee", "a link").is_some());
    w.nothing_lost();
}
