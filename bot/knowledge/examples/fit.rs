//! Fits the weights of `src/policy/trust.rs`: `fit (DIR QUESTIONS.jsonl)...`, DIR being the policy folder or a folder of
//! one policy folder per `corpus` of the questions.
//!
//! A question counts as 1 when it is answerable and its evidence stands in a quote, else 0: a wrong answer is as bad as
//! an answer to what is not covered. Logistic regression with an L2 penalty by plain gradient descent, checked by
//! ten-fold cross-validation; prints the weights in the order of `FEATURE_NAMES`, the bias first.
//! Fitted with: `cargo run --release --example fit -- bot/knowledge/policies bot/knowledge/tests/data/demo-questions.jsonl
//! POLICIES POLICIES/questions-dev.jsonl`
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::indexing_slicing)]

use nightbell_knowledge::{Index, IndexOptions, policy::FEATURE_NAMES};
use std::collections::HashMap;
use std::path::Path;

const PENALTY: f64 = 0.004;
type Row = (Vec<f64>, f64);

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

fn rows(dir: &str, file: &str) -> Vec<Row> {
    let mut known: HashMap<String, Index> = HashMap::new();
    let mut out = Vec::new();
    for line in std::fs::read_to_string(file).expect("questions").lines() {
        let v: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |k: &str| v.get(k).and_then(|x| x.as_str()).unwrap_or_default().to_owned();
        if text("kind") == "adversarial" {
            continue;
        }
        let corpus = text("corpus");
        let i = known.entry(corpus.clone()).or_insert_with(|| index(&Path::new(dir).join(&corpus)));
        let (features, quotes) = i.probe(&text("question"));
        let evidence = plain(&text("evidence"));
        let right = !evidence.is_empty() && quotes.iter().any(|q| plain(&q.text).contains(&evidence));
        let mut x = vec![1.0];
        x.extend(features.iter().map(|f| f64::from(*f)));
        out.push((x, f64::from(u8::from(right))));
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
        for (x, y) in rows.clone() {
            let error = sure(&w, x) - y;
            slope.iter_mut().zip(x).for_each(|(s, v)| *s += error * v / n);
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

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let all: Vec<Row> = arguments.chunks(2).flat_map(|c| rows(&c[0], &c[1])).collect();
    let mut held = Vec::new();
    for fold in 0..10 {
        let w = fit(all.iter().enumerate().filter(|(i, _)| i % 10 != fold).map(|(_, r)| r));
        held.extend(all.iter().enumerate().filter(|(i, _)| i % 10 == fold).map(|(_, r)| (sure(&w, &r.0), r.1)));
    }
    println!("rows {} right {} held-out AUC {:.3}", all.len(), all.iter().filter(|r| r.1 > 0.5).count(), auc(&held));
    for t in [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7] {
        let good = held.iter().filter(|h| (h.0 >= t) == (h.1 > 0.5)).count();
        let wrong = held.iter().filter(|h| h.0 >= t && h.1 < 0.5).count();
        println!("threshold {t:.2}: well decided {good}, wrong answers {wrong}");
    }
    let w = fit(all.iter());
    println!("bias {:.2}", w[0]);
    for (name, v) in FEATURE_NAMES.iter().zip(&w[1..]) {
        println!("{name} {v:.2}");
    }
}
