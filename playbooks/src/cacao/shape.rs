//! What the standard requires of a document, as its published schemas check it (NB3101).
//!
//! A small checker over a table of our own: the schemas are large and mostly say the same thing many times.

use super::doc::short;
use super::shape_table::PLAYBOOK;
use serde_json::{Map, Value};

/// A form that a value can have.
#[derive(Debug)]
pub(super) enum Shape {
    Text,
    Flag,
    /// Text or null.
    TextOrNull,
    Object,
    /// `type--uuid`.
    Id,
    /// An instant in UTC with `Z`.
    Time,
    /// An instant or null.
    TimeOrNull,
    /// A whole number within limits.
    Whole(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// An address of this kind.
    Ipv4,
    Ipv6,
    Mac,
    Url,
    /// A list of at least so many.
    List(&'static Shape, usize),
    /// Named properties and which of them must be there; others are allowed.
    Fields(&'static [(&'static str, Shape)], &'static [&'static str]),
    /// Both forms.
    Both(&'static Shape, &'static Shape),
    /// Exactly one of these properties must be there.
    OneOf(&'static [&'static str]),
    /// None of these properties may be there.
    Without(&'static [&'static str]),
    /// At least so many entries; each whose key is of a form has the value's form, others are not looked at.
    Keyed(&'static [(Key, &'static Shape)], usize),
    /// Each entry whatever its key.
    Each(&'static Shape),
}

/// Form of a key.
#[derive(Debug)]
pub(super) enum Key {
    /// `word--uuid`.
    Of(&'static str),
    /// `__name__`.
    Variable,
    /// Letters, digits, `_` and `-`.
    Plain,
    /// Exactly this.
    Is(&'static str),
}

/// Most problems that one document is told.
const MAX: usize = 50;

/// What the standard's schema would refuse, each with its place. Empty for a document that passes.
pub fn problems(doc: &Value) -> Vec<String> {
    let mut out = Vec::new();
    check(doc, &PLAYBOOK, "", &mut out);
    out
}

fn check(v: &Value, shape: &Shape, at: &str, out: &mut Vec<String>) {
    if out.len() >= MAX {
        return;
    }
    let mut fail = |what: &str| {
        let place = if at.is_empty() { "the document" } else { at.trim_start_matches('.') };
        out.push(format!("`{}` {what}", short(place)));
    };
    let text = v.as_str();
    match shape {
        Shape::Text if text.is_none() => fail("must be text"),
        Shape::TextOrNull if text.is_none() && !v.is_null() => fail("must be text or null"),
        Shape::Flag if !v.is_boolean() => fail("must be true or false"),
        Shape::Object if !v.is_object() => fail("must be an object"),
        Shape::Id if !text.is_some_and(is_id) => fail("must be an id like `type--uuid`"),
        Shape::Time if !text.is_some_and(is_time) => fail("must be an instant like 2026-01-31T09:00:00.000Z"),
        Shape::TimeOrNull if !v.is_null() && !text.is_some_and(is_time) => fail("must be an instant or null"),
        Shape::Whole(min, max) => {
            let n = v.as_i64().or_else(|| v.as_f64().filter(|f| f.fract() == 0.0).map(|f| f as i64));
            if !n.is_some_and(|n| (*min..=*max).contains(&n)) {
                fail(&format!("must be a whole number from {min} to {max}"));
            }
        }
        Shape::Word(words) if !text.is_some_and(|t| words.contains(&t)) => {
            fail(&format!("must be one of {}", words.join(", ")));
        }
        Shape::Ipv4 if !text.is_some_and(is_ipv4) => fail("must be an IPv4 address"),
        Shape::Ipv6 if !text.is_some_and(is_ipv6) => fail("must be an IPv6 address"),
        Shape::Mac if !text.is_some_and(is_mac) => fail("must be a MAC address"),
        Shape::Url if !text.is_some_and(is_url) => fail("must be a link"),
        Shape::List(inner, min) => match v.as_array() {
            None => fail("must be a list"),
            Some(items) if items.len() < *min => fail(&format!("must hold at least {min}")),
            Some(items) => {
                for (i, item) in items.iter().enumerate() {
                    check(item, inner, &format!("{at}.{i}"), out);
                }
            }
        },
        Shape::Fields(known, required) => match v.as_object() {
            None => fail("must be an object"),
            Some(map) => fields(map, known, required, at, out),
        },
        Shape::Both(a, b) => {
            check(v, a, at, out);
            check(v, b, at, out);
        }
        Shape::OneOf(names)
            if v.as_object().is_some_and(|m| names.iter().filter(|n| m.contains_key(**n)).count() != 1) =>
        {
            fail(&format!("needs exactly one of {}", names.join(", ")));
        }
        Shape::Without(names) => {
            for name in names.iter().filter(|n| v.get(**n).is_some()) {
                fail(&format!("may not have `{name}`"));
            }
        }
        Shape::Keyed(rules, min) => match v.as_object() {
            None => fail("must be an object"),
            Some(map) if map.len() < *min => fail("is empty"),
            Some(map) => {
                for (key, value) in map {
                    for (_, inner) in rules.iter().filter(|(k, _)| fits(k, key)) {
                        check(value, inner, &format!("{at}.{key}"), out);
                    }
                }
            }
        },
        Shape::Each(inner) => match v.as_object() {
            None => fail("must be an object"),
            Some(map) => {
                for (key, value) in map {
                    check(value, inner, &format!("{at}.{key}"), out);
                }
            }
        },
        _ => {}
    }
}

fn fields(map: &Map<String, Value>, known: &[(&str, Shape)], required: &[&str], at: &str, out: &mut Vec<String>) {
    for name in required.iter().filter(|n| !map.contains_key(**n)) {
        let place = if at.is_empty() { "the document" } else { at.trim_start_matches('.') };
        out.push(format!("`{}` lacks `{name}`", short(place)));
    }
    for (name, inner) in known {
        if let Some(v) = map.get(*name) {
            check(v, inner, &format!("{at}.{name}"), out);
        }
    }
}

fn fits(key: &Key, name: &str) -> bool {
    match key {
        Key::Of(word) => name.strip_prefix(word).and_then(|r| r.strip_prefix("--")).is_some_and(is_uuid),
        Key::Variable => is_variable(name),
        Key::Plain => name.len() <= 250 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'),
        Key::Is(word) => name == *word,
    }
}

/// `__name__` with a name of letters, digits, `_` and `-`.
pub(super) fn is_variable(s: &str) -> bool {
    let Some(inner) = s.strip_prefix("__").and_then(|s| s.strip_suffix("__")) else { return false };
    inner.len() <= 201
        && inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && inner.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// A UUID of the versions 1 to 5.
pub(super) fn is_uuid(s: &str) -> bool {
    let parts: Vec<&str> = s.split('-').collect();
    let lengths = [8, 4, 4, 4, 12];
    parts.len() == 5
        && parts.iter().zip(lengths).all(|(p, n)| p.len() == n && p.chars().all(|c| c.is_ascii_hexdigit()))
        && parts.get(2).is_some_and(|p| p.starts_with(['1', '2', '3', '4', '5']))
        && parts.get(3).is_some_and(|p| p.starts_with(['8', '9', 'a', 'b', 'A', 'B']))
}

/// `type--uuid`.
pub(super) fn is_id(s: &str) -> bool {
    // A type may hold `--` itself, a UUID never does.
    let Some((word, uuid)) = s.rsplit_once("--") else { return false };
    let small = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    is_uuid(uuid)
        && word.len() >= 3
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.ends_with(small)
        && word.chars().all(|c| small(c) || c == '-')
}

fn is_time(text: &str) -> bool {
    let digits = |s: &str, n: usize| s.len() == n && s.chars().all(|c| c.is_ascii_digit());
    let within = |s: &str, min: u32, max: u32| digits(s, 2) && s.parse().is_ok_and(|n: u32| (min..=max).contains(&n));
    let Some((date, time)) = text.strip_suffix('Z').and_then(|t| t.split_once('T')) else { return false };
    let (clock, fraction) = time.split_once('.').map_or((time, None), |(c, f)| (c, Some(f)));
    let (days, hours): (Vec<&str>, Vec<&str>) = (date.split('-').collect(), clock.split(':').collect());
    matches!(days.as_slice(), [y, m, d] if digits(y, 4) && within(m, 1, 12) && within(d, 1, 31))
        && matches!(hours.as_slice(), [h, m, s] if within(h, 0, 23) && within(m, 0, 59) && within(s, 0, 60))
        && fraction.is_none_or(|f| !f.is_empty() && f.chars().all(|c| c.is_ascii_digit()))
}

/// The schema asks for an address at the end of the text, not for nothing else.
fn is_ipv4(s: &str) -> bool {
    let tail: Vec<&str> = s.rsplitn(4, '.').collect();
    let octet =
        |p: &str| (1..=3).contains(&p.len()) && p.parse::<u16>().is_ok_and(|n| n <= 255 || (p.len() == 3 && n < 200));
    let [d, c, b, rest] = tail.as_slice() else { return false };
    let digits = rest.chars().rev().take_while(char::is_ascii_digit).count().min(3);
    let first = rest.get(rest.len() - digits..).unwrap_or_default();
    let before = rest.get(..rest.len() - digits).unwrap_or_default().chars().next_back();
    [*d, *c, *b, first].iter().all(|p| octet(p)) && !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn is_ipv6(s: &str) -> bool {
    let bare = s.split('%').next().unwrap_or_default();
    bare.parse::<std::net::Ipv6Addr>().is_ok()
}

fn is_mac(s: &str) -> bool {
    let parts: Vec<&str> = s.split(':').collect();
    parts.len() == 6 && parts.iter().all(|p| p.len() == 2 && p.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Somewhere a host name with an ending of two to six small letters.
fn is_url(s: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "[(http?):/(www.@%._+~#=".contains(c);
    let whole = |rest: &str| {
        let n = rest.chars().take_while(char::is_ascii_lowercase).count();
        let next = rest.chars().nth(n);
        (2..=6).contains(&n) && !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
    };
    s.match_indices('.').any(|(i, _)| {
        let before = s.get(..i).unwrap_or_default();
        before.chars().rev().take_while(|c| part(*c)).count() >= 2 && whole(s.get(i + 1..).unwrap_or_default())
    })
}
