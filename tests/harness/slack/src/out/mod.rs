//! What the workspace sends to the app: events, commands, interactions, each until it is acknowledged.

mod events;
mod home;
mod messages;
mod pick;
mod press;
mod views;

pub use messages::{Say, Upload, mail_object};

use crate::state::SlackState;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

/// What it is, as sockets name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Of the Events API; delivered again when it is not acknowledged.
    EventsApi,
    /// A slash command; delivered once.
    SlashCommands,
    /// A click, a form, a shortcut; delivered once.
    Interactive,
}

impl Kind {
    /// As in `type` of an envelope.
    pub fn name(self) -> &'static str {
        match self {
            Self::EventsApi => "events_api",
            Self::SlashCommands => "slash_commands",
            Self::Interactive => "interactive",
        }
    }
}

/// One try.
#[derive(Debug, Clone, Serialize)]
pub struct Try {
    /// New for each try.
    pub envelope_id: String,
    /// When.
    pub at: Timestamp,
    /// Socket on which it went; 0 otherwise.
    pub connection: u64,
}

/// Something that is to reach the app.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    /// Position in the list, from 0 on.
    pub id: usize,
    /// What it is.
    pub kind: Kind,
    /// What is sent.
    pub payload: Value,
    /// The same in every try; events only.
    pub event_id: Option<String>,
    /// When it happened.
    pub made_at: Timestamp,
    /// So far.
    pub tries: Vec<Try>,
    /// When it is tried next; none: no more.
    pub next_at: Option<Timestamp>,
    /// First acknowledgement.
    pub acked_at: Option<Timestamp>,
    /// What came with it.
    pub ack: Option<Value>,
    /// How often it was acknowledged.
    pub acks: u32,
    /// Why the last try failed, as the retry will say.
    pub reason: &'static str,
}

impl Delivery {
    /// How long the acknowledgement took, from the last try before it on.
    pub fn took(&self) -> Option<SignedDuration> {
        let acked = self.acked_at?;
        let last = self.tries.iter().rfind(|t| t.at <= acked)?;
        Some(acked.duration_since(last.at))
    }
}

/// One try as it goes over the wire.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Of [`Delivery`].
    pub delivery: usize,
    /// New for each try.
    pub envelope_id: String,
    /// What it is.
    pub kind: Kind,
    /// What is sent.
    pub payload: Value,
    /// 0 at first.
    pub attempt: u32,
    /// Such as `timeout`; empty at first.
    pub reason: &'static str,
}

impl Envelope {
    /// The frame of a socket.
    pub fn frame(&self) -> Value {
        let with_payload = match self.kind {
            Kind::EventsApi => false,
            Kind::SlashCommands => true,
            Kind::Interactive => {
                matches!(
                    self.payload["type"].as_str(),
                    Some("view_submission" | "block_suggestion" | "dialog_submission")
                )
            }
        };
        let mut v = json!({ "envelope_id": self.envelope_id, "type": self.kind.name(), "payload": self.payload,
            "accepts_response_payload": with_payload });
        if self.kind == Kind::EventsApi {
            v["retry_attempt"] = json!(self.attempt);
            v["retry_reason"] = json!(self.reason);
        }
        v
    }
}

/// Within this many seconds the app must acknowledge.
pub const ACK_SECONDS: i64 = 3;

impl SlackState {
    /// Puts something into the list. It goes out at the next [`SlackState::due`].
    pub(crate) fn send(&mut self, now: Timestamp, kind: Kind, payload: Value) -> usize {
        let id = self.deliveries.len();
        let event_id = payload["event_id"].as_str().map(str::to_owned);
        self.deliveries.push(Delivery {
            id,
            kind,
            payload,
            event_id,
            made_at: now,
            tries: Vec::new(),
            next_at: Some(now),
            acked_at: None,
            ack: None,
            acks: 0,
            reason: "",
        });
        id
    }

    /// What is to be sent now, in order: new things, and events whose acknowledgement did not come. Counts as sent.
    pub fn due(&mut self, now: Timestamp) -> Vec<Envelope> {
        let again = self.redeliver_after;
        let mut all = Vec::new();
        let waiting =
            self.deliveries.iter_mut().filter(|d| d.acked_at.is_none() && d.next_at.is_some_and(|n| n <= now));
        for d in waiting {
            let attempt = d.tries.len();
            let last = if d.kind == Kind::EventsApi { again.len() } else { 0 };
            if attempt > last {
                d.next_at = None;
                continue;
            }
            if attempt > 0 && d.reason.is_empty() {
                d.reason = "timeout";
            }
            let wait = again.get(attempt).copied().unwrap_or(ACK_SECONDS as f64).clamp(0.0, 1e6);
            d.next_at = Some(now + SignedDuration::from_millis((wait * 1_000.0) as i64));
            let envelope_id = self.ids.uuid();
            d.tries.push(Try { envelope_id: envelope_id.clone(), at: now, connection: 0 });
            all.push(Envelope {
                delivery: d.id,
                envelope_id,
                kind: d.kind,
                payload: d.payload.clone(),
                attempt: attempt as u32,
                reason: d.reason,
            });
        }
        all
    }

    /// The app acknowledges an envelope, with or without a payload. False when nobody knows that envelope.
    pub fn ack(&mut self, now: Timestamp, envelope_id: &str, payload: Option<Value>) -> bool {
        let known = self.deliveries.iter_mut().find(|d| d.tries.iter().any(|t| t.envelope_id == envelope_id));
        let Some(d) = known else { return false };
        d.acks += 1;
        let payload = payload.filter(|p| p.as_object().is_some_and(|o| !o.is_empty()));
        let mut line = json!({ "envelope_id": envelope_id });
        if let Some(p) = &payload {
            line["payload"] = p.clone();
        }
        self.recorder.line("slack-ack", &line);
        if d.acked_at.is_some() {
            return true;
        }
        d.acked_at = Some(now);
        d.next_at = None;
        d.ack.clone_from(&payload);
        let d = d.clone();
        // Who comes later than three seconds is not heard.
        let in_time = d.took().is_some_and(|t| t <= SignedDuration::from_secs(ACK_SECONDS));
        if in_time && d.kind != Kind::EventsApi {
            self.answered(now, &d, payload);
        }
        true
    }

    /// The try failed, so that the next one is due at once or as the schedule says; `why` goes into the retry.
    pub fn failed(&mut self, now: Timestamp, envelope_id: &str, why: &'static str) {
        let of = |d: &&mut Delivery| d.tries.last().is_some_and(|t| t.envelope_id == envelope_id);
        let again = self.redeliver_after;
        if let Some(d) = self.deliveries.iter_mut().find(of).filter(|d| d.acked_at.is_none()) {
            d.reason = why;
            // The first retry comes at once, without the wait for an acknowledgement.
            let wait = if d.tries.len() == 1 { 0.0 } else { again.get(d.tries.len() - 1).copied().unwrap_or(0.0) };
            d.next_at = Some(now + SignedDuration::from_millis((wait.clamp(0.0, 1e6) * 1_000.0) as i64));
        }
    }

    /// The app does not want it again.
    pub(crate) fn give_up(&mut self, envelope_id: &str) {
        let of = |d: &&mut Delivery| d.tries.iter().any(|t| t.envelope_id == envelope_id);
        if let Some(d) = self.deliveries.iter_mut().find(of) {
            d.next_at = None;
        }
    }

    /// Everything that was to reach the app.
    pub fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// Things that were not acknowledged and will not be tried again.
    pub fn lost(&self) -> Vec<&Delivery> {
        self.deliveries.iter().filter(|d| d.acked_at.is_none() && d.next_at.is_none()).collect()
    }

    /// Notes on which socket an envelope went.
    pub(crate) fn went(&mut self, envelope_id: &str, connection: u64) {
        let tries = self.deliveries.iter_mut().rev().filter_map(|d| d.tries.last_mut());
        if let Some(t) = tries.into_iter().find(|t| t.envelope_id == envelope_id) {
            t.connection = connection;
        }
    }
}
