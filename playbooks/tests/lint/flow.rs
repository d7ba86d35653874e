//! NB1202, NB1205, NB1206 and NB1207: what surely is there, and what nobody reads.

use super::{Case, HEAD, findings, run, show};

pub const CASES: &[Case] = &[
    (
        "NB1202",
        "steps:\n  - { id: a, if: \"⟦steps.b.status⟧ == 'skipped'\", wait: { for: 1m } }\n  - { id: b, end: {} }",
        "steps:\n  - { id: a, wait: { for: 1m } }\n  - { id: b, if: \"steps.a.status == 'skipped'\", end: {} }",
    ),
    (
        "NB1202",
        "steps:\n  - id: p\n    parallel:\n      x: [{ id: a, wait: { for: 1m } }]\n      y: [{ id: b, if: \"⟦steps.a.status⟧ == 'skipped'\", wait: { for: 1m } }]",
        "steps:\n  - id: p\n    parallel:\n      x: [{ id: a, wait: { for: 1m } }]\n      y: [{ id: b, wait: { for: 1m } }]\n  - { id: c, if: \"steps.a.status == 'skipped'\", end: {} }",
    ),
    (
        "NB1202",
        "steps:\n  - id: s\n    switch:\n      - { case: \"run.id == 'x'\", steps: [{ id: a, uses: mail.search }] }\n      - { default: true, steps: [{ id: b, if: \"⟦steps.a.outputs.count⟧ > 1\", end: {} }] }",
        "steps:\n  - id: s\n    switch:\n      - { case: \"run.id == 'x'\", steps: [{ id: a, uses: mail.search }, { id: b, if: \"steps.a.outputs.count > 1\", end: {} }] }",
    ),
    (
        "NB1202",
        "steps:\n  - { id: r, repeat: { while: \"⟦steps.a.outputs.count⟧ > 1\", max: 3, steps: [{ id: a, uses: mail.search }] } }",
        "steps:\n  - { id: r, repeat: { while: \"steps.a.status == 'pending' or steps.a.outputs.count > 1\", max: 3, steps: [{ id: a, uses: mail.search }] } }",
    ),
    (
        "NB1202",
        "steps:\n  - { id: a, if: \"⟦vars.v⟧ == 1\", end: {} }\n  - { id: b, set: { v: 1 } }",
        "steps:\n  - { id: b, set: { v: 1 } }\n  - { id: a, if: \"vars.v == 1\", end: {} }",
    ),
    (
        "NB1202",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q, if: \"⟦answers.r⟧\" }, { id: r, type: boolean, label: R, required: true }] }, timeout: 1h, on_timeout: continue }",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: r, type: boolean, label: R, required: true }, { id: q, type: boolean, label: Q, if: \"answers.r\" }] }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1205",
        "steps:\n  - { id: a, if: \"run.id == 'x'\", uses: mail.search }\n  - { id: b, if: \"⟦steps.a.outputs.count⟧ > 1\", end: {} }",
        "steps:\n  - { id: a, if: \"run.id == 'x'\", uses: mail.search }\n  - { id: b, if: \"steps.a.outputs.count | default(0) > 1\", end: {} }",
    ),
    (
        "NB1205",
        "steps:\n  - { id: a, uses: mail.search, on_error: continue }\n  - { id: b, if: \"⟦steps.a.outputs.count⟧ > 1\", end: {} }",
        "steps:\n  - { id: a, uses: mail.search, on_error: continue }\n  - { id: b, if: \"steps.a.status == 'succeeded' and steps.a.outputs.count > 1\", end: {} }",
    ),
    // `default` saves only the last name.
    (
        "NB1205",
        "steps:\n  - { id: a, if: \"run.id == 'x'\", ask: { to: role:lead, form: [{ id: q, type: text, label: Q }] }, timeout: 1h, on_timeout: continue }\n  - { id: b, if: \"⟦steps.a.outputs.answers.q⟧ | default('') == 'x'\", end: {} }",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: text, label: Q }] }, timeout: 1h, on_timeout: continue }\n  - { id: b, if: \"steps.a.outputs.answers.q | default('') == 'x'\", end: {} }",
    ),
    // Silence leaves a question without its answer.
    (
        "NB1205",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q, required: true }] }, timeout: 1h, on_timeout: continue }\n  - { id: b, if: \"⟦steps.a.outputs.answers.q⟧\", end: {} }",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q, required: true }] }, timeout: 1h, on_timeout: continue }\n  - { id: b, if: \"steps.a.outputs.answered and steps.a.outputs.answers.q\", end: {} }",
    ),
    // Only a granted approval has outputs of its action.
    (
        "NB1205",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: mail.quarantine, with: { message_ids: [x] } } }, timeout: 1h, on_timeout: fail }\n  - { id: b, if: \"⟦steps.a.outputs.action.count⟧ > 1\", end: {} }",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: mail.quarantine, with: { message_ids: [x] } } }, timeout: 1h, on_timeout: fail }\n  - { id: b, if: \"steps.a.outputs.decision == 'granted' and steps.a.outputs.action.count > 1\", end: {} }",
    ),
    // Steps of a handler run only after a failure.
    (
        "NB1205",
        "steps:\n  - { id: a, wait: { for: 1m }, on_error: [{ id: h, uses: mail.search }] }\n  - { id: b, if: \"⟦steps.h.outputs.count⟧ > 1\", end: {} }",
        "steps:\n  - { id: a, wait: { for: 1m }, on_error: [{ id: h, uses: mail.search }] }\n  - { id: b, if: \"steps.h.status == 'succeeded' and steps.h.outputs.count > 1\", end: {} }",
    ),
    (
        "NB1205",
        "steps:\n  - { id: a, if: \"run.id == 'x'\", set: { v: 1 } }\n  - { id: b, if: \"⟦vars.v⟧ == 1\", end: {} }",
        "vars: { v: 0 }\nsteps:\n  - { id: a, if: \"run.id == 'x'\", set: { v: 1 } }\n  - { id: b, if: \"vars.v == 1\", end: {} }",
    ),
    (
        "NB1205",
        "inputs: { where: { type: string } }\nsteps:\n  - { id: a, if: \"⟦inputs.where⟧ == 'x'\", end: {} }",
        "inputs: { where: { type: string } }\nsteps:\n  - { id: a, if: \"inputs.where is defined and inputs.where == 'x'\", end: {} }",
    ),
    // What the run gives at its end must be there on every way to it.
    (
        "NB1205",
        "steps:\n  - { id: a, if: \"run.id == 'x'\", end: {} }\n  - { id: b, uses: mail.search }\noutputs: { n: \"{{ ⟦steps.b.outputs.count⟧ }}\" }",
        "steps:\n  - { id: a, if: \"run.id == 'x'\", end: {} }\n  - { id: b, uses: mail.search }\noutputs: { n: \"{{ steps.b.outputs.count | default(0) }}\" }",
    ),
    (
        "NB1206",
        "inputs: { ⟦ticket⟧: { type: string } }\nsteps: [{ id: a, end: {} }]",
        "inputs: { ticket: { type: string } }\nsteps: [{ id: a, end: { outcome: \"{{ inputs.ticket | default('none') }}\" } }]",
    ),
    (
        "NB1206",
        "steps:\n  - { id: a, set: { ⟦v⟧: 1 } }\n  - { id: b, end: {} }",
        "steps:\n  - { id: a, set: { v: 1 } }\n  - { id: b, end: { outcome: \"{{ vars.v }}\" } }",
    ),
    ("NB1206", "vars: { w: 1, ⟦v⟧: \"{{ vars.w }}\" }\nsteps: [{ id: a, end: {} }]", "steps: [{ id: a, end: {} }]"),
    ("NB1206", "secrets: [⟦token⟧]\nsteps: [{ id: a, end: {} }]", "steps: [{ id: a, end: {} }]"),
    (
        "NB1207",
        "steps:\n  - id: p\n    parallel:\n      x: [{ id: a, set: { v: 1 } }]\n      y: [{ id: b, set: { ⟦v⟧: 2 } }]\n  - { id: c, end: { outcome: \"{{ vars.v }}\" } }",
        "vars: { v: [] }\nsteps:\n  - id: p\n    parallel:\n      x: [{ id: a, set: { v: \"{{ vars.v + [1] }}\" } }]\n      y: [{ id: b, set: { v: \"{{ vars.v + [2] }}\" } }]\n  - { id: c, end: { outcome: \"{{ vars.v | length }}\" } }",
    ),
    (
        "NB1207",
        "steps:\n  - id: each\n    for_each: \"{{ ['1m', '2m'] }}\"\n    max_parallel: 2\n    steps: [{ id: a, set: { ⟦v⟧: \"{{ item }}\" } }, { id: b, wait: { for: \"{{ vars.v }}\" } }]",
        "steps:\n  - id: each\n    for_each: \"{{ ['1m', '2m'] }}\"\n    steps: [{ id: a, set: { v: \"{{ item }}\" } }, { id: b, wait: { for: \"{{ vars.v }}\" } }]",
    ),
];

#[test]
fn each_code_has_a_bad_and_a_good_file() {
    run(CASES);
}

/// Guards in all the ways in which people write them: none of these is worth a warning.
const QUIET: &[&str] = &[
    // The condition of the step, of what holds it, and of an earlier way out.
    "  - { id: u, if: \"steps.a.status == 'succeeded'\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    "  - { id: u, if: \"not (steps.a.status != 'succeeded')\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    "  - { id: u, if: \"steps.a.status in ['succeeded']\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    "  - { id: u, if: \"steps.a.status not in ['skipped', 'failed', 'timed_out']\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    "  - { id: s, switch: [{ case: \"steps.a.status == 'succeeded'\", steps: [{ id: u, wait: { for: \"{{ steps.a.outputs.count }}m\" } }] }] }",
    "  - { id: s, switch: [{ case: \"steps.a.status != 'succeeded'\", steps: [{ id: t, end: {} }] }, { default: true, steps: [{ id: u, wait: { for: \"{{ steps.a.outputs.count }}m\" } }] }] }",
    "  - { id: s, switch: [{ case: \"steps.a.status != 'succeeded'\", steps: [{ id: t, end: {} }] }] }\n  - { id: u, wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    "  - { id: t, if: \"steps.a.status != 'succeeded'\", end: {} }\n  - { id: u, wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    // Within the expression.
    "  - { id: u, if: \"steps.a.outputs.count is defined and steps.a.outputs.count > 1\", end: {} }",
    "  - { id: u, if: \"steps.a.outputs.count is number and steps.a.outputs.count > 1\", end: {} }",
    "  - { id: u, if: \"steps.a.status != 'succeeded' or steps.a.outputs.count > 1\", end: {} }",
    "  - { id: u, if: \"steps.a.outputs.count | default(0) > 1 and steps.a.outputs.count < 9\", end: {} }",
    "  - { id: u, end: { outcome: \"{{ steps.a.outputs.count if steps.a.status == 'succeeded' else 'none' }}\" } }",
    "  - { id: u, if: \"steps.a.outputs.count | default(0) > 1\", end: { outcome: \"{{ steps.a.outputs.count }}\" } }",
    // By a variable, also over several steps and through others.
    "  - { id: v, set: { ok: \"{{ steps.a.status == 'succeeded' }}\", both: \"{{ vars.ok and run.id != '' }}\" } }\n  - { id: u, if: \"vars.both\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    "  - { id: v, set: { n: \"{{ steps.a.outputs.count if steps.a.status == 'succeeded' else 'none' }}\" } }\n  - { id: u, if: \"vars.n != 'none'\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    // By a later step that ran only because this one did.
    "  - { id: b, if: \"steps.a.status == 'succeeded'\", uses: mail.search, on_error: continue }\n  - { id: u, if: \"steps.b.status == 'succeeded'\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
    // Every branch of a `parallel` has ended after it.
    "  - { id: p, parallel: { x: [{ id: b, uses: mail.search }], y: [{ id: c, wait: { for: 1m } }] } }\n  - { id: u, wait: { for: \"{{ steps.b.outputs.count }}m\" } }",
];

#[test]
fn whoever_guards_a_value_is_not_warned() {
    for rest in QUIET {
        let text = format!(
            "{HEAD}steps:\n  - {{ id: a, if: \"run.id == 'x'\", uses: mail.search, on_error: continue }}\n{rest}\n"
        );
        let found = findings(&text);
        assert!(found.is_empty(), "{}", show(&found, &text));
    }
}

#[test]
fn a_guard_that_says_something_else_is_none() {
    for rest in [
        "  - { id: u, if: \"steps.a.status == 'failed'\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
        "  - { id: u, if: \"steps.a.status != 'skipped'\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
        "  - { id: u, if: \"steps.a.status == 'succeeded' or steps.a.outputs.count > 1\", end: {} }",
        "  - { id: u, if: \"run.id == 'x'\", wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
        "  - { id: s, switch: [{ case: \"steps.a.status == 'succeeded'\", steps: [{ id: t, end: {} }] }] }\n  - { id: u, wait: { for: \"{{ steps.a.outputs.count }}m\" } }",
        "  - { id: p, join: any, parallel: { x: [{ id: b, uses: mail.search }], y: [{ id: c, wait: { for: 1m } }] } }\n  - { id: u, wait: { for: \"{{ steps.b.outputs.count }}m\" } }",
    ] {
        let text = format!(
            "{HEAD}steps:\n  - {{ id: a, if: \"run.id == 'x'\", uses: mail.search, on_error: continue }}\n{rest}\n"
        );
        let found = findings(&text);
        assert!(found.iter().any(|f| f.code == "NB1205"), "{rest}\n{}", show(&found, &text));
    }
}
