//! The contract, and the webhook against a receiver on loopback that checks what it gets.
#![expect(clippy::expect_used, reason = "helpers of tests: a failed set-up is a failed test")]

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use jiff::Timestamp;
use nightbell_connector_kit::fake::{FakeHttp, StillClock, response, response_with};
use nightbell_connector_kit::health::{Check, State};
use nightbell_connector_kit::signature::{IDEMPOTENCY_KEY, SIGNATURE, TIMESTAMP, TOLERANCE, verify};
use nightbell_connector_kit::{ReqwestHttp, Secret, contract};
use nightbell_core::port::chat::SendError;
use nightbell_core::port::http::{Http, HttpError};
use nightbell_core::port::pager::{PageText, Pager};
use nightbell_page_webhook::{Config, PageWebhook};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

const SECRET: &str = "a shared secret of the pager";

fn now() -> Timestamp {
    "2026-11-21T03:00:00Z".parse().expect("instant")
}

fn pager(url: &str, http: Arc<dyn Http>) -> PageWebhook {
    let config = Config {
        name: "pager".into(),
        url: url.into(),
        secret: Secret::new(SECRET),
        timeout: nightbell_core::duration::Span::secs(5),
    };
    PageWebhook::new(config, http, Arc::new(StillClock(now()))).expect("config")
}

fn page(key: &str) -> PageText {
    PageText {
        key: key.into(),
        case: "C-17".into(),
        title: "Somebody typed a password".into(),
        body: "Reported by mail, two people.\nNothing was locked yet.".into(),
        severity: "high".into(),
        level: 2,
    }
}

/// A receiver as its documentation would have it: checks the signature, takes each key once, fails when told to.
#[derive(Clone, Default)]
struct Receiver {
    woken: Arc<Mutex<Vec<String>>>,
    keys: Arc<Mutex<BTreeSet<String>>>,
    fail: Arc<Mutex<Vec<StatusCode>>>,
}

impl Receiver {
    async fn start(&self) -> String {
        let me = self.clone();
        let app = Router::new().route(
            "/hook",
            post(move |headers: HeaderMap, body: Bytes| {
                let me = me.clone();
                async move { me.take(&headers, &body) }
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let url = format!("http://{}/hook", listener.local_addr().expect("address"));
        tokio::spawn(async move { axum::serve(listener, app).await });
        url
    }

    fn take(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        let h = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        if verify(&Secret::new(SECRET), &h(TIMESTAMP), body, &h(SIGNATURE), now(), TOLERANCE).is_err() {
            return StatusCode::UNAUTHORIZED;
        }
        if self.keys.lock().expect("lock").insert(h(IDEMPOTENCY_KEY)) {
            self.woken.lock().expect("lock").push(String::from_utf8_lossy(body).into_owned());
        }
        // Failing after having taken it is the hard case: the answer is lost, the page is not.
        self.fail.lock().expect("lock").pop().unwrap_or(StatusCode::NO_CONTENT)
    }
}

#[tokio::test]
async fn the_contract_holds() {
    let broken = contract::pager(|http| pager("https://hooks.example.com/p", http), response(202, ""), SECRET).await;
    assert!(broken.is_empty(), "{broken:#?}");
}

#[tokio::test]
async fn a_page_arrives_signed_and_once() {
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let p = pager(&url, Arc::new(ReqwestHttp::new().expect("client")));
    assert_eq!(p.name(), "webhook:pager");
    receiver.fail.lock().expect("lock").push(StatusCode::BAD_GATEWAY);
    assert!(matches!(p.page(&page("k1")).await, Err(SendError::Later { .. })));
    assert_eq!(p.page(&page("k1")).await, Ok(()), "the retry of the same page");
    assert_eq!(p.page(&page("k2")).await, Ok(()));
    let woken = receiver.woken.lock().expect("lock").clone();
    assert_eq!(woken.len(), 2, "{woken:?}");
    assert_eq!(
        woken[0],
        r#"{"body":"Reported by mail, two people.\nNothing was locked yet.","case":"C-17","key":"k1","level":2,"severity":"high","title":"Somebody typed a password"}"#
    );
}

#[tokio::test]
async fn a_receiver_that_is_down_is_tried_later() {
    let p = pager("http://127.0.0.1:9/hook", Arc::new(ReqwestHttp::new().expect("client")));
    let got = p.page(&page("k")).await;
    assert!(matches!(&got, Err(SendError::Later { why, .. }) if !why.contains("/hook")), "{got:?}");
    let health = p.check().await;
    assert_eq!((health.state, health.code.map(|c| c.0)), (State::Down, Some("NB0503")));
    assert!(health.to_string().contains("Check `url`"), "{health}");
}

#[tokio::test]
async fn the_check_wakes_nobody() {
    let receiver = Receiver::default();
    let url = receiver.start().await;
    let health = pager(&url, Arc::new(ReqwestHttp::new().expect("client"))).check().await;
    assert_eq!(health.to_string(), "ok   webhook:pager: reachable");
    assert!(receiver.woken.lock().expect("lock").is_empty());
}

#[tokio::test]
async fn waits_are_as_long_as_asked() {
    for (result, want) in [
        (Ok(response_with(429, "retry-after", "90")), 90_000),
        (Ok(response_with(503, "retry-after", "Sat, 21 Nov 2026 03:00:30 GMT")), 30_000),
        (Ok(response_with(429, "retry-after", "0")), 2_000),
        (Ok(response_with(429, "retry-after", "in a while")), 2_000),
        (Ok(response(500, "")), 2_000),
        (Err(HttpError::NotSent("refused".into())), 2_000),
    ] {
        let got = pager("https://hooks.example.com/p", FakeHttp::always(result)).page(&page("k")).await;
        let Err(SendError::Later { after_ms, .. }) = got else { panic!("{got:?}") };
        assert_eq!(after_ms, want);
    }
}

#[tokio::test]
async fn a_refusal_says_what_to_do() {
    for (status, body, want) in [
        (401, "", "answered 401; check the shared secret on both sides"),
        (404, "<html>", "answered 404; check the address"),
        (422, r#"{"message":"unknown severity"}"#, "answered 422: unknown severity"),
        (302, "", "answered 302, a redirect; put the final address into the configuration"),
    ] {
        let http = FakeHttp::always(Ok(response(status, body)));
        let got = pager("https://hooks.example.com/p", http).page(&page("k")).await;
        assert_eq!(got, Err(SendError::Never(want.into())));
    }
}
