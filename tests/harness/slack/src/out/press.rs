//! Commands, clicks and shortcuts.

use super::{Delivery, Kind, pick};
use crate::api_content::content;
use crate::model::ChannelKind;
use crate::state::SlackState;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

impl SlackState {
    /// A user types a slash command such as `/nightbell status`; `channel` may be `dm`. The number of the delivery.
    ///
    /// # Errors
    /// When there is no such user or channel, or the text is no command.
    pub fn command(&mut self, now: Timestamp, user: &str, channel: &str, text: &str) -> Result<usize, String> {
        let channel = self.place(user, channel)?;
        let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
        if !command.starts_with('/') {
            return Err(format!("a command starts with a slash: {text}"));
        }
        if !self.bot_scopes().contains("commands") {
            return Err(format!("{command} is not a command here: the app has no scope `commands`"));
        }
        let name = self.channel_name(&channel);
        let response_url = self.response_url(now, "commands", user, &channel, None);
        let trigger_id = self.trigger(now, user, None);
        let mut payload = json!({ "token": self.verification_token, "team_id": self.team_id,
            "team_domain": self.domain, "channel_id": channel, "channel_name": name, "user_id": user,
            "user_name": self.users.get(user).map(|u| u.name.clone()), "command": command, "text": rest.trim(),
            "api_app_id": self.app_id, "is_enterprise_install": "false", "response_url": response_url,
            "trigger_id": trigger_id });
        if let Some(e) = &self.enterprise_id {
            payload["enterprise_id"] = json!(e);
        }
        Ok(self.send(now, Kind::SlashCommands, payload))
    }

    fn channel_name(&self, channel: &str) -> String {
        match self.channels.get(channel) {
            Some(c) if c.kind == ChannelKind::Im => "directmessage".to_owned(),
            Some(c) if c.kind == ChannelKind::Private => "privategroup".to_owned(),
            Some(c) => c.name.clone(),
            None => String::new(),
        }
    }

    /// Keys that every interaction has.
    pub(crate) fn interaction(&self, kind: &str, user: &str) -> Value {
        let name = self.users.get(user).map(|u| u.name.clone());
        let team = self.users.get(user).map(|u| u.team_id.clone());
        json!({ "type": kind, "token": self.verification_token, "api_app_id": self.app_id,
            "team": { "id": self.team_id, "domain": self.domain },
            "enterprise": self.enterprise_id.as_ref().map(|e| json!({ "id": e, "name": "Acme Group" })),
            "is_enterprise_install": false,
            "user": { "id": user, "username": name, "name": name, "team_id": team } })
    }

    /// A user presses a button, or chooses in a select, of a message. `action` is the action id or the label;
    /// `value` is the option (value or label), the date or the user that is chosen; a button needs none. The number
    /// of the delivery.
    ///
    /// # Errors
    /// When there is no such message, or it has no such element, or the user does not see it.
    pub fn press(
        &mut self,
        now: Timestamp,
        user: &str,
        channel: &str,
        ts: &str,
        action: &str,
        value: Option<&str>,
    ) -> Result<usize, String> {
        let channel = self.place(user, channel)?;
        let c = self.channels.get(&channel).ok_or_else(|| format!("no channel {channel}"))?;
        let m = c.message(ts).ok_or_else(|| format!("no message {ts} in {channel}"))?;
        if !c.members.contains(user) || m.ephemeral_to.as_ref().is_some_and(|only| only != user) {
            return Err(format!("{user} does not see that message"));
        }
        let (block, element) = pick::find(&m.blocks, action).ok_or_else(|| {
            format!("nothing can be pressed by `{action}`; there is: {}", pick::labels(&m.blocks).join(", "))
        })?;
        let (ephemeral, thread) = (m.ephemeral_to.is_some(), m.thread_ts.clone());
        let mut values = pick::initial(&m.blocks);
        let mut chosen = pick::chosen(&element, value)?;
        pick::put(&mut values, &block, &element, &chosen);
        chosen["block_id"] = json!(block);
        chosen["action_ts"] = json!(self.next_ts(now));
        let mut container =
            json!({ "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral });
        if let Some(t) = &thread {
            container["thread_ts"] = json!(t);
        }
        let mut p = self.interaction("block_actions", user);
        p["container"] = container;
        p["trigger_id"] = json!(self.trigger(now, user, None));
        p["channel"] = json!({ "id": channel, "name": self.channel_name(&channel) });
        if !ephemeral {
            p["message"] = self.shown(&channel, ts, true);
        }
        p["state"] = json!({ "values": values });
        p["response_url"] = json!(self.response_url(now, "actions", user, &channel, Some(ts)));
        p["actions"] = json!([chosen]);
        Ok(self.send(now, Kind::Interactive, p))
    }

    /// A user presses something in a view (a modal or the home tab). The number of the delivery.
    ///
    /// # Errors
    /// When there is no such view or element.
    pub fn press_in_view(
        &mut self,
        now: Timestamp,
        view: &str,
        action: &str,
        value: Option<&str>,
    ) -> Result<usize, String> {
        let v = self.views.get(view).filter(|v| v.open).ok_or_else(|| format!("no open view {view}"))?;
        let blocks = v.body["blocks"].as_array().cloned().unwrap_or_default();
        let user = v.user.clone();
        let (block, element) = pick::find(&blocks, action).ok_or_else(|| {
            format!("nothing can be pressed by `{action}`; there is: {}", pick::labels(&blocks).join(", "))
        })?;
        let mut values = pick::initial(&blocks);
        let mut chosen = pick::chosen(&element, value)?;
        pick::put(&mut values, &block, &element, &chosen);
        chosen["block_id"] = json!(block);
        chosen["action_ts"] = json!(self.next_ts(now));
        let mut p = self.interaction("block_actions", &user);
        p["container"] = json!({ "type": "view", "view_id": view });
        p["trigger_id"] = json!(self.trigger(now, &user, Some(view)));
        p["view"] = self.view_json(view, Value::Object(values));
        p["actions"] = json!([chosen]);
        Ok(self.send(now, Kind::Interactive, p))
    }

    /// A user takes a global shortcut. The number of the delivery.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn shortcut(&mut self, now: Timestamp, user: &str, callback_id: &str) -> Result<usize, String> {
        if !self.users.contains_key(user) {
            return Err(format!("no user {user}"));
        }
        let mut p = self.interaction("shortcut", user);
        p["callback_id"] = json!(callback_id);
        p["trigger_id"] = json!(self.trigger(now, user, None));
        p["action_ts"] = json!(self.next_ts(now));
        Ok(self.send(now, Kind::Interactive, p))
    }

    /// A user takes a shortcut on a message. The number of the delivery.
    ///
    /// # Errors
    /// When there is no such user or message.
    pub fn message_shortcut(
        &mut self,
        now: Timestamp,
        user: &str,
        callback_id: &str,
        channel: &str,
        ts: &str,
    ) -> Result<usize, String> {
        let channel = self.place(user, channel)?;
        if self.channels.get(&channel).and_then(|c| c.message(ts)).is_none() {
            return Err(format!("no message {ts} in {channel}"));
        }
        let mut p = self.interaction("message_action", user);
        p["callback_id"] = json!(callback_id);
        p["trigger_id"] = json!(self.trigger(now, user, None));
        p["action_ts"] = json!(self.next_ts(now));
        p["message_ts"] = json!(ts);
        p["channel"] = json!({ "id": channel, "name": self.channel_name(&channel) });
        p["message"] = self.shown(&channel, ts, true);
        p["response_url"] = json!(self.response_url(now, "app", user, &channel, Some(ts)));
        Ok(self.send(now, Kind::Interactive, p))
    }

    /// What the acknowledgement of a command or an interaction does.
    pub(super) fn answered(&mut self, now: Timestamp, d: &Delivery, payload: Option<Value>) {
        match (d.kind, d.payload["type"].as_str()) {
            (Kind::Interactive, Some("view_submission")) => self.view_answered(d, payload.as_ref()),
            (Kind::SlashCommands, _) => {
                let Some(Value::Object(p)) = payload else { return };
                let text = |key: &str| d.payload[key].as_str().unwrap_or_default().to_owned();
                self.command_answered(now, &text("channel_id"), &text("user_id"), &p);
            }
            _ => {}
        }
    }

    fn command_answered(&mut self, now: Timestamp, channel: &str, user: &str, p: &Map<String, Value>) {
        let Ok(what) = content(p) else { return };
        if what.text.is_none() && what.blocks.is_none() {
            return;
        }
        let everyone = p.get("response_type").and_then(Value::as_str) == Some("in_channel");
        self.bot_writes(now, channel, what, None, (!everyone).then(|| user.to_owned()));
    }
}
