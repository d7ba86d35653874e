//! The policy index: verbatim answers with their source, or an honest "not covered".
//!
//! `index` holds the documents, `question` reads what is asked, `rank` orders, `sentence` judges, `trust` decides
//! whether to answer, `answer` puts it together.

mod answer;
mod chunk;
mod compounds;
mod elsewhere;
mod facts;
mod feedback;
mod index;
mod json;
mod markdown;
mod question;
mod rank;
mod sentence;
mod synonyms;
mod trust;
mod words;

pub use answer::{Answer, AnswerState, Hit, LeadCode, Quote};
pub use index::{Changes, Index, IndexOptions};
pub use json::{AskLine, QuoteLine};
pub use markdown::FrontMatter;
pub use trust::{FEATURE_NAMES, FITTED};
