//! What a workspace holds.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A person or a bot.
#[derive(Debug, Clone, Default)]
pub struct User {
    /// Such as `U100`.
    pub id: String,
    /// Short name.
    pub name: String,
    /// Name as shown.
    pub real_name: String,
    /// Given with `users:read.email` only.
    pub email: Option<String>,
    /// Deactivated.
    pub deleted: bool,
    /// Not a person.
    pub is_bot: bool,
    /// A guest.
    pub is_restricted: bool,
    /// Of another workspace, seen in a shared channel.
    pub stranger: bool,
    /// Home workspace.
    pub team_id: String,
    /// Organisation above it.
    pub enterprise_id: Option<String>,
    /// Such as `en-US`.
    pub locale: Option<String>,
}

impl User {
    /// The user object of the Web API.
    pub fn json(&self, with_email: bool) -> Value {
        let mut profile = json!({ "real_name": self.real_name, "display_name": self.name, "team": self.team_id });
        if let (true, Some(mail)) = (with_email, &self.email) {
            profile["email"] = json!(mail);
        }
        let mut v = json!({ "id": self.id, "team_id": self.team_id, "name": self.name, "real_name": self.real_name,
            "deleted": self.deleted, "is_bot": self.is_bot, "is_restricted": self.is_restricted,
            "is_ultra_restricted": false, "is_stranger": self.stranger, "is_admin": false, "is_owner": false,
            "is_app_user": false, "tz": "Etc/UTC", "tz_offset": 0, "updated": 0, "profile": profile });
        if let Some(e) = &self.enterprise_id {
            v["enterprise_user"] = json!({ "id": self.id, "enterprise_id": e, "teams": [self.team_id] });
        }
        if let Some(l) = &self.locale {
            v["locale"] = json!(l);
        }
        v
    }
}

/// What sort of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelKind {
    /// Everyone may join.
    Public,
    /// By invitation.
    Private,
    /// Two people.
    Im,
    /// A few people without a name for it.
    Mpim,
}

impl ChannelKind {
    /// As in scopes: `channels`, `groups`, `im`, `mpim`.
    pub fn family(self) -> &'static str {
        match self {
            Self::Public => "channels",
            Self::Private => "groups",
            Self::Im => "im",
            Self::Mpim => "mpim",
        }
    }

    /// As in the `channel_type` of events.
    pub fn event(self) -> &'static str {
        match self {
            Self::Public => "channel",
            Self::Private => "group",
            Self::Im => "im",
            Self::Mpim => "mpim",
        }
    }
}

/// A conversation.
#[derive(Debug, Clone)]
pub struct Channel {
    /// `C...`, `D...` or `G...`.
    pub id: String,
    /// Empty for direct messages.
    pub name: String,
    /// Sort.
    pub kind: ChannelKind,
    /// Who is in it.
    pub members: BTreeSet<String>,
    /// Read only.
    pub archived: bool,
    /// Topic.
    pub topic: String,
    /// Purpose.
    pub purpose: String,
    /// Links at the top, as given.
    pub bookmarks: Vec<Value>,
    /// `ts` of pinned messages.
    pub pins: BTreeSet<String>,
    /// Shared with another workspace.
    pub shared: bool,
    /// When it was made.
    pub created: Timestamp,
    /// In order of `ts`.
    pub messages: Vec<Message>,
}

impl Channel {
    /// The channel object of the Web API, as the bot sees it.
    pub fn json(&self, bot: &str) -> Value {
        let created = self.created.as_second();
        if self.kind == ChannelKind::Im {
            let other = self.members.iter().find(|m| *m != bot).cloned().unwrap_or_default();
            return json!({ "id": self.id, "created": created, "is_im": true, "is_archived": self.archived,
                "is_org_shared": false, "user": other, "is_user_deleted": false, "priority": 0.0 });
        }
        json!({ "id": self.id, "name": self.name, "name_normalized": self.name, "created": created,
            "creator": bot, "is_channel": self.kind == ChannelKind::Public, "is_group": self.kind == ChannelKind::Private,
            "is_im": false, "is_mpim": self.kind == ChannelKind::Mpim, "is_private": self.kind != ChannelKind::Public,
            "is_archived": self.archived, "is_general": false, "is_shared": self.shared, "is_ext_shared": self.shared,
            "is_org_shared": false, "is_member": self.members.contains(bot), "num_members": self.members.len(),
            "topic": { "value": self.topic, "creator": "", "last_set": 0 },
            "purpose": { "value": self.purpose, "creator": "", "last_set": 0 } })
    }

    /// The message of that `ts` which nobody deleted.
    pub fn message(&self, ts: &str) -> Option<&Message> {
        self.messages.iter().find(|m| m.ts == ts && !m.deleted)
    }

    /// The same, to change it.
    pub fn message_mut(&mut self, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|m| m.ts == ts && !m.deleted)
    }
}

/// A message.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Id within its channel, `seconds.micros`; never a number.
    pub ts: String,
    /// Who wrote it.
    pub user: String,
    /// Set when a bot wrote it.
    pub bot_id: Option<String>,
    /// Text in mrkdwn.
    pub text: String,
    /// Blocks; every one has a block_id.
    pub blocks: Vec<Value>,
    /// First message of its thread.
    pub thread_ts: Option<String>,
    /// `{event_type, event_payload}`.
    pub metadata: Option<Value>,
    /// `ts` of the last change.
    pub edited: Option<String>,
    /// Only this user sees it.
    pub ephemeral_to: Option<String>,
    /// Such as `file_share`.
    pub subtype: Option<String>,
    /// File objects.
    pub files: Vec<Value>,
    /// Name and people.
    pub reactions: Vec<(String, BTreeSet<String>)>,
    /// Gone for readers; kept for the tests.
    pub deleted: bool,
    /// Texts before each change.
    pub earlier: Vec<String>,
}

impl Message {
    /// The message object. Metadata only when asked for.
    pub fn json(&self, team: &str, app: &str, with_metadata: bool) -> Value {
        let mut v = json!({ "type": "message", "user": self.user, "ts": self.ts, "text": self.text, "team": team });
        if let Some(b) = &self.bot_id {
            v["bot_id"] = json!(b);
            v["app_id"] = json!(app);
        }
        let optional: [(&str, Option<Value>); 4] = [
            ("subtype", self.subtype.as_ref().map(|s| json!(s))),
            ("thread_ts", self.thread_ts.as_ref().map(|s| json!(s))),
            ("edited", self.edited.as_ref().map(|ts| json!({ "user": self.user, "ts": ts }))),
            ("metadata", self.metadata.clone().filter(|_| with_metadata)),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                v[key] = value;
            }
        }
        if !self.blocks.is_empty() {
            v["blocks"] = json!(self.blocks);
        }
        if !self.files.is_empty() {
            v["files"] = json!(self.files);
        }
        if !self.reactions.is_empty() {
            let all = self.reactions.iter().map(|(n, u)| json!({ "name": n, "users": u, "count": u.len() }));
            v["reactions"] = Value::Array(all.collect());
        }
        v
    }
}

/// A file.
#[derive(Debug, Clone)]
pub struct File {
    /// Such as `F100`.
    pub id: String,
    /// The file object of the Web API.
    pub object: Value,
    /// What a download gives.
    pub bytes: Vec<u8>,
    /// False between the two calls of an upload.
    pub complete: bool,
}

/// A modal or a home tab.
#[derive(Debug, Clone)]
pub struct View {
    /// Such as `V100`.
    pub id: String,
    /// Who sees it.
    pub user: String,
    /// As the app gave it, with block ids.
    pub body: Value,
    /// Changes with every update.
    pub hash: String,
    /// First view of the stack.
    pub root: String,
    /// The view below.
    pub previous: Option<String>,
    /// Still shown.
    pub open: bool,
    /// Block id and text of the last `errors` ack.
    pub errors: Map<String, Value>,
}

impl View {
    /// The view object of the Web API.
    pub fn json(&self, team: &str, app: &str, bot: &str, values: Value) -> Value {
        let mut v = self.body.clone();
        let more = json!({ "id": self.id, "team_id": team, "app_id": app, "bot_id": bot, "hash": self.hash,
            "root_view_id": self.root, "previous_view_id": self.previous, "app_installed_team_id": team,
            "state": { "values": values } });
        if let (Value::Object(v), Value::Object(more)) = (&mut v, more) {
            v.extend(more);
            for key in ["private_metadata", "callback_id", "external_id"] {
                v.entry(key).or_insert_with(|| json!(""));
            }
            for key in ["clear_on_close", "notify_on_close"] {
                v.entry(key).or_insert(Value::Bool(false));
            }
            for key in ["close", "submit"] {
                v.entry(key).or_insert(Value::Null);
            }
        }
        v
    }
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Web API.
    Bot,
    /// Opening sockets.
    App,
}

/// A token.
#[derive(Debug, Clone)]
pub struct Token {
    /// The secret.
    pub value: String,
    /// What for.
    pub kind: TokenKind,
    /// What it may do.
    pub scopes: BTreeSet<String>,
    /// Taken back.
    pub revoked: bool,
}

/// Allows one view to be opened.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// The id.
    pub id: String,
    /// Who pressed.
    pub user: String,
    /// When; it lasts three seconds.
    pub at: Timestamp,
    /// Used.
    pub used: bool,
    /// View in which the press was made.
    pub view: Option<String>,
}

/// Where an interaction may be answered: five times within thirty minutes.
#[derive(Debug, Clone)]
pub struct ResponseUrl {
    /// Path of the URL.
    pub path: String,
    /// Channel.
    pub channel: String,
    /// Who acted.
    pub user: String,
    /// Message on which it was pressed.
    pub message: Option<String>,
    /// When.
    pub at: Timestamp,
    /// How often it was used.
    pub uses: u32,
}
