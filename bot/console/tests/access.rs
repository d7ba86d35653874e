//! Who gets in, and what a foreign page can do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod support;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use nightbell_console::{issue_bearer, issue_login};
use nightbell_core::chat::What;
use nightbell_core::event::Event;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use support::{World, world};
use tower::ServiceExt;

const HOST: &str = "localhost:8080";

async fn call(app: &Router, request: axum::http::request::Builder, body: String) -> (u16, HeaderMap, String) {
    let reply = app.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let (parts, body) = reply.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status.as_u16(), parts.headers, String::from_utf8_lossy(&bytes).into_owned())
}

async fn get(app: &Router, path: &str, cookie: &str) -> (u16, HeaderMap, String) {
    call(app, Request::get(path).header("host", HOST).header("cookie", cookie), String::new()).await
}

async fn link(w: &World, person: &str, to: &str) -> String {
    let person = person.into();
    let token = issue_login(w.store.as_ref(), w.clock.as_ref(), w.rng.as_ref(), &person, false, to);
    format!("/login?token={}", token.await.unwrap())
}

/// Signs in; returns the cookie.
async fn sign_in(w: &World, app: &Router, person: &str) -> String {
    let (status, headers, _) = get(app, &link(w, person, "/").await, "").await;
    assert_eq!(status, 303);
    headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// The two hidden texts of a page's forms.
fn hidden(page: &str) -> (String, String) {
    let value = |name: &str| {
        let at = page.find(&format!("name=\"{name}\" value=\"")).unwrap() + name.len() + 15;
        page[at..].split('"').next().unwrap().to_owned()
    };
    (value("csrf"), value("id"))
}

async fn post(app: &Router, path: &str, cookie: &str, origin: &str, body: String) -> (u16, HeaderMap, String) {
    let request = Request::post(path)
        .header("host", HOST)
        .header("cookie", cookie)
        .header("origin", origin)
        .header("content-type", "application/x-www-form-urlencoded");
    call(app, request, body).await
}

#[tokio::test]
async fn no_page_without_a_session() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let pages =
        ["/", "/cases", "/case/C-7", "/gaps", "/alerts/new", "/health", "/errors/NB0205", "/events", "/cases?show=all"];
    for path in pages {
        let (status, _, body) = get(&app, path, "nightbell=guess").await;
        assert_eq!(status, 401, "{path}");
        assert!(body.contains("a link that works once"), "{path} says how to get a link");
    }
    for path in ["/do/press", "/do/close", "/do/take", "/do/answer", "/do/retry", "/logout", "/alerts/new"] {
        assert_eq!(post(&app, path, "", "http://localhost:8080", String::new()).await.0, 401, "{path}");
    }
    for path in ["/healthz", "/readyz", "/assets/night.css", "/assets/bell.svg", "/assets/console.js"] {
        assert_eq!(get(&app, path, "").await.0, 200, "{path}");
    }
    assert_eq!(get(&app, "/login", "").await.0, 401);
    assert_eq!(get(&app, "/nowhere", "").await.0, 404);
    assert!(w.inbox.events.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_link_works_once_and_not_for_ever() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let path = link(&w, "responder", "/gaps").await;
    let head = Request::builder().method("HEAD").uri(&path).header("host", HOST);
    assert_eq!(call(&app, head, String::new()).await.0, 401, "a link checker does not use it up");
    let (status, headers, _) = get(&app, &path, "").await;
    assert_eq!((status, &headers["location"]), (303, &"/gaps".parse().unwrap()));
    let cookie = headers["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));
    assert_eq!(get(&app, &path, "").await.0, 401);
    let late = link(&w, "responder", "/").await;
    w.clock.forward(15 * 60 + 1);
    assert_eq!(get(&app, &late, "").await.0, 401);
    let cookie = sign_in(&w, &app, "responder").await;
    assert_eq!(get(&app, "/", &cookie).await.0, 200);
    w.clock.forward(12 * 3600 + 1);
    assert_eq!(get(&app, "/", &cookie).await.0, 401, "a session ends after 12 hours");
}

#[tokio::test]
async fn two_visitors_with_one_link_are_one_session() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let path = link(&w, "responder", "/").await;
    let all = futures_util::future::join_all((0..8).map(|_| get(&app, &path, ""))).await;
    assert_eq!(all.iter().filter(|(s, ..)| *s == 303).count(), 1);
}

#[tokio::test]
async fn a_foreign_host_is_refused() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let cookie = sign_in(&w, &app, "lead").await;
    for (host, status) in [
        ("evil.example", 421),
        ("localhost.evil.example:8080", 421),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("bell.example.com", 200),
    ] {
        let request = Request::get("/").header("host", host).header("cookie", &cookie);
        assert_eq!(call(&app, request, String::new()).await.0, status, "{host}");
        let login = Request::get("/login").header("host", host);
        assert_eq!(call(&app, login, String::new()).await.0, if status == 200 { 401 } else { 421 }, "{host}");
    }
}

#[tokio::test]
async fn a_form_needs_its_page() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let cookie = sign_in(&w, &app, "lead").await;
    let (_, headers, page) = get(&app, "/alerts/new", &cookie).await;
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'self'") && !policy.contains("unsafe"));
    assert!(!page.contains(" style=") && !page.contains("<script>"), "the policy allows no inline code");
    let (csrf, id) = hidden(&page);
    let body = |csrf: &str| format!("csrf={csrf}&id={id}&back=/&case=C-7");
    let own = "http://localhost:8080";
    assert_eq!(post(&app, "/do/take", &cookie, own, body("guess")).await.0, 403);
    assert_eq!(post(&app, "/do/take", &cookie, "http://evil.example", body(&csrf)).await.0, 403);
    assert_eq!(post(&app, "/do/take", &cookie, "null", body(&csrf)).await.0, 403);
    assert!(w.inbox.events.lock().unwrap().is_empty());
    let (status, headers, _) = post(&app, "/do/take", &cookie, own, body(&csrf)).await;
    assert_eq!((status, headers["location"].to_str().unwrap()), (303, "/?said=taken"));
    // Pressing twice counts once.
    post(&app, "/do/take", &cookie, own, body(&csrf)).await;
    let events = w.inbox.events.lock().unwrap().clone();
    assert_eq!(events.len(), 1);
    let what = What::Command { line: "ack C-7".into() };
    assert_eq!(events[0].2, Event::Console { person: "lead".into(), what });
}

#[tokio::test]
async fn forms_become_the_events_of_chat() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let cookie = sign_in(&w, &app, "lead").await;
    let (csrf, _) = hidden(&get(&app, "/alerts/new", &cookie).await.2);
    let forms = [
        ("/do/press", "token=p:abc:approve"),
        ("/do/press", "token=p:abc:deny"),
        ("/do/close", "case=C-7&disposition=real&text=rules+removed"),
        ("/do/answer", "gap=4f2a&text=Ask+facilities+first."),
        ("/alerts/new", "person=employee&summary=sign-in+from+a+new+country&severity=high"),
    ];
    for (path, body) in forms {
        let body = format!("csrf={csrf}&id=one&back=https://evil.example&{body}");
        let (status, headers, text) = post(&app, path, &cookie, "http://localhost:8080", body).await;
        assert_eq!(status, 303, "{path} {text}");
        assert!(headers["location"].to_str().unwrap().starts_with("/?said="), "nobody is led away");
    }
    let events: Vec<Event> = w.inbox.events.lock().unwrap().iter().map(|e| e.2.clone()).collect();
    let press = |token: &str| What::Press { token: token.into(), value: None };
    let line = |line: &str| What::Command { line: line.into() };
    let whats = [
        press("p:abc:approve"),
        press("p:abc:deny"),
        line("close C-7 real rules removed"),
        line("answer 4f2a Ask facilities first."),
    ];
    for (event, what) in events.iter().zip(whats) {
        assert_eq!(event, &Event::Console { person: "lead".into(), what });
    }
    assert!(matches!(&events[4], Event::Alert(a) if a.user.as_deref() == Some("employee")));
}

#[tokio::test]
async fn roles_are_kept_apart() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let table = [
        ("employee", [200, 403, 403, 403, 403]),
        ("responder", [200, 200, 200, 200, 200]),
        ("lead", [200, 200, 200, 200, 200]),
        ("admin", [200, 403, 403, 403, 200]),
    ];
    for (person, expected) in table {
        let cookie = sign_in(&w, &app, person).await;
        for (path, want) in ["/", "/cases", "/gaps", "/alerts/new", "/health"].iter().zip(expected) {
            assert_eq!(get(&app, path, &cookie).await.0, want, "{person} {path}");
        }
        let csrf = only_csrf(&get(&app, "/", &cookie).await.2);
        let body = format!("csrf={csrf}&id=x&gap=g&text=t");
        let want = if person == "lead" { 303 } else { 403 };
        let (status, ..) = post(&app, "/do/answer", &cookie, "http://localhost:8080", body).await;
        assert_eq!(status, want, "{person} answers");
    }
}

fn only_csrf(page: &str) -> String {
    let at = page.find("name=\"csrf\" value=\"").unwrap() + 19;
    page[at..].split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_refused_is_offered_again_with_the_text() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let cookie = sign_in(&w, &app, "lead").await;
    let (csrf, id) = hidden(&get(&app, "/alerts/new", &cookie).await.2);
    w.inbox.refuse.store(true, Ordering::Relaxed);
    let body = format!("csrf={csrf}&id={id}&back=/case/C-7&case=C-7&disposition=real&text=%3Cb%3Elong+words");
    let (status, headers, page) = post(&app, "/do/close", &cookie, "http://localhost:8080", body).await;
    assert_eq!((status, headers["retry-after"].to_str().unwrap()), (503, "7"));
    assert!(page.contains("&#60;b&#62;long words") && page.contains("NB0201") && page.contains("Try again"));
}

#[tokio::test]
async fn a_bearer_needs_no_cookie_and_no_form_text_of_a_page() {
    let w = world(Vec::new, None);
    let chat = Router::new().route("/chat/x", axum::routing::post(async || "in"));
    let app = w.console.router().merge(w.console.guard(chat));
    let day = jiff::SignedDuration::from_hours(24);
    let person = "employee".into();
    let issued = issue_bearer(w.store.as_ref(), w.clock.as_ref(), w.rng.as_ref(), &person, false, day);
    let token = issued.await.unwrap();
    let ask = |secret: String| Request::post("/chat/x").header("host", HOST).header("authorization", secret);
    assert_eq!(call(&app, ask(format!("Bearer {token}")), String::new()).await.2, "in");
    let (status, _, body) = call(&app, ask("Bearer guess".into()), String::new()).await;
    assert!(status == 401 && body.starts_with("{\"error\""));
    // A cookie does not help a wrong header.
    let cookie = sign_in(&w, &app, "employee").await;
    let both = ask("Bearer guess".into()).header("cookie", cookie);
    assert_eq!(call(&app, both, String::new()).await.0, 401);
}

#[tokio::test]
async fn metrics_are_for_loopback_and_probes_follow_the_store() {
    let w = world(Vec::new, None);
    let app = w.console.router();
    let metrics = |peer: &str, host: &str| {
        let peer: SocketAddr = peer.parse().unwrap();
        Request::get("/metrics").header("host", host).extension(ConnectInfo(peer))
    };
    let (status, _, text) = call(&app, metrics("127.0.0.1:5", HOST), String::new()).await;
    assert!(status == 200 && text.contains("nightbell_store_healthy 1"), "{text}");
    assert_eq!(call(&app, metrics("10.0.0.9:5", HOST), String::new()).await.0, 403);
    assert_eq!(call(&app, metrics("127.0.0.1:5", "bell.example.com"), String::new()).await.0, 403);
    assert_eq!(get(&app, "/metrics", "").await.0, 403, "an unknown peer is not loopback");
    w.store.full.store(true, Ordering::Relaxed);
    assert_eq!(get(&app, "/readyz", "").await.0, 503);
    assert_eq!(get(&app, "/healthz", "").await.0, 200);
}
