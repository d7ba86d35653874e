//! What the bot does for people.
//!
//! The way of a message, in file names: [`inbox`] keeps what came in, [`route`] decides what it means, one use-case
//! handles it, [`tx`] commits the new state together with outgoing rows and timers, [`outbox`] delivers, and the
//! result is again an event. [`records`] lists everything that is kept.

#![allow(
    clippy::too_many_arguments,
    clippy::unused_self,
    clippy::assigning_clones,
    reason = "one run or prompt with all its facts; helpers of the desk are found on the desk"
)]

pub mod accounts;
mod admin;
mod alerts;
mod around;
mod ask;
mod builtin;
pub mod calibrate;
pub mod cards;
mod cases;
pub mod command;
mod commands;
mod commands_run;
mod conv;
mod dedupe;
mod delivery;
pub mod desk;
pub mod error;
mod escalate;
mod feedback;
pub mod groups;
mod guard;
mod home;
pub mod inbox;
mod inputs;
pub mod listen;
mod mail_memory;
pub mod numbers;
pub mod outbox;
mod people;
pub mod policy;
pub mod press;
pub mod prompts;
mod quiz;
pub mod records;
mod records_mail;
mod records_run;
mod relatives;
pub mod report;
pub mod route;
pub mod runs;
pub mod schedule;
pub mod settle;
pub mod starts;
pub mod text;
pub mod timers;
mod triggers;
pub mod turns;
pub mod tx;
mod undo;
pub mod view;
mod whoami;
pub mod worker;
