//! What can go wrong while handling an event.

use nightbell_core::code::{self, Code, Coded};
use nightbell_core::port::store::StoreError;

/// Why an event could not be handled. The event stays kept in every case.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A playbook or run does not fit.
    #[error("playbook: {0}")]
    Playbook(String),
    /// A playbook does not start: the reason, and which one.
    #[error("{1}: {0}")]
    Refused(Box<nightbell_playbooks::EngineError>, String),
    /// Something outside is not ready; try again.
    #[error("not now: {0}")]
    Later(String),
}

impl Coded for DeskError {
    fn code(&self) -> Code {
        match self {
            Self::Store(e) => e.code(),
            Self::Playbook(_) | Self::Refused(..) => code::HANDLER_FAILED,
            Self::Later(_) => code::CONNECTOR_DOWN,
        }
    }
    fn retryable(&self) -> bool {
        match self {
            Self::Store(e) => e.retryable(),
            Self::Playbook(_) | Self::Refused(..) => false,
            Self::Later(_) => true,
        }
    }
}

/// Result of desk work.
pub type Result<T> = std::result::Result<T, DeskError>;
