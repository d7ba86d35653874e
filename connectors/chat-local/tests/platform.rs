//! The platform as the outbox sees it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use nightbell_core::chat::{Card, FileRef, Style, Tone};
use nightbell_core::port::chat::{Chat, Delivery, FetchError, MsgRef, Place, SendError};
use nightbell_core::port::store::Store;
use serde_json::json;
use support::{get, json, world};

fn dm() -> Place {
    Place::User("employee".into())
}

#[tokio::test]
async fn the_same_key_shows_one_message() {
    let w = world();
    let a = w.local.send(Delivery::of("k", &dm(), &Card::text("hello"))).await.unwrap();
    let b = w.local.send(Delivery::of("k", &dm(), &Card::text("hello again"))).await.unwrap();
    assert_eq!(a, b);
    let (_, page) = get(&w.as_("employee", false), "/chat/api/messages").await;
    assert_eq!(page.matches("\"plain\":\"hello").count(), 1);
}

#[tokio::test]
async fn the_same_key_at_the_same_time_shows_one_message() {
    let w = world();
    let (card, to) = (Card::text("x"), dm());
    let all = futures_util::future::join_all((0..10).map(|_| w.local.send(Delivery::of("k", &to, &card)))).await;
    let first = all[0].clone().unwrap();
    assert!(all.into_iter().all(|r| r.unwrap() == first));
}

#[tokio::test]
async fn a_replacement_changes_in_place_and_says_so() {
    let w = world();
    let old = Card::titled("Choose", Tone::Plain).button("p:1:0", "Yes", Style::Plain);
    let first = w.local.send(Delivery::of("k1", &dm(), &old)).await.unwrap();
    let second = w
        .local
        .send(Delivery { replaces: Some(&first), ..Delivery::of("k2", &dm(), &Card::text("Done")) })
        .await
        .unwrap();
    assert_eq!(first, second);
    let (_, page) = get(&w.as_("employee", false), "/chat").await;
    assert!(page.contains("Done") && page.contains("updated") && !page.contains("p:1:0"));
    // Gone: a new one is posted.
    let gone = MsgRef("dm:employee/ffff".into());
    assert_ne!(
        w.local
            .send(Delivery { replaces: Some(&gone), ..Delivery::of("k3", &dm(), &Card::text("New")) })
            .await
            .unwrap(),
        first
    );
}

#[tokio::test]
async fn unknown_people_and_places_are_never() {
    let w = world();
    for to in [
        Place::User("nobody".into()),
        Place::Channel { id: "nowhere".into(), thread: None, only_for: None },
        Place::Channel { id: "dm:nobody".into(), thread: None, only_for: None },
    ] {
        assert!(
            matches!(w.local.send(Delivery::of("k", &to, &Card::text("x"))).await, Err(SendError::Never(_))),
            "{to:?}"
        );
    }
}

#[tokio::test]
async fn an_ephemeral_is_for_one_person() {
    let w = world();
    let to = Place::Channel { id: "general".into(), thread: None, only_for: Some("employee".into()) };
    w.local.send(Delivery::of("k", &to, &Card::text("psst").button("p:s:0", "Go", Style::Plain))).await.unwrap();
    assert!(get(&w.as_("employee", false), "/chat?conv=general").await.1.contains("psst"));
    assert!(!get(&w.as_("other", false), "/chat?conv=general").await.1.contains("psst"));
    let (status, _) = json(&w.as_("other", false), "/chat/api/press", json!({ "token": "p:s:0" })).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn files_are_fetched_with_a_cap() {
    let w = world();
    let id = w.store.put_blob(vec![7; 50]).await.unwrap();
    let file = |size| FileRef { id: id.clone(), name: "a".into(), mime: String::new(), size };
    assert_eq!(w.local.fetch(&file(50), 50).await.unwrap().len(), 50);
    assert_eq!(w.local.fetch(&file(50), 49).await, Err(FetchError::TooBig { cap: 49 }));
    // A small claim does not help.
    assert_eq!(w.local.fetch(&file(1), 49).await, Err(FetchError::TooBig { cap: 49 }));
    let gone = FileRef { id: "0".repeat(64), name: "a".into(), mime: String::new(), size: 1 };
    assert_eq!(w.local.fetch(&gone, 50).await, Err(FetchError::Gone));
}
