//! The tables of a mail as rows and cells. Text only: nothing in them is a link.

use crate::words::reveal;
use nightbell_core::mail::evidence::{AuthLine, Evidence, FileSeen, Hop, LinkSeen, bytes, span};

/// One table.
pub(crate) struct Sheet {
    /// For the anchor.
    pub id: &'static str,
    pub title: &'static str,
    /// Open when the page is loaded.
    pub open: bool,
    pub heads: &'static [&'static str],
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Default)]
pub(crate) struct Cell {
    pub text: String,
    pub mono: bool,
    /// Class and words of a mark in front.
    pub chip: Option<(&'static str, &'static str)>,
    /// Smaller lines below.
    pub notes: Vec<String>,
}

impl Cell {
    pub(crate) fn empty(&self) -> bool {
        self.text.is_empty() && self.chip.is_none() && self.notes.is_empty()
    }
}

fn words(s: &str) -> Cell {
    Cell { text: reveal(s), ..Cell::default() }
}

fn mono(s: &str) -> Cell {
    Cell { mono: true, ..words(s) }
}

fn notes(list: &[String]) -> Cell {
    Cell { notes: list.iter().map(|n| reveal(n)).collect(), ..Cell::default() }
}

/// All tables that have rows.
pub(crate) fn sheets(e: &Evidence) -> Vec<Sheet> {
    let mut out: Vec<Sheet> = Vec::new();
    let mut add = |id, title, open, heads, rows: Vec<Vec<Cell>>| {
        if !rows.is_empty() {
            out.push(Sheet { id, title, open, heads, rows });
        }
    };
    let card = e.identity.fields.iter().map(|f| vec![words(f.kind.label()), mono(&f.value), notes(&f.notes)]);
    add("sender", "Sender", true, &["Line", "As written", "Notes"], card.collect());
    let list = e.links.iter().map(link).collect();
    add("links", "Links", true, &["Leads to", "Shows", "Notes"], list);
    let list = e.files.iter().map(file).collect();
    add("files", "Files", true, &["Name", "Type", "Size", "Notes"], list);
    let list = e.auth.iter().map(auth).collect();
    add("auth", "Authentication", false, &["Result", "About", "Written by", "Notes"], list);
    let list = e.hops.iter().enumerate().map(|(n, h)| hop(n, h)).collect();
    add("path", "Path, oldest first", false, &["Hop", "From", "Received by", "When", "Notes"], list);
    let list = e.asks.iter().map(|a| vec![words(&a.topic), words(&format!("“{}”", a.quote)), mono(&a.place.part)]);
    add("asks", "What it wants", false, &["Wish", "Words found", "Where"], list.collect());
    let list = e.brands.iter().map(|b| {
        let sender = if b.sender { ("good", "yes") } else { ("warn", "no") };
        let links = format!("{} of {}", b.links, b.links + b.other_links);
        let chip = Cell { chip: Some(sender), ..Cell::default() };
        vec![words(&b.name), words(&b.claimed_in.join(", ")), chip, words(&links)]
    });
    add(
        "brands",
        "Names it uses",
        false,
        &["Name", "Where", "Sender is theirs", "Links that are theirs"],
        list.collect(),
    );
    out
}

fn link(l: &LinkSeen) -> Vec<Cell> {
    let mut all = l.notes.clone();
    if !l.wrappers.is_empty() {
        all.push(format!("through {}", l.wrappers.join(", then ")));
    }
    if l.times > 1 {
        all.push(format!("{} times", l.times));
    }
    vec![mono(&l.target), words(&l.shown), notes(&all)]
}

fn file(f: &FileSeen) -> Vec<Cell> {
    let kind = if f.real == f.said { f.said.clone() } else { format!("{}, really {}", f.said, f.real) };
    let name = if f.name.is_empty() { format!("(no name, part {})", f.place.part) } else { f.name.clone() };
    let mut last = notes(&f.notes);
    last.notes.push(format!("SHA-256 {}", reveal(&f.sha256)));
    vec![mono(&name), words(&kind), words(&bytes(f.size)), last]
}

fn auth(l: &AuthLine) -> Vec<Cell> {
    // Only what our own boundary says is coloured: a pass that somebody claims is no good sign.
    let class = match (l.ours, l.result.as_str()) {
        (true, "pass") => "good",
        (true, "fail" | "softfail" | "permerror") => "bad",
        _ => "calm",
    };
    let mut result = words(&format!("{} {}", l.method, l.result));
    result.chip = Some((class, if l.ours { "your gateway" } else { "claim" }));
    let mut about = mono(&l.identity);
    about.notes.extend(l.aligned.map(|a| if a { "same owner as From" } else { "another owner than From" }.to_owned()));
    let mut by = mono(&l.by);
    by.notes.push(l.source.label().to_owned());
    vec![result, about, by, notes(&l.notes)]
}

fn hop(n: usize, h: &Hop) -> Vec<Cell> {
    let mut from = mono(&h.helo);
    let (reverse, ip) = (reveal(&h.reverse), reveal(&h.ip));
    from.notes.extend([reverse, ip].into_iter().filter(|s| !s.is_empty() && *s != from.text));
    let mut by = mono(&h.by);
    by.notes.extend(Some(reveal(&h.protocol)).filter(|p| !p.is_empty()));
    let mut when = words(&h.time.map(|t| t.strftime("%-d %b %Y, %H:%M:%S UTC").to_string()).unwrap_or_default());
    when.notes.extend(h.delay.map(|d| format!("after {}", span(d))));
    vec![words(&(n + 1).to_string()), from, by, when, notes(&h.notes)]
}
