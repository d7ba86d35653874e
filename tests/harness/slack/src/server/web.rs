//! HTTP on the loopback, with the faults that only a connection can have.

use super::{Inner, control, now, socket};
use crate::wire::{Cut, Request, Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Largest request in bytes.
const MAX_BODY: usize = 80 * 1024 * 1024;

/// Between the first half of a body and the cut.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(30);

type Out = hyper::Response<BoxBody<Bytes, io::Error>>;

/// Accepts connections for ever.
pub(super) async fn accept(inner: Arc<Inner>, listener: TcpListener) {
    // Connections end with this task.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else { continue };
        let inner = Arc::clone(&inner);
        connections.spawn(async move {
            let service = service_fn(move |r| answer(Arc::clone(&inner), r));
            let http = hyper::server::conn::http1::Builder::new();
            let _ = http.serve_connection(TokioIo::new(stream), service).with_upgrades().await;
        });
    }
}

/// One request. An error cuts the connection without an answer.
async fn answer(inner: Arc<Inner>, mut request: hyper::Request<Incoming>) -> Result<Out, io::Error> {
    let path = request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    if request.uri().path() == "/link" {
        return Ok(upgrade(&inner, &mut request, &path));
    }
    let headers = request.headers().iter();
    let headers = headers.map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect();
    let method = request.method().to_string();
    let Ok(body) = Limited::new(request.into_body(), MAX_BODY).collect().await else {
        return Ok(whole(Response::new(413, "text/plain", "too large")));
    };
    let asked = Request { method, path, headers, body: body.to_bytes().to_vec() };
    if inner.control && asked.route().starts_with("/_sim/") {
        return Ok(whole(control::answer(&inner, &asked).await));
    }
    let reply = inner.shared.with(|s| s.handle(now(), &asked));
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    match reply.cut {
        Cut::No => Ok(whole(reply.response)),
        Cut::Short => Ok(half(reply.response)),
        Cut::Refused | Cut::Unanswered => Err(io::Error::other("cut")),
    }
}

fn head(response: &Response) -> hyper::http::response::Builder {
    let start = hyper::Response::builder().status(response.status);
    response.headers.iter().fold(start, |b, (n, v)| b.header(n, v))
}

fn whole(response: Response) -> Out {
    let start = head(&response);
    start.body(Full::new(Bytes::from(response.body)).map_err(|never| match never {}).boxed()).unwrap_or_default()
}

/// Half of the body, and then the connection is cut.
fn half(response: Response) -> Out {
    let start = head(&response).header("content-length", response.body.len());
    let part = response.body.get(..response.body.len() / 2).unwrap_or_default().to_vec();
    let first = stream::once(std::future::ready(Ok(Frame::data(Bytes::from(part)))));
    // Without a pause the cut would come before anything was written.
    let cut = stream::once(async {
        tokio::time::sleep(PAUSE).await;
        Err(io::Error::other("cut"))
    });
    start.body(BodyExt::boxed(StreamBody::new(first.chain(cut)))).unwrap_or_default()
}

/// The upgrade of a socket: a ticket is good for one connection.
fn upgrade(inner: &Arc<Inner>, request: &mut hyper::Request<Incoming>, path: &str) -> Out {
    let query = path.split_once('?').map_or("", |(_, q)| q);
    let ticket = form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == "ticket").map(|(_, v)| v.into_owned());
    let key = request.headers().get("sec-websocket-key").map(|k| derive_accept_key(k.as_bytes()));
    let Some(key) = key else { return whole(Response::new(400, "text/plain", "a WebSocket is needed")) };
    if !ticket.is_some_and(|t| inner.shared.with(|s| s.use_ticket(&t))) {
        return whole(Response::new(403, "text/plain", "the ticket is not known or was used"));
    }
    tokio::spawn(socket::speak(Arc::clone(inner), hyper::upgrade::on(request)));
    let start = hyper::Response::builder().status(101).header("connection", "Upgrade").header("upgrade", "websocket");
    start.header("sec-websocket-accept", key).body(BoxBody::default()).unwrap_or_default()
}
