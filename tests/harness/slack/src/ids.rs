//! Ids and secrets: all from one seed, so that a run can be repeated.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Makes ids that look like Slack's and never repeat.
#[derive(Debug, Clone)]
pub struct Ids {
    seed: u64,
    next: u64,
}

impl Ids {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, next: 0 }
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Hex digits, at most 64.
    pub fn hex(&mut self, digits: usize) -> String {
        let n = self.number();
        let sum = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(n.to_be_bytes()).finalize();
        let mut text = String::new();
        for b in sum {
            let _ = write!(text, "{b:02x}");
        }
        text.truncate(digits);
        text
    }

    /// A letter and ten more, such as `C0A1B2C3D4E`.
    pub fn object(&mut self, letter: &str) -> String {
        format!("{letter}0{}", self.hex(9).to_ascii_uppercase())
    }

    /// In the form of a UUID.
    pub fn uuid(&mut self) -> String {
        let h = self.hex(32);
        let part = |a: usize, b: usize| h.get(a..b).unwrap_or_default().to_owned();
        format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
    }

    /// A number below `of`.
    pub fn below(&mut self, of: u64) -> u64 {
        u64::from_str_radix(&self.hex(15), 16).unwrap_or_default() % of.max(1)
    }
}

/// A seed that differs from run to run.
pub fn random_seed() -> u64 {
    use std::hash::{BuildHasher as _, RandomState};
    RandomState::new().hash_one(0_u8)
}

impl Ids {
    /// Gives a block and its elements the ids that the app left out, as Slack does.
    pub(crate) fn complete(&mut self, block: &mut serde_json::Value) {
        let Some(o) = block.as_object_mut() else { return };
        let short = |ids: &mut Self| serde_json::Value::from(ids.hex(5));
        if o.get("block_id").and_then(serde_json::Value::as_str).is_none_or(str::is_empty) {
            o.insert("block_id".to_owned(), short(self));
        }
        let interactive = |e: &serde_json::Value| {
            let kind = e.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
            kind == "button"
                || kind == "overflow"
                || kind == "checkboxes"
                || kind.ends_with("_select")
                || kind.ends_with("picker")
                || kind.ends_with("_input")
                || kind == "radio_buttons"
        };
        for key in ["elements", "accessory", "element"] {
            let elements: Vec<&mut serde_json::Value> = match o.get_mut(key) {
                Some(serde_json::Value::Array(a)) => a.iter_mut().collect(),
                Some(one) => vec![one],
                None => Vec::new(),
            };
            for e in elements.into_iter().filter(|e| interactive(e)) {
                if let Some(e) = e.as_object_mut() {
                    e.entry("action_id").or_insert_with(|| serde_json::Value::from(self.hex(5)));
                }
            }
        }
    }
}
