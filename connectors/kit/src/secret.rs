//! A secret that cannot be printed by accident.

use serde::{Deserialize, Deserializer};
use std::fmt;
use subtle::ConstantTimeEq;

/// Fewest characters of a signing secret. Shorter ones can be guessed offline from one signed message.
pub const SHORTEST: usize = 16;

/// What stands where a secret was.
const MASK: &str = "***";

/// A token or key from the configuration. Has no `Display` and no `Serialize`; `Debug` shows three stars. There is no `==`
/// either: [`Secret::matches`] takes the same time whatever it is given.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// From the configuration or the environment. White space at the ends is dropped: files end with a line break.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_owned())
    }

    /// The secret itself. For the wire and for comparisons only, never for messages or logs.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether `given`, from outside, is this secret. Constant time for texts of the same length. An empty secret matches
    /// nothing.
    pub fn matches(&self, given: &str) -> bool {
        !self.0.is_empty() && bool::from(self.0.as_bytes().ct_eq(given.as_bytes()))
    }

    /// Whether it is long enough to sign with.
    pub fn is_strong(&self) -> bool {
        self.0.chars().count() >= SHORTEST
    }

    /// `text` without this secret. For words of an outside service, which may repeat what was sent to it.
    pub fn hide_in(&self, text: &str) -> String {
        // Replacing an empty text would put stars between all characters.
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, MASK) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({MASK})")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_stars() {
        let s = Secret::new("correct horse battery\n");
        assert_eq!(format!("{s:?} {:?}", Some(&s)), "Secret(***) Some(Secret(***))");
        assert_eq!(s.expose(), "correct horse battery");
    }

    #[test]
    fn it_is_taken_out_of_foreign_words() {
        let s = Secret::new("correct horse battery");
        assert_eq!(s.hide_in("bad key correct horse battery!"), "bad key ***!");
        assert_eq!(Secret::new("").hide_in("abc"), "abc");
    }

    #[test]
    fn only_the_very_same_text_matches() {
        let s = Secret::new("correct horse battery");
        assert!(s.matches("correct horse battery"));
        for other in ["", "correct horse batterx", "correct horse battery ", "correct"] {
            assert!(!s.matches(other), "{other}");
        }
        assert!(!Secret::new("").matches(""));
    }

    #[test]
    fn short_ones_are_weak() {
        assert!(!Secret::new("hunter2").is_strong());
        assert!(!Secret::new("").is_strong());
        assert!(Secret::new("0123456789abcdef").is_strong());
    }
}
