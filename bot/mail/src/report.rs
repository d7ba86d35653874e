//! Indicators and the machine-readable line.

use nightbell_core::mail::{Analysis, Indicator, IndicatorKind};
use nightbell_core::text::defang;

/// Indicators per mail: more are of no use to a person or a block list.
const MAX_INDICATORS: usize = 200;

/// Collects indicators without doubles.
#[derive(Default)]
pub(crate) struct Indicators {
    list: Vec<Indicator>,
    seen: std::collections::HashSet<(IndicatorKind, String)>,
}

impl Indicators {
    pub fn add(&mut self, kind: IndicatorKind, value: &str) {
        let value: String = value.chars().filter(|c| !c.is_control()).take(2_000).collect();
        if value.is_empty() || self.list.len() >= MAX_INDICATORS || !self.seen.insert((kind, value.clone())) {
            return;
        }
        let defanged = defang(&value);
        self.list.push(Indicator { kind, value, defanged });
    }

    pub fn done(self) -> Vec<Indicator> {
        self.list
    }
}

/// One line of `triage --json`.
pub fn json_line(path: &str, a: &Analysis) -> String {
    let reasons: Vec<_> = a
        .reasons
        .iter()
        .map(|r| serde_json::json!({"code": r.code, "text": r.text, "where": r.place, "weight": r.weight}))
        .collect();
    serde_json::json!({
        "path": path, "sha256": a.sha256, "verdict": a.verdict.word(), "score": a.score, "reasons": reasons,
        "indicators": a.indicators, "campaign": a.campaign, "unchecked": a.unchecked,
    })
    .to_string()
}
