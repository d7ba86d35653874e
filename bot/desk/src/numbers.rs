//! Case numbers without a queue: parallel work takes different numbers, and a number that was not used comes back.
//!
//! A counter record would make every two cases of the same moment conflict. Here the next number lives in memory and is
//! read from the cases at the first use; the commit of a case asks that its number is free, so a number is never used twice.

use nightbell_core::ids::CaseId;
use nightbell_core::port::store::{Scan, Store, StoreError};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The numbers of one installation.
#[derive(Debug, Default)]
pub struct Numbers {
    first: OnceCell<()>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    back: BTreeSet<u64>,
}

/// Numbers taken by one unit of work; those that were not kept go back when it ends.
#[derive(Default)]
pub struct Taken {
    from: Option<Arc<Numbers>>,
    numbers: Vec<u64>,
}

impl Numbers {
    /// The lowest free number.
    pub async fn take(self: &Arc<Self>, store: &dyn Store, taken: &mut Taken) -> Result<CaseId, StoreError> {
        self.first
            .get_or_try_init(async || {
                let last = store.scan(crate::records::coll::CASES, Scan::all(1).reversed()).await?;
                let last = last.first().and_then(|r| r.key.parse::<u64>().ok()).unwrap_or(0);
                self.lock().next = last + 1;
                Ok::<(), StoreError>(())
            })
            .await?;
        let mut state = self.lock();
        let n = state.back.pop_first().unwrap_or_else(|| {
            state.next += 1;
            state.next - 1
        });
        taken.from = Some(Arc::clone(self));
        taken.numbers.push(n);
        Ok(CaseId(n))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// The work was committed: the numbers are used.
    pub fn keep(mut self) {
        self.numbers.clear();
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(from) = &self.from {
            from.lock().back.extend(self.numbers.drain(..));
        }
    }
}
