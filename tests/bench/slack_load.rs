//! Load over HTTP, and the times it took. All requests are made before the clock starts, so signing them is not in it.

use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Barrier, mpsc};

/// Connections over HTTP, and envelopes under way over a socket.
pub const UNDER_WAY: usize = 64;

/// How fast.
#[derive(Clone, Copy)]
pub enum Pace {
    /// The next one when one was acknowledged.
    Closed,
    /// So many in a second whatever the server does; times count from when a request was due.
    Rate(u64),
}

/// What came out.
#[derive(Clone, Default)]
pub struct Times {
    /// From the first to the last.
    pub seconds: f64,
    /// Half of the acknowledgements took at most so many milliseconds.
    pub p50: f64,
    /// 99 of 100.
    pub p99: f64,
    /// All of them.
    pub max: f64,
}

impl Times {
    /// From all durations.
    pub fn of(mut all: Vec<Duration>, seconds: f64) -> Self {
        all.sort();
        let ms =
            |q: f64| all.get((all.len() as f64 * q) as usize).or(all.last()).map_or(0.0, |d| d.as_secs_f64() * 1000.0);
        Self { seconds, p50: ms(0.5), p99: ms(0.99), max: ms(1.0) }
    }
}

/// Hands out numbers at the instants they are due. A thread, because timers of the runtime are a millisecond coarse.
pub fn pacer(count: usize, rate: u64, mut give: impl FnMut(usize, Instant) + Send + 'static) {
    std::thread::spawn(move || {
        let from = Instant::now();
        for n in 0..count {
            let due = from + Duration::from_nanos(1_000_000_000 / rate) * u32::try_from(n).unwrap_or(u32::MAX);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            give(n, due);
        }
    });
}

/// Sends all requests over 64 connections.
pub async fn http(address: &str, requests: Vec<Vec<u8>>, pace: Pace) -> Times {
    let mut lines = Vec::new();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..UNDER_WAY {
        let (tx, mut rx) = mpsc::unbounded_channel::<(Vec<u8>, Option<Instant>)>();
        lines.push(tx);
        let mut stream = connect(address).await;
        tasks.spawn(async move {
            let mut took = Vec::new();
            while let Some((bytes, due)) = rx.recv().await {
                let at = due.unwrap_or_else(Instant::now);
                stream.write_all(&bytes).await.expect("write");
                answer(&mut stream).await;
                took.push(at.elapsed());
            }
            took
        });
    }
    let from = Instant::now();
    match pace {
        // Shares of equal size: what is closed is each connection.
        Pace::Closed => {
            for (n, bytes) in requests.into_iter().enumerate() {
                let _ = lines[n % UNDER_WAY].send((bytes, None));
            }
            drop(lines);
        }
        Pace::Rate(rate) => {
            let mut requests = requests;
            pacer(requests.len(), rate, move |n, due| {
                let _ = lines[n % UNDER_WAY].send((std::mem::take(&mut requests[n]), Some(due)));
            });
        }
    }
    let all = tasks.join_all().await.into_iter().flatten().collect();
    Times::of(all, from.elapsed().as_secs_f64())
}

/// Sends all at the same moment, each over a connection of its own that is open already.
pub async fn burst(address: &str, requests: Vec<Vec<u8>>) -> Times {
    let start = std::sync::Arc::new(Barrier::new(requests.len()));
    let mut tasks = tokio::task::JoinSet::new();
    for bytes in requests {
        let mut stream = connect(address).await;
        let start = std::sync::Arc::clone(&start);
        tasks.spawn(async move {
            start.wait().await;
            let at = Instant::now();
            stream.write_all(&bytes).await.expect("write");
            answer(&mut stream).await;
            at.elapsed()
        });
    }
    let from = Instant::now();
    let all = tasks.join_all().await;
    Times::of(all, from.elapsed().as_secs_f64())
}

async fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).await.expect("connect");
    stream.set_nodelay(true).expect("nodelay");
    stream
}

/// Reads one answer, which has to be 200.
async fn answer(stream: &mut TcpStream) {
    let mut text = Vec::with_capacity(1024);
    loop {
        assert!(stream.read_buf(&mut text).await.expect("read") > 0, "the server closed the connection");
        let shown = String::from_utf8_lossy(&text);
        let Some((head, body)) = shown.split_once("\r\n\r\n") else { continue };
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let whole = match length {
            Some(n) => body.len() >= n,
            None => !head.contains("transfer-encoding: chunked") || body.ends_with("0\r\n\r\n"),
        };
        if whole {
            assert!(head.starts_with("http/1.1 200"), "{shown}");
            return;
        }
    }
}
