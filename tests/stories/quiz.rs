//! The nudge: one question, private, kind, and quiet at once when asked to be.

use nightbell_core::duration::Span;
use nightbell_core::port::clock::Clock;
use nightbell_desk::records::{Asked, Learner, Prompt, coll};
use nightbell_tests::people;
use nightbell_tests::{Kind, World};

/// Every day at ten in the person's zone.
fn enabled(pattern: &str) -> World {
    let mut policy = people::policy();
    policy.quiz.enabled = true;
    pattern.clone_into(&mut policy.quiz.pattern);
    policy.quiz.open_for = Span::hours(8);
    World::with(Kind::Memory, people::directory(), policy, 11)
}

fn open(w: &World, who: &str) -> Option<Prompt> {
    let learner: Learner = w.record(coll::LEARNERS, who)?;
    w.record(coll::PROMPTS, &learner.open?)
}

/// Token of the right (or a wrong) option.
fn option(w: &World, who: &str, right: bool) -> String {
    let prompt = open(w, who).expect("an open question");
    let Asked::Quiz { item, variant, order } = &prompt.what else { panic!("not a quiz") };
    let bank = nightbell_knowledge::quiz::bank();
    let item = bank.get(item, &w.person(who).lang).or_else(|| bank.get(item, "en")).expect("item");
    let answer = item.variants[*variant].answer;
    let n = order.iter().position(|o| (*o == answer) == right).expect("position");
    format!("p:{}:{n}", prompt.id)
}

fn score(w: &World, who: &str) -> (u32, u32) {
    let l: Learner = w.record(coll::LEARNERS, who).expect("learner");
    (l.right, l.answered)
}

#[test]
fn the_slot_comes_in_the_persons_own_morning() {
    let mut w = enabled("0 10 * * Tue-Fri");
    // 08:00 UTC is 10:00 in Berlin and 09:00 in London; the slot of Berlin has just begun.
    w.advance("30m");
    assert_eq!(w.times_seen("second", "A 20-second question"), 0);
    w.advance("40m");
    assert_eq!(w.times_seen("second", "A 20-second question"), 1, "{}", w.transcript("second"));
    assert_eq!(w.times_seen("employee", "A 20-second question"), 0);
    w.advance("24h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 1);
}

#[test]
fn right_wrong_and_unsure_are_answered_kindly_with_a_source() {
    for (how, sign, right) in
        [("right", "Yes, exactly", 1), ("wrong", "Here is what helps", 0), ("unsure", "Here is what helps", 0)]
    {
        let mut w = enabled("0 12 * * *");
        w.command("employee", "quiz now");
        match how {
            "right" => {
                let t = option(&w, "employee", true);
                w.press_token("employee", &t);
            }
            "wrong" => {
                let t = option(&w, "employee", false);
                w.press_token("employee", &t);
            }
            _ => w.press("employee", "Not sure"),
        }
        w.sees("employee", sign);
        w.sees("employee", "Source: ");
        assert_eq!(score(&w, "employee"), (right, 1), "{how}");
        assert!(w.seen("employee").iter().all(|s| s.card.buttons.is_empty()), "buttons stay");
        // Private: nobody else and no timeline knows.
        for other in ["responder", "lead", "admin", "#security"] {
            assert_eq!(w.transcript(other), "", "{other}");
        }
        w.nothing_lost();
    }
}

#[test]
fn a_second_press_changes_nothing() {
    let mut w = enabled("0 12 * * *");
    w.command("employee", "quiz now");
    let (right, wrong) = (option(&w, "employee", true), option(&w, "employee", false));
    w.press_token("employee", &wrong);
    w.press_token("employee", &right);
    assert_eq!(score(&w, "employee"), (0, 1));
    w.sees("employee", "You answered this already");
}

#[test]
fn a_number_in_words_answers_too() {
    let mut w = enabled("0 12 * * *");
    w.command("employee", "quiz now");
    w.dm("employee", "1");
    assert_eq!(score(&w, "employee").1, 1);
}

#[test]
fn a_pause_works_at_once_and_until_it_is_taken_back() {
    let mut w = enabled("0 12 * * *");
    w.advance("3h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 1);
    w.press("employee", "Pause these");
    w.sees("employee", "Paused.");
    w.advance("240h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 1);
    w.command("employee", "quiz resume");
    w.advance("24h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 2);
}

#[test]
fn later_is_a_promise_that_is_kept() {
    let mut w = enabled("0 12 * * Tue");
    w.advance("3h");
    w.press("employee", "Later");
    w.sees("employee", "I will ask again tomorrow");
    w.advance("25h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 2, "tomorrow came and nothing was asked");
    w.advance("168h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 3, "the weekly slot was lost");
}

#[test]
fn later_is_kept_where_quizzes_are_only_on_demand() {
    let mut w = World::default();
    w.command("employee", "quiz now");
    w.press("employee", "Later");
    w.sees("employee", "I will ask again tomorrow");
    w.advance("25h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 2, "tomorrow came and nothing was asked");
}

#[test]
fn a_question_goes_away_quietly_and_a_late_answer_is_met_kindly() {
    let mut w = enabled("0 12 * * Tue");
    w.advance("3h");
    let token = option(&w, "employee", true);
    w.advance("9h");
    assert!(w.button("employee", "Not sure").is_none(), "it stays");
    w.press_token("employee", &token);
    let said = w.last_card("employee").plain();
    assert!(!said.contains("case  ") && !said.contains("case ,"), "a sentence about no case: {said}");
    assert_eq!(score(&w, "employee").1, 0);
}

#[test]
fn somebody_else_cannot_answer() {
    let mut w = enabled("0 12 * * *");
    w.command("employee", "quiz now");
    let token = option(&w, "employee", true);
    w.press_token("colleague", &token);
    w.sees("colleague", "meant for somebody else");
    assert_eq!(score(&w, "employee"), (0, 0));
}

#[test]
fn a_clock_that_is_set_back_asks_nobody_twice() {
    let mut w = enabled("0 12 * * *");
    w.advance("3h");
    let now = w.clock.now();
    w.clock.set(now - jiff::SignedDuration::from_hours(2));
    w.restart();
    w.settle();
    w.advance("3h");
    assert_eq!(w.times_seen("employee", "A 20-second question"), 1);
}
