//! What people really send: pasted text, screenshots, broken and hostile files. Each gets a clear answer, nothing is lost.

use nightbell_core::chat::{FileRef, Inbound, Msg, What};
use nightbell_core::event::Event;
use nightbell_core::port::chat::FetchError;
use nightbell_tests::{World, mails};

/// The reporter got a case number and the team has it.
#[track_caller]
fn answered(w: &World, number: &str) {
    w.sees("employee", &format!("case {number}"));
    w.nothing_lost();
}

#[test]
fn a_pasted_mail_is_analysed() {
    let mut w = World::default();
    w.dm("employee", mails::PHISH);
    answered(&w, "C-1");
    w.sees("employee", "This mail is dangerous");
}

#[test]
fn a_pasted_body_without_its_head_asks_for_the_original() {
    let mut w = World::default();
    w.dm(
        "employee",
        "From: IT desk\nSubject: your password\n\nPlease confirm your password at https://company-login.example/x",
    );
    answered(&w, "C-1");
    assert!(w.transcript("employee").contains("original"), "{}", w.transcript("employee"));
}

#[test]
fn a_very_long_paste_is_kept_whole() {
    let mut w = World::default();
    let text = format!("{}\n{}", mails::PHISH, "filler line of no interest\n".repeat(20_000));
    w.dm("employee", &text);
    answered(&w, "C-1");
    w.sees("employee", "C-1");
}

#[test]
fn a_picture_is_not_a_mail_and_a_person_gets_it() {
    let mut w = World::default();
    w.send_file("employee", "photo.png", [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13].repeat(50));
    answered(&w, "C-1");
    w.sees("employee", "I could not read it as a mail");
    w.sees("#security", "C-1 needs a human");
}

#[test]
fn an_empty_file_is_answered() {
    let mut w = World::default();
    w.send_file("employee", "empty.eml", Vec::new());
    answered(&w, "C-1");
    w.sees("#security", "C-1");
}

#[test]
fn broken_mime_is_judged_or_handed_over() {
    for mail in [
        "From: x\nSubject: =?utf-8?B?////?=\nContent-Type: multipart/mixed; boundary=\"\n\n--\n--\0\n"
            .as_bytes()
            .to_vec(),
        "Subject: a\nContent-Type: text/html; charset=nonsense\nContent-Transfer-Encoding: base64\n\n!!!!"
            .as_bytes()
            .to_vec(),
        [b"From: a@example.com\nTo: b@example.com\nSubject: x\n\n".to_vec(), vec![0xff; 5000]].concat(),
        b"From: a@example.com\nContent-Type: multipart/alternative; boundary=x\n\n--x\n--x\n--x--x\n".to_vec(),
    ] {
        let mut w = World::default();
        w.send_file("employee", "broken.eml", mail);
        answered(&w, "C-1");
    }
}

#[test]
fn thirty_megabytes_go_to_a_human() {
    let mut w = World::default();
    let mut mail = mails::PHISH.as_bytes().to_vec();
    mail.resize(30 * 1024 * 1024, b'a');
    w.send_file("employee", "big.eml", mail);
    answered(&w, "C-1");
    w.sees("employee", "The file is larger than 25 MB");
    w.sees("#security", "too large");
}

#[test]
fn ten_thousand_boxes_in_each_other_are_answered() {
    let mut w = World::default();
    w.send_file("employee", "boxes.eml", mails::nested(10_000));
    answered(&w, "C-1");
}

#[test]
fn an_archive_that_explodes_is_answered() {
    let mut w = World::default();
    w.send_file("employee", "bomb.eml", mails::with_bomb());
    answered(&w, "C-1");
}

#[test]
fn several_files_are_several_mails_and_too_many_are_said() {
    let mut w = World::default();
    let mail = |n: usize| if n.is_multiple_of(2) { mails::PHISH.into() } else { mails::HONEST.into() };
    let files = (0..12).map(|n| ("m.eml", mail(n))).collect();
    w.send_files("employee", "all of these", files);
    assert_eq!(w.cases().len(), 2);
    w.sees("employee", "I looked at the first 10 files");
    w.nothing_lost();
}

#[test]
fn a_file_that_is_gone_is_asked_for_again() {
    let mut w = World::default();
    let file = FileRef { id: "never-uploaded".into(), name: "lost.eml".into(), mime: String::new(), size: 10 };
    let msg = Msg { id: "t".into(), text: String::new(), files: vec![file], to_bot: true };
    let (conv, user) = w.direct("employee");
    w.happens("local", "x", &Event::Chat(Inbound { conv, user, what: What::Message(msg) }));
    w.sees("employee", "I could not fetch lost.eml");
    w.nothing_lost();
}

#[test]
fn a_file_that_cannot_be_fetched_now_stays_in_the_inbox() {
    let mut w = World::default();
    w.chat.script_fetch([FetchError::Later("busy".into())]);
    let id = w.keep_file(mails::PHISH.into());
    let msg = Msg {
        files: vec![FileRef { id, name: "a.eml".into(), mime: String::new(), size: 1 }],
        to_bot: true,
        ..Msg::default()
    };
    let (conv, user) = w.direct("employee");
    let event = Event::Chat(Inbound { conv, user, what: What::Message(msg) });
    w.accept("local", "x", &event).expect("kept");
    assert!(w.try_settle().is_err(), "the worker must try again");
    w.restart();
    w.settle();
    answered(&w, "C-1");
    w.sees("employee", "This mail is dangerous");
}

#[test]
fn text_full_of_control_characters_is_kept() {
    let mut w = World::default();
    let text = format!("hello {}", "\u{1}".repeat(11_000));
    w.dm("employee", &text);
    assert!(!w.seen("employee").is_empty(), "no answer");
    w.nothing_lost();
}

#[test]
fn an_alert_with_a_huge_text_is_kept() {
    let mut w = World::default();
    w.alert("employee@company.example.com", &"log line ".repeat(12_000), &[]);
    assert_eq!(w.cases().len(), 1);
    w.nothing_lost();
}
