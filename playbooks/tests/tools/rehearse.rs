//! Rehearsals: what each participant sees, and what can be known before.

use nightbell_core::action::Outcome;
use nightbell_playbooks::api::RunStatus;
use nightbell_playbooks::rehearse::{Rehearsal, Script, outline, seen, tell};
use nightbell_playbooks::{Library, builtin};
use serde_json::json;

fn shipped() -> Library {
    Library::shipped(builtin::manifests()).unwrap_or_else(|f| panic!("{f:?}"))
}

fn script(words: &[&str]) -> Script {
    let mut out = Script::default();
    for w in words {
        out.set(w).unwrap_or_else(|e| panic!("{e}"));
    }
    out
}

#[test]
fn every_shipped_playbook_can_be_rehearsed_in_silence() {
    let library = shipped();
    for playbook in library.iter() {
        let mut r = Rehearsal::start(&library, playbook, Script::default(), None)
            .unwrap_or_else(|e| panic!("{}: {e}", playbook.id));
        r.finish();
        assert!(r.status().ended(), "{}: {:?}", playbook.id, r.status());
        assert!(r.world.problems.is_empty(), "{}: {:?}", playbook.id, r.world.problems);
        assert!(tell(&r).contains("ends after"), "{}", playbook.id);
    }
}

#[test]
fn each_participant_reads_a_story_of_their_own() {
    let library = shipped();
    let playbook = library.current("phishing-report").expect("phishing-report");
    let answers = ["touched.clicked=a link", "typed.password=true", "gave.what=no", "revoke=granted"];
    let mut r = Rehearsal::start(&library, &playbook, script(&answers), None).expect("start");
    r.finish();
    let all = seen(&r);
    let by = |who: &str| all.iter().filter(|s| s.who == who).map(|s| s.text.as_str()).collect::<Vec<_>>().join("\n");
    let (person, on_call) = (by("employee"), by("role:on-call"));
    assert!(
        person.contains("Did you click a link")
            && person.contains("a link")
            && person.contains("Your report is closed"),
        "{person}"
    );
    assert!(!person.contains("Approval needed"), "{person}");
    for words in [
        "Page (high)",
        "Approval needed: The employee typed a password",
        "user: employee",
        "Nothing takes this back.",
        "[Approve] [Deny]",
        "approves",
    ] {
        assert!(on_call.contains(words), "{words}\n{on_call}");
    }
    assert!(!on_call.contains("Did you click"), "{on_call}");
    let text = tell(&r);
    assert!(text.contains("== what employee sees") && text.contains("== what the on-call sees"), "{text}");
    assert!(text.contains("› a link") && text.contains("succeeded, outcome malicious"), "{text}");
}

#[test]
fn silence_shows_reminders_levels_and_the_virtual_time() {
    let library = shipped();
    let playbook = library.current("was-this-you").expect("was-this-you");
    let mut r = Rehearsal::start(&library, &playbook, Script::default(), None).expect("start");
    r.finish();
    let all = seen(&r);
    let at = |who: &str, words: &str| {
        let found = all.iter().find(|s| s.who == who && s.text.contains(words));
        found.unwrap_or_else(|| panic!("{who} never reads `{words}`: {all:#?}")).after.clone()
    };
    assert_eq!(at("employee", "A reminder: Was this you?"), "+00:10:00");
    assert_eq!(at("role:on-call", "Approval needed: Suspend"), "+00:30:00");
    assert_eq!(at("level 2 of the escalation", "Approval needed: Suspend"), "+00:50:00");
    assert_eq!(at("bot", "ends: succeeded handed_over"), "+01:30:00");
}

#[test]
fn questions_are_answered_one_by_one_and_approvals_decided() {
    let library = shipped();
    let playbook = library.current("lost-device").expect("lost-device");
    let mut r = Rehearsal::start(&library, &playbook, Script::default(), None).expect("start");
    for (step, answer) in
        [("facts", json!("laptop")), ("facts", json!("LT-0042")), ("facts", json!(null)), ("facts", json!("yes"))]
    {
        let open = r.open();
        assert_eq!(open.iter().map(|p| p.step.as_str()).collect::<Vec<_>>(), [step]);
        r.answer(step, answer);
    }
    let card = r.open().pop().expect("the lock");
    assert!(card.step == "lock" && card.question.is_none() && card.text.contains("device.lock"), "{card:?}");
    r.decide("lock", true);
    assert_eq!(r.open().pop().expect("the wipe").step, "wipe");
    r.decide("wipe", false);
    assert_eq!((r.status(), r.world.run().outcome()), (RunStatus::Succeeded, "locked"));
}

#[test]
fn reads_may_go_outside_and_nothing_else_does() {
    let library = shipped();
    let playbook = library.current("phishing-report").expect("phishing-report");
    let called = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let log = std::rc::Rc::clone(&called);
    let outside = move |call: &nightbell_core::action::Call| {
        log.borrow_mut().push(call.action.clone());
        Some(Outcome::Done { outputs: json!({"verdict": "simulation"}) })
    };
    let mut r = Rehearsal::start(&library, &playbook, Script::default(), Some(Box::new(outside))).expect("start");
    r.finish();
    assert_eq!(*called.borrow(), ["mail.analyse"], "chat and pages are no reads");
    assert_eq!(r.world.run().outcome(), "simulation", "the real answer counts");
}

#[test]
fn what_a_playbook_may_do_is_known_before() {
    let library = shipped();
    let playbook = library.current("lost-device").expect("lost-device");
    let approvals = outline::approvals(&playbook);
    let steps: Vec<(&str, &str, &str)> =
        approvals.iter().map(|a| (a.step.as_str(), a.action.as_str(), a.effect.as_str())).collect();
    assert_eq!(steps, [("lock", "device.lock", "change"), ("wipe", "device.wipe", "destructive")]);
    assert_eq!(approvals[0].inverse.as_deref(), Some("device.unlock"));
    assert_eq!(approvals[1].inverse, None);
    let people = outline::people(&playbook);
    let reached = |who: &str| people.iter().find(|(w, _)| w == who).map(|(_, s)| s.clone()).unwrap_or_default();
    assert_eq!(reached("role:on-call"), ["page", "lock", "hand_over"]);
    assert_eq!(reached("further levels of the escalation"), ["lock"]);
    // facts 4h, raise, page and guide 30s each, lock 3 x 15m + 30s, wipe 24h + 30s, by_hand 30s, tell 30s; then the handler's two calls.
    let longest = outline::longest(&playbook, &library);
    assert_eq!((longest.span.to_string().as_str(), longest.open_ended.len()), ("1d4h49m", 0));
}

#[test]
fn what_has_no_limit_of_its_own_is_named() {
    let mut library = shipped();
    let all = library.add("all-kinds.yaml", include_str!("../data/all-kinds.yaml")).unwrap_or_else(|f| panic!("{f:?}"));
    let longest = outline::longest(&all, &library);
    assert_eq!(longest.open_ended, ["each goes through a list of any length"]);
    assert!(longest.span >= all.timeout);
}

#[test]
fn words_of_the_command_line_become_answers() {
    let s = script(&["a.b=true", "a.c=3", "a.d=some words", "x/y.q=[1]", "lock=denied"]);
    assert_eq!(s.answers["a"]["b"], json!(true));
    assert_eq!(s.answers["a"]["c"], json!(3));
    assert_eq!(s.answers["a"]["d"], json!("some words"));
    assert_eq!(s.answers["x/y"]["q"], json!([1]));
    assert!(s.approvals.contains_key("lock"));
    for bad in ["nothing", "lock=perhaps"] {
        assert!(Script::default().set(bad).is_err(), "{bad}");
    }
    assert!(Script::parse("f", "answers: { a: 5 }").is_err() && Script::parse("f", "anwers: {}").is_err());
}
