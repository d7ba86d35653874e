//! Where clicks would go.

use super::{Notes, plain, safe, safe_to};
use crate::facts::{Facts, Link};
use crate::{domain, lookalike, rules_links, wrap};
use nightbell_core::mail::evidence::{LinkSeen, MAX_LINKS, MAX_TARGET};
use std::collections::{BTreeMap, BTreeSet};

/// Different links up to the cap, and how many there are. Those a person would follow come first.
pub(super) fn read(f: &Facts<'_>) -> (Vec<LinkSeen>, usize) {
    let from = Origins::of(f);
    let mut at: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut out: Vec<LinkSeen> = Vec::new();
    let order = |l: &Link| !l.clicked || domain::plumbing(&l.url.host) || domain::social(&l.url.host);
    let mut all: Vec<(usize, &Link)> = f.links.iter().enumerate().collect();
    all.sort_by_key(|(_, l)| order(l));
    for (i, l) in all {
        let next = at.len();
        let n = *at.entry((l.url.text(), l.shown.as_str())).or_insert(next);
        if let Some(seen) = out.get_mut(n) {
            seen.times += 1;
        } else if n < MAX_LINKS {
            out.push(one(f, &from, i, l));
        }
    }
    let all = at.len();
    (out, all)
}

/// Which links came out of something else than the text.
struct Origins {
    qr: BTreeSet<usize>,
    invite: BTreeSet<usize>,
    files: BTreeMap<String, &'static str>,
}

impl Origins {
    fn of(f: &Facts<'_>) -> Self {
        let word = |part: &str| {
            let number = part.trim_start_matches("body/");
            let p = f.mail.parts.iter().find(|p| p.number == number)?;
            let pdf = p.ctype == "application/pdf" || p.name.to_ascii_lowercase().ends_with(".pdf");
            Some(if pdf { "inside a PDF" } else { "inside an attached file" })
        };
        Self {
            qr: f.qr.iter().filter_map(|c| c.link).collect(),
            invite: f.invites.iter().flat_map(|i| i.links.iter().copied()).collect(),
            files: f.files.iter().filter_map(|x| Some((x.place.part.clone(), word(&x.place.part)?))).collect(),
        }
    }
}

fn one(f: &Facts<'_>, from: &Origins, number: usize, l: &Link) -> LinkSeen {
    let (host, mut n) = (l.url.host.as_str(), Notes::default());
    n.when(from.qr.contains(&number), "read from a QR code");
    if from.invite.contains(&number) {
        n.add("inside an invitation");
    } else if let Some(word) = from.files.get(&l.place.part).filter(|_| !from.qr.contains(&number)) {
        n.add(*word);
    }
    if let Some(shown) = rules_links::other_owner(l) {
        n.add(format!("the text shows {}, which has another owner", safe(&shown)));
    }
    n.when(domain::shortener(host), "shortened: the target was not resolved");
    n.when(domain::hosting(host), "free hosting: anybody can put a page there");
    n.when(l.url.is_ip(), "leads to a bare IP address");
    n.when(l.url.user.is_some(), "another name stands in front of the real host");
    if let Some(p) =
        l.url.port.as_deref().filter(|p| !matches!((l.url.scheme.as_str(), *p), ("http", "80") | ("https", "443")))
    {
        n.add(format!("unusual port {p}"));
    }
    n.when(rules_links::holds_recipient(&l.url, &f.recipients), "carries the recipient's address");
    if let Some(k) = lookalike::check(host, &f.ctx.own_domains).filter(|_| !l.url.is_ip()) {
        n.add(format!("looks like another: {} {}", k.trick.text(), safe(&k.of)));
    }
    let unicode = idna::domain_to_unicode(host).0;
    if host.contains("xn--") && unicode != host {
        n.add(format!("is shown as {}", safe(&unicode)));
    }
    n.when(domain::odd_tld(host), "an ending that is cheap to register and rare among companies");
    n.when(f.ctx.own_domains.iter().any(|d| domain::org(d) == l.org), "one of your own domains");
    n.when(!l.clicked, "not for clicking: a picture or other part of the page");
    let target = safe_to(&l.url.text(), MAX_TARGET);
    let shown = safe(&l.shown);
    LinkSeen {
        shown: if shown == target { String::new() } else { shown },
        owner: safe(&l.org),
        wrappers: l.through.iter().take(8).map(|t| through(t)).collect(),
        notes: n.0,
        place: l.place.clone(),
        times: 1,
        target,
    }
}

fn through(host: &str) -> String {
    match wrap::service(host) {
        Some(name) => plain(name),
        None => safe(host),
    }
}
