//! There and back again.

use super::{all, bytes, fixture, now};
use nightbell_core::canonical;
use nightbell_playbooks::cacao::{export, import, shape_problems};
use nightbell_playbooks::{Library, Playbook, builtin, library, load};
use serde_json::{Value, json};

fn loaded(path: &str, text: &str) -> Playbook {
    load(path, text, &builtin::manifests()).unwrap_or_else(|f| panic!("{path}: {f:#?}\n{text}")).playbook
}

fn imported(name: &str, doc: &Value) -> Playbook {
    let i = import(doc.to_string().as_bytes(), now()).unwrap_or_else(|f| panic!("{name}: {f:#?}"));
    loaded(name, &i.yaml)
}

#[test]
fn an_unchanged_import_gives_its_document_back() {
    for name in all() {
        let doc = fixture(&name);
        assert_eq!(shape_problems(&doc), Vec::<String>::new(), "{name}");
        let i = import(&bytes(&name), now()).unwrap_or_else(|f| panic!("{name}: {f:#?}"));
        let (back, findings) = export(&loaded(&name, &i.yaml));
        assert_eq!(canonical::json(&back), canonical::json(&doc), "{name}");
        assert_eq!(findings, [], "{name}");
        // The same document gives the same text.
        assert_eq!(import(&bytes(&name), now()).expect("again").yaml, i.yaml);
    }
}

#[test]
fn comments_and_layout_do_not_count_as_a_change() {
    let i = import(&bytes("while"), now()).expect("import");
    let text = i.yaml.replace("steps:\n", "steps: # a word from us\n");
    assert_ne!(text, i.yaml);
    assert_eq!(canonical::json(&export(&loaded("while", &text)).0), canonical::json(&fixture("while")));
}

#[test]
fn every_shipped_playbook_comes_back_as_it_was() {
    for (path, text) in library() {
        let playbook = loaded(path, text);
        let (doc, findings) = export(&playbook);
        assert_eq!(findings, [], "{path}");
        assert_eq!(shape_problems(&doc), Vec::<String>::new(), "{path}");
        assert_eq!(doc, export(&playbook).0, "{path}: the same every time");
        let back = imported(path, &doc);
        assert_eq!(back.digest(), playbook.digest(), "{path}");
        assert_eq!(back.source(), playbook.source(), "{path}");
    }
}

#[test]
fn every_import_comes_back_after_a_change() {
    for name in all() {
        let i = import(&bytes(&name), now()).expect("import");
        let text = i.yaml.replacen("outcome: completed", "outcome: changed", 1);
        assert_ne!(text, i.yaml, "{name}");
        let playbook = loaded(&name, &text);
        let (doc, _) = export(&playbook);
        assert_eq!(doc["id"], fixture(&name)["id"], "{name}");
        assert_eq!(imported(&name, &doc).digest(), playbook.digest(), "{name}");
    }
}

/// Another engine has no use for our extension: what is left must be a whole playbook by itself.
#[test]
fn an_export_means_something_without_our_extension() {
    let library = Library::shipped(builtin::manifests()).expect("library");
    for playbook in library.iter() {
        let (mut doc, _) = export(playbook);
        let map = doc.as_object_mut().expect("document");
        map.remove("playbook_extensions");
        map.remove("extension_definitions");
        for step in map["workflow"].as_object_mut().expect("workflow").values_mut() {
            step.as_object_mut().expect("step").remove("step_extensions");
        }
        let plain = imported(playbook.id(), &doc);
        let text = doc.to_string();
        // Every question and every action of ours is there in words.
        for step in playbook.walk() {
            if let nightbell_playbooks::model::Kind::Ask(ask) = &step.kind {
                for q in &ask.form {
                    // What stands in braces is a variable there and is written in its way.
                    let words = q.label.split("{{").next().unwrap_or_default();
                    let label = serde_json::to_string(words).expect("text");
                    assert!(text.contains(label.trim_matches('"')), "{}: {}", playbook.id(), q.label);
                }
            }
        }
        assert!(plain.walk().len() >= playbook.walk().len() / 2, "{}", playbook.id());
    }
}

#[test]
fn the_order_of_steps_survives_in_plain_cacao() {
    let text = "\
nightbell: 1
id: in-order
version: 1.0.0
name: In order
inputs: { level: { type: string, required: true } }
steps:
  - { id: first, uses: case.note, with: { text: one } }
  - id: choose
    switch:
      - case: \"inputs.level == 'high'\"
        steps: [{ id: second, uses: case.note, with: { text: two } }]
      - default: true
        steps: [{ id: third, uses: case.note, with: { text: three } }]
  - id: each
    for_each: \"{{ ['a', 'b'] }}\"
    as: letter
    steps: [{ id: fourth, uses: case.note, with: { text: \"{{ letter }}!\" } }]
  - { id: last, approve: { by: role:on-call, action: { uses: http.request, with: { method: GET, url: \"https://example.com/{{ inputs.level }}\" } } }, timeout: 5m, on_timeout: continue }
";
    let (doc, _) = export(&loaded("t", text));
    assert_eq!(shape_problems(&doc), Vec::<String>::new());
    let steps = &doc["workflow"];
    let at = |id: &Value| &steps[id.as_str().unwrap_or_default()];
    let command = |step: &Value| step["commands"][0]["command"].as_str().unwrap_or_default().to_owned();
    let first = at(&at(&doc["workflow_start"])["on_completion"]);
    assert!(command(first).contains("text: one"));
    let choose = at(&first["on_completion"]);
    assert_eq!(choose["condition"], "__level__:value = 'high'");
    assert!(command(at(&choose["on_true"])).contains("text: two"));
    assert!(command(at(&choose["on_false"])).contains("text: three"));
    let fourth = at(&choose["on_completion"]);
    assert!(command(fourth).contains("text: a!"), "{fourth}");
    let fifth = at(&fourth["on_completion"]);
    assert!(command(fifth).contains("text: b!"));
    let asked = at(&fifth["on_completion"]);
    let granted = at(&asked["on_completion"]);
    assert_eq!(granted["condition"], json!(format!("{}:value = true", asked["out_args"][0].as_str().expect("name"))));
    assert_eq!(
        at(&granted["on_true"])["commands"][0],
        json!({"type": "http-api", "command": "GET https://example.com/__level__:value HTTP/1.1"})
    );
}

#[test]
fn a_foreign_change_wins_over_what_the_extension_carries() {
    let (_, text) = library()[0];
    let (mut doc, _) = export(&loaded("t", text));
    doc["name"] = json!("Renamed elsewhere");
    let i = import(doc.to_string().as_bytes(), now()).expect("import");
    assert!(i.warnings.iter().any(|w| w.code == "NB3103"), "{:?}", i.warnings);
    assert_eq!(loaded("t", &i.yaml).name(), "Renamed elsewhere");
}
