//! Fits the weights of `src/wording.bin` on the texts in `corpus/`, always with the same result.
//!
//! ```text
//! cargo run --release -p nightbell-mail --example fit-wording               writes src/wording.bin
//! cargo run --release -p nightbell-mail --example fit-wording -- --check    exit code 1 where it would differ
//! cargo run --release -p nightbell-mail --example fit-wording -- --cross    six-fold cross-validation, writes nothing
//! ```
//! Logistic regression with an L2 penalty, both classes with the same total weight, by accelerated gradient descent
//! (Y. Nesterov, 1983). The penalty was chosen by the cross-validation.

use nightbell_mail::wording::{Model, ROWS, rows};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Penalty: the larger, the closer the fit.
const C: f64 = 5.0;
/// Texts that must share a row before anything is learned from it.
const MIN_TEXTS: u32 = 2;
const ROUNDS: usize = 400;

struct Sample {
    subject: String,
    text: String,
    danger: bool,
    lang: String,
    kind: String,
}

type Vector = Vec<(usize, f32)>;

fn main() -> ExitCode {
    match run(std::env::args().nth(1).as_deref()) {
        Ok(code) => code,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::from(2)
        }
    }
}

fn run(how: Option<&str>) -> Result<ExitCode, String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let samples = read(&root.join("corpus"))?;
    let danger = samples.iter().filter(|s| s.danger).count();
    println!("{} texts, {danger} unwanted, {} wanted", samples.len(), samples.len() - danger);
    let target = root.join("src/wording.bin");
    match how {
        None => {
            let bytes = fit(&samples.iter().collect::<Vec<_>>()).to_bytes();
            std::fs::write(&target, &bytes).map_err(|e| format!("{}: {e}", target.display()))?;
            println!("{}: {} bytes", target.display(), bytes.len());
            Ok(ExitCode::SUCCESS)
        }
        Some("--check") => {
            let there = std::fs::read(&target).map_err(|e| format!("{}: {e}", target.display()))?;
            let same = fit(&samples.iter().collect::<Vec<_>>()).to_bytes() == there;
            println!(
                "{}",
                if same { "the weights are those of the corpus" } else { "the weights are of another corpus" }
            );
            Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some("--cross") => {
            cross(&samples);
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(format!("no option `{other}`; there are --check and --cross")),
    }
}

fn read(folder: &Path) -> Result<Vec<Sample>, String> {
    let at = |p: &Path, e: &dyn std::fmt::Display| format!("{}: {e}", p.display());
    let entries = std::fs::read_dir(folder).map_err(|e| at(folder, &e))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|x| x == "jsonl"));
    files.sort();
    let mut out = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|e| at(&file, &e))?;
        for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
            let v: serde_json::Value =
                serde_json::from_str(line).map_err(|e| format!("{}:{}: {e}", file.display(), n + 1))?;
            let get = |k: &str| v.get(k).and_then(|x| x.as_str()).unwrap_or_default().to_owned();
            let danger = match get("class").as_str() {
                "danger" | "junk" => true,
                "ham" => false,
                other => return Err(format!("{}:{}: no class `{other}`", file.display(), n + 1)),
            };
            let text = get("text").replace("[link:", " ").replace(']', " ");
            out.push(Sample { subject: get("subject"), text, danger, lang: get("lang"), kind: get("kind") });
        }
    }
    Ok(out)
}

fn fit(samples: &[&Sample]) -> Model {
    let ones = vec![1.0; 2 * ROWS];
    let mut texts = vec![0_u32; 2 * ROWS];
    for s in samples {
        for (row, _) in rows(&s.subject, &s.text, &ones) {
            texts[row] += 1;
        }
    }
    let n = samples.len() as f32;
    let mut model = Model::empty();
    for (rare, t) in model.rarity.iter_mut().zip(&texts) {
        *rare = if *t >= MIN_TEXTS { ((1.0 + n) / (1.0 + *t as f32)).ln() + 1.0 } else { 0.0 };
    }
    let xs: Vec<Vector> = samples.iter().map(|s| rows(&s.subject, &s.text, &model.rarity)).collect();
    descend(&mut model, &xs, samples);
    model
}

/// Minimises the mean weighted loss plus the penalty.
fn descend(model: &mut Model, xs: &[Vector], samples: &[&Sample]) {
    let n = samples.len() as f64;
    let bad = samples.iter().filter(|s| s.danger).count() as f64;
    let weight = |danger: bool| if danger { n / (2.0 * bad) } else { n / (2.0 * (n - bad)) };
    let penalty = 1.0 / (C * n);
    // The loss bends at most by a quarter of the squared length, which is 2, plus 1 for the bias.
    let step = 1.0 / (0.25 * 3.0 * weight(true).max(weight(false)) + penalty);
    let mut w = vec![0_f64; 2 * ROWS + 1];
    let (mut before, mut ahead) = (w.clone(), w.clone());
    for round in 0..ROUNDS {
        let mut slope: Vec<f64> = ahead.iter().map(|x| x * penalty).collect();
        for (x, s) in xs.iter().zip(samples) {
            let sum = dot(&ahead, x);
            let wrong = 1.0 / (1.0 + (-sum).exp()) - f64::from(u8::from(s.danger));
            let push = wrong * weight(s.danger) / n;
            for (row, v) in x {
                slope[*row] += push * f64::from(*v);
            }
            slope[2 * ROWS] += push;
        }
        for (a, g) in ahead.iter_mut().zip(&slope) {
            *a -= step * g;
        }
        std::mem::swap(&mut before, &mut w);
        w.copy_from_slice(&ahead);
        let momentum = round as f64 / (round as f64 + 3.0);
        for ((a, now), old) in ahead.iter_mut().zip(&w).zip(&before) {
            *a = now + momentum * (now - old);
        }
    }
    model.bias = w[2 * ROWS] as f32;
    for (to, from) in model.weights.iter_mut().zip(&w) {
        *to = *from as f32;
    }
}

fn dot(w: &[f64], x: &Vector) -> f64 {
    x.iter().map(|(row, v)| w[*row] * f64::from(*v)).sum::<f64>() + w[2 * ROWS]
}

/// Each sixth is judged by what the other five taught.
fn cross(samples: &[Sample]) {
    let mut judged: Vec<(f64, &Sample)> = Vec::new();
    for fold in 0..6 {
        let (mut learn, mut judge) = (Vec::new(), Vec::new());
        for (i, s) in samples.iter().enumerate() {
            if i % 6 == fold { judge.push(s) } else { learn.push(s) }
        }
        let model = fit(&learn);
        judged.extend(judge.into_iter().map(|s| {
            let x = rows(&s.subject, &s.text, &model.rarity);
            let sum = x.iter().map(|(r, v)| f64::from(model.weights[*r]) * f64::from(*v)).sum::<f64>();
            (sum + f64::from(model.bias), s)
        }));
    }
    let loss = |(sum, s): &(f64, &Sample)| (1.0 + (if s.danger { -sum } else { *sum }).exp()).ln();
    println!("AUC {:.4}, mean loss {:.4}", auc(&judged), judged.iter().map(loss).sum::<f64>() / judged.len() as f64);
    for (by, key) in [("language", (|s| &s.lang) as fn(&Sample) -> &String), ("kind", |s| &s.kind)] {
        let mut keys: Vec<&String> = samples.iter().map(key).collect();
        keys.sort();
        keys.dedup();
        for k in keys {
            let (bad, fine): (Vec<_>, Vec<_>) = judged.iter().filter(|(_, s)| key(s) == k).partition(|(_, s)| s.danger);
            if bad.len() + fine.len() < 40 {
                continue;
            }
            let over = |v: &[&(f64, &Sample)]| v.iter().filter(|(x, _)| *x > 0.0).count();
            println!(
                "{by} {k}: {}/{} unwanted found, {}/{} wanted flagged",
                over(&bad),
                bad.len(),
                over(&fine),
                fine.len()
            );
        }
    }
}

/// The chance that an unwanted text scores above a wanted one.
fn auc(judged: &[(f64, &Sample)]) -> f64 {
    let mut order: Vec<_> = judged.iter().collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut below, mut wins) = (0.0, 0.0);
    for (_, s) in &order {
        if s.danger { wins += below } else { below += 1.0 }
    }
    wins / (below * (order.len() as f64 - below))
}
