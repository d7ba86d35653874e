//! "The mail" on the page of a case: tables of hostile words, and indicators for other tools.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "../examples/preview/seed.rs"]
#[allow(dead_code, reason = "these tests need no errors")]
mod seed;
mod support;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use nightbell_console::issue_bearer;
use nightbell_core::port::store::{Batch, Store};
use nightbell_desk::records::coll;
use serde_json::{Value, json};
use support::{NOW, World, world};
use tower::ServiceExt;

async fn get(w: &World, who: &str, path: &str) -> (u16, HeaderMap, String) {
    let day = jiff::SignedDuration::from_hours(24);
    let person = who.into();
    let issued = issue_bearer(w.store.as_ref(), w.clock.as_ref(), w.rng.as_ref(), &person, false, day);
    let request = Request::get(path)
        .header("host", "localhost")
        .header("authorization", format!("Bearer {}", issued.await.unwrap()));
    let reply = w.console.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (head, body) = reply.into_parts();
    let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
    (head.status.as_u16(), head.headers, text)
}

async fn seeded() -> World {
    let w = world(seed::nodes, None);
    seed::fill(w.store.as_ref(), NOW.parse().unwrap()).await.unwrap();
    w
}

/// Case 7 with other bytes as its original.
async fn with_original(w: &World, digest: &str) {
    let mut case: Value = w.store.get(coll::CASES, "000000000007").await.unwrap().unwrap().decode().unwrap();
    let analysis: Value =
        w.store.get(coll::ANALYSES, case["mail"].as_str().unwrap()).await.unwrap().unwrap().decode().unwrap();
    case["mail"] = json!(digest);
    let mut b = Batch::default();
    b.put(coll::CASES, "000000000007", &case).unwrap();
    b.put(coll::ANALYSES, digest, &analysis).unwrap();
    w.store.commit(b).await.unwrap();
}

#[tokio::test]
async fn the_tables_are_there_and_everything_is_text() {
    let w = seeded().await;
    let (status, _, page) = get(&w, "responder", "/case/C-7").await;
    assert_eq!(status, 200);
    let section = page.split("id=\"seen\"").nth(1).unwrap().split("</section>").next().unwrap();
    for words in [
        "parcel[@]post-service[.]example",
        "Microsoft Safe Links",
        "data-label=\"Leads to\"",
        "your gateway",
        "after 11 s",
        "14 Mar 2026, 04:41:12 UTC",
        "label⟨U+202E⟩fdp.exe",
        "really application/vnd.microsoft.portable-executable",
        "└─ 2  application/pdf",
        "different links: 100 of 212 are shown",
        "/case/C-7/indicators/stix",
    ] {
        assert!(section.contains(words), "{words} is missing in {section}");
    }
    // A pass that somebody claims is not shown as a good sign.
    assert!(section.contains("<span class=\"chip calm\">claim</span> dkim pass"), "{section}");
    for bad in ["<script", "<img", "<b>", "\u{202e}", "http://", "https://"] {
        assert!(!section.contains(bad), "{bad}");
    }
    // The only links are our own.
    assert!(section.split("href=\"").skip(1).all(|l| l.starts_with("/case/C-7/indicators/")), "{section}");
}

#[tokio::test]
async fn reporters_and_admins_see_none_of_it() {
    let w = seeded().await;
    let (status, _, page) = get(&w, "second-employee", "/case/C-7").await;
    assert!(status == 200 && !page.contains("id=\"seen\""));
    for who in ["second-employee", "employee", "admin"] {
        assert_eq!(get(&w, who, "/case/C-7/indicators/csv").await.0, 404, "{who}");
    }
}

#[tokio::test]
async fn a_missing_or_damaged_original_leaves_the_rest() {
    let w = seeded().await;
    with_original(&w, "gone").await;
    let (status, _, page) = get(&w, "lead", "/case/C-7").await;
    assert!(status == 200 && page.contains("/errors/NB0305") && page.contains("Mail evidence"), "{status}");
    for bytes in ["damaged", "panics"] {
        let digest = w.store.put_blob(bytes.as_bytes().to_vec()).await.unwrap();
        with_original(&w, &digest).await;
        let (status, _, page) = get(&w, "lead", "/case/C-7").await;
        assert!(status == 200 && page.contains("/errors/NB0304") && page.contains("Mail evidence"), "{bytes}");
        assert_eq!(get(&w, "lead", "/case/C-7/indicators/csv").await.0, 200);
    }
}

#[tokio::test]
async fn indicators_are_files_with_safe_cells() {
    let w = seeded().await;
    let digest = w.store.put_blob(b"other".to_vec()).await.unwrap();
    with_original(&w, &digest).await;
    let mut a: Value = w.store.get(coll::ANALYSES, &digest).await.unwrap().unwrap().decode().unwrap();
    a["indicators"] = json!([
        { "kind": "url", "value": "=HYPERLINK(\"http://evil.example\")", "defanged": "=x" },
        { "kind": "domain", "value": "evil.example", "defanged": "evil[.]example" },
        { "kind": "phone", "value": "+4930123", "defanged": "+4930123" }
    ]);
    let mut b = Batch::default();
    b.put(coll::ANALYSES, digest.as_str(), &a).unwrap();
    w.store.commit(b).await.unwrap();
    let (status, head, csv) = get(&w, "responder", "/case/C-7/indicators/csv").await;
    assert_eq!((status, head["content-type"].to_str().unwrap()), (200, "text/csv; charset=utf-8"));
    assert_eq!(head["content-disposition"], "attachment; filename=\"C-7-indicators.csv\"");
    assert_eq!(head["x-content-type-options"], "nosniff");
    assert!(csv.contains("\"'=HYPERLINK(\"\"http") && csv.contains("\"'+4930123\""), "{csv}");
    let (_, _, stix) = get(&w, "responder", "/case/C-7/indicators/stix").await;
    let bundle: Value = serde_json::from_str(&stix).unwrap();
    assert_eq!(bundle["objects"].as_array().unwrap().len(), 4);
    assert_eq!(bundle["objects"][1]["created"], "2026-03-14T04:41:12.000Z", "the time of the mail, not of the click");
    let (_, _, misp) = get(&w, "responder", "/case/C-7/indicators/misp").await;
    assert_eq!(serde_json::from_str::<Value>(&misp).unwrap()["Event"]["date"], "2026-03-14");
    assert_eq!(get(&w, "responder", "/case/C-7/indicators/eml").await.0, 404);
}
