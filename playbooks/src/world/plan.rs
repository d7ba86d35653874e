//! For a crash check: when the bot dies, and what the outside world remembers. The service knows what it did: the
//! same try of the same call gives the same result at the same instant.

use crate::api::Resolution;
use crate::model::Playbook;
use jiff::Timestamp;
use nightbell_core::action::{Call, Idempotent, Manifest, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// When the bot dies, and what the outside world remembers.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    at: usize,
    after: bool,
    /// Writes so far.
    pub writes: usize,
    /// Whether a restart is at work.
    pub resuming: bool,
    /// What the outside service did for each try, and when it is ready.
    pub(crate) done: BTreeMap<(usize, String, u32), (Outcome, Timestamp)>,
    /// How often a change that nothing protects was done.
    pub risky: BTreeMap<String, u32>,
    /// Action and key of everything that was done.
    pub performed: BTreeSet<String>,
}

impl Plan {
    /// The bot dies at this write, from 1, before or after it; never at 0.
    pub fn at(write: usize, after: bool) -> Self {
        Self { at: write, after, ..Self::default() }
    }

    /// Counts a durable write; says whether the bot dies before (false) or after (true) it.
    pub const fn write(&mut self) -> Option<bool> {
        self.writes += 1;
        if self.writes == self.at { Some(self.after) } else { None }
    }

    /// What the service did for this try when it was sent before.
    pub fn known(&self, live: usize, path: &str, attempt: u32) -> Option<(Outcome, Timestamp)> {
        self.done.get(&(live, path.to_owned(), attempt)).cloned()
    }

    /// A call reached the service for the first time.
    pub fn did(
        &mut self,
        place: (usize, String, u32),
        playbook: &Playbook,
        call: &Call,
        outcome: Outcome,
        due: Timestamp,
    ) {
        let risky = |m: &Manifest| m.idempotent == Idempotent::None && m.effect.needs_approval();
        if playbook.manifest(&call.action).is_some_and(risky) && !matches!(outcome, Outcome::Failed { .. }) {
            *self.risky.entry(call.key.clone()).or_default() += 1;
        }
        self.performed.insert(format!("{} {}", call.action, call.key));
        self.done.insert(place, (outcome, due));
    }

    /// What the human says who is asked after the restart whether a call happened. None: they find out no more
    /// than the service told, and the case goes on as written.
    pub fn human(&mut self, live: usize, path: &str, attempt: u32) -> Option<Resolution> {
        match self.known(live, path, attempt) {
            None => Some(Resolution::RunNow),
            Some((Outcome::Done { .. }, _)) => Some(Resolution::Happened),
            Some((failed @ Outcome::Failed { .. }, due)) => {
                self.done.insert((live, path.to_owned(), attempt + 1), (failed, due));
                Some(Resolution::RunNow)
            }
            Some((Outcome::Unknown { .. }, _)) => None,
        }
    }
}
