//! Formatting: order, comments, meaning.

use nightbell_playbooks::{builtin, fmt, library, load};

fn format(text: &str) -> fmt::Formatted {
    let once = fmt::format("t", text).unwrap_or_else(|f| panic!("{f:?}"));
    let twice = fmt::format("t", &once.text).unwrap_or_else(|f| panic!("{f:?}"));
    assert_eq!(once.text, twice.text, "formatting twice is formatting once");
    once
}

#[test]
fn shipped_playbooks_keep_their_digest_and_every_comment() {
    for (name, text) in library() {
        let done = format(text);
        let digest = |t: &str| load(name, t, &builtin::manifests()).expect("loads").playbook.digest().to_owned();
        assert_eq!(digest(&done.text), digest(text), "{name}");
        let sorted = |t: &str| {
            let mut words: Vec<String> = t.split_whitespace().map(|w| w.trim_end_matches(',').to_owned()).collect();
            words.sort_unstable();
            words
        };
        assert_eq!(sorted(&done.text), sorted(text), "{name}: not a word is lost");
    }
}

#[test]
fn keys_move_with_their_comments() {
    let text = "\
# what this file is for
id: a

# why this number
version: 1.0.0
nightbell: 1
name: A
steps:
  # first of all
  - uses: case.note   # says it
    # the words
    with:
      text: |
        # no comment, but text
        more
    id: note          # its name
    timeout: 5m
    if: \"true\"
  # the end
  - { end: { outcome: done }, id: fin }
";
    let wanted = "\
# what this file is for
nightbell: 1
id: a

# why this number
version: 1.0.0
name: A
steps:
  # first of all
  - id: note          # its name
    if: \"true\"
    uses: case.note   # says it
    # the words
    with:
      text: |
        # no comment, but text
        more
    timeout: 5m
  # the end
  - { id: fin, end: { outcome: done } }
";
    let done = format(text);
    assert_eq!(done.text, wanted);
    assert!(done.left.is_empty(), "{:?}", done.left);
}

#[test]
fn the_order_of_variables_and_branches_is_the_authors() {
    let text = "steps:\n  - set: { b: 1, a: \"{{ vars.b }}\" }\n    id: s\nvars: { z: 1, y: 2 }\nnightbell: 1\n";
    let done = format(text).text;
    assert!(done.contains("set: { b: 1, a: \"{{ vars.b }}\" }") && done.contains("vars: { z: 1, y: 2 }"), "{done}");
    assert!(done.starts_with("nightbell: 1\nvars"), "{done}");
}

#[test]
fn what_cannot_be_moved_safely_is_left_and_said() {
    let text = "nightbell: 1\nsteps:\n  - { wait: { for: 1h },\n      id: w }\n";
    let done = format(text);
    assert_eq!(done.text, text);
    assert_eq!(done.left.len(), 1, "{:?}", done.left);
    // An alias must not come before its anchor.
    let text = "version: &v 1.0.0\nid: *v\n";
    let done = format(text);
    assert_eq!(done.text, text);
    assert_eq!(done.left.len(), 1, "{:?}", done.left);
}

/// The entries of every step of a file turned round: formatting gives the file back.
#[test]
fn a_file_that_was_turned_round_comes_back() {
    let text = "\
nightbell: 1
id: a
version: 1.0.0
name: A
steps:
  - id: one
    # about the condition
    if: \"true\"
    switch:
      - case: \"true\"        # always
        steps:
          - id: two
            uses: case.note
            with: { text: x }
            on_error: continue
      - default: true
        steps:
          - { id: three, wait: { for: 1h } }
  - id: four
    ask:
      to: role:lead
      urgency: high
      intro: hello
      form:
        - { id: q, type: boolean, label: \"Well?\", required: true }
      remind: [5m]
    timeout: 10m
    on_timeout: continue
";
    let turned = "\
name: A
version: 1.0.0
id: a
steps:
  - switch:
      - steps:
          - on_error: continue
            with: { text: x }
            uses: case.note
            id: two
        case: \"true\"        # always
      - steps:
          - { wait: { for: 1h }, id: three }
        default: true
    # about the condition
    if: \"true\"
    id: one
  - on_timeout: continue
    timeout: 10m
    ask:
      remind: [5m]
      form:
        - { required: true, label: \"Well?\", type: boolean, id: q }
      intro: hello
      urgency: high
      to: role:lead
    id: four
nightbell: 1
";
    assert_eq!(format(turned).text, text);
    assert_eq!(format(text).text, text);
}

#[test]
fn any_text_is_left_alone_or_formatted_without_a_panic() {
    for text in [
        "",
        "a",
        "- a",
        "{",
        "{ a: 1",
        "\u{feff}id: x\n",
        "id: \"{{ x }}\" # {\nnightbell: 1",
        "steps: &a [*a]",
        "x: |\n  a\n\n\n",
    ] {
        if let Ok(done) = fmt::format("t", text) {
            assert!(fmt::format("t", &done.text).is_ok(), "{text:?}");
        }
    }
}
