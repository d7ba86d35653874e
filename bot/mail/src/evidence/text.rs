//! What a reader sees, made safe: nothing in it can be clicked, and nothing in it is invisible.

use crate::facts::Facts;
use crate::{fold, rules_links};
use nightbell_core::mail::evidence::MAX_TEXT;
use nightbell_core::text::defang;

/// The text up to the cap, and how many characters the whole has when it was cut (0 when it was not).
pub(super) fn read(f: &Facts<'_>) -> (String, usize) {
    let Some(t) = f.texts.iter().max_by_key(|t| t.words) else { return (String::new(), 0) };
    let out = clean(&t.shown);
    let cut = out.1;
    (out.0, if cut { t.shown.chars().count() } else { 0 })
}

/// Line by line, word by word: what looks like a link, an address or a host is defanged. Returns whether it was cut.
pub(super) fn clean(s: &str) -> (String, bool) {
    let mut out = String::new();
    let (mut n, mut empty) = (0, 1);
    for line in s.lines() {
        let mut fresh = true;
        for word in line.split_whitespace() {
            let word: String = word.chars().filter(|c| !c.is_control() && !fold::invisible(*c)).take(2_000).collect();
            if word.is_empty() {
                continue;
            }
            let safe = if clickable(&word) { defang(&word) } else { word };
            let gap = usize::from(!fresh);
            let len = safe.chars().count();
            if n + gap + len > MAX_TEXT {
                return (out, true);
            }
            if gap > 0 {
                out.push(' ');
            }
            out.push_str(&safe);
            n += gap + len;
            fresh = false;
        }
        // At most one empty line in a row, none at the top.
        empty = if fresh { empty + 1 } else { 0 };
        if empty < 2 {
            if n >= MAX_TEXT {
                return (out, true);
            }
            out.push('\n');
            n += 1;
        }
    }
    out.truncate(out.trim_end().len());
    (out, false)
}

fn clickable(word: &str) -> bool {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.contains("://")
        || word.contains('@')
        || bare.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("www."))
        || rules_links::shown_host(&bare.to_ascii_lowercase()).is_some()
}
