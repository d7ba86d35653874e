//! Nobody answers: reminders, deadlines, and that a process which was away makes no difference.

use nightbell_core::case::Status;
use nightbell_tests::{World, mails};

#[test]
fn a_silent_reporter_is_reminded_and_then_the_verdict_decides() {
    for restarts in [false, true] {
        let mut w = World::default();
        w.send_file("employee", "suspicious.eml", mails::PHISH.into());
        let hour = |w: &mut World, n: u32| {
            for _ in 0..n * 6 {
                w.advance("10m");
                if restarts {
                    w.restart();
                }
            }
        };
        hour(&mut w, 2);
        assert_eq!(w.times_seen("employee", "A gentle reminder"), 2, "{}", w.transcript("employee"));
        hour(&mut w, 3);
        w.sees("employee", "No answer in time");
        w.sees("employee", "Your report is closed: the mail is dangerous.");
        assert_eq!(w.open_buttons("employee"), Vec::<String>::new(), "old buttons stay");
        assert!(w.actions.effects().is_empty());
        w.nothing_lost();
    }
}

#[test]
fn clicked_and_then_silent_is_treated_as_possible() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.press("employee", "a link");
    w.advance("31m");
    w.sees("responder", "clicked a link and does not answer");
    w.sees("responder", "your decision is needed");
}

#[test]
fn timers_that_fell_due_while_away_fire_once() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.press("employee", "a link");
    w.down_for("6h");
    assert_eq!(w.times_seen("responder", "C-1 needs you"), 1, "{}", w.transcript("responder"));
    w.restart();
    w.settle();
    assert_eq!(w.times_seen("responder", "C-1 needs you"), 1);
    w.nothing_lost();
}

#[test]
fn a_suspicious_mail_waits_for_a_person_and_is_told_when_nobody_comes() {
    let mut w = World::default();
    // Only one mild sign.
    let mail = mails::HONEST
        .replace("dmarc=pass", "dmarc=fail")
        .replace("Minutes of yesterday", "Urgent: please confirm the payment today");
    w.send_file("employee", "x.eml", mail.into_bytes());
    w.press("employee", "no");
    w.press("employee", "no");
    w.advance("72h");
    let told = w.transcript("employee");
    assert!(
        told.contains("Your report is closed") || told.contains("The security team has it"),
        "left hanging:\n{told}"
    );
    assert!(w.cases().iter().all(|c| c.status != Status::Open || !w.rows("C-1").is_empty()));
    w.nothing_lost();
}
