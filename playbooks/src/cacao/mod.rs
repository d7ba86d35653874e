//! CACAO v2.0 documents in and out (`playbooks.md` section 13).
//!
//! An import gives text of our own language that loads without errors, or findings that say why not. What our
//! language cannot say is kept under `x.cacao`, so that an export of an unchanged import gives the document back.
//! An export says as much as possible in plain CACAO; the exact playbook travels along in an extension.
//!
//! Source of the format: OASIS "CACAO Security Playbooks Version 2.0" and its published JSON schemas.

mod commands;
mod cond;
mod cond_read;
mod cycles;
mod doc;
mod emit;
mod emit_flow;
mod export;
mod export_cond;
mod export_flow;
mod export_step;
mod flow;
mod ids;
mod import;
mod keep;
mod refs;
mod secrets;
mod shape;
mod shape_parties;
mod shape_table;
mod sign;
mod text;
mod tree;
mod vars;
mod write;

pub use export::export;
pub use import::{Imported, import};
pub(crate) use keep::refuses;
pub use shape::problems as shape_problems;
pub use sign::{Signature, signatures};

/// Largest document in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// Deepest nesting of a document.
pub const MAX_DEPTH: usize = 64;
/// Workflow steps of a document.
pub const MAX_STEPS: usize = 500;
