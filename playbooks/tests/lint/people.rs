//! NB15xx and NB16xx: questions, deadlines and secrets.

use super::{Case, run};

pub const CASES: &[Case] = &[
    (
        "NB1501",
        "steps:\n  - { id: ⟦a⟧, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, on_timeout: continue }",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1502",
        "steps:\n  - { id: ⟦a⟧, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h }",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: escalate }",
    ),
    (
        "NB1503",
        "steps:\n  - { id: a, uses: case.note, with: { text: x }, timeout: 1m, ⟦on_timeout⟧: escalate }",
        "steps:\n  - { id: a, uses: case.note, with: { text: x }, timeout: 1m, on_timeout: continue }",
    ),
    (
        "NB1504",
        "steps:\n  - { id: a, ask: { to: role:lead, remind: [10m, ⟦2h⟧], form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
        "steps:\n  - { id: a, ask: { to: role:lead, remind: [10m, 20m], form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1505",
        "timeout: 1h\nsteps:\n  - { id: a, wait: { for: 1m }, timeout: ⟦2h⟧ }",
        "timeout: 3h\nsteps:\n  - { id: a, wait: { for: 1m }, timeout: 2h }",
    ),
    (
        "NB1505",
        "timeout: 1h\nsteps:\n  - { id: a, wait: { for: ⟦2h⟧ } }",
        "timeout: 3h\nsteps:\n  - { id: a, wait: { for: 2h } }",
    ),
    (
        "NB1506",
        "steps:\n  - id: a\n    ask: { to: role:lead, urgency: high, business_hours: ⟦team⟧, form: [{ id: q, type: boolean, label: Q }] }\n    timeout: 1h\n    on_timeout: continue",
        "steps:\n  - id: a\n    ask: { to: role:lead, business_hours: team, form: [{ id: q, type: boolean, label: Q }] }\n    timeout: 1h\n    on_timeout: continue",
    ),
    (
        "NB1506",
        "inputs: { u: { type: user, subject: true, required: true } }\nsteps:\n  - id: a\n    ask: { to: \"{{ inputs.u }}\", business_hours: ⟦user⟧, form: [{ id: q, type: boolean, label: Q }] }\n    timeout: 1h\n    on_timeout: continue",
        "inputs: { u: { type: user, subject: true, required: true } }\nsteps:\n  - id: a\n    ask: { to: \"{{ inputs.u }}\", form: [{ id: q, type: boolean, label: Q }] }\n    timeout: 1h\n    on_timeout: continue",
    ),
    (
        "NB1601",
        "secrets: [s]\nsteps:\n  - { id: a, uses: case.note, with: { text: \"{{ ⟦secrets.s⟧ }}\" } }",
        "secrets: [s]\nsteps:\n  - { id: a, uses: mail.search, with: { query: \"{{ secrets.s }}\" } }",
    ),
    (
        "NB1602",
        "secrets: [s]\nsteps:\n  - { id: a, uses: mail.search, with: { query: \"{{ ⟦secrets.t⟧ }}\", message_id: \"{{ secrets.s }}\" } }",
        "secrets: [s]\nsteps:\n  - { id: a, uses: mail.search, with: { query: \"{{ secrets.s }}\" } }",
    ),
    (
        "NB1603",
        "secrets: [s]\nsteps:\n  - { id: a, end: { outcome: \"{{ ⟦secrets.s⟧ }}\" } }",
        "steps:\n  - { id: a, end: { outcome: s } }",
    ),
    (
        "NB1604",
        "steps:\n  - { id: a, uses: ticket.create, with: { title: \"Mail: {{ ⟦trigger.payload.text⟧ }}\", text: x } }",
        "steps:\n  - { id: a, uses: ticket.create, with: { title: \"Mail: {{ trigger.payload.text | redact }}\", text: x } }",
    ),
    (
        "NB1604",
        "steps:\n  - { id: m, uses: mail.analyse, with: { mail: \"{{ trigger.mail }}\" } }\n  - { id: v, set: { s: \"{{ steps.m.outputs.subject | default('none') }}\" } }\n  - { id: a, uses: ticket.create, with: { title: \"{{ ⟦vars.s⟧ }}\", text: x } }",
        "steps:\n  - { id: m, uses: mail.analyse, with: { mail: \"{{ trigger.mail }}\" } }\n  - { id: v, set: { s: \"{{ 'bad' if steps.m.outputs.subject == 'x' else 'good' }}\" } }\n  - { id: a, uses: ticket.create, with: { title: \"{{ vars.s }}\", text: x } }",
    ),
    (
        "NB1604",
        "steps:\n  - { id: q, ask: { to: role:lead, form: [{ id: c, type: text, label: C }] }, timeout: 1h, on_timeout: continue }\n  - { id: a, uses: chat.post, with: { channel: \"{{ ⟦steps.q.outputs.answers.c | default('x')⟧ }}\", text: x } }",
        "steps:\n  - { id: q, ask: { to: role:lead, form: [{ id: c, type: choice, options: [a, b], label: C }] }, timeout: 1h, on_timeout: continue }\n  - { id: a, uses: chat.post, with: { channel: \"{{ steps.q.outputs.answers.c | default('x') }}\", text: x } }",
    ),
];

#[test]
fn each_code_has_a_bad_and_a_good_file() {
    run(CASES);
}
