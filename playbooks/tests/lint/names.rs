//! NB12xx, NB13xx and NB14xx: what expressions and calls name.

use super::{Case, run};

pub const CASES: &[Case] = &[
    (
        "NB1201",
        "steps:\n  - { id: a, if: \"⟦input.x⟧ == 1\", end: {} }",
        "inputs: { x: { type: integer, default: 1 } }\nsteps:\n  - { id: a, if: \"inputs.x == 1\", end: {} }",
    ),
    (
        "NB1201",
        "steps:\n  - { id: a, wait: { for: 1m } }\n  - { id: b, if: \"run.id == 'x' and ⟦steps.aa.status⟧ == 'succeeded'\", end: {} }",
        "steps:\n  - { id: a, wait: { for: 1m } }\n  - { id: b, if: \"run.id == 'x' and steps.a.status == 'succeeded'\", end: {} }",
    ),
    (
        "NB1201",
        "steps:\n  - { id: a, if: \"⟦failure.code⟧ == 'x'\", end: {} }",
        "steps:\n  - { id: a, wait: { for: 1m }, on_error: [{ id: b, if: \"failure.code == 'x'\", end: {} }] }",
    ),
    (
        "NB1201",
        "steps:\n  - { id: each, for_each: \"{{ [1] }}\", steps: [{ id: b, wait: { for: \"{{ item }}m\" } }] }\n  - { id: c, wait: { for: \"{{ ⟦item⟧ }}m\" } }",
        "steps:\n  - { id: each, for_each: \"{{ [1] }}\", steps: [{ id: b, wait: { for: \"{{ item }}m\" } }] }\n  - { id: c, wait: { for: 1m } }",
    ),
    (
        "NB1201",
        "steps:\n  - { id: a, if: \"⟦loop.index⟧ == 1\", end: {} }",
        "steps:\n  - { id: a, repeat: { while: \"loop.index < 2\", max: 3, steps: [{ id: b, if: \"loop.index == 1\", wait: { for: 1m } }] } }",
    ),
    (
        "NB1203",
        "steps:\n  - { id: each, for_each: \"{{ [1] }}\", steps: [{ id: b, wait: { for: 1m } }] }\n  - { id: c, if: \"⟦steps.b.status⟧ == 'succeeded'\", end: {} }",
        "steps:\n  - { id: each, for_each: \"{{ [1] }}\", steps: [{ id: b, wait: { for: 1m } }] }\n  - { id: c, if: \"steps.each.outputs.results | length > 0\", end: {} }",
    ),
    (
        "NB1204",
        "steps:\n  - { id: a-b, wait: { for: 1m } }\n  - { id: c, if: \"⟦steps.a-b⟧.status == 'x'\", end: {} }",
        "steps:\n  - { id: a_b, wait: { for: 1m } }\n  - { id: c, if: \"steps.a_b.status == 'skipped'\", end: {} }",
    ),
    (
        "NB1301",
        "steps:\n  - { id: a, if: \"⟦{{ 1 == 1 }}⟧\", end: {} }",
        "steps:\n  - { id: a, if: \"1 == 1\", end: {} }",
    ),
    (
        "NB1302",
        "steps:\n  - { id: a, if: \"⟦'yes'⟧\", end: {} }",
        "steps:\n  - { id: a, if: \"'yes' == 'no'\", end: {} }",
    ),
    (
        "NB1302",
        "steps:\n  - { id: a, if: \"1 == 1 and ⟦run.id⟧\", end: {} }",
        "steps:\n  - { id: a, if: \"1 == 1 and run.id != ''\", end: {} }",
    ),
    (
        "NB1302",
        "steps:\n  - { id: a, for_each: \"⟦{{ run.id }}⟧\", steps: [{ id: b, wait: { for: 1m } }] }",
        "steps:\n  - { id: a, for_each: \"{{ [run.id] }}\", steps: [{ id: b, wait: { for: 1m } }] }",
    ),
    (
        "NB1303",
        "steps:\n  - { id: a, if: \"⟦'80' > 79⟧\", end: {} }",
        "steps:\n  - { id: a, if: \"80 > 79\", end: {} }",
    ),
    ("NB1304", "steps:\n  - { id: a, if: \"1 == 1 ⟦b⟧\", end: {} }", "steps:\n  - { id: a, if: \"1 == 1\", end: {} }"),
    (
        "NB1304",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"x ⟦{{⟧ 'open'\" } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"x {{ 'closed' }}\" } }",
    ),
    (
        "NB1305",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"x {{ ⟦[1]⟧ }}\" } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"x {{ [1] | join(',') }}\" } }",
    ),
    (
        "NB1306",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"⟦{%⟧ if x %}\" } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"{{ 'x' if 1 == 1 else 'y' }}\" } }",
    ),
    (
        "NB1307",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"{{ 'uper' | ⟦uper⟧ }}\" } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"{{ 'upper' | upper }}\" } }",
    ),
    (
        "NB1307",
        "triggers:\n  - { event: a.b, if: \"⟦now()⟧ == trigger.x\" }\nsteps: [{ id: a, end: {} }]",
        "triggers:\n  - { event: a.b, if: \"trigger.y == trigger.x\" }\nsteps: [{ id: a, end: {} }]",
    ),
    (
        "NB1308",
        "steps:\n  - { id: a, wait: { for: 1m } }\n  - { id: b, if: \"steps.a.status == ⟦'success'⟧\", end: {} }",
        "steps:\n  - { id: a, wait: { for: 1m } }\n  - { id: b, if: \"steps.a.status == 'succeeded'\", end: {} }",
    ),
    (
        "NB1308",
        "inputs: { level: { type: string, options: [low, high], default: low } }\nsteps:\n  - { id: b, if: \"inputs.level in ['low', ⟦'hihg'⟧]\", end: {} }",
        "inputs: { level: { type: string, options: [low, high], default: low } }\nsteps:\n  - { id: b, if: \"inputs.level in ['low', 'high']\", end: {} }",
    ),
    (
        "NB1401",
        "steps:\n  - { id: a, uses: ⟦case.notes⟧, with: { text: x } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: x } }",
    ),
    (
        "NB1402",
        "steps:\n  - { id: a, uses: case.note, with: { text: ⟦5⟧ } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: five } }",
    ),
    (
        "NB1402",
        "steps:\n  - { id: a, uses: case.note, with: { text: x, ⟦txet⟧: x } }",
        "steps:\n  - { id: a, uses: case.note, with: { text: x } }",
    ),
    ("NB1402", "steps:\n  - { id: a, uses: ⟦case.note⟧ }", "steps:\n  - { id: a, uses: case.note, with: { text: x } }"),
    (
        "NB1403",
        "steps:\n  - { id: a, uses: mail.search }\n  - { id: b, end: { outputs: { v: \"{{ ⟦steps.a.outputs.mails⟧ }}\" } } }",
        "steps:\n  - { id: a, uses: mail.search }\n  - { id: b, end: { outputs: { v: \"{{ steps.a.outputs.message_ids }}\" } } }",
    ),
    (
        "NB1403",
        "steps:\n  - { id: a, uses: mail.search, mask: [message_ids, ⟦cuont⟧] }",
        "steps:\n  - { id: a, uses: mail.search, mask: [message_ids, count] }",
    ),
    (
        "NB1403",
        "steps:\n  - { id: a, parallel: { x: [{ id: b, wait: { for: 1m } }], y: [{ id: c, wait: { for: 1m } }] } }\n  - { id: d, if: \"⟦steps.a.outputs.winner⟧ == 'x'\", end: {} }",
        "steps:\n  - { id: a, join: any, parallel: { x: [{ id: b, wait: { for: 1m } }], y: [{ id: c, wait: { for: 1m } }] } }\n  - { id: d, if: \"steps.a.outputs.winner == 'x'\", end: {} }",
    ),
];

#[test]
fn each_code_has_a_bad_and_a_good_file() {
    run(CASES);
}
