//! Rules about a conversation that is quoted below the new text: does the one who writes belong to it?

use crate::facts::Facts;
use crate::fold;
use crate::lookalike;
use crate::rules::{Group::Identity, Reasons, host, q};

/// Shortest name that is compared: "Info" is everybody's.
const MIN_NAME: usize = 6;

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let Some((number, history)) = &f.history else { return };
    let Some(text) = f.texts.get(*number).filter(|_| f.from.valid) else { return };
    let own = |org: &str| f.ctx.own_domains.iter().any(|d| crate::domain::org(d) == org);
    // A conversation of strangers is none that could be taken over to reach us; on lists people use several addresses.
    let with_us = history.people.iter().any(|(m, _)| own(&m.org()));
    if !with_us || own(&f.from_org) || history.people.iter().any(|(m, _)| m.org() == f.from_org) {
        return;
    }
    let others: Vec<_> = history.people.iter().filter(|(m, _)| !own(&m.org())).collect();
    let domains: Vec<String> = others.iter().map(|(m, _)| m.domain.clone()).collect();
    if let Some(like) = lookalike::check(&f.from.domain, &domains).filter(|l| l.own) {
        let text = format!(
            "The sender's domain {} {} {}, which takes part in the conversation quoted below.",
            host(&f.from.domain),
            like.trick.text(),
            host(&like.of)
        );
        r.add("thread_lookalike", Identity, 4.0, f.mail.header_place("From", &f.from.domain), text);
        return;
    }
    let name = fold::skeleton(&f.from.name);
    let same = others.iter().find(|(m, _)| name.len() >= MIN_NAME && fold::skeleton(&m.name) == name);
    if let Some((who, at)) = same {
        let sentence = format!(
            "{} writes from {}, but in the conversation quoted below from {}.",
            q(&f.from.name),
            host(&f.from.domain),
            host(&who.domain)
        );
        r.add(
            "thread_other_address",
            Identity,
            2.5,
            text.place_chars(*at, *at + who.address.chars().count()),
            sentence,
        );
    }
}
