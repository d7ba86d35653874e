//! What Slack's refusals mean: for the message at hand, and for the operator.

use jiff::Timestamp;
use nightbell_core::code::{self, Code};
use nightbell_core::port::chat::{Finding, SendError};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Why a call did not go well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Too many calls; with the wait that was asked for.
    Limited(Option<Duration>),
    /// It certainly did not happen: no connection, or refused before any work.
    Away(String),
    /// It may have happened.
    Unclear(String),
    /// Slack said no.
    Said {
        /// Slack's error code.
        code: String,
        /// The scope that is missing.
        needed: Option<String>,
    },
}

/// How a refusal is dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Somebody can put it right: messages wait.
    Fixable,
    /// This message will never arrive there.
    Final,
    /// Slack's own trouble: again soon.
    Passing,
}

/// Slack's error codes that people meet, what they mean, and what to do. Codes: Slack's method pages.
const KNOWN: &[(&str, Kind, &str)] = &[
    ("token_revoked", Kind::Fixable, "the bot token was revoked. Install the app again and put the new token in place"),
    ("token_expired", Kind::Fixable, "the bot token has expired. Turn token rotation off or put a new token in place"),
    ("invalid_auth", Kind::Fixable, "the bot token is not valid. Copy it again from \"OAuth & Permissions\""),
    ("not_authed", Kind::Fixable, "no bot token was sent. Set slack.bot_token"),
    ("account_inactive", Kind::Fixable, "the app was removed from the workspace. Install it again"),
    ("org_login_required", Kind::Fixable, "the workspace moves to another organisation. It comes back by itself"),
    ("access_denied", Kind::Fixable, "the workspace does not let this app in. An owner must approve it"),
    ("team_access_not_granted", Kind::Fixable, "the app is not installed in this workspace of the organisation"),
    ("missing_scope", Kind::Fixable, "a permission is missing. Add it to the app and install it again"),
    ("not_allowed_token_type", Kind::Fixable, "this is another kind of token than the bot token `xoxb-...`"),
    ("ekm_access_denied", Kind::Fixable, "the company's key management refuses. An administrator must look at it"),
    ("channel_not_found", Kind::Final, "the channel is not there, or it is private and the bot was not invited"),
    ("not_in_channel", Kind::Final, "the bot is not in this channel. Invite it with /invite"),
    ("is_archived", Kind::Final, "the channel is archived. Configure another one"),
    ("restricted_action", Kind::Final, "the workspace does not allow posting there. An administrator decides that"),
    ("restricted_action_read_only_channel", Kind::Final, "the channel is read-only"),
    ("restricted_action_thread_only_channel", Kind::Final, "in this channel only threads are allowed"),
    ("messages_tab_disabled", Kind::Final, "the app's message tab is off. Turn it on under \"App Home\""),
    ("user_not_found", Kind::Final, "Slack does not know this person"),
    ("users_not_found", Kind::Final, "Slack does not know this address"),
    ("user_not_visible", Kind::Final, "the bot may not see this person"),
    ("user_disabled", Kind::Final, "this account is switched off"),
    ("cannot_dm_bot", Kind::Final, "this account is a bot"),
    ("user_not_in_channel", Kind::Final, "the person is not in this channel"),
    ("msg_too_long", Kind::Final, "the message is too long for Slack"),
    ("msg_blocks_too_long", Kind::Final, "the message is too long for Slack"),
    ("invalid_blocks", Kind::Final, "Slack does not accept the form of this message"),
    ("no_text", Kind::Final, "the message is empty"),
    ("message_not_found", Kind::Final, "the message is gone"),
    ("cant_update_message", Kind::Final, "the message cannot be changed any more"),
    ("edit_window_closed", Kind::Final, "the message cannot be changed any more"),
    ("internal_error", Kind::Passing, "Slack has trouble of its own"),
    ("fatal_error", Kind::Passing, "Slack has trouble of its own"),
    ("service_unavailable", Kind::Passing, "Slack has trouble of its own"),
    ("request_timeout", Kind::Passing, "Slack did not read the call in time"),
    ("team_added_to_org", Kind::Passing, "the workspace is being moved"),
];

fn known(code: &str) -> (Kind, &'static str) {
    KNOWN.iter().find(|(c, ..)| *c == code).map_or((Kind::Final, "Slack refused the call"), |(_, k, w)| (*k, *w))
}

impl Trouble {
    /// Slack's error code, when it said one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Said { code, .. } => Some(code),
            _ => None,
        }
    }

    /// In words, for the operator.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Limited(_) => "Slack asked us to wait".to_owned(),
            Self::Away(why) | Self::Unclear(why) => why.clone(),
            Self::Said { code, needed: Some(scope) } => {
                format!("{}: {} ({code})", known(code).1, nightbell_core::text::one_line(scope, 120))
            }
            Self::Said { code, needed: None } => format!("{} ({code})", known(code).1),
        }
    }

    /// What becomes of the message.
    pub(crate) fn send_error(&self) -> SendError {
        let why = self.words();
        let later = |after_ms| SendError::Later { why: why.clone(), after_ms };
        match self {
            Self::Limited(after) => later(after.unwrap_or(Duration::from_secs(1)).as_millis() as u64),
            Self::Away(_) | Self::Unclear(_) => later(1_000),
            Self::Said { code, .. } => match known(code).0 {
                Kind::Fixable => later(60_000),
                Kind::Passing => later(2_000),
                Kind::Final => SendError::Never(why),
            },
        }
    }
}

/// What goes wrong at present, for `admin doctor`. One line per kind of trouble.
#[derive(Debug, Default)]
pub(crate) struct Log(Mutex<BTreeMap<String, (String, Timestamp, u32)>>);

/// Trouble older than this is over.
const RECENT_MINUTES: i64 = 60;
/// Most kinds kept.
const MOST: usize = 40;

impl Log {
    /// Remembers trouble with a method.
    pub(crate) fn tell(&self, method: &str, t: &Trouble, now: Timestamp) {
        let key = t.code().map_or_else(|| "http".to_owned(), str::to_owned);
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= MOST && !map.contains_key(&key) {
            return;
        }
        let entry = map.entry(key).or_insert_with(|| (String::new(), now, 0));
        *entry = (format!("{method}: {}", t.words()), now, entry.2.saturating_add(1));
    }

    /// What a call that went well puts an end to: trouble with the token or with the connection.
    pub(crate) fn fine(&self) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !map.is_empty() {
            map.retain(|code, _| code != "http" && !(known(code).0 == Kind::Fixable && code != "missing_scope"));
        }
    }

    /// The lines.
    pub(crate) fn findings(&self, now: Timestamp) -> Vec<Finding> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = map.iter().filter(|(_, (_, at, _))| now.duration_since(*at).as_mins() < RECENT_MINUTES);
        recent.map(|(code, (text, _, n))| Finding::bad(nb(code), format!("{text} ({n} times)"))).collect()
    }
}

/// The page that explains one of Slack's codes.
fn nb(slack: &str) -> Code {
    match known(slack).0 {
        Kind::Fixable => code::CONNECTOR_REFUSED,
        Kind::Final if slack != "http" => code::CHAT_UNDELIVERABLE,
        _ => code::CONNECTOR_DOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: &str) -> Trouble {
        Trouble::Said { code: code.to_owned(), needed: None }
    }

    #[test]
    fn what_somebody_can_put_right_waits_and_what_is_over_is_given_up() {
        assert!(matches!(said("token_revoked").send_error(), SendError::Later { after_ms: 60_000, .. }));
        assert!(matches!(said("internal_error").send_error(), SendError::Later { .. }));
        for code in ["is_archived", "user_disabled", "something_new"] {
            assert!(matches!(said(code).send_error(), SendError::Never(_)), "{code}");
        }
        let wait = Trouble::Limited(Some(Duration::from_secs(37))).send_error();
        assert!(matches!(wait, SendError::Later { after_ms: 37_000, .. }));
    }

    #[test]
    fn the_missing_permission_is_named() {
        let t = Trouble::Said { code: "missing_scope".to_owned(), needed: Some("im:write".to_owned()) };
        assert!(t.words().contains("im:write"), "{}", t.words());
    }

    #[test]
    fn trouble_is_told_until_it_is_over() {
        let log = Log::default();
        let now = Timestamp::UNIX_EPOCH;
        log.tell("chat.postMessage", &said("token_revoked"), now);
        log.tell("chat.postMessage", &said("is_archived"), now);
        assert_eq!(log.findings(now).len(), 2);
        log.fine();
        let left = log.findings(now);
        assert!(left.len() == 1 && left[0].text.contains("archived"), "{left:?}");
        assert!(log.findings(now + jiff::SignedDuration::from_hours(2)).is_empty());
    }
}
