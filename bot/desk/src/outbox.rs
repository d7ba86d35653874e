//! What leaves: rows become messages, pages and calls; the result is written down, and for calls it is again an event.
//!
//! A row is removed in the same commit that records its result. A crash in between repeats the send with the same
//! idempotency key, which the other side shows once.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::guard::guarded;
use crate::records::{InboxRow, Leaving, OutLane, OutboxRow, SentRow, coll};
use crate::turns::first_key;
use nightbell_core::action::{Call, Idempotent, Outcome};
use nightbell_core::duration::Span;
use nightbell_core::event::Event;
use nightbell_core::port::chat::{MsgRef, SendError};
use nightbell_core::port::store::{Claim, StoreError, time_key};
use nightbell_core::telemetry::Telemetry;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};

/// Destinations served side by side, per lane of urgency.
const SENDERS: usize = 8;
/// Rows claimed at a time.
const CLAIM: usize = 64;
/// Rows held at a time, per lane of urgency.
const IN_FLIGHT: usize = 128;
/// How long a claim holds.
const LEASE: Duration = Duration::from_mins(10);
/// Poll when no bell rang.
const POLL: Span = Span::secs(2);
/// How often a change looks whether the message it changes has left, in milliseconds. Such a change never gives up
/// before that message did.
pub(crate) const AMEND_MS: u64 = 1_000;
/// A message that was refused so often and for so long is given up, visibly.
const GIVE_UP: u32 = 40;
/// A platform that is away for a day has lost more than this message.
const GIVE_UP_AFTER: Span = Span::hours(24);

/// Runs until `stop` turns true; finishes what it holds.
pub async fn run(desk: Arc<Desk>, mut stop: watch::Receiver<bool>) {
    let mut senders = Vec::new();
    let mut tasks = Vec::new();
    let rooms: Vec<Arc<Semaphore>> = OutLane::ALL.iter().map(|_| Arc::new(Semaphore::new(IN_FLIGHT))).collect();
    for lane in OutLane::ALL {
        for _ in 0..SENDERS {
            let (tx, mut rx) = mpsc::unbounded_channel::<(Claim, OwnedSemaphorePermit)>();
            let desk = Arc::clone(&desk);
            senders.push((lane, tx));
            tasks.push(tokio::spawn(async move {
                while let Some((claim, _permit)) = rx.recv().await {
                    deliver(&desk, lane, &claim).await;
                }
            }));
        }
    }
    while !*stop.borrow() {
        let now = desk.clock.now();
        let before = time_key(now.checked_add(Duration::from_millis(1)).unwrap_or(now));
        let mut any = false;
        for (lane, room) in OutLane::ALL.into_iter().zip(&rooms) {
            // What is held is bounded; a lane that is full must not keep a more pressing one waiting.
            let free = room.available_permits().min(CLAIM);
            if free == 0 {
                continue;
            }
            for claim in desk.store.claim(lane.coll(), &before, now, LEASE, free).await.unwrap_or_default() {
                any = true;
                let n = destination(&claim) % SENDERS;
                let sender = senders.iter().filter(|(l, _)| *l == lane).nth(n);
                if let (Some((_, s)), Ok(permit)) = (sender, Arc::clone(room).try_acquire_owned()) {
                    let _ = s.send((claim, permit));
                }
            }
        }
        if !any {
            tokio::select! {
                () = desk.bells.outbox.notified() => {}
                () = some_room(&rooms), if rooms.iter().any(|r| r.available_permits() == 0) => {}
                () = desk.clock.sleep_until(POLL.after(now)) => {}
                _ = stop.changed() => {}
            }
        }
    }
    drop(senders);
    for t in tasks {
        let _ = t.await;
    }
}

/// Returns when a lane that was full has room again.
async fn some_room(rooms: &[Arc<Semaphore>]) {
    if let Some(room) = rooms.iter().find(|r| r.available_permits() == 0) {
        // The permit goes back at once: it only tells that there is room.
        drop(room.acquire().await);
    }
}

/// Rows for the same destination go through the same sender, so they arrive in order.
fn destination(claim: &Claim) -> usize {
    let mut h = DefaultHasher::new();
    match claim.record.decode::<OutboxRow>().map(|r| r.what) {
        Ok(Leaving::Message(m)) => format!("{:?}", m.to).hash(&mut h),
        Ok(Leaving::Call { run, .. }) => run.0.hash(&mut h),
        Ok(Leaving::Page { target, .. }) => target.hash(&mut h),
        Err(_) => {}
    }
    usize::try_from(h.finish() % 1_000_003).unwrap_or(0)
}

/// One row, until it has left, failed for good, or is put off.
pub async fn deliver(desk: &Desk, lane: OutLane, claim: &Claim) {
    let Ok(row) = claim.record.decode::<OutboxRow>() else {
        tracing::error!(key = claim.record.key, "an outbox row cannot be read");
        return;
    };
    let result = attempt(desk, lane, &row, claim).await;
    let mut wait = Duration::from_millis(20);
    while let Err(e) = desk.record(lane, claim, &row, &result).await {
        // Another owner took the row over: the result is theirs to record.
        if matches!(e, DeskError::Store(StoreError::Conflict { .. })) && desk.row_gone(lane, claim).await {
            return;
        }
        tracing::warn!(key = claim.record.key, "a result could not be written down yet: {e}");
        // The effect happened; only writing that down is late. The claim keeps others away meanwhile.
        desk.clock.sleep_until(Span(wait).after(desk.clock.now())).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}

/// One try without waiting, for simulation.
pub async fn deliver_once(desk: &Desk, lane: OutLane, claim: &Claim) -> Result<()> {
    let row: OutboxRow = claim.record.decode()?;
    let result = attempt(desk, lane, &row, claim).await;
    desk.record(lane, claim, &row, &result).await
}

async fn attempt(desk: &Desk, lane: OutLane, row: &OutboxRow, claim: &Claim) -> std::result::Result<Done, NotSent> {
    let stopped = || SendError::Later { why: "the connector stopped unexpectedly".to_owned(), after_ms: 1_500 };
    match &row.what {
        Leaving::Message(m) => {
            desk.turns
                .read_back(&*desk.store)
                .await
                .map_err(|e| SendError::Later { why: e.to_string(), after_ms: 500 })?;
            if let Some(until) = desk.turns.turn(lane, &m.to, first_key(row, &claim.record.key), desk.clock.now()) {
                return Err(NotSent::Turn(until));
            }
            Ok(guarded(desk.send_message(row, m)).await.unwrap_or_else(|| Err(stopped())).map(Done::Message)?)
        }
        Leaving::Page { target, text, .. } => Ok(guarded(desk.send_page(target, text))
            .await
            .unwrap_or_else(|| Err(stopped()))
            .map(|()| Done::Page(None))?),
        Leaving::Call { call, .. } => {
            let again =
                desk.was_started(claim).await.map_err(|e| SendError::Later { why: e.to_string(), after_ms: 500 })?;
            let unknown = || Outcome::Unknown { why: "the connector stopped unexpectedly".to_owned() };
            Ok(Done::Call(guarded(desk.call(call, again)).await.unwrap_or_else(unknown)))
        }
    }
}

/// Why a row is still there.
enum NotSent {
    /// Something earlier for the same place waits; this row was not tried.
    Turn(jiff::Timestamp),
    /// It was tried.
    Error(SendError),
}

impl From<SendError> for NotSent {
    fn from(e: SendError) -> Self {
        Self::Error(e)
    }
}

enum Done {
    Message(Option<(String, MsgRef)>),
    Page(Option<String>),
    Call(Outcome),
}

impl Desk {
    async fn record(
        &self,
        lane: OutLane,
        claim: &Claim,
        row: &OutboxRow,
        result: &std::result::Result<Done, NotSent>,
    ) -> Result<()> {
        let mut tx = self.begin();
        tx.urgent();
        tx.fence(lane.coll(), &claim.record.key, claim.token);
        tx.delete(lane.coll(), claim.record.key.clone());
        match (result, &row.what) {
            (Ok(Done::Message(sent)), Leaving::Message(m)) => {
                let (platform, msg) = sent.clone().map_or((String::new(), None), |(p, r)| (p, Some(r)));
                self.observer.tell(Telemetry::Sent { platform: platform.clone() });
                self.posted(&mut tx, row.case, m, &platform, msg.as_ref())?;
                tx.put(coll::SENT, m.key.clone(), &SentRow { platform, msg, at: tx.now })?;
                self.turns.done(lane, &m.to, first_key(row, &claim.record.key));
            }
            (Ok(Done::Call(outcome)), Leaving::Call { run, path, attempt, .. }) => {
                let event = Event::ActionResult {
                    run: run.clone(),
                    path: path.clone(),
                    attempt: *attempt,
                    outcome: outcome.clone(),
                };
                post(&mut tx, event)?;
                tx.delete(coll::STARTED, claim.record.key.clone());
            }
            (Ok(Done::Page(error)), Leaving::Page { page, target, .. }) => {
                let event = Event::PageResult { page: page.clone(), target: target.clone(), error: error.clone() };
                post(&mut tx, event)?;
            }
            (Err(NotSent::Turn(until)), _) => self.put_off(&mut tx, lane, claim, row.clone(), *until)?,
            (Err(NotSent::Error(SendError::Later { why, after_ms })), what)
                if row.tries < GIVE_UP || GIVE_UP_AFTER.after(row.at) > tx.now || *after_ms == AMEND_MS =>
            {
                let mut again = row.clone();
                again.tries += 1;
                again.error = Some(why.clone());
                let back_off = Duration::from_millis(250u64 << row.tries.min(8));
                let most = if *after_ms == AMEND_MS { Duration::from_millis(AMEND_MS) } else { Duration::from_mins(1) };
                let wait = Duration::from_millis(*after_ms).max(back_off.min(most));
                let until = Span(wait).after(tx.now);
                if let (Leaving::Message(m), true) = (what, *after_ms != AMEND_MS) {
                    self.turns.put_off(lane, &m.to, first_key(row, &claim.record.key), until);
                }
                self.put_off(&mut tx, lane, claim, again, until)?;
                self.observer.tell(Telemetry::SendFailed { platform: kind(what).to_owned(), retry: true });
            }
            (Err(NotSent::Error(e)), Leaving::Page { page, target, .. }) => {
                let event =
                    Event::PageResult { page: page.clone(), target: target.clone(), error: Some(e.to_string()) };
                post(&mut tx, event)?;
            }
            (Err(NotSent::Error(e)), what) => {
                self.observer.tell(Telemetry::SendFailed { platform: kind(what).to_owned(), retry: false });
                tracing::warn!(code = "NB0501", key = claim.record.key, "a message could not be delivered: {e}");
                if let Leaving::Message(m) = what {
                    self.turns.done(lane, &m.to, first_key(row, &claim.record.key));
                    tx.put(coll::SENT, m.key.clone(), &SentRow { platform: String::new(), msg: None, at: tx.now })?;
                }
                tx.audit("bot", "send.failed", row.case, e.to_string())?;
                if let Some(case) = row.case {
                    self.note(
                        &mut tx,
                        case,
                        "bot",
                        "undelivered",
                        format!("NB0501 A message could not be delivered: {e}"),
                        Vec::new(),
                    )
                    .await?;
                }
            }
            _ => {}
        }
        self.commit(tx).await
    }

    /// Writes a row back under a later time; its first key says where it stands in the queue.
    fn put_off(
        &self,
        tx: &mut crate::tx::Tx<'_>,
        lane: OutLane,
        claim: &Claim,
        mut row: OutboxRow,
        until: jiff::Timestamp,
    ) -> Result<()> {
        let first = first_key(&row, &claim.record.key).to_owned();
        let key = format!("{}-{first}", time_key(until));
        row.first = Some(first);
        Ok(tx.put(lane.coll(), key, &row)?)
    }

    /// Calls an action. A call that may have left before a crash and must not happen twice is not repeated.
    async fn call(&self, call: &Call, again: bool) -> Outcome {
        for a in &self.actions {
            if let Some(m) = a.manifests().into_iter().find(|m| m.name == call.action) {
                let outcome = if again && m.idempotent == Idempotent::None && m.effect.needs_approval() {
                    Outcome::Unknown { why: "the process stopped while the call was under way".to_owned() }
                } else {
                    let mut call = call.clone();
                    call.repeat = again;
                    self.with_people(&mut call);
                    a.call(&call).await
                };
                let word = match outcome {
                    Outcome::Done { .. } => "done",
                    Outcome::Failed { .. } => "failed",
                    Outcome::Unknown { .. } => "unknown",
                };
                self.observer.tell(Telemetry::ActionCalled { action: call.action.clone(), outcome: word });
                return outcome;
            }
        }
        Outcome::Failed {
            code: "NB2101".to_owned(),
            message: format!("no connector offers {}; configure one under [actions]", call.action),
            retryable: false,
        }
    }

    /// A room for an incident in which nobody is named gets those on call and those who work on cases.
    fn with_people(&self, call: &mut Call) {
        let named = call.args.get("people").and_then(serde_json::Value::as_array).is_some_and(|p| !p.is_empty());
        let Some(args) = call.args.as_object_mut().filter(|_| call.action == "chat.room" && !named) else { return };
        let policy = self.policy.load();
        let oncall = policy.oncall.people(1);
        let working = self.holders(&[nightbell_core::person::Role::Responder]);
        let people = oncall.iter().map(|id| self.person(id)).chain(working);
        let mut emails: Vec<String> = people.filter_map(|p| p.email().map(str::to_owned)).collect();
        emails.sort();
        emails.dedup();
        args.insert("people".to_owned(), serde_json::json!(emails));
    }

    /// Marks a call as started, durably, before it leaves; true when it had been marked before. Without a durable mark
    /// the call does not leave.
    async fn was_started(&self, claim: &Claim) -> Result<bool> {
        let mut tx = self.begin();
        tx.urgent();
        let key = &claim.record.key;
        if tx.get::<jiff::Timestamp>(coll::STARTED, key).await?.is_some() {
            return Ok(true);
        }
        tx.mark(coll::STARTED, key.clone())?;
        self.commit(tx).await?;
        Ok(false)
    }

    async fn row_gone(&self, lane: OutLane, claim: &Claim) -> bool {
        matches!(self.store.get(lane.coll(), &claim.record.key).await, Ok(None))
    }
}

/// Puts an event of our own into the inbox, within a unit of work.
fn post(tx: &mut crate::tx::Tx<'_>, event: Event) -> Result<()> {
    let key = format!("{}-{}", time_key(tx.now), tx.fresh());
    let row = InboxRow {
        source: "self".to_owned(),
        dedupe: String::new(),
        event,
        raw: String::new(),
        at: tx.now,
        tries: 0,
        error: None,
    };
    Ok(tx.put(coll::INBOX, key, &row)?)
}

fn kind(what: &Leaving) -> &'static str {
    match what {
        Leaving::Message(_) => "chat",
        Leaving::Call { .. } => "action",
        Leaving::Page { .. } => "page",
    }
}
