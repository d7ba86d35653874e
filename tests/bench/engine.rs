//! Engine: durable runs per second and CPU per step, journal bytes per step, and how fast waiting runs come back.
//!
//! `cargo run --release -p nightbell-tests --example bench-engine -- [RUNS]`
//!
//! One run is one row of state and one journal row per input, committed to the embedded store before the next input
//! is taken: what the desk does for a run, without the chat and the case around it. Prints CPU and ratios, asserts
//! nothing about time.

#![allow(clippy::expect_used, reason = "a bench may stop where something fails")]

#[path = "proc.rs"]
mod proc;

use nightbell_core::action::Outcome;
use nightbell_core::port::store::{Batch, Scan, Store, Write};
use nightbell_playbooks::api::{Effect, Input, Start};
use nightbell_playbooks::{Advance, Playbook, Run, builtin, load};
use nightbell_store::embedded::{Embedded, Options};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Processor time of this process so far, in milliseconds.
fn cpu_ms() -> f64 {
    proc::cpu(std::process::id()) * 1000.0
}

/// Five and eight steps: half of them calls that come back at once, the other half work of the engine itself.
fn text(steps: usize) -> String {
    let mut out = String::from(
        "nightbell: 1\nid: bench\nversion: 1.0.0\nname: Bench\ninputs: { host: { type: string, required: true } }\nsteps:\n",
    );
    for n in 1..steps {
        let step = match n % 2 {
            1 => format!("  - {{ id: look_{n}, uses: host.lookup, with: {{ host: \"{{{{ inputs.host }}}}\" }} }}\n"),
            _ => format!(
                "  - {{ id: note_{n}, if: \"steps.look_{}.outputs.online\", set: {{ seen_{n}: \"{{{{ steps.look_{}.outputs.name }}}}\" }} }}\n",
                n - 1,
                n - 1
            ),
        };
        out.push_str(&step);
    }
    out.push_str("  - { id: fin, end: { outcome: done } }\n");
    out
}

fn batch(id: &str, records: &mut u32, run: &Run, advance: &Advance, bytes: &AtomicU64) -> Batch {
    let state = serde_json::to_vec(run).expect("state");
    let log = serde_json::to_vec(&advance.records).expect("records");
    bytes.fetch_add(log.len() as u64, Ordering::Relaxed);
    let key = format!("{id}/{records:08}");
    *records += u32::try_from(advance.records.len()).unwrap_or(u32::MAX);
    let writes = vec![
        Write::Put { coll: "runlog", key, value: log },
        Write::Put { coll: "run", key: id.to_owned(), value: state },
    ];
    Batch { writes, ..Batch::default() }
}

async fn one(store: Arc<Embedded>, pb: Arc<Playbook>, id: String, bytes: Arc<AtomicU64>, commits: Arc<AtomicU64>) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let mut start = Start::new(id.clone(), json!({"kind": "command"}));
    start.inputs.insert("host".to_owned(), json!("ws-1"));
    let (mut run, mut advance) = Run::start(&pb, start, now).expect("starts");
    let mut records = 0;
    loop {
        store.commit(batch(&id, &mut records, &run, &advance, &bytes)).await.expect("durable");
        commits.fetch_add(1, Ordering::Relaxed);
        let call = advance.effects.iter().find_map(|e| match e {
            Effect::Call { path, attempt, .. } => Some((path.clone(), *attempt)),
            _ => None,
        });
        let Some((path, attempt)) = call else { break };
        let outcome = Outcome::Done { outputs: json!({"name": "ws-1", "online": true, "critical": false}) };
        advance = run.advance(&pb, Input::CallEnded { path, attempt, outcome }, now).expect("advances");
    }
    assert!(run.status().ended());
}

async fn durable(steps: usize, runs: u64, at_once: usize) {
    let dir = tempfile::tempdir().expect("folder");
    let store = Arc::new(Embedded::open(dir.path(), Options::default()).expect("store"));
    let pb = Arc::new(load("bench.yaml", &text(steps), &builtin::manifests()).expect("loads").playbook);
    let (bytes, commits) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (cpu, clock) = (cpu_ms(), Instant::now());
    let turn = Arc::new(tokio::sync::Semaphore::new(at_once));
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..runs {
        let permit = Arc::clone(&turn).acquire_owned().await.expect("open");
        let (store, pb) = (Arc::clone(&store), Arc::clone(&pb));
        let (bytes, commits) = (Arc::clone(&bytes), Arc::clone(&commits));
        tasks.spawn(async move {
            one(store, pb, format!("r{n:08}"), bytes, commits).await;
            drop(permit);
        });
    }
    while tasks.join_next().await.is_some() {}
    let (wall, cpu) = (clock.elapsed().as_secs_f64(), cpu_ms() - cpu);
    let all = runs * steps as u64;
    println!(
        "{steps} steps, {at_once:>3} at once: {:>8.0} runs/s, {:.4} ms CPU per step, {:.3} ms per step, {} bytes of records per step, {:.1} commits per run",
        runs as f64 / wall,
        cpu / all as f64,
        wall * 1000.0 / all as f64,
        bytes.load(Ordering::Relaxed) / all,
        commits.load(Ordering::Relaxed) as f64 / runs as f64,
    );
    store.close().await.expect("closes");
}

fn engine_alone(steps: usize, runs: u64) {
    let pb = load("bench.yaml", &text(steps), &builtin::manifests()).expect("loads").playbook;
    let now = jiff::Timestamp::UNIX_EPOCH;
    let cpu = cpu_ms();
    for n in 0..runs {
        let mut start = Start::new(format!("r{n}"), json!({"kind": "command"}));
        start.inputs.insert("host".to_owned(), json!("ws-1"));
        let (mut run, mut advance) = Run::start(&pb, start, now).expect("starts");
        while let Some((path, attempt)) = advance.effects.iter().find_map(|e| match e {
            Effect::Call { path, attempt, .. } => Some((path.clone(), *attempt)),
            _ => None,
        }) {
            let outcome = Outcome::Done { outputs: json!({"name": "ws-1", "online": true, "critical": false}) };
            advance = run.advance(&pb, Input::CallEnded { path, attempt, outcome }, now).expect("advances");
        }
    }
    println!("{steps} steps, engine alone: {:.4} ms CPU per step", (cpu_ms() - cpu) / (runs * steps as u64) as f64);
}

/// Waiting runs: written, the store closed, opened again, every run read and resumed.
async fn resume(runs: u64) {
    let dir = tempfile::tempdir().expect("folder");
    let waits = "nightbell: 1\nid: bench\nversion: 1.0.0\nname: Bench\nsteps:\n  - { id: q, ask: { to: \"role:on-call\", form: [{ id: a, type: boolean, label: ok?, required: true }] }, timeout: 24h, on_timeout: continue }\n";
    let pb = load("bench.yaml", waits, &builtin::manifests()).expect("loads").playbook;
    let now = jiff::Timestamp::UNIX_EPOCH;
    let bytes = AtomicU64::new(0);
    {
        let store = Embedded::open(dir.path(), Options::default()).expect("store");
        for n in 0..runs {
            let id = format!("r{n:08}");
            let (run, advance) = Run::start(&pb, Start::new(id.clone(), json!({})), now).expect("starts");
            store.commit(batch(&id, &mut 0, &run, &advance, &bytes)).await.expect("durable");
        }
        store.close().await.expect("closes");
    }
    let (clock, cpu) = (Instant::now(), cpu_ms());
    let store = Embedded::open(dir.path(), Options::default()).expect("store");
    let rows = store.scan("run", Scan::all(runs as usize)).await.expect("rows");
    let mut timers = 0;
    for row in &rows {
        let mut run: Run = serde_json::from_slice(&row.value).expect("state");
        run.resume(&pb, now).expect("resumes");
        timers += run.timers().len();
    }
    println!(
        "{} waiting runs: open, read and resume {:.0} ms wall, {:.0} ms CPU, {timers} timers",
        rows.len(),
        clock.elapsed().as_secs_f64() * 1000.0,
        cpu_ms() - cpu
    );
}

#[tokio::main]
async fn main() {
    let runs: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(5_000);
    engine_alone(5, runs);
    engine_alone(8, runs);
    durable(5, runs / 20, 1).await;
    durable(5, runs * 2, 100).await;
    durable(8, runs / 20, 1).await;
    durable(8, runs, 100).await;
    resume(10_000).await;
}
