//! Domains made to look like another one.

use crate::brand_list::BRANDS;
use crate::{brand, domain};
use std::sync::LazyLock;

/// How a domain imitates another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trick {
    /// Letters of another script, or digits for letters.
    Homoglyph,
    /// One or two letters changed.
    Typo,
    /// Same name under another top-level domain.
    OtherEnding,
    /// The name with a word added: `brand-login`.
    AddedWord,
    /// The name as a subdomain of something else: `brand.com.evil.example`.
    Subdomain,
}

impl Trick {
    pub fn text(self) -> &'static str {
        match self {
            Self::Homoglyph => "uses characters that only look like those of",
            Self::Typo => "differs by a letter or two from",
            Self::OtherEnding => "has another ending than",
            Self::AddedWord => "adds words to the name of",
            Self::Subdomain => "puts in front, as a subdomain, the name of",
        }
    }
}

/// A found imitation: what is imitated and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lookalike {
    pub of: String,
    pub trick: Trick,
    /// The imitated domain is the company's own.
    pub own: bool,
}

/// Names that are also ordinary words: honest hosts use them as labels, so only the full domain in front counts.
const ORDINARY: &[&str] = &[
    "windows",
    "office",
    "outlook",
    "action",
    "crypto",
    "discover",
    "exodus",
    "phantom",
    "stellar",
    "orange",
    "saturn",
    "cash",
    "spectrum",
    "blockchain",
    "visa",
    "meta",
    "free",
    "zoom",
    "apple",
    "ledger",
    "post",
    "live",
    "android",
    "threads",
    "blogger",
    "audible",
    "marriott",
    "booking",
    "square",
    "gemini",
    "kraken",
    "caixa",
    "chase",
    "target",
    "action",
    "office365",
    "hornbach",
    "expedia",
    "impots",
    "ripple",
    "solana",
];

/// Skeletons of the brand names, made once.
static BONES: LazyLock<Vec<(&'static crate::brand_list::Brand, &'static str, String)>> = LazyLock::new(|| {
    BRANDS
        .iter()
        .flat_map(|b| b.owns.iter().map(move |o| (b, *o, skeleton(o.split('.').next().unwrap_or_default()))))
        .collect()
});

/// A host prepared for many comparisons.
struct Host<'a> {
    full: &'a str,
    org: &'a str,
    /// Skeleton of its registrable label.
    bones: String,
}

/// Compares `host` with the company's own domains and the brands.
pub(crate) fn check(host: &str, own: &[String]) -> Option<Lookalike> {
    let shown = idna::domain_to_unicode(host).0;
    let org = domain::org(host);
    if own.iter().any(|d| domain::org(d) == org) || domain::freemail(&org) || brand::owner(host).is_some() {
        return None;
    }
    let h = Host { full: host, org: &org, bones: skeleton(&domain_label(&shown)) };
    for d in own {
        let target = domain::org(d);
        let name = target.split('.').next().unwrap_or_default();
        if let Some(trick) = compare(&h, name, &skeleton(name), &target, true) {
            return Some(Lookalike { of: target, trick, own: true });
        }
    }
    for (b, o, bones) in &*BONES {
        let name = o.split('.').next().unwrap_or_default();
        let target = if o.contains('.') { (*o).to_owned() } else { format!("{o}.com") };
        let Some(trick) = compare(&h, name, bones, &target, false) else { continue };
        // Short or ordinary words are inside too many honest names.
        let ordinary = b.plain_word || ORDINARY.contains(&name);
        let full = host.contains(&format!("{target}."));
        if ordinary && trick != Trick::Homoglyph && !full || name.len() < 5 && trick != Trick::Subdomain {
            continue;
        }
        return Some(Lookalike { of: target, trick, own: false });
    }
    None
}

fn compare(h: &Host<'_>, name: &str, bones: &str, target: &str, own: bool) -> Option<Trick> {
    let Host { full: host, org, bones: skel } = h;
    let (host, org) = (*host, *org);
    let label = org.split('.').next().unwrap_or_default();
    if name.len() < 3 || org == target {
        return None;
    }
    // `brand.com.` or `brand.` in front of another registrable domain.
    let front = host.strip_suffix(org).unwrap_or_default();
    if front.starts_with(&format!("{target}.")) || front.contains(&format!(".{target}.")) {
        return Some(Trick::Subdomain);
    }
    // Sending services and hosters give each customer a subdomain, so a bare label counts only elsewhere.
    if name.len() >= 5 && front.split('.').any(|l| l == name) && !domain::sending(org) && !own {
        return Some(Trick::Subdomain);
    }
    if label != name && skel == bones {
        return Some(Trick::Homoglyph);
    }
    if label == name {
        return (own || domain::odd_tld(org)).then_some(Trick::OtherEnding);
    }
    if name.len() >= 5 {
        let allowed = if name.len() >= 9 { 2 } else { 1 };
        if label.len().abs_diff(name.len()) <= allowed
            && label.chars().next() == name.chars().next()
            && distance(label, name) <= allowed
            && !plural(label, name)
        {
            return Some(Trick::Typo);
        }
    }
    let added = skel.split(['-', '_']).any(|w| w == bones) && skel.contains(['-', '_']);
    const LURE: &[&str] = &[
        "login", "secure", "security", "account", "verify", "support", "service", "update", "help", "online", "pay",
        "mail", "alert", "team", "id", "portal", "center", "delivery", "tracking", "invoice", "billing", "kunden",
        "sicher", "konto",
    ];
    let glued = name.len() >= 5
        && label
            .strip_prefix(name)
            .or_else(|| label.strip_suffix(name))
            .is_some_and(|r| LURE.contains(&r.trim_matches(['-', '_'])));
    (added && (own || name.len() >= 5) || glued).then_some(Trick::AddedWord)
}

fn plural(a: &str, b: &str) -> bool {
    a.strip_suffix('s') == Some(b) || b.strip_suffix('s') == Some(a)
}

fn domain_label(shown: &str) -> String {
    // The public suffix list knows ASCII and Unicode suffixes alike.
    let o = if shown.len() > 253 { shown } else { psl::domain_str(shown).unwrap_or(shown) };
    o.split('.').next().unwrap_or_default().to_owned()
}

/// Unicode TS 39 skeleton with the digit tricks that are common in Latin names.
fn skeleton(label: &str) -> String {
    let s: String = unicode_security::skeleton(label).collect();
    let s = crate::fold::skeleton(&s).replace("rn", "m").replace("vv", "w");
    s.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' | 'i' | '|' => 'l',
            '3' => 'e',
            '5' => 's',
            c => c,
        })
        .collect()
}

/// Whether two labels look the same though they are written differently.
pub(crate) fn same_shape(a: &str, b: &str) -> bool {
    a != b && skeleton(a) == skeleton(b)
}

/// Damerau-Levenshtein distance with adjacent swaps (optimal string alignment).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut prev: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut cur = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let cost = usize::from(ca != cb);
            let get = |v: &[usize], k: usize| v.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut d = (get(&prev, j) + cost).min(get(&prev, j + 1) + 1).min(get(&cur, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(cb) && Some(ca) == b.get(j - 1) {
                d = d.min(get(&before, j - 1) + 1);
            }
            cur.push(d);
        }
        before = std::mem::replace(&mut prev, cur);
    }
    prev.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tricks() {
        let own = vec!["northwind.example".to_owned()];
        for (host, trick) in [
            ("n0rthwind.example", Trick::Homoglyph),
            ("northwimd.example", Trick::Typo),
            ("nortwhind.example", Trick::Typo),
            ("northwind.top", Trick::OtherEnding),
            ("northwind-payroll.example", Trick::AddedWord),
            ("northwind.example.files.top", Trick::Subdomain),
            ("xn--pypal-4ve.com", Trick::Homoglyph),
            ("paypal.com.check.example", Trick::Subdomain),
            ("paypal-login.com", Trick::AddedWord),
            ("micros0ft.com", Trick::Homoglyph),
        ] {
            assert_eq!(check(host, &own).map(|l| l.trick), Some(trick), "{host}");
        }
        for host in ["mail.northwind.example", "paypal.com", "southwind.example", "amazon.de", "gmail.com"] {
            assert_eq!(check(host, &own), None, "{host}");
        }
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
