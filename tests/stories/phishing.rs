//! Somebody hands in a suspicious mail: from the receipt to "this is how it ended".

use crate::typed_password;
use nightbell_core::alert::Severity;
use nightbell_core::case::{Disposition, Status};
use nightbell_core::chat::{Block, Tone};
use nightbell_tests::world::Kind;
use nightbell_tests::{World, mails};

#[test]
fn a_report_with_a_typed_password_from_receipt_to_thanks() {
    for kind in [Kind::Memory, Kind::Embedded] {
        let mut w = World::new(kind);
        w.send_file("employee", "suspicious.eml", mails::PHISH.into());

        // A receipt with a number, then the verdict with three to six reasons, each with its place.
        w.sees("employee", "Thank you. This is case C-1.");
        let verdict = w.card("employee", "This mail is dangerous");
        assert_eq!(verdict.tone, Tone::Bad);
        let reasons =
            verdict.body.iter().find_map(|b| if let Block::List(l) = b { Some(l) } else { None }).expect("reasons");
        assert!((3..=6).contains(&reasons.len()), "{reasons:?}");
        for r in reasons {
            let place = r.rsplit_once('[').map(|(_, p)| p.trim_end_matches(']')).expect("a place");
            let (part, span) = place.rsplit_once(' ').expect("part and span");
            assert!(part.starts_with("header:") || part.starts_with("body/") || part == "raw", "{r}");
            let (from, to) = span.split_once('-').expect("span");
            assert!(from.parse::<usize>().expect("from") < to.parse::<usize>().expect("to"), "{r}");
        }
        assert!(!verdict.plain().contains("https://"), "a dangerous link can be clicked: {}", verdict.plain());

        // One question at a time.
        let open = |w: &World| w.seen("employee").iter().filter(|s| !s.card.buttons.is_empty()).count();
        assert_eq!(open(&w), 1);
        w.press("employee", "a link");
        assert_eq!(open(&w), 1);
        w.does_not_see("responder", "needs you");
        w.press("employee", "Yes");

        // The page says who, what, evidence and what was done, and can be taken.
        let page = w.card("responder", "C-1 needs you").plain();
        for word in ["Employee in sales", "typed a password", "Verdict: malicious", "[header:", "a link", "Take C-1"] {
            assert!(page.contains(word), "the page does not say `{word}`:\n{page}");
        }
        w.sees("#security", "C-1 needs you");

        // The approval shows every argument; nothing has happened yet.
        let approval = w.card("responder", "your decision is needed").plain();
        for word in ["identity.revoke_sessions", "user: employee", "force_password_reset: true", "Digest: "] {
            assert!(approval.contains(word), "the approval does not show `{word}`:\n{approval}");
        }
        assert!(w.actions.arrived("identity.revoke_sessions").is_empty(), "it acted before a human agreed");
        w.press("responder", "Take C-1");
        w.sees("responder", "C-1 is yours now");
        w.sees("employee", "A person from the security team has C-1 now.");
        w.sees("#security", "Taken by Responder on call");
        w.press("responder", "Approve");
        let calls = w.calls("identity.revoke_sessions");
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].args, serde_json::json!({ "user": "employee", "force_password_reset": true }));
        w.sees("responder", "Approved by Responder on call");

        // The reporter hears the end; a case of high severity is closed by a person only.
        w.press("employee", "no");
        w.sees("employee", "you were signed out everywhere");
        assert_eq!(w.case("C-1").severity, Severity::High);
        assert_ne!(w.case("C-1").status, Status::Closed);
        w.command("responder", "close C-1 real password was changed");
        assert_eq!(w.case("C-1").disposition, Some(Disposition::TruePositive));
        w.sees("employee", "It was a real attack");
        // The note is for the team: it may name what only the team should know.
        w.does_not_see("employee", "password was changed");
        assert!(w.timeline("C-1").contains("password was changed"));
        w.nothing_lost();
        assert_eq!(w.open_buttons("employee"), Vec::<String>::new(), "a closed case still shows buttons");
    }
}

#[test]
fn two_taps_are_enough_when_nothing_happened() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.press("employee", "no");
    w.press("employee", "no");
    w.sees("employee", "Your report is closed: the mail is dangerous.");
    assert!(w.actions.effects().is_empty());
    // Others may have the same mail: somebody looks, nobody is asked for an approval.
    assert!(w.button("responder", "Approve").is_none());
    w.nothing_lost();
}

#[test]
fn the_second_person_joins_the_case_and_the_team_sees_the_number() {
    let mut w = World::default();
    typed_password(&mut w);
    w.send_file("colleague", "fwd.eml", mails::PHISH.into());
    assert_eq!(w.cases().len(), 1, "{:?}", w.cases());
    w.sees("colleague", "This is case C-1");
    w.sees("colleague", "2 people reported this.");
    w.sees("#security", "C-1: 2 people reported this");
    // Both are asked, both hear how it ends.
    w.press("colleague", "no");
    w.press("colleague", "no");
    w.sees("colleague", "Your report is closed");
    w.command("responder", "close C-1 real");
    w.sees("colleague", "It was a real attack");
    w.sees("employee", "It was a real attack");
    w.nothing_lost();
}

#[test]
fn the_same_person_twice_is_thanked_and_asked_once() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.sees("employee", "I have this one already: case C-1");
    assert_eq!(w.cases().len(), 1);
    assert_eq!(w.times_seen("employee", "Did you click a link"), 1);
}

#[test]
fn an_account_that_nobody_listed_is_served_all_the_same() {
    let mut w = World::default();
    w.send_file("stranger", "suspicious.eml", mails::PHISH.into());
    w.sees("stranger", "Thank you. This is case C-1.");
    w.sees("stranger", "This mail is dangerous");
    w.press("stranger", "no");
    w.press("stranger", "no");
    w.sees("stranger", "Your report is closed");
    w.nothing_lost();
}

#[test]
fn answers_can_be_words_and_numbers() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    w.dm("employee", "2");
    w.sees("employee", "You answered: a link");
    w.dm("employee", "no, I closed it at once");
    w.sees("employee", "You answered: No");
    w.nothing_lost();
}

#[test]
fn an_honest_mail_is_told_so_without_a_promise() {
    let mut w = World::default();
    w.send_file("employee", "minutes.eml", mails::HONEST.into());
    w.sees("employee", "I found no signs of an attack");
    w.sees("employee", "No sign is not a promise");
    w.press("employee", "no");
    w.press("employee", "no");
    w.sees("employee", "I found no signs of danger");
    assert_eq!(w.case("C-1").status, Status::Closed);
    assert!(w.pages().is_empty(), "a person was woken for an honest mail");
    w.nothing_lost();
}

#[test]
fn a_planned_exercise_is_praised() {
    let mut w = World::default();
    let mail = mails::PHISH.replace("MIME-Version", "X-Exercise: planned\nMIME-Version");
    w.send_file("employee", "suspicious.eml", mail.into_bytes());
    w.sees("employee", "Well spotted");
    assert!(w.pages().is_empty());
    w.nothing_lost();
}

#[test]
fn text_of_a_mail_stays_text() {
    let mut w = World::default();
    let hostile = "<script>alert(1)</script> <!channel> @everyone <@U1> *b* {{ secrets }} %7B";
    w.send_file("employee", "x.eml", mails::phish_with_subject(hostile));
    let card = w.card("employee", "This mail is dangerous");
    let shown = card.body.iter().any(|b| matches!(b, Block::Fields(f) if f.iter().any(|(_, v)| v.contains("<script>alert(1)</script> <!channel> @everyone"))));
    assert!(shown, "the subject was changed or interpreted: {}", card.plain());
    assert!(!w.timeline("C-1").contains("NB20"), "{}", w.timeline("C-1"));
    w.press("employee", "a link");
    w.press("employee", "Yes");
    w.press("responder", "Approve");
    assert_eq!(w.calls("identity.revoke_sessions")[0].args["user"], "employee");
    w.nothing_lost();
}

#[test]
fn a_newsletter_with_a_hundred_long_links_is_a_report_like_any_other() {
    let mut w = World::default();
    let mut mail = String::from(
        "From: news@example.net\nTo: employee@company.example.com\nSubject: News\nContent-Type: text/html\n\n",
    );
    for n in 0..300 {
        let track: Vec<String> = (0..60).map(|k| format!("{:08x}", n * 7_919 + k * 104_729)).collect();
        let track = track.concat();
        mail.push_str(&format!("<p><a href=\"https://click{n}.example.net/track?u={track}\">Read more</a></p>\n"));
    }
    w.send_file("employee", "news.eml", mail.into_bytes());
    w.sees("employee", "This is case C-1");
    w.nothing_lost();
}
