//! Filters of the language beside the library's own.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Environment, Error, ErrorKind};
use nightbell_core::duration::Span;
use nightbell_core::mail::Verdict;
use std::fmt::Write as _;
use std::net::IpAddr;

/// Filters that a playbook may use; the checker reports every other name.
pub const FILTERS: &[&str] = &[
    "abs",
    "after",
    "attr",
    "batch",
    "before",
    "bool",
    "chain",
    "count",
    "d",
    "default",
    "defang",
    "dictsort",
    "domain_of",
    "duration",
    "first",
    "float",
    "groupby",
    "in_cidr",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "localtime",
    "lower",
    "map",
    "matches",
    "max",
    "min",
    "redact",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "upper",
    "verdict_text",
    "zip",
];

/// Tests (`x is ...`) that a playbook may use.
pub const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "even",
    "false",
    "float",
    "ge",
    "gt",
    "in",
    "integer",
    "iterable",
    "le",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sequence",
    "startingwith",
    "string",
    "true",
    "undefined",
    "upper",
];

/// Functions that a playbook may call.
pub const FUNCTIONS: &[&str] = &["now", "range"];

/// Adds the filters.
pub fn register(env: &mut Environment<'static>) {
    env.add_filter("localtime", localtime);
    env.add_filter("defang", |s: &str| defang(s));
    env.add_filter("redact", |s: &str| redact(s));
    env.add_filter("domain_of", |s: &str| domain_of(s));
    env.add_filter("verdict_text", verdict_text);
    env.add_filter("duration", duration);
    env.add_filter("after", |t: &str, d: &str| shifted(t, d, true));
    env.add_filter("before", |t: &str, d: &str| shifted(t, d, false));
    env.add_filter("in_cidr", in_cidr);
    env.add_filter("matches", matches);
    env.add_filter("replace", replace);
}

fn bad(code: &str, text: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{code}: {text}"))
}

/// The instant so much later or earlier: `now() | after('72h')`. A date counts from its beginning in UTC.
fn shifted(text: &str, by: &str, later: bool) -> Result<String, Error> {
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    let at = text.parse::<Timestamp>().ok().or_else(day);
    let at = at.ok_or_else(|| bad("NB2003", format!("`{text}` is not an instant or a date")))?;
    let span: Span = by.parse().map_err(|e| bad("NB2003", e))?;
    let moved = if later { at.checked_add(span.0) } else { at.checked_sub(span.0) };
    moved.map(|t| t.to_string()).map_err(|_| bad("NB2003", format!("`{text}` and `{by}` lie too far apart")))
}

/// An instant in a person's zone, such as `1 January 2026, 09:30 (Europe/Berlin)`. An unknown zone falls back
/// to UTC, because the text must reach the person all the same.
fn localtime(text: &str, zone: &str) -> Result<String, Error> {
    let at: Timestamp = text.parse().map_err(|_| bad("NB2003", format!("`{text}` is not an instant")))?;
    let (zone, name) = TimeZone::get(zone).map_or((TimeZone::UTC, "UTC"), |z| (z, zone));
    Ok(format!("{} ({name})", at.to_zoned(zone).strftime("%-d %B %Y, %H:%M")))
}

fn defang(text: &str) -> String {
    text.replace("http", "hxxp").replace('.', "[.]").replace('@', "[@]")
}

/// Hides addresses and long numbers: enough for a line that many people see, not a promise of anonymity.
fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (i, word) in text.split(' ').enumerate() {
        if i > 0 {
            out.push(' ');
        }
        match word.split_once('@') {
            Some((local, domain)) if !local.is_empty() => {
                let _ = write!(out, "***@{domain}");
            }
            _ if word.chars().filter(char::is_ascii_digit).count() >= 6 => {
                out.extend(word.chars().map(|c| if c.is_ascii_digit() { '*' } else { c }));
            }
            _ => out.push_str(word),
        }
    }
    out
}

fn domain_of(text: &str) -> String {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, h)| h);
    let host = host.split(':').next().unwrap_or_default();
    host.trim_matches(['<', '>', '.', ' ']).to_lowercase()
}

fn verdict_text(word: &str) -> Result<&'static str, Error> {
    let verdict: Verdict = word.parse().map_err(|e| bad("NB2003", e))?;
    Ok(match verdict {
        Verdict::Simulation => "a planned exercise",
        Verdict::LikelySafe => "no signs of danger found",
        Verdict::Spam => "unwanted but not dangerous",
        Verdict::NeedOriginal => "not enough was sent to judge it",
        Verdict::Suspicious => "suspicious",
        Verdict::Malicious => "dangerous",
    })
}

fn duration(text: &str) -> Result<String, Error> {
    let span: Span = text.parse().map_err(|e| bad("NB2003", e))?;
    let (mut seconds, mut parts) = (span.0.as_secs(), Vec::new());
    for (unit, name) in [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")] {
        let n = seconds / unit;
        seconds %= unit;
        if n > 0 {
            parts.push(format!("{n} {name}{}", if n == 1 { "" } else { "s" }));
        }
    }
    Ok(if parts.is_empty() { "no time".to_owned() } else { parts.join(" ") })
}

fn in_cidr(text: &str, net: &str) -> Result<bool, Error> {
    let no = || bad("NB2003", format!("`{net}` is not a network"));
    let ip: IpAddr = text.parse().map_err(|_| bad("NB2003", format!("`{text}` is not an address")))?;
    let (base, bits) = net.split_once('/').ok_or_else(no)?;
    let base: IpAddr = base.parse().map_err(|_| no())?;
    let bits: u32 = bits.parse().map_err(|_| no())?;
    let wide = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let ((a, width), (b, other)) = (wide(ip), wide(base));
    if bits > other {
        return Err(no());
    }
    Ok(width == other && a.checked_shr(width - bits).unwrap_or(0) == b.checked_shr(width - bits).unwrap_or(0))
}

/// The library's own can grow a text by any factor, and a chain of them by any power.
fn replace(text: &str, from: &str, to: &str) -> Result<String, Error> {
    if from.is_empty() {
        return Err(bad("NB2003", "`replace` needs something to look for"));
    }
    let hits = text.matches(from).count();
    if text.len().saturating_add(hits.saturating_mul(to.len())) > super::eval::MAX_RESULT {
        return Err(bad("NB2006", "the text would be too long"));
    }
    Ok(text.replace(from, to))
}

thread_local! {
    /// The pattern that was used last: a list is filtered with one pattern, and compiling it is the slow part.
    static LAST: std::cell::RefCell<Option<(String, regex::Regex)>> = const { std::cell::RefCell::new(None) };
}

/// Linear in the text; the caps keep the compiled program small.
fn matches(text: &str, pattern: &str) -> Result<bool, Error> {
    LAST.with_borrow_mut(|last| {
        if last.as_ref().is_none_or(|(p, _)| p != pattern) {
            *last = Some((pattern.to_owned(), compile(pattern).map_err(|e| bad("NB2003", e))?));
        }
        Ok(last.as_ref().is_some_and(|(_, re)| re.is_match(text)))
    })
}

/// A pattern of a playbook, compiled under the caps of the language.
pub fn compile(pattern: &str) -> Result<regex::Regex, String> {
    if pattern.len() > 1000 {
        return Err("the pattern is too long".to_owned());
    }
    regex::RegexBuilder::new(pattern)
        .size_limit(256 * 1024)
        .dfa_size_limit(256 * 1024)
        .nest_limit(32)
        .build()
        .map_err(|_| format!("`{}` is not a usable pattern", super::eval::short(pattern)))
}
