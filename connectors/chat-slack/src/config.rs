//! What the operator sets.

use nightbell_connector_kit::Secret;
use nightbell_connector_kit::address::{self, BadAddress};

/// Slack's own address.
pub const SLACK_API: &str = "https://slack.com/api";

/// How events come in.
#[derive(Debug, Clone)]
pub enum Transport {
    /// WebSockets that we open: no address of ours has to be reachable.
    Socket {
        /// App-level token, `xapp-...`, with `connections:write`.
        app_token: Secret,
        /// Connections held at a time, 1 to 10. With two, one can be renewed without a gap.
        connections: usize,
    },
    /// Slack calls us.
    Http {
        /// The app's signing secret.
        signing_secret: Secret,
    },
}

/// The configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Base of the Web API, without a slash at the end.
    pub api_url: String,
    /// Bot token, `xoxb-...`.
    pub bot_token: Secret,
    /// How events come in.
    pub transport: Transport,
    /// The root command, such as `/nb`.
    pub command: String,
    /// Events of other workspaces are refused when this is set.
    pub team_id: Option<String>,
    /// Events of other apps are refused when this is set.
    pub app_id: Option<String>,
}

/// What is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    /// The address.
    #[error("slack.api_url: {0}")]
    Address(#[from] BadAddress),
    /// A token of another kind, often pasted into the wrong place.
    #[error("{name} must begin with {want}; copy it from {page}")]
    Token {
        /// Configuration key.
        name: &'static str,
        /// How it begins.
        want: &'static str,
        /// Where it is found.
        page: &'static str,
    },
    /// The signing secret is too short to mean anything.
    #[error("slack.signing_secret is missing or too short; copy it from \"Basic Information\" of the app")]
    Signing,
    /// The number of connections.
    #[error("slack.connections must be between 1 and 10")]
    Connections,
    /// The command.
    #[error("slack.command must be a slash and 1 to 31 letters, digits or dashes, such as /nb")]
    Command,
}

impl Config {
    /// Checks what can be checked without a network.
    pub fn check(&self) -> Result<(), BadConfig> {
        address::check(&self.api_url)?;
        let token = |name, secret: &Secret, want: &'static str, page| {
            if secret.expose().starts_with(want) { Ok(()) } else { Err(BadConfig::Token { name, want, page }) }
        };
        token("slack.bot_token", &self.bot_token, "xoxb-", "\"OAuth & Permissions\"")?;
        match &self.transport {
            Transport::Socket { app_token, connections } => {
                token("slack.app_token", app_token, "xapp-", "\"Basic Information\", App-Level Tokens")?;
                if !(1..=10).contains(connections) {
                    return Err(BadConfig::Connections);
                }
            }
            Transport::Http { signing_secret } if !signing_secret.is_strong() => return Err(BadConfig::Signing),
            Transport::Http { .. } => {}
        }
        let word = self.command.strip_prefix('/').unwrap_or_default();
        let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if word.is_empty() || word.len() > 31 || !word.chars().all(fine) {
            return Err(BadConfig::Command);
        }
        Ok(())
    }
}
