//! Imported documents run on the engine: every type of step does what the standard says.

use super::{bytes, now};
use nightbell_playbooks::testing::run_file;
use nightbell_playbooks::{Library, builtin, cacao};

fn library(names: &[&str]) -> (Library, Vec<String>) {
    let mut library = Library::new(builtin::manifests());
    let mut texts = Vec::new();
    for name in names {
        let imported = cacao::import(&bytes(name), now()).unwrap_or_else(|f| panic!("{name}: {f:#?}"));
        let loaded = library.add(name, &imported.yaml).unwrap_or_else(|f| panic!("{name}: {f:#?}\n{}", imported.yaml));
        assert_eq!(loaded.id(), imported.id);
        texts.push(imported.yaml);
    }
    (library, texts)
}

/// Runs a test file over these documents.
fn passes(names: &[&str], test: &str) {
    let (library, texts) = library(names);
    assert_eq!(library.cross_check(), [], "{}", texts.join("\n"));
    for result in run_file(&library, "test", test) {
        assert!(result.ok, "{}: {}\n{}\n{}", result.case, result.message, result.transcript, texts.join("\n"));
    }
}

#[test]
fn parallel_branches_run_and_meet_again() {
    passes(
        &["parallel"],
        r#"
playbook: tell-everybody-at-once
defaults:
  mocks: { http.request: { outputs: { status: 201, headers: {}, body: "" } } }
cases:
  - name: all three, then the join
    approvals: { open_a_ticket: { decision: granted, by: "role:on-call" } }
    answers: { call_the_manager: { done: true }, warn_the_help_desk: { done: true }, close_the_case: { done: true } }
    expect:
      status: succeeded
      outcome: completed
      ran: [at_once, open_a_ticket, call_the_manager, warn_the_help_desk, close_the_case]
      calls:
        http.request:
          count: 1
          with:
            method: POST
            url: "https://tickets.example.com:8443/tickets"
            headers: { Content-Type: application/json }
            body: '{"title":"{{ not a template }}","kind":"{%x%}"}'
  - name: the join waits for the slowest branch
    approvals: { open_a_ticket: { decision: denied, by: "role:on-call" } }
    answers: { call_the_manager: { done: true } }
    expect: { status: waiting, waiting_on: [warn_the_help_desk], not_ran: [close_the_case], calls: { http.request: 0 } }
"#,
    );
}

#[test]
fn conditions_and_switches_choose_by_typed_values() {
    passes(
        &["switch"],
        r"
playbook: sort-an-alert
defaults:
  inputs: { severity: low, score: 5 }
cases:
  - name: a case
    answers: { note_it: { done: true }, thank_the_reporter: { done: true }, file_the_report: { done: true } }
    expect: { status: succeeded, ran: [note_it, thank_the_reporter, file_the_report], not_ran: [wake_the_lead, queue_it] }
  - name: another case
    inputs: { severity: high, score: 0 }
    answers: { wake_the_lead: { done: true }, thank_the_reporter: { done: true }, file_the_report: { done: true } }
    expect: { status: succeeded, ran: [wake_the_lead, thank_the_reporter], not_ran: [note_it, queue_it] }
  - name: the default
    inputs: { severity: medium, score: 7 }
    answers: { thank_the_reporter: { done: true }, file_the_report: { done: true } }
    expect: { status: succeeded, ran: [thank_the_reporter], not_ran: [note_it, wake_the_lead, queue_it] }
  - name: above the limit the condition does not hold
    inputs: { severity: medium, score: 8 }
    answers: { queue_it: { done: true } }
    expect: { status: succeeded, ran: [queue_it], not_ran: [thank_the_reporter] }
",
    );
}

#[test]
fn a_loop_counts_until_its_condition_ends() {
    passes(
        &["while"],
        r#"
playbook: count-to-three
cases:
  - name: three rounds
    approvals:
      "until_three[0].count_up": { decision: granted, by: "role:on-call" }
      "until_three[1].count_up": { decision: granted, by: "role:on-call" }
      "until_three[2].count_up": { decision: granted, by: "role:on-call" }
    mocks: { ssh.exec: [{ outputs: { code: 0, output: "1\n" } }, { outputs: { code: 0, output: "2\n" } }, { outputs: { code: 0, output: "3\n" } }] }
    answers: { say_the_number: { done: true } }
    expect:
      status: succeeded
      ran: [say_the_number]
      calls: { ssh.exec: { count: 3, with: { host: counter.example.com, port: "22" } } }
      outputs: { count: 3 }
  - name: a denial changes nothing and the loop is bounded
    approvals:
      "until_three[0].count_up": { decision: denied, by: "role:on-call" }
      "until_three[1].count_up": { decision: denied, by: "role:on-call" }
      "until_three[2].count_up": { decision: denied, by: "role:on-call" }
      "until_three[3].count_up": { decision: denied, by: "role:on-call" }
      "until_three[4].count_up": { decision: denied, by: "role:on-call" }
      "until_three[5].count_up": { decision: denied, by: "role:on-call" }
      "until_three[6].count_up": { decision: denied, by: "role:on-call" }
      "until_three[7].count_up": { decision: denied, by: "role:on-call" }
      "until_three[8].count_up": { decision: denied, by: "role:on-call" }
      "until_three[9].count_up": { decision: denied, by: "role:on-call" }
    answers: { say_the_number: { done: true } }
    expect: { status: succeeded, calls: { ssh.exec: 0 }, outputs: { count: 0 } }
"#,
    );
}

#[test]
fn a_playbook_calls_the_one_with_the_id_of_the_document() {
    passes(
        &["called", "caller"],
        r#"
playbook: check-an-address
cases:
  - name: values go in and come back
    answers:
      "ask_the_other_playbook/look_it_up": { done: true, verdict: "bad actor" }
      block_it: { done: true }
    expect: { status: succeeded, ran: [ask_the_other_playbook, block_it], outputs: { verdict: "bad actor" } }
  - name: the other way
    answers: { "ask_the_other_playbook/look_it_up": { done: true, verdict: "badges only" } }
    expect: { status: succeeded, not_ran: [block_it], outputs: { verdict: "badges only" } }
"#,
    );
}

#[test]
fn failure_leads_on_and_success_leads_on() {
    passes(
        &["failure"],
        r#"
playbook: isolate-two-computers
cases:
  - name: both targets in order, after the delay
    approvals: { isolate: { decision: granted, by: "role:on-call" }, isolate_2: { decision: granted, by: "role:on-call" } }
    mocks: { shell.exec: { outputs: { code: 0, output: "" } } }
    answers: { tell_the_owner: { done: true } }
    clock: { advance: 1m }
    expect:
      status: succeeded
      ran: [isolate, isolate_2, tell_the_owner]
      not_ran: [pull_the_plug]
      calls: { shell.exec: { count: 2, with: { command: "for i in {1..3}; do echo \"{{ $i }}\"; done\n" } } }
  - name: before the delay nothing happens
    expect: { status: waiting, waiting_on: [wait_for_isolate], not_ran: [isolate] }
  - name: a failing call leads to the failure branch
    approvals: { isolate: { decision: granted, by: "role:on-call" } }
    mocks: { shell.exec: { error: { code: NB2101, message: no route } } }
    answers: { pull_the_plug: { done: true } }
    clock: { advance: 1m }
    expect: { status: succeeded, ran: [isolate, pull_the_plug], not_ran: [isolate_2, tell_the_owner], calls: { shell.exec: 1 } }
  - name: so does a denial
    approvals: { isolate: { decision: denied, by: "role:on-call" } }
    answers: { pull_the_plug: { done: true } }
    clock: { advance: 1m }
    expect: { status: succeeded, ran: [pull_the_plug], not_ran: [tell_the_owner], calls: { shell.exec: 0 } }
  - name: what fails without a branch pages with the words of the exception
    approvals: { isolate: { decision: granted, by: "role:on-call" }, isolate_2: { decision: granted, by: "role:on-call" } }
    mocks: { shell.exec: { outputs: { code: 0, output: "" } }, oncall.page: { outputs: {} } }
    clock: { advance: 10h }
    expect: { status: failed, failure: { step: tell_the_owner }, calls: { oncall.page: { count: 1, with: { urgency: high } } } }
"#,
    );
}

#[test]
fn a_loop_of_arrows_is_left_by_either_way() {
    passes(
        &["arrows"],
        r#"
playbook: try-until-it-works
cases:
  - name: at once
    answers: { "again[0].try_it": { done: true, state: works }, write_that_it_works: { done: true } }
    expect: { status: succeeded, ran: [write_that_it_works], not_ran: [write_that_it_is_lost] }
  - name: twice round, then the other way out
    answers:
      "again[0].try_it": { done: true, state: "no" }
      "again[1].try_it": { done: true, state: "still not" }
      "again[2].try_it": { done: true, state: lost }
      write_that_it_is_lost: { done: true }
    expect: { status: succeeded, ran: [write_that_it_is_lost], not_ran: [write_that_it_works] }
"#,
    );
}

#[test]
fn what_cannot_be_carried_out_fails_when_it_is_reached() {
    passes(
        &["kept"],
        r#"
playbook: kept-as-it-is
cases:
  - name: never skipped
    approvals: { ask_the_service: { decision: granted, by: "role:on-call" } }
    mocks:
      http.request: { outputs: { status: 200, headers: {}, body: "" } }
      cacao.unsupported: { error: { code: NB2101, message: "no connector offers cacao.unsupported" } }
      oncall.page: { outputs: {} }
    expect:
      status: failed
      failure: { step: ask_the_service_2 }
      calls: { http.request: { count: 1, with: { url: "https://api.example.com/base/v1/items/'all'?x=1", secret: service_login } } }
"#,
    );
}
