//! Sets of words, written as one text.

use std::collections::HashSet;
use std::sync::OnceLock;

/// Words parted by white space, compared in small letters.
pub(super) struct Words {
    list: &'static str,
    set: OnceLock<HashSet<&'static str>>,
}

impl Words {
    pub(super) const fn new(list: &'static str) -> Self {
        Self { list, set: OnceLock::new() }
    }

    pub(super) fn has(&self, word: &str) -> bool {
        // No word of a list is longer.
        if word.is_empty() || word.len() > 40 {
            return false;
        }
        let set = self.set.get_or_init(|| self.list.split_whitespace().collect());
        if word.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
            return set.contains(word);
        }
        set.contains(word.to_lowercase().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_case_and_whole_words() {
        static W: Words = Words::new("über the");
        assert!(W.has("Über") && W.has("THE") && !W.has("th") && !W.has(""));
    }
}
