//! What the bot does for people.
//!
//! The way of a message, in file names: [`inbox`] keeps what came in, [`route`] decides what it means, one use-case
//! handles it, [`tx`] commits the new state together with outgoing rows and timers, [`outbox`] delivers, and the
//! result is again an event. [`records`] lists everything that is kept.

mod admin;
mod alerts;
mod ask;
mod builtin;
pub mod cards;
mod cases;
pub mod command;
mod commands;
mod conv;
mod dedupe;
pub mod desk;
pub mod error;
mod escalate;
mod guard;
pub mod inbox;
pub mod listen;
pub mod numbers;
pub mod outbox;
mod people;
pub mod policy;
pub mod press;
pub mod prompts;
mod quiz;
pub mod records;
pub mod report;
pub mod route;
pub mod runs;
pub mod schedule;
pub mod settle;
pub mod text;
pub mod timers;
pub mod tx;
pub mod view;
pub mod worker;
