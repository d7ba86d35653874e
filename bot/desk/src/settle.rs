//! One step after another, without tasks: for simulation, where the test moves the clock.

use crate::desk::Desk;
use crate::records::{END, OutLane, coll};
use crate::{outbox, timers, worker};
use nightbell_core::port::store::time_key;
use std::time::Duration;

/// Lease of a claim that is finished before the next one is taken.
const LEASE: Duration = Duration::from_mins(10);

/// Works until nothing is left to do at this instant; returns how many steps were taken. Stops at the first event that
/// cannot be handled, so that a simulated crash stays a crash.
pub async fn settle(desk: &Desk) -> Result<usize, crate::error::DeskError> {
    let mut steps = 0;
    loop {
        let before = steps;
        let now = desk.clock.now();
        for claim in desk.store.claim(coll::INBOX, END, now, LEASE, 16).await? {
            loop {
                match worker::handle(desk, &claim).await {
                    Err(crate::error::DeskError::Store(nightbell_core::port::store::StoreError::Conflict {
                        ..
                    })) => {}
                    other => break other?,
                }
            }
            steps += 1;
        }
        let until = time_key(now.checked_add(Duration::from_millis(1)).unwrap_or(now));
        for lane in OutLane::ALL {
            for claim in desk.store.claim(lane.coll(), &until, now, LEASE, 16).await? {
                outbox::deliver_once(desk, lane, &claim).await?;
                steps += 1;
            }
        }
        steps += timers::fire_due(desk, now).await;
        if steps == before {
            return Ok(steps);
        }
    }
}
