//! The accept path alone: the real webhook route, the real inbox and the real embedded store in one process, without the
//! workers behind them. So the figure is what keeping an event costs, not what handling it costs.

use arc_swap::ArcSwap;
use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_console::{Console, Deps, Metrics};
use nightbell_core::person::Directory;
use nightbell_core::port::accept::Accept;
use nightbell_core::port::chat::Chat;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{RandomIds, Seeded};
use nightbell_core::port::store::Store;
use nightbell_desk::desk::{Bells, Desk};
use nightbell_store::embedded::{Embedded, Options};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// The machine's time.
pub struct Wall;

#[async_trait]
impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "the clock of this process")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    async fn sleep_until(&self, at: Timestamp) {
        let left = std::time::Duration::try_from(at.duration_since(self.now())).unwrap_or_default();
        tokio::time::sleep(left).await;
    }
}

/// A desk over the store, with these chats and nothing else.
pub fn desk(store: Arc<dyn Store>, metrics: &Arc<Metrics>, chats: BTreeMap<String, Arc<dyn Chat>>) -> Arc<Desk> {
    let clock: Arc<dyn Clock> = Arc::new(Wall);
    let started = clock.now();
    Arc::new(Desk {
        mail_auth: None,
        store,
        clock,
        ids: Arc::new(RandomIds(Seeded::new(2))),
        rng: Arc::new(Seeded::new(1)),
        observer: Arc::clone(metrics) as _,
        chats,
        actions: Vec::new(),
        pagers: Vec::new(),
        directory: ArcSwap::from_pointee(Directory::default()),
        policy: ArcSwap::default(),
        knowledge: ArcSwap::from_pointee(nightbell_knowledge::Index::build(
            [],
            nightbell_knowledge::IndexOptions::default(),
        )),
        playbooks: ArcSwap::from_pointee(nightbell_playbooks::Library::new(Vec::new())),
        bank: nightbell_knowledge::quiz::bank(),
        texts: nightbell_desk::text::Texts::new(),
        accounts: nightbell_desk::accounts::Accounts::default(),
        turns: nightbell_desk::turns::Turns::default(),
        started,
        numbers: Arc::default(),
        bells: Bells::default(),
        changes: tokio::sync::broadcast::channel(16).0,
    })
}

/// Serves until it is killed; its address on stdout.
#[allow(dead_code, reason = "not every bench needs all of them")]
pub fn accept_only(secret: &str) {
    let rt = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    rt.block_on(async {
        let dir = tempfile::tempdir().expect("folder");
        let store: Arc<dyn Store> = Arc::new(Embedded::open(dir.path(), Options::default()).expect("open"));
        let metrics = Arc::new(Metrics::new(Arc::new(Wall)));
        let desk = desk(Arc::clone(&store), &metrics, BTreeMap::new());
        let options = nightbell_console::Options {
            hooks: BTreeMap::from([("siem".to_owned(), secret.to_owned())]),
            ..nightbell_console::Options::default()
        };
        let people = Arc::clone(&desk);
        let deps = Deps {
            store,
            accept: Arc::clone(&desk) as Arc<dyn Accept>,
            clock: Arc::clone(&desk.clock),
            rng: Arc::clone(&desk.rng),
            ids: Arc::clone(&desk.ids),
            people: Arc::new(move || people.directory.load_full()),
            changes: desk.changes.clone(),
            metrics,
            nodes: Arc::new(|_| Vec::new()),
            evidence: Arc::new(|_| Ok(nightbell_core::mail::evidence::Evidence::default())),
            error_page: Arc::new(|_| None),
        };
        let router = Console::new(options, deps).router();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        println!("{}", listener.local_addr().expect("address"));
        let _ = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await;
    });
}
