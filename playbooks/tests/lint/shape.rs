//! NB10xx and NB11xx: the file and its steps.

use super::{Case, run};

pub const CASES: &[Case] = &[
    ("NB1001", "steps: ⟦[⟧", "steps: [{ id: a, end: {} }]"),
    ("NB1002", "steps: [{ id: a, end: {} }]\nlabels: []\n⟦labels⟧: []", "steps: [{ id: a, end: {} }]\nlabels: []"),
    ("NB1003", "steps:\n  - { id: a, end: {}, ⟦timout⟧: 5m }", "steps:\n  - { id: a, wait: { for: 1m }, timeout: 5m }"),
    ("NB1004", "timeout: ⟦soon⟧\nsteps: [{ id: a, end: {} }]", "timeout: 2h\nsteps: [{ id: a, end: {} }]"),
    (
        "NB1004",
        "steps: [{ id: a, wait: { until: \"⟦tomorrow⟧\" } }]",
        "steps: [{ id: a, wait: { until: \"2026-11-21T22:00:00Z\" } }]",
    ),
    (
        "NB1004",
        "steps: [{ id: a, ask: { to: ⟦everybody⟧, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }]",
        "steps: [{ id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }]",
    ),
    (
        "NB1005",
        "steps:\n  - id: a\n    ask:\n      to: role:lead\n      ⟦remind⟧: [1m, 2m, 3m, 4m, 5m, 6m]\n      form: [{ id: q, type: boolean, label: Q }]\n    timeout: 1h\n    on_timeout: continue",
        "steps:\n  - id: a\n    ask:\n      to: role:lead\n      remind: [1m, 2m]\n      form: [{ id: q, type: boolean, label: Q }]\n    timeout: 1h\n    on_timeout: continue",
    ),
    (
        "NB1006",
        "x: ⟦!secret⟧ abc\nsteps: [{ id: a, end: {} }]",
        "description: \"!secret abc\"\nsteps: [{ id: a, end: {} }]",
    ),
    ("NB1007", "⟦x⟧: \"a\0b\"\nsteps: [{ id: a, end: {} }]", "description: ab\nsteps: [{ id: a, end: {} }]"),
    ("NB1008", "steps: [{ id: a, end: {} }]\n⟦---⟧\nx: 1", "steps: [{ id: a, end: {} }]"),
    ("NB1009", "⟦on⟧: [x.y]\nsteps: [{ id: a, end: {} }]", "triggers: [x.y]\nsteps: [{ id: a, end: {} }]"),
    ("NB1010", "steps:\n  - ⟦{ end: {} }⟧", "steps:\n  - { id: a, end: {} }"),
    (
        "NB1101",
        "steps:\n  - { id: a, wait: { for: 1m } }\n  - { id: ⟦a⟧, end: {} }",
        "steps:\n  - { id: a, wait: { for: 1m } }\n  - { id: b, end: {} }",
    ),
    ("NB1101", "steps:\n  - { id: ⟦run⟧, end: {} }", "steps:\n  - { id: runs, end: {} }"),
    ("NB1102", "steps:\n  - { id: ⟦Aa⟧, end: {} }", "steps:\n  - { id: aa, end: {} }"),
    (
        "NB1102",
        "steps:\n  - { id: a, for_each: \"{{ [1] }}\", ⟦as⟧: steps, steps: [{ id: b, wait: { for: 1m } }] }",
        "steps:\n  - { id: a, for_each: \"{{ [1] }}\", as: one, steps: [{ id: b, wait: { for: 1m } }] }",
    ),
    ("NB1103", "steps:\n  - ⟦{ id: a, end: {}, wait: { for: 1m } }⟧", "steps:\n  - { id: a, wait: { for: 1m } }"),
    (
        "NB1104",
        "steps:\n  - id: a\n    switch:\n      - ⟦{ default: true, steps: [{ id: b, end: {} }] }⟧\n      - { case: \"1 == 1\", steps: [{ id: c, end: {} }] }",
        "steps:\n  - id: a\n    switch:\n      - { case: \"1 == 1\", steps: [{ id: c, end: {} }] }\n      - { default: true, steps: [{ id: b, end: {} }] }",
    ),
    (
        "NB1105",
        "steps:\n  - id: a\n    switch: [⟦{ default: true }⟧]",
        "steps:\n  - id: a\n    switch: [{ default: true, steps: [{ id: b, end: {} }] }]",
    ),
    (
        "NB1105",
        "steps:\n  - id: a\n    parallel: { one: [{ id: b, wait: { for: 1m } }], two: ⟦[]⟧ }",
        "steps:\n  - id: a\n    parallel: { one: [{ id: b, wait: { for: 1m } }], two: [{ id: c, wait: { for: 1m } }] }",
    ),
    (
        "NB1106",
        "steps:\n  - id: a\n    repeat: ⟦{ while: \"loop.index < 3\", steps: [{ id: b, wait: { for: 1m } }] }⟧",
        "steps:\n  - id: a\n    repeat: { while: \"loop.index < 3\", max: 5, steps: [{ id: b, wait: { for: 1m } }] }",
    ),
    (
        "NB1107",
        "steps:\n  - { id: a, end: {} }\n  - { id: ⟦b⟧, wait: { for: 1m } }",
        "steps:\n  - { id: a, if: \"1 == 2\", end: {} }\n  - { id: b, wait: { for: 1m } }",
    ),
    (
        "NB1107",
        "steps:\n  - id: a\n    switch:\n      - { case: \"run.id == 'x'\", steps: [{ id: b, end: {} }] }\n      - { default: true, steps: [{ id: c, end: {} }] }\n  - { id: ⟦d⟧, wait: { for: 1m } }",
        "steps:\n  - id: a\n    switch:\n      - { case: \"run.id == 'x'\", steps: [{ id: b, end: {} }] }\n  - { id: d, wait: { for: 1m } }",
    ),
    (
        "NB1107",
        "steps:\n  - id: a\n    parallel:\n      one: [{ id: b, end: {} }, { id: ⟦c⟧, wait: { for: 1m } }]\n      two: [{ id: d, wait: { for: 1m } }]",
        "steps:\n  - id: a\n    parallel:\n      one: [{ id: b, end: {} }]\n      two: [{ id: d, wait: { for: 1m } }]",
    ),
    (
        "NB1108",
        "steps:\n  - { id: a, end: {}, ⟦retry⟧: { attempts: 2 } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: x }, retry: { attempts: 2 } }",
    ),
    (
        "NB1108",
        "steps:\n  - { id: a, wait: { for: 1m, ⟦match⟧: \"event.x == 1\" } }",
        "steps:\n  - { id: a, wait: { event: a.b, match: \"event.x == 1\" } }",
    ),
    (
        "NB1109",
        "vars: { v: 1 }\nsteps:\n  - { id: a, set: { v: \"{{ vars.v }}\" }, ⟦timeout⟧: 5m }",
        "steps:\n  - { id: a, wait: { for: 1m }, timeout: 5m }",
    ),
    (
        "NB1110",
        "steps: [{ id: a, end: {} }]\non_failure:\n  - { id: b, ⟦ask⟧: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
        "steps: [{ id: a, end: {} }]\non_failure:\n  - { id: b, uses: oncall.page, with: { summary: x } }",
    ),
];

#[test]
fn each_code_has_a_bad_and_a_good_file() {
    run(CASES);
}
