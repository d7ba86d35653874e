//! Whose name the mail uses, and whether sender and links belong to it.

use crate::brand::{self, Claim};
use crate::brand_list::Brand;
use crate::facts::Facts;
use nightbell_core::mail::Where;
use nightbell_core::mail::evidence::{BrandSeen, MAX_BRANDS};

/// The brands up to the cap; those in the name shown come first.
pub(super) fn read(f: &Facts<'_>) -> Vec<BrandSeen> {
    let mut out: Vec<(&'static Brand, BrandSeen)> = Vec::new();
    let mut add = |c: &Claim, folded: &str, word: &str, place: Where| {
        // A row of the list may hold several names of one trade.
        let name = c.name(folded);
        let known = out.iter_mut().find(|(b, seen)| std::ptr::eq(*b, c.brand) && seen.name == name);
        if let Some((_, seen)) = known {
            if !seen.claimed_in.iter().any(|w| w == word) {
                seen.claimed_in.push(word.to_owned());
            }
        } else if out.len() < MAX_BRANDS {
            let links = f.targets().filter(|l| brand::owns(c.brand, &l.url.host)).count();
            out.push((
                c.brand,
                BrandSeen {
                    name,
                    claimed_in: vec![word.to_owned()],
                    place,
                    sender: f.has_headers && brand::owns(c.brand, &f.from.domain),
                    links,
                    other_links: f.targets().count() - links,
                },
            ));
        }
    };
    if let Some(c) = f.name_brand.as_ref().filter(|_| f.has_headers) {
        add(c, &f.name_folded, "name shown", f.mail.header_place("From", &f.from.name));
    }
    // An ordinary word in a text is no claim.
    for c in brand::find(&f.subject_folded).iter().filter(|c| !c.brand.plain_word) {
        add(c, &f.subject_folded, "subject", f.mail.header_place("Subject", ""));
    }
    for t in &f.texts {
        for c in brand::find(&t.folded.text).iter().filter(|c| !c.brand.plain_word) {
            add(c, &t.folded.text, "text", t.place(c.at));
        }
    }
    out.into_iter().map(|(_, seen)| seen).collect()
}
