//! What an earlier decision says about a mail.

use nightbell_core::mail::{Analysis, Reason, Verdict, Where};

/// Least score of a mail that equals a confirmed attack.
const CONFIRMED: f64 = 0.97;

/// Raises an analysis because the same thing was confirmed as an attack before: `what` says what is the same ("the same
/// text", "the same file"), `case` where it was decided. A person's decision about the very same thing is enough for
/// the highest verdict; an exercise stays one. Never lowers.
pub fn confirmed_before(a: &mut Analysis, what: &str, case: &str) {
    if a.verdict == Verdict::Simulation || a.reasons.iter().any(|r| r.code == "confirmed_before") {
        return;
    }
    a.verdict = Verdict::Malicious;
    a.score = a.score.max(CONFIRMED);
    let place = match a.reasons.first() {
        Some(r) => r.place.clone(),
        None => Where { part: "raw".into(), start: 0, end: 1 },
    };
    let text = format!("It has {what} as a mail that your security team confirmed as an attack ({case}).");
    a.reasons.insert(0, Reason { code: "confirmed_before".into(), text, place, weight: 5.0 });
}
