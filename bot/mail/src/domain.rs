//! Who owns a host: organisational domains by the public suffix list, and kinds of hosts.

use crate::domain_list::{FREEMAIL, HOSTING, ODD_TLD, PLUMBING, SENDING, SHORTENER, SOCIAL};
use std::collections::HashSet;
use std::sync::LazyLock;

/// Longest host name (RFC 1035 section 2.3.4). Nothing longer has an owner, and looking for one costs its square.
const MAX_HOST: usize = 253;
/// Most labels of an entry in the lists.
const LABELS: usize = 6;

/// The registrable domain in lower case (RFC 7489 section 3.2); the host itself when there is none.
pub(crate) fn org(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if host.len() > MAX_HOST {
        return host;
    }
    psl::domain_str(&host).map_or_else(|| host.clone(), str::to_owned)
}

/// The label a person recognises: `example` of `www.example.co.uk`.
pub(crate) fn label(host: &str) -> String {
    let o = org(host);
    o.split('.').next().unwrap_or_default().to_owned()
}

fn in_list(host: &str, list: &HashSet<&'static str>) -> bool {
    let from = host.rmatch_indices('.').nth(LABELS - 1).map_or(0, |(i, _)| i + 1);
    let mut h = host.get(from..).unwrap_or_default();
    loop {
        if list.contains(h) {
            return true;
        }
        match h.split_once('.') {
            Some((_, rest)) => h = rest,
            None => return false,
        }
    }
}

macro_rules! kind {
    ($name:ident, $list:ident, $doc:literal) => {
        #[doc = $doc]
        pub(crate) fn $name(host: &str) -> bool {
            static SET: LazyLock<HashSet<&'static str>> = LazyLock::new(|| $list.iter().copied().collect());
            in_list(host, &SET)
        }
    };
}
kind!(freemail, FREEMAIL, "A mailbox provider for everybody.");
kind!(hosting, HOSTING, "Free or cloud hosting.");
kind!(shortener, SHORTENER, "A link shortener.");
kind!(odd_tld, ODD_TLD, "Under a top-level domain that is registered in bulk.");
kind!(sending, SENDING, "A mail-sending service.");
kind!(plumbing, PLUMBING, "Only fonts, schemas and app shops.");
kind!(social, SOCIAL, "A social network.");

/// A host name a mail system could deliver to: at least two labels of letters, digits and hyphens under a suffix that
/// is not made up.
pub(crate) fn valid(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let ascii = idna::domain_to_ascii(host).unwrap_or_default();
    !ascii.is_empty()
        && ascii.len() <= 253
        && ascii.contains('.')
        && ascii.split('.').all(|l| {
            !l.is_empty()
                && l.len() <= 63
                && !l.starts_with('-')
                && !l.ends_with('-')
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
        && ascii.rsplit('.').next().is_some_and(|t| t.len() > 1 && t.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// Whether a label looks made by a machine: long with digits inside, or hardly any vowels.
pub(crate) fn machine_made(label: &str) -> bool {
    let l: Vec<char> = label.chars().filter(char::is_ascii_alphanumeric).collect();
    let upper = l.iter().filter(|c| c.is_ascii_uppercase()).count();
    let lower = l.iter().filter(|c| c.is_ascii_lowercase()).count();
    // People write all lower, all upper or Like This; two capitals behind a small letter are none of these.
    if l.len() >= 6 && lower > 0 && l.first().is_some_and(char::is_ascii_lowercase) && upper >= 2 {
        return true;
    }
    if l.len() < 8 {
        return false;
    }
    let digits = l.iter().filter(|c| c.is_ascii_digit()).count();
    let vowels = l.iter().filter(|c| "aeiouyAEIOUY".contains(**c)).count();
    let letters = l.len() - digits;
    let inner_upper =
        l.windows(2).filter(|w| matches!(w, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase())).count();
    let turns = l.windows(2).filter(|w| matches!(w, [a, b] if a.is_ascii_digit() != b.is_ascii_digit())).count();
    turns >= 4
        || (letters >= 8 && vowels * 6 < letters)
        || (upper >= 4 && lower >= 1 && !label.contains(['.', '-', '_']))
        || (inner_upper >= 2 && !label.contains(['.', '-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_and_kinds() {
        assert_eq!(org("a.b.example.co.uk"), "example.co.uk");
        assert_eq!(label("www.example.com"), "example");
        assert!(freemail("gmail.com") && !freemail("notgmail.com"));
        assert!(hosting("x-1.web.app") && hosting("storage.googleapis.com") && !hosting("googleapis.com"));
        assert!(valid("a.example") && !valid("receita") && !valid("") && !valid("a..b"));
        assert!(machine_made("kmJBRCKHz") && !machine_made("newsletter") && !machine_made("contact"));
    }
}
