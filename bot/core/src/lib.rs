//! The vocabulary, the rules and the ports of Nightbell.
//!
//! **Architecture invariant:** this crate does no I/O, knows no async runtime and no vendor. Everything that
//! touches the world is a trait in [`port`]; everything else is plain data with its rules and can be tested
//! without a clock, a disk or a network.
//!
//! Where to look first: [`event::Event`] is all that can come in, [`chat`] is how people are spoken to,
//! [`port::store::Store`] is the promise that accepted means kept.

pub mod action;
pub mod alert;
pub mod approval;
pub mod canonical;
pub mod case;
pub mod chat;
pub mod checksum;
pub mod code;
pub mod duration;
pub mod event;
pub mod ids;
pub mod mail;
pub mod person;
pub mod port;
pub mod telemetry;
pub mod text;

pub use code::{Code, Coded};
pub use ids::{CaseId, PageId, PersonId, RunId};
pub use jiff::Timestamp;
