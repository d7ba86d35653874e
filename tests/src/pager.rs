//! A paging service with a ledger.

use async_trait::async_trait;
use nightbell_core::port::chat::SendError;
use nightbell_core::port::pager::{PageText, Pager};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
struct Inner {
    rang: Vec<PageText>,
    tries: usize,
    script: VecDeque<SendError>,
}

/// Rings once per key, however often it is asked.
#[derive(Debug)]
pub struct FakePager {
    name: String,
    inner: Mutex<Inner>,
}

impl FakePager {
    /// With the name of the ladder's configuration, such as `webhook:pager`.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), inner: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next tries end like this.
    pub fn script(&self, errors: impl IntoIterator<Item = SendError>) {
        self.lock().script.extend(errors);
    }

    /// What rang, once per key.
    pub fn rang(&self) -> Vec<PageText> {
        self.lock().rang.clone()
    }

    /// How often it was asked.
    pub fn tries(&self) -> usize {
        self.lock().tries
    }
}

#[async_trait]
impl Pager for FakePager {
    fn name(&self) -> &str {
        &self.name
    }

    async fn page(&self, page: &PageText) -> Result<(), SendError> {
        let mut inner = self.lock();
        inner.tries += 1;
        if let Some(e) = inner.script.pop_front() {
            return Err(e);
        }
        if !inner.rang.iter().any(|p| p.key == page.key) {
            inner.rang.push(page.clone());
        }
        Ok(())
    }
}
