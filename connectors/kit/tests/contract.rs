//! The contract notices what it is there to notice: connectors that break one rule each.

use async_trait::async_trait;
use nightbell_connector_kit::contract;
use nightbell_connector_kit::fake::response;
use nightbell_core::action::{Call, Manifest, Outcome};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::SendError;
use nightbell_core::port::http::{Http, Request};
use nightbell_core::port::pager::{PageText, Pager};
use std::sync::Arc;
use std::time::Duration;

const SECRET: &str = "a secret of sixteen";

fn request(body: String) -> Request {
    let url = "https://hooks.example.com".to_owned();
    Request {
        method: "POST",
        url,
        headers: Vec::new(),
        body: body.into_bytes(),
        timeout: Duration::from_secs(1),
        max_response: 100,
    }
}

/// One mistake each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Slip {
    None,
    ForgetsTheKey,
    SendsTheSecret,
    RepeatsTheSecret,
    RetriesByItself,
    IgnoresRetryAfter,
    GivesUpOnSilence,
    RetriesRefusals,
    Guesses,
    SendsUnknownActions,
}

struct Sloppy(Slip, Arc<dyn Http>);

impl Sloppy {
    async fn post(&self, key: &str) -> Result<nightbell_core::port::http::Response, String> {
        let body = match self.0 {
            Slip::ForgetsTheKey => "{}".to_owned(),
            Slip::SendsTheSecret => format!("{key} {SECRET}"),
            _ => key.to_owned(),
        };
        if self.0 == Slip::RetriesByItself {
            let _ = self.1.send(request(body.clone())).await;
        }
        self.1.send(request(body)).await.map_err(|e| e.to_string())
    }
}

#[async_trait]
impl Pager for Sloppy {
    fn name(&self) -> &'static str {
        "sloppy"
    }

    async fn page(&self, page: &PageText) -> Result<(), SendError> {
        let after_ms = if self.0 == Slip::IgnoresRetryAfter { 1 } else { 7_000 };
        match self.post(&page.key).await {
            Ok(r) if r.status < 300 => Ok(()),
            Ok(r) if r.status < 500 && r.status != 429 && self.0 != Slip::RetriesRefusals => {
                Err(SendError::Never(if self.0 == Slip::RepeatsTheSecret { SECRET.into() } else { "refused".into() }))
            }
            Err(_) if self.0 == Slip::GivesUpOnSilence => Err(SendError::Never("silence".into())),
            _ => Err(SendError::Later { why: "later".into(), after_ms }),
        }
    }
}

fn manifest() -> Manifest {
    serde_json::from_value(serde_json::json!({
        "name": "badges.void", "about": "Void a badge", "effect": "destructive", "idempotent": "none"
    }))
    .unwrap_or_else(|e| unreachable!("{e}"))
}

#[async_trait]
impl Actions for Sloppy {
    fn manifests(&self) -> Vec<Manifest> {
        vec![manifest()]
    }

    async fn call(&self, call: &Call) -> Outcome {
        let failed =
            |message: &str, retryable| Outcome::Failed { code: "x".into(), message: message.into(), retryable };
        if call.action != "badges.void" && self.0 != Slip::SendsUnknownActions {
            return failed("no such action", false);
        }
        match self.post(&call.key).await {
            Ok(r) if r.status < 300 => Outcome::Done { outputs: serde_json::json!({}) },
            Ok(r) if r.status == 429 || r.status == 503 => failed("busy", true),
            Ok(r) if r.status < 500 => failed(
                if self.0 == Slip::RepeatsTheSecret { SECRET } else { "refused" },
                self.0 == Slip::RetriesRefusals,
            ),
            Err(why) if why.starts_with("could not connect") => failed("not sent", true),
            _ if self.0 == Slip::Guesses => failed("it will not have happened", true),
            _ => Outcome::Unknown { why: "silence".into() },
        }
    }
}

async fn pager(slip: Slip) -> Vec<&'static str> {
    let broken = contract::pager(|http| Sloppy(slip, http), response(200, ""), SECRET).await;
    broken.into_iter().map(|b| b.rule).collect()
}

async fn actions(slip: Slip) -> Vec<&'static str> {
    let call = |m: &Manifest| Call {
        action: m.name.clone(),
        major: 1,
        args: serde_json::json!({}),
        key: "key-1".into(),
        repeat: false,
    };
    let broken = contract::actions(|http| Sloppy(slip, http), call, |_| response(200, "{}"), SECRET).await;
    broken.into_iter().map(|b| b.rule).collect()
}

#[tokio::test]
async fn a_sound_connector_breaks_nothing() {
    assert_eq!(pager(Slip::None).await, Vec::<&str>::new());
    assert_eq!(actions(Slip::None).await, Vec::<&str>::new());
}

#[tokio::test]
async fn each_slip_of_a_pager_is_named() {
    for (slip, rule) in [
        (Slip::ForgetsTheKey, "the idempotency key is sent on every try"),
        (Slip::SendsTheSecret, "no secret stands in a body"),
        (Slip::RepeatsTheSecret, "no secret stands in a reason"),
        (Slip::RetriesByItself, "one call of the port is one request: the outbox retries"),
        (Slip::IgnoresRetryAfter, "Retry-After is honoured"),
        (Slip::GivesUpOnSilence, "no answer is tried later"),
        (Slip::RetriesRefusals, "a refused page is Never"),
    ] {
        assert!(pager(slip).await.contains(&rule), "{slip:?}");
    }
}

#[tokio::test]
async fn each_slip_of_an_action_is_named() {
    for (slip, rule) in [
        (Slip::ForgetsTheKey, "the idempotency key is sent on every try"),
        (Slip::SendsTheSecret, "no secret stands in a body"),
        (Slip::RepeatsTheSecret, "no secret stands in a reason"),
        (Slip::RetriesByItself, "one call of the port is one request: the outbox retries"),
        (Slip::RetriesRefusals, "a refusal is Failed and final"),
        (Slip::Guesses, "an unclear end is retried when that is safe and else put to a human"),
        (Slip::SendsUnknownActions, "an action without a manifest is never sent"),
    ] {
        assert!(actions(slip).await.contains(&rule), "{slip:?}");
    }
}
