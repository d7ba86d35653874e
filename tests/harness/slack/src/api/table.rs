//! Which methods there are, what they need and how often they may be called.

use super::{Answer, Ask, chat, conversations, files, more, people, views};
use crate::model::ChannelKind;
use crate::state::SlackState;

/// What a token must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Not even a token.
    Nothing,
    /// A bot token or an app token, no scope.
    AnyToken,
    /// An app token with `connections:write`.
    Socket,
    /// One of these scopes; none listed: the token is enough.
    Scope(&'static [&'static str]),
    /// `<family>:history`.
    History,
    /// `<family>:read`.
    Read,
    /// `channels:manage`, `groups:write`, `im:write`, `mpim:write`.
    Manage,
}

impl Need {
    /// One of these is needed for a conversation of that sort; for an unknown one any of the four.
    pub fn scopes(self, kind: Option<ChannelKind>) -> Vec<String> {
        let per_kind = |verb: &dyn Fn(ChannelKind) -> String| match kind {
            Some(k) => vec![verb(k)],
            None => [ChannelKind::Public, ChannelKind::Private, ChannelKind::Im, ChannelKind::Mpim].map(verb).to_vec(),
        };
        match self {
            Self::Nothing | Self::AnyToken => Vec::new(),
            Self::Socket => vec!["connections:write".to_owned()],
            Self::Scope(s) => s.iter().map(|s| (*s).to_owned()).collect(),
            Self::History => per_kind(&|k| format!("{}:history", k.family())),
            Self::Read => per_kind(&|k| format!("{}:read", k.family())),
            Self::Manage => per_kind(&|k| match k {
                ChannelKind::Public => "channels:manage".to_owned(),
                other => format!("{}:write", other.family()),
            }),
        }
    }
}

/// A method.
#[derive(Debug)]
pub(super) struct Method {
    pub name: &'static str,
    /// 1 to 4 as Slack counts; 0 is posting, one message per second and channel; 5 is special, as tier 4.
    pub tier: u8,
    pub need: Need,
    pub run: fn(&mut SlackState, &Ask) -> Answer,
}

const fn m(name: &'static str, tier: u8, need: Need, run: fn(&mut SlackState, &Ask) -> Answer) -> Method {
    Method { name, tier, need, run }
}

const WRITE: Need = Need::Scope(&["chat:write"]);
const FILES: Need = Need::Scope(&["files:write"]);
const PEOPLE: Need = Need::Scope(&["users:read"]);
const REACT: Need = Need::Scope(&["reactions:write"]);

static METHODS: [Method; 46] = [
    m("api.test", 4, Need::Nothing, more::api_test),
    m("apps.connections.open", 1, Need::Socket, more::connections_open),
    m("auth.test", 5, Need::AnyToken, more::auth_test),
    m("bookmarks.add", 2, Need::Scope(&["bookmarks:write"]), more::bookmarks_add),
    m("bots.info", 3, PEOPLE, more::bots_info),
    m("chat.delete", 3, WRITE, chat::delete),
    m("chat.getPermalink", 5, Need::Scope(&[]), chat::permalink),
    m("chat.postEphemeral", 4, WRITE, chat::ephemeral),
    m("chat.postMessage", 0, WRITE, chat::post),
    m("chat.update", 3, WRITE, chat::update),
    m("conversations.archive", 2, Need::Manage, conversations::archive),
    m("conversations.create", 2, Need::Scope(&["channels:manage", "groups:write"]), conversations::create),
    m("conversations.history", 3, Need::History, conversations::history),
    m("conversations.info", 3, Need::Read, conversations::info),
    m("conversations.invite", 3, Need::Manage, conversations::invite),
    m("conversations.join", 3, Need::Scope(&["channels:join"]), conversations::join),
    m("conversations.kick", 3, Need::Manage, conversations::kick),
    m("conversations.leave", 3, Need::Manage, conversations::leave),
    m("conversations.list", 2, Need::Read, conversations::list),
    m("conversations.members", 4, Need::Read, conversations::members),
    m("conversations.open", 3, Need::Scope(&["im:write", "mpim:write"]), conversations::open),
    m("conversations.rename", 2, Need::Manage, conversations::rename),
    m("conversations.replies", 3, Need::History, conversations::replies),
    m("conversations.setPurpose", 2, Need::Manage, conversations::set_purpose),
    m("conversations.setTopic", 2, Need::Manage, conversations::set_topic),
    m("conversations.unarchive", 2, Need::Manage, conversations::unarchive),
    m("files.completeUploadExternal", 4, FILES, files::complete),
    m("files.delete", 3, FILES, files::delete),
    m("files.getUploadURLExternal", 4, FILES, files::upload_url),
    m("files.info", 4, Need::Scope(&["files:read"]), files::info),
    m("pins.add", 2, Need::Scope(&["pins:write"]), more::pins_add),
    m("pins.remove", 2, Need::Scope(&["pins:write"]), more::pins_remove),
    m("reactions.add", 3, REACT, more::reactions_add),
    m("reactions.get", 3, Need::Scope(&["reactions:read"]), more::reactions_get),
    m("reactions.remove", 2, REACT, more::reactions_remove),
    m("team.info", 3, Need::Scope(&["team:read"]), more::team_info),
    m("usergroups.list", 2, Need::Scope(&["usergroups:read"]), people::groups),
    m("usergroups.users.list", 2, Need::Scope(&["usergroups:read"]), people::group_users),
    m("users.conversations", 3, Need::Read, people::conversations),
    m("users.info", 4, PEOPLE, people::info),
    m("users.list", 2, PEOPLE, people::list),
    m("users.lookupByEmail", 3, Need::Scope(&["users:read.email"]), people::by_email),
    m("views.open", 4, Need::Scope(&[]), views::open),
    m("views.publish", 4, Need::Scope(&[]), views::publish),
    m("views.push", 4, Need::Scope(&[]), views::push),
    m("views.update", 4, Need::Scope(&[]), views::update),
];

/// The method of that name.
pub(super) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|m| m.name == name)
}

/// The tier of a method; what is not a method is not limited in practice.
pub(super) fn tier(name: &str) -> u8 {
    find(name).map_or(5, |m| m.tier)
}

/// All names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|m| m.name)
}
