//! What stands on the pages, over the preview's records.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

#[path = "../examples/preview/seed.rs"]
mod seed;
mod support;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use nightbell_console::issue_bearer;
use nightbell_core::ids::CaseId;
use nightbell_core::port::store::{Batch, Store};
use nightbell_desk::records::coll;
use nightbell_desk::view::{Filter, Kind, View};
use support::{NOW, World, person, world};
use tower::ServiceExt;

async fn page(w: &World, who: &str, path: &str) -> (u16, String) {
    let day = jiff::SignedDuration::from_hours(24);
    let person = who.into();
    let issued = issue_bearer(w.store.as_ref(), w.clock.as_ref(), w.rng.as_ref(), &person, false, day);
    let request = Request::get(path)
        .header("host", "localhost")
        .header("authorization", format!("Bearer {}", issued.await.unwrap()));
    let reply = w.console.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = reply.status().as_u16();
    (status, String::from_utf8_lossy(&reply.into_body().collect().await.unwrap().to_bytes()).into_owned())
}

async fn seeded() -> World {
    let w = world(seed::nodes, None);
    seed::fill(w.store.as_ref(), NOW.parse().unwrap()).await.unwrap();
    seed::errors(&w.deps.metrics);
    w
}

#[tokio::test]
async fn an_approval_shows_everything_that_is_approved() {
    let w = seeded().await;
    let (_, home) = page(&w, "responder", "/").await;
    for words in [
        "Sign Employee One out everywhere",
        "identity.sign_out",
        "C-7: password typed on a false page",
        "employee@example.com",
        "5be1c07a",
        "26 minutes left",
        "Changes something outside; nothing takes it back",
        "Cannot easily be undone",
        "value=\"p:pa:approve\"",
        "value=\"p:pa:deny\"",
        "value=\"p:pu:happened\"",
        "value=\"p:pu:rerun\"",
        "value=\"p:pu:skip\"",
        "value=\"p:ppg:ack\"",
        "value=\"p:pq:1\"",
    ] {
        assert!(home.contains(words), "{words}");
    }
    assert!(!page(&w, "employee", "/").await.1.contains("p:pa:approve"), "it is about this person");
}

#[tokio::test]
async fn a_case_shows_evidence_run_and_timeline() {
    let w = seeded().await;
    let (_, case) = page(&w, "responder", "/case/C-7").await;
    for words in [
        "body/1.2, characters 412 to 468",
        "hxxps://post-service[.]example",
        "The page behind the link was not opened.",
        "Reset the password",
        "a person decides",
        "Yes, I typed my password.",
        "First Responder denied it",
        "name=\"disposition\"",
        "08:38 CET",
    ] {
        assert!(case.contains(words), "{words}");
    }
    assert!(!case.contains("href=\"http"), "nothing leads away");
}

#[tokio::test]
async fn a_reporter_sees_how_it_stands_and_no_more() {
    let w = seeded().await;
    let (status, case) = page(&w, "second-employee", "/case/C-7").await;
    assert_eq!(status, 200);
    assert!(case.contains("Thank you for reporting this"));
    for words in ["Reported by", "link_text_mismatch", "password-typed", "p:pa:approve", "I typed my password."] {
        assert!(!case.contains(words), "{words}");
    }
    assert_eq!(page(&w, "second-employee", "/case/C-6").await.0, 404, "not even that it exists");
    assert_eq!(page(&w, "admin", "/case/C-7").await.0, 404);
}

#[tokio::test]
async fn outside_text_is_never_markup() {
    let w = world(Vec::new, None);
    let evil = "</title><script>alert(1)</script><img src=x onerror=y>\u{202e}";
    let mut b = Batch::default();
    let case = serde_json::json!({ "id": 1, "kind": "report", "title": evil, "status": "open", "severity": "low",
        "reporters": [evil], "opened_at": NOW, "mail": "d" });
    b.put(coll::CASES, CaseId(1).key(), &case).unwrap();
    b.put(coll::OPEN, CaseId(1).key(), &serde_json::json!({})).unwrap();
    let analysis = serde_json::json!({ "sha256": evil, "verdict": "suspicious", "score": 0.5, "campaign": null,
        "reasons": [{ "code": evil, "text": evil, "where": { "part": evil, "start": 0, "end": 1 } }],
        "indicators": [{ "kind": "url", "value": evil, "defanged": evil }], "unchecked": [evil],
        "from": evil, "from_name": evil, "subject": evil });
    b.put(coll::ANALYSES, "d", &analysis).unwrap();
    let row = serde_json::json!({ "at": NOW, "who": evil, "kind": evil, "text": evil, "details": [evil] });
    b.put(coll::ROWS, format!("{}/00000000", CaseId(1).key()), &row).unwrap();
    w.store.commit(b).await.unwrap();
    for path in ["/", "/cases", "/case/C-1"] {
        let (status, text) = page(&w, "lead", path).await;
        assert_eq!(status, 200, "{path}");
        assert!(!text.contains("<script>alert") && !text.contains("<img src=x"), "{path}");
        assert!(!text.contains('\u{202e}') && text.contains("⟨U+202E⟩"), "{path} shows what hides");
    }
}

#[tokio::test]
async fn empty_pages_say_why() {
    let w = world(Vec::new, None);
    for (path, words) in [
        ("/", "Nothing waits."),
        ("/cases", "No case is open."),
        ("/cases?show=closed", "No case was closed yet."),
        ("/gaps", "No question is open."),
        ("/health", "No errors since the start."),
    ] {
        assert!(page(&w, "lead", path).await.1.contains(words), "{path}");
    }
}

#[tokio::test]
async fn the_address_bar_puts_no_words_into_a_page() {
    let w = world(Vec::new, None);
    assert!(!page(&w, "lead", "/?said=Your+account+is+locked").await.1.contains("locked"));
    assert!(page(&w, "lead", "/?said=closed").await.1.contains("being closed"));
}

#[tokio::test]
async fn the_read_model_orders_by_urgency_and_names_what_it_cannot_read() {
    let w = seeded().await;
    let view = View::new(w.store.clone());
    let kinds: Vec<Kind> = view.waiting(None).await.unwrap().iter().map(|x| x.kind).collect();
    assert!(kinds.is_sorted() && kinds.first() == Some(&Kind::Page), "{kinds:?}");
    let employee = person("employee", "x", &[]);
    assert!(view.waiting(Some(&employee)).await.unwrap().is_empty());
    let mut b = Batch::default();
    b.put(coll::PROMPTS_OPEN, "broken", &1).unwrap();
    b.put(coll::PROMPTS, "broken", &"not a prompt").unwrap();
    w.store.commit(b).await.unwrap();
    assert!(view.waiting(None).await.unwrap().iter().any(|x| x.title.contains("prompt/broken")));
    assert_eq!(page(&w, "lead", "/").await.0, 200);
    assert_eq!(view.cases(Filter::Open, 10).await.unwrap().len(), 3);
    assert_eq!(view.cases(Filter::Closed, 10).await.unwrap().len(), 2);
    let ids: Vec<u64> = view.cases(Filter::All, 3).await.unwrap().iter().map(|c| c.id.0).collect();
    assert_eq!(ids, [8, 7, 6]);
    let case = view.case(CaseId(7)).await.unwrap().unwrap();
    assert_eq!((case.rows.len(), case.prompts.len(), case.runs.len()), (7, 5, 1));
    assert_eq!(view.undelivered().await.unwrap().len(), 1);
    assert_eq!(view.timers_next(2).await.unwrap().len(), 2);
}
