//! Addresses, secrets and scopes from which a workspace starts.

use crate::ids::Ids;
use crate::model::{Token, TokenKind};

/// Where the parts of the service are, without a slash at the end.
#[derive(Debug, Clone)]
pub struct Hosts {
    /// The Web API is below `/api/` of it.
    pub api: String,
    /// Downloads and uploads.
    pub files: String,
    /// Response URLs.
    pub hooks: String,
}

impl Default for Hosts {
    fn default() -> Self {
        Self {
            api: "https://slack.com".to_owned(),
            files: "https://files.slack.com".to_owned(),
            hooks: "https://hooks.slack.com".to_owned(),
        }
    }
}

impl Hosts {
    /// Everything at one address.
    pub fn all_at(base: &str) -> Self {
        Self { api: base.to_owned(), files: base.to_owned(), hooks: base.to_owned() }
    }
}

/// Secrets of the app.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// For the Web API.
    pub bot_token: String,
    /// For sockets.
    pub app_token: String,
    /// Key of the signature of deliveries over HTTP.
    pub signing_secret: String,
}

impl Secrets {
    /// New ones from a seed. Put together at run time, so that no source holds anything like a token.
    pub fn from_seed(seed: u64) -> Self {
        let mut ids = Ids::new(seed ^ 0x5eed_0000_0000_0001);
        Self {
            bot_token: format!("{}-{}-{}", ["xo", "xb"].concat(), ids.below(1 << 40), ids.hex(24)),
            app_token: format!("{}-1-{}-{}", ["xa", "pp"].concat(), ids.object("A"), ids.hex(40)),
            signing_secret: ids.hex(32),
        }
    }
}

/// Scopes that the bot token has from the start.
pub const SCOPES: [&str; 33] = [
    "app_mentions:read",
    "bookmarks:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "mpim:write",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
    "channels:write.invites",
    "channels:write.topic",
    "groups:write.invites",
    "groups:write.topic",
    "im:write.topic",
    "mpim:write.topic",
    "metadata.message:read",
];

/// The tokens of the app with all scopes.
pub(crate) fn tokens_of(secrets: &Secrets) -> Vec<Token> {
    let token = |value: &String, kind, scopes: &[&str]| Token {
        value: value.clone(),
        kind,
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        revoked: false,
    };
    vec![
        token(&secrets.bot_token, TokenKind::Bot, &SCOPES),
        token(&secrets.app_token, TokenKind::App, &["connections:write"]),
    ]
}
