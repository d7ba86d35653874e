//! Who the mail says it is from, line by line, and what does not fit together.

use super::{Notes, plain, safe};
use crate::address::{self, Mailbox};
use crate::facts::Facts;
use crate::{brand, domain, lookalike};
use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;
use nightbell_core::mail::Analysis;
use nightbell_core::mail::evidence::{Field, FieldKind, Hop, Identity, span};

/// Seconds by which the sender's clock may lie before the mail's arrival. Queues try for days, so a day is long.
const OLD: i64 = 86_400;
/// Seconds by which it may lie after it.
const AHEAD: i64 = 600;

/// The card. `hops` are oldest first.
pub(super) fn read(f: &Facts<'_>, a: &Analysis, hops: &[Hop]) -> Identity {
    let mut card = Identity { arrived: hops.iter().rev().find_map(|h| h.time), ..Identity::default() };
    if !f.has_headers {
        return card;
    }
    let mut add = |kind, value: String, notes: Notes| {
        if !value.is_empty() || !notes.0.is_empty() {
            card.fields.push(Field { kind, value, notes: notes.0 });
        }
    };
    add(FieldKind::From, safe(&f.from.address), from(f));
    add(FieldKind::Name, plain(&f.from.name), name(f, a));
    for (kind, header) in
        [(FieldKind::ReplyTo, "Reply-To"), (FieldKind::ReturnPath, "Return-Path"), (FieldKind::Sender, "Sender")]
    {
        let Some(h) = f.mail.header(header) else { continue };
        let other = Mailbox::read(h);
        add(kind, safe(&other.address), route(f, kind, &other));
    }
    let id = f.mail.value("Message-ID").trim().trim_matches(['<', '>']);
    if let Some((_, d)) = id.rsplit_once('@') {
        let mut n = Notes::default();
        let service = domain::sending(d);
        n.when(service, "a sending service");
        n.when(!service && domain::org(d) != f.from_org, "differs from From");
        n.when(!domain::valid(d), "not a name of the internet");
        add(FieldKind::MessageId, safe(d), n);
    } else if f.mail.header("Message-ID").is_none() && !f.mail.made {
        add(FieldKind::MessageId, String::new(), Notes(vec!["missing: every mail program writes one".into()]));
    }
    if let Some(h) = f.mail.header("Date") {
        let mut line = h.raw.as_bytes().to_vec();
        line.extend_from_slice(b"\r\n");
        let at = match MessageStream::new(&line).parse_date() {
            HeaderValue::DateTime(d) => super::hops::time(&d),
            _ => None,
        };
        let skew = at.zip(card.arrived).map(|(date, arrived)| arrived.as_second() - date.as_second());
        let mut n = Notes::default();
        n.when(at.is_none(), "cannot be read");
        if let Some(s) = skew {
            n.when(s > OLD, &format!("{} before it arrived", span(s)));
            n.when(
                s < -AHEAD,
                &format!("{} after it arrived: the sender's clock is wrong or the date is made up", span(-s)),
            );
        }
        card.date = at;
        card.skew = skew;
        card.fields.push(Field { kind: FieldKind::Date, value: plain(&h.value), notes: n.0 });
    }
    card
}

fn own(f: &Facts<'_>, org: &str) -> bool {
    f.ctx.own_domains.iter().any(|d| domain::org(d) == org)
}

fn from(f: &Facts<'_>) -> Notes {
    let (mut n, from) = (Notes::default(), &f.from);
    n.when(f.mail.header("From").is_none(), "missing");
    n.when(!from.address.is_empty() && !from.valid, "an address that cannot exist");
    n.when(f.mail.header("From").is_some() && from.address.is_empty(), "no address to answer to");
    n.when(from.several, "more than one address");
    kind(f, &mut n, &from.domain);
    n
}

/// What kind of domain it is.
fn kind(f: &Facts<'_>, n: &mut Notes, host: &str) {
    if host.is_empty() {
        return;
    }
    n.when(own(f, &domain::org(host)), "one of your own domains");
    n.when(domain::freemail(host), "a mailbox provider for everybody");
    n.when(domain::hosting(host), "free hosting: anybody gets an address there");
    n.when(domain::odd_tld(host), "an ending that is cheap to register and rare among companies");
    if let Some(l) = lookalike::check(host, &f.ctx.own_domains) {
        n.add(format!("looks like another: {} {}", l.trick.text(), safe(&l.of)));
    }
    let shown = idna::domain_to_unicode(host).0;
    if host.contains("xn--") && shown != host {
        n.add(format!("is shown as {}", safe(&shown)));
    }
}

fn name(f: &Facts<'_>, a: &Analysis) -> Notes {
    let mut n = Notes::default();
    if let Some(inside) = address::inside(&f.from.name) {
        let other = domain::org(inside.rsplit('@').next().unwrap_or_default()) != f.from_org;
        n.add(format!("holds the address {}{}", safe(&inside), if other { ", of another owner" } else { "" }));
    }
    if let Some(c) = &f.name_brand {
        let fits = brand::owns(c.brand, &f.from.domain);
        n.add(format!(
            "names {}; the address {}",
            c.name(&f.name_folded),
            if fits { "belongs to it" } else { "does not belong to it" }
        ));
    }
    // The rule knows who is worth faking, and who may.
    n.when(a.reasons.iter().any(|r| r.code == "vip_in_name"), "a name worth faking, from outside your company");
    n
}

fn route(f: &Facts<'_>, kind_of: FieldKind, other: &Mailbox) -> Notes {
    let mut n = Notes::default();
    if other.address.is_empty() {
        n.add(if kind_of == FieldKind::ReturnPath { "empty, as for automatic answers" } else { "empty" });
        return n;
    }
    let org = other.org();
    if other.address == f.from.address {
        return n;
    }
    if org == f.from_org {
        n.add("another address of the same owner");
    } else {
        n.add(match kind_of {
            FieldKind::ReturnPath => "differs from From, as with lists and sending services",
            _ => "differs from From",
        });
        n.when(domain::sending(&other.domain), "a sending service");
        kind(f, &mut n, &other.domain);
    }
    n
}
