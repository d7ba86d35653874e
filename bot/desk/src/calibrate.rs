//! Thresholds for mail out of the responders' decisions: gathered, shown before and after, put in force, taken back.
//!
//! The same functions serve the chat (`admin calibrate`) and the command line (`nightbell triage calibrate`).

use crate::records::coll;
use crate::records_mail::{Learned, RuleScore, Tuning};
use crate::tx::Tx;
use nightbell_core::case::{Case, Disposition};
use nightbell_core::mail::Analysis;
use nightbell_core::port::store::{Scan, StoreError};
use nightbell_mail::Thresholds;
use nightbell_mail::calibrate::{Labelled, Measure, Plan, TooFew, plan};

/// Key of the thresholds in force.
const KEY: &str = "mail";
/// Decisions looked at, the newest cases first.
const DECISIONS: usize = 5_000;
/// Rules with fewer decided mails are not shown: their share means nothing yet.
const MIN_DECIDED: u32 = 5;

/// The thresholds in force with those before them; None while the shipped ones are.
pub async fn tuning(tx: &mut Tx<'_>) -> Result<Option<Tuning>, StoreError> {
    tx.get::<Tuning>(coll::TUNING, KEY).await
}

/// The thresholds in force.
pub async fn thresholds(tx: &mut Tx<'_>) -> Result<Thresholds, StoreError> {
    let row = tuning(tx).await?;
    Ok(row.map_or_else(Thresholds::default, |t| Thresholds { suspicious: t.now.0, malicious: t.now.1 }.bounded()))
}

/// What the decided reports propose.
///
/// # Errors
/// The inner error says how many more are needed.
pub async fn propose(tx: &mut Tx<'_>) -> Result<Result<Plan, TooFew>, StoreError> {
    let now = thresholds(tx).await?;
    let mut labelled = Vec::new();
    for r in tx.scan(coll::LEARNED, Scan::all(DECISIONS).reversed()).await? {
        let learned: Learned = r.decode()?;
        let real = match learned.disposition {
            Disposition::TruePositive => true,
            Disposition::FalsePositive => false,
            Disposition::BenignPositive | Disposition::Undetermined => continue,
        };
        let Some(case) = tx.get::<Case>(coll::CASES, &r.key).await? else { continue };
        let Some(mail) = &case.mail else { continue };
        let Some(a) = tx.get::<Analysis>(coll::ANALYSES, mail).await? else { continue };
        labelled.push(Labelled {
            points: a.points,
            kinds: a.kinds,
            real,
            campaign: a.campaign.unwrap_or_default(),
            reporter: case.reporters.first().map(|p| p.0.clone()).unwrap_or_default(),
        });
    }
    Ok(plan(&labelled, now))
}

/// Puts thresholds in force; those before stay at hand for [`revert`].
pub async fn apply(tx: &mut Tx<'_>, to: Thresholds, by: &str) -> Result<(), StoreError> {
    let before = tuning(tx).await?.map(|t| t.now);
    let to = to.bounded();
    tx.put(coll::TUNING, KEY, &Tuning { now: (to.suspicious, to.malicious), before, at: tx.now })?;
    tx.audit(by, "mail.calibrate", None, format!("suspicious {:.1}, malicious {:.1}", to.suspicious, to.malicious))
}

/// Takes back the last change. False when the shipped thresholds are in force.
pub async fn revert(tx: &mut Tx<'_>, by: &str) -> Result<bool, StoreError> {
    let Some(row) = tuning(tx).await? else { return Ok(false) };
    match row.before {
        Some(now) => tx.put(coll::TUNING, KEY, &Tuning { now, before: None, at: tx.now })?,
        None => tx.delete(coll::TUNING, KEY),
    }
    tx.audit(by, "mail.calibrate.revert", None, String::new())?;
    Ok(true)
}

/// Lines that show a plan: before, after, what would change.
pub fn lines(plan: &Plan) -> Vec<String> {
    let row = |name: &str, (t, m): &(Thresholds, Measure)| {
        format!(
            "{name}: suspicious from {:.1}, malicious from {:.1} points. Of {} real ones {} are flagged, {} as malicious; \
             of {} harmless ones {} are flagged, {} as malicious",
            t.suspicious, t.malicious, m.real.0, m.real.1, m.real.2, m.fine.0, m.fine.1, m.fine.2
        )
    };
    let left = match plan.left_out {
        0 => String::new(),
        n => format!("; {n} left out as repeats of a campaign or beyond one reporter's half"),
    };
    let mut out = vec![row("now", &plan.before)];
    if plan.before == plan.after {
        out.push(format!("nothing would change ({} decided mails{left})", plan.used));
    } else {
        out.push(row("proposed", &plan.after));
        out.push(format!("from {} decided mails{left}", plan.used));
    }
    out
}

/// How often each rule was right, the least precise first.
pub async fn rule_lines(tx: &Tx<'_>) -> Result<Vec<String>, StoreError> {
    let mut rows: Vec<(String, RuleScore)> = Vec::new();
    for r in tx.scan(coll::RULES, Scan::all(500)).await? {
        let score: RuleScore = r.decode()?;
        if score.real + score.fine >= MIN_DECIDED {
            rows.push((r.key, score));
        }
    }
    let precision = |s: &RuleScore| f64::from(s.real) / f64::from((s.real + s.fine).max(1));
    rows.sort_by(|a, b| precision(&a.1).total_cmp(&precision(&b.1)).then(a.0.cmp(&b.0)));
    let line = |(code, s): (String, RuleScore)| {
        format!("{code}: right in {} of {} decided mails ({:.0} %)", s.real, s.real + s.fine, precision(&s) * 100.0)
    };
    Ok(rows.into_iter().map(line).collect())
}
