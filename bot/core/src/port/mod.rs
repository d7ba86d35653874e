//! The ports: everything that touches the world. One trait each, five methods or fewer, so that tests, crash
//! harness and simulation can stand in for any of them.

pub mod accept;
pub mod actions;
pub mod chat;
pub mod clock;
pub mod http;
pub mod llm;
pub mod mail_auth;
pub mod pager;
pub mod random;
pub mod store;
