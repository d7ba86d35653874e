//! A small HTTP client for deliveries to the loopback.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;

/// Most bytes of an answer that are read.
const MAX_ANSWER: usize = 1024 * 1024;

/// Why a delivery failed, as `x-slack-retry-reason` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failed {
    Timeout,
    Connection,
}

/// What the app answered.
#[derive(Debug)]
pub(super) struct Answered {
    pub status: u16,
    pub no_retry: bool,
    pub body: Vec<u8>,
}

/// Posts to `http://host:port/path`; no other schemes.
pub(super) async fn post(
    url: &str,
    headers: &[(&str, String)],
    body: Vec<u8>,
    timeout: Duration,
) -> Result<Answered, Failed> {
    tokio::time::timeout(timeout, exchange(url, headers, body)).await.unwrap_or(Err(Failed::Timeout))
}

async fn exchange(url: &str, headers: &[(&str, String)], body: Vec<u8>) -> Result<Answered, Failed> {
    let failed = |_| Failed::Connection;
    let rest = url.strip_prefix("http://").ok_or(Failed::Connection)?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let stream = TcpStream::connect(host).await.map_err(|_| Failed::Connection)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let driver = tokio::spawn(connection);
    let mut request =
        hyper::Request::post(format!("/{path}")).header("host", host).header("user-agent", "Slackbot 1.0");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(Bytes::from(body))).map_err(|_| Failed::Connection)?;
    let response = sender.send_request(request).await.map_err(failed)?;
    let status = response.status().as_u16();
    let no_retry = response.headers().get("x-slack-no-retry").is_some_and(|v| v == "1");
    let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await.map_err(|_| Failed::Connection)?;
    driver.abort();
    Ok(Answered { status, no_retry, body: body.to_bytes().to_vec() })
}
