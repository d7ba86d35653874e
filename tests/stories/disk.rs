//! A full or broken disk: what cannot be kept is refused so that the platform retries; urgent things still leave.

use nightbell_core::chat::{Inbound, Msg, What};
use nightbell_core::event::Event;
use nightbell_core::port::store::StoreError;
use nightbell_tests::{World, mails};

fn mail(w: &World) -> Event {
    let msg = Msg { text: mails::PHISH.into(), to_bot: true, ..Msg::default() };
    let (conv, user) = w.direct("employee");
    Event::Chat(Inbound { conv, user, what: What::Message(msg) })
}

#[test]
fn a_full_disk_refuses_the_event_and_takes_the_retry() {
    let mut w = World::default();
    let event = mail(&w);
    w.store.refuse(Some(StoreError::Full("no space".into())), false);
    let refused = w.accept("local", "e1", &event).expect_err("it must not be acknowledged");
    assert!(refused.retry_after > 0);
    assert_eq!(refused.code.0, "NB0102");
    w.store.refuse(None, false);
    w.accept("local", "e1", &event).expect("the retry is taken");
    w.settle();
    w.sees("employee", "case C-1");
}

#[test]
fn an_armed_escalation_fires_on_a_full_disk() {
    let mut w = World::default();
    w.command("lead", "declare critical Trouble");
    w.store.refuse(Some(StoreError::Full("no space".into())), false);
    w.advance("6m");
    w.sees("second", "C-1 needs you");
    assert_eq!(w.pager.rang().len(), 1);
}

#[test]
fn an_event_that_was_kept_waits_for_the_disk() {
    let mut w = World::default();
    let event = mail(&w);
    w.accept("local", "e1", &event).expect("kept");
    w.store.refuse(Some(StoreError::Io("EIO".into())), true);
    assert!(w.try_settle().is_err());
    assert!(w.chat.all().is_empty(), "something was said that is not written down");
    w.store.refuse(None, false);
    w.restart();
    w.settle();
    w.sees("employee", "This mail is dangerous");
    w.nothing_lost();
}
