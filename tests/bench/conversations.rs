//! Many open conversations, each with its case, run, prompt and timers: how long a start takes, what memory they
//! need, and whether a turn gets slower.
//!
//! One conversation is held for real; the others are copies of its records under ids of their own.

#![allow(clippy::expect_used, clippy::panic, reason = "a bench ends by panicking")]

use nightbell_core::chat::{Inbound, User, What};
use nightbell_core::code::Coded as _;
use nightbell_core::event::Event;
use nightbell_core::port::random::Seeded;
use nightbell_core::port::store::{Batch, Scan, Store, Write};
use nightbell_desk::records::coll;
use nightbell_store::embedded::{Embedded, Options};
use nightbell_tests::verbs::{below, dm_conv};
use nightbell_tests::{World, mails};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

#[path = "proc.rs"]
mod proc;

const COPIED: &[&str] = &[
    coll::DEDUPE,
    coll::SENT,
    coll::TIMERS,
    coll::CASES,
    coll::OPEN,
    coll::ROWS,
    coll::RUNS,
    coll::RUNLOG,
    coll::PROMPTS,
    coll::PROMPTS_OPEN,
    coll::CONVS,
    coll::AUDIT,
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("--fill") => fill(Path::new(&args[1]), args[2].parse().expect("a number")),
        Some("--open") => open(Path::new(&args[1]), args[2].parse().expect("a number")),
        n => {
            let most: u64 = n.and_then(|n| n.parse().ok()).unwrap_or(100_000);
            for count in [1, 1_000, most] {
                let dir = tempfile::tempdir().expect("temporary folder");
                let me = std::env::current_exe().expect("own path");
                for mode in ["--fill", "--open"] {
                    let ok = Command::new(&me)
                        .arg(mode)
                        .arg(dir.path())
                        .arg(count.to_string())
                        .status()
                        .expect("run")
                        .success();
                    assert!(ok, "{mode} {count}");
                }
            }
        }
    }
}

/// The records of one conversation: collection, key, value.
fn template(dir: &Path) -> Vec<(&'static str, String, String)> {
    let mut w = World::over(dir, 1);
    w.send_file("u0", "a.eml", mails::PHISH.into());
    let rt = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let mut out = Vec::new();
    for coll in COPIED {
        for r in rt.block_on(w.store.scan(coll, Scan::all(10_000))).expect("scan") {
            if !r.key.contains("sweep") && !r.key.contains("quiz") {
                out.push((*coll, r.key, String::from_utf8(r.value).expect("text")));
            }
        }
    }
    out
}

/// Every id of the template: 26 characters of the alphabet of fresh ids.
fn ids(template: &[(&'static str, String, String)]) -> Vec<String> {
    let mut found = std::collections::BTreeSet::new();
    for (_, key, value) in template {
        for text in [key, value] {
            let words = text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()));
            found.extend(words.filter(|w| w.len() == 26).map(str::to_owned));
        }
    }
    found.into_iter().collect()
}

fn fill(dir: &Path, count: u64) {
    let template = template(dir);
    let ids = ids(&template);
    let store = Embedded::open(dir, Options::default()).expect("open");
    let rt = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let bytes: usize = template.iter().map(|(_, k, v)| k.len() + v.len()).sum();
    println!("one conversation: {} records, {bytes} bytes", template.len());
    let from = Instant::now();
    let mut batch = Batch::default();
    for n in 1..count {
        for (coll, key, value) in &template {
            let (mut key, mut value) = (key.clone(), value.clone());
            for id in &ids {
                let fresh = format!("{n:010}{}", id.get(10..).unwrap_or_default());
                key = key.replace(id, &fresh);
                value = value.replace(id, &fresh);
            }
            let case = n + 1;
            key = key
                .replace("000000000001", &format!("{case:012}"))
                .replace("u0", &format!("u{n}"))
                .replace("local:m1", &format!("local:x{n}"));
            value = value
                .replace("\"case\":1,", &format!("\"case\":{case},"))
                .replace("\"case\":1}", &format!("\"case\":{case}}}"))
                .replace("\"id\":1,", &format!("\"id\":{case},"))
                .replace("local:u0", &format!("local:u{n}"));
            batch.writes.push(Write::Put { coll, key, value: value.into_bytes() });
        }
        if batch.writes.len() > 3_500 || n + 1 == count {
            // The store slows a writer down that runs ahead of its index.
            while let Err(e) = rt.block_on(store.commit(batch.clone())) {
                assert!(e.retryable(), "{e}");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            batch = Batch::default();
        }
    }
    let mut counter = Batch::default();
    counter.put(coll::COUNTERS, "case", &count).expect("counter");
    while rt.block_on(store.commit(counter.clone())).is_err() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    println!("filled {count} in {:.1} s", from.elapsed().as_secs_f64());
    // As after kill -9: no clean end.
    std::process::exit(0);
}

fn open(dir: &Path, count: u64) {
    let me = std::process::id();
    // The fixed parts first, so that only the conversations are counted.
    drop(World::default());
    let (empty, from) = (proc::rss(me), Instant::now());
    let mut w = World::over(dir, 2);
    let opened = from.elapsed().as_secs_f64();
    let user = User::of("u0");
    let hello = Event::Chat(Inbound { conv: dm_conv("u0"), user, what: What::Command { line: "my".to_owned() } });
    w.accept("local", "hello", &hello).expect("accepted");
    println!("{count} open conversations:");
    println!("  start: {opened:.3} s to open, {:.3} s to the first accept", from.elapsed().as_secs_f64());
    w.settle();
    let grown = proc::rss(me) - empty;
    println!("  memory: {grown:.1} MB more, {:.0} bytes per conversation", grown * 1_048_576.0 / count as f64);
    let disk = folder_size(dir);
    println!("  disk: {:.1} MB, {:.0} bytes per conversation", disk as f64 / 1_048_576.0, disk as f64 / count as f64);
    let tokens = tokens(&w, count);
    let mut times: Vec<f64> = tokens
        .iter()
        .map(|(user, token)| {
            let at = Instant::now();
            w.press_token(user, token);
            at.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let q = |q: f64| times.get(((times.len() as f64 - 1.0) * q) as usize).copied().unwrap_or(0.0);
    println!(
        "  a turn (accept, handle, next question sent): p50 {:.2} ms, p99 {:.2} ms, n = {}",
        q(0.5),
        q(0.99),
        times.len()
    );
}

/// Some open prompts: who, and the token of the first button.
fn tokens(w: &World, count: u64) -> Vec<(String, String)> {
    let rt = tokio::runtime::Builder::new_current_thread().build().expect("runtime");
    let dice = Seeded::new(3);
    let mut out = std::collections::BTreeMap::new();
    for _ in 0..count.min(300) {
        let from = format!("{:010}", below(&dice, count));
        let scan = Scan { from, to: String::new(), limit: 1, reverse: false };
        for r in rt.block_on(w.store.scan(coll::PROMPTS, scan)).expect("scan") {
            let prompt: nightbell_desk::records::Prompt = r.decode().expect("prompt");
            let who = prompt.to.first().map_or_else(String::new, |p| p.0.trim_start_matches("local:").to_owned());
            out.insert(prompt.id.clone(), (who, format!("p:{}:0", prompt.id)));
        }
    }
    out.into_values().collect()
}

fn folder_size(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|e| if e.path().is_dir() { folder_size(&e.path()) } else { e.metadata().map_or(0, |m| m.len()) }).sum()
}
