//! What the sources themselves must keep to.

use super::{root, sources};

/// Code without comments, tests at the end of a file and attributes that only name a thing.
fn code(text: &str) -> Vec<(usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
    let head = text.get(..end).unwrap_or(text);
    head.lines()
        .enumerate()
        .map(|(n, l)| (n + 1, l.trim()))
        .filter(|(_, l)| !l.starts_with("//") && !l.starts_with("#["))
        .collect()
}

/// Tests, benches, examples and build scripts may do what the product may not.
fn product(path: &str) -> bool {
    !path.starts_with("tests/")
        && !path.ends_with("build.rs")
        && !["/tests/", "/benches/", "/examples/", "/testing/"].iter().any(|d| path.contains(d))
}

/// A pause between two looks at a failing disk is monotonic and is no time of day: nothing is dated or decided by it.
const PAUSES: [(&str, &str); 1] = [("bot/store/src/embedded/committer.rs", "Instant::now(")];

#[test]
fn only_the_clock_tells_time_and_only_the_dice_roll() {
    const MACHINE: [&str; 7] =
        ["SystemTime::now(", "Instant::now(", "Timestamp::now(", "Zoned::now(", "getrandom::", "rand::", "Utc::now("];
    let mut entered = Vec::new();
    // `brand::` is not `rand::`.
    let whole = |line: &str, word: &str| {
        line.match_indices(word)
            .any(|(at, _)| !line.get(..at).is_some_and(|b| b.ends_with(|c: char| c.is_alphanumeric() || c == '_')))
    };
    for (path, text) in sources().iter().filter(|(p, _)| product(p) && p != "bot/src/machine.rs") {
        for (n, line) in code(text) {
            if let Some(word) =
                MACHINE.iter().find(|w| whole(line, w)).filter(|w| !PAUSES.contains(&(path.as_str(), **w)))
            {
                entered.push(format!("{path}:{n} asks the machine itself ({word}): {line}"));
            }
        }
    }
    assert!(entered.is_empty(), "time and dice come from the ports:\n{}", entered.join("\n"));
}

#[test]
fn one_file_names_the_index_engine() {
    let all = sources();
    let names = |(p, t): &&(String, String)| product(p) && code(t).iter().any(|(_, l)| l.contains("sled::"));
    let users: Vec<&String> = all.iter().filter(names).map(|(p, _)| p).collect();
    assert!(
        users.len() <= 1 && users.iter().all(|p| p.starts_with("bot/store/src/embedded/")),
        "sled is named by {users:?}"
    );
}

#[test]
fn connectors_name_neither_desk_nor_store_nor_each_other() {
    for (path, text) in sources() {
        let Some(rest) = path.strip_prefix("connectors/") else { continue };
        let own = format!("nightbell_{}", rest.split('/').next().unwrap_or_default().replace('-', "_"));
        if !product(&path) {
            continue;
        }
        for (n, line) in code(&text) {
            for part in line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|w| w.starts_with("nightbell_"))
            {
                let fine = ["nightbell_core", "nightbell_connector_kit"].contains(&part) || part == own;
                assert!(fine, "{part} was entered by {path}:{n}");
            }
        }
    }
}

#[test]
fn files_stay_short() {
    let all: Vec<(String, usize)> =
        sources().iter().filter(|(p, _)| product(p)).map(|(p, t)| (p.clone(), t.lines().count())).collect();
    let long: Vec<&(String, usize)> = all.iter().filter(|(_, n)| *n > 800).collect();
    assert!(long.is_empty(), "more than 800 lines: {long:?}");
    let short = all.iter().filter(|(_, n)| *n < 400).count();
    let over: Vec<&(String, usize)> = all.iter().filter(|(_, n)| *n >= 400).collect();
    assert!(
        short * 10 >= all.len() * 9,
        "{short} of {} files have less than 400 lines; the others: {over:?}",
        all.len()
    );
}

#[test]
fn nothing_is_left_to_do_later() {
    for (path, text) in sources().iter().filter(|(p, _)| product(p)) {
        for (n, line) in code(text) {
            for word in ["todo!(", "unimplemented!(", "dbg!("] {
                assert!(!line.contains(word), "{path}:{n} has {word}");
            }
        }
    }
}

#[test]
fn every_crate_takes_the_common_lints() {
    for entry in [
        "bot",
        "bot/core",
        "bot/desk",
        "bot/mail",
        "bot/knowledge",
        "bot/privacy",
        "bot/store",
        "bot/console",
        "playbooks",
        "tests",
        "tests/harness/slack",
    ] {
        let manifest = std::fs::read_to_string(root().join(entry).join("Cargo.toml")).expect(entry);
        assert!(manifest.contains("[lints]\nworkspace = true"), "{entry} has lints of its own");
    }
}
