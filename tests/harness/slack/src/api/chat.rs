//! Messages.

use super::{Answer, Ask, Refusal};
use crate::check;
use crate::model::{Channel, Message};
use crate::state::SlackState;
use serde_json::{Map, Value, json};

/// Characters that a text may have.
const TEXT: usize = 40_000;

/// Text, blocks and metadata of a message, after the checks.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub text: Option<String>,
    pub blocks: Option<Vec<Value>>,
    pub metadata: Option<Value>,
}

/// Reads and checks what a message says.
pub(crate) fn content(args: &Map<String, Value>) -> Result<Content, Refusal> {
    let text = args.get("text").and_then(Value::as_str).map(str::to_owned);
    if text.as_ref().is_some_and(|t| t.chars().count() > TEXT) {
        return Err("msg_too_long".into());
    }
    let blocks = match args.get("blocks") {
        None | Some(Value::Null) => None,
        Some(Value::String(s)) if s.is_empty() => None,
        Some(Value::Array(a)) => Some(a.clone()),
        Some(_) => return Err("invalid_blocks_format".into()),
    };
    if let Some(b) = &blocks {
        let wrong = check::message(b);
        if !wrong.is_empty() {
            let said: Vec<String> = wrong.iter().map(|w| format!("[ERROR] {w}")).collect();
            return Err(Refusal::from("invalid_blocks")
                .with("errors", json!(wrong))
                .with("response_metadata", json!({ "messages": said })));
        }
        if check::characters(b) > check::MESSAGE_CHARACTERS {
            return Err("msg_blocks_too_long".into());
        }
    }
    let metadata = match args.get("metadata") {
        None | Some(Value::Null) => None,
        Some(v) if v["event_type"].is_string() && v["event_payload"].is_object() => Some(v.clone()),
        Some(_) => return Err("invalid_metadata_format".into()),
    };
    Ok(Content { text, blocks, metadata })
}

impl Content {
    fn says_nothing(&self) -> bool {
        self.text.as_ref().is_none_or(String::is_empty) && self.blocks.as_ref().is_none_or(Vec::is_empty)
    }
}

impl SlackState {
    /// The channel of a call, by id, by `#name`, or the direct message of a user id.
    pub(crate) fn target(&mut self, given: &str) -> Result<String, Refusal> {
        if self.channels.contains_key(given) {
            return Ok(given.to_owned());
        }
        match self.users.get(given) {
            Some(u) if u.is_bot => return Err("cannot_dm_bot".into()),
            Some(_) => return Ok(self.dm(given)),
            None => {}
        }
        let name = given.trim_start_matches('#');
        let found = self.channels.values().find(|c| !c.name.is_empty() && c.name == name).map(|c| c.id.clone());
        found.ok_or_else(|| "channel_not_found".into())
    }

    /// The channel, when the bot may write there.
    fn writable(&mut self, given: &str) -> Result<String, Refusal> {
        let id = self.target(given)?;
        let bot = self.bot_user.clone();
        let c = self.known(&id)?;
        if c.archived {
            return Err("is_archived".into());
        }
        if !c.members.contains(&bot) {
            // What the bot is not in and is not public does not exist for it.
            let public = c.kind == crate::model::ChannelKind::Public;
            return Err(if public { "not_in_channel" } else { "channel_not_found" }.into());
        }
        Ok(id)
    }

    /// A channel that exists.
    pub(crate) fn known(&self, id: &str) -> Result<&Channel, Refusal> {
        self.channels.get(id).ok_or_else(|| "channel_not_found".into())
    }

    /// A message as objects of answers and events show it.
    pub(crate) fn shown(&self, channel: &str, ts: &str, with_metadata: bool) -> Value {
        let message = self.channels.get(channel).and_then(|c| c.messages.iter().find(|m| m.ts == ts));
        let Some(message) = message else { return Value::Null };
        let mut v = message.json(&self.team_id, &self.app_id, with_metadata);
        // Of another workspace, in a shared channel.
        if let Some(author) = self.users.get(&message.user).filter(|u| u.team_id != self.team_id) {
            for key in ["team", "user_team", "source_team"] {
                v[key] = json!(author.team_id);
            }
        }
        v
    }

    /// The bot writes.
    pub(crate) fn bot_writes(
        &mut self,
        now: jiff::Timestamp,
        channel: &str,
        content: Content,
        thread_ts: Option<String>,
        only: Option<String>,
    ) -> String {
        let ts = self.next_ts(now);
        self.put_message(
            channel,
            Message {
                ts: ts.clone(),
                user: self.bot_user.clone(),
                bot_id: Some(self.bot_id.clone()),
                text: content.text.unwrap_or_default(),
                blocks: content.blocks.unwrap_or_default(),
                metadata: content.metadata,
                thread_ts,
                ephemeral_to: only.clone(),
                ..Message::default()
            },
        );
        if only.is_none() {
            self.echo(now, channel, &ts);
        }
        ts
    }
}

pub(super) fn post(s: &mut SlackState, ask: &Ask) -> Answer {
    let channel = s.writable(ask.text("channel").ok_or("channel_not_found")?)?;
    let content = content(&ask.args)?;
    if content.says_nothing() {
        return Err("no_text".into());
    }
    let thread = ask.text("thread_ts").map(str::to_owned);
    if let Some(ts) = &thread {
        s.known(&channel)?.message(ts).ok_or("thread_not_found")?;
    }
    let ts = s.bot_writes(ask.now, &channel, content, thread, None);
    let message = s.shown(&channel, &ts, true);
    Ok(json!({ "channel": channel, "ts": ts, "message": message }))
}

pub(super) fn ephemeral(s: &mut SlackState, ask: &Ask) -> Answer {
    let channel = s.writable(ask.text("channel").ok_or("channel_not_found")?)?;
    let user = ask.need("user")?.to_owned();
    if !s.known(&channel)?.members.contains(&user) {
        return Err("user_not_in_channel".into());
    }
    let content = content(&ask.args)?;
    if content.says_nothing() {
        return Err("no_text".into());
    }
    let thread = ask.text("thread_ts").map(str::to_owned);
    let ts = s.bot_writes(ask.now, &channel, content, thread, Some(user));
    Ok(json!({ "message_ts": ts }))
}

/// A message of the bot that can be changed.
fn own(s: &SlackState, ask: &Ask, refused: &str) -> Result<(String, String), Refusal> {
    let channel = ask.text("channel").ok_or("channel_not_found")?;
    let c = s.known(channel)?;
    if c.archived {
        return Err("is_archived".into());
    }
    let message = ask.text("ts").and_then(|ts| c.message(ts)).filter(|m| m.ephemeral_to.is_none());
    let message = message.ok_or("message_not_found")?;
    if message.bot_id.as_ref() != Some(&s.bot_id) {
        return Err(refused.into());
    }
    Ok((channel.to_owned(), message.ts.clone()))
}

pub(super) fn update(s: &mut SlackState, ask: &Ask) -> Answer {
    let (channel, ts) = own(s, ask, "cant_update_message")?;
    let content = content(&ask.args)?;
    if content.says_nothing() && content.metadata.is_none() {
        return Err("no_text".into());
    }
    s.rewrite(ask.now, &channel, &ts, content);
    let message = s.shown(&channel, &ts, true);
    Ok(json!({ "channel": channel, "ts": ts, "text": message["text"], "message": message }))
}

pub(super) fn delete(s: &mut SlackState, ask: &Ask) -> Answer {
    let (channel, ts) = own(s, ask, "cant_delete_message")?;
    s.remove_message(ask.now, &channel, &ts);
    Ok(json!({ "channel": channel, "ts": ts }))
}

pub(super) fn permalink(s: &mut SlackState, ask: &Ask) -> Answer {
    let channel = ask.need("channel")?;
    let ts = ask.need("message_ts")?;
    s.known(channel)?.message(ts).ok_or("message_not_found")?;
    let link = format!("https://{}.slack.com/archives/{channel}/p{}", s.domain, ts.replace('.', ""));
    Ok(json!({ "channel": channel, "permalink": link }))
}
