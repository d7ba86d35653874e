//! Handles what the inbox keeps: in order within a conversation, side by side between conversations.
//!
//! The commit that handles an event also removes it, so an event has its effects exactly once, whatever happens to the
//! process in between.

use crate::desk::Desk;
use crate::error::DeskError;
use crate::records::{END, InboxRow, coll};
use nightbell_core::code::Coded;
use nightbell_core::duration::Span;
use nightbell_core::event::Event;
use nightbell_core::port::store::{Claim, StoreError};
use nightbell_core::telemetry::Telemetry;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// How many lanes work side by side.
const LANES: usize = 16;
/// Events claimed at a time.
const CLAIM: usize = 128;
/// Most events held at a time.
const IN_FLIGHT: usize = 256;
/// Conflicts after which a lane begins to wait between tries.
const EAGER: u32 = 20;
/// How long a claim holds; far longer than any handling.
const LEASE: Duration = Duration::from_mins(10);
/// After so many failures an event is set aside, visible, for a human.
const MAX_TRIES: u32 = 6;
/// Poll when no bell rang.
const POLL: Span = Span::secs(2);

type Held = (Claim, OwnedSemaphorePermit);

/// Runs until `stop` turns true; finishes what it holds.
pub async fn run(desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    let mut lanes = Vec::new();
    let mut tasks = Vec::new();
    for _ in 0..LANES {
        let (tx, rx) = mpsc::unbounded_channel::<Held>();
        lanes.push(tx);
        tasks.push(tokio::spawn(lane(Arc::clone(&desk), rx)));
    }
    let room = Arc::new(Semaphore::new(IN_FLIGHT));
    while !*stop.borrow() {
        // What is held is bounded, so that a backlog costs no more per event than a single one.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
        let free = room.available_permits() + 1;
        drop(permit);
        let now = desk.clock.now();
        let claimed = desk.store.claim(coll::INBOX, END, now, LEASE, free.min(CLAIM)).await.unwrap_or_default();
        if claimed.is_empty() {
            tokio::select! {
                () = desk.bells.inbox.notified() => {}
                () = desk.clock.sleep_until(POLL.after(now)) => {}
                _ = stop.changed() => {}
            }
            continue;
        }
        for claim in claimed {
            let n = lane_of(&claim) % LANES;
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { break };
            if let Some(lane) = lanes.get(n) {
                let _ = lane.send((claim, permit));
            }
        }
    }
    drop(lanes);
    for t in tasks {
        let _ = t.await;
    }
}

fn lane_of(claim: &Claim) -> usize {
    let mut h = DefaultHasher::new();
    claim.record.decode::<InboxRow>().map(|r| r.event.lane()).unwrap_or_default().hash(&mut h);
    usize::try_from(h.finish() % 1_000_003).unwrap_or(0)
}

async fn lane(desk: Arc<Desk>, mut work: mpsc::UnboundedReceiver<Held>) {
    while let Some((claim, _permit)) = work.recv().await {
        let claim = Arc::new(claim);
        let (mut tries, mut conflicts) = (0, 0);
        let mut wait = Duration::from_millis(5);
        // The lane stays with an event until it is handled or set aside: later ones of the same talk must not overtake.
        loop {
            // A task of its own, so that a fault in one use-case ends that try and not the lane.
            let attempt = tokio::spawn({
                let (desk, claim) = (Arc::clone(&desk), Arc::clone(&claim));
                async move { handle(&desk, &claim).await }
            });
            let error = match attempt.await {
                Ok(Ok(())) => break,
                Ok(Err(e)) => e,
                Err(_) => DeskError::Playbook("the handler stopped unexpectedly".to_owned()),
            };
            match &error {
                DeskError::Store(StoreError::Conflict { .. }) if desk.gone(&claim).await => break,
                DeskError::Store(StoreError::Conflict { .. }) if conflicts < EAGER => {
                    conflicts += 1;
                    tokio::task::yield_now().await;
                    continue;
                }
                // Somebody else was faster, or the disk is not ready: nothing is wrong with the event.
                DeskError::Store(e) if e.retryable() => {}
                e => {
                    tries += 1;
                    tracing::warn!(
                        code = e.code().0,
                        key = claim.record.key,
                        tries,
                        "an event could not be handled: {e}"
                    );
                    if (!e.retryable() || tries >= MAX_TRIES) && desk.set_aside(&claim, e, tries).await {
                        break;
                    }
                }
            }
            desk.clock.sleep_until(Span(wait).after(desk.clock.now())).await;
            wait = (wait * 2).min(Duration::from_secs(5));
        }
    }
}

/// One try.
pub async fn handle(desk: &Desk, claim: &Claim) -> Result<(), DeskError> {
    let started = desk.clock.now();
    let row: InboxRow = claim.record.decode()?;
    if let Event::Chat(inbound) = &row.event {
        desk.learn_account(inbound).await?;
    }
    let mut tx = desk.begin();
    let route = desk.route(&mut tx, &row.event).await?;
    tx.fence(coll::INBOX, &claim.record.key, claim.token);
    tx.delete(coll::INBOX, claim.record.key.clone());
    desk.commit(tx).await?;
    let micros = desk.clock.now().duration_since(started).as_micros().max(0);
    desk.observer.tell(Telemetry::Handled { route, micros: u64::try_from(micros).unwrap_or(0) });
    Ok(())
}

impl Desk {
    /// Moves an event to where people see it. False when even that could not be kept.
    async fn set_aside(&self, claim: &Claim, e: &DeskError, tries: u32) -> bool {
        let Ok(mut row) = claim.record.decode::<InboxRow>() else { return false };
        row.tries = tries;
        row.error = Some(format!("{} {e}", e.code()));
        let mut tx = self.begin();
        tx.fence(coll::INBOX, &claim.record.key, claim.token);
        tx.delete(coll::INBOX, claim.record.key.clone());
        let kept = tx.put(coll::DEAD, claim.record.key.clone(), &row).is_ok() && self.commit(tx).await.is_ok();
        if kept {
            self.observer.tell(Telemetry::HandlerFailed { code: e.code().0, key: claim.record.key.clone() });
        }
        kept
    }

    async fn gone(&self, claim: &Claim) -> bool {
        matches!(self.store.get(coll::INBOX, &claim.record.key).await, Ok(None))
    }
}
