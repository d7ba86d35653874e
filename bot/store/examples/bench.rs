//! The writer and the reader of the crash tests: `bench --dir D [--prefix P] [--limit N] [--crash-at C]`, `keys --dir D`.

use nightbell_store::embedded::{Options, ops};
use std::io::Write;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let (mut dir, mut prefix, mut limit, mut options) = (PathBuf::new(), "k".to_owned(), u64::MAX, Options::default());
    while let Some(flag) = args.next() {
        let mut value = || args.next().ok_or("a flag without value");
        match flag.as_str() {
            "--dir" => dir = value()?.into(),
            "--prefix" => prefix = value()?,
            "--limit" => limit = value()?.parse()?,
            "--crash-at" => options.crash_at = Some(value()?.parse()?),
            "--acks" => {}
            _ => return Err(format!("unknown flag {flag}").into()),
        }
    }
    let mut out = std::io::stdout().lock();
    match command.as_str() {
        "bench" => ops::bench_writer(&dir, &prefix, options, limit, |key| {
            // A closed pipe means that nobody counts any more.
            let _ = writeln!(out, "ACK {key}").and_then(|()| out.flush());
        })?,
        "keys" => ops::keys(&dir, |key| {
            let _ = writeln!(out, "{key}");
        })?,
        "verify" => println!("{:#?}", ops::verify(&dir)?),
        _ => return Err("bench, keys or verify".into()),
    }
    Ok(())
}
