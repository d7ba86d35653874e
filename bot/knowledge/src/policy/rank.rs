//! Ranking: BM25F over title, heading path and body (Robertson and Zaragoza, "The Probabilistic Relevance Framework",
//! 2009, section 3.6), then the first places again by their best sentence.

use super::compounds;
use super::feedback;
use super::index::{Index, Posting};
use super::question::{Concept, Question, Wants};
use super::sentence::Lens;
use super::words::{Lang, is_stop, is_weak, one_edit_apart, stem};
use std::collections::HashMap;

pub(crate) const K1: f32 = 1.6;
const B_BODY: f32 = 0.6;
const B_HEADING: f32 = 0.3;
const W_TITLE: f32 = 0.9;
const W_HEADING: f32 = 2.3;
/// A weak word counts this much of its weight.
const WEAK: f32 = 0.3;
/// How many places of the first ranking are looked at by sentence.
const DEEP: usize = 60;
/// A further alternative of a concept adds this much of its score to the best one.
const SECOND: f32 = 0.25;

/// A concept with its alternatives looked up.
pub(crate) struct Term {
    /// Terms that must all stand in a text, and the weight of finding them.
    pub alternatives: Vec<(Vec<u32>, f32)>,
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
    /// Share of the question's weight found in that sentence alone.
    pub inside: f32,
    /// Share of the question's weight found in the chunk, its headings and its title.
    pub cover: f32,
    /// Share of the weight found as the very words of the question.
    pub direct: f32,
    /// The kind of fact that was asked for stands in the sentence.
    pub typed: bool,
    /// How well the focus of the question is met in and around the sentence; 1 without a focus.
    pub focus: f32,
    pub bm25: f32,
}

pub(crate) fn idf(index: &Index, df: f32) -> f32 {
    let n = index.places.len() as f32;
    (1.0 + (n - df + 0.5).max(0.0) / (df + 0.5)).ln()
}

fn phrase_idf(index: &Index, words: &[u32]) -> f32 {
    let sum: f32 = words.iter().map(|w| idf(index, index.postings(*w).len() as f32)).sum();
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
            alternatives.push((vec![format!("{own}{other}")], 0.9));
        }
        if concept.own.len() > 1 {
            alternatives.push((vec![concept.own.concat()], 0.9));
        }
        let mut alternatives = numbered(index, &alternatives);
        if alternatives.is_empty() {
            alternatives = numbered(index, &guesses(index, concept, question.lang));
        }
        let own: Option<Vec<u32>> = concept.own.iter().map(|w| index.id(w)).collect();
        let direct = alternatives.iter().find(|(p, _)| Some(p) == own.as_ref());
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

/// Those phrases of which every word stands in some document.
fn numbered(index: &Index, phrases: &[(Vec<String>, f32)]) -> Vec<(Vec<u32>, f32)> {
    let number = |(p, w): &(Vec<String>, f32)| Some((p.iter().map(|t| index.id(t)).collect::<Option<Vec<u32>>>()?, *w));
    phrases.iter().filter_map(number).collect()
}

/// What a word that stands nowhere may have meant: one slip of the keys, or two words written as one.
fn guesses(index: &Index, concept: &Concept, lang: Lang) -> Vec<(Vec<String>, f32)> {
    let mut out = Vec::new();
    for (word, own) in concept.typed.iter().zip(&concept.own).filter(|(w, _)| w.chars().count() > 4) {
        let Some(initial) = word.chars().next() else { continue };
        let from = index.surface.partition_point(|s| s.chars().next() < Some(initial));
        let like = index.surface.iter().skip(from).take_while(|s| s.starts_with(initial));
        let like = like.filter(|s| s.len().abs_diff(word.len()) < 3 && s.len() > 4 && one_edit_apart(s, word));
        out.extend(like.take(3).map(|found| (vec![stem(found, lang)], 0.75)));
        if out.is_empty() {
            // "payday" is not about any day: small words make no compound.
            let plain = |w: &str| index.id(w).is_some() && !is_weak(w) && !is_stop(w);
            out.extend(compounds::split(own, &plain).map(|(a, b)| (vec![a, b], 0.8)));
        }
    }
    out
}

/// Places in order, best first, at most `limit`.
pub(crate) fn rank(index: &Index, question: &Question, terms: &[Term], limit: usize) -> Vec<Ranked> {
    let n = index.places.len();
    let mut total = vec![0.0_f32; n];
    let mut value = vec![(0.0_f32, 0.0_f32); n];
    let mut touched: Vec<u32> = Vec::new();
    for term in terms {
        for (phrase, weight) in &term.alternatives {
            phrase_scores(index, phrase, &mut |chunk, score| {
                let Some(v) = value.get_mut(chunk as usize) else { return };
                if v.1 == 0.0 {
                    touched.push(chunk);
                }
                let score = score * weight;
                v.1 += score;
                v.0 = v.0.max(score);
            });
        }
        let scale = if term.weak { WEAK } else { 1.0 };
        for chunk in touched.drain(..) {
            if let (Some(t), Some(v)) = (total.get_mut(chunk as usize), value.get_mut(chunk as usize)) {
                let (best, sum) = std::mem::take(v);
                *t += scale * (best + SECOND * (sum - best).min(best));
            }
        }
    }
    let mut order: Vec<usize> = (0..n).filter(|i| total.get(*i).is_some_and(|t| *t > 0.0)).collect();
    let first = |a: &usize, b: &usize| score_of(&total, *b).total_cmp(&score_of(&total, *a)).then(a.cmp(b));
    if order.len() > DEEP * 2 {
        order.select_nth_unstable_by(DEEP * 2, first);
        order.truncate(DEEP * 2);
    }
    order.sort_unstable_by(first);
    // A document whose other sections fit too is more likely the right one.
    let mut by_doc: HashMap<u32, (f32, u32)> = HashMap::new();
    for i in &order {
        if let Some(place) = index.places.get(*i) {
            let d = by_doc.entry(place.doc).or_insert((0.0, 0));
            if d.1 < 3 {
                d.0 += score_of(&total, *i);
                d.1 += 1;
            }
        }
    }
    order.truncate(DEEP);
    let first: Vec<(usize, f32)> = order.iter().take(feedback::PLACES).map(|i| (*i, score_of(&total, *i))).collect();
    let echo = feedback::echo(index, terms, &first);
    let lens = Lens::new(index, terms);
    let mut ranked: Vec<Ranked> = Vec::with_capacity(order.len());
    for i in order {
        let Some(mut r) = lens.judge(index, question, i) else { continue };
        let doc = index.places.get(i).and_then(|p| by_doc.get(&p.doc)).map_or(0.0, |d| d.0);
        r.bm25 = score_of(&total, i);
        let fact = match question.wants {
            Wants::Anything => 0.0,
            Wants::Permission if r.typed => 0.16,
            _ if r.typed => 0.24,
            _ => 0.0,
        };
        let base = r.bm25 + 0.08 * doc + echo.of(index, i);
        r.score = base * (0.55 + 0.5 * r.unit_cover + 0.5 * r.cover + 0.2 * r.direct + fact);
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
fn phrase_scores(index: &Index, phrase: &[u32], out: &mut dyn FnMut(u32, f32)) {
    let n = phrase.len();
    // A phrase is one concept: it may outweigh a word, but not by its number of words.
    let scale = (1.0 + 0.3 * (n as f32 - 1.0)) / n.max(1) as f32;
    let mut lists: Vec<&[Posting]> = phrase.iter().map(|id| index.postings(*id)).collect();
    lists.sort_by_key(|l| l.len());
    let Some((shortest, others)) = lists.split_first() else { return };
    let own = idf(index, shortest.len() as f32);
    for p in *shortest {
        let mut sum = own * saturate(index, p);
        let all = others.iter().all(|l| {
            let Ok(at) = l.binary_search_by_key(&p.chunk, |q| q.chunk) else { return false };
            sum += l.get(at).map_or(0.0, |q| idf(index, l.len() as f32) * saturate(index, q));
            true
        });
        if all {
            out(p.chunk, sum * scale);
        }
    }
}

pub(crate) fn saturate(index: &Index, p: &Posting) -> f32 {
    let Some(place) = index.places.get(p.chunk as usize) else { return 0.0 };
    let body = f32::from(p.body) / (1.0 - B_BODY + B_BODY * place.body_terms / index.mean_body);
    let heading = f32::from(p.heading) / (1.0 - B_HEADING + B_HEADING * place.heading_terms / index.mean_heading);
    let tf = body + W_HEADING * heading + W_TITLE * f32::from(p.title);
    tf * (K1 + 1.0) / (tf + K1)
}
