//! The stores behind the port [`nightbell_core::port::store::Store`], and the one contract suite for all of them.
//!
//! - [`Memory`]: for tests. Nothing survives the process.
//! - [`embedded::Embedded`]: the default. A journal on disk is the truth, an index beside it can be rebuilt.
//!
//! [`ops`] has what an operator does with a data folder: verify, rebuild, back up, restore, export.

mod claims;
pub mod contract;
pub mod embedded;
mod limits;
mod memory;

pub use embedded::ops;
pub use memory::Memory;
