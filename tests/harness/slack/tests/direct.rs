//! The workspace as an HTTP client, in a time that the test owns.

use crate::start;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::{Http, HttpError, Request, Response};
use nightbell_slack_sim::{Direct, Fault, Often, Shared, SlackState};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A sleep moves it.
struct Jumping(Mutex<Timestamp>);

#[async_trait]
impl Clock for Jumping {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep_until(&self, at: Timestamp) {
        let mut now = self.0.lock().unwrap();
        *now = at.max(*now);
    }
}

fn parts() -> (Shared, Direct, Arc<Jumping>) {
    let shared = Shared::new(SlackState::new(7));
    let clock = Arc::new(Jumping(Mutex::new(start())));
    (shared.clone(), Direct::new(shared, clock.clone()), clock)
}

async fn post(direct: &Direct, shared: &Shared, url: &str, max: usize) -> Result<Response, HttpError> {
    let token = shared.look(|s| s.secrets.bot_token.clone());
    direct
        .send(Request {
            method: "POST",
            url: url.to_owned(),
            headers: vec![
                ("authorization".to_owned(), format!("Bearer {token}")),
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ],
            body: b"channel=C1&text=hello".to_vec(),
            timeout: Duration::from_secs(10),
            max_response: max,
        })
        .await
}

const POST: &str = "https://slack.com/api/chat.postMessage";

#[tokio::test]
async fn a_call_is_answered_from_memory() {
    let (shared, direct, _) = parts();
    let r = post(&direct, &shared, POST, 100_000).await.unwrap();
    assert_eq!(r.status, 200);
    assert_eq!(shared.look(|s| s.in_channel("C1")[0].ts.clone()), "1800000000.000000");
    assert_eq!(post(&direct, &shared, POST, 10).await.unwrap_err(), HttpError::TooBig(10));
    for elsewhere in [
        "https://example.com/api/chat.postMessage",
        "https://slack.com.example.com/api/auth.test",
        "http://slack.com/api/x",
    ] {
        assert!(matches!(post(&direct, &shared, elsewhere, 100).await, Err(HttpError::NotSent(_))), "{elsewhere}");
    }
    assert_eq!(
        shared.look(|s| s.foreign().iter().filter(|(_, token)| *token).count()),
        3,
        "each had the token with it"
    );
}

#[tokio::test]
async fn faults_are_those_of_a_network() {
    let (shared, direct, clock) = parts();
    for (fault, not_sent, written) in [
        (Fault::Refuse, true, 0),
        (Fault::Reset { done: false }, false, 0),
        (Fault::Reset { done: true }, false, 1),
        (Fault::Truncated, false, 2),
        (Fault::Hang(Duration::from_secs(11)), false, 3),
    ] {
        shared.with(|s| s.fault("chat.postMessage", fault.clone(), Often::Times(1)));
        let e = post(&direct, &shared, POST, 100_000).await.unwrap_err();
        assert_eq!(matches!(e, HttpError::NotSent(_)), not_sent, "{fault:?}: {e}");
        assert_eq!(shared.look(|s| s.in_channel("C1").len()), written, "{fault:?}");
    }
    assert_eq!(clock.now(), start() + SignedDuration::from_secs(10), "the deadline passed, not more");
    shared.with(|s| s.fault("*", Fault::Hang(Duration::from_secs(4)), Often::Times(1)));
    assert!(post(&direct, &shared, POST, 100_000).await.is_ok());
    assert_eq!(clock.now(), start() + SignedDuration::from_secs(14));
}
