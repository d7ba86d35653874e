//! The console: web pages rendered on the server, live updates, health, metrics, and webhooks in.
//!
//! **Architecture invariant:** nothing here changes a case. Pages read through [`nightbell_desk::view::View`];
//! every button becomes an [`nightbell_core::event::Event`] and goes through
//! [`nightbell_core::port::accept::Accept`], the same way as a press in chat. The only things written here are
//! sessions and one-time links.
//!
//! Where to look first: [`Console`] puts the routes together, `guard` decides who gets in, `act` turns a form into
//! an event, `hooks` takes alerts from outside.

mod act;
mod assets;
mod error;
mod graph;
mod guard;
mod hooks;
mod live;
mod login;
mod metrics;
mod pages;
mod session;
mod words;

pub use graph::{Node, State as NodeState};
pub use metrics::Metrics;
pub use session::{issue_bearer, issue_login};

use axum::Router;
use axum::routing::{get, post};
use nightbell_core::code::Code;
use nightbell_core::mail::evidence::Evidence;
use nightbell_core::person::Directory;
use nightbell_core::port::accept::Accept;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::{Ids, Rng};
use nightbell_core::port::store::Store;
use nightbell_core::telemetry::Observer;
use nightbell_desk::records::RunRow;
use nightbell_desk::view::{Change, View};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::broadcast;

/// The people at this moment; a reload of the configuration changes what it returns.
pub type People = Arc<dyn Fn() -> Arc<Directory> + Send + Sync>;
/// The steps of a run in drawing order.
pub type NodesOf = Arc<dyn Fn(&RunRow) -> Vec<Node> + Send + Sync>;
/// The tables of a kept mail, made from its bytes; else a code and words.
pub type EvidenceOf = Arc<dyn Fn(&[u8]) -> Result<Evidence, (Code, String)> + Send + Sync>;
/// The page of an error code, as written under `bot/docs/errors`.
pub type ErrorPage = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What the operator can set.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Host names other than loopback under which people reach the console, without port. A request for any other
    /// host is refused, so that a foreign page cannot rebind its name to this machine.
    pub public_hosts: Vec<String>,
    /// The cookie travels over TLS only. On when `public_hosts` are served behind TLS.
    pub secure_cookie: bool,
    /// Webhooks in: name in the path to secret.
    pub hooks: BTreeMap<String, String>,
    /// Those of them that carry any event instead of a normalised alert.
    pub events: std::collections::BTreeSet<String>,
    /// Path of the web chat, shown in the navigation when there is one.
    pub chat: Option<String>,
}

/// What the console stands on.
#[derive(Clone)]
pub struct Deps {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// The way in.
    pub accept: Arc<dyn Accept>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Dice for sessions and links.
    pub rng: Arc<dyn Rng>,
    /// Ids of forms, so that pressing twice counts once.
    pub ids: Arc<dyn Ids>,
    /// Who is who.
    pub people: People,
    /// Announcements of what was committed.
    pub changes: broadcast::Sender<Change>,
    /// Counters. Hand the same value to everybody who wants an [`Observer`].
    pub metrics: Arc<Metrics>,
    /// Steps of a run for its drawing.
    pub nodes: NodesOf,
    /// What was seen of a mail. Takes up to a quarter of a second, so it is called off the runtime's own threads.
    pub evidence: EvidenceOf,
    /// Pages of error codes.
    pub error_page: ErrorPage,
}

/// Shared by all handlers.
pub(crate) struct Inner {
    pub(crate) options: Options,
    pub(crate) deps: Deps,
    pub(crate) view: View,
}

pub(crate) type App = Arc<Inner>;

/// The console of one installation.
#[derive(Clone)]
pub struct Console {
    app: App,
}

impl Console {
    /// Puts it together. Nothing runs until a router is served.
    pub fn new(options: Options, deps: Deps) -> Self {
        let view = View::new(deps.store.clone());
        Self { app: Arc::new(Inner { options, deps, view }) }
    }

    /// Every route of the console. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: `/metrics`
    /// answers only to a peer it knows to be on loopback.
    pub fn router(&self) -> Router {
        let app = &self.app;
        let pages: Router = Router::new()
            .route("/", get(pages::home::show))
            .route("/cases", get(pages::cases::show))
            .route("/case/{id}", get(pages::case::show))
            .route("/case/{id}/indicators/{form}", get(pages::mail::indicators))
            .route("/gaps", get(pages::gaps::show))
            .route("/alerts/new", get(pages::alert::show).post(pages::alert::raise))
            .route("/health", get(pages::health::show))
            .route("/errors/{code}", get(pages::health::error))
            .route("/events", get(live::events))
            .route("/do/press", post(act::press))
            .route("/do/close", post(act::close))
            .route("/do/take", post(act::take))
            .route("/do/answer", post(act::answer))
            .route("/do/retry", post(act::retry))
            .route("/logout", post(login::leave))
            .route("/login/new", post(login::fresh))
            .with_state(app.clone());
        let open: Router = Router::new()
            .route("/login", get(login::enter))
            .route("/assets/{name}", get(assets::serve))
            .route("/metrics", get(metrics::serve))
            .fallback(error::nowhere)
            .with_state(app.clone())
            .layer(axum::middleware::from_fn_with_state(app.clone(), guard::host_only));
        // Probes and webhooks come from machines with their own idea of the host name; the one says nothing worth
        // hiding, the other is signed. Webhooks carry no layer at all: this is the busiest way in.
        let machines: Router = Router::new()
            .route("/healthz", get(pages::health::alive))
            .route("/readyz", get(pages::health::ready))
            .with_state(app.clone())
            .merge(hooks::router(&app.options.hooks, &app.options.events, app.deps.clone()));
        self.guard(pages).merge(open).merge(machines)
    }

    /// Puts another router behind the same login. Its handlers find [`nightbell_core::person::Session`] among the
    /// request's extensions. Handlers that change something compare the session's `csrf` text unless the request
    /// carries an `Authorization` header, which no foreign page can make a browser send.
    pub fn guard(&self, router: Router) -> Router {
        // A layer around no routes is a panic of the framework.
        if !router.has_routes() {
            return router;
        }
        router.route_layer(axum::middleware::from_fn_with_state(self.app.clone(), guard::check))
    }

    /// The counters, as an observer for the other rooms.
    pub fn observer(&self) -> Arc<dyn Observer> {
        self.app.deps.metrics.clone()
    }
}
