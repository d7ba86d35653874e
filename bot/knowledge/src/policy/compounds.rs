//! German compounds: `Passwortlänge` is also found by `Passwort` and by `Länge`, where the documents use both.

use super::chunk::Document;
use super::words::Lang;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Shortest part, in bytes of the stem.
const PART: usize = 4;

/// Compounds of a set of documents and the two parts of each.
#[derive(Debug, Default)]
pub(crate) struct Compounds(HashMap<String, (String, String)>);

impl Compounds {
    /// Reads the terms of the German documents.
    pub fn learn(documents: &[Arc<Document>]) -> Self {
        let german = documents.iter().filter(|d| d.lang == Lang::German);
        let known: HashSet<&str> = german
            .flat_map(|d| d.chunks.iter())
            .flat_map(|c| c.heading_terms.iter().chain(c.units.iter().flat_map(|u| u.terms.iter())))
            .map(String::as_str)
            .collect();
        let long = known.iter().filter(|t| t.len() >= 2 * PART && t.is_ascii());
        Self(long.filter_map(|t| split(t, &|w| known.contains(w)).map(|p| ((*t).to_owned(), p))).collect())
    }

    pub fn parts(&self, term: &str) -> Option<(&str, &str)> {
        self.0.get(term).map(|(a, b)| (a.as_str(), b.as_str()))
    }
}

/// The first split into two known terms, with or without the `s` that joins them. The first part keeps its ending, so a
/// known term one or two letters shorter will do.
pub(crate) fn split(term: &str, known: &dyn Fn(&str) -> bool) -> Option<(String, String)> {
    for at in (PART..=term.len().saturating_sub(PART)).rev() {
        let (Some(first), Some(second)) = (term.get(..at), term.get(at..)) else { continue };
        if !known(second) {
            continue;
        }
        for cut in 0..3 {
            let Some(stem) = first.get(..first.len() - cut) else { break };
            if stem.len() >= PART && known(stem) {
                return Some((stem.to_owned(), second.to_owned()));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compounds_fall_apart_into_known_parts() {
        let known = |w: &str| ["passwor", "lang", "sicherheit", "vorfall"].contains(&w);
        assert_eq!(split("passwortlang", &known), Some(("passwor".into(), "lang".into())));
        assert_eq!(split("sicherheitsvorfall", &known), Some(("sicherheit".into(), "vorfall".into())));
        assert_eq!(split("passwortliste", &known), None);
    }
}
