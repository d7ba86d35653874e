//! Outside services on loopback with a ledger: one that carries out actions, one that pages. They honour idempotency
//! keys as real ones do, and remember every call all the same.

use crate::actions::outputs;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What arrived.
#[derive(Debug, Default, Clone)]
pub struct Ledger {
    /// Calls by key: the body and how often it came.
    pub calls: BTreeMap<String, (Value, usize)>,
    /// Pages by key: the body and how often it came.
    pub pages: BTreeMap<String, (Value, usize)>,
}

impl Ledger {
    /// Different keys under which an action was called: how often it really happened.
    pub fn happened(&self, action: &str) -> usize {
        self.calls.values().filter(|(b, _)| b["action"] == action).count()
    }
}

type Shared = Arc<Mutex<Ledger>>;

fn lock(shared: &Shared) -> MutexGuard<'_, Ledger> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The services, until dropped.
pub struct Services {
    shared: Shared,
    /// Where they listen.
    pub url: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
}

impl Services {
    /// Starts them in a thread of their own, so that they live on while the bot dies.
    pub fn start() -> Self {
        let shared = Shared::default();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("nonblocking");
        let url = format!("http://{}", listener.local_addr().expect("address"));
        let router =
            Router::new().route("/action", post(action)).route("/page", post(page)).with_state(Arc::clone(&shared));
        std::thread::spawn(move || {
            let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
            rt.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("listener");
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { shared, url, stop: Some(stop) }
    }

    /// What arrived so far.
    pub fn ledger(&self) -> Ledger {
        lock(&self.shared).clone()
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

fn take(book: &mut BTreeMap<String, (Value, usize)>, body: Value) -> Result<(), StatusCode> {
    let key = body["key"].as_str().ok_or(StatusCode::BAD_REQUEST)?.to_owned();
    book.entry(key).or_insert((body, 0)).1 += 1;
    Ok(())
}

async fn action(State(shared): State<Shared>, Json(body): Json<Value>) -> Result<Json<Value>, StatusCode> {
    let name = body["action"].as_str().unwrap_or_default().to_owned();
    take(&mut lock(&shared).calls, body)?;
    Ok(Json(outputs(&name)))
}

async fn page(State(shared): State<Shared>, Json(body): Json<Value>) -> Result<Json<Value>, StatusCode> {
    take(&mut lock(&shared).pages, body)?;
    Ok(Json(json!({})))
}
