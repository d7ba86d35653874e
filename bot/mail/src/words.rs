//! Finding what a text wants, in six languages.
//!
//! Patterns are folded (lower case, no accents). A trailing `*` matches any ending, which replaces stemming. A topic
//! that needs two halves, such as "confirm" and "account", is a pair within a short distance.

#[path = "words_danger.rs"]
mod danger;
#[path = "words_spam.rs"]
mod spam;

use aho_corasick::{AhoCorasick, MatchKind};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a phrase is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Topic {
    // Halves of pairs.
    DoConfirm,
    MyAccount,
    Buy,
    // Dangerous wishes.
    Credential,
    AccountThreat,
    PaymentProblem,
    BankChange,
    Payroll,
    GiftCard,
    Callback,
    Charge,
    Mfa,
    Extortion,
    Recorded,
    ParcelFee,
    Wallet,
    Refund,
    BecOpening,
    SharedFile,
    Voicemail,
    Install,
    Urgency,
    Secrecy,
    Reply,
    GenericGreeting,
    Button,
    ArchivePassword,
    EnableContent,
    // Unwanted, not dangerous.
    Prize,
    AdvanceFee,
    Casino,
    Dating,
    Health,
    Loan,
    Marketing,
    Unsubscribe,
}

/// Byte ranges of the folded text, in order.
type Ranges = Vec<(usize, usize)>;

/// One find: bytes of the folded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub at: (usize, usize),
    /// Different phrases of this topic.
    pub kinds: usize,
}

/// Topics with their first place.
pub(crate) type Hits = BTreeMap<Topic, Hit>;

struct Matcher {
    ac: AhoCorasick,
    of: Vec<(Topic, bool)>,
}

static MATCHER: LazyLock<Option<Matcher>> = LazyLock::new(|| {
    let all = danger::PHRASES.iter().chain(spam::PHRASES);
    let (mut of, mut pats) = (Vec::new(), Vec::new());
    for (topic, list) in all {
        for p in *list {
            of.push((*topic, p.ends_with('*')));
            pats.push(p.trim_end_matches('*'));
        }
    }
    let ac = AhoCorasick::builder().match_kind(MatchKind::Standard).build(pats).ok()?;
    Some(Matcher { ac, of })
});

/// How far apart the halves of a pair may stand, in bytes: about one sentence.
const NEAR: usize = 70;

/// Topics of a folded text.
pub(crate) fn find(folded: &str) -> Hits {
    let mut hits = Hits::new();
    let Some(m) = &*MATCHER else { return hits };
    let b = folded.as_bytes();
    let word = |c: Option<&u8>| c.is_some_and(|c| c.is_ascii_alphanumeric() || *c >= 0x80);
    let mut seen = vec![false; m.of.len()];
    let (mut verbs, mut nouns, mut buys) = (Ranges::new(), Ranges::new(), Ranges::new());
    for hit in m.ac.find_overlapping_iter(folded) {
        let Some((topic, open)) = m.of.get(hit.pattern().as_usize()).copied() else { continue };
        if word(hit.start().checked_sub(1).and_then(|i| b.get(i))) || (!open && word(b.get(hit.end()))) {
            continue;
        }
        // An open pattern stands for every ending of its last word: the reader sees the whole word.
        let end = if open {
            hit.end() + b.get(hit.end()..).unwrap_or_default().iter().take_while(|c| word(Some(c))).count()
        } else {
            hit.end()
        };
        let at = (hit.start(), end);
        let half = match topic {
            Topic::DoConfirm => Some(&mut verbs),
            Topic::MyAccount => Some(&mut nouns),
            Topic::Buy => Some(&mut buys),
            _ => None,
        };
        if let Some(list) = half {
            if list.len() < 2_000 {
                list.push(at);
            }
            continue;
        }
        let new = seen.get_mut(hit.pattern().as_usize()).is_some_and(|s| !std::mem::replace(s, true));
        let entry = hits.entry(topic).or_insert(Hit { at, kinds: 0 });
        entry.kinds += usize::from(new);
    }
    if let Some((at, kinds)) = pair(&verbs, &nouns) {
        let e = hits.entry(Topic::Credential).or_insert(Hit { at, kinds: 0 });
        e.kinds += kinds;
    }
    if let Some(cards) = hits.get(&Topic::GiftCard).copied()
        && pair(&buys, &[cards.at]).is_some()
        && let Some(h) = hits.get_mut(&Topic::GiftCard)
    {
        h.kinds += 1;
    }
    hits
}

/// Places where a verb and a noun stand near each other; both lists are in order.
fn pair(verbs: &[(usize, usize)], nouns: &[(usize, usize)]) -> Option<((usize, usize), usize)> {
    let mut first = None;
    let mut n = 0;
    let mut from = 0;
    for v in verbs {
        while nouns.get(from).is_some_and(|x| x.1 + NEAR < v.0) {
            from += 1;
        }
        if let Some(x) = nouns.get(from).filter(|x| x.0 <= v.1 + NEAR) {
            first.get_or_insert((v.0.min(x.0), v.1.max(x.1)));
            n += 1;
        }
    }
    first.map(|f| (f, n.min(3)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::plain;

    #[test]
    fn the_same_wish_in_six_languages() {
        for t in [
            "Please verify your account within 24 hours",
            "Bitte bestätigen Sie Ihr Konto innerhalb von 24 Stunden",
            "Por favor, confirme a sua conta em 24 horas",
            "Bevestig uw account binnen 24 uur",
            "Veuillez confirmer votre compte sous 24 heures",
            "Por favor, verifique su cuenta en 24 horas",
        ] {
            let h = find(&plain(t));
            assert!(h.contains_key(&Topic::Credential), "{t}");
            assert!(h.contains_key(&Topic::Urgency), "{t}");
        }
        assert!(find("we will confirm the date of the meeting").is_empty());
    }
}
