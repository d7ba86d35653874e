//! What a person reads, in full, for the mistakes that other tools let pass (`playbooks.md` sections 5 and 16).

use super::{HEAD, findings};

/// The first finding for what stands behind the head, as it is printed.
fn said(body: &str) -> String {
    let text = format!("{HEAD}{body}\n");
    findings(&text).first().map_or_else(|| "nothing".to_owned(), |f| f.render(&text))
}

#[test]
fn a_condition_with_braces_would_always_be_true() {
    assert_eq!(
        said("steps:\n  - { id: a, if: \"{{ run.id }} == 'x'\", end: {} }"),
        "\
error[NB1301]: a condition stands in braces
 --> t.yaml:6:19
  |
6 |   - { id: a, if: \"{{ run.id }} == 'x'\", end: {} }
  |                   ^^^^^^^^^^^^^^^^^^^
  = why: a condition is an expression already; in braces it would be text
  = help: write the bare expression: `x == 1`, not `{{ x == 1 }}`
"
    );
}

#[test]
fn nothing_is_true_by_itself() {
    assert_eq!(
        said(
            "inputs: { links: { type: list, required: true } }\nsteps:\n  - { id: a, if: \"inputs.links or run.id == 'x'\", end: {} }"
        ),
        "\
error[NB1302]: `inputs.links` is a list, not true or false
 --> t.yaml:7:19
  |
7 |   - { id: a, if: \"inputs.links or run.id == 'x'\", end: {} }
  |                   ^^^^^^^^^^^^
  = why: nothing is taken for true by itself
  = help: compare it with something; nothing is taken for true by itself
"
    );
}

#[test]
fn a_number_is_not_compared_as_text() {
    assert_eq!(
        said(
            "inputs: { score: { type: string, required: true } }\nsteps:\n  - { id: a, if: \"inputs.score > 79\", end: {} }"
        ),
        "\
error[NB1303]: `>` compares text with a number
 --> t.yaml:7:19
  |
7 |   - { id: a, if: \"inputs.score > 79\", end: {} }
  |                   ^^^^^^^^^^^^^^^^^
  = why: compared as they are, the result would be wrong without notice
  = help: bring both to one type, for instance with `| int` or `| string`
"
    );
}

#[test]
fn a_word_looked_for_in_text_of_another_type() {
    assert_eq!(
        said("steps:\n  - { id: a, if: \"5 in 'a5'\", end: {} }"),
        "\
error[NB1303]: `in` compares a number with text
 --> t.yaml:6:19
  |
6 |   - { id: a, if: \"5 in 'a5'\", end: {} }
  |                   ^^^^^^^^^
  = why: compared as they are, the result would be wrong without notice
  = help: bring both to one type, for instance with `| int` or `| string`
"
    );
}

#[test]
fn an_extension_that_nothing_runs_is_an_unknown_key() {
    assert_eq!(
        said("steps:\n  - id: a\n    end: {}\n    step_extensions: { x: 1 }"),
        "\
error[NB1003]: unknown key `step_extensions` in a step
 --> t.yaml:8:5
  |
8 |     step_extensions: { x: 1 }
  |     ^^^^^^^^^^^^^^^
  = why: nothing is skipped silently: a misspelled key would have no effect
  = help: known here: id, uses, with, ask, approve, switch, parallel, join, for_each, as, max_parallel, steps, repeat, wait, playbook, set, end, if, timeout, on_timeout, on_error, retry, undo, idempotency_key, mask, description
"
    );
}

#[test]
fn names_of_another_place_are_explained() {
    assert_eq!(
        said(
            "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }\n  - { id: b, if: \"answers.q\", end: {} }"
        ),
        "\
error[NB1201]: `answers` does not exist here
 --> t.yaml:7:19
  |
7 |   - { id: b, if: \"answers.q\", end: {} }
  |                   ^^^^^^^^^
  = why: the expression would fail when the step runs
  = help: `answers` exists only in the form itself; later it is `steps.<id>.outputs.answers`
"
    );
}

#[test]
fn default_saves_only_the_last_name() {
    assert_eq!(
        said(
            "steps:\n  - { id: a, if: \"run.id == 'x'\", ask: { to: role:lead, form: [{ id: q, type: text, label: Q }] }, timeout: 1h, on_timeout: continue }\n  - { id: b, end: { outcome: \"{{ steps.a.outputs.answers.q | default('x') }}\" } }"
        ),
        "\
warning[NB1205]: `steps.a.outputs.answers` is not there if the step `a` was skipped
 --> t.yaml:7:34
  |
7 |   - { id: b, end: { outcome: \"{{ steps.a.outputs.answers.q | default('x') }}\" } }
  |                                  ^^^^^^^^^^^^^^^^^^^^^^^^^
  = why: a value that is not there ends the run with NB2010
  = help: `default` saves only the last name of a path; ask first: `steps.a.status == 'succeeded'`
"
    );
}

#[test]
fn a_list_in_text_and_a_block_tag() {
    assert_eq!(
        said(
            "inputs: { links: { type: list, required: true } }\nsteps:\n  - { id: a, uses: chat.reply, with: { text: \"Links: {{ inputs.links }}\" } }"
        ),
        "\
error[NB1305]: `inputs.links` is a list and stands in text
 --> t.yaml:7:57
  |
7 |   - { id: a, uses: chat.reply, with: { text: \"Links: {{ inputs.links }}\" } }
  |                                                         ^^^^^^^^^^^^
  = why: people would read brackets and quotes
  = help: use `| join(', ')` or name one field
"
    );
    assert_eq!(
        said("steps:\n  - { id: a, uses: chat.reply, with: { text: \"{% if x %}y{% endif %}\" } }"),
        "\
error[NB1306]: template blocks (`{%`, `{#`) are not allowed
 --> t.yaml:6:47
  |
6 |   - { id: a, uses: chat.reply, with: { text: \"{% if x %}y{% endif %}\" } }
  |                                               ^^
  = why: logic belongs in steps, where the graph, the tests and the journal see it
  = help: logic belongs in steps; `a if c else b` chooses within an expression
"
    );
}

#[test]
fn operators_of_other_languages_are_translated() {
    assert_eq!(
        said("steps:\n  - { id: a, if: \"run.id == 'x' && run.id != 'y'\", end: {} }").lines().last(),
        Some("  = help: write `and` and `or`")
    );
    for (cond, help) in [
        ("run.id = 'x'", "to compare, write `==`"),
        ("!run.id", "write `not x`"),
        ("run.id ? 1 : 2", "write `a if c else b`"),
        ("(run.id == 'x'", "there are more opening than closing brackets, or the other way round"),
    ] {
        let got = said(&format!("steps:\n  - {{ id: a, if: \"{cond}\", end: {{}} }}"));
        assert!(got.starts_with("error[NB1304]") && got.ends_with(&format!("= help: {help}\n")), "{got}");
    }
}

#[test]
fn a_change_without_a_human_is_refused() {
    assert_eq!(
        said(
            "inputs: { user: { type: user, required: true } }\nsteps:\n  - { id: lock, uses: identity.suspend, with: { user: \"{{ inputs.user.id }}\" } }"
        ),
        "\
error[NB1701]: `identity.suspend` changes something and stands outside of an approval
 --> t.yaml:7:23
  |
7 |   - { id: lock, uses: identity.suspend, with: { user: \"{{ inputs.user.id }}\" } }
  |                       ^^^^^^^^^^^^^^^^
  = why: a human says yes to the exact arguments before anything changes
  = help: put it into `approve: { by: role:on-call, action: { uses: ... } }`; there is no switch for this
"
    );
}

#[test]
fn a_misspelled_word_of_the_language_is_a_word_that_never_comes() {
    assert_eq!(
        said(
            "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }\n  - { id: b, if: \"steps.a.outputs.decision == 'approved'\", end: {} }"
        ),
        "\
warning[NB1308]: `steps.a.outputs.decision` is never 'approved'
 --> t.yaml:7:47
  |
7 |   - { id: b, if: \"steps.a.outputs.decision == 'approved'\", end: {} }
  |                                               ^^^^^^^^^^
  = why: the comparison always comes out the same way
  = help: it is one of: granted, denied, expired
"
    );
}

#[test]
fn bare_words_that_other_readers_turn_into_booleans_stay_text() {
    assert_eq!(said("vars: { country: NO }\nsteps:\n  - { id: a, if: \"vars.country == 'NO'\", end: {} }"), "nothing");
    assert!(
        said("on: [x.y]\nsteps: [{ id: a, end: {} }]")
            .starts_with("error[NB1009]: no key is called `on`\n --> t.yaml:5:1\n")
    );
}

#[test]
fn unbounded_loops_and_hidden_deadlines_do_not_pass() {
    assert!(
        said("steps:\n  - { id: a, repeat: { while: \"1 == 1\", steps: [{ id: b, wait: { for: 1m } }] } }")
            .starts_with("error[NB1106]: this `repeat` has no `max`")
    );
    assert!(
        said("steps:\n  - { id: a, ask: { to: role:lead, timeout: 1h, form: [{ id: q, type: boolean, label: Q }] } }")
            .starts_with("error[NB1109]: `timeout` stands inside `ask`\n --> t.yaml:6:36\n")
    );
}
