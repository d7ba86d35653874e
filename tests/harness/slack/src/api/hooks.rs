//! Response URLs: five uses within thirty minutes.

use super::chat::{Content, content};
use crate::state::SlackState;
use crate::wire::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// How often one may be used.
const USES: u32 = 5;
/// How long, in minutes.
const MINUTES: i64 = 30;

impl SlackState {
    pub(super) fn is_response_url(&self, route: &str) -> bool {
        self.response_urls.iter().any(|r| r.path == route)
    }

    /// A body that came for a response URL.
    pub(super) fn respond(&mut self, now: Timestamp, route: &str, args: &Map<String, Value>) -> Response {
        let refused = |status: u16, error: &str| Response::json(status, &json!({ "ok": false, "error": error }));
        let Some(r) = self.response_urls.iter_mut().find(|r| r.path == route) else {
            return refused(404, "no_such_url");
        };
        if now.duration_since(r.at) > SignedDuration::from_mins(MINUTES) {
            return refused(404, "expired_url");
        }
        if r.uses >= USES {
            return refused(404, "used_url");
        }
        let (channel, user, message) = (r.channel.clone(), r.user.clone(), r.message.clone());
        let flag = |key: &str| args.get(key).is_some_and(|v| *v == json!(true) || *v == json!("true"));
        let what = match content(args) {
            Ok(c) => c,
            Err(e) => return refused(400, &e.error),
        };
        let empty = what.text.is_none() && what.blocks.is_none();
        if empty && !flag("delete_original") {
            return refused(400, "no_text");
        }
        r.uses += 1;
        match message {
            Some(ts) if flag("delete_original") => self.remove_message(now, &channel, &ts),
            Some(ts) if flag("replace_original") => self.rewrite(now, &channel, &ts, what),
            _ => self.say_there(now, &channel, &user, what, args),
        }
        Response::new(200, "text/plain", "ok")
    }

    fn say_there(&mut self, now: Timestamp, channel: &str, user: &str, what: Content, args: &Map<String, Value>) {
        let everyone = args.get("response_type").and_then(Value::as_str) == Some("in_channel");
        let thread = args.get("thread_ts").and_then(Value::as_str).map(str::to_owned);
        self.bot_writes(now, channel, what, thread, (!everyone).then(|| user.to_owned()));
    }
}
