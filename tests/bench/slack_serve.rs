//! Our side in a process of its own: the real connector, the desk's real way in, the real embedded store.
//!
//! With `HANG` the desk works beside it, and its chat never answers the question who somebody is: as with a model that
//! hangs, every lane of the desk stands still with an event in its hands.

use super::serve::{Wall, desk};
use super::slack_event::SECRET;
use async_trait::async_trait;
use nightbell_chat_slack::{Config, SLACK_API, Slack, Transport};
use nightbell_connector_kit::{ReqwestHttp, Secret};
use nightbell_console::Metrics;
use nightbell_core::chat::FileRef;
use nightbell_core::port::accept::Accept;
use nightbell_core::port::chat::{Capabilities, Chat, Delivery, FetchError, MsgRef, Profile, SendError};
use nightbell_core::port::random::Seeded;
use nightbell_core::port::store::{Scan, Store};
use nightbell_desk::records::coll;
use nightbell_store::embedded::{Embedded, Options};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// A platform that never says who somebody is.
#[derive(Default)]
struct Hangs {
    asked: AtomicUsize,
    answered: AtomicUsize,
}

#[async_trait]
impl Chat for Hangs {
    fn platform(&self) -> &'static str {
        "slack"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            threads: true,
            update: true,
            ephemeral: true,
            home: true,
            profiles: true,
            max_text: 4_000,
            max_buttons: 25,
        }
    }
    async fn send(&self, _: Delivery<'_>) -> Result<MsgRef, SendError> {
        std::future::pending().await
    }
    async fn fetch(&self, _: &FileRef, _: u64) -> Result<Vec<u8>, FetchError> {
        std::future::pending().await
    }
    async fn profile(&self, _: &str) -> Result<Option<Profile>, SendError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        std::future::pending::<()>().await;
        self.answered.fetch_add(1, Ordering::Relaxed);
        Ok(None)
    }
}

/// Serves until it is told to stop, then says what it kept. Environment: PORT or API (Socket Mode), FOLDER, HANG.
pub fn ours() {
    let rt = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    rt.block_on(async {
        let env = |name: &str| std::env::var(name).ok();
        let folder = env("FOLDER").expect("FOLDER");
        let store: Arc<dyn Store> = Arc::new(Embedded::open(Path::new(&folder), Options::default()).expect("open"));
        let metrics = Arc::new(Metrics::new(Arc::new(Wall)));
        let hangs = Arc::new(Hangs::default());
        let chats = env("HANG").map(|_| ("slack".to_owned(), Arc::clone(&hangs) as Arc<dyn Chat>));
        let desk = desk(Arc::clone(&store), &metrics, chats.into_iter().collect::<BTreeMap<_, _>>());
        let (stop, stopped) = watch::channel(false);
        if env("HANG").is_some() {
            tokio::spawn(nightbell_desk::worker::run(Arc::clone(&desk), stopped.clone()));
        }
        let transport = match env("API") {
            Some(_) => Transport::Socket { app_token: Secret::new("xapp-bench-token-of-some-length"), connections: 1 },
            None => Transport::Http { signing_secret: Secret::new(SECRET) },
        };
        let config = Config {
            api_url: env("API").unwrap_or_else(|| SLACK_API.to_owned()),
            bot_token: Secret::new("xoxb-bench-token-of-some-length"),
            transport,
            command: "/nb".to_owned(),
            team_id: Some("T1".to_owned()),
            app_id: Some("A1".to_owned()),
        };
        let http = Arc::new(ReqwestHttp::new().expect("a client"));
        let accept = Arc::clone(&desk) as Arc<dyn Accept>;
        let slack = Slack::new(config, http, accept, Arc::new(Wall), Arc::new(Seeded::new(3))).expect("a connector");
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("signals");
        if env("API").is_some() {
            slack.introduce().await.expect("who we are");
            tokio::spawn(Arc::clone(&slack).listen(stopped));
        } else {
            let port = env("PORT").expect("PORT");
            let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await.expect("bind");
            let router = slack.router();
            tokio::spawn(async move { axum::serve(listener, router).await });
        }
        term.recv().await;
        let _ = stop.send(true);
        let waiting = store.scan(coll::INBOX, Scan::all(usize::MAX)).await.expect("a scan").len();
        if env("HANG").is_some() {
            let (asked, answered) = (hangs.asked.load(Ordering::Relaxed), hangs.answered.load(Ordering::Relaxed));
            println!("kept {waiting}; the desk asked {asked} times who it is, and was answered {answered} times");
        } else {
            println!("kept {waiting}");
        }
        // What hangs would hold the runtime.
        std::process::exit(0);
    });
}
