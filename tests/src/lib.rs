//! The test rooms: a whole world around the desk with people, a chat, outside services and a clock, all in memory.
//!
//! A story is written with [`World`]'s verbs ("the employee sends this", "the responder presses that", "an hour
//! passes") and its expectations ("the employee sees ..."). One thread, one clock, one seed: the same story gives the
//! same run. `World::restart` is kill -9 at a commit boundary.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a harness fails by panicking, with the whole picture in the message"
)]

pub mod actions;
pub mod chat;
pub mod clock;
pub mod end;
pub mod fault;
pub mod look;
pub mod mails;
pub mod pager;
pub mod people;
pub mod process;
pub mod service;
pub mod slack;
pub mod verbs;
pub mod world;

pub use clock::TestClock;
pub use fault::{At, FaultStore};
pub use world::{Kind, World};
