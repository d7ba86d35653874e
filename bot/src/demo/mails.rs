//! The mails of the story. Written for it; every address is reserved for examples.

/// A credential phish: look-alike domain, link text and target differ, pressure.
pub const PHISH: &str = include_str!("phish.eml");
