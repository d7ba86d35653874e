//! Rules about where a click would go.

use crate::facts::{Facts, Link};
use crate::rules::{DANGER, Group::Link as G, NUISANCE, Reasons, host, q};
use crate::url::{Url, base64_text, percent};
use crate::words::Topic;
use crate::{brand, domain, lookalike};
use std::collections::BTreeSet;

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let danger = f.any(DANGER).is_some();
    let call = danger || f.any(NUISANCE).is_some() || f.topic(Topic::Button).is_some() || f.length < 200;
    // Rules about a host need one look per host; 200 hosts are more than any honest mail names.
    let mut hosts = BTreeSet::new();
    for l in f.targets() {
        mismatch(f, l, danger, r);
        if let Some(name) = program(&l.url).filter(|_| f.topic(Topic::Install).is_some()) {
            let text = format!("The link to {} loads {}, which the mail asks to install.", host(&l.url.host), q(&name));
            r.add("link_to_program", G, 1.6, l.place.clone(), text);
        }
        if hosts.len() < 200 && hosts.insert((l.url.host.clone(), l.outer_host.clone())) {
            one(f, l, danger, call, r);
        }
    }
    together(f, danger, r);
    let brand_name = f.name_brand.as_ref().filter(|c| !brand::owns(c.brand, &f.from.domain));
    if let Some((to, at)) = f.mailto.iter().find(|(a, _)| a.rsplit_once('@').is_some_and(|(_, d)| domain::freemail(d)))
        && (brand_name.is_some() || (danger && f.targets().next().is_none()))
        && !domain::freemail(&f.from.domain)
    {
        let text = format!("Its buttons write to the free mailbox {} instead of leading to a company.", host(to));
        r.add("link_to_free_mailbox", G, 1.8, at.clone(), text);
    }
}

/// The text is an address of one owner, the target belongs to another.
fn mismatch(f: &Facts<'_>, l: &Link, danger: bool, r: &mut Reasons) {
    if r.has("link_text_mismatch") {
        return;
    }
    let h = &l.url.host;
    let foreign = l.org != f.from_org;
    if f.ctx.own_domains.iter().any(|d| domain::org(d) == l.org) {
        return;
    }
    if let Some(shown) = other_owner(l) {
        // Under another ending a name mostly belongs to the same company.
        let same_name = domain::label(&shown) == domain::label(h);
        if !same_name && !domain::sending(h) && !domain::shortener(&shown) {
            let shown_org = domain::org(&shown);
            // A sender's own click counter is common: the text names the sender, the target counts.
            let counter = shown_org == f.from_org || (!foreign && !danger);
            let weight = if counter {
                0.5
            } else if brand::owner(&shown).is_some() {
                2.5
            } else {
                1.6
            };
            let text = format!("The link shows {} but leads to {}.", host(&shown), host(h));
            r.add("link_text_mismatch", G, weight, l.place.clone(), text);
        }
    }
}

fn one(f: &Facts<'_>, l: &Link, danger: bool, call: bool, r: &mut Reasons) {
    let h = &l.url.host;
    let place = || l.place.clone();
    let ours = f.ctx.own_domains.iter().any(|d| domain::org(d) == l.org);
    if ours {
        return;
    }
    let foreign = l.org != f.from_org;
    // A brand's help desk at a service: the name in front is the sender's own.
    let theirs = |k: &lookalike::Lookalike| {
        !f.auth.failed && !k.own && k.trick == lookalike::Trick::Subdomain && k.of == f.from_org
    };
    if let Some(k) = lookalike::check(h, &f.ctx.own_domains).filter(|k| !l.url.is_ip() && !theirs(k)) {
        let weight = if k.own { 3.5 } else { 2.2 };
        let text = format!("The link's host {} {} {}.", host(h), k.trick.text(), host(&k.of));
        r.add("link_lookalike", G, weight, place(), text);
    }
    if l.url.is_ip() {
        let text = format!("The link leads to the bare address {} instead of a name.", host(h));
        r.add("link_ip_host", G, if call && danger { 1.8 } else { 0.8 }, place(), text);
    }
    if l.url.user.as_ref().is_some_and(|u| u.contains('.')) {
        let text = format!("The link puts another name in front; it really leads to {}.", host(h));
        r.add("link_userinfo", G, 2.5, place(), text);
    }
    if domain::shortener(h) && call {
        let text = format!("The link is shortened with {}, so its target is hidden.", host(h));
        r.add("link_shortened", G, 1.6, place(), text);
    }
    if domain::hosting(h) && (foreign || f.name_brand.is_some()) && call {
        let claimed = f.name_brand.as_ref().is_some_and(|c| !brand::owns(c.brand, h));
        let weight = if danger || claimed { 1.8 } else { 0.9 };
        let text = format!("The link leads to {}, where anybody can put a page for free.", host(h));
        r.add("link_free_hosting", G, weight, place(), text);
    }
    if domain::odd_tld(h) && foreign {
        let text =
            format!("The link leads to {}, an ending that is cheap to register and rare among companies.", host(h));
        r.add("link_odd_ending", G, if call { 1.2 } else { 0.6 }, place(), text);
    }
    if l.url.port.as_ref().is_some_and(|p| !matches!(p.as_str(), "80" | "443" | "8080" | "8443")) && danger {
        r.add("link_port", G, 0.8, place(), format!("The link to {} uses an unusual port.", host(h)));
    }
    if foreign && danger && holds_recipient(&l.url, &f.recipients) {
        let text = "The link carries your own address, so the page behind it knows who clicked.";
        r.add("link_holds_recipient", G, 0.9, place(), text);
    }
    let label = domain::label(h);
    if foreign
        && !domain::sending(h)
        && !domain::hosting(h)
        && (domain::machine_made(&label)
            || h.split('.').next().is_some_and(|s| s.len() > 9 && domain::machine_made(s) && s != "autodiscover"))
    {
        r.add(
            "link_machine_made",
            G,
            0.9,
            place(),
            format!("The name of the link's host {} looks made by a machine.", host(h)),
        );
    }
    let path = l.url.path().to_ascii_lowercase();
    if foreign
        && (path.contains("/wp-content/")
            || path.contains("/wp-includes/")
            || path.contains("/wp-admin/")
            || path.contains("/.well-known/"))
        && call
    {
        let text = format!(
            "The link leads into the inside of a website at {}, a sign that the site was broken into.",
            host(h)
        );
        r.add("link_broken_in_site", G, 1.4, place(), text);
    }
    // A long path without any word is how kits tell their victims apart.
    if foreign
        && !domain::sending(h)
        && !domain::hosting(h)
        && !domain::shortener(h)
        && l.url.scheme == "http"
        && random_path(&l.url)
        && call
    {
        let text = format!("The link to {} is unencrypted and ends in a long code.", host(h));
        r.add("link_code_path", G, 1.0, place(), text);
    }
    if l.wrapped && l.org != l.outer_org && !gateway(&l.outer_host) && l.outer_org != f.from_org && call && foreign {
        let text = format!("The link goes through {} to {}, which hides the target.", host(&l.outer_host), host(h));
        r.add("link_redirected", G, 1.0, place(), text);
    }
}

/// Name of the file that a link loads, when it is a program or an archive that may hold one.
fn program(u: &Url) -> Option<String> {
    const ENDINGS: [&str; 18] = [
        "exe", "msi", "zip", "7z", "rar", "iso", "img", "js", "vbs", "scr", "bat", "cmd", "ps1", "hta", "lnk", "apk",
        "dmg", "pkg",
    ];
    let name = percent(u.path().rsplit('/').next()?);
    let (_, ending) = name.rsplit_once('.')?;
    ENDINGS.contains(&ending.to_ascii_lowercase().as_str()).then_some(name)
}

/// Gateways that rewrite every link on the way in: not the sender's doing.
fn gateway(h: &str) -> bool {
    [
        "safelinks.protection.outlook.com",
        "urldefense.com",
        "urldefense.proofpoint.com",
        "urldefense.us",
        "clicktime.symantec.com",
        "cudasvc.com",
        "protection.sophos.com",
        "mimecast.com",
        "mimecastprotect.com",
        "google.com",
        "bing.com",
        "facebook.com",
        "awstrack.me",
    ]
    .iter()
    .any(|g| h == *g || h.ends_with(&format!(".{g}")))
}

fn together(f: &Facts<'_>, danger: bool, r: &mut Reasons) {
    let targets: Vec<&Link> = f.targets().collect();
    let Some(first) = targets.first() else { return };
    let same = |l: &Link| {
        l.org == f.from_org || l.outer_org == f.from_org || domain::label(&l.org) == domain::label(&f.from_org)
    };
    let none_ours = !targets.iter().any(|l| same(l)) && !f.from_org.is_empty();
    // A brand that lets a mail service write for it links to itself.
    let claimed = f.name_brand.as_ref().is_some_and(|c| targets.iter().all(|l| brand::owns(c.brand, &l.org)));
    let hosts: BTreeSet<&str> = targets.iter().map(|l| l.org.as_str()).collect();
    let texts: BTreeSet<String> =
        targets.iter().map(|l| crate::fold::plain(&l.shown)).filter(|t| t.len() > 1).collect();
    let urls: BTreeSet<String> = targets.iter().map(|l| l.url.text()).collect();
    if texts.len() >= 3 && urls.len() == 1 {
        let text = format!("Every link, whatever it says, leads to the same page at {}.", host(&first.url.host));
        r.add("links_one_page", G, if none_ours { 1.8 } else { 0.8 }, first.place.clone(), text);
    } else if texts.len() >= 2
        && hosts.len() == 1
        && none_ours
        && !claimed
        && (danger || f.any(NUISANCE).is_some())
        && !domain::sending(&first.url.host)
    {
        let text = format!("Every link leads to {}, which is not the sender.", host(&first.url.host));
        r.add("links_one_stranger", G, 1.0, first.place.clone(), text);
    }
    if none_ours && !claimed && danger && f.has_headers && !targets.iter().all(|l| domain::sending(&l.url.host)) {
        let place = targets.iter().find(|l| !domain::sending(&l.url.host)).unwrap_or(first).place.clone();
        let text = format!("No link leads to the sender's own domain {}.", host(&f.from.domain));
        r.add("links_not_sender", G, 0.6, place, text);
    }
}

/// The host that the text shows when its owner is neither that of the target nor that of the wrapper.
pub(crate) fn other_owner(l: &Link) -> Option<String> {
    let shown = shown_host(&l.shown)?;
    let org = domain::org(&shown);
    let same = org == l.org
        || org == l.outer_org
        || brand::owner(&shown).is_some_and(|b| brand::owns(b, &l.url.host) || brand::owns(b, &l.outer_host));
    (!same).then_some(shown)
}

/// The host that a link's text shows, when the text itself is an address of the web.
pub(crate) fn shown_host(shown: &str) -> Option<String> {
    let t = shown.trim();
    if t.is_empty() || t.contains('@') || t.split_whitespace().count() > 1 {
        return None;
    }
    if let Some(u) = Url::read(t) {
        return Some(u.host).filter(|h| domain::valid(h));
    }
    let hostpart = t.split(['/', '?', '#']).next().unwrap_or_default();
    if hostpart.len() > 253 {
        return None;
    }
    let known = psl::suffix(hostpart.as_bytes()).is_some_and(|s| s.is_known());
    let name = hostpart.split('.').count() >= 2 && hostpart.len() > 4 && domain::valid(hostpart);
    (known && name && hostpart.chars().any(|c| c.is_ascii_lowercase())).then(|| hostpart.to_ascii_lowercase())
}

/// Whether an address stands in the link: plain, in base64 or as hexadecimal digits.
pub(crate) fn holds_recipient(u: &Url, recipients: &[String]) -> bool {
    let rest = percent(&u.rest).to_lowercase();
    recipients.iter().any(|a| {
        if a.len() < 6 {
            return false;
        }
        if rest.contains(a.as_str()) {
            return true;
        }
        u.rest.split(['/', '?', '&', '=', '#', '.']).filter(|p| p.len() >= 8 && p.len() < 400).any(|p| {
            base64_text(p).is_some_and(|t| t.to_lowercase().contains(a.as_str()))
                || unhex(p).is_some_and(|t| t.to_lowercase().contains(a.as_str()))
        })
    })
}

fn unhex(p: &str) -> Option<String> {
    if p.len() % 2 == 1 || !p.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> = p
        .as_bytes()
        .chunks(2)
        .map(|c| std::str::from_utf8(c).ok().and_then(|c| u8::from_str_radix(c, 16).ok()))
        .collect();
    String::from_utf8(bytes?).ok()
}

/// One or two path segments of 16 and more letters and digits in turn.
fn random_path(u: &Url) -> bool {
    u.rest.split(['/', '?', '&', '=', '#', '_']).any(|p| {
        let letters = p.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = p.bytes().filter(u8::is_ascii_digit).count();
        p.len() >= 16 && letters >= 5 && digits >= 3 && p.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}
