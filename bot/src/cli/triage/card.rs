//! The report of one mail for a terminal. Every text in it is one line without control characters already.

use nightbell_core::mail::evidence::{self, AuthLine, AuthSource, Evidence, Hop, LinkSeen};
use nightbell_core::mail::{Reason, Verdict};
use nightbell_core::text::{defang, one_line};
use nightbell_mail::Examined;

/// Rows of a table when not everything is asked for.
const FEW: usize = 5;

struct Card {
    out: String,
    all: bool,
}

/// Draws it; `all` leaves nothing out.
pub fn draw(path: &str, e: &Examined, all: bool) -> String {
    let (a, v) = (&e.analysis, &e.evidence);
    let mut c = Card { out: String::new(), all };
    c.out.push_str(&one_line(path, 500));
    c.row(&format!("{} (score {:.2})", a.verdict.word().replace('_', " ").to_uppercase(), a.score));
    if a.verdict == Verdict::NeedOriginal {
        original(&mut c, e);
    }
    if !(a.subject.is_empty() && v.identity.fields.is_empty()) {
        c.pair("Subject", &one_line(&a.subject, 200), &[]);
    }
    for f in &v.identity.fields {
        c.pair(f.kind.label(), &f.value, &f.notes);
    }
    if v.identity.fields.is_empty() && !a.from.is_empty() {
        c.pair("From", &defang(&a.from), &[]);
    }
    if let Some(at) = v.identity.arrived {
        c.pair("Arrived", &at.to_string(), &[]);
    }
    reasons(&mut c, "Against", '-', a.reasons.iter().filter(|r| r.weight >= 0.0));
    reasons(&mut c, "For", '+', a.reasons.iter().filter(|r| r.weight < 0.0));
    c.table("Authentication", &v.auth, auth);
    c.table("Path, oldest first", &v.hops, hop);
    c.table("Links", &v.links, link);
    c.table("Files", &v.files, |f| {
        let real = if f.real == f.said { String::new() } else { format!(", really {}", f.real) };
        let first = format!("\"{}\"  {}{real}, {}", f.name, f.said, evidence::bytes(f.size));
        lines(first, f.notes.iter().cloned().chain([format!("SHA-256 {}", f.sha256)]))
    });
    c.table("Asks for", &v.asks, |x| lines(format!("{}: \"{}\"", x.topic, x.quote), []));
    c.table("Names", &v.brands, |b| {
        let sender = if b.sender { "the sender belongs to it" } else { "the sender does not belong to it" };
        let first = format!("{} in {}: {sender}", b.name, b.claimed_in.join(", "));
        lines(format!("{first}; {} of {} links do", b.links, b.links + b.other_links), [])
    });
    c.table("Worth knowing", &v.insights, |i| lines(i.text.clone(), []));
    c.table("Indicators", &a.indicators, |i| lines(i.defanged.clone(), []));
    if all {
        whole(&mut c, v);
    }
    c.table("Not checked", &a.unchecked, |u| lines(u.clone(), []));
    c.table("Left out", &v.left_out, |u| lines(u.clone(), []));
    c.out
}

/// What it is instead of a mail, and how to get one.
fn original(c: &mut Card, e: &Examined) {
    const HOW: [&str; 4] = [
        "Outlook: drag the mail out of the list onto the desktop (.msg or .eml), or forward it as an attachment",
        "Outlook on the web: the three dots of the mail, Save as or Download",
        "Gmail: the three dots of the mail, Download message",
        "Apple Mail, Thunderbird: File, Save as (raw source or .eml)",
    ];
    let against = e.analysis.reasons.iter().filter(|r| r.weight > 0.0).count();
    let found = match against {
        0 => "Nothing in it speaks against it, which says nothing about a mail.".to_owned(),
        1 => "1 sign in it speaks against it.".to_owned(),
        n => format!("{n} signs in it speak against it."),
    };
    c.row(&format!("This is not an original mail: {}.", e.evidence.form));
    c.row(&found);
    c.row("The original shows who sent it and where its links lead. To get it:");
    for h in HOW {
        c.row(&format!("  {h}"));
    }
}

fn whole(c: &mut Card, v: &Evidence) {
    for (head, text) in [("Structure", evidence::drawing(&v.parts)), ("Text", v.text.clone())] {
        if !text.is_empty() {
            c.head(head);
            text.lines().for_each(|l| c.row(&format!("  {l}")));
        }
    }
}

fn reasons<'a>(c: &mut Card, head: &str, sign: char, list: impl Iterator<Item = &'a Reason>) {
    let list: Vec<&Reason> = list.collect();
    if list.is_empty() {
        return;
    }
    c.head(head);
    // The reasons are the report: none is left out.
    for r in list {
        c.row(&format!("  {sign} {}", nightbell_desk::cards::reason_line(r)));
    }
}

fn auth(l: &AuthLine) -> Vec<String> {
    let aligned = match l.aligned {
        Some(true) => ", same owner as From",
        Some(false) => ", another owner than From",
        None => "",
    };
    let by = if l.by.is_empty() { "nobody".to_owned() } else { l.by.clone() };
    let who = if l.ours { format!("your gateway {by}") } else { by };
    let first = format!("{} {}  {}{aligned}", l.method, l.result, l.identity);
    if l.source == AuthSource::Checked {
        return lines(first.trim_end().to_owned(), [l.source.label().to_owned()].into_iter().chain(l.notes.clone()));
    }
    lines(first.trim_end().to_owned(), [format!("{} by {who}", l.source.label())].into_iter().chain(l.notes.clone()))
}

fn hop(h: &Hop) -> Vec<String> {
    let or = |s: &str| if s.is_empty() { "?".to_owned() } else { s.to_owned() };
    let reverse = if h.reverse.is_empty() || h.reverse == h.helo { String::new() } else { format!(" ({})", h.reverse) };
    let ip = if h.ip.is_empty() { String::new() } else { format!(" [{}]", h.ip) };
    let mut first = format!("{}{reverse}{ip} -> {}  {}", or(&h.helo), or(&h.by), h.protocol);
    if let Some(t) = h.time {
        first.push_str(&format!("  {t}"));
    }
    if let Some(d) = h.delay {
        first.push_str(&format!("  after {}", evidence::span(d)));
    }
    lines(first, h.notes.clone())
}

fn link(l: &LinkSeen) -> Vec<String> {
    let times = if l.times > 1 { format!("  ({} times)", l.times) } else { String::new() };
    let shown = (!l.shown.is_empty()).then(|| format!("shown as \"{}\"", l.shown));
    let through = (!l.wrappers.is_empty()).then(|| format!("through {}", l.wrappers.join(", ")));
    lines(format!("{}{times}", l.target), shown.into_iter().chain(through).chain(l.notes.clone()))
}

/// A first line and what belongs to it.
fn lines(first: String, rest: impl IntoIterator<Item = String>) -> Vec<String> {
    std::iter::once(first).chain(rest.into_iter().map(|r| format!("    {r}"))).collect()
}

impl Card {
    fn row(&mut self, text: &str) {
        self.out.push_str("\n  ");
        self.out.push_str(text.trim_end());
    }

    fn head(&mut self, text: &str) {
        self.out.push('\n');
        self.row(text);
    }

    fn pair(&mut self, label: &str, value: &str, notes: &[String]) {
        let value = if value.is_empty() { "-" } else { value };
        self.row(&format!("{label:<18} {value}"));
        for n in notes {
            self.row(&format!("{:<18} ({n})", ""));
        }
    }

    fn table<T>(&mut self, head: &str, list: &[T], draw: impl Fn(&T) -> Vec<String>) {
        if list.is_empty() {
            return;
        }
        self.head(head);
        let shown = if self.all { list.len() } else { FEW };
        for item in list.iter().take(shown) {
            for l in draw(item) {
                self.row(&format!("  {l}"));
            }
        }
        if list.len() > shown {
            self.row(&format!("  ... {} more with --evidence", list.len() - shown));
        }
    }
}
