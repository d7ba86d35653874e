//! Two versions compared as an author or reviewer would.

use nightbell_playbooks::diff::{Change, Weight, compare, read};
use nightbell_playbooks::{builtin, library};

fn shipped(id: &str) -> &'static str {
    library().iter().find(|(n, _)| n.strip_suffix(".yaml") == Some(id)).expect(id).1
}

/// The differences after replacing words of a shipped playbook. Each must stand in it.
fn after(id: &str, edits: &[(&str, &str)]) -> Vec<Change> {
    let mut text = shipped(id).to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{id} has no `{from}`");
        text = text.replacen(from, to, 1);
    }
    let load = |text: &str| read("t", text, &builtin::manifests()).unwrap_or_else(|f| panic!("{f:?}"));
    compare(&load(shipped(id)), &load(&text))
}

fn has(changes: &[Change], weight: Weight, what: &str, step: Option<&str>) -> bool {
    changes.iter().any(|c| c.weight == weight && c.what == what && c.step.as_deref() == step)
}

#[test]
fn layout_and_comments_are_no_difference() {
    let comment = after("lost-device", &[("steps:\n", "# a new comment\n\nsteps:\n")]);
    assert!(comment.is_empty(), "{comment:?}");
}

#[test]
fn a_removed_approval_is_a_risk_even_in_a_file_that_would_not_load() {
    let found = after(
        "was-this-you",
        &[(
            "            approve:\n              by: role:on-call\n              not_by: [\"{{ inputs.user }}\"]\n              urgency: high\n              summary: \"Suspend the account of {{ inputs.user.name }}? Their answer was: {{ vars.answer }}.\"\n              action: { uses: identity.suspend, with: { user: \"{{ inputs.user.id }}\" } }\n            timeout: 20m\n            on_timeout: escalate\n",
            "            uses: identity.suspend\n            with: { user: \"{{ inputs.user.id }}\" }\n",
        )],
    );
    assert!(has(&found, Weight::Risk, "approval-removed", Some("lock")), "{found:#?}");
    let said = found.iter().find(|c| c.what == "approval-removed").expect("risk");
    assert!(said.message.contains("identity.suspend") && said.message.contains("without asking anybody"), "{said:?}");
}

#[test]
fn who_may_approve_is_watched_closely() {
    let wider = after("was-this-you", &[("              not_by: [\"{{ inputs.user }}\"]\n", "")]);
    assert!(has(&wider, Weight::Risk, "approval-widened", Some("lock")), "{wider:#?}");
    let other = after("lost-device", &[("by: role:lead", "by: role:responder")]);
    assert!(has(&other, Weight::Risk, "approval-widened", Some("wipe")), "{other:#?}");
    let more = after("lost-device", &[("quorum: 1", "quorum: 2")]);
    assert!(has(&more, Weight::Change, "approval-narrowed", Some("wipe")), "{more:#?}");
    assert!(more.iter().all(|c| c.weight != Weight::Risk), "{more:#?}");
    let subject = after("was-this-you", &[("subject: true, ", "")]);
    assert!(has(&subject, Weight::Risk, "subject-removed", None), "{subject:#?}");
    let args = after(
        "was-this-you",
        &[(
            "action: { uses: identity.suspend, with: { user: \"{{ inputs.user.id }}\" } }",
            "action: { uses: identity.suspend, with: { user: \"everybody\" } }",
        )],
    );
    assert!(has(&args, Weight::Risk, "argument", Some("lock")), "{args:#?}");
}

#[test]
fn times_words_and_conditions_are_told_apart() {
    let found = after(
        "was-this-you",
        &[
            ("timeout: 30m ", "timeout: 2h "),
            ("Was this you?\"\n          help", "Did you do this?\"\n          help"),
            ("case: \"vars.proven\"", "case: \"vars.proven and true\""),
        ],
    );
    let time = found.iter().find(|c| c.what == "timeout").expect("time-out");
    assert_eq!(
        (time.message.as_str(), time.before.as_deref(), time.after.as_deref()),
        ("longer time-out", Some("30m"), Some("2h"))
    );
    assert!(has(&found, Weight::Words, "text", Some("question")), "{found:#?}");
    assert!(has(&found, Weight::Change, "condition", Some("decide")), "{found:#?}");
    assert!(found.iter().all(|c| c.weight != Weight::Risk), "{found:#?}");
    assert!(found.iter().all(|c| c.what != "step-moved"), "a new condition moves nothing: {found:#?}");
}

#[test]
fn steps_that_come_go_move_and_change_their_name() {
    let order = after(
        "password-typed",
        &[(
            "  - { id: done, end: { outcome: \"{{ 'signed_out' if vars.signed_out else 'handed_over' }}\", feedback: true } }\n",
            "  - { id: extra, uses: case.note, with: { text: x } }\n  - { id: the_end, end: { outcome: \"{{ 'signed_out' if vars.signed_out else 'handed_over' }}\", feedback: true } }\n",
        )],
    );
    assert!(has(&order, Weight::Change, "step-added", Some("extra")), "{order:#?}");
    assert!(has(&order, Weight::Change, "step-renamed", Some("the_end")), "{order:#?}");
    assert!(!order.iter().any(|c| c.what == "step-removed"), "{order:#?}");
    let text = shipped("password-typed");
    let (from, to) = (text.find("  - id: raise").expect("raise"), text.find("  - id: page").expect("page"));
    let raise = &text[from..to];
    let moved = after("password-typed", &[(raise, ""), ("  - id: guide", &format!("{raise}  - id: guide"))]);
    let steps: Vec<Option<&str>> = moved.iter().filter(|c| c.what == "step-moved").map(|c| c.step.as_deref()).collect();
    assert_eq!(steps.len(), 1, "one of the two moved, not both: {moved:#?}");
    let gone = after("password-typed", &[(raise, "")]);
    assert!(has(&gone, Weight::Change, "step-removed", Some("raise")), "{gone:#?}");
    let risky = after(
        "password-typed",
        &[(
            "  - id: guide",
            "  - id: lock_it\n    approve: { by: role:on-call, action: { uses: identity.suspend, with: { user: x } } }\n  - id: guide",
        )],
    );
    assert!(has(&risky, Weight::Risk, "action-added", Some("lock_it")), "{risky:#?}");
}
