//! What keeps private things private: finding them, replacing them, giving them back to those who may see them, and
//! telling when a text tries to give orders to a machine.
//!
//! - [`Detector`] finds values in a text, in linear time and without a model.
//! - [`Vault`] replaces them by placeholders such as `<EMAIL_1>` and keeps what may be restored.
//! - [`Redacted`] is the only text that a model, a log or an export may take; only a vault makes one.
//! - [`Untrusted`] is text from outside; it reaches a model only redacted and inside a [`Fence`].
//! - [`guard`] says which texts look like orders to a machine: a hint for people, never a permission.
//! - [`output`] makes what a model wrote harmless before anybody sees it.
//!
//! **Architecture invariant:** no I/O, no clock, no randomness of its own; knows only `core`.

pub mod detect;
pub mod fence;
pub mod guard;
mod kind;
pub mod output;
mod span;
mod types;
pub mod vault;

pub use detect::{Detector, Settings};
pub use fence::{Canary, Fence};
pub use kind::Kind;
pub use span::{Span, in_characters};
pub use types::{ModelInput, Redacted, Untrusted};
pub use vault::{Clearance, Vault};
