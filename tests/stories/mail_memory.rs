//! What was decided about one mail helps with the next: confirmed campaigns, known senders, rules, thresholds.

use nightbell_core::case::{Case, Disposition};
use nightbell_core::mail::{Analysis, Verdict};
use nightbell_desk::records::{RuleScore, Sender, coll};
use nightbell_tests::{World, mails};
use std::io::Write as _;

fn case(w: &World, n: u64) -> Case {
    w.records::<Case>(coll::CASES)
        .into_iter()
        .map(|(_, c)| c)
        .find(|c| c.id.to_string() == format!("C-{n}"))
        .expect("case")
}

fn analysis(w: &World, n: u64) -> Analysis {
    let mail = case(w, n).mail.expect("a mail");
    w.record::<Analysis>(coll::ANALYSES, &mail).expect("an analysis")
}

/// A plain mail that the company's own boundary let in.
fn partner(subject: &str, text: &str) -> Vec<u8> {
    format!(
        "Authentication-Results: mx.company.example.com; spf=pass smtp.mailfrom=partner.example; \
         dkim=pass header.d=partner.example; dmarc=pass header.from=partner.example\r\n\
         Received: from out.partner.example by mx.company.example.com; Mon, 5 Jan 2026 09:00:00 +0000\r\n\
         Return-Path: <office@partner.example>\r\nFrom: The office <office@partner.example>\r\n\
         To: employee@company.example.com\r\nSubject: {subject}\r\nMessage-ID: <{}@partner.example>\r\n\
         Date: Mon, 5 Jan 2026 08:59:58 +0000\r\n\r\n{text}\r\n",
        subject.replace(' ', "-")
    )
    .into_bytes()
}

#[test]
fn a_confirmed_campaign_is_known_when_it_comes_again() {
    let mut w = World::default();
    w.send_file("employee", "first.eml", mails::PHISH.into());
    w.command("responder", "close C-1 real");
    w.sees("employee", "C-1");
    // The next wave: another subject line, another link, some weeks later.
    w.advance("400h");
    let next = String::from_utf8(mails::phish_with_subject("Second notice"))
        .expect("text")
        .replace("company-login", "company-signin");
    w.send_file("colleague", "second.eml", next.into_bytes());
    let a = analysis(&w, 2);
    assert_eq!(a.verdict, Verdict::Malicious);
    assert_eq!(a.reasons[0].code, "confirmed_before");
    w.sees("colleague", "confirmed as an attack (C-1)");
    assert!(case(&w, 2).reporters.iter().any(|p| p.0 == "colleague"));
}

#[test]
fn a_wave_is_one_case_and_every_reporter_hears_the_end() {
    let mut w = World::default();
    w.send_file("employee", "first.eml", mails::PHISH.into());
    let next = mails::PHISH.replace("today", "tomorrow").replace("employee", "colleague");
    w.send_file("colleague", "second.eml", next.into_bytes());
    w.sees("colleague", "This is case C-1");
    w.sees("#security", "2 people reported this");
    w.command("responder", "close C-1 real");
    for who in ["employee", "colleague"] {
        w.sees(who, "C-1 is closed");
    }
}

#[test]
fn a_sender_earns_trust_by_decisions_not_by_reports() {
    let mut w = World::default();
    let topics = [
        "the timetable of the summer school",
        "minutes of the board about parking",
        "photographs of the open day",
        "a recipe for the canteen",
    ];
    for (n, topic) in topics.iter().enumerate() {
        let text =
            format!("Good morning, as agreed here is {topic}. Kind regards, the office of the partner number {n}.");
        w.send_file(if n % 2 == 0 { "employee" } else { "colleague" }, "mail.eml", partner(topic, &text));
        let known = analysis(&w, n as u64 + 1).reasons.iter().any(|r| r.code == "known_sender");
        assert_eq!(known, n == 3, "after {n} decided mails");
        if n < 3 {
            w.command("responder", &format!("close C-{} false-alarm", n + 1));
        }
    }
    let s: Sender = w.record(coll::SENDERS, "office@partner.example").expect("remembered");
    assert_eq!((s.reports, s.fine, s.real), (4, 3, 0));
}

#[test]
fn an_unproven_mail_teaches_nothing_good() {
    let mut w = World::default();
    let forged = String::from_utf8(partner("a list", "Here is the list that you asked for yesterday, kind regards."))
        .expect("text")
        .replace("Authentication-Results: mx.company", "Authentication-Results: mx.elsewhere");
    w.send_file("employee", "mail.eml", forged.into_bytes());
    w.command("responder", "close C-1 false-alarm");
    let s: Sender = w.record(coll::SENDERS, "office@partner.example").expect("counted");
    assert_eq!((s.reports, s.fine), (1, 0));
}

#[test]
fn a_sender_that_attacked_is_remembered() {
    let mut w = World::default();
    w.send_file(
        "employee",
        "mail.eml",
        partner("offer", "Please have a look at our new offer for your company and answer soon."),
    );
    w.command("responder", "close C-1 real the account was taken over");
    w.send_file(
        "colleague",
        "mail.eml",
        partner("a question", "When does the meeting about the warehouse in the north take place this time?"),
    );
    let codes: Vec<String> = analysis(&w, 2).reasons.into_iter().map(|r| r.code).collect();
    assert!(codes.iter().any(|c| c == "sender_attacked_before"), "{codes:?}");
}

#[test]
fn a_forged_address_does_not_spoil_the_name_of_its_owner() {
    let mut w = World::default();
    let forged =
        String::from_utf8(partner("offer", "Please have a look at our new offer and confirm your password there."))
            .expect("text")
            .replace("spf=pass", "spf=fail")
            .replace("dkim=pass", "dkim=none")
            .replace("dmarc=pass", "dmarc=fail");
    w.send_file("employee", "mail.eml", forged.into_bytes());
    w.command("responder", "close C-1 real");
    let s: Sender = w.record(coll::SENDERS, "office@partner.example").expect("counted");
    assert_eq!((s.reports, s.real), (1, 0));
    w.send_file(
        "colleague",
        "mail.eml",
        partner("a question", "When does the meeting about the warehouse in the north take place?"),
    );
    assert!(analysis(&w, 2).reasons.iter().all(|r| r.code != "sender_attacked_before"));
}

#[test]
fn a_true_notice_is_not_taken_for_the_fraud_that_copied_it() {
    let mut policy = nightbell_tests::people::policy();
    policy.mail.partners = vec!["partner.example".to_owned()];
    let mut w = World::with(nightbell_tests::world::Kind::Memory, nightbell_tests::people::directory(), policy, 7);
    let text = "Good morning, the new timetable of the goods entrance is ready. Please look at it before Monday, the gate \
                closes one hour earlier in winter. Kind regards, the office of the partner.";
    let copy = String::from_utf8(partner("The new timetable", text))
        .expect("text")
        .replace("partner.example", "parttner.example");
    w.send_file("employee", "copy.eml", copy.into_bytes());
    // While the case of the fraud is open, and after it was confirmed.
    w.send_file("colleague", "true.eml", partner("The new timetable", text));
    assert!(!case(&w, 1).reporters.iter().any(|p| p.0 == "colleague"), "the true notice joined the fraud");
    w.command("responder", "close C-1 real");
    w.send_file("german", "again.eml", partner("The new timetable", &format!("{text} Thank you.")));
    let a = analysis(&w, 3);
    assert!(a.verdict < Verdict::Suspicious, "{:?} {:?}", a.verdict, a.reasons);
    assert!(a.reasons.iter().all(|r| r.code != "confirmed_before"), "{:?}", a.reasons);
    // Another copy is.
    let next = String::from_utf8(partner("The new timetable", text))
        .expect("text")
        .replace("partner.example", "partmer.example");
    w.send_file("german", "next.eml", next.into_bytes());
    assert_eq!(analysis(&w, 4).verdict, Verdict::Malicious);
}

#[test]
fn an_archive_of_mails_is_several_reports() {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options: zip::write::SimpleFileOptions = zip::write::FileOptions::default();
    for (name, mail) in [("one.eml", mails::PHISH), ("two.eml", mails::HONEST)] {
        zip.start_file(name, options).expect("zip");
        zip.write_all(mail.as_bytes()).expect("zip");
    }
    let bytes = zip.finish().expect("zip").into_inner();
    let mut w = World::default();
    w.send_file("employee", "mails.zip", bytes);
    w.sees("employee", "This is case C-1");
    w.sees("employee", "This is case C-2");
    w.nothing_lost();
}

#[test]
fn rules_are_counted_when_somebody_decides() {
    let mut w = World::default();
    w.send_file("employee", "mail.eml", mails::PHISH.into());
    assert!(w.records::<RuleScore>(coll::RULES).is_empty(), "a report alone teaches nothing");
    w.command("responder", "close C-1 real");
    let rules = w.records::<RuleScore>(coll::RULES);
    assert!(rules.len() >= 3 && rules.iter().all(|(_, s)| s.real == 1 && s.fine == 0), "{rules:?}");
    w.command("admin", "admin rules");
    w.sees("admin", "Nothing yet");
}

#[test]
fn thresholds_need_many_decisions_and_can_be_taken_back() {
    let mut w = World::default();
    w.command("admin", "admin calibrate");
    w.sees("admin", "100 together and 20 of each are needed");
    decided(&w, 60);
    w.command("admin", "admin calibrate");
    w.sees("admin", "now: suspicious from 2.5");
    w.sees("admin", "admin calibrate apply");
    w.command("admin", "admin calibrate apply");
    w.sees("admin", "in force now");
    w.command("admin", "admin calibrate");
    w.sees("admin", "nothing would change");
    w.command("admin", "admin calibrate revert");
    w.sees("admin", "in force again");
    w.command("employee", "admin calibrate apply");
    w.does_not_see("employee", "in force now");
}

/// Decided cases of each kind, as if they had been reported by three people: all real ones just below the line.
fn decided(w: &World, each: u64) {
    use nightbell_core::port::store::Batch;
    let mut source = World::default();
    source.send_file("employee", "mail.eml", mails::PHISH.into());
    let (case, like) = (case(&source, 1), analysis(&source, 1));
    for n in 0..each * 2 {
        let real = n % 2 == 0;
        let mut c = case.clone();
        c.id = format!("C-{}", n + 1000).parse().expect("a number");
        c.mail = Some(format!("mail-{n}"));
        c.reporters = vec![["employee", "colleague", "german"][(n % 3) as usize].into()];
        let points = if real { 2.0 } else { -1.0 };
        let a = Analysis { points, kinds: 2, campaign: Some(format!("c-{n}")), ..like.clone() };
        let disposition = if real { Disposition::TruePositive } else { Disposition::FalsePositive };
        let learned = nightbell_desk::records::Learned { disposition, at: c.opened_at };
        let mut batch = Batch::default();
        batch.put(coll::CASES, c.id.key(), &c).expect("case");
        batch.put(coll::ANALYSES, format!("mail-{n}"), &a).expect("analysis");
        batch.put(coll::LEARNED, c.id.key(), &learned).expect("learned");
        w.commit(batch);
    }
}
