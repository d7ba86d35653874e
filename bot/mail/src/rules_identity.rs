//! Rules about who the mail says it is from.

use crate::brand;
use crate::facts::Facts;
use crate::fold;
use crate::lookalike::{self, Trick};
use crate::rules::{DANGER, Group::Identity, NUISANCE, Reasons, host, q};
use crate::words::Topic;
use crate::{address, domain};

/// Words of functions that companies, not private mailboxes, write with.
const FUNCTIONS: &[&str] = &[
    "support",
    "security",
    "service",
    "services",
    "helpdesk",
    "help desk",
    "it desk",
    "administrator",
    "admin",
    "billing",
    "accounts payable",
    "payroll",
    "human resources",
    "hr",
    "kundenservice",
    "kundendienst",
    "sicherheit",
    "bank",
    "finance",
    "invoice",
    "notification",
    "notifications",
    "team",
    "mailbox",
    "postmaster",
    "atendimento",
    "suporte",
    "financeiro",
    "klantenservice",
    "beveiliging",
    "assistance",
    "securite",
    "comptabilite",
    "soporte",
    "seguridad",
    "webmail",
    "customer care",
    "verification",
    "alert",
    "delivery",
    "department",
];

/// Runs them.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let from = &f.from;
    let trusted = f.auth.aligned;
    address_form(f, r);
    name_tricks(f, r);
    if let Some(l) = lookalike::check(&from.domain, &f.ctx.own_domains).filter(|_| !from.domain.is_empty()) {
        let weight = match (l.own, l.trick) {
            (true, _) => 4.0,
            (false, Trick::Homoglyph) => 3.5,
            (false, Trick::Typo) => 2.0,
            _ => 2.5,
        };
        let text = format!("The sender's domain {} {} {}.", host(&from.domain), l.trick.text(), host(&l.of));
        r.add("sender_lookalike", Identity, weight, f.mail.header_place("From", &from.domain), text);
    }
    let own = f.ctx.own_domains.iter().any(|d| domain::org(d) == f.from_org);
    if own && f.auth.failed {
        let text = if f.auth.by_dns {
            "The mail claims to come from your own company, but neither a signature nor the sending host proves that."
        } else {
            "The mail claims to come from your own company, but your mail gateway could not confirm that."
        };
        r.add("own_domain_unconfirmed", Identity, 3.5, f.mail.header_place("From", &from.address), text);
    } else if f.auth.failed && from.valid {
        let text = format!(
            "{} could not confirm that the mail comes from {}.",
            if f.auth.by_dns { f.auth.prover() } else { "Your mail gateway" },
            host(&from.domain)
        );
        r.add("sender_unconfirmed", Identity, 0.6, f.mail.header_place("From", &from.domain), text);
    }
    if !from.address.is_empty() && f.recipients.first() == Some(&from.address) && !trusted {
        let text = "The mail claims to come from its own recipient.";
        r.add("sender_is_recipient", Identity, 1.3, f.mail.header_place("From", &from.address), text);
    }
    let danger = f.any(DANGER).is_some();
    if domain::hosting(&from.domain) && (danger || f.any(NUISANCE).is_some() || f.name_brand.is_some()) {
        let text = format!(
            "The sender's address is at {}, where anybody can set up a page or address for free.",
            host(&from.domain)
        );
        r.add("sender_on_free_hosting", Identity, 1.8, f.mail.header_place("From", &from.domain), text);
    }
    if domain::odd_tld(&from.domain) && from.valid {
        let text = format!(
            "The sender's domain {} has an ending that is cheap to register and rare among companies.",
            host(&from.domain)
        );
        r.add("sender_odd_ending", Identity, 1.4, f.mail.header_place("From", &from.domain), text);
    }
    let label = domain::label(&from.domain);
    let sub = from.domain.split('.').next().unwrap_or_default();
    let raw_local = f.mail.header("From").map(|h| h.raw.clone()).unwrap_or_default();
    let written_local = raw_local
        .rfind('<')
        .and_then(|i| raw_local.get(i + 1..))
        .and_then(|s| s.split('@').next())
        .unwrap_or_default()
        .to_owned();
    let personal_mailbox = domain::freemail(&from.domain);
    // Bounce addresses of lists and services are long and mixed too, but they are not what people see as From.
    if from.valid && !trusted && !personal_mailbox {
        let made = [written_local.as_str(), label.as_str(), sub].into_iter().find(|s| domain::machine_made(s));
        if let Some(m) = made {
            let text = format!("The sender's address contains {}, which looks made by a machine.", q(m));
            r.add("sender_machine_made", Identity, 0.5, f.mail.header_place("From", m), text);
        }
    }
    reply_route(f, r);
}

fn address_form(f: &Facts<'_>, r: &mut Reasons) {
    let from = &f.from;
    if f.mail.header("From").is_none() {
        r.add("sender_missing", Identity, 1.5, f.mail.top(), "The mail has no sender at all.");
    } else if !from.valid && !matches!(from.domain.as_str(), "localhost" | "localhost.localdomain") {
        let text = if from.address.is_empty() {
            "The sender line holds a name but no address to answer to.".to_owned()
        } else {
            format!("The sender's address {} cannot exist.", q(&host(&from.address)))
        };
        r.add("sender_invalid", Identity, 2.0, f.mail.header_place("From", ""), text);
    } else if from.several {
        r.add(
            "sender_several",
            Identity,
            0.8,
            f.mail.header_place("From", ""),
            "The sender line holds more than one address.",
        );
    }
}

fn name_tricks(f: &Facts<'_>, r: &mut Reasons) {
    let from = &f.from;
    let place = || f.mail.header_place("From", &from.name);
    if let Some(c) = &f.name_brand
        && !brand::owns(c.brand, &from.domain)
    {
        // Real links in the footer are borrowed too, so only all of them soften the claim.
        let theirs = f.targets().next().is_some() && f.targets().all(|l| brand::owns(c.brand, &l.org));
        let inside = c.brand.keys.iter().any(|k| from.domain.contains(&k.replace([' ', '\''], "")));
        let weight = match (theirs, c.brand.plain_word) {
            (true, _) if f.phones.is_empty() => 0.6,
            (true, _) => 1.2,
            (false, true) => 1.6,
            (false, false) => 2.2,
        };
        let text = format!(
            "The name shown claims {}, but the address belongs to {}.",
            c.name(&f.name_folded),
            if from.domain.is_empty() { "nobody".to_owned() } else { host(&from.domain) }
        );
        r.add("brand_in_name", Identity, weight + if inside { 0.3 } else { 0.0 }, place(), text);
    }
    if let Some(meant) = misspelt(&f.name_folded, &domain::label(&f.from_org)) {
        let text =
            format!("The name shown says {}, but the domain {} is spelt differently.", q(&meant), host(&from.domain));
        r.add("name_misspelt_in_domain", Identity, 2.0, f.mail.header_place("From", &from.domain), text);
    }
    let code = [("From", from.name.as_str()), ("Subject", f.subject.as_str())]
        .into_iter()
        .find_map(|(h, t)| random_code(t).map(|c| (h, c)));
    if let Some((h, c)) = code {
        let text = format!("A meaningless code {} is added so that no two mails look the same.", q(c));
        r.add("random_code", Identity, 0.8, f.mail.header_place(h, c), text);
    }
    if let Some(a) = address::inside(&from.name) {
        let org = domain::org(a.rsplit('@').next().unwrap_or_default());
        if org != f.from_org {
            let text = format!(
                "The name shown contains the address {}, but the mail comes from {}.",
                host(&a),
                host(&from.domain)
            );
            r.add("address_in_name", Identity, 2.0, place(), text);
        }
    }
    let own = f.ctx.own_domains.iter().any(|d| domain::org(d) == f.from_org);
    let name = f.name_folded.as_str();
    let vip = f.ctx.vip_names.iter().find(|v| {
        let v = fold::skeleton(v);
        let words: Vec<&str> = v.split(' ').filter(|w| w.len() > 1).collect();
        !words.is_empty() && words.iter().all(|w| name.split(|c: char| !c.is_alphanumeric()).any(|n| n == *w))
    });
    if let Some(v) = vip.filter(|_| !own && f.ctx.known(&from.address) == 0) {
        let text = format!("The name shown is {}, but the address is not one of your company's.", q(v));
        r.add("vip_in_name", Identity, 2.6, place(), text);
    }
    let whole = format!("{} {}", from.name, f.subject);
    let (disguised, styled) = (fold::disguised_word(&whole), fold::styled_word(&whole));
    let at = |w: &str| {
        if from.name.contains(w) { f.mail.header_place("From", w) } else { f.mail.header_place("Subject", w) }
    };
    if let Some(w) = disguised {
        let text =
            format!("The word {} mixes letters of different alphabets so that filters do not recognise it.", q(w));
        r.add("disguised_letters", Identity, 2.0, at(w), text);
    } else if let Some(w) = styled {
        let text = format!(
            "The word {} is written in special characters that look like letters, which hides it from filters.",
            q(w)
        );
        r.add("styled_letters", Identity, 2.2, at(w), text);
    }
    let function = FUNCTIONS
        .iter()
        .any(|w| name.split(|c: char| !c.is_alphanumeric()).any(|n| n == *w) || (w.contains(' ') && name.contains(w)));
    if domain::freemail(&from.domain) && function && !domain::label(&from.domain).contains(name) {
        let text = format!(
            "The name shown is that of a company department, but {} is a mailbox provider for everybody.",
            host(&from.domain)
        );
        r.add("function_on_freemail", Identity, 1.5, place(), text);
    }
    if let Some(me) = f.recipients.iter().find(|a| f.subject.to_lowercase().contains(a.as_str())) {
        let text = "The subject holds your own address instead of something that concerns you.";
        r.add("recipient_in_subject", Identity, 1.2, f.mail.header_place("Subject", me), text);
    }
}

/// Whether two words differ by one pair of neighbours that changed places.
fn swapped(a: &str, b: &str) -> bool {
    let differ: Vec<usize> =
        a.bytes().zip(b.bytes()).enumerate().filter(|(_, (x, y))| x != y).map(|(i, _)| i).collect();
    let (a, b) = (a.as_bytes(), b.as_bytes());
    matches!(differ.as_slice(), [i, j] if *j == i + 1 && a.get(*i) == b.get(*j) && a.get(*j) == b.get(*i))
        && a.len() == b.len()
}

/// Words of the name that the domain writes with one or two other letters: `nordwind-suppiy` for "Nordwind Supply".
fn misspelt(name: &str, label: &str) -> Option<String> {
    let bare: String = label.chars().filter(char::is_ascii_alphabetic).collect();
    if bare.len() < 8 || bare.len() != label.chars().filter(|c| *c != '-').count() {
        return None;
    }
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(12).collect();
    let spans = || (0..words.len()).flat_map(|a| (a + 1..=words.len().min(a + 4)).map(move |b| (a, b)));
    if spans().any(|(a, b)| words.get(a..b).is_some_and(|w| w.concat() == bare)) {
        return None;
    }
    spans().find_map(|(a, b)| {
        let w = words.get(a..b)?;
        let joined = w.concat();
        let near = joined.len() >= 8 && joined.len().abs_diff(bare.len()) <= 1;
        // Only letters that look alike or changed places: other differences are how names become domains.
        let alike = lookalike::same_shape(&joined, &bare) || swapped(&joined, &bare);
        (near && joined.is_ascii() && alike).then(|| w.join(" "))
    })
}

/// A last word such as `.QXHKW` or `xKqW`: letters that no language puts together, marked off by a dot, hash or case.
fn random_code(text: &str) -> Option<&str> {
    let last = text.split_whitespace().next_back()?;
    let letters: String = last.chars().filter(char::is_ascii_alphabetic).collect();
    let dotted =
        last.starts_with(['.', '*', '_']) && letters.len() >= 4 && letters.bytes().all(|b| b.is_ascii_uppercase());
    let mixed = letters.len() >= 5 && letters.len() == last.len() && domain::machine_made(last);
    (dotted || mixed).then_some(last)
}

fn reply_route(f: &Facts<'_>, r: &mut Reasons) {
    let Some(rt) = &f.reply_to else { return };
    let org = rt.org();
    // Somebody who writes on behalf of the company lets answers come to it.
    let ours = f.ctx.own_domains.iter().any(|d| domain::org(d) == org);
    if org == f.from_org || f.from_org.is_empty() || ours {
        return;
    }
    let place = f.mail.header_place("Reply-To", &rt.domain);
    let money = f
        .any(&[
            Topic::BankChange,
            Topic::Payroll,
            Topic::GiftCard,
            Topic::BecOpening,
            Topic::PaymentProblem,
            Topic::AdvanceFee,
        ])
        .is_some();
    let free = domain::freemail(&rt.domain) && !domain::freemail(&f.from.domain);
    let text = format!("Answers would go to {} instead of {}.", host(&rt.domain), host(&f.from.domain));
    if let Some(l) = lookalike::check(&rt.domain, &f.ctx.own_domains).filter(|l| l.own) {
        let text = format!("Answers would go to {}, which {} {}.", host(&rt.domain), l.trick.text(), host(&l.of));
        r.add("reply_to_lookalike", Identity, 4.0, place, text);
    } else if free && money {
        r.add("reply_to_freemail", Identity, 2.0, place, text);
    } else if money {
        r.add("reply_to_elsewhere", Identity, 1.2, place, text);
    } else if free {
        r.add("reply_to_freemail", Identity, 0.5, place, text);
    }
}
