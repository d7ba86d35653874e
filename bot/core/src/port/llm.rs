//! A language model. It can only add: nothing in the bot depends on an answer.

use async_trait::async_trait;
use std::time::Duration;

/// A question to a model. All text is redacted before it is put here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Instructions by us.
    pub system: String,
    /// Data, never instructions.
    pub user: String,
    /// Most tokens of the answer.
    pub max_tokens: u32,
    /// Deadline, queueing and retries included.
    pub deadline: Duration,
}

/// Why there is no answer. The caller always has an offline answer ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// No model is configured.
    #[error("no model is configured")]
    None,
    /// It did not answer in time or at all.
    #[error("the model did not answer: {0}")]
    Unavailable(String),
    /// It answered something unusable.
    #[error("the model's answer was not usable")]
    Unusable,
}

/// The model port.
#[async_trait]
pub trait Llm: Send + Sync {
    /// One completion.
    async fn complete(&self, prompt: Prompt) -> Result<String, LlmError>;
}

/// No model: the default. Everything works without one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoModel;

#[async_trait]
impl Llm for NoModel {
    async fn complete(&self, _prompt: Prompt) -> Result<String, LlmError> {
        Err(LlmError::None)
    }
}
