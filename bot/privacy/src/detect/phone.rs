//! Telephone numbers: with a country code, in the forms of countries, or announced by a word.

use super::cues::{Cue, Seen};
use super::number::{Group, digits, ends, gap};
use super::text::{at, before, head, run};

/// Country codes of one and two digits with the fewest and most digits behind them (ITU-T E.164 and the national
/// plans; all others have three digits and six to twelve behind).
const CODES: &[(u32, usize, usize)] = &[
    (1, 10, 10),
    (7, 10, 10),
    (20, 8, 10),
    (27, 9, 9),
    (30, 10, 10),
    (31, 9, 9),
    (32, 8, 9),
    (33, 9, 9),
    (34, 9, 9),
    (36, 8, 9),
    (39, 6, 11),
    (40, 9, 9),
    (41, 9, 9),
    (43, 5, 13),
    (44, 9, 10),
    (45, 8, 8),
    (46, 7, 10),
    (47, 8, 8),
    (48, 9, 9),
    (49, 6, 12),
    (51, 8, 9),
    (52, 10, 11),
    (53, 6, 8),
    (54, 10, 11),
    (55, 10, 11),
    (56, 8, 9),
    (57, 8, 10),
    (58, 10, 10),
    (60, 8, 10),
    (61, 9, 9),
    (62, 8, 12),
    (63, 8, 10),
    (64, 8, 10),
    (65, 8, 8),
    (66, 8, 9),
    (81, 9, 10),
    (82, 8, 10),
    (84, 9, 10),
    (86, 10, 11),
    (90, 10, 10),
    (91, 10, 10),
    (92, 9, 10),
    (93, 9, 9),
    (94, 9, 9),
    (95, 7, 10),
    (98, 10, 10),
];

/// Fewest and most digits, the country code included.
fn plan(d: &[u8]) -> Option<(usize, usize)> {
    let n = |k: usize| d.iter().take(k).fold(0u32, |a, x| a * 10 + u32::from(*x));
    if n(1) == 0 {
        return None;
    }
    let short = CODES.iter().find(|(c, ..)| *c == n(if *c > 9 { 2 } else { 1 }));
    Some(match short {
        Some((c, min, max)) => (min + if *c > 9 { 2 } else { 1 }, max + if *c > 9 { 2 } else { 1 }),
        None => (9, 15),
    })
}

/// Start and end of a number from group `k` on, and its last group.
pub(super) fn find(text: &str, groups: &[Group], k: usize, seen: &Seen) -> Option<(usize, usize, usize)> {
    let first = groups.get(k)?;
    let mut start = first.start;
    let bracket = before(text, start) == b'(';
    if bracket {
        start -= 1;
    }
    let plus = before(text, start) == b'+';
    if plus {
        start -= 1;
        if before(text, start) == b'(' && at(text, first.end) == b')' {
            start -= 1;
        }
    }
    let announced = near(text, start, seen);
    let ordered = seen.near(Cue::Order, start, 20);
    let last = if plus {
        international(text, groups, k, 0)
    } else if date(text, groups, k) {
        None
    } else if text.get(first.start..first.end)?.starts_with("00") && first.len() <= 7 && !ordered {
        international(text, groups, k, 2)
    } else {
        american(text, groups, k, announced, ordered)
            .or_else(|| if ordered { None } else { national(text, groups, k, bracket) })
    };
    let last = last.or_else(|| if announced && !date(text, groups, k) { loose(text, groups, k) } else { None })?;
    let end = groups.get(last)?.end;
    Some((start, extension(text, end), last))
}

/// The longest sequence of groups that fits the plan of its country.
fn international(text: &str, groups: &[Group], k: usize, skip: usize) -> Option<usize> {
    let all = groups.get(k..)?;
    let d: Vec<u8> = digits(text, all).into_iter().skip(skip).collect();
    let (min, max) = plan(&d)?;
    let mut total = 0;
    let mut last = None;
    for (h, g) in all.iter().enumerate() {
        let trunk = h > 0 && text.get(g.start..g.end) == Some("0") && at(text, g.end) == b')';
        total += if trunk { 0 } else { g.len() };
        if total > max + skip {
            break;
        }
        if total + 1 >= min + skip && total >= 7 + skip && tail_free(text, groups, k + h) {
            last = Some(k + h);
        }
    }
    last
}

/// `774-999-8629`, `(774) 999-8629`, `1 774 999 8629` (North American numbering plan).
fn american(text: &str, groups: &[Group], k: usize, announced: bool, ordered: bool) -> Option<usize> {
    let lead = usize::from(text.get(groups.get(k)?.start..groups.get(k)?.end) == Some("1"));
    let part = groups.get(k + lead..k + lead + 3)?;
    if !part.iter().map(|g| g.len()).eq([3, 3, 4]) {
        return None;
    }
    let (a, b) = (gap(text, groups, k + lead), gap(text, groups, k + lead + 1));
    let shape =
        matches!((a, b), ("-" | ") " | ")" | ")-" | " " | "/", "-") | (".", ".") | ("-", " ") | (") ", " " | "."));
    let blank = (a, b) == (" ", " ");
    let area = digits(text, part).first().is_some_and(|d| *d > 1);
    let fine = announced || (area && (shape || (blank && !ordered)));
    (fine && (shape || blank) && tail_free(text, groups, k + lead + 2)).then_some(k + lead + 2)
}

/// With the trunk prefix 0, with an area code in brackets, or in a shape that only telephone numbers have.
fn national(text: &str, groups: &[Group], k: usize, bracket: bool) -> Option<usize> {
    let first = groups.get(k)?;
    let all = groups.get(k..)?;
    let area = bracket && at(text, first.end) == b')' && (2..=5).contains(&first.len());
    let trunk = at(text, first.start) == b'0' && matches!(at(text, first.start + 1), b'1'..=b'9') && first.len() <= 6;
    let mut last = None;
    let mut total = 0;
    for (h, g) in all.iter().enumerate().take(7) {
        total += g.len();
        let dots = h > 0 && gap(text, groups, k + h - 1).contains('.');
        if total > 12 || (dots && !all.iter().take(5).all(|g| g.len() == 2)) {
            break;
        }
        if h == 0 || !tail_free(text, groups, k + h) {
            continue;
        }
        let lengths = || all.iter().take(h + 1).map(|g| g.len());
        let lead = at(text, first.start);
        let spanish = matches!(lead, b'6'..=b'9') && lengths().eq([3, 2, 2, 2]);
        let indian = matches!(lead, b'6'..=b'9') && lengths().eq([5, 5]);
        if (area && (7..=12).contains(&total)) || (trunk && (9..=12).contains(&total)) || spanish || indian {
            last = Some(k + h);
        }
    }
    last
}

/// Behind a word such as "call": any seven to fifteen digits, six when they are parted.
fn loose(text: &str, groups: &[Group], k: usize) -> Option<usize> {
    let mut total = 0;
    let mut last = None;
    for (h, g) in groups.iter().enumerate().skip(k).take(7) {
        total += g.len();
        if total > 15 {
            break;
        }
        if total >= if h > k { 6 } else { 7 } && tail_free(text, groups, h) {
            last = Some(h);
        }
    }
    last
}

/// A number may also end before an extension or a word with a hyphen (`-Office`).
fn tail_free(text: &str, groups: &[Group], k: usize) -> bool {
    ends(text, groups, k) || (k + 1 == groups.len() && groups.get(k).is_some_and(|g| extension(text, g.end) > g.end))
}

/// Whether a word directly before announces a telephone number.
fn near(text: &str, start: usize, seen: &Seen) -> bool {
    const FILL: [&str; 26] = [
        "number", "no", "nr", "is", "at", "on", "me", "us", "him", "her", "from", "back", "under", "unter", "ist",
        "lautet", "nummer", "to", "the", "my", "work", "home", "our", "them", "new", "office",
    ];
    seen.last(Cue::Phone, start, 32).is_some_and(|end| {
        text.get(end..start).is_some_and(|t| {
            t.split(|c: char| !c.is_alphanumeric())
                .filter(|w| !w.is_empty())
                .all(|w| FILL.iter().any(|f| f.eq_ignore_ascii_case(w)))
        })
    })
}

/// Year, month and day in any order: no telephone number.
fn date(text: &str, groups: &[Group], k: usize) -> bool {
    let Some(part) = groups.get(k..k + 3) else { return false };
    let same =
        gap(text, groups, k) == gap(text, groups, k + 1) && matches!(gap(text, groups, k), "-" | "." | "/" | " ");
    let n = |g: &Group| text.get(g.start..g.end).and_then(|t| t.parse::<u32>().ok()).unwrap_or(u32::MAX);
    let year = |g: &Group| g.len() == 4 && (1900..2100).contains(&n(g));
    let small = |g: &Group| g.len() <= 2 && (1..=31).contains(&n(g));
    same && match part {
        [first, middle, last] => small(middle) && ((year(first) && small(last)) || (small(first) && year(last))),
        _ => false,
    }
}

/// `x565`, `ext. 12`: up to six digits more.
fn extension(text: &str, end: usize) -> usize {
    let rest = head(text, end, 16);
    let bare = rest.trim_start_matches([' ', ',']);
    for word in ["extension", "ext.", "ext", "x", "#", "-x"] {
        let Some(number) =
            bare.get(..word.len()).filter(|w| w.eq_ignore_ascii_case(word)).and_then(|_| bare.get(word.len()..))
        else {
            continue;
        };
        let from = end + rest.len() - number.trim_start_matches([' ', ':']).len();
        let stop = run(text, from, 7, |b| b.is_ascii_digit());
        if (1..=6).contains(&(stop - from)) && !at(text, stop).is_ascii_alphanumeric() {
            return stop;
        }
    }
    end
}
