//! Judging sentences: which one of a chunk answers, and whether it has the kind of fact that was asked for.

use super::index::{Index, Place};
use super::question::{Question, Wants};
use super::rank::{Ranked, Term};

/// How much a match outside the sentence counts: in its neighbours, the headings, the title.
const NEIGHBOUR: f32 = 0.65;
const HEADING: f32 = 0.75;
const TITLE: f32 = 0.55;
/// Most terms that the alternatives of one question are looked for by; more than 24 concepts need.
const BITS: usize = 512;

/// A set of those terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Set([u64; BITS / 64]);

impl Set {
    fn add(&mut self, bit: u16) {
        if let Some(w) = self.0.get_mut(usize::from(bit) / 64) {
            *w |= 1 << (bit % 64);
        }
    }
    fn has(&self, bit: u16) -> bool {
        self.0.get(usize::from(bit) / 64).is_some_and(|w| w & (1 << (bit % 64)) != 0)
    }
    fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
    }
}

/// A concept as bits.
struct Sought {
    alternatives: Vec<(Vec<u16>, f32)>,
    weight: f32,
}

/// The terms of one question, so that each text is looked through once for all of them.
pub(crate) struct Lens {
    /// By number of the term: its bit, or `u16::MAX`.
    bits: Vec<u16>,
    sought: Vec<Sought>,
    weight: f32,
}

impl Lens {
    pub fn new(index: &Index, terms: &[Term]) -> Self {
        let mut bits = vec![u16::MAX; index.vocabulary()];
        let mut next = 0_u16;
        let mut sought = Vec::with_capacity(terms.len());
        for t in terms {
            let mut alternatives = Vec::with_capacity(t.alternatives.len());
            for (phrase, weight) in &t.alternatives {
                let mut parts = Vec::with_capacity(phrase.len());
                for id in phrase {
                    let Some(bit) = bits.get_mut(*id as usize) else { continue };
                    if *bit == u16::MAX && usize::from(next) < BITS {
                        *bit = next;
                        next += 1;
                    }
                    parts.push(*bit);
                }
                alternatives.push((parts, *weight));
            }
            sought.push(Sought { alternatives, weight: t.weight });
        }
        let weight = terms.iter().map(|t| t.weight).sum::<f32>().max(0.01);
        Self { bits, sought, weight }
    }

    fn see(&self, ids: &[u32]) -> Set {
        let mut set = Set::default();
        for id in ids {
            if let Some(bit) = self.bits.get(*id as usize).filter(|b| **b != u16::MAX) {
                set.add(*bit);
            }
        }
        set
    }

    /// Share of the question's weight that these fields meet.
    fn cover(&self, fields: &[(Set, f32)]) -> f32 {
        self.sought.iter().map(|s| s.weight * s.found(fields)).sum::<f32>() / self.weight
    }

    /// Looks at every sentence of a chunk.
    pub fn judge(&self, index: &Index, question: &Question, place: usize) -> Option<Ranked> {
        let at: &Place = index.places.get(place)?;
        let chunk = index.documents.get(at.doc as usize)?.chunks.get(at.chunk as usize)?;
        let title = self.see(index.titles.get(at.doc as usize)?);
        let heading = self.see(&at.heading);
        let sets: Vec<Set> = at
            .units
            .iter()
            .map(|u| {
                let mut set = self.see(&u.own);
                set.join(&self.see(&u.lead));
                set
            })
            .collect();
        let mut all = Set::default();
        for s in &sets {
            all.join(s);
        }
        let cover = self.cover(&[(all, 1.0), (heading, 1.0), (title, 0.8)]);
        let direct = |s: &&Sought| s.stands_in(&all) || s.stands_in(&heading);
        let direct = self.sought.iter().filter(direct).map(|s| s.weight).sum::<f32>() / self.weight;
        let mut best: Option<Ranked> = None;
        for (i, own) in sets.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|j| sets.get(j)).unwrap_or(own);
            let after = sets.get(i + 1).unwrap_or(own);
            let around = [(*own, 1.0), (*before, NEIGHBOUR), (*after, NEIGHBOUR), (heading, HEADING), (title, TITLE)];
            let unit_cover = self.cover(&around);
            let inside = self.cover(&[(*own, 1.0)]);
            let typed = chunk.units.get(i).is_some_and(|u| u.facts.has(question.wants, &question.head));
            let worth = unit_cover + 0.5 * inside + if typed && question.wants != Wants::Anything { 0.2 } else { 0.0 };
            if best.as_ref().is_none_or(|b| worth > b.score) {
                let focus = question.focus.and_then(|f| self.sought.get(f)).map_or(1.0, |f| f.found(&around));
                best = Some(Ranked {
                    place,
                    score: worth,
                    unit: i,
                    unit_cover,
                    inside,
                    cover,
                    direct,
                    typed,
                    focus,
                    bm25: 0.0,
                });
            }
        }
        best
    }
}

impl Sought {
    /// How well the concept is met by these fields, 0 to 1.
    fn found(&self, fields: &[(Set, f32)]) -> f32 {
        let mut best = 0.0_f32;
        for (phrase, weight) in &self.alternatives {
            // A near synonym is nearly as good as the word where coverage is concerned; a loose one, or one word of a
            // phrase, is not.
            let worth = if *weight < 0.5 { *weight } else { weight.sqrt() };
            if worth <= best {
                continue;
            }
            // Each word of a phrase may stand in another field: "USB" in the heading, "drive" in the sentence.
            let mut least = 1.0_f32;
            for bit in phrase {
                let here = fields.iter().filter(|(set, _)| set.has(*bit)).map(|(_, w)| *w);
                least = least.min(here.fold(0.0, f32::max));
            }
            best = best.max(least * worth);
        }
        best
    }

    fn stands_in(&self, set: &Set) -> bool {
        self.alternatives.iter().any(|(p, w)| *w >= 0.8 && p.iter().all(|b| set.has(*b)))
    }
}
