//! Findings point at the place that they are about, wherever and however the text is written.

use super::{HEAD, findings, marked, show};

fn one(body: &str, code: &str) {
    let (text, line, column, width) = marked(body);
    let found = findings(&text);
    let hits: Vec<_> = found.iter().filter(|f| f.code == code).collect();
    let [hit] = hits.as_slice() else { panic!("{}", show(&found, &text)) };
    let carets = hit.render(&text).chars().filter(|c| *c == '^').count();
    assert_eq!((hit.line, hit.column, carets), (line, column, width), "{}", hit.render(&text));
}

#[test]
fn the_second_of_two_equal_texts_is_found() {
    one(
        "vars: { x: 1 }\nsteps:\n  - { id: a, if: \"run.id == vars.x\", description: \"run.id == vars.y\", uses: case.note, with: { text: \"vars.y\" } }\n  - { id: b, if: \"run.id == 'vars.y' or ⟦vars.y⟧ == 'vars.y'\", end: {} }",
        "NB1201",
    );
    let text = format!(
        "{HEAD}steps:\n  - {{ id: a, uses: case.note, with: {{ text: \"{{{{ vars.y }}}} {{{{ vars.y }}}}\" }} }}\n"
    );
    let columns: Vec<u32> = findings(&text).iter().map(|f| f.column).collect();
    assert_eq!(columns, [49, 62]);
}

#[test]
fn block_scalars_folded_lines_and_escapes_are_followed() {
    let note = |text: &str| format!("steps:\n  - id: a\n    uses: case.note\n    with:\n      text: {text}");
    one(&note("|\n        First line.\n\n        Then {{ ⟦vars.y⟧ }} and more."), "NB1201");
    one(&note(">-\n        First line\n        {{ 'a' if run.id == 'b'\n        else ⟦vars.y⟧ }}"), "NB1201");
    one(&note("\"Tab\\t, quote \\\", \\u00fc: {{ ⟦vars.y⟧ }}\""), "NB1201");
    one(&note("'it''s {{ ⟦vars.y⟧ }}'"), "NB1201");
    one(&note("plain {{ ⟦vars.y⟧ }} text"), "NB1201");
    one(&note("\"two lines\n        and {{ ⟦vars.y⟧ }}\""), "NB1201");
    one(&note("&shared \"{{ ⟦vars.y⟧ }}\""), "NB1201");
}

#[test]
fn lists_and_maps_within_arguments_are_followed() {
    one(
        "steps:\n  - id: a\n    uses: guide.show\n    with:\n      to: x\n      title: t\n      steps:\n        - one\n        - \"two {{ ⟦vars.y⟧ }}\"",
        "NB1201",
    );
    one(
        "steps:\n  - { id: a, approve: { by: role:lead, action: { uses: device.lock, with: { device: \"{{ ⟦vars.y⟧ }}\" } } }, timeout: 1h, on_timeout: continue }",
        "NB1201",
    );
    one("steps:\n  - { id: a, end: { outputs: { x: { y: [\"{{ ⟦vars.y⟧ }}\"] } } } }", "NB1201");
    one("steps: [{ id: a, end: {} }]\noutputs:\n  x: \"{{ ⟦vars.y⟧ }}\"", "NB1201");
    one("triggers:\n  - event: a.b\n  - { event: c.d, if: \"⟦vars.y⟧ == 1\" }\nsteps: [{ id: a, end: {} }]", "NB1201");
    one(
        "inputs: { u: { type: string, default: \"{{ ⟦vars.y⟧ }}\" } }\nsteps: [{ id: a, if: \"inputs.u == 'x'\", end: {} }]",
        "NB1201",
    );
    one("dedupe: { key: \"x:{{ ⟦vars.y⟧ }}\" }\nsteps: [{ id: a, end: {} }]", "NB1201");
    one("concurrency: { limit: 1, key: \"x:{{ ⟦vars.y⟧ }}\" }\nsteps: [{ id: a, end: {} }]", "NB1201");
    one(
        "steps:\n  - { id: a, uses: case.note, with: { text: x }, retry: { attempts: 2, when: \"⟦vars.y⟧ == 1\" } }",
        "NB1201",
    );
}

#[test]
fn wide_characters_before_the_place_do_not_move_it() {
    let text =
        format!("{HEAD}steps:\n  - {{ id: a, uses: case.note, with: {{ text: \"日本語 ü {{{{ vars.y }}}}\" }} }}\n");
    let found = findings(&text);
    assert_eq!((found[0].line, found[0].column), (6, 55), "{}", show(&found, &text));
    let shown = found[0].render(&text);
    let lines: Vec<&str> = shown.lines().collect();
    // Three characters of two columns each stand before it.
    assert_eq!(lines[4].chars().position(|c| c == '^'), Some(4 + 54 + 3), "{shown}");
}
