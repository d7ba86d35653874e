//! Calendar invitations (RFC 5545): who invites, to what, and where its links lead.

use crate::domain;
use crate::facts::{self, Facts, Source, push_link};
use crate::fold;
use crate::html;
use crate::mime::{Body, Part};
use crate::url;
use crate::words::{self, Topic};
use nightbell_core::mail::Where;
use std::collections::BTreeSet;

/// Invitations looked at in one mail, and bytes of each.
const MAX_INVITES: usize = 5;
const MAX_BYTES: usize = 500_000;
/// Lines of one invitation.
const MAX_LINES: usize = 5_000;
/// Links of one invitation.
const MAX_LINKS: usize = 50;

/// One invitation.
pub(crate) struct Invite {
    /// It wants to be entered: a request, or a file without a method. Answers and cancellations do not.
    pub asks: bool,
    /// Address of who invites, lower case.
    pub organiser: String,
    pub organiser_at: Where,
    pub topics: BTreeSet<Topic>,
    /// Places of its links among the links.
    pub links: Vec<usize>,
}

impl Invite {
    /// Owner of the organiser's domain.
    pub fn organiser_org(&self) -> String {
        self.organiser.rsplit_once('@').map(|(_, d)| domain::org(d)).unwrap_or_default()
    }
}

/// Looks at the invitations of a mail. The same one often stands in it twice, as text and as a file.
pub(crate) fn look(f: &mut Facts<'_>) {
    let mail = f.mail;
    for part in &mail.parts {
        if f.invites.len() >= MAX_INVITES {
            break;
        }
        if let Some(text) = calendar(part) {
            let invite = read(f, &part.number, &text);
            f.invites.push(invite);
        }
    }
}

fn calendar(part: &Part) -> Option<String> {
    let named = part.ctype == "text/calendar" || part.name.to_ascii_lowercase().ends_with(".ics");
    let text = match &part.body {
        Body::Text(t) if named => t.get(..t.floor_char_boundary(MAX_BYTES))?.to_owned(),
        Body::Bytes(b) if named || b.trim_ascii_start().starts_with(b"BEGIN:VCALENDAR") => {
            String::from_utf8_lossy(b.get(..b.len().min(MAX_BYTES))?).into_owned()
        }
        _ => return None,
    };
    text.to_ascii_uppercase().contains("BEGIN:VCALENDAR").then_some(text)
}

/// One property: its name, its parameters, its value with the place of each character, and its characters in the text.
struct Line<'a> {
    name: String,
    params: &'a str,
    value: &'a str,
    value_at: &'a [u32],
    at: (usize, usize),
}

/// What a reader sees in the calendar, with the source character of each.
#[derive(Default)]
struct Words {
    shown: String,
    map: Vec<u32>,
}

impl Words {
    fn push(&mut self, text: &str, at: &[u32]) {
        for (i, c) in text.chars().enumerate() {
            self.shown.push(c);
            self.map.push(at.get(i).or(at.last()).copied().unwrap_or_default());
        }
        self.shown.push('\n');
        self.map.push(at.last().copied().unwrap_or_default());
    }
}

fn read(f: &mut Facts<'_>, number: &str, text: &str) -> Invite {
    let place = |at: (usize, usize)| Where { part: format!("body/{number}"), start: at.0, end: at.1.max(at.0 + 1) };
    let mut invite = Invite {
        asks: true,
        organiser: String::new(),
        organiser_at: place((0, 1)),
        topics: BTreeSet::new(),
        links: Vec::new(),
    };
    let mut words = Words::default();
    // Alarms and time zones inside an event describe themselves; only the event counts.
    let mut outside: Option<String> = None;
    for (raw, positions, at) in unfold(text) {
        let Some(line) = split(&raw, &positions, at) else { continue };
        let upper = line.value.trim().to_ascii_uppercase();
        match (line.name.as_str(), &outside) {
            ("BEGIN", None) if upper == "VTIMEZONE" || upper == "VALARM" => outside = Some(upper),
            ("END", Some(name)) if *name == upper => outside = None,
            (_, Some(_)) => {}
            ("METHOD", _) => invite.asks = !matches!(upper.as_str(), "REPLY" | "CANCEL" | "REFRESH" | "DECLINECOUNTER"),
            ("ORGANIZER", _) if invite.organiser.is_empty() => {
                invite.organiser = address(&line);
                invite.organiser_at = place(line.at);
            }
            ("SUMMARY" | "DESCRIPTION" | "LOCATION" | "COMMENT" | "X-ALT-DESC", _) => {
                let (value, value_at) = unescape(line.value, line.value_at);
                // Some programs write HTML into the description.
                if line.name == "X-ALT-DESC" || value.contains("<a ") || value.contains("<A ") {
                    let page = html::read(&value, MAX_LINKS);
                    let found: Vec<String> = page.anchors.into_iter().map(|a| a.href).collect();
                    links(f, &mut invite, &found, &place(line.at));
                    let source = |i: &u32| value_at.get(*i as usize).or(value_at.last()).copied().unwrap_or_default();
                    words.push(&page.text, &page.map.iter().map(source).collect::<Vec<u32>>());
                } else {
                    let found: Vec<String> = url::find_all(&value, MAX_LINKS).into_iter().map(|(u, _)| u).collect();
                    links(f, &mut invite, &found, &place(line.at));
                    words.push(&value, &value_at);
                }
            }
            ("URL" | "ATTACH" | "CONFERENCE", _) => {
                links(f, &mut invite, &[unescape(line.value, &[]).0], &place(line.at));
            }
            _ => {}
        }
    }
    invite.topics = words::find(&fold::plain(&words.shown)).into_keys().collect();
    // The text of an invitation is what the reader sees in the calendar: it counts like the text of the mail.
    if invite.asks && !words.shown.trim().is_empty() {
        facts::text(f, Source { number, invite: true, html: false }, words.shown, words.map, 0);
    }
    invite
}

fn links(f: &mut Facts<'_>, invite: &mut Invite, found: &[String], place: &Where) {
    for u in found {
        if invite.links.len() >= MAX_LINKS {
            return;
        }
        let before = f.links.len();
        push_link(&mut f.links, f.ctx, u, "", place.clone(), true);
        if f.links.len() > before {
            invite.links.push(before);
        }
    }
}

/// Lines put together again (section 3.1), with the place of each character and of the whole.
fn unfold(text: &str) -> Vec<(String, Vec<u32>, (usize, usize))> {
    let mut out: Vec<(String, Vec<u32>, (usize, usize))> = Vec::new();
    let mut at = 0;
    for line in text.split('\n').take(MAX_LINES) {
        let len = line.chars().count();
        let bare = line.trim_end_matches('\r');
        let places = |from: usize, s: &str| (from..from + s.chars().count()).map(|i| i as u32).collect::<Vec<u32>>();
        match (bare.strip_prefix([' ', '\t']), out.last_mut()) {
            (Some(more), Some((last, positions, range))) => {
                last.push_str(more);
                positions.extend(places(at + 1, more));
                range.1 = at + len;
            }
            _ => out.push((bare.to_owned(), places(at, bare), (at, at + len))),
        }
        at += len + 1;
    }
    out
}

/// `NAME;PARAM="a:b":value`: the colon after the parameters, not one in quotation marks.
fn split<'a>(line: &'a str, positions: &'a [u32], at: (usize, usize)) -> Option<Line<'a>> {
    let mut quoted = false;
    let colon = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    })?;
    let (head, value) = (line.get(..colon.0)?, line.get(colon.0 + 1..)?);
    let (name, params) = head.split_once(';').unwrap_or((head, ""));
    let value_at = positions.get(head.chars().count() + 1..).unwrap_or_default();
    Some(Line { name: name.trim().to_ascii_uppercase(), params, value, value_at, at })
}

fn address(line: &Line<'_>) -> String {
    let value = line.value.trim();
    let mail = value.get(..7).filter(|p| p.eq_ignore_ascii_case("mailto:")).and_then(|_| value.get(7..));
    // Some calendars keep the address in a parameter and something of their own as the value.
    let parameter = || {
        line.params.split(';').find_map(|p| {
            let (k, v) = p.split_once('=')?;
            k.eq_ignore_ascii_case("EMAIL").then(|| v.trim_matches('"'))
        })
    };
    mail.or_else(parameter).filter(|a| a.contains('@')).unwrap_or_default().trim().to_lowercase()
}

/// Section 3.3.11, with the places of the characters that are left.
fn unescape(value: &str, at: &[u32]) -> (String, Vec<u32>) {
    let mut out = (String::with_capacity(value.len()), Vec::with_capacity(at.len()));
    let mut chars = value.chars().enumerate();
    while let Some((i, c)) = chars.next() {
        let c = match c {
            '\\' => match chars.next() {
                Some((_, 'n' | 'N')) => '\n',
                Some((_, c)) => c,
                None => continue,
            },
            c => c,
        };
        out.0.push(c);
        out.1.push(at.get(i).copied().unwrap_or_default());
    }
    out
}
