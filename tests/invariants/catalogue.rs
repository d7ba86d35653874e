//! Every code has a page, every page has a code, every sentence has a translation.

use super::root;
use nightbell_desk::text::Texts;
use std::collections::BTreeSet;

fn codes() -> BTreeSet<String> {
    let core = nightbell_core::code::CATALOGUE.iter().map(|(c, _)| (*c).to_owned());
    core.chain(nightbell_playbooks::codes::CATALOGUE.iter().map(|c| c.0.to_owned())).collect()
}

#[test]
fn every_code_has_a_page_that_says_what_why_and_what_to_do() {
    let folder = root().join("bot/docs/errors");
    let missing: Vec<String> = codes().into_iter().filter(|c| !folder.join(format!("{c}.md")).is_file()).collect();
    assert!(missing.is_empty(), "no page in bot/docs/errors for {missing:?}");
    for code in codes() {
        let text = std::fs::read_to_string(folder.join(format!("{code}.md"))).expect("page");
        assert!(text.contains(&code), "{code}.md is about something else");
        assert!(text.lines().filter(|l| !l.trim().is_empty()).count() >= 3, "{code}.md says too little");
    }
}

#[test]
fn every_code_that_the_sources_name_is_in_a_catalogue() {
    let known = codes();
    let mut lone = BTreeSet::new();
    for (path, text) in super::sources().iter().filter(|(p, _)| !p.contains("/tests/") && !p.starts_with("tests/")) {
        for (at, _) in text.match_indices("NB") {
            let code = text.get(at..at + 6).unwrap_or_default();
            let digits = code.get(2..).is_some_and(|d| d.len() == 4 && d.bytes().all(|b| b.is_ascii_digit()));
            if digits && !known.contains(code) {
                lone.insert(format!("{code} ({path})"));
            }
        }
    }
    assert!(lone.is_empty(), "`nightbell explain` does not know: {lone:#?}");
}

#[test]
fn both_languages_say_the_same_things() {
    let keys = |lang: &str| {
        let path = root().join(format!("bot/desk/messages/{lang}.ftl"));
        let text = std::fs::read_to_string(path).expect("messages");
        let mut keys = BTreeSet::new();
        for line in text.lines().filter(|l| !l.starts_with([' ', '#', '.', '}'])) {
            if let Some((key, value)) = line.split_once(" =") {
                let mut names: Vec<&str> =
                    value.split("{ $").skip(1).filter_map(|v| v.split([' ', '}']).next()).collect();
                names.sort_unstable();
                names.dedup();
                keys.insert(format!("{key} {names:?}"));
            }
        }
        keys
    };
    let (en, de) = (keys("en"), keys("de"));
    let only: Vec<&String> = en.symmetric_difference(&de).collect();
    assert!(only.is_empty(), "keys or their values differ between en and de: {only:?}");
    assert!(!Texts::keys("en").is_empty());
}

#[test]
fn the_messages_that_the_desk_uses_exist() {
    let known: BTreeSet<String> = Texts::keys("en").into_iter().collect();
    let mut missing = Vec::new();
    for (path, text) in super::rust_files(&root().join("bot/desk/src")) {
        for (at, _) in text.match_indices(".t(") {
            let rest = text.get(at..).unwrap_or_default();
            let key = rest.split(')').next().and_then(|call| call.split('"').nth(1));
            missing.extend(
                key.filter(|k| !k.contains('{') && k.contains('-') && !known.contains(*k))
                    .map(|k| format!("{path}: {k}")),
            );
        }
    }
    assert!(missing.is_empty(), "messages that no file has: {missing:?}");
}
