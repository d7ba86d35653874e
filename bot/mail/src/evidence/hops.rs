//! The way a mail took: its Received lines (RFC 5321 section 4.4), oldest first.

use super::{Notes, plain, safe};
use crate::boundary::Boundary;
use crate::facts::Facts;
use crate::received::{self, Line, private};
use jiff::Timestamp;
use mail_parser::DateTime;
use nightbell_core::mail::evidence::{Hop, MAX_HOPS};
use std::net::IpAddr;

/// Seconds between two hops from which a wait is worth a look. Greylisting takes up to an hour.
const SLOW: i64 = 2 * 3_600;
/// Seconds by which clocks of honest hosts differ.
const SKEW: i64 = 120;

/// The newest hops up to the cap, and how many there are.
pub(super) fn read(f: &Facts<'_>) -> (Vec<Hop>, usize) {
    let boundary = Boundary::find(f.mail, f.ctx);
    let lines: Vec<_> =
        f.mail.headers.iter().enumerate().filter(|(_, h)| h.name.eq_ignore_ascii_case("received")).collect();
    let mut hops: Vec<Hop> = Vec::new();
    for (i, h) in lines.iter().take(MAX_HOPS).rev() {
        let mut hop = one(&h.raw);
        hop.ours = boundary.wrote(*i);
        hops.push(hop);
    }
    let mut before: Option<Timestamp> = None;
    let mut notes: Vec<Notes> = hops.iter_mut().map(|h| Notes(std::mem::take(&mut h.notes))).collect();
    for (hop, notes) in hops.iter_mut().zip(&mut notes) {
        if let (Some(a), Some(b)) = (before, hop.time) {
            let delay = b.as_second() - a.as_second();
            hop.delay = Some(delay);
            notes.when(delay > SLOW, "waited long here");
            notes.when(delay < -SKEW, "earlier than the hop before: a clock is wrong or a line is made up");
        }
        before = hop.time.or(before);
    }
    if let Some(first) = hops.iter().position(|h| !h.ip.is_empty() && !h.private) {
        hops.iter_mut().skip(first).take(1).for_each(|h| h.first_external = true);
        notes.iter_mut().skip(first).take(1).for_each(|n| n.add("first hop from the internet"));
    }
    // Above it are hosts of ours; what stands before it, nobody we know has written.
    if let Some(n) = hops.iter().position(|h| h.ours) {
        notes.iter_mut().skip(n).take(1).for_each(|n| n.add("written by your gateway; lines before it are claims"));
    }
    for (hop, notes) in hops.iter_mut().zip(notes) {
        hop.notes = notes.0;
    }
    (hops, lines.len())
}

/// One line. What cannot be read stays empty.
pub(super) fn one(raw: &str) -> Hop {
    let Some(Line { helo, reverse, ip, by, protocol, date }) = received::read(raw) else {
        return Hop { notes: vec!["this line cannot be read".into()], ..Hop::default() };
    };
    let mut notes = Notes::default();
    let named = |s: &str| !s.is_empty() && s.parse::<IpAddr>().is_err();
    notes.when(
        named(&helo) && named(&reverse) && !helo.eq_ignore_ascii_case(&reverse),
        "calls itself differently from its name in the DNS",
    );
    notes.when(ip.is_some() && reverse.is_empty() && raw.contains("(unknown"), "its address has no name in the DNS");
    notes.when(!helo.is_empty() && !named(&helo), "calls itself by a bare address");
    let private = ip.is_some_and(private);
    notes.when(private, "private address");
    Hop {
        helo: safe(&helo),
        reverse: safe(&reverse),
        ip: ip.map(|i| safe(&i.to_string())).unwrap_or_default(),
        by: safe(&by),
        protocol: plain(&protocol),
        time: date.as_ref().and_then(time).or_else(|| printed(raw)),
        private,
        notes: notes.0,
        ..Hop::default()
    }
}

/// An instant, when the date can exist.
pub(super) fn time(d: &DateTime) -> Option<Timestamp> {
    d.is_valid().then(|| Timestamp::from_second(d.to_timestamp()).ok()).flatten()
}

/// `2026-11-17 08:41:12.3 +0000 UTC`, as some sending services print it. Only with UTC, so that nothing is guessed.
fn printed(raw: &str) -> Option<Timestamp> {
    let tail = raw.rsplit_once(';')?.1.trim_start();
    let at = jiff::civil::DateTime::strptime("%Y-%m-%d %H:%M:%S", tail.get(..19)?).ok()?;
    if !(tail.contains("+0000") || tail.contains("UTC")) {
        return None;
    }
    at.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
}
