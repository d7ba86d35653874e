//! One bad and one good file per code: the bad one gives exactly that code at that place, the good one loads.

use nightbell_playbooks::{Finding, Severity, builtin, codes, load};
use std::collections::BTreeSet;

const HEAD: &str = "nightbell: 1\nid: t\nversion: 1.0.0\nname: T\n";

fn findings(text: &str) -> Vec<Finding> {
    match load("t.yaml", text, &builtin::manifests()) {
        Ok(loaded) => loaded.warnings,
        Err(found) => found,
    }
}

/// Code, what is written behind the head, line and column, and the repaired text.
const CASES: &[(&str, &str, (u32, u32), &str)] = &[
    ("NB1001", "steps: [", (5, 8), "steps: [{ id: a, end: {} }]"),
    (
        "NB1002",
        "steps: [{ id: a, end: {} }]\nlabels: []\nlabels: []",
        (7, 1),
        "steps: [{ id: a, end: {} }]\nlabels: []",
    ),
    (
        "NB1003",
        "steps:\n  - { id: a, end: {}, timout: 5m }",
        (6, 23),
        "steps:\n  - { id: a, wait: { for: 1m }, timeout: 5m }",
    ),
    ("NB1004", "timeout: soon\nsteps: [{ id: a, end: {} }]", (5, 10), "timeout: 2h\nsteps: [{ id: a, end: {} }]"),
    (
        "NB1005",
        "x: { a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] }\nsteps: [{ id: a, end: {} }]",
        (0, 0),
        "x: { a: [[1]] }\nsteps: [{ id: a, end: {} }]",
    ),
    (
        "NB1006",
        "x: !secret abc\nsteps: [{ id: a, end: {} }]",
        (5, 4),
        "description: \"!secret abc\"\nsteps: [{ id: a, end: {} }]",
    ),
    ("NB1007", "x: \"a\0b\"\nsteps: [{ id: a, end: {} }]", (5, 1), "description: ab\nsteps: [{ id: a, end: {} }]"),
    ("NB1008", "steps: [{ id: a, end: {} }]\n---\nx: 1", (0, 0), "steps: [{ id: a, end: {} }]"),
    ("NB1009", "on: [x.y]\nsteps: [{ id: a, end: {} }]", (5, 1), "triggers: [x.y]\nsteps: [{ id: a, end: {} }]"),
    ("NB1010", "steps:\n  - { end: {} }", (6, 5), "steps:\n  - { id: a, end: {} }"),
    (
        "NB1101",
        "steps:\n  - { id: a, set: { v: 1 } }\n  - { id: a, end: {} }",
        (7, 5),
        "steps:\n  - { id: a, set: { v: 1 } }\n  - { id: b, end: {} }",
    ),
    ("NB1102", "steps:\n  - { id: Aa, end: {} }", (6, 11), "steps:\n  - { id: aa, end: {} }"),
    ("NB1103", "steps:\n  - { id: a, end: {}, set: { v: 1 } }", (6, 5), "steps:\n  - { id: a, set: { v: 1 } }"),
    (
        "NB1104",
        "steps:\n  - id: a\n    switch:\n      - { default: true, steps: [{ id: b, end: {} }] }\n      - { case: \"1 == 1\", steps: [{ id: c, end: {} }] }",
        (8, 9),
        "steps:\n  - id: a\n    switch:\n      - { case: \"1 == 1\", steps: [{ id: c, end: {} }] }\n      - { default: true, steps: [{ id: b, end: {} }] }",
    ),
    (
        "NB1105",
        "steps:\n  - id: a\n    switch: [{ default: true }]",
        (7, 14),
        "steps:\n  - id: a\n    switch: [{ default: true, steps: [{ id: b, end: {} }] }]",
    ),
    (
        "NB1107",
        "steps:\n  - { id: a, end: {} }\n  - { id: b, set: { v: 1 } }",
        (7, 5),
        "steps:\n  - { id: a, if: \"1 == 2\", end: {} }\n  - { id: b, set: { v: 1 } }",
    ),
    (
        "NB1108",
        "steps:\n  - { id: a, end: {}, retry: { attempts: 2 } }",
        (6, 23),
        "steps:\n  - { id: a, uses: case.note, with: { text: x }, retry: { attempts: 2 } }",
    ),
    (
        "NB1109",
        "steps:\n  - { id: a, set: { v: 1 }, timeout: 5m }",
        (6, 29),
        "steps:\n  - { id: a, wait: { for: 1m }, timeout: 5m }",
    ),
    (
        "NB1110",
        "steps: [{ id: a, end: {} }]\non_failure:\n  - { id: b, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
        (7, 5),
        "steps: [{ id: a, end: {} }]\non_failure:\n  - { id: b, uses: oncall.page, with: { summary: x } }",
    ),
    (
        "NB1201",
        "steps:\n  - { id: a, if: \"input.x == 1\", end: {} }",
        (6, 19),
        "inputs: { x: { type: integer } }\nsteps:\n  - { id: a, if: \"inputs.x == 1\", end: {} }",
    ),
    (
        "NB1202",
        "steps:\n  - { id: a, if: \"steps.b.status == 'x'\", set: { v: 1 } }\n  - { id: b, end: {} }",
        (6, 19),
        "steps:\n  - { id: a, set: { v: 1 } }\n  - { id: b, if: \"steps.a.status == 'x'\", end: {} }",
    ),
    (
        "NB1204",
        "steps:\n  - { id: a-b, set: { v: 1 } }\n  - { id: c, if: \"steps.a-b.status == 'x'\", end: {} }",
        (7, 19),
        "steps:\n  - { id: a_b, set: { v: 1 } }\n  - { id: c, if: \"steps.a_b.status == 'x'\", end: {} }",
    ),
    (
        "NB1301",
        "steps:\n  - { id: a, if: \"{{ 1 == 1 }}\", end: {} }",
        (6, 19),
        "steps:\n  - { id: a, if: \"1 == 1\", end: {} }",
    ),
    (
        "NB1302",
        "steps:\n  - { id: a, if: \"'yes'\", end: {} }",
        (6, 19),
        "steps:\n  - { id: a, if: \"'yes' == 'no'\", end: {} }",
    ),
    (
        "NB1303",
        "steps:\n  - { id: a, if: \"'80' > 79\", end: {} }",
        (6, 19),
        "steps:\n  - { id: a, if: \"80 > 79\", end: {} }",
    ),
    (
        "NB1304",
        "steps:\n  - { id: a, if: \"1 ==\", end: {} }",
        (6, 19),
        "steps:\n  - { id: a, if: \"1 == 1\", end: {} }",
    ),
    (
        "NB1305",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"x {{ [1] }}\" } }",
        (6, 51),
        "steps:\n  - { id: a, uses: case.note, with: { text: \"x {{ [1] | join(',') }}\" } }",
    ),
    (
        "NB1306",
        "steps:\n  - { id: a, uses: case.note, with: { text: \"{% if x %}\" } }",
        (6, 46),
        "steps:\n  - { id: a, uses: case.note, with: { text: \"{{ 'x' if 1 == 1 else 'y' }}\" } }",
    ),
    (
        "NB1307",
        "steps:\n  - { id: a, set: { v: \"{{ 'x' | uper }}\" } }",
        (6, 28),
        "steps:\n  - { id: a, set: { v: \"{{ 'x' | upper }}\" } }",
    ),
    (
        "NB1401",
        "steps:\n  - { id: a, uses: case.notes, with: { text: x } }",
        (6, 20),
        "steps:\n  - { id: a, uses: case.note, with: { text: x } }",
    ),
    (
        "NB1402",
        "steps:\n  - { id: a, uses: case.note, with: { text: 5 } }",
        (6, 39),
        "steps:\n  - { id: a, uses: case.note, with: { text: five } }",
    ),
    (
        "NB1403",
        "steps:\n  - { id: a, uses: mail.search }\n  - { id: b, set: { v: \"{{ steps.a.outputs.mails }}\" } }",
        (7, 28),
        "steps:\n  - { id: a, uses: mail.search }\n  - { id: b, set: { v: \"{{ steps.a.outputs.message_ids }}\" } }",
    ),
    (
        "NB1501",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, on_timeout: continue }",
        (6, 5),
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1502",
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h }",
        (6, 5),
        "steps:\n  - { id: a, ask: { to: role:lead, form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: escalate }",
    ),
    (
        "NB1503",
        "steps:\n  - { id: a, uses: case.note, with: { text: x }, timeout: 1m, on_timeout: escalate }",
        (6, 63),
        "steps:\n  - { id: a, uses: case.note, with: { text: x }, timeout: 1m, on_timeout: continue }",
    ),
    (
        "NB1504",
        "steps:\n  - { id: a, ask: { to: role:lead, remind: [2h], form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
        (6, 45),
        "steps:\n  - { id: a, ask: { to: role:lead, remind: [20m], form: [{ id: q, type: boolean, label: Q }] }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1505",
        "timeout: 1h\nsteps:\n  - { id: a, wait: { for: 1m }, timeout: 2h }",
        (7, 5),
        "timeout: 3h\nsteps:\n  - { id: a, wait: { for: 1m }, timeout: 2h }",
    ),
    (
        "NB1601",
        "secrets: [s]\nsteps:\n  - { id: a, uses: case.note, with: { text: \"{{ secrets.s }}\" } }",
        (7, 49),
        "secrets: [s]\nsteps:\n  - { id: a, uses: mail.search, with: { query: \"{{ secrets.s }}\" } }",
    ),
    (
        "NB1602",
        "steps:\n  - { id: a, uses: mail.search, with: { query: \"{{ secrets.s }}\" } }",
        (6, 52),
        "secrets: [s]\nsteps:\n  - { id: a, uses: mail.search, with: { query: \"{{ secrets.s }}\" } }",
    ),
    (
        "NB1603",
        "secrets: [s]\nsteps:\n  - { id: a, set: { v: \"{{ secrets.s }}\" } }",
        (7, 28),
        "steps:\n  - { id: a, set: { v: s } }",
    ),
    (
        "NB1701",
        "steps:\n  - { id: a, uses: device.lock, with: { device: x } }",
        (6, 5),
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1702",
        "inputs: { u: { type: user, subject: true } }\nsteps:\n  - { id: a, approve: { by: \"{{ inputs.u }}\", action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
        (7, 30),
        "inputs: { u: { type: user, subject: true } }\nsteps:\n  - { id: a, approve: { by: role:lead, action: { uses: device.lock, with: { device: x } } }, timeout: 1h, on_timeout: continue }",
    ),
    (
        "NB1705",
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: identity.revoke_sessions, with: { user: x } } }, timeout: 1h, on_timeout: continue }",
        (6, 56),
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: identity.suspend, with: { user: x } } }, timeout: 1h, on_timeout: continue }",
    ),
];

#[test]
fn each_code_has_a_bad_and_a_good_file() {
    let mut wrong = Vec::new();
    for (code, bad, (line, column), good) in CASES {
        let text = format!("{HEAD}{bad}\n");
        let found = findings(&text);
        let shown: String = found.iter().map(|f| f.render(&text)).collect();
        match found.as_slice() {
            [hit] if hit.code == *code && (*line == 0 || (hit.line, hit.column) == (*line, *column)) => {}
            _ => wrong.push(format!("{code}, bad, expected at {line}:{column}:\n{shown}")),
        }
        let text = format!("{HEAD}{good}\n");
        let found = findings(&text);
        if !found.is_empty() {
            wrong.push(format!("{code}, good:\n{}", found.iter().map(|f| f.render(&text)).collect::<String>()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_of_the_checker_is_tested() {
    let tested: BTreeSet<&str> = CASES.iter().map(|(c, ..)| *c).collect();
    for (code, title) in codes::CATALOGUE.iter().filter(|(c, _)| *c < "NB2000") {
        assert!(tested.contains(code), "{code} ({title}) has no bad file");
    }
    for pair in codes::CATALOGUE.windows(2) {
        assert!(pair[0].0 < pair[1].0, "{} before {}", pair[0].0, pair[1].0);
    }
}

#[test]
fn several_findings_come_at_once_with_suggestions() {
    let text = format!(
        "{HEAD}steps:\n  - {{ id: a, uses: case.note, with: {{ text: x }}, timout: 1m }}\n  - {{ id: b, endd: {{}} }}\n"
    );
    let found = findings(&text);
    assert!(found.len() >= 3, "{found:#?}");
    assert!(found.iter().any(|f| f.help == "did you mean `timeout`?"));
    assert!(found.iter().any(|f| f.help == "did you mean `end`?"));
    assert!(found.iter().all(|f| f.severity == Severity::Error));
    let json = serde_json::to_value(&found[0]).expect("json");
    for key in ["path", "code", "severity", "line", "column", "message", "help"] {
        assert!(json.get(key).is_some(), "{key}");
    }
}
