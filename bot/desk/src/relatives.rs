//! Reports that belong together: the same mail, the same campaign, the same file as in an attack that was confirmed.

use crate::dedupe::Same;
use crate::desk::Desk;
use crate::error::Result;
use crate::records::coll;
use crate::records_mail::Learned;
use crate::tx::Tx;
use nightbell_core::case::{Case, Disposition, Status};
use nightbell_core::ids::CaseId;
use nightbell_core::mail::{Analysis, IndicatorKind};
use nightbell_mail::{Sketch, confirmed_before};

/// Earlier cases that are looked at for one mail.
const CANDIDATES: usize = 8;
/// Files of one mail that are remembered.
const FILES: usize = 20;

/// What an earlier case has to do with a mail.
#[derive(Debug, Clone)]
pub(crate) struct Relative {
    pub case: Case,
    /// What is the same, in words that complete "It has ... as a mail that".
    pub what: &'static str,
    /// What a responder decided about it.
    pub decided: Option<Disposition>,
}

/// The very same bytes, and the same text; the second is not proof of the same sender.
const SAME_MAIL: &str = "the same bytes";
const SAME_TEXT: &str = "the same text";

fn exact_keys(a: &Analysis) -> Vec<(String, &'static str)> {
    let mut keys = vec![(format!("sha:{}", a.sha256), SAME_MAIL)];
    if !a.body_hash.is_empty() {
        keys.push((format!("body:{}", a.body_hash), SAME_TEXT));
    }
    keys
}

/// Whether it is known who sent a mail and that he is who he says: frauds copy true notices word by word, and the true
/// one must neither join the fraud's case nor inherit its verdict.
fn genuine(a: &Analysis) -> bool {
    const PROVEN: [&str; 4] = ["known_sender", "known_vendor", "own_sender_confirmed", "brand_consistent"];
    let has = |code: &str| a.reasons.iter().any(|r| r.code == code);
    PROVEN.iter().any(|code| has(code)) && crate::mail_memory::proven(&a.reasons)
}

fn file_keys(a: &Analysis) -> Vec<String> {
    let files = a.indicators.iter().filter(|i| i.kind == IndicatorKind::Sha256);
    files.take(FILES).map(|i| format!("file:{}", i.value)).collect()
}

impl Desk {
    /// The cases that a mail belongs to, the closest first: open ones, then confirmed attacks, then the newest.
    pub(crate) async fn relatives(
        &self,
        tx: &mut Tx<'_>,
        a: &Analysis,
        sketch: Option<&Sketch>,
    ) -> Result<Vec<Relative>> {
        let mut found: Vec<Relative> = Vec::new();
        let genuine = genuine(a);
        for (key, what) in exact_keys(a).into_iter().filter(|(_, what)| *what == SAME_MAIL || !genuine) {
            self.consider(tx, &key, what, None, &mut found).await?;
        }
        if let Some(s) = sketch.filter(|_| !genuine) {
            for band in s.bands() {
                self.consider(tx, &format!("band:{band}"), "nearly the same text", Some(s), &mut found).await?;
            }
        }
        for key in file_keys(a) {
            self.consider(tx, &key, "the same file attached", None, &mut found).await?;
        }
        let open = |r: &Relative| r.case.status != Status::Closed;
        let rank = |r: &Relative| (open(r), r.decided == Some(Disposition::TruePositive), r.case.id);
        found.sort_by_key(|r| std::cmp::Reverse(rank(r)));
        Ok(found)
    }

    async fn consider(
        &self,
        tx: &mut Tx<'_>,
        key: &str,
        what: &'static str,
        like: Option<&Sketch>,
        found: &mut Vec<Relative>,
    ) -> Result<()> {
        if found.len() >= CANDIDATES {
            return Ok(());
        }
        let Some(same) = tx.get::<Same>(coll::SAME, key).await? else { return Ok(()) };
        if found.iter().any(|f| f.case.id == same.case) {
            return Ok(());
        }
        if let Some(like) = like {
            let kept = tx.get::<String>(coll::SKETCHES, &same.case.key()).await?;
            if !kept.as_deref().and_then(Sketch::from_text).is_some_and(|k| k.same(like)) {
                return Ok(());
            }
        }
        let Some(case) = self.case(tx, same.case).await? else { return Ok(()) };
        let decided = tx.get::<Learned>(coll::LEARNED, &case.id.key()).await?.map(|l| l.disposition);
        found.push(Relative { case, what, decided });
        Ok(())
    }

    /// Remembers a case under everything that later mails may share with it.
    pub(crate) fn remember_case(
        &self,
        tx: &mut Tx<'_>,
        case: CaseId,
        a: &Analysis,
        sketch: Option<&Sketch>,
    ) -> Result<()> {
        let same = Same { case, at: tx.now };
        let genuine = genuine(a);
        for (key, _) in exact_keys(a).into_iter().filter(|(_, what)| *what == SAME_MAIL || !genuine) {
            tx.put(coll::SAME, key, &same)?;
        }
        if let Some(s) = sketch.filter(|_| !genuine) {
            tx.put(coll::SKETCHES, case.key(), &s.to_text())?;
            for band in s.bands() {
                tx.put(coll::SAME, format!("band:{band}"), &same)?;
            }
        }
        Ok(())
    }

    /// The files of a confirmed attack are remembered; another decision forgets them.
    pub(crate) async fn files_of(&self, tx: &mut Tx<'_>, case: &Case, a: &Analysis, real: bool) -> Result<()> {
        for key in file_keys(a) {
            if real {
                tx.put(coll::SAME, key, &Same { case: case.id, at: tx.now })?;
            } else if tx.get::<Same>(coll::SAME, &key).await?.is_some_and(|s| s.case == case.id) {
                tx.delete(coll::SAME, key);
            }
        }
        Ok(())
    }
}

/// What an earlier decision says about this mail.
pub(crate) fn judge_by(relative: &Relative, a: &mut Analysis) {
    if relative.decided == Some(Disposition::TruePositive) {
        confirmed_before(a, relative.what, &relative.case.id.to_string());
    }
}
