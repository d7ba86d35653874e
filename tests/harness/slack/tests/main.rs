//! The workspace keeps to Slack's rules.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::type_complexity,
    reason = "helpers of tests, beside the tests themselves"
)]

mod direct;
mod events;
mod faults;
mod files;
mod forms;
mod hostile;
mod messages;
mod people;
mod push;
mod server;

use jiff::{SignedDuration, Timestamp};
use nightbell_slack_sim::{Envelope, Reply, Request, SlackState};
use serde_json::{Value, json};

/// A workspace and the time in it.
struct World {
    s: SlackState,
    now: Timestamp,
}

fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn world() -> World {
    World { s: SlackState::new(7), now: start() }
}

/// A call in JSON with a token.
fn request(method: &str, token: &str, body: &Value) -> Request {
    Request {
        method: "POST".to_owned(),
        path: format!("/api/{method}"),
        headers: vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Authorization".to_owned(), format!("Bearer {token}")),
        ],
        body: body.to_string().into_bytes(),
    }
}

impl World {
    fn reply(&mut self, method: &str, body: Value) -> Reply {
        let token = self.s.secrets.bot_token.clone();
        self.s.handle(self.now, &request(method, &token, &body))
    }

    /// The answer of a call with the bot token.
    fn call(&mut self, method: &str, body: Value) -> Value {
        self.reply(method, body).response.value()
    }

    /// The same, which must succeed.
    fn fine(&mut self, method: &str, body: Value) -> Value {
        let v = self.call(method, body);
        assert_eq!(v["ok"], true, "{method}: {v}");
        v
    }

    /// The same, which must be refused: the error.
    fn wrong(&mut self, method: &str, body: Value) -> String {
        let v = self.call(method, body);
        assert_eq!(v["ok"], false, "{method}: {v}");
        v["error"].as_str().unwrap().to_owned()
    }

    fn pass(&mut self, ms: i64) {
        self.now += SignedDuration::from_millis(ms);
    }

    /// What goes out now, acknowledged.
    fn take(&mut self) -> Vec<Envelope> {
        let due = self.s.due(self.now);
        for e in &due {
            assert!(self.s.ack(self.now, &e.envelope_id, None));
        }
        due
    }

    /// A message with one button, by the bot: channel and ts.
    fn with_button(&mut self, channel: &str) -> (String, String) {
        let v = self.fine("chat.postMessage", json!({ "channel": channel, "text": "choose", "blocks": [
            { "type": "section", "text": { "type": "mrkdwn", "text": "Was it you?" } },
            { "type": "actions", "block_id": "b", "elements": [
                { "type": "button", "action_id": "yes", "value": "v1", "text": { "type": "plain_text", "text": "Yes" } },
                { "type": "static_select", "action_id": "pick", "placeholder": { "type": "plain_text", "text": "Pick" },
                  "options": [{ "text": { "type": "plain_text", "text": "One" }, "value": "1" }] }] }] }));
        (v["channel"].as_str().unwrap().to_owned(), v["ts"].as_str().unwrap().to_owned())
    }

    /// A trigger of the employee's, fresh.
    fn trigger(&mut self) -> String {
        self.s.command(self.now, "U1", "dm", "/nightbell").unwrap();
        let sent = self.take();
        sent.last().unwrap().payload["trigger_id"].as_str().unwrap().to_owned()
    }
}

/// A form with an input that must be filled in and one that need not.
fn form(title: &str) -> Value {
    let text = |t: &str| json!({ "type": "plain_text", "text": t });
    json!({ "type": "modal", "callback_id": "f", "title": text(title), "submit": text("Send"), "blocks": [
        { "type": "input", "block_id": "what", "label": text("What happened?"),
          "element": { "type": "plain_text_input", "action_id": "text" } },
        { "type": "input", "block_id": "who", "optional": true, "label": text("Who?"),
          "element": { "type": "users_select", "action_id": "user" } }] })
}
