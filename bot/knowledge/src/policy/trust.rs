//! When to answer: a logistic model over a few features of the ranking.
//!
//! The weights were fitted on the development questions and `tests/data/demo-questions.jsonl`; the command is in
//! `examples/fit.rs`. Fit again after a change to ranking or synonyms.

use super::index::Index;
use super::question::{Question, Wants};
use super::rank::{Ranked, Term};

/// What the confidence is computed from, each about 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Features {
    values: [f32; N],
}

/// Names of the features, in order.
pub const FEATURE_NAMES: [&str; N] = [
    "unit_cover", "cover", "rare_met", "fact_missing", "margin", "score", "direct", "unknown", "inside", "second_met", "ideal", "typed_inside", "holes",
];
const N: usize = 13;

const BIAS: f32 = -3.54;
const WEIGHTS: [f32; N] = [1.98, 2.22, 0.97, -2.11, 0.66, 2.51, -0.83, -1.06,0.,0.,0.,0.,0.];

impl Features {
    pub fn of(index: &Index, question: &Question, terms: &[Term], ranked: &[Ranked]) -> Self {
        let Some(first) = ranked.first() else { return Self::default() };
        let weight: f32 = terms.iter().map(|t| t.weight).sum::<f32>().max(0.01);
        let unknown: f32 = terms.iter().filter(|t| t.unknown).map(|t| t.weight).sum::<f32>() / weight;
        let other = ranked
            .iter()
            .find(|r| index.places.get(r.place).map(|p| p.doc) != index.places.get(first.place).map(|p| p.doc));
        let margin = other.map_or(1.0, |o| 1.0 - o.score / first.score.max(0.01));
        // The asked kind of fact stands in none of the quotes.
        let asks_fact = !matches!(question.wants, Wants::Anything | Wants::Permission);
        let missing = f32::from(u8::from(asks_fact && !ranked.iter().take(3).any(|r| r.typed)));
        let best = ranked.iter().take(3).map(|r| r.unit_cover).fold(0.0, f32::max);
        let rare = met(index, terms, first, 0);
        let score = first.bm25 / (first.bm25 + 10.0);
        let inside = ranked.iter().take(3).map(|r| r.inside).fold(0.0, f32::max);
        let second = met(index, terms, first, 1);
        let ideal = first.bm25 / (2.6 * weight);
        let typed_inside = ranked.iter().take(3).filter(|r| r.typed).map(|r| r.inside).fold(0.0, f32::max);
        let strong: Vec<&Term> = terms.iter().filter(|t| !t.weak).collect();
        let missing_strong = strong.iter().filter(|t| t.alternatives.is_empty() || met_of(index, t, first) < 0.5).count();
        let holes = missing_strong as f32 / strong.len().max(1) as f32;
        let values = [best, first.cover, rare, missing, margin, score, first.direct, unknown, inside, second, ideal.min(1.0), typed_inside, holes];
        Self { values }
    }

    pub fn values(&self) -> [f32; N] {
        self.values
    }
}

/// How the concept of that rank by rarity stands in the best chunk: 1 as asked, less as a synonym, 0 not at all.
fn met(index: &Index, terms: &[Term], first: &Ranked, rank: usize) -> f32 {
    let mut by_rarity: Vec<&Term> = terms.iter().collect();
    by_rarity.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    // A question of one word has no second one to miss.
    let Some(term) = by_rarity.get(rank).or(by_rarity.first()) else { return 0.0 };
    met_of(index, term, first)
}

fn met_of(index: &Index, term: &Term, first: &Ranked) -> f32 {
    let Some(place) = index.places.get(first.place) else { return 0.0 };
    let has = |id: &u32| {
        place.heading.contains(id) || place.units.iter().any(|u| u.own.contains(id) || u.lead.contains(id))
    };
    term.alternatives.iter().filter(|(p, _)| p.iter().all(has)).map(|(_, w)| *w).fold(0.0, f32::max)
}

/// 0 to 1.
pub(crate) fn confidence(features: &Features) -> f32 {
    let sum: f32 = features.values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
    1.0 / (1.0 + (-(sum + BIAS)).exp())
}
