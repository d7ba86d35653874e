//! What Nightbell knows without a model and without a network: the company's policies and the awareness quiz.
//!
//! Everything here is pure: text in, answers out. Files are read by the binary, time is given by the caller.

mod policies;
pub mod policy;
pub mod quiz;

pub use policies::demo_policies;
pub use policy::{Answer, AnswerState, AskLine, Changes, Hit, Index, IndexOptions, LeadCode, Quote};
