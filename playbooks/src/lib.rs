//! The playbook language: reading, checking and running it. `playbooks.md` is its specification.
//!
//! **Architecture invariant:** no file here does I/O, tells time or rolls dice. The engine is a fold: what
//! happened goes in as a value, records and effects come out as data. The same code runs in production, in
//! `playbook test` on a virtual clock and in the crash harness.

pub mod api;
mod bind;
pub mod builtin;
pub mod cacao;
mod catalogue;
pub mod codes;
mod decode;
mod decode_flow;
mod decode_people;
mod decode_step;
pub mod diff;
pub mod engine;
pub mod expr;
mod fields;
pub mod finding;
pub mod fmt;
pub mod graph;
mod library;
pub mod lint;
mod load;
pub mod model;
mod model_step;
pub mod rehearse;
pub mod schema;
pub mod testing;
pub mod world;
mod yaml;

pub use engine::{Advance, EngineError, Failure, Record, Run, StepStatus, What};
pub use finding::{Finding, Severity};
pub use library::{Library, library, library_tests};
pub use load::{Loaded, load, load_kept};
pub use model::Playbook;
