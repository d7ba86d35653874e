//! Pages by signed webhook: any paging service, gateway or script that takes a POST can wake somebody.
//!
//! Capabilities: hands over a page. It does not read acknowledgements back; those come in through chat or the console.
//!
//! - [`config`]: the keys, their defaults and what makes them invalid
//! - [`client`]: the [`Pager`](nightbell_core::port::pager::Pager) and the health check; HTTP only
//! - [`map`]: the page as JSON, and the answer as the outbox sees it; no HTTP

pub mod client;
pub mod config;
pub mod map;

pub use client::PageWebhook;
pub use config::{Config, ConfigError};
