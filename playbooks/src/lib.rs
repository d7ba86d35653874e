//! The playbook language: reading, checking and running it. `playbooks.md` is its specification.
//!
//! **Architecture invariant:** no file here does I/O, tells time or rolls dice. The engine is a fold: what
//! happened goes in as a value, records and effects come out as data. The same code runs in production, in
//! `playbook test` on a virtual clock and in the crash harness.

#![allow(
    clippy::many_single_char_names,
    clippy::format_collect,
    clippy::needless_for_each,
    clippy::unused_self,
    clippy::bool_to_int_with_if,
    clippy::redundant_closure,
    clippy::redundant_closure_for_method_calls,
    clippy::nonminimal_bool,
    clippy::manual_let_else,
    clippy::if_not_else,
    clippy::unnecessary_first_then_check,
    clippy::elidable_lifetime_names,
    clippy::double_ended_iterator_last,
    clippy::filter_map_next,
    clippy::manual_checked_ops,
    clippy::semicolon_if_nothing_returned,
    reason = "matters of taste where the plain form reads as well"
)]

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
