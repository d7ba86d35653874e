//! What every connector needs and none should write twice.
//!
//! **Architecture invariants:** this crate knows `core` and nothing else of Nightbell; it has no vendor's words; nothing
//! here retries, sleeps, tells time or rolls dice by itself. Retrying is the outbox's work, so that there is one layer
//! of it and a restart does not forget it: [`retry`] only says how long.
//!
//! Where to look first: [`client::ReqwestHttp`] is the only way out to the network, [`answer::classify`] is the one
//! table that says what a status means, [`contract`] holds the rules each connector is tested against
//! (`bot/docs/CONNECTORS.md` has them in words).

pub mod address;
pub mod answer;
pub mod breaker;
pub mod bucket;
pub mod client;
pub mod contract;
pub mod fake;
pub mod health;
pub mod retry;
pub mod secret;
pub mod signature;

pub use client::{ReqwestHttp, install_tls};
pub use secret::Secret;
