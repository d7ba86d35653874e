//! Thresholds from a site's own decisions: what the responders called real or harmless says where the lines should lie.
//!
//! Only mails that a responder decided count, one per campaign, and no reporter supplies more than half of them, so that
//! nobody moves the lines alone. The result is a plan that a person looks at; nothing changes by itself.

use crate::settings::Thresholds;
use std::collections::{BTreeMap, BTreeSet};

/// Decided mails needed before anything is proposed.
pub const MIN_LABELLED: usize = 100;
/// Decided mails needed of each kind, for otherwise one side of a line is not known.
pub const MIN_EACH: usize = 20;
/// Share of harmless mails that may be called suspicious.
const MAX_FALSE: f64 = 0.01;
/// Share of the mails called malicious that must be real.
const MIN_PRECISION: f64 = 0.99;

/// One decided mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// [`nightbell_core::mail::Analysis::points`].
    pub points: f64,
    /// [`nightbell_core::mail::Analysis::kinds`].
    pub kinds: u8,
    /// What the responder decided.
    pub real: bool,
    /// Mails of one campaign count once; empty for none.
    pub campaign: String,
    /// Who handed it in first.
    pub reporter: String,
}

/// How a pair of thresholds does on the decided mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measure {
    /// Real ones, and how many of them are called suspicious or worse, and malicious.
    pub real: (usize, usize, usize),
    /// The same of harmless ones.
    pub fine: (usize, usize, usize),
}

/// What is proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In force now.
    pub before: (Thresholds, Measure),
    /// Proposed.
    pub after: (Thresholds, Measure),
    /// Mails that were used.
    pub used: usize,
    /// Mails left out: later ones of a campaign, and those beyond a reporter's half.
    pub left_out: usize,
}

/// Why nothing is proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{real} real and {fine} harmless mails can be used; {MIN_LABELLED} together and {MIN_EACH} of each are needed, from more than one reporter"
)]
pub struct TooFew {
    /// Usable real ones.
    pub real: usize,
    /// Usable harmless ones.
    pub fine: usize,
}

/// Proposes thresholds, or says what is missing. The same mails always give the same plan.
///
/// # Errors
/// [`TooFew`].
pub fn plan(labelled: &[Labelled], now: Thresholds) -> Result<Plan, TooFew> {
    let used = usable(labelled);
    let real = used.iter().filter(|l| l.real).count();
    let fine = used.len() - real;
    if used.len() < MIN_LABELLED || real < MIN_EACH || fine < MIN_EACH {
        return Err(TooFew { real, fine });
    }
    let allowed = (fine as f64 * MAX_FALSE).floor() as usize;
    let with = |suspicious, malicious| measure(&used, Thresholds { suspicious, malicious });
    let suspicious = steps(Thresholds::SUSPICIOUS)
        .find(|t| with(*t, f64::INFINITY).fine.1 <= allowed)
        .unwrap_or(Thresholds::SUSPICIOUS.1);
    let precise = |m: Measure| (m.real.2 as f64) >= MIN_PRECISION * (m.real.2 + m.fine.2) as f64;
    let malicious = steps(Thresholds::MALICIOUS)
        .find(|t| *t > suspicious && precise(with(suspicious, *t)))
        .unwrap_or(Thresholds::MALICIOUS.1);
    let after = Thresholds { suspicious, malicious };
    let (before, after) = ((now, measure(&used, now)), (after, measure(&used, after)));
    // Lines that decide nothing anew stay where they are.
    let after = if before.1 == after.1 { before } else { after };
    Ok(Plan { before, after, used: used.len(), left_out: labelled.len() - used.len() })
}

/// From low to high in tenths.
fn steps(range: (f64, f64)) -> impl Iterator<Item = f64> {
    let (low, high) = ((range.0 * 10.0).round() as i32, (range.1 * 10.0).round() as i32);
    (low..=high).map(|t| f64::from(t) / 10.0)
}

fn usable(labelled: &[Labelled]) -> Vec<&Labelled> {
    let mut campaigns = BTreeSet::new();
    let once: Vec<&Labelled> =
        labelled.iter().filter(|l| l.campaign.is_empty() || campaigns.insert(l.campaign.as_str())).collect();
    let mut by: BTreeMap<&str, usize> = BTreeMap::new();
    for l in &once {
        *by.entry(l.reporter.as_str()).or_default() += 1;
    }
    let Some((most, n)) = by.iter().max_by_key(|(_, n)| **n).map(|(who, n)| (*who, *n)) else { return once };
    let mut room = n.min(once.len() - n);
    once.into_iter()
        .filter(|l| {
            l.reporter != most || {
                let fits = room > 0;
                room = room.saturating_sub(1);
                fits
            }
        })
        .collect()
}

fn measure(used: &[&Labelled], at: Thresholds) -> Measure {
    let mut m = Measure::default();
    for l in used {
        let side = if l.real { &mut m.real } else { &mut m.fine };
        side.0 += 1;
        side.1 += usize::from(l.kinds >= 2 && l.points >= at.suspicious);
        side.2 += usize::from(l.kinds >= 2 && l.points >= at.malicious);
    }
    m
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mails(n: usize, real: bool, points: impl Fn(usize) -> f64) -> Vec<Labelled> {
        (0..n)
            .map(|i| Labelled {
                points: points(i),
                kinds: 2,
                real,
                campaign: String::new(),
                reporter: format!("r{}", i % 5),
            })
            .collect()
    }

    #[test]
    fn lines_move_up_where_harmless_mail_scores_high() {
        let mut all = mails(100, true, |i| 3.0 + i as f64 / 20.0);
        all.extend(mails(100, false, |i| if i < 10 { 3.2 } else { 0.5 }));
        let p = plan(&all, Thresholds::default()).unwrap();
        assert!(p.after.0.suspicious > 3.2 && p.before.1.fine.1 == 10 && p.after.1.fine.1 <= 1, "{p:?}");
        assert!(p.after.0.malicious > p.after.0.suspicious);
    }

    #[test]
    fn lines_move_down_where_nothing_harmless_is_near() {
        let mut all = mails(100, true, |i| 1.6 + i as f64 / 100.0);
        all.extend(mails(100, false, |_| -1.0));
        let p = plan(&all, Thresholds::default()).unwrap();
        assert!(p.after.0.suspicious < 2.5 && p.after.1.real.1 > p.before.1.real.1, "{p:?}");
        assert!(p.after.0.suspicious >= Thresholds::SUSPICIOUS.0);
    }

    #[test]
    fn one_person_or_one_campaign_moves_nothing() {
        let mut one = mails(150, true, |_| 2.0);
        one.extend(mails(150, false, |_| 0.0));
        for l in &mut one {
            l.reporter = "r".into();
        }
        assert!(plan(&one, Thresholds::default()).is_err());
        let mut wave = mails(150, true, |_| 2.0);
        for l in &mut wave {
            l.campaign = "c-1".into();
        }
        wave.extend(mails(150, false, |_| 0.0));
        assert_eq!(plan(&wave, Thresholds::default()), Err(TooFew { real: 1, fine: 150 }));
        assert!(plan(&[], Thresholds::default()).is_err());
    }

    #[test]
    fn a_reporter_gives_at_most_half() {
        let mut all = mails(60, true, |_| 3.0);
        all.extend(mails(60, false, |_| 0.0));
        let mut many = mails(500, false, |_| 9.0);
        for l in &mut many {
            l.reporter = "zeal".into();
        }
        all.extend(many);
        let p = plan(&all, Thresholds::default()).unwrap();
        assert_eq!((p.used, p.left_out), (240, 380));
    }

    #[test]
    fn one_kind_of_evidence_is_never_flagged() {
        let mut all = mails(100, true, |_| 9.0);
        all.extend(mails(100, false, |_| 9.0));
        for l in &mut all {
            l.kinds = 1;
        }
        let p = plan(&all, Thresholds::default()).unwrap();
        assert_eq!((p.before.1.fine.1, p.after.1.real.1), (0, 0));
    }
}
