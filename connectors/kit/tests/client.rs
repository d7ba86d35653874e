//! The HTTP client against real sockets on loopback.
#![expect(clippy::expect_used, reason = "helpers of tests: a failed set-up is a failed test")]

use axum::Router;
use axum::http::HeaderMap;
use axum::response::Redirect;
use axum::routing::{get, post};
use nightbell_connector_kit::ReqwestHttp;
use nightbell_core::port::http::{Http, HttpError, Request};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn request(url: String) -> Request {
    Request {
        method: "GET",
        url,
        headers: Vec::new(),
        body: Vec::new(),
        timeout: Duration::from_secs(5),
        max_response: 1_000,
    }
}

fn client() -> ReqwestHttp {
    ReqwestHttp::new().expect("client")
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// A server that reads one request and then does as told with the bytes of its answer.
async fn raw(answer: &'static [u8], then: Then) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut seen = [0; 2048];
            let _ = socket.read(&mut seen).await;
            let _ = socket.write_all(answer).await;
            match then {
                Then::Close => drop(socket),
                Then::Hang => tokio::time::sleep(Duration::from_mins(1)).await,
                Then::Flood => while socket.write_all(b"10\r\nxxxxxxxxxxxxxxxx\r\n").await.is_ok() {},
            }
        }
    });
    format!("http://{address}")
}

#[derive(Clone, Copy)]
enum Then {
    Close,
    Hang,
    Flood,
}

#[tokio::test]
async fn an_exchange_carries_method_headers_and_body() {
    let app = Router::new().route(
        "/in",
        post(|headers: HeaderMap, body: String| async move {
            let key = headers.get("idempotency-key").and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
            let agent = headers.get("user-agent").and_then(|v| v.to_str().ok()).unwrap_or("-").to_owned();
            ([("X-Seen", key)], format!("{body} {}", agent.starts_with("nightbell/")))
        }),
    );
    let mut r = request(format!("{}/in", serve(app).await));
    r.method = "POST";
    r.headers = vec![("Idempotency-Key".into(), "k1".into())];
    r.body = b"hello".to_vec();
    let got = client().send(r).await.expect("answer");
    assert_eq!((got.status, got.body.as_slice(), got.header("x-seen")), (200, b"hello true".as_slice(), Some("k1")));
}

#[tokio::test]
async fn redirects_are_answers() {
    let app =
        Router::new().route("/a", get(|| async { Redirect::temporary("/b") })).route("/b", get(|| async { "never" }));
    let got = client().send(request(format!("{}/a", serve(app).await))).await.expect("answer");
    assert_eq!((got.status, got.header("location")), (307, Some("/b")));
}

#[tokio::test]
async fn a_body_over_the_cap_is_refused_with_and_without_a_length() {
    let said = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", Then::Hang).await;
    assert_eq!(client().send(request(said)).await.map(|_| ()), Err(HttpError::TooBig(1_000)), "before a byte is read");
    let chunked = raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", Then::Flood).await;
    assert_eq!(client().send(request(chunked)).await.map(|_| ()), Err(HttpError::TooBig(1_000)));
    let app = Router::new().route("/", get(|| async { "x".repeat(1_000) }));
    assert_eq!(client().send(request(serve(app).await)).await.expect("exactly the cap").body.len(), 1_000);
}

#[tokio::test]
async fn a_closed_port_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    drop(listener);
    let got = client().send(request(format!("http://{address}/secret-path"))).await;
    let Err(HttpError::NotSent(why)) = got else { panic!("{got:?}") };
    assert!(!why.contains("secret-path"), "{why}");
}

#[tokio::test]
async fn after_the_request_left_nobody_knows() {
    for (answer, then) in [
        (b"".as_slice(), Then::Close),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Then::Close),
        (b"this is not http\r\n\r\n", Then::Close),
        (b"", Then::Hang),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", Then::Hang),
    ] {
        let mut r = request(format!("{}/secret-path", raw(answer, then).await));
        r.timeout = Duration::from_millis(300);
        let got = client().send(r).await;
        let Err(HttpError::NoAnswer(why)) = got else { panic!("{got:?}") };
        assert!(!why.contains("secret-path"), "{why}");
    }
}

#[tokio::test]
async fn a_failed_handshake_means_nothing_was_sent() {
    // A plain server where TLS is expected.
    let plain = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n", Then::Close).await.replace("http://", "https://");
    let got = client().send(request(plain)).await;
    assert!(matches!(got, Err(HttpError::NotSent(_))), "{got:?}");
}

#[tokio::test]
async fn what_cannot_be_sent_is_said_without_the_value() {
    for url in ["http://hooks.example.com/token", "ftp://127.0.0.1/token", "token"] {
        let got = client().send(request(url.to_owned())).await;
        let Err(HttpError::NotSent(why)) = got else { panic!("{got:?}") };
        assert!(!why.contains("token"), "{why}");
    }
    let mut r = request("http://127.0.0.1:9/".to_owned());
    r.headers = vec![("X-Token".into(), "tok\nen".into())];
    let got = client().send(r).await;
    assert_eq!(got.map(|_| ()), Err(HttpError::NotSent("the header `X-Token` cannot be sent".into())));
}
