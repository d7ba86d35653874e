//! Facts that an analyst wants to see although they decide nothing.

use super::{plain, safe};
use crate::facts::Facts;
use crate::{domain, fold};
use nightbell_core::mail::evidence::{Insight, MAX_INSIGHTS};

/// Headers that vendors of exercises set by default. Attackers copy them, so only a configured marker counts.
const EXERCISE: &[(&str, &str)] = &[
    ("x-phishtest", "KnowBe4"),
    ("x-phish-crid", "KnowBe4"),
    ("x-phishme", "Cofense PhishMe"),
    ("x-threatsim", "Proofpoint Threat Simulation"),
    ("x-hoxhunt", "Hoxhunt"),
    ("x-sosafe", "SoSafe"),
    ("x-phishingtackle", "Phishing Tackle"),
    ("x-fortiphish", "FortiPhish"),
    ("x-gophish", "Gophish"),
];

/// The insights.
pub(super) fn read(f: &Facts<'_>) -> Vec<Insight> {
    let mut out: Vec<Insight> = Vec::new();
    let mut add = |code: &str, text: String| {
        if out.len() < MAX_INSIGHTS {
            out.push(Insight { code: code.to_owned(), text: plain(&text) });
        }
    };
    if f.has_headers {
        memory(f, &mut add);
        headers(f, &mut add);
    }
    if let Some((value, _)) = &f.bitcoin {
        add("bitcoin_address", format!("A Bitcoin address stands in the text: {}.", safe(value)));
    }
    let phones: Vec<&str> = f.phones.iter().take(5).map(|(p, _)| p.as_str()).collect();
    if !phones.is_empty() {
        add("telephone", format!("Telephone numbers stand in the text: {}.", phones.join(", ")));
    }
    let hidden = f.texts.iter().map(|t| t.hidden).max().unwrap_or(0);
    if hidden > 0 {
        add("hidden_text", format!("{hidden} characters of the text are hidden by styles; many newsletters do that."));
    }
    let remote = f.images.iter().filter(|(u, _)| !u.get(..5).is_some_and(|p| p.eq_ignore_ascii_case("data:"))).count();
    if remote > 0 {
        add("remote_pictures", format!("{remote} pictures would be loaded when the mail is opened."));
    }
    if f.password_form.is_some() {
        add("password_field", "The mail itself holds a field for a password.".into());
    }
    let mixed = f.texts.iter().map(|t| t.shown.as_str()).find_map(fold::disguised_word);
    if let Some(w) = mixed {
        add("mixed_letters", format!("The word \"{}\" mixes letters of several alphabets.", plain(w)));
    }
    out
}

/// What this organisation knows of the sender.
fn memory(f: &Facts<'_>, add: &mut impl FnMut(&str, String)) {
    if f.ctx.known.is_none() || !f.from.valid {
        return;
    }
    let (address, org) = (f.ctx.known(&f.from.address), f.ctx.known(&f.from_org));
    let shown = safe(&f.from_org);
    match (address, org) {
        (0, 0) => add("first_from_domain", format!("No confirmed mail from {shown} was seen before.")),
        (0, n) => add("first_from_address", format!("The address is new; {n} confirmed mails came from {shown}.")),
        (n, _) => add("known_address", format!("{n} confirmed mails came from this address before.")),
    }
}

fn headers(f: &Facts<'_>, add: &mut impl FnMut(&str, String)) {
    let has = |name: &str| f.mail.header(name).is_some();
    let configured = |name: &str| f.ctx.markers.iter().any(|m| m.header.eq_ignore_ascii_case(name));
    let marker = f.mail.headers.iter().find_map(|h| {
        let name = h.name.to_ascii_lowercase();
        let (_, vendor) = EXERCISE.iter().find(|(p, _)| name.starts_with(p))?;
        (!configured(&name)).then_some((h.name.as_str(), *vendor))
    });
    if let Some((name, vendor)) = marker {
        let name = plain(name);
        add(
            "exercise_marker",
            format!(
                "It bears a mark of {vendor} exercises ({name}) that is not configured here; attackers copy such marks."
            ),
        );
    }
    if let Some(r) = f.reply_to.as_ref().filter(|r| r.org() != f.from_org) {
        let (to, from) = (safe(&r.domain), safe(&f.from.domain));
        add("reply_to_differs", format!("Answers go to {to}, the mail says it is from {from}."));
    }
    if has("List-Id") || has("List-Post") {
        let id = safe(f.mail.value("List-Id"));
        add(
            "mailing_list",
            if id.is_empty() {
                "It went through a mailing list.".into()
            } else {
                format!("It went through the mailing list {id}.")
            },
        );
    }
    let precedence = f.mail.value("Precedence").to_ascii_lowercase();
    if has("List-Unsubscribe")
        || has("Feedback-ID")
        || has("X-CSA-Complaints")
        || matches!(precedence.as_str(), "bulk" | "list" | "junk")
    {
        add("bulk", "It has headers of mass mail (List-Unsubscribe, Feedback-ID or Precedence).".into());
    }
    if has("Auto-Submitted") && !f.mail.value("Auto-Submitted").eq_ignore_ascii_case("no") {
        add("automatic", "A program sent it without a person (Auto-Submitted).".into());
    }
    if let Some(zone) = zone(f.mail.value("Date")) {
        add("time_zone", format!("The sender's clock is set to UTC{zone}."));
    }
    for name in ["X-Mailer", "User-Agent"] {
        let value = plain(f.mail.value(name));
        if !value.is_empty() {
            add("mail_program", format!("Written with {value}."));
            break;
        }
    }
    if domain::sending(
        &f.mail.header("Return-Path").map(|h| crate::address::Mailbox::read(h).domain).unwrap_or_default(),
    ) {
        add("sending_service", "It was sent through a mail-sending service.".into());
    }
    if f.mail.made {
        add("headers_made", "The headers were rebuilt from what the mail program kept; no server wrote them.".into());
    }
}

/// `+0200` at the end of a date (RFC 5322 section 3.3).
fn zone(date: &str) -> Option<&str> {
    let bare = date.split('(').next().unwrap_or_default().trim_end();
    let last = bare.rsplit(' ').next()?;
    let digits = last.strip_prefix(['+', '-'])?;
    (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(last)
}
