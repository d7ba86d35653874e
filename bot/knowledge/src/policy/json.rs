//! The line that `ask --json` prints.

use super::answer::{Answer, AnswerState, Hit, Quote};
use serde::Serialize;

/// A quote of an [`AskLine`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuoteLine {
    /// Document, relative to the policy folder.
    pub doc: String,
    /// Heading path.
    pub section: String,
    /// The exact slice.
    pub text: String,
    /// Place in Unicode characters, end exclusive.
    pub start: usize,
    /// See `start`.
    pub end: usize,
    /// Version of the document, where it states one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// One JSON object per question.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AskLine {
    /// The id given in the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Only a full answer counts; a pointer does not.
    pub answered: bool,
    /// Our line, and below it the first quote.
    pub answer: String,
    /// 0 to 1.
    pub confidence: f32,
    /// Exact slices.
    pub quotes: Vec<QuoteLine>,
    /// Ranked sections.
    pub hits: Vec<Hit>,
    /// `answered`, `pointer` or `not_covered`.
    pub state: AnswerState,
}

impl AskLine {
    /// The line of an answer.
    pub fn new(id: Option<String>, a: Answer) -> Self {
        let mut answer = a.lead.clone();
        if let Some(q) = a.quotes.first() {
            answer.push_str("\n\n");
            answer.push_str(&q.text);
        }
        Self {
            id,
            answered: a.state == AnswerState::Answered,
            answer,
            confidence: a.confidence,
            quotes: a.quotes.into_iter().map(QuoteLine::from).collect(),
            hits: a.hits,
            state: a.state,
        }
    }
}

impl From<Quote> for QuoteLine {
    fn from(q: Quote) -> Self {
        Self { doc: q.doc, section: q.section, text: q.text, start: q.start, end: q.end, version: q.version }
    }
}
