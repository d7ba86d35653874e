//! Finding private values: one pass for words that announce one, then one for each kind of shape, each with the checks
//! that make it credible. Every pass is linear in the length of the text; looks around a place are bounded.

mod address;
mod credible;
mod cues;
mod directory;
mod email;
mod given;
mod marks;
mod national;
mod net;
mod number;
mod password;
mod person;
mod phone;
mod secret;
mod text;
mod token;
mod words;

pub use directory::Known;

use crate::Kind;
use crate::span::{Ranked, Span, rank, settle};
use cues::Cues;
use directory::Index;
use regex::Regex;

/// What an operator adds to the built-in detectors.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// People of the directory.
    pub people: Vec<Known>,
    /// Own host names, and with a leading dot all below a suffix (`.corp.example`).
    pub hosts: Vec<String>,
    /// Own patterns (customer numbers, cloud ids), in the syntax of the `regex` crate: linear time only.
    pub patterns: Vec<String>,
}

/// Why [`Settings`] cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadSettings {
    /// The pattern or name that is at fault.
    pub what: String,
    /// Why.
    pub why: String,
}

impl std::fmt::Display for BadSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` cannot be used: {}", self.what, self.why)
    }
}

impl std::error::Error for BadSettings {}

/// Finds private values. Building one costs some milliseconds: keep it.
#[derive(Debug)]
pub struct Detector {
    cues: Cues,
    signs: marks::Signs,
    tokens: token::Tokens,
    known: Index,
    patterns: Vec<Regex>,
}

impl Default for Detector {
    /// Without people, hosts and patterns of a company.
    fn default() -> Self {
        Self {
            cues: Cues::new(),
            signs: marks::Signs::new(),
            tokens: token::Tokens::new(),
            known: Index::default(),
            patterns: Vec::new(),
        }
    }
}

impl Detector {
    /// With the company's own people, hosts and patterns.
    pub fn new(settings: &Settings) -> Result<Self, BadSettings> {
        let mut patterns = Vec::new();
        for p in &settings.patterns {
            let bad = |why: String| BadSettings { what: p.clone(), why };
            let r = regex::RegexBuilder::new(p).size_limit(1 << 20).build().map_err(|e| bad(e.to_string()))?;
            if r.is_match("") {
                return Err(bad("it matches an empty text, and so every place".to_owned()));
            }
            patterns.push(r);
        }
        let known = Index::new(&settings.people, &settings.hosts)
            .map_err(|why| BadSettings { what: "people and hosts".to_owned(), why })?;
        Ok(Self { known, patterns, ..Self::default() })
    }

    /// Every private value of a text, in order, without overlaps.
    pub fn find(&self, text: &str) -> Vec<Span> {
        let mut out: Vec<Ranked> = Vec::new();
        let seen = self.cues.look(text);
        let marks = self.signs.look(text);
        self.known.find(text, &mut out);
        for p in &self.patterns {
            out.extend(
                p.find_iter(text)
                    .filter(|m| !m.is_empty())
                    .map(|m| (rank::OPERATOR, Span::new(m.start(), m.end(), Kind::Custom))),
            );
        }
        self.tokens.find(text, &seen, &mut out);
        secret::find(text, &seen, &marks, &mut out);
        password::find(text, &seen, &marks, &mut out);
        number::find(text, &seen, &mut out);
        net::find(text, &mut out);
        email::find(text, &marks, &mut out);
        address::find(text, &marks, &mut out);
        person::find(text, &mut out);
        settle(out)
    }
}
