//! The table from what employees say to what policies say.

use super::words::{Lang, is_stop, stem, words};
use std::collections::HashMap;

/// The tables that ship with the product.
const BUILT_IN: &str = include_str!("../../data/synonyms.txt");
const GERMAN: &str = include_str!("../../data/synonyms-de.txt");

/// Weight of a phrase on the right of `=`, and of `~` for looser relations.
const NEAR: f32 = 0.75;
const LOOSE: f32 = 0.45;
/// Weight of the words of a `&` line for each other.
const SAME: f32 = 0.6;

/// Stemmed words of a phrase and how much it is worth.
pub(crate) type Alternative = (Vec<String>, f32);

/// Mostly one-way: left to right, so that "phone" may find "mobile device" while "device" never finds "phone".
#[derive(Debug, Default, Clone)]
pub(crate) struct Synonyms {
    by_phrase: HashMap<Vec<String>, Vec<Alternative>>,
    longest: usize,
}

impl Synonyms {
    /// The built-in table and the company's own lines in the same format.
    pub fn new(extra: &str) -> Self {
        let mut table = Self::default();
        for (text, lang) in [(BUILT_IN, Lang::English), (GERMAN, Lang::German)] {
            for line in text.lines().chain(extra.lines()) {
                table.add(line, lang);
            }
        }
        table
    }

    /// `said | also said = policy words; other policy words ~ loosely related`, or `& words | that mean | the same`. `#`
    /// starts a comment line.
    fn add(&mut self, line: &str, lang: Lang) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        if let Some(group) = line.strip_prefix('&') {
            let all: Vec<Vec<String>> = group.split('|').map(|p| phrase(p, lang)).filter(|p| !p.is_empty()).collect();
            for said in &all {
                let others: Vec<Alternative> = all.iter().map(|p| (p.clone(), SAME)).collect();
                self.enter(said.clone(), &others);
            }
            return;
        }
        let (line, loose) = line.split_once('~').unwrap_or((line, ""));
        let (said, near) = line.split_once('=').unwrap_or((line, ""));
        let near = near.split(';').map(|p| (phrase(p, lang), NEAR));
        let loose = loose.split(';').map(|p| (phrase(p, lang), LOOSE));
        let right: Vec<Alternative> = near.chain(loose).filter(|(p, _)| !p.is_empty()).collect();
        for said in said.split('|') {
            let key = phrase(said, lang);
            if key.is_empty() {
                continue;
            }
            self.enter(key, &right);
        }
    }

    /// The heavier weight wins where a phrase stands on several lines.
    fn enter(&mut self, key: Vec<String>, right: &[Alternative]) {
        self.longest = self.longest.max(key.len());
        let entry = self.by_phrase.entry(key.clone()).or_default();
        for (phrase, weight) in right {
            match entry.iter_mut().find(|(p, _)| p == phrase) {
                Some(known) => known.1 = known.1.max(*weight),
                None if *phrase != key => entry.push((phrase.clone(), *weight)),
                None => {}
            }
        }
    }

    /// A pair that holds in both directions, such as an acronym and its long form.
    pub fn add_pair(&mut self, a: Vec<String>, b: Vec<String>) {
        for (key, value) in [(a.clone(), b.clone()), (b, a)] {
            self.longest = self.longest.max(key.len());
            let entry = self.by_phrase.entry(key).or_default();
            if !entry.iter().any(|(p, _)| *p == value) {
                entry.push((value, NEAR));
            }
        }
    }

    /// The longest known phrase at the start of these words: its length and what it stands for.
    pub fn at<'a>(&'a self, stems: &[String]) -> Option<(usize, &'a [Alternative])> {
        (1..=self.longest.min(stems.len())).rev().find_map(|n| {
            let found = self.by_phrase.get(stems.get(..n)?)?;
            Some((n, found.as_slice()))
        })
    }
}

fn phrase(text: &str, lang: Lang) -> Vec<String> {
    words(text).into_iter().filter(|w| !is_stop(&w.text)).map(|w| stem(&w.text, lang)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_way_and_extensible() {
        let t = Synonyms::new("clubhouse = head office");
        let key = |s: &str| phrase(s, Lang::English);
        let (n, found) = t.at(&key("thumb drives lying around")).expect("known");
        assert_eq!(n, 2);
        assert!(found.iter().any(|(p, _)| *p == key("removable media")));
        assert!(t.at(&key("clubhouse")).is_some());
        let back = t.at(&key("head office"));
        assert!(back.is_none_or(|(_, a)| a.iter().all(|(p, _)| *p != key("clubhouse"))));
    }

    #[test]
    fn every_line_of_the_table_is_complete() {
        for line in BUILT_IN.lines().chain(GERMAN.lines()).filter(|l| !l.trim().is_empty() && !l.starts_with('#')) {
            assert!(line.starts_with('&') || line.contains('=') || line.contains('~'), "no right side: {line}");
            let (said, _) = line.split_once(['=', '~']).unwrap_or((line.trim_start_matches('&'), ""));
            for s in said.split('|') {
                assert!(!phrase(s, Lang::English).is_empty(), "nothing searchable in {s:?} of {line}");
            }
        }
    }
}
