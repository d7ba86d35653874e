//! The wrapper of events, and events that are not messages.

use super::Kind;
use crate::state::SlackState;
use jiff::Timestamp;
use serde_json::{Value, json};

impl SlackState {
    /// An event in its wrapper; nothing when the app did not subscribe to that type or has not its scope. The number of the delivery.
    pub(crate) fn emit(&mut self, now: Timestamp, event: Value) -> Option<usize> {
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        if self.unsubscribed.contains(&kind) {
            return None;
        }
        let channel = event["channel"].as_str().unwrap_or_default().to_owned();
        if let Some(scope) = self.scope_of(&kind, &channel)
            && !self.bot_scopes().contains(&scope)
        {
            return None;
        }
        let event_id = self.ids.object("Ev");
        let mut payload = json!({ "token": self.verification_token, "team_id": self.team_id,
            "context_team_id": self.team_id, "api_app_id": self.app_id, "event": event, "type": "event_callback",
            "event_id": event_id, "event_time": now.as_second(),
            "authorizations": [{ "enterprise_id": self.enterprise_id, "team_id": self.team_id,
                "user_id": self.bot_user, "is_bot": true, "is_enterprise_install": false }],
            "is_ext_shared_channel": self.channels.get(&channel).is_some_and(|c| c.shared),
            "event_context": format!("4-{kind}-{}-{channel}", self.team_id) });
        if let Some(e) = &self.enterprise_id {
            payload["enterprise_id"] = json!(e);
        }
        Some(self.send(now, Kind::EventsApi, payload))
    }

    /// The scope without which an event of that type is not sent.
    fn scope_of(&self, kind: &str, channel: &str) -> Option<String> {
        let family = self.channels.get(channel).map(|c| c.kind.family());
        Some(match kind {
            "message" => format!("{}:history", family?),
            "member_joined_channel" => format!("{}:read", family?),
            "app_mention" => "app_mentions:read".to_owned(),
            "reaction_added" => "reactions:read".to_owned(),
            "user_change" => "users:read".to_owned(),
            _ => return None,
        })
    }

    /// A user reacts to a message.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn react(&mut self, now: Timestamp, user: &str, channel: &str, ts: &str, name: &str) -> Result<(), String> {
        let c = self.channels.get_mut(channel).ok_or_else(|| format!("no channel {channel}"))?;
        let m = c.message_mut(ts).ok_or_else(|| format!("no message {ts} in {channel}"))?;
        if !m.reactions.iter().any(|(n, _)| n == name) {
            m.reactions.push((name.to_owned(), std::collections::BTreeSet::new()));
        }
        for (_, users) in m.reactions.iter_mut().filter(|(n, _)| n == name) {
            users.insert(user.to_owned());
        }
        let author = m.user.clone();
        let event_ts = self.next_ts(now);
        self.emit(
            now,
            json!({ "type": "reaction_added", "user": user, "reaction": name, "item_user": author,
            "item": { "type": "message", "channel": channel, "ts": ts }, "event_ts": event_ts }),
        );
        Ok(())
    }

    /// Somebody comes into a channel.
    pub fn join_member(&mut self, now: Timestamp, channel: &str, user: &str) {
        let Some(c) = self.channels.get_mut(channel) else { return };
        let (new, kind) = (c.members.insert(user.to_owned()), c.kind);
        if new && c.members.contains(&self.bot_user) {
            let letter = if kind == crate::model::ChannelKind::Private { "G" } else { "C" };
            let event_ts = self.next_ts(now);
            self.emit(
                now,
                json!({ "type": "member_joined_channel", "user": user, "channel": channel,
                "channel_type": letter, "team": self.team_id, "event_ts": event_ts }),
            );
        }
    }

    /// Tells the app of the present state of a user, after [`SlackState::user_mut`].
    pub fn user_change(&mut self, now: Timestamp, user: &str) {
        let Some(u) = self.users.get(user) else { return };
        let shown = u.json(self.bot_scopes().contains("users:read.email"));
        let event_ts = self.next_ts(now);
        self.emit(
            now,
            json!({ "type": "user_change", "user": shown, "cache_ts": now.as_second(), "event_ts": event_ts }),
        );
    }

    /// All tokens are taken back, and the app is told.
    pub fn tokens_revoked(&mut self, now: Timestamp) {
        let bot = self.secrets.bot_token.clone();
        self.revoke(&bot);
        let event_ts = self.next_ts(now);
        self.emit(now, json!({ "type": "tokens_revoked", "tokens": { "oauth": [], "bot": [self.bot_user] }, "event_ts": event_ts }));
    }

    /// The app is removed from the workspace, and told.
    pub fn uninstall(&mut self, now: Timestamp) {
        let bot = self.secrets.bot_token.clone();
        self.revoke(&bot);
        let event_ts = self.next_ts(now);
        self.emit(now, json!({ "type": "app_uninstalled", "event_ts": event_ts }));
    }

    /// The app got more than 30,000 events within an hour: it is told so, in a wrapper of its own.
    pub fn app_rate_limited(&mut self, now: Timestamp) {
        let minute = now.as_second() - now.as_second().rem_euclid(60);
        let payload = json!({ "token": self.verification_token, "type": "app_rate_limited", "team_id": self.team_id,
            "minute_rate_limited": minute, "api_app_id": self.app_id });
        self.send(now, Kind::EventsApi, payload);
    }

    /// Any event in the usual wrapper.
    pub fn raw_event(&mut self, now: Timestamp, event: Value) -> Option<usize> {
        self.emit(now, event)
    }

    /// Any payload of any kind, as it is. The number of the delivery.
    pub fn raw(&mut self, now: Timestamp, kind: Kind, payload: Value) -> usize {
        self.send(now, kind, payload)
    }
}
