//! Inputs go in one by one, and the bot may die at any durable write.
//!
//! Survives: the journal, the outbox, the ends of called playbooks, and what people or systems send, because it is
//! sent again until it is accepted. Lost: calls that were under way and results that were not written yet.

use super::{Live, Plan, World};
use crate::api::{Effect, Input};
use crate::engine::Advance;

/// Inputs that follow from one another before the world says that this will not end.
const MAX_ROUNDS: u32 = 20_000;

/// Whether an input is lost when it was not written.
const fn volatile(input: &Input) -> bool {
    matches!(input, Input::CallEnded { .. })
}

impl World<'_> {
    /// Takes what is waiting, and what follows from it at once.
    pub(super) fn settle(&mut self) {
        let mut rounds = 0;
        while let Some((n, input)) = self.queue.pop_front() {
            rounds += 1;
            if rounds > MAX_ROUNDS {
                self.problems.push("the run does not come to rest".to_owned());
                return;
            }
            let now = self.now;
            let Some(live) = self.lives.get_mut(n) else { continue };
            let before = live.run.clone();
            match live.run.advance(&live.playbook, input.clone(), now) {
                Ok(advance) => match self.dies(&advance) {
                    None => self.absorb(n, advance),
                    // What was not written did not happen, and what was accepted comes again.
                    Some(false) => {
                        if let Some(live) = self.lives.get_mut(n) {
                            live.run = before;
                        }
                        self.restart((!volatile(&input)).then_some((n, input)));
                    }
                    Some(true) => self.die_after(n, advance),
                },
                Err(e) => self.problems.push(e.to_string()),
            }
        }
    }

    /// A run begins; its first records are a write like any other.
    pub(super) fn open(&mut self, live: Live, advance: Advance) {
        let dies = self.dies(&advance);
        if dies == Some(false) {
            // What asked for it is durable and asks again.
            self.restart(None);
        }
        self.lives.push(live);
        let n = self.lives.len() - 1;
        if dies == Some(true) { self.die_after(n, advance) } else { self.absorb(n, advance) }
    }

    /// The bot dies at the next durable write, before or after it.
    pub const fn crash_at_write(&mut self, after: bool) {
        self.fault = Some(after);
    }

    /// Drops all memory and folds the journals again.
    pub fn crash(&mut self) {
        self.restart(None);
        self.settle();
    }

    /// Whether the bot dies at this write: before (false) or after it (true).
    fn dies(&mut self, advance: &Advance) -> Option<bool> {
        if advance.records.is_empty() {
            return None;
        }
        let planned = self.plan.as_mut().and_then(Plan::write);
        planned.or_else(|| self.fault.take())
    }

    /// What was written is in the outbox; calls that left are sent again by the restart.
    fn die_after(&mut self, n: usize, advance: Advance) {
        let calls = |e: &Effect| !matches!(e, Effect::Call { .. });
        let effects = advance.effects.into_iter().filter(calls).collect();
        self.absorb(n, Advance { records: advance.records, effects });
        self.restart(None);
    }

    fn restart(&mut self, lost: Option<(usize, Input)>) {
        self.say("the bot restarts", Vec::new());
        self.restarts += 1;
        self.results.retain(|(_, _, input)| !volatile(input));
        self.queue.retain(|(_, input)| !volatile(input));
        if let Some(first) = lost {
            self.queue.push_front(first);
        }
        self.resuming(true);
        for n in 0..self.lives.len() {
            let Some(live) = self.lives.get_mut(n) else { continue };
            if !live.refold() {
                self.problems.push("the replayed run differs from the live one".to_owned());
            }
            match live.run.resume(&live.playbook, self.now) {
                Ok(advance) => self.absorb(n, advance),
                Err(e) => self.problems.push(e.to_string()),
            }
        }
        self.resuming(false);
    }

    const fn resuming(&mut self, yes: bool) {
        if let Some(plan) = &mut self.plan {
            plan.resuming = yes;
        }
    }

    /// In a crash check a person answers at once whether a call happened that a restart cut off.
    pub(super) fn did_it_happen(&mut self, n: usize, path: String) {
        let attempt = self.lives.get(n).and_then(|l| l.run.step(&path)).map_or(1, |s| s.attempts);
        let found = self.plan.as_mut().filter(|p| p.resuming).and_then(|p| p.human(n, &path, attempt));
        if let Some(choice) = found {
            self.queue.push_back((n, Input::Resolve { path, by: "someone-on-call".to_owned(), choice }));
        }
    }
}
