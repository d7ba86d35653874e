//! The answer: verbatim quotes below one line of our own, or an honest "not covered".

use super::chunk::{Chunk, Document};
use super::facts::Stance;
use super::index::Index;
use super::question::{self, Question, Wants};
use super::rank::{Ranked, Term, rank, resolve};
use super::trust::{Features, confidence};
use serde::Serialize;

/// Longest quote in words, unless one block is longer.
const QUOTE_WORDS: usize = 110;
/// Confidence from which an answer is given, and from which the nearest section is shown as a pointer.
const ANSWER_FROM: f32 = 0.6;
const POINT_FROM: f32 = 0.3;
/// A second document with this share of the first one's score may be the one that was meant.
const ALIKE: f32 = 0.9;
const QUOTES: usize = 3;
const HITS: usize = 20;

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerState {
    /// The quotes answer it.
    Answered,
    /// The quotes are the nearest there is; the question counts as unanswered.
    Pointer,
    /// Nothing fits.
    NotCovered,
}

/// Why a question was not answered, and which line leads an answer. The caller may translate by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadCode {
    /// The quoted sentence allows it.
    Yes,
    /// The quoted sentence forbids it.
    No,
    /// The quoted sentence decides it, under a condition that it names.
    Depends,
    /// The quote speaks for itself.
    Quote,
    /// Two policies may be meant: both are shown, and the asker says which.
    Which,
    /// Two documents seem to say different things: their owners should look.
    Conflict,
    /// Near, but the asked fact does not stand there.
    Nearest,
    /// Nothing in the policies.
    NotCovered,
    /// A live state, a person, a secret or the bot itself: route it elsewhere.
    NotAPolicyQuestion,
}

impl LeadCode {
    /// The line in English.
    pub const fn line(self) -> &'static str {
        match self {
            Self::Yes => "Yes. This is the sentence that says so:",
            Self::No => "No. This is the sentence that says so:",
            Self::Depends => "It depends. This sentence names the condition:",
            Self::Which => "Two policies speak about this. Both are shown; if neither fits, say what you want to do:",
            Self::Quote => "This is what the policies say:",
            Self::Conflict => "The policies say different things here. Both are shown; the owners should settle it:",
            Self::Nearest => "I found no clear answer in the policies. The nearest passage is:",
            Self::NotCovered => "Not covered by the policies. A person can help.",
            Self::NotAPolicyQuestion => "This is not a question that the policies answer. A person can help.",
        }
    }
}

/// An exact slice of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quote {
    /// Document, relative to the policy folder.
    pub doc: String,
    /// Heading path, joined with ` > `.
    pub section: String,
    /// The slice.
    pub text: String,
    /// Its place in Unicode characters, end exclusive.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// Version of the document, where it states one.
    pub version: Option<String>,
    /// Effective date, where stated.
    pub effective: Option<String>,
    /// Id of the section; changes when its text changes. See [`Index::has_section`].
    pub section_id: String,
}

/// A ranked section.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// Document, relative to the policy folder.
    pub doc: String,
    /// Heading path.
    pub section: String,
    /// Comparable within one answer only.
    pub score: f32,
    /// Place in Unicode characters, end exclusive.
    pub start: usize,
    /// See `start`.
    pub end: usize,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Answered, pointer or not covered.
    pub state: AnswerState,
    /// Which line leads.
    pub code: LeadCode,
    /// The line in English: ours, never from a document.
    pub lead: String,
    /// At most three, best first; empty when nothing is covered.
    pub quotes: Vec<Quote>,
    /// Ranked sections, best first.
    pub hits: Vec<Hit>,
    /// 0 to 1, calibrated on the development questions; given for every question.
    pub confidence: f32,
}

impl Index {
    /// Answers a question from these documents. Same question and documents, same answer.
    pub fn ask(&self, asked: &str) -> Answer {
        // A question is short; what follows is a pasted text.
        let asked: String = asked.chars().take(2_000).collect();
        let question = question::read(&asked, &self.synonyms, self.lang);
        let terms = resolve(self, &question);
        let ranked = rank(self, &question, &terms, HITS);
        let features = Features::of(self, &question, &terms, &ranked);
        let confidence = if question.elsewhere { 0.0 } else { confidence(&features) };
        let hits: Vec<Hit> = ranked.iter().filter_map(|r| self.hit(r)).collect();
        let state = match confidence {
            _ if ranked.is_empty() || question.elsewhere => AnswerState::NotCovered,
            c if c >= ANSWER_FROM => AnswerState::Answered,
            c if c >= POINT_FROM => AnswerState::Pointer,
            _ => AnswerState::NotCovered,
        };
        let quotes = match state {
            AnswerState::Answered => self.quotes(&ranked, QUOTES),
            AnswerState::Pointer => self.quotes(&ranked, 1),
            AnswerState::NotCovered => Vec::new(),
        };
        let code = match state {
            AnswerState::Answered => self.lead(&question, &terms, &ranked),
            AnswerState::Pointer => LeadCode::Nearest,
            AnswerState::NotCovered if question.elsewhere => LeadCode::NotAPolicyQuestion,
            AnswerState::NotCovered => LeadCode::NotCovered,
        };
        Answer { state, code, lead: code.line().to_owned(), quotes, hits, confidence }
    }

    /// The features behind the confidence (see [`super::FEATURE_NAMES`]) and the quotes that would be given if every
    /// question were answered: for fitting and for evaluation.
    pub fn probe(&self, asked: &str) -> (Vec<f32>, Vec<Quote>) {
        let question = question::read(asked, &self.synonyms, self.lang);
        let terms = resolve(self, &question);
        let ranked = rank(self, &question, &terms, HITS);
        let features = Features::of(self, &question, &terms, &ranked).values().to_vec();
        (features, self.quotes(&ranked, QUOTES))
    }

    fn at(&self, ranked: &Ranked) -> Option<(&Document, &Chunk)> {
        let place = self.places.get(ranked.place)?;
        let document = self.documents.get(place.doc as usize)?;
        Some((document, document.chunks.get(place.chunk as usize)?))
    }

    fn hit(&self, ranked: &Ranked) -> Option<Hit> {
        let (document, chunk) = self.at(ranked)?;
        Some(Hit {
            doc: document.name.clone(),
            section: chunk.path.join(" > "),
            score: ranked.score,
            start: document.characters(chunk.range.start),
            end: document.characters(chunk.range.end),
        })
    }

    fn quotes(&self, ranked: &[Ranked], limit: usize) -> Vec<Quote> {
        let mut out: Vec<Quote> = Vec::new();
        for r in ranked {
            let Some((document, chunk)) = self.at(r) else { continue };
            let Some(range) = around(chunk, r.unit) else { continue };
            let Some(text) = document.text.get(range.clone()) else { continue };
            if out.iter().any(|q| q.text == text) {
                continue;
            }
            out.push(Quote {
                doc: document.name.clone(),
                section: chunk.path.join(" > "),
                text: text.to_owned(),
                start: document.characters(range.start),
                end: document.characters(range.end),
                version: document.front.version.clone(),
                effective: document.front.effective.clone(),
                section_id: chunk.id.clone(),
            });
            if out.len() == limit {
                break;
            }
        }
        out
    }

    /// A definite yes or no only where the one best sentence carries all of the question and no condition.
    fn lead(&self, question: &Question, terms: &[Term], ranked: &[Ranked]) -> LeadCode {
        let open = if self.ambiguous(terms, ranked) { LeadCode::Which } else { LeadCode::Quote };
        if question.wants != Wants::Permission || question.negated {
            return open;
        }
        let sentence = |r: &Ranked| {
            let (document, chunk) = self.at(r)?;
            let unit = chunk.units.get(r.unit)?;
            let ids = &self.places.get(r.place)?.units.get(r.unit)?.own;
            let own = |t: &&Term| t.alternatives.iter().any(|(p, w)| *w >= 0.7 && p.iter().all(|x| ids.contains(x)));
            let strong = || terms.iter().filter(|t| !t.weak);
            let carried = strong().count() > 1 && strong().filter(own).count() == strong().count();
            let known = terms.iter().all(|t| !t.unknown);
            (carried && known).then_some((unit.facts.stance, unit.facts.conditional, document.name.as_str()))
        };
        let Some((stance, conditional, name)) = ranked.first().and_then(sentence) else { return open };
        if conditional {
            return if stance == Stance::Silent { open } else { LeadCode::Depends };
        }
        let other = ranked.iter().skip(1).take(2).filter_map(sentence).find(|s| s.2 != name && !s.1);
        match (stance, other.map(|s| s.0)) {
            (Stance::Forbids, Some(Stance::Allows)) | (Stance::Allows, Some(Stance::Forbids)) => LeadCode::Conflict,
            (Stance::Forbids, _) => LeadCode::No,
            (Stance::Allows, _) if !question.duty => LeadCode::Yes,
            (Stance::Requires, _) if question.duty => LeadCode::Yes,
            _ => open,
        }
    }

    /// Whether a question of one or two words fits two documents alike.
    fn ambiguous(&self, terms: &[Term], ranked: &[Ranked]) -> bool {
        let doc = |r: &Ranked| self.places.get(r.place).map(|p| p.doc);
        let (Some(first), Some(second)) =
            (ranked.first(), ranked.iter().find(|r| doc(r) != ranked.first().and_then(doc)))
        else {
            return false;
        };
        terms.iter().filter(|t| !t.weak).count() <= 2
            && second.score >= ALIKE * first.score
            && second.unit_cover >= first.unit_cover - 0.05
    }
}

/// The sentence with as much of its surroundings as a quote may have: first what stands before, for the lead-in.
fn around(chunk: &Chunk, unit: usize) -> Option<std::ops::Range<usize>> {
    let mut size = chunk.units.get(unit)?.words;
    let (mut first, mut last) = (unit, unit);
    loop {
        let mut grown = false;
        for next in [first.checked_sub(1), Some(last + 1)].into_iter().flatten() {
            if let Some(u) = chunk.units.get(next)
                && size + u.words <= QUOTE_WORDS
            {
                size += u.words;
                first = first.min(next);
                last = last.max(next);
                grown = true;
            }
        }
        if !grown {
            break;
        }
    }
    Some(chunk.units.get(first)?.range.start..chunk.units.get(last)?.range.end)
}
