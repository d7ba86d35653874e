//! Actions by signed webhook: any automation that takes a POST can be called from a playbook.
//!
//! Capabilities: the actions of the manifests it is given, each with an idempotency key. What the receiver must do is
//! in `bot/docs/CONNECTORS.md`, section "Receiving an action".
//!
//! - [`config`]: where each action goes and what makes that invalid
//! - [`client`]: the [`Actions`](nightbell_core::port::actions::Actions) and the health check; HTTP only
//! - [`map`]: a call as JSON, and the answer as an outcome; no HTTP

pub mod client;
pub mod config;
pub mod map;

pub use client::ActionWebhook;
pub use config::{Config, ConfigError};
