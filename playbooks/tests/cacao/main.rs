//! CACAO 2.0 in and out: our own documents in `tests/data/cacao`, and public ones when they are there.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where a helper fails")]

mod codes;
mod data;
mod hostile;
mod round;
mod run;

use nightbell_playbooks::Finding;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

/// The day on which everything here happens.
fn now() -> jiff::Timestamp {
    "2026-06-01T09:00:00Z".parse().expect("instant")
}

fn codes(found: &[Finding]) -> BTreeSet<String> {
    found.iter().map(|f| f.code.clone()).collect()
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cacao")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.json"))).expect(name)
}

fn fixture(name: &str) -> Value {
    serde_json::from_slice(&bytes(name)).expect(name)
}

/// Every document of ours by name.
fn all() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .expect("folder")
        .filter_map(|e| e.ok()?.file_name().to_str()?.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() >= 8, "{names:?}");
    names
}
