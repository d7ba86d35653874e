//! x
pub mod detect;
mod kind;
mod span;
pub use detect::{Detector, Settings};
pub use kind::Kind;
pub use span::{Span, in_characters};
