//! One workspace for several hands.

use crate::state::SlackState;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The workspace behind a lock; clones are the same workspace.
#[derive(Debug, Clone)]
pub struct Shared {
    state: Arc<Mutex<SlackState>>,
    touched: watch::Sender<u64>,
}

impl Shared {
    /// Shares a workspace.
    pub fn new(state: SlackState) -> Self {
        Self { state: Arc::new(Mutex::new(state)), touched: watch::Sender::new(0) }
    }

    /// Works on the workspace; who waits for a change looks again.
    pub fn with<R>(&self, work: impl FnOnce(&mut SlackState) -> R) -> R {
        let result = work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.touched.send_modify(|n| *n = n.wrapping_add(1));
        result
    }

    /// Works on the workspace without waking anybody.
    pub(crate) fn quietly<R>(&self, work: impl FnOnce(&mut SlackState) -> R) -> R {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the workspace without waking anybody.
    pub fn look<R>(&self, look: impl FnOnce(&SlackState) -> R) -> R {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.touched.subscribe()
    }
}
