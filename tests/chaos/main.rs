//! Crashes at every commit. In process: the desk dies before or after every durable operation of a story and comes
//! back on the same data. With the real binary: see `process.rs`.

#![allow(clippy::expect_used, clippy::panic, reason = "a broken promise fails the test")]

mod in_process;
mod process;
