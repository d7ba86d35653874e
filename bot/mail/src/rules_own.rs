//! Rules about the company's own name in strange places, and about account numbers.

use crate::facts::{Facts, Link};
use crate::rules::{DANGER, Group, Reasons, host, q};
use crate::words::Topic;
use crate::{brand, domain, fold, iban};

/// Shortest own name that is looked for: shorter ones stand in other words.
const MIN_NAME: usize = 4;

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    account_number(f, r);
    if f.ctx.own_domains.is_empty() {
        return;
    }
    let own = |org: &str| f.ctx.own_domains.iter().any(|d| domain::org(d) == org);
    let partner = |org: &str| f.ctx.vendors.iter().any(|v| domain::org(v) == org);
    if f.has_headers && own(&f.from_org) {
        if let Some(rt) = f.reply_to.as_ref().filter(|rt| !own(&rt.org()) && !partner(&rt.org()) && !f.auth.aligned) {
            let text = format!("It claims to come from your company, but answers would go to {}.", host(&rt.domain));
            r.add(
                "own_sender_reply_elsewhere",
                Group::Identity,
                3.0,
                f.mail.header_place("Reply-To", &rt.domain),
                text,
            );
        }
        return;
    }
    let back = f.reply_to.as_ref().is_some_and(|rt| own(&rt.org()));
    let wish = f.any(DANGER).is_some() || f.wording.as_ref().is_some_and(|(w, _)| w.sum > 0.5);
    let known = brand::owner(&f.from.domain).is_some() || partner(&f.from_org) || f.ctx.known(&f.from_org) > 0;
    if !wish || known || back {
        return;
    }
    let names: Vec<String> =
        f.ctx.own_domains.iter().map(|d| domain::label(&domain::org(d))).filter(|n| n.len() >= MIN_NAME).collect();
    let name = fold::skeleton(&f.from.name);
    let words = |s: &str, n: &str| s.split(|c: char| !c.is_alphanumeric()).any(|w| w == n);
    if let Some(n) = names.iter().find(|n| f.has_headers && f.from.valid && words(&name, n)) {
        let text = format!(
            "The name shown speaks for your company ({}), but the address belongs to {}.",
            q(n),
            host(&f.from.domain)
        );
        r.add("own_name_outside", Group::Identity, 1.0, f.mail.header_place("From", &f.from.name), text);
    }
    let strange = |l: &&Link| {
        !own(&l.org)
            && !partner(&l.org)
            && brand::owner(&l.url.host).is_none()
            && names.iter().any(|n| words(&l.url.host, n))
    };
    if let Some(l) = f.targets().find(strange) {
        let text =
            format!("The link leads to {}, which uses your company's name, but is not yours.", host(&l.url.host));
        r.add("link_own_name", Group::Link, 1.3, l.place.clone(), text);
    }
}

/// An account number together with the news that it changed.
fn account_number(f: &Facts<'_>, r: &mut Reasons) {
    let Some(change) = f.topic(Topic::BankChange).or(f.topic(Topic::Payroll)) else { return };
    let quoted = |n: usize| f.history.as_ref().filter(|(of, _)| *of == n).map_or(usize::MAX, |(_, h)| h.at);
    let found = f.texts.iter().enumerate().find_map(|(n, t)| {
        let at = iban::find(&t.shown).filter(|at| at.0 < quoted(n))?;
        Some(t.place_chars(at.0, at.1))
    });
    if let Some(place) = found {
        let text = format!("It names a bank account to pay to from now on: {}.", q(&change.quote));
        r.add("account_number_given", Group::Content, 1.8, place, text);
    }
}
