//! Judging sentences: which one of a chunk answers, and whether it has the kind of fact that was asked for.

use super::index::Index;
use super::question::{Question, Wants};
use super::rank::{Ranked, Term};
use super::words::{stem, words};
use std::collections::HashSet;

/// How much a match outside the sentence counts: in its neighbours, the headings, the title.
const NEIGHBOUR: f32 = 0.65;
const HEADING: f32 = 0.75;
const TITLE: f32 = 0.55;

/// Looks at every sentence of a chunk.
pub(crate) fn judge(index: &Index, question: &Question, terms: &[Term], place: usize, weight: f32) -> Option<Ranked> {
    let at = index.places.get(place)?;
    let document = index.documents.get(at.doc as usize)?;
    let chunk = document.chunks.get(at.chunk as usize)?;
    let title: HashSet<&str> = document.title_terms.iter().map(String::as_str).collect();
    let heading: HashSet<&str> = chunk.heading_terms.iter().map(String::as_str).collect();
    let sets: Vec<HashSet<&str>> =
        chunk.units.iter().map(|u| u.terms.iter().chain(&u.lead_terms).map(String::as_str).collect()).collect();
    let all: HashSet<&str> = sets.iter().flatten().copied().collect();
    let mut best: Option<Ranked> = None;
    let whole: f32 = terms.iter().map(|t| t.weight * found(t, &[(&all, 1.0), (&heading, 1.0), (&title, 0.8)])).sum();
    let direct: f32 = terms.iter().filter(|t| is_direct(t, &all) || is_direct(t, &heading)).map(|t| t.weight).sum();
    for (i, own) in sets.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|j| sets.get(j)).unwrap_or(own);
        let after = sets.get(i + 1).unwrap_or(own);
        let fields = [(own, 1.0), (before, NEIGHBOUR), (after, NEIGHBOUR), (&heading, HEADING), (&title, TITLE)];
        let cover: f32 = terms.iter().map(|t| t.weight * found(t, &fields)).sum::<f32>() / weight;
        let inside: f32 = terms.iter().map(|t| t.weight * found(t, &[(own, 1.0)])).sum::<f32>() / weight;
        let text = chunk.units.get(i).and_then(|u| document.text.get(u.range.clone())).unwrap_or_default();
        let typed = has_fact(text, question.wants, &question.head);
        let worth = cover + 0.5 * inside + if typed && question.wants != Wants::Anything { 0.2 } else { 0.0 };
        if best.as_ref().is_none_or(|b| worth > b.score) {
            best = Some(Ranked {
                place,
                score: worth,
                unit: i,
                unit_cover: cover,
                cover: whole / weight,
                direct: direct / weight,
                typed,
                bm25: 0.0,
            });
        }
    }
    best
}

/// How well one concept is met by these fields, 0 to 1.
fn found(term: &Term, fields: &[(&HashSet<&str>, f32)]) -> f32 {
    let mut best = 0.0_f32;
    for (phrase, weight) in &term.alternatives {
        // Each word of a phrase may stand in another field: "USB" in the heading, "drive" in the sentence.
        let mut least = 1.0_f32;
        for word in phrase {
            let here = fields.iter().filter(|(set, _)| set.contains(word.as_str())).map(|(_, w)| *w);
            least = least.min(here.fold(0.0, f32::max));
        }
        // A near synonym is nearly as good as the word where coverage is concerned; a loose one, or one word of a
        // phrase, is not.
        best = best.max(least * if *weight < 0.5 { *weight } else { weight.sqrt() });
    }
    best
}

fn is_direct(term: &Term, set: &HashSet<&str>) -> bool {
    term.alternatives.iter().any(|(p, w)| *w >= 0.8 && p.iter().all(|x| set.contains(x.as_str())))
}

const NUMBERS: &str = " one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty sixty ninety hundred zero once twice single ";
const UNITS: &str = " second seconds minute minutes hour hours day days week weeks month months year years immediately annually annual quarterly monthly weekly daily \
business working calendar minutes ";
const AT_ONCE: &str =
    " immediately indefinitely promptly upon permanently forever asap expire expires never instantly ";
const MOMENTS: &str = " before after during prior following once when until ";
const ADVICE: &str =
    " can cannot should avoid ensure required recommend recommended never always only prefer preferred ";
const FREQUENCY: &str = " annual annually yearly quarterly quarter monthly weekly daily hourly month months year years week weeks day days biannual biannually semi once twice \
regular regularly periodic periodically continuous continuously every each ";
const ROLES: &str = " team teams officer officers manager managers hr resources department owner owners administrator administrators admin lead leads leader committee board employee \
employees personnel staff supervisor contractor desk ciso ceo cto cfo coo vp engineer engineers engineering support legal director executive management user users person individual \
security privacy it auditor counsel council president author vendor customer everyone anyone people responsible group operations ops ";

/// Whether a sentence has the kind of fact that was asked for. `head` is what "how many" counts.
pub(crate) fn has_fact(text: &str, wants: Wants, head: &[String]) -> bool {
    let list: Vec<String> = words(text).into_iter().map(|w| w.text).collect();
    let is = |w: &String, table: &str| table.contains(&format!(" {w} "));
    let any = |table: &str| list.iter().any(|w| is(w, table));
    let number = |w: &String| w.bytes().any(|b| b.is_ascii_digit()) || is(w, NUMBERS);
    // A number belongs to what follows it: "at least 14 characters", "five (5) invalid attempts".
    let counted = |wanted: &dyn Fn(&String) -> bool, reach: usize| {
        list.iter().enumerate().any(|(i, w)| number(w) && list.iter().skip(i + 1).take(reach).any(wanted))
    };
    match wants {
        Wants::Anything => true,
        Wants::Number => counted(&|w| head.contains(&stem(w)), 4),
        Wants::Amount => {
            any(" eur usd euro euros dollar dollars percent cost costs price ") || text.contains(['$', '€', '%'])
        }
        Wants::Duration => counted(&|w| is(w, UNITS) || w.starts_with("character"), 3) || any(AT_ONCE),
        Wants::Time => list.iter().any(number) || any(UNITS) || any(AT_ONCE) || any(FREQUENCY) || any(MOMENTS),
        Wants::Frequency => any(FREQUENCY),
        Wants::Role => any(ROLES) || text.contains('@'),
        Wants::Contact => text.contains('@') || text.contains("http") || text.contains('#'),
        Wants::Permission => stance(text) != Stance::Silent || any(ADVICE),
    }
}

/// What a sentence permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stance {
    Forbids,
    Allows,
    Requires,
    Silent,
}

/// Reads the modal verbs of a sentence.
pub(crate) fn stance(text: &str) -> Stance {
    let plain: String = format!(" {} ", words(text).into_iter().map(|w| w.text).collect::<Vec<_>>().join(" "));
    let any = |list: &[&str]| list.iter().any(|p| plain.contains(p));
    if any(&[
        " must not ",
        " may not ",
        " shall not ",
        " should not ",
        " cannot ",
        " can not ",
        " prohibited ",
        " forbidden ",
        " not allowed ",
        " not permitted ",
        " never ",
        " do not ",
        " dont ",
        " is not to be ",
        " under no circumstances ",
        " no one may ",
        " nobody may ",
        " disallowed ",
        " banned ",
    ]) {
        Stance::Forbids
    } else if any(&[
        " may ",
        " is allowed ",
        " are allowed ",
        " permitted ",
        " is ok ",
        " is fine ",
        " is acceptable ",
        " you can ",
    ]) {
        Stance::Allows
    } else if any(&[" must ", " shall ", " required ", " have to ", " has to ", " needs to ", " need to ", " should "])
    {
        Stance::Requires
    } else {
        Stance::Silent
    }
}

/// A sentence with an exception does not carry a definite yes or no.
pub(crate) fn has_exception(text: &str) -> bool {
    let plain: String = format!(" {} ", words(text).into_iter().map(|w| w.text).collect::<Vec<_>>().join(" "));
    [
        " except ",
        " unless ",
        " only ",
        " without ",
        " exception ",
        " provided ",
        " if ",
        " however ",
        " but ",
        " until ",
        " where ",
        " when ",
    ]
    .iter()
    .any(|p| plain.contains(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_seen() {
        let characters = [stem("characters")];
        assert!(has_fact("at least 12 characters", Wants::Number, &characters));
        assert!(!has_fact("a strong password with characters, for 3 accounts", Wants::Number, &characters));
        assert!(has_fact("immediately", Wants::Duration, &[]) && has_fact("within 48 hours", Wants::Duration, &[]));
        assert!(!has_fact("see section 4", Wants::Duration, &[]));
        assert!(has_fact("is granted by Human Resources", Wants::Role, &[]));
        assert!(has_fact("is reviewed quarterly", Wants::Frequency, &[]));
        assert!(!has_fact("is reviewed", Wants::Frequency, &[]));
    }

    #[test]
    fn stances_are_read() {
        assert_eq!(stance("You may not use them."), Stance::Forbids);
        assert_eq!(stance("You may use them."), Stance::Allows);
        assert_eq!(stance("You must ask."), Stance::Requires);
        assert_eq!(stance("They are blue."), Stance::Silent);
        assert!(has_exception("You may, unless it rains"));
    }
}
