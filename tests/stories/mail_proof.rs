//! A reported mail whose sender is checked with the DNS.

use async_trait::async_trait;
use nightbell_core::mail::Analysis;
use nightbell_core::port::mail_auth::{AuthCheck, AuthChecked, MailAuth, MailToCheck, Method, Outcome};
use nightbell_desk::records::{Sender, coll};
use nightbell_tests::World;
use std::sync::{Arc, Mutex};

/// Answers always the same, and remembers what it was asked.
struct Fixed {
    outcome: Outcome,
    asked: Mutex<Vec<MailToCheck>>,
}

#[async_trait]
impl MailAuth for Fixed {
    async fn check(&self, mail: &MailToCheck) -> AuthChecked {
        self.asked.lock().expect("lock").push(mail.clone());
        let domain = mail.from_domain.clone();
        let result =
            AuthCheck { method: Method::Dkim, outcome: self.outcome, domain, why: String::new(), strict: false };
        AuthChecked { results: vec![result], unchecked: vec!["sending host (SPF): the DNS did not answer".into()] }
    }
}

const MAIL: &str = "Received: from out.partner.example (out.partner.example [203.0.113.9]) by mx.other.example; \
    Mon, 5 Jan 2026 09:00:00 +0000\r\nReturn-Path: <office@partner.example>\r\n\
    From: The office <office@partner.example>\r\nTo: employee@company.example.com\r\nSubject: a list\r\n\
    Message-ID: <1@partner.example>\r\nDate: Mon, 5 Jan 2026 08:59:58 +0000\r\n\r\n\
    Here is the list that you asked for yesterday, kind regards.\r\n";

/// The analysis of the mail after such an answer, what is remembered of the sender, and how often was asked.
fn report(outcome: Outcome, file: &str, bytes: &[u8]) -> (Analysis, u32, usize) {
    let mut w = World::default();
    let check = Arc::new(Fixed { outcome, asked: Mutex::default() });
    w.mail_auth = Some(Arc::clone(&check) as Arc<dyn MailAuth>);
    w.restart();
    w.send_file("employee", file, bytes.to_vec());
    w.command("responder", "close C-1 false-alarm");
    let (_, a) = w.records::<Analysis>(coll::ANALYSES).into_iter().next().expect("an analysis");
    let fine = w.record::<Sender>(coll::SENDERS, "office@partner.example").map_or(0, |s| s.fine);
    let asked = check.asked.lock().expect("lock").len();
    (a, fine, asked)
}

#[test]
fn a_proven_sender_is_remembered_and_an_open_question_changes_nothing() {
    let (a, fine, asked) = report(Outcome::Pass, "mail.eml", MAIL.as_bytes());
    assert!(a.reasons.iter().any(|r| r.text.contains("check with the DNS confirmed")), "{:?}", a.reasons);
    assert!(a.unchecked.iter().any(|u| u.contains("SPF")), "{:?}", a.unchecked);
    assert_eq!((fine, asked), (1, 1));
    let (plain, ..) = report(Outcome::None, "mail.eml", MAIL.as_bytes());
    for outcome in [Outcome::Unknown, Outcome::Fail] {
        let (a, fine, _) = report(outcome, "mail.eml", MAIL.as_bytes());
        assert_eq!((a.verdict, a.points, fine), (plain.verdict, plain.points, 0));
    }
}

#[test]
fn what_is_no_original_is_not_asked_about() {
    let (_, _, asked) = report(Outcome::Pass, "note.txt", b"Somebody wants my password, is that right?");
    assert_eq!(asked, 0);
}
