//! Which room may know which (`ARCHITECTURE.md`): read from the normal dependencies of `cargo metadata`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The workspace's packages as cargo sees them.
fn packages() -> Vec<Value> {
    let out = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(super::root())
        .output()
        .expect("cargo metadata");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let all: Value = serde_json::from_slice(&out.stdout).expect("json");
    all["packages"].as_array().expect("packages").clone()
}

/// Package to its normal dependencies.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    packages()
        .iter()
        .map(|p| {
            let normal = p["dependencies"].as_array().into_iter().flatten().filter(|d| d["kind"].is_null());
            (text(&p["name"]), normal.map(|d| text(&d["name"])).collect())
        })
        .collect()
}

fn ours(name: &str) -> bool {
    name == "nightbell" || name.starts_with("nightbell-")
}

/// Whom a room may know, itself left out. `None`: it may know every room.
fn may_know(room: &str) -> Option<&'static [&'static str]> {
    Some(match room {
        "nightbell-core" => &[],
        "nightbell-playbooks"
        | "nightbell-mail"
        | "nightbell-knowledge"
        | "nightbell-privacy"
        | "nightbell-store"
        | "nightbell-connector-kit" => &["nightbell-core"],
        "nightbell-desk" => {
            &["nightbell-core", "nightbell-playbooks", "nightbell-mail", "nightbell-knowledge", "nightbell-privacy"]
        }
        "nightbell-console" => &["nightbell-core", "nightbell-desk"],
        "nightbell" | "nightbell-tests" => return None,
        // Everything else is a connector.
        _ => &["nightbell-core", "nightbell-connector-kit"],
    })
}

#[test]
fn every_room_knows_only_whom_it_may() {
    let mut entered = Vec::new();
    for (room, deps) in graph() {
        let Some(allowed) = may_know(&room) else { continue };
        for d in deps.iter().filter(|d| ours(d) && **d != room && !allowed.contains(&d.as_str())) {
            entered.push(format!("{d} was entered by {room}"));
        }
    }
    assert!(entered.is_empty(), "a new arrow needs an architecture record first:\n{}", entered.join("\n"));
}

#[test]
fn nobody_but_the_tests_knows_the_bot() {
    for (room, deps) in graph() {
        assert!(!deps.contains("nightbell-tests"), "nightbell-tests was entered by {room}");
        if room != "nightbell-tests" {
            assert!(!deps.contains("nightbell"), "nightbell was entered by {room}");
        }
    }
}

#[test]
fn core_has_no_runtime_and_no_vendor() {
    // `sha1`: the names of STIX and MISP objects are UUIDs of version 5.
    const FINE: [&str; 9] =
        ["async-trait", "blake3", "bytes", "jiff", "serde", "serde_json", "sha1", "thiserror", "unicode-security"];
    let graph = graph();
    for d in &graph["nightbell-core"] {
        assert!(FINE.contains(&d.as_str()), "nightbell-core was entered by {d}: it has vocabulary and rules only");
    }
}

#[test]
fn pure_rooms_have_no_runtime_and_no_network() {
    const OUTSIDE: [&str; 9] = ["tokio", "reqwest", "axum", "hyper", "sled", "rustls", "tower", "getrandom", "rand"];
    let graph = graph();
    for room in ["nightbell-mail", "nightbell-knowledge", "nightbell-privacy", "nightbell-playbooks"] {
        let entered: Vec<&String> = graph[room].iter().filter(|d| OUTSIDE.contains(&d.as_str())).collect();
        assert!(entered.is_empty(), "{room} was entered by {entered:?}: it is pure");
    }
}

#[test]
fn a_vendor_stands_in_one_connector_at_most() {
    const VENDORS: [&str; 12] = [
        "slack-morphism",
        "serenity",
        "twilight-http",
        "twilight-gateway",
        "async-openai",
        "octocrab",
        "aws-config",
        "aws-sdk-sns",
        "graph-rs-sdk",
        "teloxide",
        "matrix-sdk",
        "oauth2",
    ];
    let graph = graph();
    for v in VENDORS {
        let users: Vec<&String> = graph.iter().filter(|(_, d)| d.contains(v)).map(|(r, _)| r).collect();
        assert!(users.len() <= 1, "{v} stands in several rooms: {users:?}");
        for room in users {
            assert!(
                may_know(room) == Some(&["nightbell-core", "nightbell-connector-kit"]),
                "{room} was entered by {v}: vendors stand in connectors"
            );
        }
    }
}

#[test]
fn the_index_engine_stands_in_the_store_only() {
    for (room, deps) in graph() {
        assert!(room == "nightbell-store" || !deps.contains("sled"), "{room} was entered by sled");
    }
}

/// `cargo run --release -- demo` is the first thing a newcomer types: with a second binary cargo would ask which one.
#[test]
fn there_is_one_binary() {
    let mut bins = Vec::new();
    for p in packages() {
        for t in p["targets"].as_array().into_iter().flatten() {
            if t["kind"].as_array().is_some_and(|k| k.iter().any(|k| k == "bin")) {
                bins.push(t["name"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    assert_eq!(bins, ["nightbell"], "benches and tools are examples, so that `cargo run` knows what to run");
}
