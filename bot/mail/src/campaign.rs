//! Near-duplicates: MinHash of word shingles (A. Broder, "On the resemblance and containment of documents", 1997).

use crate::fold::plain;

/// Hash functions per sketch: the standard error of the similarity is about 1/8.
const HASHES: usize = 64;
/// Fewer words than this say too little to group mails by.
const MIN_WORDS: usize = 8;
/// Words looked at; the head of a mail is what campaigns share.
const MAX_WORDS: usize = 3_000;
/// Similarity from which two mails are one campaign: half of the three-word phrases are the same.
const SAME: f64 = 0.5;

/// A fingerprint of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch(pub [u32; HASHES]);

impl Sketch {
    /// Estimated share of common three-word phrases, 0..1.
    pub fn similarity(&self, other: &Self) -> f64 {
        self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count() as f64 / HASHES as f64
    }

    /// A key that near-duplicates share often: equal first rows of the sketch. Use [`Campaigns`] for a batch.
    pub fn key(&self) -> String {
        let mut h = blake3::Hasher::new();
        for v in self.0.iter().take(3) {
            h.update(&v.to_le_bytes());
        }
        format!("c-{}", h.finalize().to_hex().as_str().get(..12).unwrap_or_default())
    }
}

/// A word of the text that a campaign changes per recipient: links, addresses, numbers, the recipient.
fn personal(word: &str, recipient: &[&str]) -> bool {
    word.contains("://")
        || word.starts_with("www.")
        || word.contains('@')
        || recipient.iter().any(|r| r.len() > 2 && word.eq_ignore_ascii_case(r))
}

/// The sketch of a subject and text; none when there are too few words.
pub fn sketch(subject: &str, text: &str, recipient: &[&str]) -> Option<Sketch> {
    let joined = format!("{subject} {text}");
    let mut words: Vec<String> = Vec::new();
    for raw in joined.split_whitespace() {
        let bare = raw.trim_matches(|c: char| !c.is_alphanumeric());
        if personal(raw, recipient) || recipient.iter().any(|r| r.eq_ignore_ascii_case(bare)) {
            continue;
        }
        let w: String = plain(bare).chars().filter(|c| c.is_alphabetic()).collect();
        if !w.is_empty() {
            words.push(w);
        }
        if words.len() >= MAX_WORDS {
            break;
        }
    }
    if words.len() < MIN_WORDS {
        return None;
    }
    let mut mins = [u32::MAX; HASHES];
    let mut h = std::collections::HashSet::new();
    for w in words.windows(3) {
        let base = fnv(w);
        if !h.insert(base) {
            continue;
        }
        for (i, m) in mins.iter_mut().enumerate() {
            let v = (mix(base ^ mix(i as u64 + 1)) >> 32) as u32;
            *m = (*m).min(v);
        }
    }
    Some(Sketch(mins))
}

/// FNV-1a over the words (public domain constants).
fn fnv(words: &[String]) -> u64 {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for w in words {
        for b in w.bytes().chain(std::iter::once(b' ')) {
            h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    h
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Groups the mails of one run: each joins the most similar leader, or leads a new campaign.
#[derive(Debug, Default)]
pub struct Campaigns {
    leaders: Vec<(Sketch, String)>,
}

impl Campaigns {
    /// An empty grouping.
    pub fn new() -> Self {
        Self::default()
    }

    /// The campaign of `s`; `s` becomes a leader when nothing known is similar enough.
    pub fn place(&mut self, s: &Sketch) -> String {
        let best = self
            .leaders
            .iter()
            .map(|(l, id)| (l.similarity(s), id))
            .filter(|(j, _)| *j >= SAME)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, id)) = best {
            return id.clone();
        }
        // Two leaders may share their first rows without being similar, so the whole sketch names a leader.
        let mut h = blake3::Hasher::new();
        for v in &s.0 {
            h.update(&v.to_le_bytes());
        }
        let id = format!("c-{}", h.finalize().to_hex().as_str().get(..12).unwrap_or_default());
        self.leaders.push((s.clone(), id.clone()));
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_duplicates_meet() {
        let text = "Dear A, your mailbox storage is full and incoming messages are on hold until you confirm the account at the page below today or lose them all";
        let a = sketch("Storage 12", &format!("{text} https://a.example/1"), &["anna"]).unwrap();
        let b = sketch("Storage 99", &format!("{text} http://b.example/2 now"), &["bert"]).unwrap();
        let c = sketch(
            "Meeting",
            "let us meet on thursday to talk about the plan for the new warehouse and its budget",
            &[],
        )
        .unwrap();
        assert!(a.similarity(&b) > 0.7 && a.similarity(&c) < 0.1);
        let mut g = Campaigns::new();
        assert_eq!(g.place(&a), g.place(&b));
        assert_ne!(g.place(&a), g.place(&c));
        assert!(sketch("short", "text", &[]).is_none());
    }
}
