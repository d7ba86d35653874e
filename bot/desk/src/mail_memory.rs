//! What the organisation tells the analysis of a mail, and what it remembers of mails: who sent them, what a responder decided, how often each rule was right.
//!
//! Only a responder's decision teaches anything. A report alone is counted, never believed, and a decision that is
//! changed takes back what the first one taught.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::coll;
use crate::records_mail::{Learned, RuleScore, Sender};
use crate::tx::Tx;
use nightbell_core::case::{Case, Disposition};
use nightbell_core::mail::{Analysis, Reason};
use nightbell_core::text::one_line;
use nightbell_mail::{Item, KnownSenders, Proof};
use std::collections::BTreeMap;

/// The remembered senders of one mail.
#[derive(Debug, Default)]
struct Remembered(BTreeMap<String, Sender>);

impl KnownSenders for Remembered {
    fn count(&self, key: &str) -> u32 {
        // A sender that was taken over once is nobody to trust blindly.
        self.0.get(key).filter(|s| s.real == 0).map_or(0, |s| s.fine)
    }

    fn attacks(&self, key: &str) -> u32 {
        self.0.get(key).filter(|s| s.real > s.fine).map_or(0, |s| s.real)
    }
}

/// Address and organisation of a sender, as keys. A free mailbox provider is nobody's organisation.
fn keys(from: &str) -> Vec<String> {
    let address = one_line(&from.to_lowercase(), 200);
    let Some((_, domain)) = address.rsplit_once('@') else { return Vec::new() };
    let organisation = (!nightbell_mail::everybodys_domain(domain)).then(|| nightbell_mail::organisation(domain));
    std::iter::once(address.clone()).chain(organisation.filter(|o| !o.is_empty())).collect()
}

/// Whether our own boundary confirmed the sender: an unproven mail says nothing about the owner of its address.
pub(crate) fn proven(reasons: &[Reason]) -> bool {
    const CONFIRMED: [&str; 4] = ["sender_confirmed", "known_sender", "known_vendor", "own_sender_confirmed"];
    reasons.iter().any(|r| CONFIRMED.contains(&r.code.as_str()))
}

fn step(n: &mut u32, up: bool) {
    *n = if up { n.saturating_add(1) } else { n.saturating_sub(1) };
}

impl Desk {
    /// What this organisation tells the analysis about itself.
    pub(crate) fn mail_context(&self) -> nightbell_mail::Context {
        let policy = self.policy.load_full();
        let vips = self.directory.load().all().iter().filter(|p| p.vip).map(|p| p.name.clone()).collect();
        nightbell_mail::Context {
            own_domains: policy.company.domains.clone(),
            vip_names: vips,
            gateways: policy.mail.all_gateways(),
            vendors: policy.mail.partners.iter().map(|d| d.to_lowercase()).collect(),
            markers: policy
                .mail
                .simulation
                .iter()
                .filter_map(|m| m.split_once(':'))
                .map(|(h, v)| nightbell_mail::Marker { header: h.trim().to_owned(), value: v.trim().to_owned() })
                .collect(),
            limits: self.limits(),
            ..nightbell_mail::Context::default()
        }
    }

    /// Asks the DNS who sent it, when that is switched on. Without an answer the headers say what they say.
    pub(crate) async fn check_sender(&self, item: &Item) -> Option<Proof> {
        let check = self.mail_auth.as_ref()?;
        let asked = nightbell_mail::checkable(&item.bytes, item.kind, &self.mail_context())?;
        let answer = check.check(&asked.mail).await;
        Some(asked.proof(answer))
    }

    /// What is remembered of a sender, for the analysis.
    pub(crate) async fn known_senders(&self, tx: &mut Tx<'_>, from: &str) -> Result<Option<Box<dyn KnownSenders>>> {
        let mut found = BTreeMap::new();
        for key in keys(from) {
            if let Some(s) = tx.get::<Sender>(coll::SENDERS, &key).await? {
                found.insert(key, s);
            }
        }
        Ok((!found.is_empty()).then(|| Box::new(Remembered(found)) as Box<dyn KnownSenders>))
    }

    /// Counts a report of a sender.
    pub(crate) async fn remember_sender(&self, tx: &mut Tx<'_>, a: &Analysis) -> Result<()> {
        for key in keys(&a.from) {
            let mut s = tx.get::<Sender>(coll::SENDERS, &key).await?.unwrap_or_default();
            s.reports = s.reports.saturating_add(1);
            s.first = s.first.or(Some(tx.now));
            s.last = Some(tx.now);
            tx.put(coll::SENDERS, key, &s)?;
        }
        Ok(())
    }

    /// Learns from a responder's decision about a case; what an earlier decision about it taught is taken back.
    pub async fn learn_mail(&self, tx: &mut Tx<'_>, case: &Case, disposition: Disposition) -> Result<()> {
        let Some(original) = &case.mail else { return Ok(()) };
        let Some(a) = tx.get::<Analysis>(coll::ANALYSES, original).await? else { return Ok(()) };
        let key = case.id.key();
        let before = tx.get::<Learned>(coll::LEARNED, &key).await?;
        if before.is_some_and(|b| b.disposition == disposition) {
            return Ok(());
        }
        if let Some(b) = before {
            self.teach(tx, &a, b.disposition, false).await?;
        }
        self.teach(tx, &a, disposition, true).await?;
        self.files_of(tx, case, &a, disposition == Disposition::TruePositive).await?;
        Ok(tx.put(coll::LEARNED, key, &Learned { disposition, at: tx.now })?)
    }

    async fn teach(&self, tx: &mut Tx<'_>, a: &Analysis, d: Disposition, up: bool) -> Result<()> {
        let real = match d {
            Disposition::TruePositive => true,
            Disposition::FalsePositive => false,
            Disposition::BenignPositive | Disposition::Undetermined => return Ok(()),
        };
        for key in keys(&a.from) {
            let whole = !key.contains('@');
            // Whoever forges an address must not spoil the name of its owner, nor earn him one.
            if !proven(&a.reasons) || (real && whole) {
                continue;
            }
            let mut s = tx.get::<Sender>(coll::SENDERS, &key).await?.unwrap_or_default();
            step(if real { &mut s.real } else { &mut s.fine }, up);
            tx.put(coll::SENDERS, key, &s)?;
        }
        for r in a.reasons.iter().filter(|r| r.weight > 0.0) {
            let mut score = tx.get::<RuleScore>(coll::RULES, &r.code).await?.unwrap_or_default();
            step(if real { &mut score.real } else { &mut score.fine }, up);
            tx.put(coll::RULES, r.code.clone(), &score)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_sender() {
        assert_eq!(keys("Pay@Mail.Example.CO.UK"), ["pay@mail.example.co.uk", "example.co.uk"]);
        assert_eq!(keys("someone@gmail.com"), ["someone@gmail.com"]);
        assert!(keys("").is_empty());
    }

    #[test]
    fn a_sender_that_attacked_is_not_trusted() {
        let row = |real, fine| Sender { real, fine, ..Sender::default() };
        let known = Remembered(BTreeMap::from([("a@x".to_owned(), row(1, 5)), ("b@x".to_owned(), row(2, 0))]));
        assert_eq!((known.count("a@x"), known.attacks("a@x")), (0, 0));
        assert_eq!((known.count("b@x"), known.attacks("b@x")), (0, 2));
    }
}
