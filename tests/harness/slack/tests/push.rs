//! Deliveries over HTTP.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use nightbell_slack_sim::{Address, Options, Server, SlackState, Variant, signature};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(10);

/// An app that keeps what it gets and answers from a list, then with 200.
#[derive(Clone, Default)]
struct App {
    got: Arc<Mutex<Vec<(HeaderMap, Vec<u8>)>>>,
    answers: Arc<Mutex<VecDeque<(u16, &'static str, &'static str)>>>,
}

async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    app.got.lock().unwrap().push((headers, body.to_vec()));
    let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(c) = parsed["challenge"].as_str() {
        return (StatusCode::OK, [("x-none", "")], c.to_owned());
    }
    let (status, header, text) = app.answers.lock().unwrap().pop_front().unwrap_or((200, "x-none", ""));
    (StatusCode::from_u16(status).unwrap(), [(header, "1")], text.to_owned())
}

impl App {
    async fn start(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/slack", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn header(&self, n: usize, name: &str) -> Option<String> {
        Some(self.got.lock().unwrap().get(n)?.0.get(name)?.to_str().unwrap().to_owned())
    }

    fn body(&self, n: usize) -> Vec<u8> {
        self.got.lock().unwrap()[n].1.clone()
    }
}

async fn pair() -> (App, Server, String) {
    let app = App::default();
    let url = app.start().await;
    let mut state = SlackState::new(7);
    state.redeliver_after = [0.05, 0.05, 0.05];
    let server = Server::start(Options { push: Some(Address::all(&url)), ..Options::new(state) }).await.unwrap();
    (app, server, url)
}

#[tokio::test]
async fn deliveries_are_signed_and_tried_again_with_the_reason() {
    let (app, server, _) = pair().await;
    app.answers.lock().unwrap().extend([(500, "x-none", ""), (503, "x-none", "")]);
    server.with(|s, now| s.say(now, "U1", "dm", "hello")).unwrap();
    assert!(server.wait_until(|s| s.deliveries()[0].acked_at.is_some(), LONG).await);
    let secret = server.with(|s, _| s.secrets.signing_secret.clone());
    assert_eq!(server.shared().look(|s| s.deliveries()[0].tries.len()), 3);
    for n in 0..3 {
        let at: i64 = app.header(n, "x-slack-request-timestamp").unwrap().parse().unwrap();
        assert_eq!(app.header(n, "x-slack-signature").unwrap(), signature(&secret, at, &app.body(n)));
    }
    assert_eq!((app.header(0, "x-slack-retry-num"), app.header(0, "x-slack-retry-reason")), (None, None));
    assert_eq!(
        (app.header(2, "x-slack-retry-num").as_deref(), app.header(2, "x-slack-retry-reason").as_deref()),
        (Some("2"), Some("http_error"))
    );
    assert_eq!(app.body(0), app.body(2), "the same event");
}

#[tokio::test]
async fn the_app_can_say_that_it_wants_no_retry() {
    let (app, server, _) = pair().await;
    app.answers.lock().unwrap().push_back((500, "x-slack-no-retry", ""));
    server.with(|s, now| s.say(now, "U1", "dm", "hello")).unwrap();
    assert!(server.wait_until(|s| s.lost().len() == 1, LONG).await);
    assert_eq!(app.got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_closed_port_is_tried_four_times() {
    let (_, server, _) = pair().await;
    server.deliver_to(Some(Address::all("http://127.0.0.1:1/none")));
    server.with(|s, now| s.say(now, "U1", "dm", "hello")).unwrap();
    assert!(server.wait_until(|s| s.lost().len() == 1, LONG).await);
    assert_eq!(
        server.shared().look(|s| (s.deliveries()[0].tries.len(), s.deliveries()[0].reason)),
        (4, "connection_failed")
    );
}

#[tokio::test]
async fn commands_and_clicks_are_forms_and_their_answers_are_heard() {
    let (app, server, _) = pair().await;
    app.answers.lock().unwrap().push_back((200, "x-none", "on my way"));
    server.with(|s, now| s.command(now, "U1", "C1", "/nightbell help me")).unwrap();
    assert!(server.wait_until(|s| s.heard("U1").iter().any(|m| m.text == "on my way"), LONG).await);
    let form: Vec<(String, String)> = form_urlencoded::parse(&app.body(0)).into_owned().collect();
    assert!(form.contains(&("text".to_owned(), "help me".to_owned())), "{form:?}");
    server.with(|s, now| s.shortcut(now, "U1", "report")).unwrap();
    assert!(server.wait_until(|s| s.deliveries().iter().all(|d| d.acked_at.is_some()), LONG).await);
    let form: Vec<(String, String)> = form_urlencoded::parse(&app.body(1)).into_owned().collect();
    let payload: Value = serde_json::from_str(&form[0].1).unwrap();
    assert_eq!((form[0].0.as_str(), payload["callback_id"].as_str()), ("payload", Some("report")));
}

#[tokio::test]
async fn wrong_requests_are_wrong_in_one_thing_each() {
    let (app, server, url) = pair().await;
    server.verify_url(&url).await.unwrap();
    let secret = server.with(|s, _| s.secrets.signing_secret.clone());
    let variants =
        [Variant::Good, Variant::Forged, Variant::Stale, Variant::Early, Variant::Unsigned, Variant::Padded(5_000)];
    for v in variants {
        server.post(&url, &json!({ "type": "event_callback" }), v).await.unwrap();
    }
    let at = |n: usize| app.header(n, "x-slack-request-timestamp").unwrap().parse::<i64>().unwrap();
    let right = |n: usize| app.header(n, "x-slack-signature").map(|s| s == signature(&secret, at(n), &app.body(n)));
    let age = |n: usize| at(n) - at(0);
    assert_eq!(
        (1..=6).map(right).collect::<Vec<_>>(),
        [Some(true), Some(false), Some(true), Some(true), None, Some(true)]
    );
    assert!(age(3) < -590 && age(4) > 590 && age(1).abs() < 5);
    assert_eq!(app.body(6).len(), 5_000);
    app.answers.lock().unwrap().push_back((200, "x-none", ""));
    assert!(server.verify_url("http://127.0.0.1:1/").await.is_err());
}
