//! Prints one JSON line per mail below the paths given, as `nightbell triage --json` does.

use nightbell_core::Coded;
use nightbell_mail::{Campaigns, Context, Kind, analyse_with_sketch, detect, json_line};
use std::path::{Path, PathBuf};

fn walk(p: &Path, out: &mut Vec<PathBuf>) {
    if p.is_dir() {
        let mut names: Vec<_> = std::fs::read_dir(p).into_iter().flatten().flatten().map(|e| e.path()).collect();
        names.sort();
        for n in names {
            walk(&n, out);
        }
    } else {
        out.push(p.to_owned());
    }
}

fn main() {
    let mut files = Vec::new();
    for a in std::env::args().skip(1) {
        walk(Path::new(&a), &mut files);
    }
    let ctx = Context::default();
    let mut groups = Campaigns::new();
    let mut times = Vec::new();
    for f in &files {
        let Ok(bytes) = std::fs::read(f) else { continue };
        let name = f.display().to_string();
        let start = std::time::Instant::now();
        let kind = match detect(&bytes, &name) {
            Kind::PastedText => Kind::Eml,
            k => k,
        };
        let result = analyse_with_sketch(&bytes, kind, &ctx);
        times.push((start.elapsed(), name.clone()));
        match result {
            Ok((mut a, sketch)) => {
                a.campaign = sketch.map(|s| groups.place(&s));
                println!("{}", json_line(&name, &a));
            }
            Err(e) => println!(
                "{}",
                serde_json::json!({"path": name, "error": {"code": e.code().0, "message": e.to_string()}})
            ),
        }
    }
    times.sort();
    if let (Some(mid), Some(max)) = (times.get(times.len() / 2), times.last()) {
        let p95 = times.get(times.len() * 95 / 100).map(|t| t.0);
        eprintln!("{} mails, median {:?}, p95 {:?}, slowest {:?} {}", times.len(), mid.0, p95, max.0, max.1);
    }
}
