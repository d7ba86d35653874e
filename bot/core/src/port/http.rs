//! Outgoing HTTP. Connectors speak through this port, so that faults can be played.

use async_trait::async_trait;
use std::time::Duration;

/// A request. Bodies are small by nature (calls and pages), so they are whole.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET`, `POST` ...
    pub method: &'static str,
    /// Absolute URL from configuration.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Deadline of the whole exchange.
    pub timeout: Duration,
    /// Most bytes of the response that are read.
    pub max_response: usize,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Body up to the cap.
    pub body: Vec<u8>,
}

impl Response {
    /// First header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The request did not leave: certainly nothing happened.
    #[error("could not connect: {0}")]
    NotSent(String),
    /// It left and no answer came: nobody knows.
    #[error("no answer: {0}")]
    NoAnswer(String),
    /// The answer was larger than the cap.
    #[error("the answer has more than {0} bytes")]
    TooBig(usize),
}

/// An HTTP client. Follows no redirects.
#[async_trait]
pub trait Http: Send + Sync {
    /// One exchange.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;
}
