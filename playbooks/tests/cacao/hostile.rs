//! Whatever a document holds: nothing panics, everything ends, and what is imported loads.

use super::{all, bytes, fixture, now};
use nightbell_playbooks::cacao::{MAX_BYTES, export, import, shape_problems};
use nightbell_playbooks::{builtin, load};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Instant;

/// An import that succeeded must load and export; a refusal must say why.
fn holds(json: &[u8]) {
    match import(json, now()) {
        Ok(i) => match load("t", &i.yaml, &builtin::manifests()) {
            Ok(l) => {
                let _ = export(&l.playbook);
            }
            Err(f) => panic!("{f:#?}\n{}", i.yaml),
        },
        Err(f) => {
            assert!(f.iter().any(|f| f.code.starts_with("NB300") || f.code.starts_with("NB302")), "{f:#?}");
        }
    }
}

/// The places of a document, in order.
fn places(v: &Value, at: String, out: &mut Vec<String>) {
    out.push(at.clone());
    match v {
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| places(v, format!("{at}/{i}"), out)),
        Value::Object(map) => map.iter().for_each(|(k, v)| {
            places(v, format!("{at}/{}", k.replace('~', "~0").replace('/', "~1")), out);
        }),
        _ => {}
    }
}

fn odd() -> impl Strategy<Value = Value> {
    let texts = [
        "",
        "{{",
        "{% x %}",
        "__a__:value",
        "__:value",
        "'",
        "\u{0}",
        "\u{2028}",
        "end--",
        "true",
        "-1",
        "a: b\n- c",
        "\"",
        "default",
        "password=x",
        "https://u:p@h/",
    ];
    prop_oneof![
        Just(Value::Null),
        Just(json!([])),
        Just(json!({})),
        Just(json!(true)),
        any::<i64>().prop_map(|n| json!(n)),
        prop::num::f64::NORMAL.prop_map(|n| json!(n)),
        prop::sample::select(texts.to_vec()).prop_map(|t| json!(t)),
        ".{0,40}".prop_map(|t| json!(t)),
        Just(json!("x".repeat(5000))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn changed_documents_never_panic(which in 0..8_usize, changes in prop::collection::vec((any::<prop::sample::Index>(), odd(), 0..4_u8), 1..6)) {
        let names = all();
        let mut doc = fixture(&names[which % names.len()]);
        for (index, value, how) in changes {
            let mut found = Vec::new();
            places(&doc, String::new(), &mut found);
            let at = found[index.index(found.len())].clone();
            // Either something odd, or something from elsewhere in the same document, so that references cross.
            let value = if how == 0 { doc.pointer(&found[(index.index(found.len()) * 7 + 3) % found.len()]).cloned().unwrap_or(value) } else { value };
            if let (2, Some((parent, key))) = (how, at.rsplit_once('/')) {
                if let Some(map) = doc.pointer_mut(parent).and_then(Value::as_object_mut) {
                    map.remove(&key.replace("~1", "/").replace("~0", "~"));
                }
            } else if let Some(place) = doc.pointer_mut(&at) {
                *place = value;
            }
        }
        let _ = shape_problems(&doc);
        holds(doc.to_string().as_bytes());
    }

    #[test]
    fn crossed_references_never_panic(which in 0..8_usize, swaps in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8)) {
        let names = all();
        let mut doc = fixture(&names[which % names.len()]);
        let ids: Vec<String> = doc["workflow"].as_object().expect("workflow").keys().cloned().collect();
        let mut links = Vec::new();
        places(&doc["workflow"], "/workflow".to_owned(), &mut links);
        links.retain(|l| doc.pointer(l).and_then(Value::as_str).is_some_and(|s| ids.iter().any(|i| i == s)));
        for (link, id) in swaps {
            if let Some(place) = doc.pointer_mut(&links[link.index(links.len())]) {
                *place = json!(ids[id.index(ids.len())]);
            }
        }
        holds(doc.to_string().as_bytes());
    }

    #[test]
    fn broken_bytes_never_panic(which in 0..8_usize, cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let names = all();
        let mut json = bytes(&names[which % names.len()]);
        let at = cut.index(json.len());
        json[at] = byte;
        holds(&json);
        json.truncate(at);
        holds(&json);
    }
}

fn id(kind: &str, n: usize) -> String {
    format!("{kind}--00000000-0000-4000-8000-{n:012}")
}

#[test]
fn large_documents_end_quickly() {
    let step = |next: String| json!({"type": "action", "commands": [{"type": "manual", "command": "x"}], "agent": id("group", 1), "on_completion": next});
    let whole = |steps: Vec<(String, Value)>, start: String| {
        json!({"type": "playbook", "spec_version": "cacao-2.0", "id": id("playbook", 1), "name": "Large", "created_by": id("identity", 1),
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "workflow_start": start,
            "workflow": steps.into_iter().collect::<serde_json::Map<_, _>>()})
    };
    // A long chain, a ladder whose every rung has two ways down, conditions within conditions, all to all.
    let chain = (0..490).map(|n| (id("action", n), step(if n == 489 { id("end", 0) } else { id("action", n + 1) })));
    let end = || std::iter::once((id("end", 0), json!({"type": "end"})));
    let ladder = (0..240).map(|n| {
        let next = if n == 239 { id("end", 0) } else { id("if-condition", n + 1) };
        let after = if n >= 238 { id("end", 0) } else { id("if-condition", n + 2) };
        (
            id("if-condition", n),
            json!({"type": "if-condition", "condition": "__a__:value = 'x'", "on_true": next, "on_false": after}),
        )
    });
    let nested = (0..200).map(|n| {
        let next = if n == 199 { id("end", 0) } else { id("if-condition", n + 1) };
        (id("if-condition", n), json!({"type": "if-condition", "condition": "__a__:value = 'x'", "on_true": next, "on_false": id("end", 0), "on_completion": id("end", 0)}))
    });
    let all_to_all = (0..60).map(|n| {
        let next: Vec<String> = (0..60).map(|m| id("parallel", m)).collect();
        (
            id("parallel", n),
            json!({"type": "parallel", "next_steps": next, "on_completion": id("parallel", (n + 1) % 60)}),
        )
    });
    let begin = Instant::now();
    let documents = [
        whole(chain.chain(end()).collect(), id("action", 0)),
        whole(ladder.chain(end()).collect(), id("if-condition", 0)),
        whole(nested.chain(end()).collect(), id("if-condition", 0)),
        whole(all_to_all.chain(end()).collect(), id("parallel", 0)),
        whole((0..600).map(|n| (id("end", n), json!({"type": "end"}))).collect(), id("end", 0)),
    ];
    for doc in documents {
        holds(doc.to_string().as_bytes());
    }
    let mut text = plain_text(MAX_BYTES - 2000);
    text.truncate(MAX_BYTES);
    holds(text.as_bytes());
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

/// A document whose one instruction is very long.
fn plain_text(length: usize) -> String {
    json!({"type": "playbook", "spec_version": "cacao-2.0", "name": "x", "workflow_start": id("action", 0), "workflow": {
        id("action", 0): {"type": "action", "commands": [{"type": "ssh", "command": "{".repeat(length)}]}
    }})
    .to_string()
}
