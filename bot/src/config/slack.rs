//! The section `[slack]`.

use nightbell_chat_slack::{BadConfig, Config, SLACK_API, Transport};
use nightbell_connector_kit::Secret;
use serde::Deserialize;

/// How Slack is connected.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Slack {
    /// Whether it runs.
    pub enabled: bool,
    /// `socket` or `http`.
    pub mode: String,
    /// Bot token, `xoxb-...`.
    pub bot_token: String,
    /// App-level token, `xapp-...`; for `socket`.
    pub app_token: String,
    /// Signing secret; for `http`.
    pub signing_secret: String,
    /// Connections held at a time, 1 to 10; for `socket`.
    pub connections: usize,
    /// The root command.
    pub command: String,
    /// Events of other workspaces are refused; empty = the workspace of the token.
    pub team_id: String,
    /// Events of other apps are refused; empty = not looked at.
    pub app_id: String,
    /// Base of the Web API.
    pub api_url: String,
}

impl Default for Slack {
    fn default() -> Self {
        Self {
            enabled: false,
            mode: "socket".to_owned(),
            bot_token: String::new(),
            app_token: String::new(),
            signing_secret: String::new(),
            connections: 2,
            command: "/nb".to_owned(),
            team_id: String::new(),
            app_id: String::new(),
            api_url: SLACK_API.to_owned(),
        }
    }
}

impl Slack {
    /// What the connector needs; checked.
    pub fn connector(&self) -> Result<Config, BadConfig> {
        let some = |s: &str| (!s.is_empty()).then(|| s.to_owned());
        let config = Config {
            api_url: self.api_url.clone(),
            bot_token: Secret::new(&self.bot_token),
            transport: if self.mode == "http" {
                Transport::Http { signing_secret: Secret::new(&self.signing_secret) }
            } else {
                Transport::Socket { app_token: Secret::new(&self.app_token), connections: self.connections }
            },
            command: self.command.clone(),
            team_id: some(&self.team_id),
            app_id: some(&self.app_id),
        };
        config.check()?;
        Ok(config)
    }
}

/// What is wrong with the section: the text to point at, why, and what to write instead.
pub fn fault(slack: &Slack) -> Option<(String, String, &'static str)> {
    if !matches!(slack.mode.as_str(), "socket" | "http") {
        return Some((
            slack.mode.clone(),
            format!("slack.mode: `{}` is no way to connect", slack.mode),
            "socket or http",
        ));
    }
    let bad = slack.enabled.then(|| slack.connector().err()).flatten()?;
    let help = "secrets belong into the environment: NIGHTBELL__SLACK__BOT_TOKEN, or ..._FILE for a file";
    Some(("[slack]".to_owned(), bad.to_string(), help))
}
