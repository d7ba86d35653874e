//! The contract, and the webhook against a receiver on loopback that checks what it gets.
#![expect(clippy::expect_used, reason = "helpers of tests: a failed set-up is a failed test")]

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response as Answer};
use axum::routing::post;
use jiff::Timestamp;
use nightbell_action_webhook::{ActionWebhook, Config};
use nightbell_connector_kit::fake::{FakeHttp, StillClock, response};
use nightbell_connector_kit::health::{Check, State};
use nightbell_connector_kit::signature::{IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, TOLERANCE, verify};
use nightbell_connector_kit::{ReqwestHttp, Secret, contract};
use nightbell_core::action::{Call, Manifest, Outcome};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::http::Http;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SECRET: &str = "a shared secret of the actions";

fn now() -> Timestamp {
    "2026-11-21T03:00:00Z".parse().expect("instant")
}

fn manifests() -> Vec<Manifest> {
    let read = |v: Value| serde_json::from_value(v).expect("manifest");
    vec![
        read(json!({"name": "tickets.create", "about": "Create a ticket", "effect": "notify", "idempotent": "key",
            "outputs": {"id": "string", "number": "integer"}, "timeout": "500ms"})),
        read(json!({"name": "users.lookup", "about": "Look a person up", "effect": "read", "idempotent": "none",
            "outputs": {"found": "boolean"}, "timeout": "500ms"})),
        read(
            json!({"name": "labels.set", "about": "Set a label", "effect": "change", "idempotent": "natural", "timeout": "500ms"}),
        ),
        read(
            json!({"name": "badges.check_in", "about": "Take a badge back", "effect": "change", "idempotent": "check", "timeout": "500ms"}),
        ),
        read(json!({"name": "badges.void", "about": "Void a badge", "effect": "destructive", "idempotent": "none",
            "outputs": {"at": "string"}, "timeout": "500ms"})),
    ]
}

fn actions(base: &str, http: Arc<dyn Http>) -> ActionWebhook {
    let config = Config {
        base_url: Some(base.to_owned()),
        urls: std::collections::BTreeMap::new(),
        secret: Secret::new(SECRET),
    };
    ActionWebhook::new(config, manifests(), http, Arc::new(StillClock(now()))).expect("config")
}

fn call(name: &str) -> Call {
    Call {
        action: name.into(),
        major: 1,
        args: json!({"who": "a@example.com"}),
        key: "run-1/step-2/0".into(),
        repeat: false,
    }
}

async fn over(result_status: u16, body: &str, name: &str) -> Outcome {
    actions("https://auto.example.com", FakeHttp::always(Ok(response(result_status, body)))).call(&call(name)).await
}

/// A receiver: checks the signature, remembers what came, and misbehaves by the name of the action.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Value>>>);

impl Receiver {
    async fn start(&self) -> String {
        let me = self.clone();
        let app = Router::new().route(
            "/{action}",
            post(move |Path(action): Path<String>, headers: HeaderMap, body: Bytes| {
                let me = me.clone();
                async move { me.take(&action, &headers, &body).await }
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    async fn take(&self, action: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
        let h = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        if verify(&Secret::new(SECRET), &h(TIMESTAMP), body, &h(SIGNATURE), now(), TOLERANCE).is_err() {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let value: Value = serde_json::from_slice(body).expect("json");
        assert_eq!(value["key"], h(IDEMPOTENCY_KEY));
        self.0.lock().expect("lock").push(value);
        if action.starts_with("badges") || action.starts_with("labels") {
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        axum::Json(json!({"id": "T-1", "number": 1})).into_response()
    }
}

#[tokio::test]
async fn the_contract_holds() {
    let broken = contract::actions(
        |http| actions("https://auto.example.com/hooks", http),
        |m| call(&m.name),
        |_| response(200, r#"{"id":"T-1","number":1,"found":true,"at":"now"}"#),
        SECRET,
    )
    .await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn a_call_arrives_signed_with_its_arguments() {
    let receiver = Receiver::default();
    let a = actions(&receiver.start().await, Arc::new(ReqwestHttp::new().expect("client")));
    let got = a.call(&call("tickets.create")).await;
    assert_eq!(got, Outcome::Done { outputs: json!({"id": "T-1", "number": 1}) });
    let seen = receiver.0.lock().expect("lock").clone();
    let want = json!({"action": "tickets.create", "major": 1, "args": {"who": "a@example.com"},
        "key": "run-1/step-2/0", "repeat": false});
    assert_eq!(seen, [want]);
    assert_eq!(a.check().await.to_string(), "ok   webhook:actions: 5 actions; servers asked: 1 of 1, all reachable");
    assert_eq!(receiver.0.lock().expect("lock").len(), 1, "the check does nothing");
}

#[tokio::test]
async fn silence_after_sending_is_never_guessed() {
    let receiver = Receiver::default();
    let a = actions(&receiver.start().await, Arc::new(ReqwestHttp::new().expect("client")));
    for (name, unknown) in [("badges.void", true), ("badges.check_in", true), ("labels.set", false)] {
        let got = a.call(&call(name)).await;
        match got {
            Outcome::Unknown { .. } => assert!(unknown, "{name}"),
            Outcome::Failed { retryable: true, .. } => assert!(!unknown, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    assert_eq!(receiver.0.lock().expect("lock").len(), 3, "each was sent once");
}

#[tokio::test]
async fn a_receiver_that_is_down_got_nothing() {
    let a = actions("http://127.0.0.1:9", Arc::new(ReqwestHttp::new().expect("client")));
    let got = a.call(&call("badges.void")).await;
    assert!(matches!(&got, Outcome::Failed { retryable: true, .. }), "{got:?}");
    assert_eq!(a.check().await.state, State::Down);
}

#[tokio::test]
async fn another_major_version_is_another_action() {
    let http = FakeHttp::always(Ok(response(200, "{}")));
    let a = actions("https://auto.example.com", http.clone());
    let mut c = call("badges.void");
    c.major = 2;
    assert!(matches!(a.call(&c).await, Outcome::Failed { retryable: false, .. }));
    assert!(http.seen().is_empty());
}

#[tokio::test]
async fn a_yes_with_an_unusable_body_is_not_a_no() {
    let done = |v: Value| Outcome::Done { outputs: v };
    assert_eq!(over(204, "", "badges.void").await, done(json!({})));
    assert_eq!(over(200, "ok", "labels.set").await, done(json!({})), "nothing was promised");
    assert_eq!(over(201, r#"{"more":[1]}"#, "labels.set").await, done(json!({"more": [1]})));
    assert_eq!(over(200, r#"{"at":null}"#, "badges.void").await, done(json!({"at": null})));
    for body in ["ok", "[]", r#"{"at":5}"#, "{\"at\":"] {
        let got = over(200, body, "badges.void").await;
        assert!(matches!(&got, Outcome::Unknown { why } if why.starts_with("answered 200, but ")), "{got:?}");
    }
    let got = over(200, r#"{"number":"one"}"#, "tickets.create").await;
    assert!(matches!(&got, Outcome::Failed { retryable: true, .. }), "safe to repeat: {got:?}");
}

#[tokio::test]
async fn a_refusal_carries_the_services_word() {
    let of = |o: Outcome| match o {
        Outcome::Failed { code, message, retryable } => (code, message, retryable),
        other => panic!("{other:?}"),
    };
    let body = r#"{"code":"already_void","message":"That badge is void"}"#;
    let want = ("already_void".to_owned(), "answered 409: That badge is void".to_owned(), false);
    assert_eq!(of(over(409, body, "badges.void").await), want);
    assert!(of(over(409, body, "tickets.create").await).2, "with a key, 409 is `still under way`");
    for odd in
        [r#"{"code":"NB2303"}"#, r#"{"code":"a b"}"#, r#"{"code":7}"#, &format!(r#"{{"code":"{}"}}"#, "a".repeat(65))]
    {
        assert_eq!(of(over(400, odd, "badges.void").await).0, "NB2101", "{odd}");
    }
}
