//! Timers: rows that fire once, late if the process was away, in the order of their instants.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::guard::guarded;
use crate::records::{Due, PostedRow, SentRow, TimerRow, coll};
use jiff::Timestamp;
use nightbell_core::chat::{Block, Card, Tone};
use nightbell_core::code::Coded;
use nightbell_core::duration::Span;
use nightbell_core::port::store::{Claim, Scan, StoreError, time_key};
use nightbell_core::telemetry::Telemetry;
use nightbell_playbooks::api::Input;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Timers claimed at a time.
const CLAIM: usize = 256;
/// How long a claim holds. Short, because a timer that could not fire for a full disk must fire soon after it.
const LEASE: Duration = Duration::from_mins(1);
/// Longest sleep: a clock that was set, or a bell that was missed, costs at most this.
const POLL: Span = Span::secs(5);
/// What ages, and how long it is kept: dedupe keys twice as long as platforms retry; delivered messages as long as a
/// playbook may still change them; offers until the next day is over everywhere.
const SWEPT: [(&str, Span); 4] = [
    (coll::DEDUPE, Span::hours(48)),
    (coll::SENT, Span::hours(30 * 24)),
    (coll::POSTED, Span::hours(90 * 24)),
    (coll::OFFERS, Span::hours(72)),
];
/// How often old rows are removed.
const SWEEP_EVERY: Span = Span::hours(1);
/// Rows looked at, and removed, at a time.
const SWEEP_SCAN: usize = 10_000;
const SWEEP_MAX: usize = 1_000;

/// Runs until `stop` turns true.
pub async fn run(desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let now = desk.clock.now();
        if fire_due(&desk, now).await > 0 {
            continue;
        }
        let next = next_due(&desk).await.unwrap_or(Timestamp::MAX).min(POLL.after(now));
        tokio::select! {
            () = desk.clock.sleep_until(next) => {}
            () = desk.bells.timers.notified() => {}
            _ = stop.changed() => {}
        }
    }
}

/// The next instant a timer is due.
pub async fn next_due(desk: &Desk) -> Option<Timestamp> {
    let first = desk.store.scan(coll::TIMERS, Scan::all(1)).await.ok()?;
    first.first()?.decode::<TimerRow>().ok().map(|t| t.due)
}

/// Fires everything that is due now; returns how many.
pub async fn fire_due(desk: &Desk, now: Timestamp) -> usize {
    // One millisecond further, because keys are cut to milliseconds and the bound is exclusive.
    let before = time_key(now.checked_add(Duration::from_millis(1)).unwrap_or(now));
    let due = desk.store.claim(coll::TIMERS, &before, now, LEASE, CLAIM).await.unwrap_or_default();
    let mut fired = 0;
    for claim in due {
        for attempt in 0..20 {
            let stopped = || Err(DeskError::Playbook("the timer's work stopped unexpectedly".to_owned()));
            match Box::pin(guarded(fire(desk, &claim))).await.unwrap_or_else(stopped) {
                Ok(()) => {
                    fired += 1;
                    break;
                }
                Err(DeskError::Store(StoreError::Conflict { .. })) => {
                    if matches!(desk.store.get(coll::TIMERS, &claim.record.key).await, Ok(None)) {
                        break;
                    }
                }
                Err(e) => {
                    tracing::error!(code = e.code().0, key = claim.record.key, "a timer could not fire: {e}");
                    if !e.retryable() {
                        drop_broken(desk, &claim).await;
                        break;
                    }
                    desk.clock
                        .sleep_until(Span(Duration::from_millis(50 << attempt.min(6))).after(desk.clock.now()))
                        .await;
                }
            }
        }
    }
    fired
}

async fn fire(desk: &Desk, claim: &Claim) -> Result<()> {
    let row: TimerRow = claim.record.decode()?;
    let mut tx = desk.begin();
    tx.urgent();
    tx.fence(coll::TIMERS, &claim.record.key, claim.token);
    tx.delete(coll::TIMERS, claim.record.key.clone());
    let kind = match &row.what {
        Due::Run { run, id } => {
            desk.feed_run(&mut tx, run, Input::Timer { id: id.clone(), due: row.due }).await?;
            "run"
        }
        Due::Schedule { playbook, trigger, slot } => {
            desk.schedule_due(&mut tx, playbook, *trigger, *slot).await?;
            "schedule"
        }
        Due::Page { page, step } => {
            desk.page_due(&mut tx, page, *step).await?;
            "page"
        }
        Due::Quiz { person } => {
            desk.quiz_due(&mut tx, person, row.due).await?;
            "quiz"
        }
        Due::QuizExpired { person, prompt } => {
            desk.quiz_expired(&mut tx, person, prompt).await?;
            "quiz_end"
        }
        Due::Sweep => {
            desk.sweep(&mut tx).await?;
            "sweep"
        }
    };
    let late = tx.now.duration_since(row.due).as_millis().max(0);
    desk.commit(tx).await?;
    desk.observer.tell(Telemetry::TimerFired { kind, late_ms: u64::try_from(late).unwrap_or(0) });
    Ok(())
}

/// A timer that can never fire (its run cannot be read) must not block the others; it stays in the audit.
async fn drop_broken(desk: &Desk, claim: &Claim) {
    let mut tx = desk.begin();
    tx.urgent();
    tx.fence(coll::TIMERS, &claim.record.key, claim.token);
    tx.delete(coll::TIMERS, claim.record.key.clone());
    let _ = tx.audit("bot", "timer.broken", None, claim.record.key.clone());
    let card = Card::titled("NB0205 A timer could not fire", Tone::Bad)
        .with(Block::Text("What it was for will not happen by itself. Please look at the open cases.".to_owned()))
        .with(Block::Code(claim.record.key.clone()));
    let _ = desk.tell_team(&mut tx, None, card);
    let _ = desk.commit(tx).await;
}

impl Desk {
    /// Arms the hourly clean-up; safe to call at every start.
    pub async fn arm_sweep(&self) -> Result<()> {
        let armed = self.store.get(coll::COUNTERS, "sweep").await?;
        if armed.is_none() {
            let mut tx = self.begin();
            tx.put(coll::COUNTERS, "sweep", &1)?;
            let due = SWEEP_EVERY.after(tx.now);
            tx.arm("sweep", &TimerRow { what: Due::Sweep, due })?;
            self.commit(tx).await?;
        }
        Ok(())
    }

    /// Looks through one stretch of each collection that ages, from where the last one ended, and removes what is old.
    async fn sweep(&self, tx: &mut crate::tx::Tx<'_>) -> Result<()> {
        let mut more = false;
        for (coll, keep) in SWEPT {
            let cursor = format!("sweep_{coll}");
            let from = tx.get::<String>(coll::COUNTERS, &cursor).await?.unwrap_or_default();
            let rows = tx.scan(coll, Scan { from, to: String::new(), limit: SWEEP_SCAN, reverse: false }).await?;
            let mut next = if rows.len() == SWEEP_SCAN { rows.last().map(|r| r.key.clone()) } else { None };
            let mut left = SWEEP_MAX;
            for r in rows {
                let at = match coll {
                    coll::SENT => r.decode::<SentRow>()?.at,
                    coll::POSTED => r.decode::<PostedRow>()?.at,
                    _ => r.decode::<Timestamp>()?,
                };
                if keep.after(at) < tx.now {
                    if left == 0 {
                        next = Some(r.key);
                        break;
                    }
                    tx.delete(coll, r.key);
                    left -= 1;
                }
            }
            more |= next.is_some();
            tx.put(coll::COUNTERS, cursor, &next.unwrap_or_default())?;
        }
        let due = if more { Span::mins(1) } else { SWEEP_EVERY }.after(tx.now);
        Ok(tx.arm("sweep", &TimerRow { what: Due::Sweep, due })?)
    }
}
