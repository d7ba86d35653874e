//! Which card to ask next, in which wording, with the options in which order.

use super::bank::{Bank, Item, Level, Variant};
use super::fsrs::{Memory, WISHED_RECALL, interval, recall};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One card of one person.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CardState {
    /// What FSRS knows.
    pub memory: Memory,
    /// Index of the wording asked last: it is not asked twice in a row.
    pub last_variant: usize,
}

/// What is kept about a person for the quiz: nobody else sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonState {
    /// By item id.
    pub cards: BTreeMap<String, CardState>,
    /// Language.
    pub locale: String,
    /// Levels that fit the person; everyone's items always do.
    pub levels: Vec<Level>,
    /// Now, in the same days as [`Memory::last`].
    pub now_days: f64,
    /// Today, for items whose review is too old to be sent.
    pub today: jiff::civil::Date,
}

/// The chosen card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Picked<'a> {
    /// The item in the person's language.
    pub item: &'a Item,
    /// The wording.
    pub variant: &'a Variant,
    /// Its index, to be kept in [`CardState::last_variant`].
    pub variant_index: usize,
}

/// A small mixing function (SplitMix64, Steele, Lea and Flood 2014): the seed comes from the caller's `Rng`.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Due cards first, lowest recall first; then a card of a topic not met yet; then any new card. Nothing when nothing is due.
pub fn pick<'a>(bank: &'a Bank, person: &PersonState, seed: u64) -> Option<Picked<'a>> {
    let fits = |i: &&Item| {
        i.locale == "en"
            && (i.level == Level::Everyone || person.levels.contains(&i.level))
            && !super::check::is_stale(i, person.today)
            && !i.variants.is_empty()
    };
    let items: Vec<&Item> = bank.items.iter().filter(fits).collect();
    let due = items
        .iter()
        .filter_map(|i| {
            let m = person.cards.get(&i.id)?.memory;
            let waited = person.now_days - m.last;
            (waited >= interval(m.stability, WISHED_RECALL)).then(|| (recall(m.stability, waited), *i))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let chosen = match due {
        Some((_, item)) => item,
        None => {
            let new: Vec<&Item> = items.iter().filter(|i| !person.cards.contains_key(&i.id)).copied().collect();
            let met = |i: &&&Item| items.iter().any(|o| o.topic == i.topic && person.cards.contains_key(&o.id));
            let fresh: Vec<&Item> = new.iter().filter(|i| !met(i)).copied().collect();
            let from = if fresh.is_empty() { new } else { fresh };
            let at = usize::try_from(mix(seed) % u64::try_from(from.len().max(1)).ok()?).ok()?;
            from.get(at).copied()?
        }
    };
    let item = bank.get(&chosen.id, &person.locale)?;
    let n = item.variants.len();
    let variant_index = match person.cards.get(&chosen.id) {
        Some(card) => (card.last_variant + 1) % n.max(1),
        None => usize::try_from(mix(seed ^ 1) % u64::try_from(n.max(1)).ok()?).ok()?,
    };
    Some(Picked { item, variant: item.variants.get(variant_index)?, variant_index })
}

/// The order in which to show the options: a permutation of their indices (Fisher-Yates).
pub fn shuffled(options: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..options).collect();
    let mut state = seed;
    for i in (1..options).rev() {
        state = mix(state);
        order.swap(i, (state % (i as u64 + 1)) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quiz::{Grade, bank, review};

    fn person(now_days: f64) -> PersonState {
        PersonState {
            cards: BTreeMap::new(),
            locale: "de".into(),
            levels: vec![Level::Office],
            now_days,
            today: jiff::civil::date(2026, 12, 1),
        }
    }

    #[test]
    fn new_topics_come_before_known_ones_and_wordings_change() {
        let bank = bank();
        let mut p = person(0.0);
        let mut topics = std::collections::BTreeSet::new();
        for week in 0..10_u64 {
            // Day zero throughout: nothing is due, so every pick is a new topic.
            let got = pick(&bank, &p, week).expect("a card");
            assert_eq!(got.item.locale, "de");
            assert!(topics.insert(got.item.topic.clone()));
            let memory = review(None, Grade::Good, 0.0);
            p.cards.insert(got.item.id.clone(), CardState { memory, last_variant: got.variant_index });
        }
        p.now_days = 400.0;
        let due = pick(&bank, &p, 1).expect("due");
        let card = p.cards[&due.item.id];
        assert_ne!(due.variant_index, card.last_variant);
    }

    #[test]
    fn the_forgotten_card_is_first_and_old_items_are_not_sent() {
        let bank = bank();
        let mut p = person(30.0);
        for (id, grade) in [("passwords-reuse", Grade::Good), ("travel-hotel", Grade::Again)] {
            p.cards.insert(id.into(), CardState { memory: review(None, grade, 0.0), last_variant: 0 });
        }
        assert_eq!(pick(&bank, &p, 9).map(|x| x.item.id.as_str()), Some("travel-hotel"));
        p.today = jiff::civil::date(2029, 1, 1);
        assert!(pick(&bank, &p, 9).is_none());
    }

    #[test]
    fn orders_are_permutations_and_even() {
        let mut first = [0_u32; 4];
        for seed in 0..4000 {
            let o = shuffled(4, seed);
            let mut s = o.clone();
            s.sort_unstable();
            assert_eq!(s, [0, 1, 2, 3]);
            first[o[0]] += 1;
        }
        assert!(first.iter().all(|n| (900..1100).contains(n)), "{first:?}");
    }
}
