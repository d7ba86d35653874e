//! Feeds the analysis with broken mails made from a seed: the same seed gives the same inputs.
//!
//! ```text
//! cargo run --release -p nightbell-mail --example fuzz-mail -- [--inputs N] [--seconds T] [--seed S] [FOLDER ...]
//! ```
//! The mails below the folders are the beginnings; without any, those of `tests/`. An input that panics or takes longer
//! than its bound, three times measured, is written to the temporary folder and the exit code is 1.

use nightbell_mail::{Context, Limits, analyse, evidence, unpack};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Longest processor time for one input, which is at most [`MAX_INPUT`] long.
const BOUND: Duration = Duration::from_millis(250);
/// Longest input made; beginnings may be longer.
const MAX_INPUT: usize = 512 * 1024;
/// What breaks readers.
const NASTY: &[&[u8]] = &[
    b"\r\n\r\n",
    b"\0\0\0\0",
    b"=?utf-8?q?",
    b"?=",
    b"--",
    b"Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"<<<<<<<<",
    b"&#x1f4a9;&#0;&#xffffffff;",
    b"\xff\xfe\xfd",
    b"(((((((((((",
    b"From: a@b.example\r\nFrom: c@d.example\r\n",
    b"begin 644 x\r\n",
    b"BEGIN:VCALENDAR\r\n",
    b"%PDF-1.7\n1 0 obj<</Type/ObjStm/N 99999>>stream\n",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"\x89PNG\r\n\x1a\n",
    b"http://a@b:c@[::1]:99999/%%%2525",
    b"\xe2\x80\xae",
];

struct Dice(u64);

impl Dice {
    /// SplitMix64 (S. Vigna, public domain).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % (n.max(1) as u64)) as usize
    }
}

fn main() -> ExitCode {
    let (mut inputs, mut seconds, mut seed, mut folders) = (200_000_u64, 3_600_u64, 1_u64, Vec::new());
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        let mut number = || given.next().and_then(|v| v.replace('_', "").parse().ok());
        match word.as_str() {
            "--inputs" => inputs = number().unwrap_or(inputs),
            "--seconds" => seconds = number().unwrap_or(seconds),
            "--seed" => seed = number().unwrap_or(seed),
            path => folders.push(PathBuf::from(path)),
        }
    }
    if folders.is_empty() {
        folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    }
    let mut seeds = Vec::new();
    for f in &folders {
        collect(f, &mut seeds);
    }
    if seeds.is_empty() {
        eprintln!("no mails below {folders:?}");
        return ExitCode::from(2);
    }
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let (mut done, mut harm, mut slowest) = (0, 0, Duration::ZERO);
    for index in 0..inputs {
        if began.elapsed().as_secs() >= seconds {
            break;
        }
        let bytes = made(&seeds, seed, index);
        let (panicked, took) = feed(&bytes);
        slowest = slowest.max(took);
        done += 1;
        if panicked || took > BOUND {
            harm += 1;
            let path = std::env::temp_dir().join(format!("fuzz-mail-{seed}-{index}.eml"));
            let kept = std::fs::write(&path, &bytes).map_or_else(|e| e.to_string(), |()| path.display().to_string());
            println!("input {index}: {}: {kept}", if panicked { "panics".to_owned() } else { format!("{took:?}") });
        }
    }
    println!(
        "{done} inputs of {} beginnings in {:.0} s, seed {seed}, slowest {slowest:?}, most memory {}, {harm} did harm",
        seeds.len(),
        began.elapsed().as_secs_f64(),
        memory()
    );
    ExitCode::from(u8::from(harm > 0))
}

fn collect(path: &Path, out: &mut Vec<Vec<u8>>) {
    if path.is_dir() {
        let mut inside: Vec<PathBuf> =
            std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.path()).collect();
        inside.sort();
        for p in &inside {
            collect(p, out);
        }
    } else if path.extension().is_none_or(|x| x != "rs")
        && let Ok(bytes) = std::fs::read(path)
        && !bytes.is_empty()
    {
        out.push(bytes);
    }
}

/// One input: a beginning with up to eight changes, now and then with a piece of another.
fn made(seeds: &[Vec<u8>], seed: u64, index: u64) -> Vec<u8> {
    let mut dice = Dice(seed ^ index.wrapping_mul(0x2545_f491_4f6c_dd1d));
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(8) {
        let at = dice.below(bytes.len() + 1);
        let end = (at + dice.below(200)).min(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, NASTY[dice.below(NASTY.len())].iter().copied())),
            3 => {
                let piece: Vec<u8> = bytes.get(at..end).unwrap_or_default().repeat(1 + dice.below(200));
                drop(bytes.splice(at..at, piece));
            }
            4 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len());
                let to = (from + dice.below(4_000)).min(other.len());
                drop(bytes.splice(at..end, other[from..to].iter().copied()));
            }
            5 => drop(bytes.splice(
                at..at,
                std::iter::repeat_n(b"<>()[]{}=&%\"'\\:;,. \t\r\n"[dice.below(22)], dice.below(20_000)),
            )),
            _ => {
                for _ in 0..=dice.below(16) {
                    let i = dice.below(bytes.len());
                    if let Some(b) = bytes.get_mut(i) {
                        *b = dice.next() as u8;
                    }
                }
            }
        }
        bytes.truncate(MAX_INPUT);
    }
    bytes
}

/// Whether it panics, and the shortest of up to three times.
fn feed(bytes: &[u8]) -> (bool, Duration) {
    let ctx = Context {
        own_domains: vec!["corp.example".into()],
        gateways: vec!["mx.corp.example".into()],
        ..Context::default()
    };
    let mut best = Duration::MAX;
    for _ in 0..3 {
        let from = cpu();
        let result = catch_unwind(AssertUnwindSafe(|| {
            for item in unpack(bytes, "mail.eml", &Limits::default()).into_iter().flatten() {
                let _ = analyse(&item.bytes, item.kind, &ctx);
                let _ = evidence(&item.bytes, item.kind, &ctx);
            }
        }));
        best = best.min(cpu().saturating_sub(from));
        if result.is_err() {
            return (true, best);
        }
        if best <= BOUND {
            break;
        }
    }
    (false, best)
}

/// Processor time of this thread, so that a busy machine does no harm to the figures; wall time where it cannot be told.
fn cpu() -> Duration {
    static BEGAN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.as_deref().and_then(|s| s.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGAN.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

/// The most memory that the process ever had, as Linux tells it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned()
}
