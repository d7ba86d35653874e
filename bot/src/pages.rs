//! The pages of error codes, built into the binary.

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of a code, upper or lower case.
pub fn page(code: &str) -> Option<&'static str> {
    let code = code.trim().to_uppercase();
    PAGES.iter().find(|(c, _)| *c == code).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_the_three_answers() {
        let codes = nightbell_core::code::CATALOGUE.iter().chain(nightbell_playbooks::codes::CATALOGUE);
        let mut missing = Vec::new();
        for (code, _) in codes {
            match page(code) {
                Some(p) if ["What happened", "Why", "What to do"].iter().all(|h| p.contains(h)) => {}
                _ => missing.push(*code),
            }
        }
        assert!(missing.is_empty(), "no complete page in bot/docs/errors for {missing:?}");
    }
}
