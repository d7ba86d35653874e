//! Rules: conjunctions of facts that give a reason for or against, each with its place.
//!
//! Weights are hand-set. The scale: 1 is a hint that many honest mails have, 2 is rare among honest mails, 3 and more
//! is almost never honest. Three points from two different groups make a mail suspicious.

use crate::facts::Facts;
use crate::words::Topic;
use crate::{
    rules_conclude, rules_consent, rules_content, rules_files, rules_identity, rules_invite, rules_links, rules_own,
    rules_pdf, rules_qr, rules_thread, rules_wording,
};
use nightbell_core::mail::Where;

/// What kind of evidence a reason is. Reasons of one group support each other less than those of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    Identity,
    Link,
    Content,
    File,
    /// The words as a whole; together with `Content` one kind of evidence, not two.
    Wording,
    /// Points to nuisance rather than danger.
    Nuisance,
    /// Speaks for the mail.
    For,
}

/// A reason before it is shown.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub code: &'static str,
    pub group: Group,
    pub weight: f64,
    pub text: String,
    pub place: Where,
}

/// Collects reasons.
#[derive(Default)]
pub(crate) struct Reasons(pub Vec<Found>);

impl Reasons {
    pub fn add(&mut self, code: &'static str, group: Group, weight: f64, place: Where, text: impl Into<String>) {
        if !self.0.iter().any(|f| f.code == code) {
            self.0.push(Found { code, group, weight, text: text.into(), place });
        }
    }

    pub fn has(&self, code: &str) -> bool {
        self.0.iter().any(|f| f.code == code)
    }

    pub fn has_group(&self, group: Group, min: f64) -> bool {
        self.0.iter().any(|f| f.group == group && f.weight >= min)
    }
}

/// Wishes that can do harm when followed.
pub(crate) const DANGER: &[Topic] = &[
    Topic::Credential,
    Topic::AccountThreat,
    Topic::PaymentProblem,
    Topic::BankChange,
    Topic::Payroll,
    Topic::Mfa,
    Topic::ParcelFee,
    Topic::Refund,
    Topic::Wallet,
    Topic::SharedFile,
    Topic::Voicemail,
    Topic::Install,
    Topic::Charge,
];
/// Wishes that are a nuisance.
pub(crate) const NUISANCE: &[Topic] =
    &[Topic::Prize, Topic::Casino, Topic::Dating, Topic::Health, Topic::Loan, Topic::AdvanceFee, Topic::Marketing];

/// Runs every rule.
pub(crate) fn run(f: &Facts<'_>) -> Reasons {
    let mut r = Reasons::default();
    if f.has_headers {
        rules_identity::run(f, &mut r);
        rules_thread::run(f, &mut r);
    }
    rules_links::run(f, &mut r);
    rules_qr::run(f, &mut r);
    rules_invite::run(f, &mut r);
    rules_files::run(f, &mut r);
    rules_pdf::run(f, &mut r);
    rules_content::run(f, &mut r);
    rules_wording::run(f, &mut r);
    rules_own::run(f, &mut r);
    rules_consent::run(f, &mut r);
    rules_conclude::run(f, &mut r);
    r
}

/// A text in quotation marks, safe and short.
pub(crate) fn q(s: &str) -> String {
    format!("\"{}\"", nightbell_core::text::one_line(s, 60))
}

/// A host in a sentence, not clickable.
pub(crate) fn host(s: &str) -> String {
    nightbell_core::text::defang(&nightbell_core::text::one_line(s, 80))
}
