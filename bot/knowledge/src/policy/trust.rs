//! When to answer: a logistic model over a few features of the ranking.
//!
//! The weights were fitted on `corpus/` and the demo policies, both of our own writing; `cargo run --release --example fit`
//! fits them again and says whether they still hold. Fit again after a change to ranking, synonyms or corpus.

use super::index::Index;
use super::question::{Question, Wants};
use super::rank::{Ranked, Term};

/// Number of features.
const N: usize = 7;
/// How many of the first places are looked at: as many as are quoted.
const PLACES: usize = 3;
/// Share of the question that a sentence must carry before a number or a role in it can be the answer.
const RELATED: f32 = 0.25;

/// What the confidence is computed from, each 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Features {
    values: [f32; N],
}

/// Names of the features, in order.
pub const FEATURE_NAMES: [&str; N] = ["cover", "fact_missing", "margin", "score", "typed_inside", "holes", "no_focus"];
/// What the features are weighted by, the bias first: for the check of the fit.
pub const FITTED: [f32; N + 1] = [-1.82, 1.19, -1.84, 1.08, 1.58, 1.77, -1.01, -1.15];

impl Features {
    pub fn of(index: &Index, question: &Question, terms: &[Term], ranked: &[Ranked]) -> Self {
        let Some(first) = ranked.first() else { return Self::default() };
        let quoted = || ranked.iter().take(PLACES);
        let doc = |r: &Ranked| index.places.get(r.place).map(|p| p.doc);
        let other = ranked.iter().find(|r| doc(r) != doc(first));
        let margin = other.map_or(1.0, |o| 1.0 - o.score / first.score.max(0.01));
        // The asked kind of fact stands in no sentence that has something of the question.
        let asks_fact = !matches!(question.wants, Wants::Anything | Wants::Permission);
        let fact_missing = f32::from(u8::from(asks_fact && !quoted().any(|r| r.typed && r.inside >= RELATED)));
        let score = first.bm25 / (first.bm25 + 10.0);
        // How much of the question one sentence carries that has the asked kind of fact.
        let typed_inside = quoted().filter(|r| r.typed).map(|r| r.inside).fold(0.0, f32::max);
        let strong: Vec<&Term> = terms.iter().filter(|t| !t.weak).collect();
        let missing = strong.iter().filter(|t| met(index, t, first) < 0.5).count();
        let holes = missing as f32 / strong.len().max(1) as f32;
        let no_focus = 1.0 - quoted().map(|r| r.focus).fold(0.0, f32::max);
        Self { values: [first.cover, fact_missing, margin, score, typed_inside, holes, no_focus] }
    }

    pub fn values(&self) -> [f32; N] {
        self.values
    }
}

/// How a concept stands in a chunk: 1 as asked, less as a synonym, 0 not at all.
fn met(index: &Index, term: &Term, ranked: &Ranked) -> f32 {
    let Some(place) = index.places.get(ranked.place) else { return 0.0 };
    let has =
        |id: &u32| place.heading.contains(id) || place.units.iter().any(|u| u.own.contains(id) || u.lead.contains(id));
    term.alternatives.iter().filter(|(p, _)| p.iter().all(has)).map(|(_, w)| *w).fold(0.0, f32::max)
}

/// 0 to 1.
pub(crate) fn confidence(features: &Features) -> f32 {
    let [bias, weights @ ..] = FITTED;
    let sum: f32 = features.values.iter().zip(weights).map(|(v, w)| v * w).sum();
    1.0 / (1.0 + (-(sum + bias)).exp())
}
