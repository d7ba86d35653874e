//! The playbook language: reading, checking and running it. `playbooks.md` is its specification.
//!
//! **Architecture invariant:** no file here does I/O, tells time or rolls dice. The engine is a fold: what
//! happened goes in as a value, records and effects come out as data. The same code runs in production, in
//! `playbook test` on a virtual clock and in the crash harness.

pub mod api;
