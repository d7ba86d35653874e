//! People write, change and delete messages.

use crate::api_content::Content;
use crate::model::{ChannelKind, Message};
use crate::state::SlackState;
use jiff::Timestamp;
use serde_json::{Value, json};

/// A file that comes with a message.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// File name.
    pub name: String,
    /// Such as `message/rfc822`.
    pub mime: String,
    /// What a download gives.
    pub bytes: Vec<u8>,
    /// Keys that replace those of the file object, such as those of [`mail_object`].
    pub object: Option<Value>,
}

impl Upload {
    /// A file as it is.
    pub fn new(name: &str, mime: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), mime: mime.to_owned(), bytes: bytes.into(), object: None }
    }

    /// A mail that was sent to a Slack mail address: Slack keeps a file object of it, and the download is its HTML.
    pub fn mail(from: &str, subject: &str, text: &str) -> Self {
        let object = mail_object(from, subject, text);
        Self {
            name: subject.to_owned(),
            mime: "text/html".to_owned(),
            bytes: format!("<p>{text}</p>").into(),
            object: Some(object),
        }
    }
}

/// The keys of Slack's file object for a mail.
pub fn mail_object(from: &str, subject: &str, text: &str) -> Value {
    let person = |a: &str| json!([{ "address": a, "name": "", "original": a }]);
    json!({ "mode": "email", "filetype": "email", "pretty_type": "Email", "subject": subject, "title": subject,
        "from": person(from), "to": person("channel@acme.example"), "cc": [],
        "headers": { "date": "Mon, 5 Jan 2026 09:00:00 +0000", "message_id": "<1@mailer.example>", "reply_to": null,
            "in_reply_to": null },
        "plain_text": text, "simplified_html": format!("<p>{text}</p>"), "attachments": [],
        "original_attachment_count": 0, "has_more": false })
}

/// A message that somebody writes.
#[derive(Debug, Clone, Default)]
pub struct Say {
    /// Who.
    pub user: String,
    /// Where: a channel id, or `dm` for the direct message with the bot.
    pub channel: String,
    /// What, in mrkdwn.
    pub text: String,
    /// As an answer in this thread.
    pub thread: Option<String>,
    /// With these files.
    pub files: Vec<Upload>,
    /// With these blocks.
    pub blocks: Vec<Value>,
    /// Instead of the usual subtype.
    pub subtype: Option<String>,
    /// A bot of this bot id writes.
    pub bot_id: Option<String>,
}

impl Say {
    /// A plain message.
    pub fn new(user: &str, channel: &str, text: &str) -> Self {
        Self { user: user.to_owned(), channel: channel.to_owned(), text: text.to_owned(), ..Self::default() }
    }

    /// What a person types in the client: Slack escapes it and marks addresses before the app gets it.
    pub fn typed(user: &str, channel: &str, text: &str) -> Self {
        Self::new(user, channel, &typed(text))
    }

    /// In a thread.
    #[must_use]
    pub fn thread(mut self, ts: &str) -> Self {
        self.thread = Some(ts.to_owned());
        self
    }

    /// With a file.
    #[must_use]
    pub fn file(mut self, file: Upload) -> Self {
        self.files.push(file);
        self
    }
}

/// The mrkdwn that Slack makes of what a person types: `&`, `<` and `>` escaped, web and mail addresses in angle
/// brackets.
pub fn typed(text: &str) -> String {
    let word = |w: &str| {
        let escaped = w.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let bare = escaped.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
        let rest = escaped.get(bare.len()..).unwrap_or_default();
        let parts = bare.split_once('@');
        if bare.starts_with("http://") || bare.starts_with("https://") {
            format!("<{bare}>{rest}")
        } else if parts.is_some_and(|(who, host)| !who.is_empty() && host.contains('.') && !host.contains('@')) {
            format!("<mailto:{bare}|{bare}>{rest}")
        } else {
            escaped
        }
    };
    text.split('\n').map(|l| l.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n")
}

impl SlackState {
    /// A user writes; `channel` may be `dm`. The `ts` of the message.
    ///
    /// # Errors
    /// When there is no such user or channel.
    pub fn say(&mut self, now: Timestamp, user: &str, channel: &str, text: &str) -> Result<String, String> {
        self.say_with(now, Say::new(user, channel, text))
    }

    /// A user writes, with files or in a thread. The `ts` of the message.
    ///
    /// # Errors
    /// When there is no such user or channel.
    pub fn say_with(&mut self, now: Timestamp, say: Say) -> Result<String, String> {
        let channel = self.place(&say.user, &say.channel)?;
        if self.channels.get(&channel).is_some_and(|c| c.archived) {
            return Err(format!("{channel} is archived"));
        }
        let mut files = Vec::new();
        for u in &say.files {
            let id = self.add_file(&say.user, &u.name, &u.mime, &u.bytes, true);
            if let Some(f) = self.files.get_mut(&id) {
                if let (Some(Value::Object(more)), Some(o)) = (&u.object, f.object.as_object_mut()) {
                    o.extend(more.clone());
                }
                f.object["created"] = json!(now.as_second());
                files.push(f.object.clone());
            }
        }
        let ts = self.next_ts(now);
        let usual = (!files.is_empty()).then(|| "file_share".to_owned());
        self.put_message(
            &channel,
            Message {
                ts: ts.clone(),
                user: say.user.clone(),
                bot_id: say.bot_id.clone(),
                text: say.text.clone(),
                blocks: say.blocks,
                thread_ts: say.thread,
                subtype: say.subtype.or(usual).or_else(|| say.bot_id.as_ref().map(|_| "bot_message".to_owned())),
                files,
                ..Message::default()
            },
        );
        self.tell(now, &channel, &ts);
        let kind = self.channels.get(&channel).map(|c| c.kind);
        if kind != Some(ChannelKind::Im) && say.text.contains(&format!("<@{}>", self.bot_user)) {
            let mut event = self.message_event(&channel, &ts);
            event["type"] = json!("app_mention");
            if let Some(o) = event.as_object_mut() {
                o.remove("channel_type");
                o.remove("subtype");
            }
            self.emit_in(now, &channel, event);
        }
        Ok(ts)
    }

    /// The channel in which a user acts; `dm` is the direct message with the bot. As in the client, who is gone or
    /// not in the channel can do nothing there.
    pub(crate) fn place(&mut self, user: &str, channel: &str) -> Result<String, String> {
        match self.users.get(user) {
            None => return Err(format!("no user {user}")),
            Some(u) if u.deleted => return Err(format!("{user} is deactivated")),
            Some(_) => {}
        }
        if channel == "dm" {
            return Ok(self.dm(user));
        }
        let c = self.channels.get(channel).ok_or_else(|| format!("no channel {channel}"))?;
        if !c.members.contains(user) {
            return Err(format!("{user} is not in {channel}"));
        }
        Ok(channel.to_owned())
    }

    /// A user changes their message.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn edit(&mut self, now: Timestamp, channel: &str, ts: &str, text: &str) -> Result<(), String> {
        let found = self.channels.get(channel).and_then(|c| c.message(ts));
        found.ok_or_else(|| format!("no message {ts} in {channel}"))?;
        self.rewrite(now, channel, ts, Content { text: Some(text.to_owned()), ..Content::default() });
        Ok(())
    }

    /// A user deletes their message.
    ///
    /// # Errors
    /// When there is no such message.
    pub fn unsay(&mut self, now: Timestamp, channel: &str, ts: &str) -> Result<(), String> {
        let found = self.channels.get(channel).and_then(|c| c.message(ts));
        found.ok_or_else(|| format!("no message {ts} in {channel}"))?;
        self.remove_message(now, channel, ts);
        Ok(())
    }

    /// Changes a message and tells the app.
    pub(crate) fn rewrite(&mut self, now: Timestamp, channel: &str, ts: &str, content: Content) {
        let before = self.shown(channel, ts, false);
        let edited = self.next_ts(now);
        let mut blocks = content.blocks;
        for b in blocks.iter_mut().flatten() {
            self.ids.complete(b);
        }
        let Some(m) = self.channels.get_mut(channel).and_then(|c| c.message_mut(ts)) else { return };
        m.earlier.push(m.text.clone());
        if let Some(t) = content.text {
            m.text = t;
            // New text without blocks replaces the old blocks too.
            m.blocks = blocks.unwrap_or_default();
        } else if let Some(b) = blocks {
            m.blocks = b;
        }
        if content.metadata.is_some() {
            m.metadata = content.metadata;
        }
        m.edited = Some(edited.clone());
        let own = m.bot_id.as_ref() == Some(&self.bot_id);
        if m.ephemeral_to.is_some() || (own && !self.echo_own) {
            return;
        }
        let event = json!({ "type": "message", "subtype": "message_changed", "hidden": true, "channel": channel,
            "channel_type": self.channel_type(channel), "ts": edited, "event_ts": edited,
            "message": self.shown(channel, ts, true), "previous_message": before });
        self.emit_in(now, channel, event);
    }

    /// Deletes a message and tells the app.
    pub(crate) fn remove_message(&mut self, now: Timestamp, channel: &str, ts: &str) {
        let before = self.shown(channel, ts, false);
        let Some(m) = self.channels.get_mut(channel).and_then(|c| c.message_mut(ts)) else { return };
        m.deleted = true;
        let own = m.bot_id.as_ref() == Some(&self.bot_id);
        if m.ephemeral_to.is_some() || (own && !self.echo_own) {
            return;
        }
        let event_ts = self.next_ts(now);
        let event = json!({ "type": "message", "subtype": "message_deleted", "hidden": true, "channel": channel,
            "channel_type": self.channel_type(channel), "ts": event_ts, "event_ts": event_ts, "deleted_ts": ts,
            "previous_message": before });
        self.emit_in(now, channel, event);
    }

    /// Tells the app of its own message, when it is to hear those.
    pub(crate) fn echo(&mut self, now: Timestamp, channel: &str, ts: &str) {
        if self.echo_own {
            self.tell(now, channel, ts);
        }
    }

    fn tell(&mut self, now: Timestamp, channel: &str, ts: &str) {
        let event = self.message_event(channel, ts);
        self.emit_in(now, channel, event);
    }

    /// Events of channels reach the app only where the bot is.
    fn emit_in(&mut self, now: Timestamp, channel: &str, event: Value) {
        if self.channels.get(channel).is_some_and(|c| c.members.contains(&self.bot_user)) {
            self.emit(now, event);
        }
    }

    fn channel_type(&self, channel: &str) -> &'static str {
        self.channels.get(channel).map_or("channel", |c| c.kind.event())
    }

    fn message_event(&self, channel: &str, ts: &str) -> Value {
        let mut event = self.shown(channel, ts, true);
        event["channel"] = json!(channel);
        event["channel_type"] = json!(self.channel_type(channel));
        event["event_ts"] = json!(ts);
        // People's clients give their messages an id of their own.
        if event["bot_id"].is_null() && event["files"].is_null() {
            event["client_msg_id"] = json!(format!(
                "00000000-0000-4000-8000-{:0>12}",
                ts.replace('.', "").chars().skip(4).collect::<String>()
            ));
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_escaped_and_linked() {
        let text = "Is <this> R&D? See https://example.com/a?b=1&c=2. Or ask employee@example.com, thanks";
        let want = "Is &lt;this&gt; R&amp;D? See <https://example.com/a?b=1&amp;c=2>. Or ask <mailto:employee@example.com|employee@example.com>, thanks";
        assert_eq!(typed(text), want);
        assert_eq!(SlackState::new(1).plain(&typed(text)), text);
        assert_eq!(typed("@ x@y\n a@b@c.d"), "@ x@y\n a@b@c.d");
    }
}
