//! The hygiene checks of the bank. Each problem names the item and the fix.

use super::bank::{Bank, Item, Variant};
use std::collections::BTreeSet;

/// Something to mend in the bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Item or locale.
    pub item: String,
    /// What is wrong and what to do.
    pub fix: String,
}

/// Items reviewed longer ago than this are not sent.
const MONTHS: i64 = 18;
/// Words that give an option away.
const ABSOLUTE: [&str; 8] = ["always", "never", "all", "none", "immer", "nie", "niemals", "alle"];

/// Whether an item's review is too old for it to be sent.
pub fn is_stale(item: &Item, today: jiff::civil::Date) -> bool {
    item.reviewed_on.checked_add(jiff::Span::new().months(MONTHS)).map_or(true, |limit| limit <= today)
}

/// Checks the items of one language: form, length, position, and whether guessing pays.
pub fn check(bank: &Bank, locale: &str, today: jiff::civil::Date) -> Vec<Problem> {
    let items: Vec<&Item> = bank.in_locale(locale).collect();
    let mut out = Vec::new();
    let mut ids = BTreeSet::new();
    for item in &items {
        let mut bad = |fix: String| out.push(Problem { item: item.id.clone(), fix });
        if !ids.insert(&item.id) {
            bad("the id stands twice: give one of them another".into());
        }
        if item.variants.len() < 2 {
            bad("write a second wording".into());
        }
        if item.why.trim().is_empty() || item.source.title.is_empty() || item.source.version.is_empty() {
            bad("add the reason and the source with its version".into());
        }
        if is_stale(item, today) {
            bad(format!("reviewed on {}: read it again and set the date", item.reviewed_on));
        }
        for v in &item.variants {
            form(v, &mut bad);
        }
        for (i, a) in item.variants.iter().enumerate() {
            for b in item.variants.iter().skip(i + 1) {
                let share = shared(a, b);
                if share > 0.5 {
                    bad(format!("two wordings share {:.0} % of their words: say one in another way", share * 100.0));
                }
            }
        }
    }
    let topics: BTreeSet<&str> = items.iter().map(|i| i.topic.as_str()).collect();
    for topic in topics {
        if !items.iter().any(|i| i.topic == topic && i.fine) {
            out.push(Problem { item: topic.to_owned(), fix: "add an item where everything is fine".into() });
        }
    }
    let variants: Vec<&Variant> = items.iter().flat_map(|i| &i.variants).collect();
    out.extend(over_all(&variants, locale));
    out
}

fn form(v: &Variant, bad: &mut impl FnMut(String)) {
    let distinct: BTreeSet<String> = v.options.iter().map(|o| o.trim().to_lowercase()).collect();
    if v.options.len() != 4 || distinct.len() != 4 || distinct.contains("") {
        bad("give exactly four different options".into());
    }
    if distinct.iter().any(|o| o.contains("of the above") || o.contains("der genannten")) {
        bad("replace the option about the other options".into());
    }
    let Some(right) = v.options.get(v.answer) else {
        bad("the answer must be the index of an option, from 0".into());
        return;
    };
    let length = |o: &String| o.chars().count() as f32;
    let others: f32 = v.options.iter().map(length).sum::<f32>() - length(right);
    if length(right) > 1.5 * others / (v.options.len().max(2) - 1) as f32 {
        bad(format!("the right option is much longer than the others: shorten \"{right}\""));
    }
}

/// The share of words that two wordings have in common, by the shorter one; small words aside.
fn shared(a: &Variant, b: &Variant) -> f32 {
    let set = |v: &Variant| -> BTreeSet<String> {
        let text = format!("{} {}", v.text, v.options.join(" ")).to_lowercase();
        text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 3).map(str::to_owned).collect()
    };
    let (a, b) = (set(a), set(b));
    a.intersection(&b).count() as f32 / a.len().min(b.len()).max(1) as f32
}

/// What one would score by knowing nothing.
fn over_all(variants: &[&Variant], locale: &str) -> Vec<Problem> {
    let n = variants.len().max(1) as f32;
    let mut out = Vec::new();
    let mut bad = |fix: String| out.push(Problem { item: locale.to_owned(), fix });
    for place in 0..4 {
        let share = variants.iter().filter(|v| v.answer == place).count() as f32 / n;
        if !(0.2..=0.3).contains(&share) {
            bad(format!(
                "the right option stands at place {} in {:.0} % of wordings: move some",
                place + 1,
                share * 100.0
            ));
        }
    }
    let longest: f32 = variants.iter().map(|v| guess(v, |o| o.chars().count())).sum::<f32>() / n;
    if longest > 0.3 {
        bad(format!("choosing the longest option scores {:.0} %: make others longer", longest * 100.0));
    }
    let sure = |o: &String| {
        let low = o.to_lowercase();
        usize::from(low.split(|c: char| !c.is_alphabetic()).any(|w| ABSOLUTE.contains(&w)))
    };
    for (name, share) in [
        ("with", variants.iter().map(|v| guess(v, sure)).sum::<f32>() / n),
        ("without", variants.iter().map(|v| guess(v, |o| 1 - sure(o))).sum::<f32>() / n),
    ] {
        if share > 0.3 {
            bad(format!("choosing options {name} words like \"always\" scores {:.0} %", share * 100.0));
        }
    }
    out
}

/// The chance to be right by choosing an option with the greatest measure.
fn guess(v: &Variant, measure: impl Fn(&String) -> usize) -> f32 {
    let top = v.options.iter().map(&measure).max().unwrap_or_default();
    let tied = v.options.iter().filter(|o| measure(o) == top).count().max(1);
    let hit = v.options.get(v.answer).is_some_and(|o| measure(o) == top);
    if hit { 1.0 / tied as f32 } else { 0.0 }
}

/// Checks that a language has the same items with the same right answers as English.
pub fn check_translation(bank: &Bank, locale: &str) -> Vec<Problem> {
    let mut out = Vec::new();
    for item in bank.in_locale("en") {
        let Some(other) = bank.in_locale(locale).find(|o| o.id == item.id) else {
            out.push(Problem { item: item.id.clone(), fix: format!("translate it into {locale}") });
            continue;
        };
        let answers = |i: &Item| i.variants.iter().map(|v| v.answer).collect::<Vec<_>>();
        if answers(item) != answers(other) || item.topic != other.topic || item.fine != other.fine {
            let fix = format!("topic, wordings and right answers in {locale} must be those of English");
            out.push(Problem { item: item.id.clone(), fix });
        }
    }
    for other in bank.in_locale(locale) {
        if !bank.in_locale("en").any(|i| i.id == other.id) {
            out.push(Problem { item: other.id.clone(), fix: "there is no English item with this id".into() });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{demo_policies, quiz::bank};

    const TODAY: jiff::civil::Date = jiff::civil::date(2026, 12, 1);

    #[test]
    fn the_bank_is_clean_in_every_language() {
        let bank = bank();
        for locale in ["en", "de"] {
            assert_eq!(check(&bank, locale, TODAY), [], "{locale}");
        }
        assert_eq!(check_translation(&bank, "de"), []);
        let topics: BTreeSet<&str> = bank.items.iter().map(|i| i.topic.as_str()).collect();
        assert!(topics.len() >= 12);
    }

    #[test]
    fn every_source_is_a_section_of_the_demo_policies() {
        for item in &bank().items {
            let s = &item.source;
            let found = demo_policies().iter().any(|(_, text)| {
                text.contains(&format!("title: {}\n", s.title))
                    && text.contains(&format!("## {}\n", s.section))
                    && text.contains(&format!("version: \"{}\"", s.version))
            });
            assert!(found, "{}: {s:?}", item.id);
        }
    }

    #[test]
    fn bad_items_are_named() {
        let mut bad = Bank { items: bank().items.into_iter().filter(|i| i.locale == "en").take(1).collect() };
        bad.items[0].variants[1] = bad.items[0].variants[0].clone();
        bad.items[0].variants[0].options[1] = "all of the above".into();
        bad.items[0].why.clear();
        let found = check(&bad, "en", jiff::civil::date(2030, 1, 1));
        for part in ["share", "about the other options", "reason", "reviewed on", "place"] {
            assert!(found.iter().any(|p| p.fix.contains(part)), "{part}: {found:?}");
        }
        assert!(!check_translation(&bad, "de").is_empty());
    }
}
