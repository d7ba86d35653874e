//! Calendar invitations (RFC 5545): who invites, to what, and where its links lead.

use crate::domain;
use crate::facts::{Facts, Spot, push_link};
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
    /// Where they stand, until the mail takes them over.
    spots: Vec<(Topic, Spot)>,
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

/// One property: its name, its parameters, its value and its characters in the text.
struct Line<'a> {
    name: String,
    params: &'a str,
    value: &'a str,
    at: (usize, usize),
}

fn read(f: &mut Facts<'_>, number: &str, text: &str) -> Invite {
    let place = |at: (usize, usize)| Where { part: format!("body/{number}"), start: at.0, end: at.1.max(at.0 + 1) };
    let mut invite = Invite {
        asks: true,
        organiser: String::new(),
        organiser_at: place((0, 1)),
        topics: BTreeSet::new(),
        spots: Vec::new(),
        links: Vec::new(),
    };
    // Alarms and time zones inside an event describe themselves; only the event counts.
    let mut outside: Option<String> = None;
    for (raw, at) in unfold(text) {
        let Some(line) = split(&raw, at) else { continue };
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
            ("SUMMARY" | "DESCRIPTION" | "LOCATION" | "COMMENT", _) => {
                let value = unescape(line.value);
                links(f, &mut invite, &url_list(&value), &place(line.at));
                topics(&mut invite, &value, &place(line.at));
            }
            ("X-ALT-DESC", _) => {
                let page = html::read(&unescape(line.value), MAX_LINKS);
                let found: Vec<String> = page.anchors.into_iter().map(|a| a.href).collect();
                links(f, &mut invite, &found, &place(line.at));
                topics(&mut invite, &page.text, &place(line.at));
            }
            ("URL" | "ATTACH" | "CONFERENCE", _) => {
                links(f, &mut invite, &[unescape(line.value)], &place(line.at));
            }
            _ => {}
        }
    }
    // The text of an invitation is what the reader sees in the calendar: it counts like the text of the mail.
    for (topic, spot) in std::mem::take(&mut invite.spots).into_iter().filter(|_| invite.asks) {
        f.topics.entry(topic).or_insert(spot);
    }
    invite
}

fn topics(invite: &mut Invite, text: &str, place: &Where) {
    let folded = crate::fold::plain(text);
    for (topic, hit) in words::find(&folded) {
        invite.topics.insert(topic);
        let quote = folded.get(hit.at.0..hit.at.1).unwrap_or_default().to_owned();
        invite.spots.push((topic, Spot { place: place.clone(), kinds: hit.kinds, quote }));
    }
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

/// Links of a text; some programs write HTML into the description.
fn url_list(value: &str) -> Vec<String> {
    let mut out: Vec<String> = url::find_all(value, MAX_LINKS).into_iter().map(|(u, _)| u).collect();
    if value.contains("<a ") || value.contains("<A ") {
        out = html::read(value, MAX_LINKS).anchors.into_iter().map(|a| a.href).collect();
    }
    out
}

/// Lines put together again (section 3.1), with the characters they stand at.
fn unfold(text: &str) -> Vec<(String, (usize, usize))> {
    let mut out: Vec<(String, (usize, usize))> = Vec::new();
    let mut at = 0;
    for line in text.split('\n').take(MAX_LINES) {
        let len = line.chars().count();
        let bare = line.trim_end_matches('\r');
        match (bare.strip_prefix([' ', '\t']), out.last_mut()) {
            (Some(more), Some((last, range))) => {
                last.push_str(more);
                range.1 = at + len;
            }
            _ => out.push((bare.to_owned(), (at, at + len))),
        }
        at += len + 1;
    }
    out
}

/// `NAME;PARAM="a:b":value`: the colon after the parameters, not one in quotation marks.
fn split(line: &str, at: (usize, usize)) -> Option<Line<'_>> {
    let mut quoted = false;
    let colon = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    })?;
    let (head, value) = (line.get(..colon.0)?, line.get(colon.0 + 1..)?);
    let (name, params) = head.split_once(';').unwrap_or((head, ""));
    Some(Line { name: name.trim().to_ascii_uppercase(), params, value, at })
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

/// Section 3.3.11.
fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(c) => out.push(c),
                None => {}
            },
            c => out.push(c),
        }
    }
    out
}
