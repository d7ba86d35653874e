//! The workspace: people, channels, messages, and what the app did to them.

use crate::fault::Faults;
use crate::ids::Ids;
use crate::ledger::Call;
use crate::limits::Limits;
use crate::model::{Channel, ChannelKind, File, Message, ResponseUrl, Token, TokenKind, Trigger, User, View};
use crate::out::Delivery;
use crate::record::Recorder;
use crate::setup::{Hosts, Secrets, tokens_of};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// One workspace with one app in it. Sync, without a clock and without a socket: every call takes the time.
#[derive(Debug)]
pub struct SlackState {
    /// Workspace id.
    pub team_id: String,
    /// Workspace domain.
    pub domain: String,
    /// Organisation above it.
    pub enterprise_id: Option<String>,
    /// App id.
    pub app_id: String,
    /// User id of the bot.
    pub bot_user: String,
    /// Bot id, as in `bot_id` of messages.
    pub bot_id: String,
    /// The legacy verification token in payloads.
    pub verification_token: String,
    /// Addresses in payloads.
    pub hosts: Hosts,
    /// Secrets of the app.
    pub secrets: Secrets,
    /// Whether the app hears its own messages, as it does with Slack. On from the start.
    pub echo_own: bool,
    /// Event types that the app does not get, such as `message` or `member_joined_channel`.
    pub unsubscribed: BTreeSet<String>,
    /// An unacknowledged event is delivered again after these seconds, one number per retry. Slack: at once, one
    /// minute, five minutes after the three seconds.
    pub redeliver_after: [f64; 3],
    /// What an opened socket URL starts with, such as `ws://127.0.0.1:1234`.
    pub socket_base: String,
    pub(crate) tokens: Vec<Token>,
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) channels: BTreeMap<String, Channel>,
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) views: BTreeMap<String, View>,
    pub(crate) homes: BTreeMap<String, String>,
    pub(crate) groups: BTreeMap<String, (String, Vec<String>)>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) response_urls: Vec<ResponseUrl>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) calls: Vec<Call>,
    pub(crate) tickets: BTreeMap<String, bool>,
    pub(crate) strange: Vec<String>,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) recorder: Recorder,
    pub(crate) ids: Ids,
    last_ts: i64,
}

impl SlackState {
    /// A workspace with the bot, the users `U1` to `U3` (employee, colleague, responder), the public channels `C1` (general) and
    /// `C2` (security), both with everybody in them.
    pub fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed);
        let secrets = Secrets::from_seed(seed);
        let mut s = Self {
            team_id: ids.object("T"),
            domain: "acme".to_owned(),
            enterprise_id: None,
            app_id: ids.object("A"),
            bot_user: ids.object("U"),
            bot_id: ids.object("B"),
            verification_token: ids.hex(24),
            hosts: Hosts::default(),
            tokens: tokens_of(&secrets),
            secrets,
            echo_own: true,
            unsubscribed: BTreeSet::new(),
            redeliver_after: [3.0, 60.0, 300.0],
            socket_base: "wss://wss-primary.slack.com".to_owned(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
            files: BTreeMap::new(),
            views: BTreeMap::new(),
            homes: BTreeMap::new(),
            groups: BTreeMap::new(),
            triggers: Vec::new(),
            response_urls: Vec::new(),
            deliveries: Vec::new(),
            calls: Vec::new(),
            tickets: BTreeMap::new(),
            strange: Vec::new(),
            faults: Faults::default(),
            limits: Limits::default(),
            recorder: Recorder::default(),
            ids,
            last_ts: 0,
        };
        let bot = s.bot_user.clone();
        s.put_user(User {
            id: bot,
            name: "nightbell".into(),
            real_name: "Nightbell".into(),
            is_bot: true,
            ..User::default()
        });
        for (id, name) in [("U1", "Employee"), ("U2", "Colleague"), ("U3", "Responder")] {
            s.add_user(id, name, &format!("{}@example.com", name.to_lowercase()));
        }
        s.add_channel("C1", "general", ChannelKind::Public, &["U1", "U2", "U3"], true);
        s.add_channel("C2", "security", ChannelKind::Public, &["U1", "U2", "U3"], true);
        s
    }

    /// Other secrets than those from the seed.
    pub fn set_secrets(&mut self, secrets: Secrets) {
        self.tokens = tokens_of(&secrets);
        self.secrets = secrets;
    }

    /// What the bot token may do from now on.
    pub fn set_scopes<S: Into<String>>(&mut self, scopes: impl IntoIterator<Item = S>) {
        let scopes: BTreeSet<String> = scopes.into_iter().map(Into::into).collect();
        for t in self.tokens.iter_mut().filter(|t| t.kind == TokenKind::Bot) {
            t.scopes.clone_from(&scopes);
        }
    }

    /// Takes a token back; later calls answer `token_revoked`.
    pub fn revoke(&mut self, token: &str) {
        for t in self.tokens.iter_mut().filter(|t| t.value == token) {
            t.revoked = true;
        }
    }

    /// Adds or replaces a user. An empty team becomes this workspace.
    pub fn put_user(&mut self, mut user: User) {
        if user.team_id.is_empty() {
            user.team_id.clone_from(&self.team_id);
        }
        self.users.insert(user.id.clone(), user);
    }

    /// Adds a user of this workspace.
    pub fn add_user(&mut self, id: &str, name: &str, email: &str) {
        self.put_user(User {
            id: id.to_owned(),
            name: name.to_lowercase(),
            real_name: name.to_owned(),
            email: Some(email.to_owned()),
            ..User::default()
        });
    }

    /// A user, to change it.
    pub fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.get_mut(id)
    }

    /// A user.
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    /// Adds a channel.
    pub fn add_channel(&mut self, id: &str, name: &str, kind: ChannelKind, members: &[&str], with_bot: bool) {
        let mut all: BTreeSet<String> = members.iter().map(|m| (*m).to_owned()).collect();
        if with_bot {
            all.insert(self.bot_user.clone());
        }
        self.channels.insert(
            id.to_owned(),
            Channel {
                id: id.to_owned(),
                name: name.to_owned(),
                kind,
                members: all,
                archived: false,
                topic: String::new(),
                purpose: String::new(),
                bookmarks: Vec::new(),
                pins: BTreeSet::new(),
                shared: false,
                created: Timestamp::UNIX_EPOCH,
                messages: Vec::new(),
            },
        );
    }

    /// A channel.
    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.get(id)
    }

    /// A channel, to change it.
    pub fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.get_mut(id)
    }

    /// All channels, direct messages too.
    pub fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    /// The direct message between the bot and a user, made when there is none.
    pub fn dm(&mut self, user: &str) -> String {
        let bot = self.bot_user.clone();
        self.conversation_of(&[user.to_owned(), bot])
    }

    /// The direct message of these people, made when there is none.
    pub(crate) fn conversation_of(&mut self, people: &[String]) -> String {
        let members: BTreeSet<String> = people.iter().cloned().collect();
        let kind = if members.len() > 2 { ChannelKind::Mpim } else { ChannelKind::Im };
        let known = self.channels.values().find(|c| c.kind == kind && c.members == members);
        if let Some(c) = known {
            return c.id.clone();
        }
        let id = self.ids.object(if kind == ChannelKind::Im { "D" } else { "G" });
        let names: Vec<&str> = members.iter().map(String::as_str).collect();
        self.add_channel(&id, "", kind, &names, false);
        id
    }

    /// The user group of an id: handle and members.
    pub fn add_group(&mut self, id: &str, handle: &str, members: &[&str]) {
        self.groups.insert(id.to_owned(), (handle.to_owned(), members.iter().map(|m| (*m).to_owned()).collect()));
    }

    /// A view that is shown or was.
    pub fn view(&self, id: &str) -> Option<&View> {
        self.views.get(id)
    }

    /// The modal on top of a user's screen.
    pub fn open_view(&self, user: &str) -> Option<&View> {
        let open: Vec<&View> =
            self.views.values().filter(|v| v.user == user && v.open && v.body["type"] == "modal").collect();
        let below = |v: &View| open.iter().any(|o| o.previous.as_deref() == Some(v.id.as_str()));
        open.iter().copied().find(|v| !below(v))
    }

    /// The home tab of a user.
    pub fn home(&self, user: &str) -> Option<&View> {
        self.views.get(self.homes.get(user)?)
    }

    /// A file.
    pub fn file(&self, id: &str) -> Option<&File> {
        self.files.get(id)
    }

    /// Every call that came, oldest first.
    pub fn ledger(&self) -> &[Call] {
        &self.calls
    }

    /// Calls of one method.
    pub fn calls_of<'a>(&'a self, method: &'a str) -> impl Iterator<Item = &'a Call> {
        self.calls.iter().filter(move |c| c.method == method)
    }

    /// Calls that came before an earlier Retry-After had passed.
    pub fn violations(&self) -> Vec<&Call> {
        self.calls.iter().filter(|c| c.too_early).collect()
    }

    /// What the app sent over a socket that is no acknowledgement of anything.
    pub fn strange_frames(&self) -> &[String] {
        &self.strange
    }

    /// Uses the ticket of a socket up. False when there is no such ticket or it was used.
    pub(crate) fn use_ticket(&mut self, ticket: &str) -> bool {
        self.tickets.get_mut(ticket).is_some_and(|used| !std::mem::replace(used, true))
    }

    /// A frame that the app sent over a socket.
    pub(crate) fn frame(&mut self, now: Timestamp, text: &str) {
        let v: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        let known = v["envelope_id"].as_str().is_some_and(|id| self.ack(now, id, v.get("payload").cloned()));
        if !known {
            self.strange.push(text.chars().take(2_000).collect());
        }
    }

    /// A `ts` that nothing else has.
    pub(crate) fn next_ts(&mut self, now: Timestamp) -> String {
        self.last_ts = now.as_microsecond().max(self.last_ts + 1);
        format!("{}.{:06}", self.last_ts.div_euclid(1_000_000), self.last_ts.rem_euclid(1_000_000))
    }

    /// Puts a message into its channel; it must exist.
    pub(crate) fn put_message(&mut self, channel: &str, mut message: Message) {
        for block in &mut message.blocks {
            self.ids.complete(block);
        }
        if let Some(c) = self.channels.get_mut(channel) {
            c.messages.push(message);
        }
    }

    pub(crate) fn trigger(&mut self, now: Timestamp, user: &str, view: Option<&str>) -> String {
        let id = format!("{}.{}.{}", self.ids.below(1 << 42), self.ids.below(1 << 42), self.ids.hex(32));
        let view = view.map(str::to_owned);
        self.triggers.push(Trigger { id: id.clone(), user: user.to_owned(), at: now, used: false, view });
        id
    }

    /// A new response URL.
    pub(crate) fn response_url(
        &mut self,
        now: Timestamp,
        kind: &str,
        user: &str,
        channel: &str,
        message: Option<&str>,
    ) -> String {
        let path = format!("/{kind}/{}/{}/{}", self.team_id, self.ids.below(1 << 42), self.ids.hex(24));
        let url = format!("{}{path}", self.hosts.hooks);
        self.response_urls.push(ResponseUrl {
            path,
            channel: channel.to_owned(),
            user: user.to_owned(),
            message: message.map(str::to_owned),
            at: now,
            uses: 0,
        });
        url
    }
}
