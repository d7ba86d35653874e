//! Ranking: BM25F over title, heading path and body (Robertson and Zaragoza, "The Probabilistic Relevance Framework",
//! 2009, section 3.6), then the first places again by their best sentence.

use super::index::{Index, Posting};
use super::question::{Question, Wants};
use super::sentence;
use super::words::{is_stop, is_weak, one_edit_apart, stem};
use std::collections::HashMap;

const K1: f32 = 1.2;
const B_BODY: f32 = 0.6;
const B_HEADING: f32 = 0.3;
const W_TITLE: f32 = 0.9;
const W_HEADING: f32 = 1.7;
/// A weak word counts this much of its weight.
const WEAK: f32 = 0.3;
/// How many places of the first ranking are looked at by sentence.
const DEEP: usize = 60;
/// A further alternative of a concept adds this much of its score to the best one.
const SECOND: f32 = 0.25;

/// A concept with its alternatives looked up.
pub(crate) struct Term {
    /// Terms that must all stand in a text, and the weight of finding them.
    pub alternatives: Vec<(Vec<String>, f32)>,
    /// What the concept is worth: its rarity.
    pub weight: f32,
    /// No alternative stands in any document.
    pub unknown: bool,
    pub weak: bool,
}

/// A chunk in ranking order.
#[derive(Debug, Clone)]
pub(crate) struct Ranked {
    pub place: usize,
    pub score: f32,
    /// The best sentence of the chunk for this question.
    pub unit: usize,
    /// Share of the question's weight found in that sentence and around it.
    pub unit_cover: f32,
    /// Share of the question's weight found in the chunk, its headings and its title.
    pub cover: f32,
    /// Share of the weight found as the very words of the question.
    pub direct: f32,
    /// The kind of fact that was asked for stands in the sentence.
    pub typed: bool,
    pub bm25: f32,
}

fn idf(index: &Index, df: f32) -> f32 {
    let n = index.places.len() as f32;
    (1.0 + (n - df + 0.5).max(0.0) / (df + 0.5)).ln()
}

fn phrase_idf(index: &Index, words: &[String]) -> f32 {
    let sum: f32 = words.iter().map(|w| idf(index, index.terms.get(w).map_or(0.0, |p| p.len() as f32))).sum();
    sum / words.len().max(1) as f32
}

/// Looks the concepts of a question up in an index.
pub(crate) fn resolve(index: &Index, question: &Question) -> Vec<Term> {
    let mut out: Vec<Term> = Vec::new();
    for (i, concept) in question.concepts.iter().enumerate() {
        let mut alternatives: Vec<(Vec<String>, f32)> = concept.alternatives.clone();
        // "time out" may be written as one word there, "timeout" as two.
        if let (Some(next), [own]) = (question.concepts.get(i + 1), concept.own.as_slice())
            && let [other] = next.own.as_slice()
        {
            alternatives.push((vec![stem(&format!("{own}{other}"))], 0.9));
        }
        if concept.own.len() > 1 {
            alternatives.push((vec![concept.own.concat()], 0.9));
        }
        alternatives.retain(|(p, _)| p.iter().all(|w| index.terms.contains_key(w)));
        if alternatives.is_empty() {
            alternatives = guesses(index, &concept.typed);
        }
        let direct = alternatives.iter().find(|(p, _)| *p == concept.own);
        let best = alternatives.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        // The cap keeps one odd word from deciding everything.
        let cap = idf(index, 2.0);
        let weight = match (direct, best) {
            (Some((p, _)), _) | (None, Some((p, _))) => phrase_idf(index, p).min(cap),
            (None, None) => cap,
        };
        let unknown = alternatives.is_empty();
        let weight = if concept.weak { weight * WEAK } else { weight };
        out.push(Term { alternatives, weight, unknown, weak: concept.weak });
    }
    out
}

/// What a word that stands nowhere may have meant: one slip of the keys, or two words written as one.
fn guesses(index: &Index, typed: &[String]) -> Vec<(Vec<String>, f32)> {
    let mut out = Vec::new();
    for word in typed.iter().filter(|w| w.chars().count() > 4) {
        let like = index
            .surface
            .iter()
            .filter(|s| s.chars().count() > 4 && s.chars().next() == word.chars().next() && one_edit_apart(s, word));
        for found in like.take(3) {
            out.push((vec![stem(found)], 0.75));
        }
        if out.is_empty() {
            for at in 3..word.len().saturating_sub(2) {
                let (Some(a), Some(b)) = (word.get(..at), word.get(at..)) else { continue };
                let (a, b) = (stem(a), stem(b));
                // "payday" is not about any day: small words make no compound.
                let plain = |w: &str| index.terms.contains_key(w) && !is_weak(w) && !is_stop(w);
                if plain(&a) && plain(&b) {
                    out.push((vec![a, b], 0.8));
                    break;
                }
            }
        }
    }
    out.retain(|(p, _): &(Vec<String>, f32)| p.iter().all(|w| index.terms.contains_key(w)));
    out
}

/// Places in order, best first, at most `limit`.
pub(crate) fn rank(index: &Index, question: &Question, terms: &[Term], limit: usize) -> Vec<Ranked> {
    let n = index.places.len();
    let mut total = vec![0.0_f32; n];
    let mut found: Vec<u32> = vec![0; n];
    for (i, term) in terms.iter().enumerate() {
        let mut value: HashMap<u32, (f32, f32)> = HashMap::new();
        for (words, weight) in &term.alternatives {
            for (chunk, score) in phrase_scores(index, words) {
                let score = score * weight;
                let v = value.entry(chunk).or_insert((0.0, 0.0));
                v.1 += score;
                v.0 = v.0.max(score);
            }
        }
        let scale = if term.weak { WEAK } else { 1.0 };
        for (chunk, (best, sum)) in value {
            if let (Some(t), Some(f)) = (total.get_mut(chunk as usize), found.get_mut(chunk as usize)) {
                *t += scale * (best + SECOND * (sum - best).min(best));
                *f |= 1 << i.min(31);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).filter(|i| total.get(*i).is_some_and(|t| *t > 0.0)).collect();
    order.sort_by(|a, b| score_of(&total, *b).total_cmp(&score_of(&total, *a)).then(a.cmp(b)));
    // A document whose other sections fit too is more likely the right one.
    let mut by_doc: HashMap<u32, (f32, u32)> = HashMap::new();
    for i in order.iter().take(DEEP * 2) {
        if let Some(place) = index.places.get(*i) {
            let d = by_doc.entry(place.doc).or_insert((0.0, 0));
            if d.1 < 3 {
                d.0 += score_of(&total, *i);
                d.1 += 1;
            }
        }
    }
    order.truncate(DEEP);
    let weight: f32 = terms.iter().map(|t| t.weight).sum::<f32>().max(0.01);
    let mut ranked: Vec<Ranked> = Vec::with_capacity(order.len());
    for i in order {
        let Some(mut r) = sentence::judge(index, question, terms, i, weight) else { continue };
        let doc = index.places.get(i).and_then(|p| by_doc.get(&p.doc)).map_or(0.0, |d| d.0);
        r.bm25 = score_of(&total, i);
        let fact = match question.wants {
            Wants::Anything => 0.0,
            Wants::Permission if r.typed => 0.10,
            _ if r.typed => 0.15,
            _ => 0.0,
        };
        r.score = (r.bm25 + 0.08 * doc) * (0.55 + 0.5 * r.unit_cover + 0.25 * r.cover + 0.2 * r.direct + fact);
        ranked.push(r);
    }
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.place.cmp(&b.place)));
    ranked.truncate(limit);
    ranked
}

fn score_of(total: &[f32], i: usize) -> f32 {
    total.get(i).copied().unwrap_or_default()
}

/// BM25F of each chunk that has every word of the phrase.
fn phrase_scores(index: &Index, words: &[String]) -> Vec<(u32, f32)> {
    let mut sums: HashMap<u32, (usize, f32)> = HashMap::new();
    for word in words {
        let Some(list) = index.terms.get(word) else { return Vec::new() };
        let idf = idf(index, list.len() as f32);
        for p in list {
            let s = sums.entry(p.chunk).or_insert((0, 0.0));
            s.0 += 1;
            s.1 += idf * saturate(index, p);
        }
    }
    let n = words.len();
    // A phrase is one concept: it may outweigh a word, but not by its number of words.
    let scale = (1.0 + 0.3 * (n as f32 - 1.0)) / n.max(1) as f32;
    sums.into_iter().filter(|(_, (k, _))| *k == n).map(|(c, (_, s))| (c, s * scale)).collect()
}

fn saturate(index: &Index, p: &Posting) -> f32 {
    let Some(place) = index.places.get(p.chunk as usize) else { return 0.0 };
    let body = f32::from(p.body) / (1.0 - B_BODY + B_BODY * place.body_terms / index.mean_body);
    let heading = f32::from(p.heading) / (1.0 - B_HEADING + B_HEADING * place.heading_terms / index.mean_heading);
    let tf = body + W_HEADING * heading + W_TITLE * f32::from(p.title);
    tf * (K1 + 1.0) / (tf + K1)
}
