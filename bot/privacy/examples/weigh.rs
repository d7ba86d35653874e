//! The guard over files of lines `{"id","text"}`: `weigh FILE...`.

use nightbell_privacy::{Untrusted, guard};

fn main() -> std::io::Result<()> {
    for file in std::env::args().skip(1) {
        for l in std::fs::read_to_string(file)?.lines() {
            let Ok(v) = serde_json::from_str::<serde_json::Value>(l) else { continue };
            let o = guard::weigh(&Untrusted::new(v["text"].as_str().unwrap_or_default()));
            println!(
                "{}",
                serde_json::json!({"id": v["id"], "suspicious": o.suspicious, "score": o.score, "signals": o.signals})
            );
        }
    }
    Ok(())
}
