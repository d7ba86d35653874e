//! `chat.room`: a private room for an incident, with the people who are needed in it.
//!
//! The room's name carries a piece of the call's key, so that a repeat of the same call finds the room of the first.

use crate::Slack;
use crate::chat::Failed;
use crate::receive::PLATFORM;
use crate::text::{at, list};
use crate::trouble::Trouble;
use async_trait::async_trait;
use nightbell_core::action::{Call, Manifest, Outcome};
use nightbell_core::canonical::digest_bytes;
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::SendError;
use nightbell_core::text::one_line;
use serde_json::{Value, json};
use std::sync::Arc;

/// The action.
pub const ROOM: &str = "chat.room";
/// Longest name of a channel; Slack takes 80 characters.
const MAX_NAME: usize = 70;
/// Longest topic.
const MAX_TOPIC: usize = 250;
/// Most people invited; Slack takes 100 at once.
const MAX_PEOPLE: usize = 90;
/// Pages of channels looked through for one that is there already.
const MAX_PAGES: usize = 20;

/// Opens rooms.
pub struct Rooms {
    slack: Arc<Slack>,
    manifest: Manifest,
}

impl Rooms {
    /// With the manifest of [`ROOM`] from the catalogue.
    pub fn new(slack: Arc<Slack>, manifest: Manifest) -> Self {
        Self { slack, manifest }
    }
}

/// The room's name: lower case letters, digits and dashes, as Slack wants it.
fn name(wanted: &str, key: &str) -> String {
    let mut out = String::from("inc-");
    for c in wanted.to_lowercase().chars() {
        let c = if c.is_ascii_alphanumeric() { c } else { '-' };
        if !(c == '-' && out.ends_with('-')) && out.len() < MAX_NAME {
            out.push(c);
        }
    }
    let digest = digest_bytes(key.as_bytes());
    let piece: String = digest.chars().rev().filter(char::is_ascii_hexdigit).take(6).collect();
    format!("{}-{piece}", out.trim_end_matches('-'))
}

fn failed(f: Failed) -> Outcome {
    let (code, retryable) = match &f.trouble {
        Some(Trouble::Said { code, .. }) => (code.clone(), matches!(f.error, SendError::Later { .. })),
        _ => ("NB2101".to_owned(), true),
    };
    let message = f.trouble.as_ref().map_or_else(|| f.error.to_string(), Trouble::words);
    Outcome::Failed { code, message, retryable }
}

#[async_trait]
impl Actions for Rooms {
    fn manifests(&self) -> Vec<Manifest> {
        vec![self.manifest.clone()]
    }

    async fn call(&self, call: &Call) -> Outcome {
        match self.open(call).await {
            Ok(outputs) => Outcome::Done { outputs },
            Err(f) => failed(f),
        }
    }
}

impl Rooms {
    async fn open(&self, call: &Call) -> Result<Value, Failed> {
        let wanted = at(&call.args, "/name");
        let name = name(wanted, &call.key);
        let body = json!({"name": name, "is_private": true});
        let id = match self.slack.ask("conversations.create", None, &body).await {
            Ok(v) => at(&v, "/channel/id").to_owned(),
            Err(Failed { trouble: Some(Trouble::Said { code, .. }), error }) if code == "name_taken" => {
                self.find(&name).await?.ok_or(Failed { error, trouble: None })?
            }
            Err(f) => return Err(f),
        };
        let topic: String = one_line(at(&call.args, "/topic"), MAX_TOPIC);
        if !topic.is_empty() {
            // A room without its topic is still a room.
            let _ = self.slack.ask("conversations.setTopic", None, &json!({"channel": id, "topic": topic})).await;
        }
        let (users, unknown) = self.people(list(&call.args, "/people")).await?;
        let mut left_out = unknown;
        if !users.is_empty() {
            let body = json!({"channel": id, "users": users.join(",")});
            match self.slack.ask("conversations.invite", None, &body).await {
                Ok(_) => {}
                Err(Failed { trouble: Some(Trouble::Said { code, .. }), .. }) if code == "already_in_channel" => {}
                // One who cannot be invited must not keep the others out.
                Err(Failed { trouble: Some(Trouble::Said { .. }), .. }) => {
                    for user in &users {
                        let body = json!({"channel": id, "users": user});
                        if let Err(Failed { trouble: Some(Trouble::Said { code, .. }), .. }) =
                            self.slack.ask("conversations.invite", None, &body).await
                            && code != "already_in_channel"
                        {
                            left_out.push(format!("{user} ({code})"));
                        }
                    }
                }
                Err(f) => return Err(f),
            }
        }
        Ok(json!({"channel": format!("{PLATFORM}:{id}"), "name": name, "not_invited": left_out}))
    }

    /// Users by address or by Slack's id; and who could not be found.
    async fn people(&self, wanted: &[Value]) -> Result<(Vec<String>, Vec<String>), Failed> {
        let (mut users, mut unknown) = (Vec::new(), Vec::new());
        for who in wanted.iter().take(MAX_PEOPLE) {
            let text = who.as_str().unwrap_or_else(|| at(who, "/email"));
            let text = text.trim();
            if !text.contains('@') {
                unknown.push(one_line(text, 80));
                continue;
            }
            match self.slack.read("users.lookupByEmail", &[("email", text)]).await {
                Ok(v) => users.push(at(&v, "/user/id").to_owned()),
                Err(Failed { trouble: Some(Trouble::Said { .. }), .. }) => unknown.push(one_line(text, 80)),
                Err(f) => return Err(f),
            }
        }
        users.retain(|u| !u.is_empty());
        users.sort();
        users.dedup();
        Ok((users, unknown))
    }

    /// A room of ours by its name.
    async fn find(&self, name: &str) -> Result<Option<String>, Failed> {
        let mut cursor = String::new();
        for _ in 0..MAX_PAGES {
            let mut params = vec![("types", "private_channel"), ("limit", "200"), ("exclude_archived", "true")];
            if !cursor.is_empty() {
                params.push(("cursor", cursor.as_str()));
            }
            let page = self.slack.read("conversations.list", &params).await?;
            if let Some(c) = list(&page, "/channels").iter().find(|c| at(c, "/name") == name) {
                return Ok(Some(at(c, "/id").to_owned()));
            }
            let next = at(&page, "/response_metadata/next_cursor").to_owned();
            if next.is_empty() {
                break;
            }
            cursor = next;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_slack_takes_and_the_same_for_a_repeat() {
        let a = name("Ransomware on WS-17 (ümlaut)!", "k1");
        assert_eq!(a, name("Ransomware on WS-17 (ümlaut)!", "k1"));
        assert_ne!(a, name("Ransomware on WS-17 (ümlaut)!", "k2"));
        assert!(a.starts_with("inc-ransomware-on-ws-17-mlaut-"), "{a}");
        for wanted in ["", "---", &"x".repeat(500), "日本"] {
            let n = name(wanted, "k");
            let fine = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(n.len() <= 80 && n.chars().all(fine), "{n}");
        }
    }
}
