//! The author's tools. One binary, because linking is the slow part.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where a helper fails")]

mod diff;
mod fmt;
mod graph;
mod json_schema;
mod rehearse;
mod schema;
mod testing;
