//! Fits the weights of `src/policy/trust.rs` on our own policies and questions (`corpus/`, and the demo policies), prints
//! them in the order of `FEATURE_NAMES` with the bias first, and ends with 1 when those in the source differ:
//! `cargo run --release -p nightbell-knowledge --example fit`.
//!
//! A question counts as 1 when its evidence stands in a quote, else 0: a wrong answer is as bad as an answer to what is
//! not covered. Logistic regression with an L2 penalty by plain gradient descent. The printed AUC and the table of
//! thresholds leave one company out at a time: its questions are judged by weights fitted on the others.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

use nightbell_knowledge::{
    Index, IndexOptions,
    policy::{FEATURE_NAMES, FITTED},
};
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::ExitCode;

const PENALTY: f64 = 0.004;
/// How far a weight in the source may be from the fitted one.
const NEAR: f64 = 0.02;

struct Row {
    company: String,
    x: Vec<f64>,
    right: f64,
}

fn index(folder: &Path) -> Index {
    let files = std::fs::read_dir(folder).expect("folder").flatten().map(|e| e.path());
    let docs = files.filter(|p| p.extension().is_some_and(|e| e == "md")).map(|p| {
        (p.file_name().expect("name").to_string_lossy().into_owned(), std::fs::read_to_string(&p).expect("text"))
    });
    Index::build(docs, IndexOptions::default())
}

fn plain(s: &str) -> String {
    let s: String = s.chars().filter(|c| !matches!(c, '*' | '_' | '`' | '#' | '|' | '>')).collect();
    s.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn rows(dir: &Path, file: &Path) -> Vec<Row> {
    let mut known: HashMap<String, Index> = HashMap::new();
    let mut out = Vec::new();
    for line in std::fs::read_to_string(file).expect("questions").lines() {
        let v: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |k: &str| v.get(k).and_then(|x| x.as_str()).unwrap_or_default().to_owned();
        let company = text("corpus");
        let i = known.entry(company.clone()).or_insert_with(|| index(&dir.join(&company)));
        let (features, quotes) = i.probe(&text("question"));
        let evidence = plain(&text("evidence"));
        let right = !evidence.is_empty() && quotes.iter().any(|q| plain(&q.text).contains(&evidence));
        let mut x = vec![1.0];
        x.extend(features.iter().map(|f| f64::from(*f)));
        out.push(Row { company, x, right: f64::from(u8::from(right)) });
    }
    out
}

fn sure(w: &[f64], x: &[f64]) -> f64 {
    1.0 / (1.0 + (-w.iter().zip(x).map(|(a, b)| a * b).sum::<f64>()).exp())
}

fn fit<'a>(rows: impl Iterator<Item = &'a Row> + Clone) -> Vec<f64> {
    let n = rows.clone().count() as f64;
    let mut w = vec![0.0; FEATURE_NAMES.len() + 1];
    for _ in 0..20_000 {
        let mut slope = vec![0.0; w.len()];
        for r in rows.clone() {
            let error = sure(&w, &r.x) - r.right;
            slope.iter_mut().zip(&r.x).for_each(|(s, v)| *s += error * v / n);
        }
        for (i, s) in slope.iter().enumerate() {
            let keep = if i == 0 { 0.0 } else { PENALTY * w[i] };
            w[i] -= 0.5 * (s + keep);
        }
    }
    w
}

fn auc(p: &[(f64, f64)]) -> f64 {
    let (mut wins, mut pairs) = (0.0, 0.0);
    for a in p.iter().filter(|a| a.1 > 0.5) {
        for b in p.iter().filter(|b| b.1 < 0.5) {
            wins += if a.0 > b.0 { 1.0 } else { 0.0 };
            pairs += 1.0;
        }
    }
    wins / f64::max(pairs, 1.0)
}

fn main() -> ExitCode {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = rows(&here.join("corpus"), &here.join("corpus/questions.jsonl"));
    all.extend(rows(&here.join("policies"), &here.join("tests/data/demo-questions.jsonl")));
    let mut held = Vec::new();
    for company in all.iter().map(|r| r.company.clone()).collect::<BTreeSet<_>>() {
        let w = fit(all.iter().filter(|r| r.company != company));
        held.extend(all.iter().filter(|r| r.company == company).map(|r| (sure(&w, &r.x), r.right)));
    }
    let right = all.iter().filter(|r| r.right > 0.5).count();
    println!("questions {} right {right} AUC with the company left out {:.3}", all.len(), auc(&held));
    for t in [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7] {
        let good = held.iter().filter(|h| (h.0 >= t) == (h.1 > 0.5)).count();
        let wrong = held.iter().filter(|h| h.0 >= t && h.1 < 0.5).count();
        println!("threshold {t:.2}: well decided {good}, wrong answers {wrong}");
    }
    let w = fit(all.iter());
    let mut same = true;
    for (i, v) in w.iter().enumerate() {
        let name = i.checked_sub(1).map_or("bias", |i| FEATURE_NAMES[i]);
        let near = (v - f64::from(FITTED[i])).abs() <= NEAR;
        println!("{name} {v:.2}{}", if near { "" } else { " differs from the source" });
        same &= near;
    }
    if same { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
