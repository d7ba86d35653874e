//! "May I ...?": quoted from the policies, or passed on, and everybody who asked hears the answer.

use nightbell_core::chat::Block;
use nightbell_desk::records::{Gap, coll};
use nightbell_tests::World;

const GAP: &str = "may I bring my parrot to the server room?";

#[test]
fn a_covered_question_is_answered_with_a_quote_and_its_place() {
    let mut w = World::default();
    w.dm("employee", "may I use a USB stick?");
    let card = w.last_card("employee");
    let (text, source) = card
        .body
        .iter()
        .find_map(|b| if let Block::Quote { text, source } = b { Some((text, source)) } else { None })
        .expect("a quote");
    assert!(text.to_lowercase().contains("usb") || text.to_lowercase().contains("removable"), "{text}");
    assert!(source.contains(','), "no section: {source}");
    let verbatim = nightbell_knowledge::demo_policies().iter().any(|(_, t)| {
        let squeeze = |s: &str| s.split_whitespace().collect::<Vec<_>>().join(" ");
        squeeze(t).contains(&squeeze(text).chars().take(60).collect::<String>())
    });
    assert!(verbatim, "not a quote: {text}");
    assert!(w.records::<Gap>(coll::GAPS).is_empty());
}

#[test]
fn a_gap_is_said_passed_on_and_answered_to_all_who_asked() {
    let mut w = World::default();
    w.dm("employee", GAP);
    w.sees("employee", "The policies do not answer this");
    w.dm("colleague", GAP);
    w.dm("colleague", GAP);
    assert_eq!(w.times_seen("#security", "A question the policies do not answer"), 1);
    let (key, gap) = w.records::<Gap>(coll::GAPS).into_iter().next().expect("a gap");
    assert_eq!((gap.count, gap.askers.len()), (3, 2));
    let id = key[..6].to_owned();
    w.command("responder", &format!("answer {id} No."));
    w.sees("responder", "\"answer\" is for these roles: lead");
    w.command("lead", "gaps");
    w.sees("lead", &format!("{id} asked 3 times"));
    w.command("lead", &format!("answer {id} No, animals stay outside."));
    for who in ["employee", "colleague"] {
        assert_eq!(w.times_seen(who, "Your question has an answer now"), 1, "{who}");
        w.sees(who, "No, animals stay outside.");
    }
    // The next one who asks gets the answer at once.
    w.dm("german", GAP);
    w.sees("german", "No, animals stay outside.");
    w.nothing_lost();
}

#[test]
fn odd_answers_of_a_lead_are_explained() {
    let mut w = World::default();
    w.command("lead", "gaps");
    w.sees("lead", "No open questions");
    for line in ["answer", "answer zz", "answer zzzzzz text"] {
        let before = w.seen("lead").len();
        w.command("lead", line);
        assert_eq!(w.seen("lead").len(), before + 1, "{line}");
    }
    w.nothing_lost();
}

#[test]
fn an_empty_message_and_small_talk_are_answered() {
    let mut w = World::default();
    for text in ["", "   ", "hi", "thanks!", "?", "🙂", "help"] {
        let before = w.seen("employee").len();
        w.dm("employee", text);
        assert!(w.seen("employee").len() > before, "`{text}` got no answer");
    }
    w.nothing_lost();
}
