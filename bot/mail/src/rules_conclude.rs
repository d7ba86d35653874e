//! Rules that draw the groups together, and the ones that speak for a mail.

use crate::facts::{Facts, Spot};
use crate::rules::{Group, Reasons, host};
use crate::words::Topic;
use crate::{brand, domain, fold};

/// Conjunctions over the groups, and reasons that speak for a mail.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let wish = f.any(&[
        Topic::Credential,
        Topic::AccountThreat,
        Topic::PaymentProblem,
        Topic::ParcelFee,
        Topic::Mfa,
        Topic::Wallet,
        Topic::Refund,
    ]);
    brand_trap(f, r, wish);
    if !f.has_headers || !f.from.valid {
        return;
    }
    let from = f.mail.header_place("From", &f.from.domain);
    let known = f.ctx.known(&f.from.address).max(f.ctx.known(&f.from_org));
    let attacks = f.ctx.attacks(&f.from.address);
    if attacks > 0 {
        let text = format!("{attacks} earlier mails of this address were confirmed as attacks here.");
        r.add("sender_attacked_before", Group::Identity, 2.5, from.clone(), text);
    }
    if r.has_group(Group::File, 3.4)
        && known == 0
        && !brand::owner(&f.from.domain).is_some_and(|b| brand::owns(b, &f.from.domain))
    {
        let text = format!(
            "No earlier mail of {} was found harmless here, and its file can do something.",
            host(&f.from.domain)
        );
        r.add("file_from_unknown", Group::Identity, 0.7, from.clone(), text);
    }
    let own = f.ctx.own_domains.iter().any(|d| domain::org(d) == f.from_org);
    if own && f.auth.aligned {
        let text = format!("{} confirmed that the mail comes from an account of your own company.", f.auth.prover());
        r.add("own_sender_confirmed", Group::For, -1.2, from.clone(), text);
    }
    let vendor = f.ctx.vendors.iter().any(|v| domain::org(v) == f.from_org);
    if f.auth.aligned && vendor && !domain::freemail(&f.from.domain) {
        let text = format!(
            "{} confirmed {}, which is on your company's list of partners.",
            f.auth.prover(),
            host(&f.from.domain)
        );
        r.add("known_vendor", Group::For, -2.0, from.clone(), text);
    } else if f.auth.aligned && known >= 3 && !domain::freemail(&f.from.domain) {
        let text = format!(
            "{} confirmed {}, which has written to your company {known} times.",
            f.auth.prover(),
            host(&f.from.domain)
        );
        r.add("known_sender", Group::For, -2.0, from.clone(), text);
    } else if f.auth.aligned {
        r.add(
            "sender_confirmed",
            Group::For,
            // Who sent it is known, not what he wants: anybody confirms his own domain.
            -0.1,
            from.clone(),
            format!("{} confirmed that the mail comes from {}.", f.auth.prover(), host(&f.from.domain)),
        );
    }
    let targets: Vec<_> = f.targets().collect();
    let mine =
        targets.iter().filter(|l| l.org == f.from_org || domain::label(&l.org) == domain::label(&f.from_org)).count();
    let weak = domain::hosting(&f.from.domain)
        || domain::freemail(&f.from.domain)
        || domain::odd_tld(&f.from.domain)
        || r.has("sender_lookalike")
        || r.has("sender_machine_made");
    if let Some(b) = brand::owner(&f.from.domain).filter(|_| !weak && !f.auth.failed)
        // Pages of strangers on the brand's own servers are not the brand's.
        && targets.iter().all(|l| (brand::owns(b, &l.org) || domain::sending(&l.url.host)) && !domain::hosting(&l.url.host))
    {
        let text = format!("Sender and links belong to {}.", b.name);
        let weight = if f.auth.aligned { -2.2 } else { -1.5 };
        r.add("brand_consistent", Group::For, weight, from, text);
    } else if !targets.is_empty() && mine * 2 >= targets.len() && !weak {
        r.add(
            "links_match_sender",
            Group::For,
            // Anybody can register a domain and link to it; it is worth something from a sender known for long.
            if f.auth.aligned && known > 0 { -0.9 } else { -0.3 },
            from,
            format!("Most links lead to the sender's own domain {}.", host(&f.from.domain)),
        );
    }
}

/// A well-known name in subject or text, a wish, and nothing that belongs to that name.
fn brand_trap(f: &Facts<'_>, r: &mut Reasons, wish: Option<(Topic, &Spot)>) {
    let Some((_, wish)) = wish else { return };
    if r.has("brand_in_name") {
        let c = f.name_brand.as_ref();
        let stranger = |l: &&crate::facts::Link| !c.is_some_and(|c| brand::owns(c.brand, &l.org));
        let (all, strange) = (f.targets().count(), f.targets().filter(stranger).count());
        if strange * 2 >= all && (strange > 0 || !f.phones.is_empty()) {
            let place = f.targets().find(stranger).map_or_else(|| wish.place.clone(), |l| l.place.clone());
            let name = c.map_or_else(|| "the company".to_owned(), |c| c.name(&f.name_folded));
            r.add(
                "brand_without_its_links",
                Group::Link,
                1.2,
                place,
                format!("It claims {name}, but leads to places that do not belong to {name}."),
            );
        }
        return;
    }
    let subject = brand::find(&fold::skeleton(&f.subject)).into_iter().find(|c| !c.brand.plain_word);
    let place = f.mail.header_place("Subject", "");
    let found = subject
        .map(|c| (c.brand, place))
        .or_else(|| f.texts.iter().find_map(|t| in_text(&t.folded.text).map(|(b, at)| (b, t.place(at)))));
    let Some((b, place)) = found else { return };
    let theirs = brand::owns(b, &f.from.domain) || f.targets().any(|l| brand::owns(b, &l.org));
    let reach = f.targets().next().is_some() || !f.phones.is_empty();
    if !theirs && reach && f.length < 6_000 {
        r.add(
            "brand_in_text",
            Group::Identity,
            1.3,
            place,
            format!("It speaks for {}, but neither sender nor links belong to {}.", b.name, b.name),
        );
    }
}

/// "Your X account", "X team": the text speaks for the brand rather than about it.
fn in_text(folded: &str) -> Option<(&'static crate::brand_list::Brand, (usize, usize))> {
    const AFTER: &[&str] = &[
        " account",
        " team",
        " support",
        " security",
        " konto",
        "-konto",
        " user",
        " customer",
        " service",
        " kundenservice",
        " password",
        " id ",
        " login",
        " wallet",
        " mailbox",
        " subscription",
        " abonnement",
        " mitgliedschaft",
        " membership",
    ];
    const BEFORE: &[&str] = &[
        "your ",
        "ihr ",
        "ihr ",
        "ihre ",
        "sua ",
        "sua conta ",
        "uw ",
        "votre ",
        "su ",
        "dear ",
        "deine ",
        "dein ",
        "conta ",
        "compte ",
        "cuenta ",
    ];
    brand::find(folded).into_iter().filter(|c| !c.brand.plain_word).find_map(|c| {
        let after = folded.get(c.at.1..).unwrap_or_default();
        let before = folded.get(..c.at.0).unwrap_or_default();
        (AFTER.iter().any(|w| after.starts_with(w)) || BEFORE.iter().any(|w| before.ends_with(w)))
            .then_some((c.brand, c.at))
    })
}
