//! A fault in one try ends that try. Without this a panic in a connector would end the sender of every eighth
//! destination, and one in a timer the whole ladder, without a word.

use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

/// Runs something; `None` when it panicked. Nothing of a panicked try is committed: a unit of work writes at its end.
pub async fn guarded<F: Future>(work: F) -> Option<F::Output> {
    AssertUnwindSafe(work).catch_unwind().await.ok()
}
