//! Asks a folder of policies: `ask --docs DIR (--batch FILE.jsonl | QUESTION)`, as the binary's `ask --json` does.
//!
//! An `ask` or `--json` argument is accepted and ignored, so that a scorer may call it like the binary. `--times` prints
//! index and query times to standard error, `--features` the values behind the confidence.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::print_stderr)]

use nightbell_knowledge::{AskLine, Index, IndexOptions};
use std::path::Path;
use std::time::Instant;

fn read_folder(root: &Path, at: &Path, out: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(at).expect("folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_folder(root, &path, out);
        } else if path.extension().is_some_and(|e| e == "md") {
            let name = path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/");
            out.push((name, std::fs::read_to_string(&path).expect("text")));
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (mut docs, mut batch, mut question, mut times, mut features) = (None, None, None, false, false);
    while let Some(a) = arguments.next() {
        match a.as_str() {
            "--docs" => docs = arguments.next(),
            "--batch" => batch = arguments.next(),
            "--times" => times = true,
            "--features" => features = true,
            "ask" | "--json" => {}
            _ => question = Some(a),
        }
    }
    let root = docs.expect("--docs DIR");
    let mut list = Vec::new();
    read_folder(Path::new(&root), Path::new(&root), &mut list);
    let started = Instant::now();
    let index = Index::build(list, IndexOptions::default());
    let built = started.elapsed();
    let questions: Vec<(Option<String>, String)> = match batch {
        Some(file) => std::fs::read_to_string(file)
            .expect("batch")
            .lines()
            .filter(|l| !l.trim().is_empty())
            .map(|l| {
                let v: serde_json::Value = serde_json::from_str(l).expect("JSON");
                let text = |k: &str| v.get(k).and_then(|x| x.as_str()).map(str::to_owned);
                (text("id"), text("question").unwrap_or_default())
            })
            .collect(),
        None => vec![(None, question.expect("a question"))],
    };
    let mut spent = Vec::new();
    for (id, q) in questions {
        if features {
            println!("{}", serde_json::json!({"id": id, "question": q, "features": index.probe(&q).0}));
            continue;
        }
        let t = Instant::now();
        let answer = index.ask(&q);
        spent.push(t.elapsed());
        println!("{}", serde_json::to_string(&AskLine::new(id, answer)).expect("serialises"));
    }
    if times && !spent.is_empty() {
        spent.sort();
        let at = |p: usize| spent.get((spent.len() * p / 100).min(spent.len() - 1)).copied().unwrap_or_default();
        eprintln!("documents {} index {built:?} query p50 {:?} p99 {:?}", index.len(), at(50), at(99));
    }
}
