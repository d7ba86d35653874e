//! Which name a mail claims, and whether a domain belongs to its owner.

use crate::brand_list::{BRANDS, Brand};
use crate::domain;
use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::LazyLock;

/// Words that go with any name in a sender's display name.
const FILLER: &[&str] = &[
    "team",
    "support",
    "service",
    "services",
    "security",
    "customer",
    "account",
    "accounts",
    "notification",
    "notifications",
    "alert",
    "alerts",
    "center",
    "centre",
    "help",
    "desk",
    "helpdesk",
    "the",
    "info",
    "billing",
    "online",
    "bank",
    "kundenservice",
    "kundendienst",
    "sicherheit",
    "konto",
    "wallet",
    "news",
    "id",
    "from",
    "by",
    "no",
    "reply",
    "noreply",
    "inc",
    "com",
    "de",
    "fr",
    "nl",
    "es",
    "rewards",
    "reward",
    "code",
    "paket",
    "express",
    "update",
    "updates",
    "verification",
    "network",
    "delivery",
    "payments",
    "payment",
    "atencion",
    "cliente",
    "klantenservice",
    "equipe",
    "suporte",
    "atendimento",
    "store",
    "pay",
];

struct Matcher {
    ac: AhoCorasick,
    /// Pattern number to brand and key.
    of: Vec<(usize, &'static str)>,
}

static MATCHER: LazyLock<Option<Matcher>> = LazyLock::new(|| {
    let of: Vec<_> = BRANDS.iter().enumerate().flat_map(|(i, b)| b.keys.iter().map(move |k| (i, *k))).collect();
    let ac = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(of.iter().map(|(_, k)| *k)).ok()?;
    Some(Matcher { ac, of })
});

/// A brand found in a folded text.
#[derive(Clone, Copy)]
pub(crate) struct Claim {
    pub brand: &'static Brand,
    /// Bytes of the folded text.
    pub at: (usize, usize),
}

impl Claim {
    /// The name that was used, for people. A row of the list may hold several names of one trade.
    pub fn name(&self, folded: &str) -> String {
        let used = folded.get(self.at.0..self.at.1).unwrap_or_default();
        let first = self.brand.name.to_lowercase();
        if used.is_empty() || used.contains(&first) || self.brand.keys.first().is_some_and(|k| *k == used) {
            return self.brand.name.to_owned();
        }
        let mut chars = used.chars();
        chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
    }
}

/// What companies of a trade put around their name in their domain.
const AROUND: &[&str] = &["banco", "bank", "banca", "banque", "grupo", "group", "gruppe", "groupe"];

/// `bancosantander` is `santander`; nothing else may be added.
fn without_trade(label: &str) -> &str {
    AROUND
        .iter()
        .find_map(|w| label.strip_prefix(w).or_else(|| label.strip_suffix(w)))
        .filter(|r| r.len() >= 4)
        .unwrap_or(label)
}

/// All brand words in `folded`, whole words only, first of each brand.
pub(crate) fn find(folded: &str) -> Vec<Claim> {
    let Some(m) = &*MATCHER else { return Vec::new() };
    let mut out: Vec<Claim> = Vec::new();
    for hit in m.ac.find_iter(folded) {
        let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        let before = folded.get(..hit.start()).and_then(|s| s.chars().next_back());
        let after = folded.get(hit.end()..).and_then(|s| s.chars().next());
        if !edge(before) || !edge(after) {
            continue;
        }
        // Part of an address or a host says nothing about a claim.
        if before == Some('@') || (before == Some('.') || before == Some('/')) {
            continue;
        }
        let Some(brand) = m.of.get(hit.pattern().as_usize()).and_then(|(i, _)| BRANDS.get(*i)) else { continue };
        if !out.iter().any(|c| std::ptr::eq(c.brand, brand)) {
            out.push(Claim { brand, at: (hit.start(), hit.end()) });
        }
        if out.len() > 20 {
            break;
        }
    }
    out
}

/// The brand a display name claims. Ordinary words count only when nothing but filler stands beside them.
pub(crate) fn in_name(folded: &str) -> Option<Claim> {
    find(folded).into_iter().find(|c| {
        if !c.brand.plain_word {
            return true;
        }
        let rest = format!("{} {}", folded.get(..c.at.0).unwrap_or_default(), folded.get(c.at.1..).unwrap_or_default());
        rest.split(|x: char| !x.is_alphanumeric()).filter(|w| !w.is_empty()).all(|w| FILLER.contains(&w))
    })
}

/// Whether `host` belongs to the brand: one of its whole domains, or its label under an ordinary top-level domain.
pub(crate) fn owns(brand: &Brand, host: &str) -> bool {
    let org = domain::org(host);
    let label = org.split('.').next().unwrap_or_default();
    let suffix = org.split_once('.').map_or("", |(_, s)| s);
    let ordinary = !domain::odd_tld(&org)
        && (matches!(suffix, "com" | "net" | "org" | "email" | "io" | "us" | "eu")
            || suffix.rsplit('.').next().is_some_and(|t| t.len() == 2)
            || suffix == label);
    brand.owns.iter().any(|o| {
        if o.contains('.') {
            org == *o || host == *o || host.ends_with(&format!(".{o}"))
        } else {
            (label == *o || without_trade(label) == *o) && ordinary
        }
    }) || brand.owns.contains(&suffix)
}

/// Owner of a host among the brands.
pub(crate) fn owner(host: &str) -> Option<&'static Brand> {
    BRANDS.iter().find(|b| owns(b, host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_and_owners() {
        let c = in_name("paypal service").unwrap();
        assert_eq!(c.brand.name, "PayPal");
        assert!(
            owns(c.brand, "mail.paypal.de") && !owns(c.brand, "paypal.xyz") && !owns(c.brand, "paypal.evil.example")
        );
        let bank = in_name("santander").unwrap();
        assert_eq!(bank.name("santander"), "Santander");
        assert!(owns(bank.brand, "emailing.bancosantander.es") && !owns(bank.brand, "santander-seguro.es"));
        assert!(in_name("orchard apple growers").is_none() && in_name("apple support").is_some());
        assert!(find("visit http://amazon.evil.example").is_empty());
    }
}
