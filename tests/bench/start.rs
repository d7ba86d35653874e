//! Start to open port, memory when idle, size on disk.

#![allow(clippy::expect_used, clippy::panic, reason = "a bench ends by panicking")]

use nightbell_tests::process::{Process, binary, config};
use nightbell_tests::service::Services;
use std::time::{Duration, Instant};

#[path = "proc.rs"]
mod proc;

fn main() {
    let Some(bin) = binary() else { panic!("build the binary first: cargo build --release -p nightbell") };
    let rounds: usize = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(20);
    let services = Services::start();
    let mut fresh = Vec::new();
    let mut again = Vec::new();
    let mut memory = Vec::new();
    for n in 0..rounds {
        let mut p = Process::new(&bin, &config(&services), None);
        for times in [&mut fresh, &mut again] {
            let from = Instant::now();
            p.start();
            times.push(from.elapsed().as_secs_f64() * 1000.0);
            if n < 3 {
                std::thread::sleep(Duration::from_secs(2));
                memory.push(proc::rss(p.pid().expect("running")));
            }
            p.kill();
        }
    }
    let size = std::fs::metadata(&bin).map_or(0, |m| m.len());
    println!("{}", bin.display());
    println!("start to open port, empty folder: {}", spread(&mut fresh, "ms"));
    println!("start to open port, after kill -9: {}", spread(&mut again, "ms"));
    println!("memory when idle: {}", spread(&mut memory, "MB"));
    println!("binary: {:.1} MB", size as f64 / 1_048_576.0);
}

fn spread(values: &mut [f64], unit: &str) -> String {
    values.sort_by(f64::total_cmp);
    let at = |q: f64| values.get(((values.len() as f64 - 1.0) * q) as usize).copied().unwrap_or(0.0);
    format!("{:.1} {unit} (fastest {:.1}, slowest {:.1}, n = {})", at(0.5), at(0.0), at(1.0), values.len())
}
