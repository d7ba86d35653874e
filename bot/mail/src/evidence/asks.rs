//! What the mail wants, in words.

use super::plain;
use crate::facts::Facts;
use crate::words::Topic;
use nightbell_core::mail::evidence::{Ask, MAX_ASKS};

/// The wishes up to the cap, and how many there are; what can do harm comes first.
pub(super) fn read(f: &Facts<'_>) -> (Vec<Ask>, usize) {
    let mut out: Vec<Ask> = f
        .topics
        .iter()
        .filter_map(|(t, spot)| {
            Some(Ask { topic: words(*t)?.to_owned(), quote: plain(&spot.quote), place: spot.place.clone() })
        })
        .collect();
    let all = out.len();
    out.truncate(MAX_ASKS);
    (out, all)
}

/// None for words that are half of a wish or no wish at all.
const fn words(t: Topic) -> Option<&'static str> {
    Some(match t {
        Topic::DoConfirm | Topic::MyAccount | Topic::Buy => return None,
        Topic::Credential => "Sign in, confirm an account or give a password",
        Topic::AccountThreat => "Threat: an account will be closed or limited",
        Topic::PaymentProblem => "Pay, or settle a problem with a payment",
        Topic::BankChange => "Use new bank details",
        Topic::Payroll => "Change where a salary is paid",
        Topic::GiftCard => "Buy gift cards",
        Topic::Callback => "Call a telephone number",
        Topic::Charge => "React to a charge or subscription",
        Topic::Mfa => "Act on the second factor of the sign-in",
        Topic::Extortion => "Threat: extortion",
        Topic::Recorded => "Claim: you were recorded or hacked",
        Topic::ParcelFee => "Pay a fee for a parcel",
        Topic::Wallet => "Connect or confirm a wallet",
        Topic::Refund => "Collect a refund",
        Topic::BecOpening => "Opening of a request by the boss",
        Topic::SharedFile => "Open a shared document",
        Topic::Voicemail => "Listen to a voice message",
        Topic::Install => "Install or update a program",
        Topic::Urgency => "Pressure: urgent",
        Topic::Secrecy => "Pressure: keep it secret",
        Topic::Reply => "Answer by mail",
        Topic::GenericGreeting => "Greeting without a name",
        Topic::Button => "Click a button or link",
        Topic::ArchivePassword => "Open an archive with the password given",
        Topic::EnableContent => "Switch on active content",
        Topic::Prize => "Collect a prize",
        Topic::AdvanceFee => "Help to move money",
        Topic::Casino => "Gamble",
        Topic::Dating => "Meet somebody",
        Topic::Health => "Buy remedies",
        Topic::Loan => "Take a loan",
        Topic::Marketing => "Buy an offer",
        Topic::Unsubscribe => "Offers to unsubscribe",
    })
}
