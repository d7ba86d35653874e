//! Whatever happens to a file, checking it ends quickly and every finding lies inside of it.

use super::findings;
use nightbell_playbooks::library;
use proptest::prelude::*;
use std::time::{Duration, Instant};

#[derive(Debug, Clone)]
enum Change {
    Delete(prop::sample::Index),
    Twice(prop::sample::Index),
    Swap(prop::sample::Index, prop::sample::Index),
    Indent(prop::sample::Index, bool),
    Sign(prop::sample::Index, char),
    Cut(prop::sample::Index),
}

fn change() -> impl Strategy<Value = Change> {
    let line = || any::<prop::sample::Index>();
    let sign = prop::sample::select("{}[]\"'|>&*!:-#,.%~()=<>?@\\ \t\n\u{0}\u{202e}日eE0".chars().collect::<Vec<_>>());
    prop_oneof![
        line().prop_map(Change::Delete),
        line().prop_map(Change::Twice),
        (line(), line()).prop_map(|(a, b)| Change::Swap(a, b)),
        (line(), any::<bool>()).prop_map(|(l, b)| Change::Indent(l, b)),
        (line(), sign).prop_map(|(l, c)| Change::Sign(l, c)),
        line().prop_map(Change::Cut),
    ]
}

fn apply(text: &str, change: &Change) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.is_empty() {
        return String::new();
    }
    let n = lines.len();
    match change {
        Change::Delete(l) => {
            lines.remove(l.index(n));
        }
        Change::Twice(l) => {
            let line = lines[l.index(n)].clone();
            lines.insert(l.index(n), line);
        }
        Change::Swap(a, b) => lines.swap(a.index(n), b.index(n)),
        Change::Indent(l, more) => {
            let line = &mut lines[l.index(n)];
            *line = if *more { format!("  {line}") } else { line.trim_start().to_owned() };
        }
        Change::Sign(at, c) => {
            let mut chars: Vec<char> = text.chars().collect();
            let at = at.index(chars.len());
            chars[at] = *c;
            return chars.into_iter().collect();
        }
        Change::Cut(at) => {
            let keep = at.index(text.chars().count());
            return text.chars().take(keep).collect();
        }
    }
    lines.join("\n") + "\n"
}

fn check(text: &str) {
    let begin = Instant::now();
    let found = findings(text);
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let lines: Vec<&str> = text.lines().collect();
    for f in &found {
        let line = lines.get(f.line as usize - 1).copied();
        // The end of a file that stops too early counts as inside.
        let inside = line.map_or(f.line as usize <= lines.len() + 1 && f.column == 1, |l| {
            f.column as usize <= l.chars().count() + 1
        });
        assert!(inside, "{}:{} {} {}\n{text}", f.line, f.column, f.code, f.message);
        let shown = f.render(text);
        assert!(shown.len() < 8000, "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_playbook_is_checked_in_peace(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let files = library();
        let (_, text) = files[which.index(files.len())];
        check(&changes.iter().fold(text.to_owned(), |t, c| apply(&t, c)));
    }

    #[test]
    fn any_text_is_checked_in_peace(text in "\\PC{0,200}") {
        check(&text);
    }
}
