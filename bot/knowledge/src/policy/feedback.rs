//! Words that the question did not use but its best matches share: a chunk that has them too is more likely about the
//! same thing. After V. Lavrenko and W. B. Croft, "Relevance-Based Language Models", 2001, in its simplest form.

use super::index::Index;
use super::rank::{Term, idf, saturate};
use std::collections::HashMap;

/// How many first places are read, how many words are taken from them, and what all of these are worth together, as a
/// share of the best score.
pub(crate) const PLACES: usize = 8;
const WORDS: usize = 10;
const WORTH: f32 = 0.2;
/// A chunk shorter than this says no more than a longer one.
const SHORT: f32 = 30.0;

/// The shared words and their weights.
pub(crate) struct Echo(Vec<(u32, f32)>);

/// Reads the first places, given with their scores.
pub(crate) fn echo(index: &Index, terms: &[Term], first: &[(usize, f32)]) -> Echo {
    let sum = first.iter().map(|f| f.1).sum::<f32>().max(0.01);
    let mut weight: HashMap<u32, f32> = HashMap::new();
    for (i, score) in first {
        let Some(place) = index.places.get(*i) else { continue };
        let share = score / sum;
        for id in place.units.iter().flat_map(|u| &u.own) {
            *weight.entry(*id).or_default() += share * 50.0 / place.body_terms.max(SHORT);
        }
        for id in &place.heading {
            *weight.entry(*id).or_default() += share;
        }
    }
    for id in terms.iter().flat_map(|t| &t.alternatives).flat_map(|(phrase, _)| phrase) {
        weight.remove(id);
    }
    // A word of one chunk alone tells of no other.
    let rare = |id: u32| index.postings(id).len() as f32;
    let mut list: Vec<(u32, f32)> =
        weight.into_iter().filter(|(id, _)| rare(*id) > 1.0).map(|(id, w)| (id, w * idf(index, rare(id)))).collect();
    list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    list.truncate(WORDS);
    let all = list.iter().map(|x| x.1).sum::<f32>().max(0.01);
    let top = first.first().map_or(0.0, |f| f.1);
    Echo(list.into_iter().map(|(id, w)| (id, WORTH * top * w / all)).collect())
}

impl Echo {
    /// What the shared words add to the score of a chunk.
    pub fn of(&self, index: &Index, place: usize) -> f32 {
        let one = |(id, weight): &(u32, f32)| {
            let list = index.postings(*id);
            let at = list.binary_search_by_key(&place, |p| p.chunk as usize).ok()?;
            Some(weight * saturate(index, list.get(at)?) / (super::rank::K1 + 1.0))
        };
        self.0.iter().filter_map(one).sum()
    }
}
