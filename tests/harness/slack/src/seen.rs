//! What a person reads on the screen.

use crate::model::{Channel, Message};
use crate::state::SlackState;
use serde::Serialize;
use serde_json::Value;

/// A button of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Button {
    /// What is written on it.
    pub label: String,
    /// Id.
    pub action_id: String,
    /// What it sends.
    pub value: String,
    /// Block in which it is.
    pub block_id: String,
    /// Link that it opens.
    pub url: Option<String>,
}

/// A message as a person sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Seen {
    /// Where.
    pub channel: String,
    /// Id.
    pub ts: String,
    /// Who wrote it.
    pub user: String,
    /// Whether the bot under test wrote it.
    pub by_app: bool,
    /// Text of the blocks, or of the message when there are none; names and links resolved.
    pub text: String,
    /// The text that notifications and screen readers use.
    pub fallback: String,
    /// Blocks as stored.
    pub blocks: Vec<Value>,
    /// Buttons in order.
    pub buttons: Vec<Button>,
    /// Only this person sees it.
    pub ephemeral: bool,
    /// First message of its thread.
    pub thread_ts: Option<String>,
    /// It was changed.
    pub edited: bool,
    /// Names of its files.
    pub files: Vec<String>,
}

impl SlackState {
    /// Everything that a user can read, oldest first.
    pub fn seen(&self, user: &str) -> Vec<Seen> {
        let mut all: Vec<Seen> = Vec::new();
        for c in self.channels.values().filter(|c| c.members.contains(user)) {
            let visible = |m: &&Message| !m.deleted && m.ephemeral_to.as_ref().is_none_or(|only| only == user);
            all.extend(c.messages.iter().filter(visible).map(|m| self.as_seen(c, m)));
        }
        all.sort_by(|a, b| a.ts.cmp(&b.ts));
        all
    }

    /// What the app said that a user can read, oldest first.
    pub fn heard(&self, user: &str) -> Vec<Seen> {
        self.seen(user).into_iter().filter(|s| s.by_app).collect()
    }

    /// Everything in a channel, what only one person sees too, oldest first.
    pub fn in_channel(&self, channel: &str) -> Vec<Seen> {
        let Some(c) = self.channels.get(channel) else { return Vec::new() };
        c.messages.iter().filter(|m| !m.deleted).map(|m| self.as_seen(c, m)).collect()
    }

    fn as_seen(&self, c: &Channel, m: &Message) -> Seen {
        let text = if m.blocks.is_empty() { self.plain(&m.text) } else { self.blocks_text(&m.blocks) };
        Seen {
            channel: c.id.clone(),
            ts: m.ts.clone(),
            user: m.user.clone(),
            by_app: m.bot_id.as_ref() == Some(&self.bot_id),
            text,
            fallback: self.plain(&m.text),
            blocks: m.blocks.clone(),
            buttons: buttons(&m.blocks),
            ephemeral: m.ephemeral_to.is_some(),
            thread_ts: m.thread_ts.clone(),
            edited: m.edited.is_some(),
            files: m.files.iter().filter_map(|f| f["name"].as_str().map(str::to_owned)).collect(),
        }
    }

    /// The text of blocks, line by line.
    pub fn blocks_text(&self, blocks: &[Value]) -> String {
        let lines: Vec<String> = blocks.iter().map(|b| self.block_text(b)).filter(|t| !t.is_empty()).collect();
        lines.join("\n")
    }

    fn block_text(&self, b: &Value) -> String {
        let object = |v: &Value| self.object_text(v);
        let each = |v: &Value| {
            v.as_array().into_iter().flatten().map(object).filter(|t| !t.is_empty()).collect::<Vec<String>>()
        };
        match b["type"].as_str().unwrap_or_default() {
            "section" => {
                let mut lines = vec![object(&b["text"])];
                lines.extend(each(&b["fields"]));
                lines.retain(|l| !l.is_empty());
                lines.join("\n")
            }
            "context" => each(&b["elements"]).join(" "),
            "header" => object(&b["text"]),
            "markdown" => b["text"].as_str().unwrap_or_default().to_owned(),
            "image" => b["alt_text"].as_str().unwrap_or_default().to_owned(),
            "input" => object(&b["label"]),
            "rich_text" => self.rich(b),
            "table" => {
                let row = |r: &Value| {
                    r.as_array().into_iter().flatten().map(|c| self.cell(c)).collect::<Vec<String>>().join(" | ")
                };
                b["rows"].as_array().into_iter().flatten().map(row).collect::<Vec<String>>().join("\n")
            }
            _ => String::new(),
        }
    }

    fn cell(&self, c: &Value) -> String {
        if c["type"] == "rich_text" { self.rich(c) } else { c["text"].as_str().unwrap_or_default().to_owned() }
    }

    fn object_text(&self, v: &Value) -> String {
        let text = v["text"].as_str().or_else(|| v["alt_text"].as_str()).unwrap_or_default();
        if v["type"] == "mrkdwn" { self.plain(text) } else { unescape(text) }
    }

    fn rich(&self, v: &Value) -> String {
        let text = |key: &str| v[key].as_str().unwrap_or_default();
        match text("type") {
            "text" => text("text").to_owned(),
            "link" => if text("text").is_empty() { text("url") } else { text("text") }.to_owned(),
            "user" => self.name_of('@', text("user_id")),
            "channel" => self.name_of('#', text("channel_id")),
            "emoji" => format!(":{}:", text("name")),
            "broadcast" => format!("@{}", text("range")),
            kind => {
                let parts = v["elements"].as_array().into_iter().flatten().map(|e| self.rich(e));
                let between = if kind == "rich_text" || kind == "rich_text_list" { "\n" } else { "" };
                parts.collect::<Vec<String>>().join(between)
            }
        }
    }

    fn name_of(&self, sign: char, id: &str) -> String {
        let name = match sign {
            '@' => self.users.get(id).map(|u| u.real_name.as_str()),
            _ => self.channels.get(id).map(|c| c.name.as_str()),
        };
        format!("{sign}{}", name.unwrap_or(id))
    }

    /// Text in mrkdwn as it is shown: names, channels and links resolved. Marks such as `*` stay.
    pub fn plain(&self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('<') {
            out.push_str(&unescape(before));
            let Some((inside, behind)) = after.split_once('>') else {
                out.push('<');
                rest = after;
                continue;
            };
            out.push_str(&self.entity(inside));
            rest = behind;
        }
        out.push_str(&unescape(rest));
        out
    }

    fn entity(&self, inside: &str) -> String {
        let (target, label) = inside.split_once('|').map_or((inside, None), |(t, l)| (t, Some(unescape(l))));
        match target.chars().next() {
            Some('@') => self.name_of('@', target.trim_start_matches('@')),
            Some('#') => self.name_of('#', target.trim_start_matches('#')),
            Some('!') => {
                let what = target.trim_start_matches('!');
                match what.strip_prefix("subteam^") {
                    Some(id) => format!("@{}", self.groups.get(id).map_or(id, |(h, _)| h.as_str())),
                    None if what.starts_with("date^") => label.unwrap_or_default(),
                    None => format!("@{}", what.split('^').next().unwrap_or_default()),
                }
            }
            _ => label.unwrap_or_else(|| unescape(target.trim_start_matches("mailto:"))),
        }
    }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn buttons(blocks: &[Value]) -> Vec<Button> {
    let mut all = Vec::new();
    for b in blocks {
        let elements = b["elements"].as_array().into_iter().flatten().chain(b.get("accessory"));
        for e in elements.filter(|e| e["type"] == "button") {
            let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
            all.push(Button {
                label: text(&e["text"]["text"]),
                action_id: text(&e["action_id"]),
                value: text(&e["value"]),
                block_id: text(&b["block_id"]),
                url: e["url"].as_str().map(str::to_owned),
            });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn entities_are_read_as_slack_shows_them() {
        let s = SlackState::new(1);
        let text = "Hi <@U1>, see <https://example.com/a?b&amp;c|the page>, <#C2|x>, <!channel> &amp;lt; &lt;b&gt; <https://example.com>";
        assert_eq!(s.plain(text), "Hi @Employee, see the page, #security, @channel &lt; <b> https://example.com");
        assert_eq!(s.plain("a < b"), "a < b");
    }

    #[test]
    fn blocks_replace_the_text_and_buttons_are_listed() {
        let s = SlackState::new(1);
        let blocks = [
            json!({ "type": "header", "text": { "type": "plain_text", "text": "Alert" } }),
            json!({ "type": "section", "text": { "type": "mrkdwn", "text": "for <@U2>" },
                "fields": [{ "type": "mrkdwn", "text": "one" }],
                "accessory": { "type": "button", "action_id": "a", "value": "v", "text": { "type": "plain_text", "text": "Yes" } } }),
            json!({ "type": "divider" }),
        ];
        assert_eq!(s.blocks_text(&blocks), "Alert\nfor @Colleague\none");
        assert_eq!(buttons(&blocks).len(), 1);
        assert_eq!(buttons(&blocks)[0].label, "Yes");
    }
}
