//! Megabytes per second and what was found, over a file of lines `{"id","text"}`: `detect FILE [ROUNDS]`.

use nightbell_privacy::{Detector, in_characters};

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap_or_default();
    let rounds: usize = args.next().and_then(|r| r.parse().ok()).unwrap_or(0);
    let lines: Vec<serde_json::Value> =
        std::fs::read_to_string(file)?.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
    let detector = Detector::default();
    let texts: Vec<&str> = lines.iter().filter_map(|l| l.get("text")?.as_str()).collect();
    if rounds == 0 {
        for (line, text) in lines.iter().zip(&texts) {
            let spans: Vec<_> = in_characters(text, &detector.find(text))
                .into_iter()
                .map(|(s, e, k)| serde_json::json!([s, e, k.label()]))
                .collect();
            println!("{}", serde_json::json!({"id": line["id"], "text": text, "spans": spans}));
        }
        return Ok(());
    }
    let started = std::time::Instant::now();
    let mut found = 0;
    for _ in 0..rounds {
        for text in &texts {
            found += detector.find(text).len();
        }
    }
    let bytes = rounds * texts.iter().map(|t| t.len()).sum::<usize>();
    let seconds = started.elapsed().as_secs_f64();
    println!("{found} found, {:.1} MB/s", bytes as f64 / seconds / 1e6);
    Ok(())
}
