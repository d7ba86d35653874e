//! Rules about what the mail wants and how its text is made.

use crate::facts::{Facts, Spot};
use crate::rules::{DANGER, Group, NUISANCE, Reasons, q};
use crate::words::Topic;
use crate::{brand, domain, fold};

/// Weight and sentence per topic. The sentence is completed with the words found.
const WISHES: &[(Topic, &str, f64, &str)] = &[
    (Topic::Credential, "asks_credentials", 1.3, "It asks to confirm an account or to sign in"),
    (Topic::AccountThreat, "threatens_account", 1.2, "It says that an account or service is blocked or will be lost"),
    (Topic::PaymentProblem, "payment_problem", 0.7, "It speaks of an open or failed payment"),
    (Topic::Mfa, "asks_second_factor", 0.9, "It is about a second factor, a code or an approval"),
    (Topic::ParcelFee, "parcel_story", 0.8, "It is about a parcel that waits"),
    (Topic::Refund, "refund_story", 0.7, "It promises a refund"),
    (Topic::Wallet, "wallet_story", 0.9, "It is about a crypto wallet or coins"),
    (Topic::SharedFile, "shared_file_story", 0.5, "It points to a document"),
    (Topic::Voicemail, "voicemail_story", 0.8, "It is about a voice message"),
    (Topic::Install, "asks_install", 1.3, "It asks to install or update a program"),
    (Topic::Charge, "charge_story", 0.6, "It says that money was or will be taken"),
];
const UNWANTED: &[(Topic, &str, f64, &str)] = &[
    (Topic::Prize, "prize_story", 1.1, "It promises a prize or gift"),
    (Topic::Casino, "casino_story", 1.5, "It advertises games of chance"),
    (Topic::Dating, "dating_story", 1.5, "It advertises dating"),
    (Topic::Health, "health_story", 1.0, "It advertises a remedy"),
    (Topic::Loan, "loan_story", 0.8, "It advertises a loan, insurance or investment"),
    (Topic::AdvanceFee, "advance_fee_story", 1.3, "It speaks of a large sum from a stranger"),
    (Topic::Marketing, "advertising", 0.6, "It is advertising"),
];

/// Long texts mention everything: the same phrase says less in them. Full weight up to a page, a third at ten pages.
fn density(f: &Facts<'_>) -> f64 {
    (2_500.0 / f.length.max(1) as f64).clamp(0.33, 1.0)
}

fn more(s: &Spot) -> f64 {
    // A second and third different phrase on the same topic is more certain than one.
    match s.kinds {
        0 | 1 => 0.7,
        2 => 1.0,
        _ => 1.25,
    }
}

/// Runs the rules about wishes.
pub(crate) fn run(f: &Facts<'_>, r: &mut Reasons) {
    let d = density(f);
    for (topic, code, weight, text) in WISHES {
        if let Some(s) = f.topic(*topic) {
            r.add(code, Group::Content, weight * d * more(s), s.place.clone(), format!("{text}: {}.", q(&s.quote)));
        }
    }
    for (topic, code, weight, text) in UNWANTED {
        if let Some(s) = f.topic(*topic) {
            r.add(code, Group::Nuisance, weight * d * more(s), s.place.clone(), format!("{text}: {}.", q(&s.quote)));
        }
    }
    frauds(f, r);
    let acting = f.any(DANGER).is_some() || f.any(NUISANCE).is_some() || r.has_group(Group::Content, 1.5);
    if let Some(s) = f.topic(Topic::Urgency).filter(|_| acting) {
        r.add(
            "urgency",
            Group::Content,
            0.6 * d * more(s),
            s.place.clone(),
            format!("It presses for time: {}.", q(&s.quote)),
        );
    }
    if let Some(s) = f.topic(Topic::GenericGreeting).filter(|_| acting) {
        r.add(
            "generic_greeting",
            Group::Content,
            0.8 * d,
            s.place.clone(),
            format!("It greets with {} instead of a name.", q(&s.quote)),
        );
    }
    look(f, r);
}

/// Frauds that need no link.
#[allow(clippy::many_single_char_names)] // positions in a scan, or the usual f, r, s of the rules
fn frauds(f: &Facts<'_>, r: &mut Reasons) {
    let d = density(f);
    let c = Group::Content;
    if let Some(s) = f.topic(Topic::GiftCard) {
        // Naming gift cards is advertising; asking somebody to buy them is fraud.
        let asks = s.kinds >= 2
            && (f.topic(Topic::Urgency).is_some()
                || f.topic(Topic::Secrecy).is_some()
                || f.topic(Topic::BecOpening).is_some());
        let links = f.targets().next().is_some();
        if asks && !links {
            r.add(
                "asks_gift_cards",
                c,
                3.2,
                s.place.clone(),
                format!("It asks you to buy cards and pass on their codes: {}.", q(&s.quote)),
            );
        }
    }
    if let Some(s) = f.topic(Topic::BankChange) {
        r.add(
            "bank_change",
            c,
            2.2 * d,
            s.place.clone(),
            format!("It announces different bank details: {}.", q(&s.quote)),
        );
    }
    if let Some(s) = f
        .topic(Topic::Payroll)
        .filter(|s| s.kinds >= 2 || f.topic(Topic::BankChange).is_some() || f.topic(Topic::Credential).is_some())
    {
        r.add(
            "payroll_change",
            c,
            2.0 * d,
            s.place.clone(),
            format!("It is about changing where a salary is paid: {}.", q(&s.quote)),
        );
    }
    if let Some(s) = f.topic(Topic::BecOpening).filter(|_| f.length < 900 && f.targets().next().is_none()) {
        let w = if domain::freemail(&f.from.domain) || r.has("vip_in_name") || r.has("reply_to_freemail") {
            1.8
        } else {
            0.9
        };
        r.add(
            "boss_opening",
            c,
            w * more(s),
            s.place.clone(),
            format!("It opens like somebody posing as a superior: {}.", q(&s.quote)),
        );
    }
    if let (Some(s), Some((_, p))) = (f.topic(Topic::Callback), f.phones.first())
        && f.length < 4_000
        && let charge = f.any(&[Topic::Charge, Topic::PaymentProblem, Topic::AccountThreat, Topic::Refund])
        && (charge.is_some() || r.has("brand_in_name"))
    {
        let brand_host = f.name_brand.as_ref().is_some_and(|b| brand::owns(b.brand, &f.from.domain));
        if !brand_host {
            let w = if domain::freemail(&f.from.domain) || f.name_brand.is_some() || !f.from.valid { 2.6 } else { 1.6 };
            let about = charge.map_or_else(String::new, |c| format!(" ({})", q(&c.1.quote)));
            let text = format!("It reports a problem{about} and wants you to call a number: {}.", q(&s.quote));
            r.add("callback_number", c, w, p.clone(), text);
        }
    }
    if let Some(s) = f.topic(Topic::Recorded) {
        let money =
            f.bitcoin.as_ref().map(|b| b.1.clone()).or_else(|| f.topic(Topic::Extortion).map(|x| x.place.clone()));
        if let Some(m) = money {
            r.add(
                "extortion",
                c,
                3.2,
                s.place.clone(),
                format!("It claims to have spied on you ({}) and demands money.", q(&s.quote)),
            );
            r.add("extortion_money", Group::Link, 1.6, m, "It names a way to pay in coins that cannot be traced back.");
        }
    } else if let (Some(_), Some((b, at))) = (f.topic(Topic::Extortion), &f.bitcoin) {
        r.add("bitcoin_address", c, 1.2, at.clone(), format!("It asks for payment to the coin address {}.", q(b)));
    }
    let stranger = domain::freemail(&f.from.domain) || f.reply_to.as_ref().is_some_and(|r| domain::freemail(&r.domain));
    if let Some(s) = f.topic(Topic::AdvanceFee).filter(|s| s.kinds >= 2 && stranger && f.length < 8_000) {
        r.add(
            "stranger_money",
            c,
            1.4,
            s.place.clone(),
            format!("A free mailbox writes about a large sum: {}.", q(&s.quote)),
        );
    }
    if let Some(s) = f.topic(Topic::Secrecy).filter(|_| {
        f.any(&[Topic::GiftCard, Topic::BecOpening, Topic::BankChange, Topic::Payroll, Topic::AdvanceFee]).is_some()
    }) {
        r.add("secrecy", c, 0.8, s.place.clone(), format!("It asks for secrecy: {}.", q(&s.quote)));
    }
}

/// Rules about how the text is made.
fn look(f: &Facts<'_>, r: &mut Reasons) {
    let d = density(f);
    let target = f.targets().next();
    let picture = f.images.iter().find(|(u, _)| !u.starts_with("cid:")).or(f.images.first());
    let pictured = f.files.iter().find(|x| x.image).map(|x| x.place.clone()).or_else(|| picture.map(|p| p.1.clone()));
    if let Some(at) = pictured.filter(|_| target.is_none() && f.length < 120 && r.has("brand_in_name")) {
        let text = "It says hardly anything in words; what it wants stands in a picture, where filters do not read.";
        r.add("picture_speaks", Group::Content, 1.3, at, text);
    }
    if let (Some(l), Some((_, at))) = (target, picture)
        && f.length < 200
        && l.place.part == at.part
    {
        r.add(
            "image_only",
            Group::Content,
            2.0,
            at.clone(),
            "Nearly the whole mail is a picture with a link, so that filters have nothing to read.",
        );
    }
    for t in &f.texts {
        if let Some(w) = fold::disguised_word(&t.shown) {
            let text =
                format!("The word {} mixes letters of different alphabets so that filters do not recognise it.", q(w));
            let at = char_of(&t.shown, w);
            r.add(
                "disguised_letters_in_text",
                Group::Content,
                1.4 * d,
                t.place_chars(at, at + w.chars().count()),
                text,
            );
        }
        if let Some(w) = fold::styled_word(&t.shown) {
            let text = format!("The word {} is written in special characters that look like letters.", q(w));
            let at = char_of(&t.shown, w);
            r.add("styled_letters_in_text", Group::Content, 1.3 * d, t.place_chars(at, at + w.chars().count()), text);
        }
        if let Some((a, b)) = split_words(&t.shown) {
            r.add(
                "split_words",
                Group::Content,
                1.3,
                t.place_chars(a, b),
                "Invisible characters stand inside words, which hides them from filters.",
            );
        }
        if t.html && t.hidden > 400 && t.hidden > t.words && f.any(DANGER).is_some() {
            r.add("hidden_text", Group::Content, 0.5, t.place_chars(0, 1), "More text is hidden than shown.");
        }
    }
    if let Some(me) = f.recipients.first().filter(|a| a.len() > 5) {
        // A greeting with the address means that the sender knows nothing else.
        for t in &f.texts {
            let Some(i) =
                t.folded.text.get(..t.folded.text.len().min(1_500)).unwrap_or(&t.folded.text).find(me.as_str())
            else {
                continue;
            };
            if f.any(DANGER).is_some() || f.any(NUISANCE).is_some() {
                r.add(
                    "greets_address",
                    Group::Content,
                    0.7 * d,
                    t.place((i, i + me.len())),
                    "It addresses you by your mail address.",
                );
            }
        }
    }
}

fn char_of(s: &str, word: &str) -> usize {
    s.find(word).and_then(|i| s.get(..i)).map_or(0, |p| p.chars().count())
}

/// At least three words with an invisible character between letters.
fn split_words(s: &str) -> Option<(usize, usize)> {
    let (mut before, mut hidden) = (None::<char>, false);
    let (mut n, mut first) = (0, None);
    for (i, c) in s.chars().enumerate() {
        if fold::invisible(c) && !matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{200d}') {
            hidden = true;
            continue;
        }
        if hidden && c.is_alphabetic() && before.is_some_and(char::is_alphabetic) && c.is_ascii() {
            n += 1;
            first.get_or_insert((i.saturating_sub(2), i + 1));
        }
        hidden = false;
        before = Some(c);
    }
    first.filter(|_| n >= 3)
}
