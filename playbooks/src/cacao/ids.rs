//! Names that people can read, and ids that are the same every time.

use std::collections::BTreeSet;

/// Words that mean something else in expressions or in the language.
const RESERVED: &[&str] =
    &["run", "vars", "outputs", "true", "false", "none", "not", "and", "or", "in", "is", "if", "else", "self", "loop"];

/// Names that are taken.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// This name, or the first free one with a number behind it.
    pub fn take(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut n = 1_u32;
        while RESERVED.contains(&name.as_str()) || !self.0.insert(name.clone()) {
            n += 1;
            name = format!("{wanted}_{n}");
        }
        name
    }
}

/// Lower-case letters, digits and `_`, starting with a letter, at most 40.
pub(super) fn word(text: &str, otherwise: &str) -> String {
    slug(text, '_', 40).unwrap_or_else(|| otherwise.to_owned())
}

/// Lower-case letters, digits and the joint; None when no letter is left.
pub(super) fn slug(text: &str, joint: char, longest: usize) -> Option<String> {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() >= longest {
            break;
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with(joint) {
            out.push(joint);
        }
    }
    let out = out.trim_end_matches(joint);
    if !out.chars().any(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    Some(if out.starts_with(|c: char| c.is_ascii_alphabetic()) { out.to_owned() } else { format!("n{joint}{out}") })
}

/// A UUID made of text: the same text gives the same one. It is marked as version 5, the version for names; the
/// hash is BLAKE3, because nobody needs to compute it again elsewhere.
pub(super) fn uuid(text: &str) -> String {
    let hex = blake3::hash(format!("nightbell cacao {text}").as_bytes()).to_hex().to_string();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-5{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// `type--uuid` made of text.
pub(super) fn id(kind: &str, text: &str) -> String {
    format!("{kind}--{}", uuid(&format!("{kind} {text}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_readable_and_stand_once() {
        let mut names = Names::default();
        assert_eq!(names.take(&word("Block MAC address!", "step")), "block_mac_address");
        assert_eq!(names.take(&word("block  mac-address", "step")), "block_mac_address_2");
        assert_eq!(names.take(&word("Запуск", "step")), "step");
        assert_eq!(names.take(&word("2nd", "step")), "n_2nd");
        assert_eq!(names.take(&word("Run", "step")), "run_2");
    }

    #[test]
    fn ids_are_of_the_standard_and_do_not_change() {
        let a = id("action", "x");
        assert!(super::super::shape::is_id(&a), "{a}");
        assert_eq!(a, id("action", "x"));
        assert_ne!(a, id("action", "y"));
    }
}
