//! The platform as the outbox sees it.

use crate::Slack;
use crate::blocks::{self, Rendered};
use crate::receive::PLATFORM;
use crate::trouble::Trouble;
use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_core::chat::FileRef;
use nightbell_core::port::chat::{
    Capabilities, Chat, Delivery, FetchError, Finding, MsgRef, Place, Profile, SendError,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest text of one message that is shown whole.
const MAX_TEXT: usize = 12_000;
/// Name of our metadata, by which a message is found again.
const EVENT_TYPE: &str = "nightbell_message";
/// Messages of one page when one of ours is looked for: with full cards the answer stays below its cap.
const LOOK_BACK: &str = "100";
/// Pages looked through. Behind so many newer messages a second one is less of a trouble than the search.
const PAGES: usize = 8;

/// Answer to a message; the rest of it is not needed.
#[derive(Debug, Deserialize)]
struct Posted {
    #[serde(default)]
    channel: String,
    #[serde(default)]
    ts: String,
    #[serde(default)]
    message_ts: String,
}

fn later(wait: Duration) -> SendError {
    SendError::Later { why: "Slack's rate limits".to_owned(), after_ms: (wait.as_millis() as u64).max(1) }
}

fn reference(channel: &str, ts: &str) -> MsgRef {
    MsgRef(format!("{channel}/{ts}"))
}

/// An instant as Slack writes them.
fn slack_time(at: Timestamp) -> String {
    format!("{}.{:06}", at.as_second(), at.subsec_microsecond().max(0))
}

impl Slack {
    /// One call, within the limits; what goes wrong is remembered for the doctor.
    pub(crate) async fn ask(&self, method: &'static str, channel: Option<&str>, body: &Value) -> Result<Value, Failed> {
        let now = self.clock.now();
        self.limits.take(method, channel, now).map_err(|w| Failed { error: later(w), trouble: None })?;
        match self.api().post::<Value, Value>(method, body).await {
            Ok(v) => {
                self.troubles.fine();
                Ok(v)
            }
            Err(t) => Err(self.failed(method, t)),
        }
    }

    /// A call that only reads.
    pub(crate) async fn read(&self, method: &'static str, params: &[(&str, &str)]) -> Result<Value, Failed> {
        self.limits.take(method, None, self.clock.now()).map_err(|w| Failed { error: later(w), trouble: None })?;
        match self.api().get::<Value>(method, params).await {
            Ok(v) => {
                self.troubles.fine();
                Ok(v)
            }
            Err(t) => Err(self.failed(method, t)),
        }
    }

    fn failed(&self, method: &'static str, t: Trouble) -> Failed {
        let now = self.clock.now();
        if let Trouble::Limited(after) = &t {
            self.limits.blocked(method, after.unwrap_or(Duration::from_secs(1)), now);
        }
        self.troubles.tell(method, &t, now);
        Failed { error: t.send_error(), trouble: Some(t) }
    }

    /// The direct conversation with a user. Its id never changes, so it is asked for once.
    async fn direct(&self, user: &str) -> Result<String, SendError> {
        if let Some(id) = self.directs().get(user).cloned() {
            return Ok(id);
        }
        let v = self.ask("conversations.open", None, &json!({"users": user})).await.map_err(|f| f.error)?;
        let id = crate::text::at(&v, "/channel/id").to_owned();
        if id.is_empty() {
            return Err(SendError::Later { why: "Slack opened no conversation".to_owned(), after_ms: 5_000 });
        }
        self.directs().insert(user.to_owned(), id.clone());
        Ok(id)
    }

    /// A call with a message in it. Rather plain words than nothing: where Slack does not take the blocks, the text goes alone.
    async fn say(&self, method: &'static str, channel: Option<&str>, mut body: Value) -> Result<Value, Failed> {
        const NOT_TAKEN: [&str; 4] = ["invalid_blocks", "msg_blocks_too_long", "msg_too_long", "invalid_blocks_format"];
        match self.ask(method, channel, &body).await {
            Err(Failed { trouble: Some(Trouble::Said { code, .. }), .. }) if NOT_TAKEN.contains(&code.as_str()) => {
                if let Some(map) = body.as_object_mut() {
                    map.remove("blocks");
                }
                self.ask(method, channel, &body).await
            }
            other => other,
        }
    }

    /// A message of ours that an earlier try may have left behind. Without an answer nobody knows, so the message waits.
    async fn left_behind(
        &self,
        channel: &str,
        thread: Option<&str>,
        d: &Delivery<'_>,
    ) -> Result<Option<MsgRef>, SendError> {
        let Some(since) = d.doubt else { return Ok(None) };
        // Slack's clock and ours may differ.
        let oldest = slack_time(since.checked_sub(jiff::SignedDuration::from_mins(2)).unwrap_or(since));
        let mut params = vec![
            ("channel", channel),
            ("oldest", oldest.as_str()),
            ("limit", LOOK_BACK),
            ("include_all_metadata", "true"),
        ];
        let method = match thread {
            Some(ts) => {
                params.push(("ts", ts));
                "conversations.replies"
            }
            None => "conversations.history",
        };
        let ours = |m: &&Value| {
            crate::text::at(m, "/metadata/event_type") == EVENT_TYPE
                && crate::text::at(m, "/metadata/event_payload/key") == d.key
        };
        let mut cursor = String::new();
        for _ in 0..PAGES {
            let mut params = params.clone();
            if !cursor.is_empty() {
                params.push(("cursor", cursor.as_str()));
            }
            let found = match self.read(method, &params).await {
                Ok(v) => v,
                // A permission that is missing makes looking impossible for good: rather twice than never.
                Err(Failed { trouble: Some(Trouble::Said { .. }), error: SendError::Never(_) }) => return Ok(None),
                Err(Failed { trouble: Some(Trouble::Said { code, .. }), .. }) if code == "missing_scope" => {
                    return Ok(None);
                }
                Err(f) => return Err(f.error),
            };
            if let Some(m) = crate::text::list(&found, "/messages").iter().find(ours) {
                return Ok(Some(reference(channel, crate::text::at(m, "/ts"))));
            }
            crate::text::at(&found, "/response_metadata/next_cursor").clone_into(&mut cursor);
            if cursor.is_empty() {
                break;
            }
        }
        Ok(None)
    }

    async fn post(&self, channel: &str, thread: Option<&str>, d: &Delivery<'_>) -> Result<MsgRef, Failed> {
        if let Some(there) =
            self.left_behind(channel, thread, d).await.map_err(|error| Failed { error, trouble: None })?
        {
            return Ok(there);
        }
        let rendered = blocks::render(d.card);
        let mut body = message(channel, &rendered);
        body["metadata"] = json!({"event_type": EVENT_TYPE, "event_payload": {"key": d.key}});
        if let Some(ts) = thread {
            body["thread_ts"] = json!(ts);
        }
        let sent = self.say("chat.postMessage", Some(channel), body).await?;
        let posted: Posted = serde_json::from_value(sent).unwrap_or(Posted {
            channel: String::new(),
            ts: String::new(),
            message_ts: String::new(),
        });
        Ok(reference(if posted.channel.is_empty() { channel } else { &posted.channel }, &posted.ts))
    }

    /// Shown to one person in a channel; where that is impossible, sent to them directly.
    async fn whisper(
        &self,
        channel: &str,
        thread: Option<&str>,
        user: &str,
        d: &Delivery<'_>,
    ) -> Result<MsgRef, SendError> {
        let rendered = blocks::render(d.card);
        let mut body = message(channel, &rendered);
        body["user"] = json!(user);
        if let Some(ts) = thread {
            body["thread_ts"] = json!(ts);
        }
        match self.say("chat.postEphemeral", Some(channel), body).await {
            Ok(v) => {
                let posted: Option<Posted> = serde_json::from_value(v).ok();
                let ts = posted.map(|p| p.message_ts).unwrap_or_default();
                // Cannot be changed later: a reference that no call takes.
                Ok(MsgRef(format!("ephemeral/{channel}/{ts}")))
            }
            Err(Failed { trouble: Some(Trouble::Said { .. }), error: SendError::Never(_) }) => {
                let dm = self.direct(user).await?;
                self.post(&dm, None, d).await.map_err(|f| f.error)
            }
            Err(f) => Err(f.error),
        }
    }

    async fn change(&self, old: &MsgRef, d: &Delivery<'_>) -> Result<Option<MsgRef>, SendError> {
        let Some((channel, ts)) = old.0.split_once('/').filter(|(c, ts)| *c != "ephemeral" && !ts.is_empty()) else {
            return Ok(None);
        };
        let mut body = message(channel, &blocks::render(d.card));
        body["ts"] = json!(ts);
        if let Some(map) = body.as_object_mut() {
            // A change unfurls nothing, and these two are not among its arguments.
            map.remove("unfurl_links");
            map.remove("unfurl_media");
        }
        match self.say("chat.update", None, body).await {
            Ok(_) => Ok(Some(old.clone())),
            Err(Failed { trouble: Some(Trouble::Said { code, .. }), .. })
                if matches!(code.as_str(), "message_not_found" | "cant_update_message" | "edit_window_closed") =>
            {
                Ok(None)
            }
            Err(f) => Err(f.error),
        }
    }

    /// A channel we may post in: where the bot is not a member of a public one, it joins.
    async fn post_joining(&self, channel: &str, thread: Option<&str>, d: &Delivery<'_>) -> Result<MsgRef, SendError> {
        match self.post(channel, thread, d).await {
            Err(Failed { trouble: Some(Trouble::Said { code, .. }), error }) if code == "not_in_channel" => {
                if self.ask("conversations.join", None, &json!({"channel": channel})).await.is_err() {
                    return Err(error);
                }
                self.post(channel, thread, d).await.map_err(|f| f.error)
            }
            other => other.map_err(|f| f.error),
        }
    }
}

fn message(channel: &str, r: &Rendered) -> Value {
    let mut body = json!({
        "channel": channel,
        "text": r.text,
        "unfurl_links": false,
        "unfurl_media": false,
    });
    if !r.blocks.is_empty() {
        body["blocks"] = json!(r.blocks);
    }
    body
}

/// A call that did not go well.
pub(crate) struct Failed {
    pub(crate) error: SendError,
    pub(crate) trouble: Option<Trouble>,
}

#[async_trait]
impl Chat for Slack {
    fn platform(&self) -> &'static str {
        PLATFORM
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            threads: true,
            update: true,
            ephemeral: true,
            home: true,
            profiles: true,
            max_text: MAX_TEXT,
            max_buttons: 100,
        }
    }

    async fn send(&self, d: Delivery<'_>) -> Result<MsgRef, SendError> {
        if let Some(old) = d.replaces
            && let Some(done) = self.change(old, &d).await?
        {
            return Ok(done);
        }
        match d.to {
            Place::Home(user) => {
                let body = json!({"user_id": user, "view": blocks::home(d.card)});
                self.ask("views.publish", None, &body).await.map_err(|f| f.error)?;
                Ok(MsgRef(format!("home/{user}")))
            }
            Place::User(user) => {
                let dm = self.direct(user).await?;
                self.post(&dm, None, &d).await.map_err(|f| f.error)
            }
            Place::Channel { id, thread, only_for: Some(user) } => self.whisper(id, thread.as_deref(), user, &d).await,
            Place::Channel { id, thread, only_for: None } => match id.strip_prefix("user:") {
                Some(user) => {
                    let dm = self.direct(user).await?;
                    self.post(&dm, None, &d).await.map_err(|f| f.error)
                }
                None => self.post_joining(id, thread.as_deref(), &d).await,
            },
        }
    }

    async fn fetch(&self, file: &FileRef, cap: u64) -> Result<Vec<u8>, FetchError> {
        self.bytes(file, cap).await
    }

    async fn profile(&self, user: &str) -> Result<Option<Profile>, SendError> {
        match self.read("users.info", &[("user", user)]).await {
            Ok(v) => Ok(v.get("user").and_then(|u| crate::people::profile(u, &self.us()))),
            Err(Failed { trouble: Some(Trouble::Said { code, .. }), .. }) if crate::people::nobody(&code) => Ok(None),
            Err(f) => Err(f.error),
        }
    }

    async fn find(&self, email: &str) -> Result<Option<Profile>, SendError> {
        match self.read("users.lookupByEmail", &[("email", email)]).await {
            Ok(v) => Ok(v.get("user").and_then(|u| crate::people::profile(u, &self.us()))),
            Err(Failed { trouble: Some(Trouble::Said { code, .. }), .. }) if crate::people::nobody(&code) => Ok(None),
            Err(f) => Err(f.error),
        }
    }

    async fn examine(&self) -> Vec<Finding> {
        self.look().await
    }
}
