//! kill -9 at random moments and at every kind of failpoint: what was acknowledged is there afterwards.
//!
//! The writer is this test binary, started again with the ignored test `child` and its orders in the environment.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod support;

use nightbell_core::port::store::StoreError;
use nightbell_store::embedded::{Embedded, Options, ops};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const DIR: &str = "NIGHTBELL_TEST_DIR";
const PREFIX: &str = "NIGHTBELL_TEST_PREFIX";
const CRASH: &str = "NIGHTBELL_TEST_CRASH";

/// Small overlay and segments, so that the kills hit every part of the machinery.
fn busy() -> Options {
    Options {
        flush_bytes: 60_000,
        segment_bytes: 300_000,
        snapshot_bytes: 700_000,
        reserve_bytes: 256 * 1024,
        ..Options::default()
    }
}

#[test]
#[ignore = "the writer of the other tests, not a test"]
fn child() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let prefix = std::env::var(PREFIX).unwrap();
    let crash_at = std::env::var(CRASH).ok().map(|text| text.parse().unwrap());
    let mut out = std::io::stdout();
    let outcome = ops::bench_writer(Path::new(&dir), &prefix, Options { crash_at, ..busy() }, u64::MAX, |key| {
        writeln!(out, "ACK {key}").unwrap();
        out.flush().unwrap();
    });
    writeln!(out, "END {outcome:?}").unwrap();
}

fn start(dir: &Path, prefix: &str, crash: Option<String>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["child", "--exact", "--ignored", "--nocapture"]).env(DIR, dir).env(PREFIX, prefix);
    if let Some(crash) = crash {
        command.env(CRASH, crash);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

fn acks(child: &mut Child) -> Vec<String> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("ACK ").map(str::to_owned)).collect()
}

/// A test beside this one that starts a child holds our lock between its fork and exec: `Locked` is tried again.
fn patient<T>(mut open: impl FnMut() -> Result<T, StoreError>) -> T {
    for _ in 0..100 {
        match open() {
            Err(StoreError::Locked(_)) => std::thread::sleep(Duration::from_millis(20)),
            other => return other.unwrap(),
        }
    }
    panic!("still locked");
}

fn check(dir: &Path, acked: &HashSet<String>) {
    let mut found = HashSet::new();
    patient(|| {
        ops::keys(dir, |key| {
            found.insert(key.to_owned());
        })
    });
    let lost: Vec<_> = acked.difference(&found).collect();
    assert!(lost.is_empty(), "{} of {} lost, such as {:?}", lost.len(), acked.len(), lost.first());
}

#[test]
fn thirty_kills_lose_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut acked = HashSet::new();
    // A fixed sequence of odd moments: a failure can be repeated.
    let mut moment = 7_u64;
    for round in 0..30 {
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = start(root.path(), &round.to_string(), None);
        std::thread::sleep(Duration::from_millis(30 + (moment >> 33) % 220));
        child.kill().unwrap();
        acked.extend(acks(&mut child));
        child.wait().unwrap();
        if round % 5 == 4 {
            check(root.path(), &acked);
        }
    }
    assert!(acked.len() > 500, "{} acknowledged", acked.len());
    let report = ops::verify(root.path()).unwrap();
    assert_eq!(report.findings, [""; 0]);
}

#[test]
fn failpoints_lose_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut acked = HashSet::new();
    for (round, crash) in (1..).zip(["before:1", "after:1", "torn:1", "before:9", "after:10", "torn:11", "torn:12"]) {
        let mut child = start(root.path(), &format!("p{round}"), Some(crash.to_owned()));
        acked.extend(acks(&mut child));
        assert!(!child.wait().unwrap().success());
        if crash.starts_with("torn") {
            let store = patient(|| Embedded::open(root.path(), busy()));
            assert!(store.report().cut.is_some(), "{crash}");
        }
        check(root.path(), &acked);
    }
    let Err(error) = "later:3".parse::<nightbell_store::embedded::CrashAt>() else { panic!("parsed") };
    assert!(error.to_string().contains("before:N"));
}

#[test]
fn a_second_process_is_refused_until_the_first_dies() {
    let root = tempfile::tempdir().unwrap();
    let mut child = start(root.path(), "x", None);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !lines.next().unwrap().unwrap().starts_with("ACK") {}
    assert!(matches!(Embedded::open(root.path(), busy()), Err(StoreError::Locked(_))));
    child.kill().unwrap();
    child.wait().unwrap();
    Embedded::open(root.path(), busy()).unwrap();
}
