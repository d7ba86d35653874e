//! Playbooks as a team of its own writes them: called playbooks, turns, schedules, webhooks, waiting for events,
//! undo, inputs that are asked for, feedback, masked values, and a file that changes under a run.

use nightbell_core::event::Event;
use nightbell_desk::records::{RunRow, coll};
use nightbell_playbooks::api::RunStatus;
use nightbell_tests::World;
use nightbell_tests::world::Kind;
use serde_json::json;

const CALLER: &str = "nightbell: 1
id: contain
version: 1.0.0
name: Contain
labels: [self-service]
triggers: [{ command: contain-now }]
inputs:
  device: { type: string, required: true, description: Which device? }
steps:
  - id: cut
    playbook: cut-off
    with: { device: \"{{ inputs.device }}\" }
  - id: fin
    end: { outcome: \"{{ steps.cut.outputs.outcome }}\", feedback: true }
";

const CALLED: &str = "nightbell: 1
id: cut-off
version: 1.0.0
name: Cut off
inputs:
  device: { type: string, required: true }
steps:
  - id: lock
    approve:
      by: role:on-call
      summary: \"Lock {{ inputs.device }}?\"
      action: { uses: device.lock, with: { device: \"{{ inputs.device }}\" } }
    timeout: 30m
    on_timeout: escalate
    on_error: continue
  - id: fin
    end: { outcome: \"{{ 'locked' if steps.lock.outputs.decision == 'granted' else 'open' }}\" }
";

fn runs(w: &World) -> Vec<RunRow> {
    w.records::<RunRow>(coll::RUNS).into_iter().map(|(_, r)| r).collect()
}

fn run_of(w: &World, playbook: &str) -> RunRow {
    let found = runs(w).into_iter().find(|r| r.playbook == playbook);
    found.unwrap_or_else(|| {
        panic!("no run of {playbook}: {:?}", runs(w).iter().map(|r| &r.playbook).collect::<Vec<_>>())
    })
}

#[test]
fn an_employee_is_asked_for_what_is_missing_and_a_called_playbook_does_the_work() {
    for kind in [Kind::Memory, Kind::Embedded] {
        let mut w = World::new(kind);
        w.add_playbooks(&[CALLED, CALLER]);
        w.dm("employee", "contain-now");
        w.sees("employee", "Which device?");
        w.dm("employee", "LT-7");
        w.sees("responder", "Lock LT-7?");
        w.restart();
        w.press("responder", "Approve");
        assert_eq!(w.calls("device.lock")[0].args, json!({"device": "LT-7"}));
        assert_eq!(run_of(&w, "cut-off").outcome, "locked");
        assert_eq!(run_of(&w, "contain").outcome, "locked");
        assert!(runs(&w).iter().all(|r| r.status == RunStatus::Succeeded), "{:?}", runs(&w));
        // How it was: asked once, kept without a name.
        w.press("employee", "Good");
        let said: Vec<(String, serde_json::Value)> = w.records(coll::FEEDBACK);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].1["word"], "good");
        assert!(!said[0].1.to_string().contains("employee"), "{}", said[0].1);
        w.nothing_lost();
    }
}

#[test]
fn who_is_the_subject_above_cannot_approve_below() {
    let mut w = World::default();
    w.add_playbooks(&[CALLED, CALLER]);
    w.dm("responder", "contain-now");
    w.dm("responder", "LT-7");
    assert!(w.button("responder", "Approve").is_none(), "who asked for it was asked to approve it");
    let token = w.button("second", "Approve").unwrap_or_else(|| panic!("nobody else was asked\n{}", w.timeline("C-1")));
    w.press_token("responder", &token);
    assert!(w.calls("device.lock").is_empty());
    w.press("second", "Approve");
    assert_eq!(w.calls("device.lock").len(), 1);
}

#[test]
fn what_was_changed_is_taken_back_under_an_approval_of_its_own() {
    let mut w = World::default();
    w.add_playbooks(&[CALLED, CALLER]);
    w.dm("employee", "contain-now");
    w.dm("employee", "LT-7");
    w.press("responder", "Approve");
    w.sees("#security", "what was changed");
    w.command("second", "undo C-1");
    w.sees("second", "I am asking for the approvals");
    assert!(w.calls("device.unlock").is_empty(), "undone without a yes");
    w.press("responder", "Approve");
    assert_eq!(w.calls("device.unlock")[0].args, json!({"device": "LT-7"}));
    w.command("second", "undo C-1");
    w.sees("second", "already");
    assert_eq!(w.calls("device.unlock").len(), 1);
    w.command("employee", "undo C-1");
    assert_eq!(w.calls("device.unlock").len(), 1, "an employee could undo");
    w.nothing_lost();
}

const ONE_AT_A_TIME: &str = "nightbell: 1
id: slow
version: 1.0.0
name: Slow work
triggers: [{ alert: \"trigger.rule.tags is defined and 'slow' in trigger.rule.tags\" }]
concurrency: { limit: 1 }
steps:
  - id: pause
    wait: { for: 1h }
  - id: fin
    end: { outcome: done }
";

#[test]
fn turns_are_kept_in_order_across_a_restart() {
    let mut w = World::new(Kind::Embedded);
    w.add_playbooks(&[ONE_AT_A_TIME]);
    for n in 0..3 {
        w.alert("employee", &format!("alert {n}"), &["slow"]);
    }
    assert_eq!(runs(&w).len(), 1);
    assert!(w.timeline("C-3").contains("waits for its turn"), "{}", w.timeline("C-3"));
    w.restart();
    w.advance("61m");
    assert_eq!(runs(&w).len(), 2);
    w.advance("61m");
    w.advance("61m");
    assert_eq!(runs(&w).iter().filter(|r| r.status == RunStatus::Succeeded).count(), 3);
    assert!(w.records::<serde_json::Value>(coll::SLOTS).is_empty(), "a turn was never given back");
}

#[test]
fn what_is_one_too_many_is_dropped_and_seen() {
    let mut w = World::default();
    w.add_playbooks(&[&ONE_AT_A_TIME.replace("{ limit: 1 }", "{ limit: 1, on_limit: drop }")]);
    w.alert("employee", "one", &["slow"]);
    w.alert("employee", "two", &["slow"]);
    assert_eq!(runs(&w).len(), 1);
    assert!(w.timeline("C-2").contains("enough of its kind"), "{}", w.timeline("C-2"));
}

#[test]
fn a_schedule_fires_once_per_slot_and_a_missed_one_is_left_out() {
    let daily = "nightbell: 1\nid: daily\nversion: 1.0.0\nname: Daily look\ntriggers: [{ schedule: { cron: \"0 10 * * *\", zone: Europe/Berlin } }]\nsteps:\n  - { id: note, uses: case.note, with: { text: \"slot {{ trigger.slot }}\" } }\n";
    let mut w = World::new(Kind::Embedded);
    w.add_playbooks(&[daily]);
    w.add_playbooks(&[daily]);
    w.advance("25h");
    assert_eq!(runs(&w).len(), 1, "one slot, one run");
    assert!(w.timeline("C-1").contains("slot 2026-05-13T08:00:00Z"), "{}", w.timeline("C-1"));
    w.down_for("50h");
    assert_eq!(runs(&w).len(), 1, "slots that were missed by more than a period do not run late");
    w.advance("24h");
    assert_eq!(runs(&w).len(), 2);
}

#[test]
fn nothing_in_the_box_asks_anybody_by_itself() {
    let mut w = World::default();
    w.advance("400d");
    assert!(runs(&w).is_empty(), "{:?}", runs(&w));
}

#[test]
fn a_webhook_starts_one_playbook_and_wakes_another() {
    let starts = "nightbell: 1\nid: joiner\nversion: 1.0.0\nname: Joiner\ntriggers: [{ webhook: people, if: \"trigger.body.kind == 'joiner'\" }]\nsteps:\n  - { id: note, uses: case.note, with: { text: \"hello {{ trigger.body.name }}\" } }\n  - id: signed\n    wait: { event: webhook.people, match: \"event.body.kind == 'signed' and event.body.name == trigger.body.name\" }\n    timeout: 7d\n    on_timeout: continue\n  - { id: fin, end: { outcome: \"{{ steps.signed.status }}\" } }\n";
    let mut w = World::new(Kind::Embedded);
    w.add_playbooks(&[starts]);
    let hook = |w: &mut World, id: &str, body: serde_json::Value| {
        w.happens("people", id, &Event::Webhook { name: "people".into(), id: id.into(), body });
    };
    hook(&mut w, "1", json!({"kind": "joiner", "name": "A"}));
    hook(&mut w, "2", json!({"kind": "signed", "name": "B"}));
    assert_eq!(run_of(&w, "joiner").status, RunStatus::Waiting);
    w.restart();
    hook(&mut w, "3", json!({"kind": "signed", "name": "A"}));
    assert_eq!(run_of(&w, "joiner").outcome, "succeeded");
    assert!(w.records::<serde_json::Value>(coll::WAITS).is_empty());
    assert_eq!(runs(&w).len(), 1);
}

#[test]
fn a_changed_file_changes_nothing_for_a_run_that_is_under_way() {
    let text = |words: &str, version: &str| {
        format!(
            "nightbell: 1\nid: asks\nversion: {version}\nname: Asks\nlabels: [self-service]\ntriggers: [{{ command: asks-me }}]\nsteps:\n  - id: q\n    ask: {{ to: \"{{{{ trigger.user }}}}\", form: [{{ id: a, type: boolean, label: \"{words} one?\" }}, {{ id: b, type: boolean, label: \"{words} two?\" }}] }}\n    timeout: 1h\n    on_timeout: continue\n"
        )
    };
    let mut w = World::new(Kind::Embedded);
    w.add_playbooks(&[&text("old", "1.0.0")]);
    w.dm("employee", "asks-me");
    w.sees("employee", "old one?");
    w.add_playbooks(&[&text("new", "1.1.0")]);
    w.restart();
    w.press("employee", "Yes");
    w.sees("employee", "old two?");
    w.does_not_see("employee", "new two?");
    w.press("employee", "Yes");
    w.dm("colleague", "asks-me");
    w.sees("colleague", "new one?");
}

#[test]
fn masked_values_are_shown_to_nobody() {
    let text = "nightbell: 1
id: masks
version: 1.0.0
name: Masks
triggers: [{ alert: \"trigger.rule.tags is defined and 'masks' in trigger.rule.tags\" }]
steps:
  - id: look
    uses: identity.lookup
    with: { user: \"{{ trigger.user.id }}\" }
    mask: [department]
  - id: lock
    approve:
      by: role:on-call
      summary: \"Lock for {{ steps.look.outputs.department }}?\"
      action: { uses: device.lock, with: { device: \"{{ steps.look.outputs.department }}\" } }
    timeout: 1h
    on_timeout: continue
";
    let mut w = World::default();
    w.add_playbooks(&[text]);
    let outputs = json!({"department": "Secret-Branch-9"});
    w.actions.script("identity.lookup", [nightbell_core::action::Outcome::Done { outputs }]);
    w.alert("employee", "odd", &["masks"]);
    w.sees("responder", "Lock for ***?");
    w.press("responder", "Approve");
    assert_eq!(w.calls("device.lock")[0].args, json!({"device": "Secret-Branch-9"}), "what is done is not masked");
    for who in ["responder", "second", "lead", "employee"] {
        w.does_not_see(who, "Secret-Branch-9");
    }
    assert!(!w.timeline("C-1").contains("Secret-Branch-9"), "{}", w.timeline("C-1"));
}

#[test]
fn runs_are_listed_stopped_and_started_by_name() {
    let mut w = World::default();
    w.add_playbooks(&[ONE_AT_A_TIME]);
    w.command("responder", "run");
    w.sees("responder", "`slow` Slow work");
    w.command("responder", "run sloow");
    w.sees("responder", "Did you mean `slow`?");
    w.command("responder", "run slow");
    w.command("responder", "runs");
    w.sees("responder", "C-1 slow - waiting");
    w.command("responder", "stop C-1 an exercise");
    w.sees("responder", "stopped");
    assert_eq!(runs(&w)[0].status, RunStatus::Cancelled);
    w.command("responder", "runs");
    w.sees("responder", "Nothing here.");
    w.command("employee", "stop C-1");
    w.dm("employee", "slow");
    assert_eq!(runs(&w).len(), 1, "an employee started what is not theirs");
}

#[test]
fn what_cannot_be_trusted_says_why_to_whoever_tries() {
    let mut w = World::default();
    let bad = "nightbell: 1\nid: broken\nversion: 1.0.0\nname: Broken\nsteps:\n  - { id: a, uses: device.wipe, with: { device: x } }\n";
    let mut library = (*nightbell_tests::world::library()).clone();
    assert!(library.offer("broken.yaml", bad).is_err());
    w.desk().playbooks.store(std::sync::Arc::new(library));
    w.command("responder", "run broken");
    w.sees("responder", "its file is not in order");
    w.sees("responder", "NB1701");
    assert!(runs(&w).is_empty());
}
