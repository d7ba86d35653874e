//! One document per finding: with it the finding comes, without it it does not.

use super::{codes, fixture, now};
use nightbell_playbooks::api::Start;
use nightbell_playbooks::cacao::import;
use nightbell_playbooks::{Run, builtin, load};
use serde_json::{Value, json};

/// The codes of a document, and whether it was imported.
fn found(doc: &Value) -> (bool, Vec<String>) {
    let result = import(doc.to_string().as_bytes(), now());
    let set = match &result {
        Ok(i) => {
            if let Err(f) = load("t", &i.yaml, &builtin::manifests()) {
                panic!("{f:#?}\n{}", i.yaml);
            }
            codes(&i.warnings)
        }
        Err(f) => codes(f),
    };
    (result.is_ok(), set.into_iter().collect())
}

fn expect(doc: &Value, ok: bool, wanted: &[&str]) {
    assert_eq!(found(doc), (ok, wanted.iter().map(|w| (*w).to_owned()).collect()), "{doc:#}");
}

fn id(kind: &str, n: u32) -> String {
    format!("{kind}--00000000-0000-4000-8000-{n:012}")
}

/// A small document: start, one step, end.
fn small(step: Value) -> Value {
    let kind = step["type"].as_str().expect("type").to_owned();
    let mut step = step;
    if step.get("on_completion").is_none() && step.get("on_success").is_none() && step.get("on_failure").is_none() {
        step["on_completion"] = json!(id("end", 3));
    }
    json!({
        "type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", 9), "name": "Small",
        "created_by": id("identity", 9), "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        "workflow_start": id("start", 1),
        "workflow": {
            id("start", 1): {"type": "start", "on_completion": id(&kind, 2)},
            id(&kind, 2): step,
            id("end", 3): {"type": "end"}
        },
        "agent_definitions": {id("group", 5): {"type": "group", "name": "People"}}
    })
}

fn action(command: Value) -> Value {
    json!({"type": "action", "name": "Do", "commands": [command], "agent": id("group", 5)})
}

fn plain() -> Value {
    small(action(json!({"type": "manual", "command": "x"})))
}

#[test]
fn a_plain_document_has_no_findings() {
    expect(&plain(), true, &[]);
}

#[test]
fn what_cannot_be_read_is_refused() {
    assert_eq!(codes(&import(b"{\"a\": 1,}", now()).expect_err("json")).into_iter().collect::<Vec<_>>(), ["NB3001"]);
    assert_eq!(codes(&import(b"\xff\xfe", now()).expect_err("utf-8")).into_iter().collect::<Vec<_>>(), ["NB3001"]);
    let deep = "[".repeat(100_000);
    assert_eq!(codes(&import(deep.as_bytes(), now()).expect_err("deep")).into_iter().collect::<Vec<_>>(), ["NB3004"]);
    let large = vec![b' '; 4 * 1024 * 1024 + 1];
    assert_eq!(codes(&import(&large, now()).expect_err("large")).into_iter().collect::<Vec<_>>(), ["NB3004"]);
}

#[test]
fn older_shapes_are_refused() {
    for change in [
        json!({"spec_version": "1.0"}),
        json!({"spec_version": "cacao-1.1"}),
        json!({"workflow": []}),
        json!({"workflow": {id("step", 1): {"type": "single"}}}),
    ] {
        let mut doc = plain();
        for (k, v) in change.as_object().expect("map") {
            doc[k] = v.clone();
        }
        let (ok, codes) = found(&doc);
        assert!(!ok && codes.contains(&"NB3002".to_owned()), "{codes:?}");
    }
}

#[test]
fn a_workflow_and_its_start_must_be_there() {
    for (key, value, wanted) in [
        ("workflow", Value::Null, &["NB3003", "NB3101"][..]),
        ("workflow", json!({}), &["NB3003"]),
        ("workflow_start", Value::Null, &["NB3003", "NB3101"]),
        ("workflow_start", json!(id("start", 77)), &["NB3003", "NB3021"]),
    ] {
        let mut doc = plain();
        doc[key] = value;
        expect(&doc, false, wanted);
    }
    assert!(!found(&json!([1])).0);
}

#[test]
fn references_must_lead_somewhere() {
    let mut doc = plain();
    doc["workflow"][id("action", 2)]["on_completion"] = json!(id("action", 8));
    expect(&doc, false, &["NB3021"]);
    let mut doc = plain();
    doc["workflow_exception"] = json!(id("end", 8));
    expect(&doc, true, &["NB3130"]);
    let mut doc = plain();
    doc["workflow"][id("action", 7)] = doc["workflow"][id("action", 2)].clone();
    expect(&doc, true, &["NB3131"]);
    let mut doc = plain();
    doc["workflow"][id("action", 2)]["targets"] = json!([id("linux", 8)]);
    expect(&doc, true, &["NB3132"]);
    let mut doc = plain();
    doc["workflow"][id("action", 2)]["commands"][0]["command"] = json!("look at __host__:value");
    expect(&doc, true, &["NB3133"]);
    let mut doc = plain();
    doc["workflow_exception"] = json!(id("action", 2));
    expect(&doc, true, &["NB3134"]);
}

#[test]
fn loops_need_a_condition_and_lists_need_a_shape() {
    let mut doc = plain();
    doc["workflow"][id("action", 2)]["on_completion"] = json!(id("action", 2));
    expect(&doc, false, &["NB3020"]);
    // Two ways into a loop: no list of steps says that.
    let mut doc = small(
        json!({"type": "if-condition", "condition": "__a__:value = 1", "on_true": id("action", 4), "on_false": id("action", 6), "on_completion": id("end", 3)}),
    );
    doc["playbook_variables"] = json!({"__a__": {"type": "integer", "value": "1"}});
    let step = |next: String| json!({"type": "action", "commands": [{"type": "manual", "command": ""}], "agent": id("group", 5), "on_success": next, "on_failure": id("end", 3)});
    doc["workflow"][id("action", 4)] = step(id("action", 6));
    doc["workflow"][id("action", 6)] = step(id("action", 4));
    expect(&doc, false, &["NB3022"]);
}

#[test]
fn a_short_shared_tail_is_written_twice_and_a_long_one_is_refused() {
    for (length, ok) in [(10, true), (30, false)] {
        let mut doc = small(json!({"type": "parallel", "next_steps": [id("action", 100), id("if-condition", 4)]}));
        doc["playbook_variables"] = json!({"__a__": {"type": "integer", "value": "1"}});
        // Both ways of the branch lead into the tail, one after a step of its own; the other branch ends elsewhere.
        doc["workflow"][id("if-condition", 4)] = json!({"type": "if-condition", "condition": "__a__:value = 1", "on_true": id("action", 100), "on_false": id("end", 3), "on_completion": id("end", 3)});
        for n in 0..length {
            let next = if n + 1 == length { id("end", 3) } else { id("action", 101 + n) };
            doc["workflow"][id("action", 100 + n)] = json!({"type": "action", "commands": [{"type": "manual", "command": ""}], "agent": id("group", 5), "on_completion": next});
        }
        expect(&doc, ok, if ok { &[] } else { &["NB3022"] });
    }
}

#[test]
fn the_shape_of_the_standard_is_checked() {
    for (key, value) in [
        ("created", json!("yesterday")),
        ("priority", json!(101)),
        ("name", json!(5)),
        ("labels", json!([])),
        ("created_by", json!("me")),
        ("revoked", json!("no")),
        ("spec_version", json!("cacao-2.1")),
    ] {
        let mut doc = plain();
        doc[key] = value;
        expect(&doc, true, &["NB3101"]);
    }
    let mut doc = plain();
    doc["workflow"][id("action", 2)].as_object_mut().expect("step").remove("agent");
    expect(&doc, true, &["NB3101"]);
    let mut doc = plain();
    doc["target_definitions"] =
        json!({id("linux", 4): {"type": "linux", "name": "x", "address": {"ipv4": ["__ip__:value"]}}});
    expect(&doc, true, &["NB3101", "NB3104"]);
    for (kind, good, bad) in [
        ("ipv4", "192.0.2.1", "192.0.2.256"),
        ("ipv6", "2001:db8::1", "2001:db8::x"),
        ("l2mac", "00:00:5e:00:53:01", "00-00-5e-00-53-01"),
        ("url", "https://example.com/x", "nowhere"),
    ] {
        let mut doc = plain();
        doc["target_definitions"] = json!({id("ssh", 4): {"type": "ssh", "name": "x", "address": {kind: [good]}}});
        expect(&doc, true, &[]);
        doc["target_definitions"] = json!({id("ssh", 4): {"type": "ssh", "name": "x", "address": {kind: [bad]}}});
        expect(&doc, true, &["NB3101"]);
    }
}

#[test]
fn conditions_and_commands_that_cannot_be_said_are_named() {
    let mut doc = small(json!({"type": "while-condition", "condition": "__a__:value < 2", "on_true": id("end", 3)}));
    doc["playbook_variables"] = json!({"__a__": {"type": "integer", "value": "1"}});
    expect(&doc, true, &["NB3110"]);
    let mut doc = small(
        json!({"type": "if-condition", "condition": "the moon is full", "on_true": id("action", 4), "on_completion": id("end", 3)}),
    );
    doc["workflow"][id("action", 4)] = json!({"type": "action", "commands": [{"type": "manual", "command": ""}], "agent": id("group", 5), "on_completion": id("end", 3)});
    expect(&doc, true, &["NB3111"]);
    expect(&small(action(json!({"type": "yara", "command_b64": "eA=="}))), true, &["NB3120"]);
    expect(&small(action(json!({"type": "ssh", "command": "id"}))), true, &["NB3121"]);
    expect(&small(action(json!({"type": "powershell", "command": "Get-Host"}))), true, &["NB3121"]);
    expect(&small(json!({"type": "action", "name": "Do", "agent": id("group", 5)})), true, &["NB3101", "NB3122"]);
    let long = "word ".repeat(5000);
    expect(&small(action(json!({"type": "manual", "command": long}))), true, &["NB3102"]);
}

#[test]
fn credentials_never_reach_the_text() {
    let mut doc = small(json!({
        "type": "action", "agent": id("http-api", 6),
        "commands": [{"type": "http-api", "command": "GET /x?api_key=hunter2hunter2 HTTP/1.1", "headers": {"Authorization": ["Bearer hunter2hunter2"]}}]
    }));
    doc["agent_definitions"][id("http-api", 6)] = json!({"type": "http-api", "name": "Service", "address": {"url": ["https://u:hunter2hunter2@api.example.com"]}, "authentication_info": id("http-basic", 7)});
    doc["authentication_info_definitions"] =
        json!({id("http-basic", 7): {"type": "http-basic", "user_id": "svc", "password": "hunter2hunter2"}});
    doc["signatures"] = json!([{"type": "jss", "value": "x"}]);
    let i = import(doc.to_string().as_bytes(), now()).expect("import");
    assert!(!i.yaml.contains("hunter2"), "{}", i.yaml);
    assert!(!format!("{:?}", i.warnings).contains("hunter2"));
    let found: Vec<_> = codes(&i.warnings).into_iter().collect();
    assert_eq!(found, ["NB3101", "NB3140", "NB3141"]);
    assert!(i.yaml.contains("secret: http_basic_00000000"), "{}", i.yaml);
    let playbook = load("t", &i.yaml, &builtin::manifests()).expect("load").playbook;
    let (back, _) = nightbell_playbooks::cacao::export(&playbook);
    assert_eq!(
        back["authentication_info_definitions"][id("http-basic", 7)]["kms_key_identifier"],
        "http_basic_00000000"
    );
    assert!(back.get("signatures").is_none());
}

#[test]
fn a_signature_that_cannot_be_checked_is_named_and_dropped_after_a_change() {
    let mut doc = plain();
    doc["signatures"] = json!([{
        "type": "jss", "id": id("jss", 4), "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
        "signee": "Example", "related_to": id("playbook", 9), "related_version": "2026-01-01T00:00:00.000Z",
        "hash_algorithm": "sha-256", "algorithm": "XMSS-SHA2_10_256", "public_key": "AAAA", "value": "AAAA"
    }]);
    expect(&doc, true, &["NB3141"]);
    let i = import(doc.to_string().as_bytes(), now()).expect("import");
    let load = |text: &str| load("t", text, &builtin::manifests()).expect("load").playbook;
    let (same, findings) = nightbell_playbooks::cacao::export(&load(&i.yaml));
    assert!(same.get("signatures").is_some() && findings.is_empty());
    let changed = i.yaml.replace("Is this done?", "Done?");
    let (other, findings) = nightbell_playbooks::cacao::export(&load(&changed));
    assert!(other.get("signatures").is_none());
    assert_eq!(codes(&findings).into_iter().collect::<Vec<_>>(), ["NB3141"]);
}

#[test]
fn what_is_not_valid_now_is_imported_and_refuses_to_start() {
    for (change, starts) in [
        (json!({"revoked": true}), false),
        (json!({"valid_until": "2026-05-31T00:00:00.000Z"}), false),
        (json!({"valid_from": "2026-06-02T00:00:00.000Z"}), false),
        (json!({"valid_from": "2026-05-01T00:00:00.000Z", "valid_until": "2026-06-02T00:00:00.000Z"}), true),
        (json!({"revoked": false}), true),
    ] {
        let mut doc = plain();
        for (k, v) in change.as_object().expect("map") {
            doc[k] = v.clone();
        }
        expect(&doc, true, if starts { &[] } else { &["NB3142"] });
        let i = import(doc.to_string().as_bytes(), now()).expect("import");
        let playbook = load("t", &i.yaml, &builtin::manifests()).expect("load").playbook;
        let begun = Run::start(&playbook, Start::new("r", Value::Null), now());
        match begun {
            Ok(_) => assert!(starts, "{change}"),
            Err(e) => assert!(!starts && e.code == "NB2007", "{change}: {e:?}"),
        }
    }
}

#[test]
fn the_fixtures_have_the_findings_they_were_written_for() {
    for (name, wanted) in [
        ("arrows", &["NB3110"][..]),
        ("called", &[]),
        ("caller", &[]),
        ("failure", &["NB3121", "NB3134"]),
        ("kept", &["NB3120", "NB3131"]),
        ("parallel", &[]),
        ("switch", &[]),
        ("while", &["NB3110", "NB3121"]),
    ] {
        expect(&fixture(name), true, wanted);
    }
}
