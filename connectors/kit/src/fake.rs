//! Stand-ins for tests: an HTTP port made of a closure that records what was sent, and a clock that stands still.

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use std::sync::{Arc, Mutex, PoisonError};

type Answering = dyn Fn(&Request) -> Result<Response, HttpError> + Send + Sync;

/// Answers by a closure.
pub struct FakeHttp {
    answer: Box<Answering>,
    seen: Mutex<Vec<Request>>,
}

impl FakeHttp {
    /// From a closure.
    pub fn new(answer: impl Fn(&Request) -> Result<Response, HttpError> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), seen: Mutex::default() })
    }

    /// Always the same.
    pub fn always(result: Result<Response, HttpError>) -> Arc<Self> {
        Self::new(move |_| result.clone())
    }

    /// What was sent so far, in order.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Http for FakeHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let result = (self.answer)(&request);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        result
    }
}

/// A response without headers.
pub fn response(status: u16, body: &str) -> Response {
    Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
}

/// A response with one header; give its name in lower case, as the port promises.
pub fn response_with(status: u16, name: &str, value: &str) -> Response {
    Response { status, headers: vec![(name.to_owned(), value.to_owned())], body: Vec::new() }
}

/// First value of a header of a request, whatever its case.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
}

/// A clock that stands still; sleeping returns at once.
#[derive(Debug, Clone, Copy)]
pub struct StillClock(pub Timestamp);

#[async_trait]
impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        self.0
    }
    async fn sleep_until(&self, _at: Timestamp) {}
}
