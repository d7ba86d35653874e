//! What starts or wakes runs besides people and alerts: schedules, webhooks, and events that steps wait for.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::records::{Due, RunRow, TimerRow, coll};
use crate::schedule::Pattern;
use crate::tx::Tx;
use jiff::Timestamp;
use nightbell_core::alert::Severity;
use nightbell_core::case::CaseKind;
use nightbell_core::ids::RunId;
use nightbell_core::port::store::Scan;
use nightbell_core::text::one_line;
use nightbell_playbooks::Playbook;
use nightbell_playbooks::api::Input;
use nightbell_playbooks::model::On;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Runs that one event may wake.
const MAX_WOKEN: usize = 1_000;

/// An armed schedule, so that a changed pattern replaces it and an unchanged one is left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Armed {
    pattern: String,
    zone: String,
    slot: Timestamp,
    due: Timestamp,
}

impl Desk {
    /// Arms the schedules of all playbooks; those of playbooks that are gone fire once more and do nothing.
    pub async fn arm_schedules(&self) -> Result<()> {
        let library = self.playbooks.load_full();
        let policy = self.policy.load_full();
        // What is in the box asks nobody anything until somebody decided that it should.
        let wanted = |p: &Playbook| !library.is_shipped(p) || policy.scheduled.iter().any(|id| id == p.id());
        for playbook in library.iter().filter(|p| wanted(p)) {
            for (n, trigger) in playbook.triggers.iter().enumerate() {
                if let On::Schedule { cron, zone, jitter, .. } = &trigger.on {
                    let mut tx = self.begin();
                    let zone = zone.clone().unwrap_or_else(|| "UTC".to_owned());
                    let key = format!("schedule_{}_{n}", playbook.id());
                    let old = tx.get::<Armed>(coll::COUNTERS, &key).await?;
                    if old.as_ref().is_some_and(|a| a.pattern == *cron && a.zone == zone) {
                        continue;
                    }
                    if let Some(old) = old {
                        tx.disarm(&key, old.due);
                    }
                    let now = tx.now;
                    self.arm_slot(&mut tx, playbook, n, (cron, &zone), jitter.map(|j| j.0), now)?;
                    self.commit(tx).await?;
                }
            }
        }
        Ok(())
    }

    /// Arms the first slot after `after`. The spread comes from the slot itself, so that every replica agrees on it.
    fn arm_slot(
        &self,
        tx: &mut Tx<'_>,
        playbook: &Playbook,
        trigger: usize,
        (pattern, zone): (&str, &str),
        jitter: Option<std::time::Duration>,
        after: Timestamp,
    ) -> Result<()> {
        let parsed: Pattern = pattern.parse().map_err(|e| DeskError::Playbook(format!("{}: {e}", playbook.id())))?;
        let Some(slot) = parsed.next(after, zone) else { return Ok(()) };
        let key = format!("schedule_{}_{trigger}", playbook.id());
        let spread = jitter.map_or(0, |j| {
            let digest = nightbell_core::canonical::digest_bytes(format!("{key}/{slot}").as_bytes());
            let part = digest.get(..4).and_then(|h| u64::from_str_radix(h, 16).ok()).unwrap_or(0);
            u64::try_from(j.as_millis()).unwrap_or(u64::MAX).saturating_mul(part) / 65_536
        });
        let due = slot.checked_add(std::time::Duration::from_millis(spread)).unwrap_or(slot);
        tx.put(coll::COUNTERS, key.clone(), &Armed { pattern: pattern.to_owned(), zone: zone.to_owned(), slot, due })?;
        let what = Due::Schedule { playbook: playbook.id().to_owned(), trigger, slot };
        Ok(tx.arm(&key, &TimerRow { what, due })?)
    }

    /// A slot has come. One that is missed by more than a whole period does not run late unless the file says so.
    pub(crate) async fn schedule_due(&self, tx: &mut Tx<'_>, id: &str, trigger: usize, slot: Timestamp) -> Result<()> {
        let key = format!("schedule_{id}_{trigger}");
        let Some(playbook) = self.playbooks.load().current(id) else {
            tx.delete(coll::COUNTERS, key);
            return Ok(());
        };
        let Some((cron, zone, fire_missed, jitter)) = playbook.triggers.get(trigger).and_then(|t| match &t.on {
            On::Schedule { cron, zone, fire_missed, jitter } => {
                Some((cron.clone(), zone.clone().unwrap_or_else(|| "UTC".to_owned()), *fire_missed, *jitter))
            }
            _ => None,
        }) else {
            tx.delete(coll::COUNTERS, key);
            return Ok(());
        };
        let next = cron.parse::<Pattern>().ok().and_then(|p| p.next(slot, &zone));
        let missed = next.is_some_and(|n| n <= tx.now);
        let now = tx.now;
        self.arm_slot(tx, &playbook, trigger, (&cron, &zone), jitter.map(|j| j.0), now)?;
        if missed && !fire_missed {
            tx.audit("bot", "schedule.missed", None, format!("{id} {slot}"))?;
            return Ok(());
        }
        let late_by = (tx.now.as_second() - slot.as_second()).max(0);
        let event = json!({"kind": "schedule", "id": format!("{id}/{trigger}/{slot}"), "slot": slot.to_string(),
            "late_by": late_by});
        if !playbook.condition_holds(trigger, &event) {
            return Ok(());
        }
        self.start_alone(tx, &playbook, event, CaseKind::Task, playbook.name()).await
    }

    /// Starts a playbook that no person asked for, with a case of its own.
    async fn start_alone(
        &self,
        tx: &mut Tx<'_>,
        playbook: &Arc<Playbook>,
        event: Value,
        kind: CaseKind,
        title: &str,
    ) -> Result<()> {
        if let Some(joined) = self.join_run(tx, playbook, &event).await? {
            return self.note(tx, joined, "bot", "again", "The same came again", Vec::new()).await;
        }
        let mut case = self.open_case(tx, kind, title, Severity::Low, None).await?;
        match self.start_run(tx, &mut case, playbook, event.clone(), BTreeMap::new(), None).await {
            Ok(_) => self.remember_start(tx, playbook, &event, case.id).await,
            Err(DeskError::Refused(e, name)) => {
                let text = format!("Playbook {name} could not start: {} {}", e.code, e.message);
                self.row(tx, &mut case, "bot", "failed", text, Vec::new())?;
                self.page(tx, &mut case, "A playbook could not start", Severity::Medium).await?;
                Ok(())
            }
            Err(e) => Err(e),
        }
    }

    /// A signed webhook that is not an alert: playbooks that name it start, steps that wait for it go on.
    pub(crate) async fn webhook(&self, tx: &mut Tx<'_>, name: &str, id: &str, body: &Value) -> Result<&'static str> {
        let event = json!({"kind": "webhook", "name": name, "id": id, "body": body});
        let found = self.playbooks.load_full().for_webhook(name, &event);
        let woken = self.wake_runs(tx, &format!("webhook.{name}"), &event).await?;
        if found.is_empty() && woken == 0 {
            tx.audit(name, "webhook.unmatched", None, one_line(id, 80))?;
            return Ok("webhook_unmatched");
        }
        for playbook in found {
            self.start_alone(tx, &playbook, event.clone(), CaseKind::Alert, playbook.name()).await?;
        }
        Ok("webhook")
    }

    /// Tells every run that waits for this event. Gives how many there were.
    pub(crate) async fn wake_runs(&self, tx: &mut Tx<'_>, name: &str, payload: &Value) -> Result<usize> {
        let from = format!("{name}/");
        let to = format!("{name}0");
        let rows = tx.scan(coll::WAITS, Scan { from, to, limit: MAX_WOKEN, reverse: false }).await?;
        for row in &rows {
            if let Some((_, run)) = row.key.rsplit_once('/') {
                let input = Input::Event { name: name.to_owned(), payload: payload.clone() };
                self.feed_run(tx, &RunId(run.to_owned()), input).await?;
            }
        }
        Ok(rows.len())
    }

    /// Keeps the index of waiting runs in step with a run.
    pub(crate) fn note_waits(&self, tx: &mut Tx<'_>, id: &RunId, row: &mut RunRow, waits: Vec<String>) {
        for gone in row.waits.iter().filter(|w| !waits.contains(w)) {
            tx.delete(coll::WAITS, format!("{gone}/{id}"));
        }
        for new in waits.iter().filter(|w| !row.waits.contains(w)) {
            let _ = tx.mark(coll::WAITS, format!("{new}/{id}"));
        }
        row.waits = waits;
    }
}
