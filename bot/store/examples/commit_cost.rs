//! What a durable commit costs: `commit_cost [seconds] [writers]` prints commits per second, CPU per commit and group
//! size; `commit_cost memory` the memory of 100,000 records and how long opening takes.

use nightbell_core::port::store::{Batch, Store, Write};
use nightbell_store::embedded::{Embedded, Options};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn cpu() -> Duration {
    let mut nanos = 0;
    for task in std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let text = std::fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
        nanos += text.split(' ').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
    }
    Duration::from_nanos(nanos)
}

fn rss_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}

fn event(i: u64, keep: bool) -> Batch {
    let mut batch = Batch::default();
    let key = format!("{i:016x}");
    batch.absent("seen", &key);
    batch.writes.push(Write::Put { coll: "seen", key: key.clone(), value: b"1".to_vec() });
    batch.writes.push(Write::Put { coll: if keep { "talk" } else { "inbox" }, key, value: vec![b'x'; 1200] });
    batch
}

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::temp_dir().join(format!("commit-cost-{}", std::process::id()));
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("memory") => memory(&dir).await,
        _ => commits(&dir).await,
    };
    std::fs::remove_dir_all(&dir)?;
    outcome
}

async fn commits(dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<u64>());
    let seconds = args.next().transpose()?.unwrap_or(3);
    let writers = args.next().transpose()?.unwrap_or(64);
    let store = Embedded::open(dir, Options::default())?;
    let base = rss_kib();
    for (name, clear) in [("kept", false), ("short-lived", true)] {
        let counter = Arc::new(AtomicU64::new(if clear { 1 << 40 } else { 0 }));
        let (start, cpu_before, groups) = (Instant::now(), cpu(), store.durable_writes());
        let until = start + Duration::from_secs(seconds);
        let mut tasks = Vec::new();
        for _ in 0..writers {
            let (store, counter) = (store.clone(), counter.clone());
            tasks.push(tokio::spawn(async move {
                let (mut commits, mut slowest) = (0_u64, Duration::ZERO);
                while Instant::now() < until {
                    let i = counter.fetch_add(1, Ordering::Relaxed);
                    let begun = Instant::now();
                    store.commit(event(i, !clear)).await?;
                    slowest = slowest.max(begun.elapsed());
                    commits += 1;
                    if clear {
                        let mut batch = Batch::default();
                        batch.delete("inbox", format!("{i:016x}"));
                        store.commit(batch).await?;
                        commits += 1;
                    }
                }
                Ok::<_, nightbell_core::port::store::StoreError>((commits, slowest))
            }));
        }
        let (mut commits, mut slowest) = (0, Duration::ZERO);
        for task in tasks {
            let (n, slow) = task.await??;
            commits += n;
            slowest = slowest.max(slow);
        }
        let (wall, used) = (start.elapsed(), cpu().saturating_sub(cpu_before));
        let groups = store.durable_writes() - groups;
        println!(
            "{name}: {:.0} commits/s, {:.1} us CPU per commit, {:.1} commits per fdatasync, slowest {slowest:?}",
            commits as f64 / wall.as_secs_f64(),
            used.as_secs_f64() * 1e6 / commits as f64,
            commits as f64 / groups as f64,
        );
    }
    let quiet = cpu();
    tokio::time::sleep(Duration::from_secs(8)).await;
    println!(
        "left to do afterwards: {:?} CPU in 8 s, RSS {} KiB (at start {base})",
        cpu().saturating_sub(quiet),
        rss_kib()
    );
    store.close().await?;
    Ok(())
}

async fn memory(dir: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let store = Embedded::open(dir, Options::default())?;
    let before = rss_kib();
    for chunk in 0..1000_u64 {
        let mut batch = Batch::default();
        for i in chunk * 100..chunk * 100 + 100 {
            let value = vec![b'x'; 1000];
            batch.writes.push(Write::Put { coll: "talk", key: format!("{i:016x}"), value });
        }
        store.commit(batch).await?;
    }
    println!("100,000 records of 1,000 bytes: RSS {before} -> {} KiB", rss_kib());
    tokio::time::sleep(Duration::from_secs(8)).await;
    println!("8 s later: {} KiB", rss_kib());
    store.close().await?;
    let begun = Instant::now();
    let store = Embedded::open(dir, Options::default())?;
    println!("opening it again: {:?}, RSS {} KiB", begun.elapsed(), rss_kib());
    drop(store);
    let begun = Instant::now();
    drop(Embedded::open(dir, Options::default())?);
    println!("after an unclean end: {:?}", begun.elapsed());
    std::fs::remove_dir_all(dir.join("index"))?;
    let begun = Instant::now();
    let store = Embedded::open(dir, Options::default())?;
    println!("with the index deleted: {:?}, {:?}", begun.elapsed(), store.report().rebuilt);
    Ok(())
}
