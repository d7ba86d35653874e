//! Order in the outbox: while a message for a place waits, later ones for the same place wait behind it.
//!
//! Kept in memory and read back from the rows at the first use, because a row that was put off says so itself.

use crate::error::Result;
use crate::records::{Leaving, OutLane, OutboxRow};
use jiff::Timestamp;
use nightbell_core::chat::To;
use nightbell_core::duration::Span;
use nightbell_core::port::store::{Record, Scan, Store};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Most rows looked at when reading back; behind that many, order is a smaller trouble than the backlog itself.
const READ_BACK: usize = 50_000;

/// A row that has not come up for so long after its time is not waited for.
const STALE: Span = Span::mins(5);

/// The first row of a place that was put off, and until when.
#[derive(Debug, Clone)]
struct Held {
    first: String,
    until: Timestamp,
}

/// Who waits where.
#[derive(Debug, Default)]
pub struct Turns {
    held: Mutex<HashMap<(OutLane, String), Held>>,
    read: OnceCell<()>,
}

/// The place whose order counts.
fn place(to: &To) -> String {
    match to {
        To::Person(p) => format!("p {p}"),
        To::Conv(c) => format!("c {} {}", c.platform, c.id),
        To::Channel(name) => format!("n {name}"),
        To::Only { person, conv } => format!("o {} {} {person}", conv.platform, conv.id),
        To::Home { person, platform } => format!("h {platform} {person}"),
    }
}

/// The key under which a row was first written, which is its place in the queue.
pub fn first_key<'a>(row: &'a OutboxRow, key: &'a str) -> &'a str {
    row.first.as_deref().unwrap_or(key)
}

impl Turns {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<(OutLane, String), Held>) -> T) -> T {
        work(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads back what was put off before a restart.
    pub async fn read_back(&self, store: &dyn Store) -> Result<()> {
        let read = async || -> Result<()> {
            for lane in OutLane::ALL {
                let rows = store.scan(lane.coll(), Scan::all(READ_BACK)).await?;
                for r in rows {
                    let Some((row, until)) = put_off_row(&r) else { continue };
                    if let Leaving::Message(m) = &row.what {
                        self.put_off(lane, &m.to, first_key(&row, &r.key), until);
                    }
                }
            }
            Ok(())
        };
        self.read.get_or_try_init(read).await.copied()
    }

    /// Whether it is this row's turn; else until when it waits.
    pub fn turn(&self, lane: OutLane, to: &To, first: &str, now: Timestamp) -> Option<Timestamp> {
        self.with(|held| {
            let h = held.get(&(lane, place(to))).filter(|h| h.first.as_str() < first)?;
            // A row that somebody else finished is never heard of again here.
            (STALE.after(h.until) > now).then(|| h.until.max(Span::secs(1).after(now)))
        })
    }

    /// This row waits, and with it what comes later for the same place.
    pub fn put_off(&self, lane: OutLane, to: &To, first: &str, until: Timestamp) {
        self.with(|held| {
            let entry = held.entry((lane, place(to)));
            let entry = entry.or_insert_with(|| Held { first: first.to_owned(), until });
            if first <= entry.first.as_str() {
                *entry = Held { first: first.to_owned(), until };
            }
        });
    }

    /// This row has left, or was given up.
    pub fn done(&self, lane: OutLane, to: &To, first: &str) {
        self.with(|held| {
            let at = (lane, place(to));
            if held.get(&at).is_some_and(|h| h.first == first) {
                held.remove(&at);
            }
        });
    }
}

/// A row that was put off, with the instant until which.
fn put_off_row(r: &Record) -> Option<(OutboxRow, Timestamp)> {
    let row: OutboxRow = r.decode().ok()?;
    row.first.as_ref()?;
    let ms = i64::from_str_radix(r.key.split('-').next()?, 16).ok()?;
    Some((row, Timestamp::from_millisecond(ms).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::ids::PersonId;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(s).expect("instant")
    }

    #[test]
    fn later_ones_wait_behind_the_first_and_go_in_order() {
        let t = Turns::default();
        let to = To::Person(PersonId::from("employee"));
        let other = To::Person(PersonId::from("colleague"));
        t.put_off(OutLane::Answer, &to, "1-a", at(60));
        assert_eq!(t.turn(OutLane::Answer, &to, "1-a", at(0)), None, "the first itself may try");
        assert_eq!(t.turn(OutLane::Answer, &to, "2-b", at(0)), Some(at(60)));
        assert_eq!(t.turn(OutLane::Incident, &to, "2-b", at(0)), None, "what presses more does not wait");
        assert_eq!(t.turn(OutLane::Answer, &other, "2-b", at(0)), None);
        // A later one that was put off does not take the first one's place.
        t.put_off(OutLane::Answer, &to, "2-b", at(90));
        assert_eq!(t.turn(OutLane::Answer, &to, "2-b", at(0)), Some(at(60)));
        t.done(OutLane::Answer, &to, "2-b");
        assert_eq!(t.turn(OutLane::Answer, &to, "3-c", at(0)), Some(at(60)));
        assert_eq!(t.turn(OutLane::Answer, &to, "3-c", at(59)), Some(at(60)));
        assert_eq!(t.turn(OutLane::Answer, &to, "3-c", at(60 + 300)), None, "lost, so nobody waits for it");
        t.done(OutLane::Answer, &to, "1-a");
        assert_eq!(t.turn(OutLane::Answer, &to, "3-c", at(0)), None);
    }
}
