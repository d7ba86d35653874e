//! Humans decide: who may, what exactly, until when, and what a late, doubled or foreign press does.

use crate::typed_password;
use nightbell_core::case::Status;
use nightbell_desk::records::{Asked, Prompt, PromptState, coll};
use nightbell_tests::{World, mails};

fn approval(w: &World) -> Prompt {
    let all: Vec<(String, Prompt)> = w.records(coll::PROMPTS);
    all.into_iter().map(|(_, p)| p).find(|p| matches!(p.what, Asked::Approval { .. })).expect("an approval")
}

#[test]
fn the_yes_is_bound_to_the_exact_arguments() {
    let mut w = World::default();
    typed_password(&mut w);
    let Asked::Approval { proposal, digest, .. } = approval(&w).what else { panic!("no approval") };
    assert_eq!(proposal.digest(), digest);
    w.press("responder", "Approve");
    let call = &w.calls("identity.revoke_sessions")[0];
    assert_eq!(call.args, proposal.args, "what left is not what was approved");
}

#[test]
fn the_reporter_and_a_colleague_cannot_approve() {
    let mut w = World::default();
    typed_password(&mut w);
    let token = w.button("responder", "Approve").expect("button");
    for who in ["employee", "colleague", "stranger", "admin"] {
        let before = w.seen(who).len();
        w.press_token(who, &token);
        assert!(w.seen(who).len() > before, "{who} got no reason");
        assert!(w.actions.arrived("identity.revoke_sessions").is_empty(), "{who} could approve");
    }
    assert!(w.timeline("C-1").contains("not_counted"), "{}", w.timeline("C-1"));
    w.press("responder", "Approve");
    assert_eq!(w.calls("identity.revoke_sessions").len(), 1, "the refused presses blocked the right one");
}

#[test]
fn a_responder_who_reported_cannot_approve_for_themselves() {
    let mut w = World::default();
    w.send_file("responder", "suspicious.eml", mails::PHISH.into());
    w.press("responder", "a link");
    w.press("responder", "Yes");
    assert!(w.button("responder", "Approve").is_none(), "the subject was asked: {}", w.transcript("responder"));
    // Nobody else stands on the first level, so the next one is asked at once.
    w.advance("1m");
    let token = w.button("second", "Approve").unwrap_or_else(|| panic!("nobody else was asked\n{}", w.timeline("C-1")));
    w.press_token("responder", &token);
    assert!(w.actions.arrived("identity.revoke_sessions").is_empty(), "the subject approved");
    w.press("second", "Approve");
    assert_eq!(w.calls("identity.revoke_sessions").len(), 1);
    w.nothing_lost();
}

#[test]
fn approving_twice_acts_once_and_says_who_was_first() {
    let mut w = World::default();
    typed_password(&mut w);
    w.advance("16m");
    let first = w.button("responder", "Approve").expect("button");
    let other = w.button("second", "Approve").expect("escalated");
    w.press_token("responder", &first);
    w.press_token("responder", &first);
    w.press_token("second", &other);
    assert_eq!(w.actions.arrived("identity.revoke_sessions").len(), 1);
    w.sees("second", "This is decided already: granted, by Responder on call.");
    assert_eq!(w.times_seen("second", "Approved by Responder on call"), 1, "{}", w.transcript("second"));
}

#[test]
fn a_denial_is_final_and_told() {
    let mut w = World::default();
    typed_password(&mut w);
    let yes = w.button("responder", "Approve").expect("button");
    w.press("responder", "Deny");
    w.sees("responder", "Denied by Responder on call");
    w.press_token("responder", &yes);
    assert!(w.actions.effects().is_empty(), "a no became a yes");
    w.press("employee", "no");
    w.does_not_see("employee", "you were signed out");
    w.sees("employee", "Your report is closed");
    w.nothing_lost();
}

#[test]
fn expiry_means_no() {
    let mut w = World::default();
    typed_password(&mut w);
    let yes = w.button("responder", "Approve").expect("button");
    w.advance("24h");
    assert_ne!(approval(&w).state, PromptState::Open);
    w.sees("responder", "Nobody decided in time. That means no.");
    w.press_token("responder", &yes);
    assert!(w.actions.effects().is_empty(), "a late yes acted");
    assert!(w.transcript("responder").contains("decided already"), "{}", w.transcript("responder"));
}

#[test]
fn the_commands_approve_and_deny_do_the_same() {
    let mut w = World::default();
    typed_password(&mut w);
    w.command("employee", "approve C-1");
    assert!(w.actions.effects().is_empty());
    w.command("responder", "approve C-1 looks right");
    assert_eq!(w.calls("identity.revoke_sessions").len(), 1);
    w.command("responder", "approve C-1");
    w.sees("responder", "Nothing waits for an approval in C-1.");
}

#[test]
fn whoever_decides_hears_that_it_counted() {
    for (line, end) in [("approve C-1 I know them", 1), ("deny C-1 wrong person", 0)] {
        let mut w = World::default();
        typed_password(&mut w);
        let before = w.seen("second").len();
        w.command("second", line);
        assert_eq!(w.calls("identity.revoke_sessions").len(), end);
        assert!(w.seen("second").len() > before, "`{line}` was answered with nothing");
    }
}

#[test]
fn a_button_that_never_was_is_answered() {
    let mut w = World::default();
    for token in ["p:nothing:approve", "", "p:", "p:x", "garbage", "p:x:y:z", &"p:".repeat(5000)] {
        let before = w.seen("employee").len();
        w.press_token("employee", token);
        assert_eq!(w.seen("employee").len(), before + 1, "`{token}` got no answer");
    }
    w.sees("employee", "I do not know this button any more");
    w.nothing_lost();
}

#[test]
fn somebody_elses_question_cannot_be_answered() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    let token = w.button("employee", "a link").expect("button");
    w.press_token("colleague", &token);
    w.sees("colleague", "This button is meant for somebody else");
    assert!(w.button("employee", "a link").is_some(), "the question went away");
}

#[test]
fn an_answer_after_the_case_was_closed_is_written_down_and_revives_nothing() {
    let mut w = World::default();
    w.send_file("employee", "suspicious.eml", mails::PHISH.into());
    let token = w.button("employee", "a link").expect("button");
    w.command("responder", "close C-1 false-alarm");
    w.sees("employee", "C-1 is closed");
    w.press_token("employee", &token);
    w.sees("employee", "I wrote that down");
    assert_eq!(w.case("C-1").status, Status::Closed);
    assert!(w.pages().is_empty());
    w.press_token("employee", &token);
    w.advance("72h");
    assert_eq!(w.case("C-1").status, Status::Closed);
    w.nothing_lost();
}
