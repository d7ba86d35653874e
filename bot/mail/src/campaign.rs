//! Near-duplicates: MinHash of word shingles (A. Broder, "On the resemblance and containment of documents", 1997).

use crate::fold::plain;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Hash functions per sketch: the standard error of the similarity is at most 1/22.
const HASHES: usize = 128;
/// Fewer words than this say too little to group mails by.
const MIN_WORDS: usize = 8;
/// Words looked at; the head of a mail is what campaigns share.
const MAX_WORDS: usize = 3_000;
/// Similarity from which two mails are one campaign: half of the three-word phrases are the same.
const SAME: f64 = 0.5;
/// The same where they also share a file, a link's place or the sender.
const SAME_WITH_MARK: f64 = 0.35;
/// Rows per band of [`Sketch::bands`], and bands: mails that share half of their phrases share a band in 96 of 100
/// cases, those that share a tenth in 2.
const BAND: usize = 3;
const BANDS: usize = 24;
/// Mails of a campaign that newcomers are compared with, and marks of one mail.
const MEMBERS: usize = 12;
const MARKS: usize = 12;

/// A fingerprint of what near-duplicates share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// Of the text; None when there are too few words.
    text: Option<Box<[u32; HASHES]>>,
    /// Hashes of attached files and of the places that links lead to.
    marks: Vec<u64>,
}

impl Sketch {
    /// None when there is nothing to compare.
    pub(crate) fn new(text: Option<Self>, marks: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut out = text.unwrap_or(Self { text: None, marks: Vec::new() });
        for m in marks {
            let mark = fnv(std::slice::from_ref(&m));
            if out.marks.len() < MARKS && !out.marks.contains(&mark) {
                out.marks.push(mark);
            }
        }
        (out.text.is_some() || !out.marks.is_empty()).then_some(out)
    }

    /// Estimated share of common three-word phrases, 0..1; 0 where one has too few words.
    pub fn similarity(&self, other: &Self) -> f64 {
        let (Some(a), Some(b)) = (&self.text, &other.text) else { return 0.0 };
        a.iter().zip(b.iter()).filter(|(a, b)| a == b).count() as f64 / HASHES as f64
    }

    /// Whether two mails belong to one campaign.
    pub fn same(&self, other: &Self) -> bool {
        let marked = self.marks.iter().any(|m| other.marks.contains(m));
        match (&self.text, &other.text) {
            (Some(_), Some(_)) => self.similarity(other) >= if marked { SAME_WITH_MARK } else { SAME },
            // Pictures with hardly a word: only what they carry and where they lead can be the same.
            (None, None) => marked,
            _ => false,
        }
    }

    /// A key of this sketch alone.
    pub fn key(&self) -> String {
        let mut h = blake3::Hasher::new();
        for v in self.text.iter().flat_map(|t| t.iter()) {
            h.update(&v.to_le_bytes());
        }
        if self.text.is_none() {
            for m in &self.marks {
                h.update(&m.to_le_bytes());
            }
        }
        format!("c-{}", h.finalize().to_hex().as_str().get(..12).unwrap_or_default())
    }

    /// Keys to find candidates by: mails of one campaign share at least one of them with high probability; whether
    /// they really belong together says [`Sketch::same`].
    pub fn bands(&self) -> Vec<String> {
        let rows = self.text.iter().flat_map(|t| t.chunks_exact(BAND).take(BANDS).enumerate());
        let text = rows.map(|(n, band)| {
            let mixed = band.iter().fold(n as u64 + 1, |h, v| mix(h ^ u64::from(*v)));
            format!("t{mixed:016x}")
        });
        text.chain(self.marks.iter().map(|m| format!("m{m:016x}"))).collect()
    }

    /// For keeping; see [`Sketch::from_text`].
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for v in self.text.iter().flat_map(|t| t.iter()) {
            let _ = write!(out, "{v:08x}");
        }
        for m in &self.marks {
            let _ = write!(out, ".{m:016x}");
        }
        out
    }

    /// Reads what [`Sketch::to_text`] wrote; None for anything else.
    pub fn from_text(s: &str) -> Option<Self> {
        let mut parts = s.split('.');
        let head = parts.next()?;
        let text = if head.is_empty() {
            None
        } else {
            let mut rows = Box::new([0; HASHES]);
            if head.len() != HASHES * 8 {
                return None;
            }
            for (i, row) in rows.iter_mut().enumerate() {
                *row = u32::from_str_radix(head.get(i * 8..i * 8 + 8)?, 16).ok()?;
            }
            Some(rows)
        };
        let marks = parts.take(MARKS).map(|m| u64::from_str_radix(m, 16).ok()).collect::<Option<Vec<_>>>()?;
        Some(Self { text, marks })
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
    let mut mins = Box::new([u32::MAX; HASHES]);
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
    Some(Sketch { text: Some(mins), marks: Vec::new() })
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

/// Groups the mails of one run: each joins the campaign with the most similar mail, or begins a new one.
#[derive(Debug, Default)]
pub struct Campaigns {
    groups: Vec<(String, Vec<Sketch>)>,
    /// Group by band.
    near: HashMap<String, Vec<usize>>,
}

impl Campaigns {
    /// An empty grouping.
    pub fn new() -> Self {
        Self::default()
    }

    /// The campaign of `s`.
    pub fn place(&mut self, s: &Sketch) -> String {
        let bands = s.bands();
        let mut candidates: Vec<usize> = bands.iter().filter_map(|b| self.near.get(b)).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        let best = candidates
            .into_iter()
            .filter_map(|g| {
                let (_, members) = self.groups.get(g)?;
                let near = members.iter().filter(|m| m.same(s)).map(|m| m.similarity(s)).reduce(f64::max)?;
                Some((near, g))
            })
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let g = best.map_or(self.groups.len(), |(_, g)| g);
        if best.is_none() {
            self.groups.push((s.key(), Vec::new()));
        }
        let Some((id, members)) = self.groups.get_mut(g) else { return s.key() };
        if members.len() < MEMBERS {
            members.push(s.clone());
            for b in bands {
                let groups = self.near.entry(b).or_default();
                if !groups.contains(&g) {
                    groups.push(g);
                }
            }
        }
        id.clone()
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
        assert!(a.bands().iter().any(|x| b.bands().contains(x)));
        assert_eq!(Sketch::from_text(&a.to_text()), Some(a));
    }

    #[test]
    fn pictures_meet_by_what_they_carry() {
        let mail = |marks: &[&str]| Sketch::new(None, marks.iter().map(|m| (*m).to_owned()));
        let (a, b, c) = (mail(&["f1", "u1"]).unwrap(), mail(&["u1"]).unwrap(), mail(&["u2"]).unwrap());
        assert!(a.same(&b) && !a.same(&c) && mail(&[]).is_none());
        let mut g = Campaigns::new();
        assert_eq!(g.place(&a), g.place(&b));
        assert_ne!(g.place(&a), g.place(&c));
        assert_eq!(Sketch::from_text(&a.to_text()), Some(a));
        assert_eq!(Sketch::from_text("abc"), None);
        assert_eq!(Sketch::from_text(".zz"), None);
    }
}
