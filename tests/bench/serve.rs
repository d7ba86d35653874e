//! The accept path alone: the real webhook route, the real inbox and the real embedded store in one process, without the
//! workers behind them. So the figure is what keeping an event costs, not what handling it costs.

use arc_swap::ArcSwap;
use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_console::{Console, Deps, Metrics};
use nightbell_core::person::Directory;
use nightbell_core::port::accept::Accept;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{Ids, RandomIds, Rng, Seeded};
use nightbell_core::port::store::Store;
use nightbell_desk::desk::{Bells, Desk};
use nightbell_store::embedded::{Embedded, Options};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

struct Wall;

#[async_trait]
impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "the clock of this process")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    async fn sleep_until(&self, _at: Timestamp) {}
}

/// Serves until it is killed; its address on stdout.
pub fn accept_only(secret: &str) {
    let rt = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    rt.block_on(async {
        let dir = tempfile::tempdir().expect("folder");
        let store: Arc<dyn Store> = Arc::new(Embedded::open(dir.path(), Options::default()).expect("open"));
        let clock: Arc<dyn Clock> = Arc::new(Wall);
        let rng: Arc<dyn Rng> = Arc::new(Seeded::new(1));
        let ids: Arc<dyn Ids> = Arc::new(RandomIds(Seeded::new(2)));
        let metrics = Arc::new(Metrics::new(Arc::clone(&clock)));
        let changes = tokio::sync::broadcast::channel(16).0;
        let desk = Arc::new(Desk {
            mail_auth: None,
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            rng: Arc::clone(&rng),
            observer: Arc::clone(&metrics) as _,
            chats: BTreeMap::new(),
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
            started: clock.now(),
            numbers: Arc::default(),
            bells: Bells::default(),
            changes: changes.clone(),
        });
        let options = nightbell_console::Options {
            hooks: BTreeMap::from([("siem".to_owned(), secret.to_owned())]),
            ..nightbell_console::Options::default()
        };
        let people = Arc::clone(&desk);
        let deps = Deps {
            store,
            accept: Arc::clone(&desk) as Arc<dyn Accept>,
            clock,
            rng,
            ids,
            people: Arc::new(move || people.directory.load_full()),
            changes,
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
