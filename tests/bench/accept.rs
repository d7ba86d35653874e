//! What accepting an alert costs: signed posts over 64 connections to the real binary, beside a bare HTTP server that
//! answers 200 and keeps nothing. Processor time is the server's own, from `/proc`; this generator is another process.

#![allow(clippy::expect_used, clippy::panic, reason = "a bench ends by panicking")]

use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use nightbell_tests::process::{Process, binary, config};
use nightbell_tests::service::Services;
use sha2::Sha256;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[path = "proc.rs"]
mod proc;
#[path = "serve.rs"]
mod serve;

const SECRET: &str = "a-secret-for-tests-only";
const CONNECTIONS: u64 = 64;

fn main() {
    let arg = std::env::args().nth(1).unwrap_or_default();
    if arg == "--bare" {
        return bare();
    }
    if arg == "--accept" {
        return serve::accept_only(SECRET);
    }
    let events: u64 = arg.parse().unwrap_or(20_000);
    let Some(bin) = binary() else { panic!("build the binary first: cargo build --release -p nightbell") };
    println!("{} with {events} alerts of 1.1 KB over {CONNECTIONS} connections", bin.display());
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");

    let bare_cpu = served("--bare", "bare http server, keeps nothing", &rt, events);
    let accept_cpu = served("--accept", "accept path alone: verify, dedupe, durable, 200", &rt, events);
    println!("  ratio to the bare server: {:.1}x CPU", accept_cpu / bare_cpu.max(1e-9));

    let services = Services::start();
    let mut p = Process::new(&bin, &config(&services), None);
    p.start();
    let pid = p.pid().expect("running");
    let url = p.url().trim_start_matches("http://").to_owned();
    rt.block_on(load(&url, 200, "warm"));
    proc::until_idle(pid);
    // Every alert again and again: signature, parse, and the refusal of the repeat. No new work for the desk.
    let before = proc::cpu(pid);
    let known = rt.block_on(load(&url, events.min(200), "warm"));
    let known_cpu = proc::cpu(pid) - before;
    print("nightbell, repeats only", &known, known_cpu, events.min(200));
    let before = proc::cpu(pid);
    let fresh = rt.block_on(load(&url, events, "fresh"));
    let at_ack = proc::cpu(pid) - before;
    print("nightbell, durable before 200 (the desk works beside it)", &fresh, at_ack, events);
    let drained = proc::until_idle(pid);
    let all = proc::cpu(pid) - before;
    println!(
        "  handled as well: {:.3} ms CPU per event, idle {drained:.1} s after the last answer",
        all * 1000.0 / events as f64
    );
    println!("ratio to the bare server at the acknowledgement: {:.1}x CPU", at_ack / bare_cpu.max(1e-9));
}

fn print(name: &str, times: &Times, cpu: f64, events: u64) {
    println!("{name}:");
    println!(
        "  {:.3} ms CPU per event, {:.0} events/s, p50 {:.2} ms, p99 {:.2} ms",
        cpu * 1000.0 / events as f64,
        events as f64 / times.seconds,
        times.p50,
        times.p99
    );
}

/// Serves nothing, as fast as it can; its address on stdout.
fn bare() {
    let rt = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    rt.block_on(async {
        let router =
            axum::Router::new().route(
                "/hooks/{name}",
                post(|body: axum::body::Bytes| async move {
                    if body.is_empty() { "no" } else { "{\"status\":\"accepted\"}" }
                }),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        println!("{}", listener.local_addr().expect("address"));
        let _ = axum::serve(listener, router).await;
    });
}

/// Measures one of our own servers in a process of its own; its CPU seconds.
fn served(mode: &str, name: &str, rt: &tokio::runtime::Runtime, events: u64) -> f64 {
    let mut child = child(mode);
    rt.block_on(load(&child.1, 500, "warm"));
    let before = proc::cpu(child.0.id());
    let times = rt.block_on(load(&child.1, events, "measured"));
    let cpu = proc::cpu(child.0.id()) - before;
    let _ = child.0.kill();
    let _ = child.0.wait();
    print(name, &times, cpu, events);
    cpu
}

fn child(mode: &str) -> (Child, String) {
    let me = std::env::current_exe().expect("own path");
    let mut child = Command::new(me).arg(mode).stdout(Stdio::piped()).spawn().expect("start");
    let line = BufReader::new(child.stdout.take().expect("stdout")).lines().next().expect("a line").expect("text");
    (child, line)
}

struct Times {
    seconds: f64,
    p50: f64,
    p99: f64,
}

fn request(n: u64, run: &str, key: &Hmac<Sha256>, now: u64) -> Vec<u8> {
    let filler = "Sign-in from a place that was never seen before for this account. ".repeat(13);
    let body = format!(
        r#"{{"id":"{run}-{n}","rule":{{"id":"odd-sign-in","name":"Odd sign-in"}},"severity":"low","user":"person{n}@example.com","host":"host-{n}","source_ip":"203.0.113.{}","summary":"{filler}"}}"#,
        n % 250
    );
    let mut mac = key.clone();
    mac.update(format!("v1:{now}:{body}").as_bytes());
    let signature = mac.finalize().into_bytes().iter().fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    });
    format!(
        "POST /hooks/siem HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nx-nightbell-timestamp: {now}\r\nx-nightbell-signature: v1={signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

async fn load(address: &str, events: u64, run: &str) -> Times {
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("key");
    let next = Arc::new(AtomicU64::new(0));
    let from = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let (address, run, key, next) = (address.to_owned(), run.to_owned(), key.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let mut stream = TcpStream::connect(&address).await.expect("connect");
            stream.set_nodelay(true).expect("nodelay");
            let mut took = Vec::new();
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= events {
                    return took;
                }
                let bytes = request(n, &run, &key, proc::unix_time());
                let at = Instant::now();
                stream.write_all(&bytes).await.expect("write");
                answer(&mut stream).await;
                took.push(at.elapsed());
            }
        });
    }
    let mut all: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
    let seconds = from.elapsed().as_secs_f64();
    all.sort();
    let ms = |q: f64| all.get((all.len() as f64 * q) as usize).or(all.last()).map_or(0.0, |d| d.as_secs_f64() * 1000.0);
    Times { seconds, p50: ms(0.5), p99: ms(0.99) }
}

async fn answer(stream: &mut TcpStream) {
    let mut text = Vec::with_capacity(1024);
    loop {
        let mut buffer = [0u8; 2048];
        let n = stream.read(&mut buffer).await.expect("read");
        assert!(n > 0, "the server closed the connection");
        text.extend_from_slice(buffer.get(..n).unwrap_or_default());
        let shown = String::from_utf8_lossy(&text);
        if let Some((head, body)) = shown.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|l| {
                l.to_ascii_lowercase().strip_prefix("content-length:").and_then(|v| v.trim().parse::<usize>().ok())
            });
            if body.len() >= length.unwrap_or(0) {
                assert!(head.starts_with("HTTP/1.1 200"), "{shown}");
                return;
            }
        }
    }
}
