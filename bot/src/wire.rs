//! The one place that knows every concrete type: builds the ports, hands them to the desk, serves the pages.

use crate::chats::{Chats, Ports};
use crate::config::Config;
use crate::machine::{OsRng, SystemClock};
use crate::sources;
use anyhow::{Context as _, anyhow, bail};
use arc_swap::ArcSwap;
use async_trait::async_trait;
use nightbell_action_webhook::ActionWebhook;
use nightbell_chat_local::Local;
use nightbell_connector_kit::{ReqwestHttp, Secret};
use nightbell_console::{Console, Deps, Metrics, NodeState};
use nightbell_core::action::Manifest;
use nightbell_core::code::{self, Coded};
use nightbell_core::event::Event;
use nightbell_core::ids::PersonId;
use nightbell_core::person::Role;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::actions::Actions;
use nightbell_core::port::chat::Chat;
use nightbell_core::port::clock::Clock;
use nightbell_core::port::http::Http;
use nightbell_core::port::pager::Pager;
use nightbell_core::port::random::{Ids, RandomIds, Rng};
use nightbell_core::port::store::Store;
use nightbell_desk::desk::{Bells, Desk};
use nightbell_desk::groups::{self, Base};
use nightbell_desk::numbers::Numbers;
use nightbell_desk::records::RunRow;
use nightbell_knowledge::{Index, IndexOptions};
use nightbell_playbooks::graph;
use nightbell_store::embedded::Embedded;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinHandle;

/// File in the data folder that tells the terminal chat where the bot is and lets it in.
pub const TERMINAL: &str = "terminal";

/// How long a terminal token holds; a new one is written at every start.
const TOKEN_LIFE: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 30);

/// What the demo adds to an ordinary bot.
#[derive(Default)]
pub struct Extras {
    /// Policies built into the binary, used when no folder is configured.
    pub policies: Vec<(String, String)>,
    /// Who the login link is for; else the first admin, responder or person.
    pub reader: Option<String>,
    /// Where the login link leads.
    pub landing: Option<String>,
    /// The file the configuration came from, to take new secrets while the bot runs.
    pub source: Option<PathBuf>,
}

/// The way in, before the desk exists: the local chat and the desk need each other.
struct Door(OnceLock<Arc<Desk>>);

#[async_trait]
impl Accept for Door {
    async fn accept(&self, source: &str, dedupe: &str, event: Event, raw: &[u8]) -> Result<Accepted, Refused> {
        match self.0.get() {
            Some(desk) => desk.accept(source, dedupe, event, raw).await,
            None => Err(Refused { code: code::ACCEPT_REFUSED, why: "starting".to_owned(), retry_after: 1 }),
        }
    }

    async fn knows(&self, source: &str, dedupe: &str) -> bool {
        match self.0.get() {
            Some(desk) => desk.knows(source, dedupe).await,
            None => false,
        }
    }
}

/// A running bot.
pub struct Bot {
    /// The desk, for the demo's story.
    pub desk: Arc<Desk>,
    store: Arc<Embedded>,
    address: SocketAddr,
    folder: PathBuf,
    reader: PersonId,
    landing: String,
    simulate: bool,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Bot {
    /// Opens the store, wires the rooms and listens.
    pub async fn start(config: Config, extras: Extras) -> anyhow::Result<Self> {
        nightbell_connector_kit::install_tls();
        let address: SocketAddr = config.server.listen.parse().map_err(|e| {
            anyhow!("NB0006 server.listen `{}` is not an address with a port: {e}", config.server.listen)
        })?;
        if !address.ip().is_loopback() && !config.server.public {
            bail!(
                "NB0009 {address} can be reached from other machines. Put a TLS proxy in front and set server.public = true"
            );
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let rng: Arc<dyn Rng> = Arc::new(OsRng);
        let ids: Arc<dyn Ids> = Arc::new(RandomIds(OsRng));
        let embedded = Arc::new(sources::store(&config.data.dir)?);
        let store: Arc<dyn Store> = Arc::clone(&embedded) as Arc<dyn Store>;
        let metrics = Arc::new(Metrics::new(Arc::clone(&clock)));
        let http: Arc<dyn Http> = Arc::new(ReqwestHttp::new()?);
        let (library, findings) = sources::playbooks(&config)?;
        for f in &findings {
            tracing::warn!(code = f.code, path = f.path, line = f.line, "playbook: {}", f.message);
        }
        let mut docs = sources::policies(&config.knowledge.folder)?;
        if docs.is_empty() {
            docs = extras.policies;
        }
        let (pagers, mut actions) = services(&config, &http, &clock)?;
        let door = Arc::new(Door(OnceLock::new()));
        let directory = config.directory();
        let local = config.local.enabled.then(|| local_chat(&config, &directory, &store, &door, &clock, &ids));
        let vendors = Chats::build(
            &config,
            &Ports {
                http: Arc::clone(&http),
                accept: Arc::clone(&door) as _,
                clock: Arc::clone(&clock),
                rng: Arc::clone(&rng),
            },
        )?;
        actions.extend(vendors.actions());
        let mut chats: BTreeMap<String, Arc<dyn Chat>> = vendors.ports();
        if let Some(l) = &local {
            chats.insert("local".to_owned(), Arc::clone(l) as Arc<dyn Chat>);
        }
        let (changes, _) = broadcast::channel(256);
        let reader = reader(&directory, extras.reader.as_deref());
        let desk = Arc::new(Desk {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            rng: Arc::clone(&rng),
            observer: Arc::clone(&metrics) as _,
            chats,
            actions,
            pagers,
            mail_auth: crate::mail_dns::configured(&config.mail)?,
            directory: ArcSwap::from_pointee(directory),
            policy: ArcSwap::from_pointee(config.policy()),
            knowledge: ArcSwap::from_pointee(Index::build(docs, IndexOptions::default())),
            playbooks: ArcSwap::from_pointee(library),
            bank: nightbell_knowledge::quiz::bank(),
            texts: nightbell_desk::text::Texts::new(),
            accounts: nightbell_desk::accounts::Accounts::default(),
            turns: nightbell_desk::turns::Turns::default(),
            started: clock.now(),
            numbers: Arc::new(Numbers::default()),
            bells: Bells::default(),
            changes: changes.clone(),
        });
        let _ = door.0.set(Arc::clone(&desk));
        let console = console(&config, &desk, &metrics, local.is_some());
        let mut router = console.router();
        if let Some(l) = &local {
            router = router.merge(console.guard(l.router()));
        }
        router = router.merge(vendors.router());
        let listener = tokio::net::TcpListener::bind(address).await.map_err(|e| {
            anyhow!("NB0006 cannot listen on {address}: {e}. Is a bot running already? Choose another port")
        })?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = vec![
            tokio::spawn(nightbell_desk::worker::run(Arc::clone(&desk), stopped.clone())),
            tokio::spawn(nightbell_desk::outbox::run(Arc::clone(&desk), stopped.clone())),
            tokio::spawn(nightbell_desk::timers::run(Arc::clone(&desk), stopped.clone())),
        ];
        tasks.push(tokio::spawn(crate::reload::watch(Arc::clone(&desk), config.clone(), stopped.clone())));
        tasks.push(tokio::spawn(serve(listener, router, stopped.clone())));
        let base = Base { directory: config.directory(), policy: config.policy(), groups: config.groups.clone() };
        tasks.push(tokio::spawn(groups::run(Arc::clone(&desk), base, stopped.clone())));
        tasks.extend(vendors.start(extras.source, &stopped).await);
        desk.arm_sweep().await?;
        desk.arm_schedules().await?;
        desk.arm_quizzes().await?;
        let bot = Self {
            desk,
            store: embedded,
            address,
            folder: config.data.dir.clone(),
            reader,
            landing: extras.landing.unwrap_or_else(|| "/".to_owned()),
            simulate: config.local.simulate,
            stop,
            tasks,
        };
        bot.let_terminal_in(&config.data.dir).await?;
        Ok(bot)
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where its data lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A link that logs the reader in once.
    pub async fn login_link(&self) -> anyhow::Result<String> {
        let d = &self.desk;
        let token =
            nightbell_console::issue_login(&*d.store, &*d.clock, &*d.rng, &self.reader, self.simulate, &self.landing)
                .await?;
        Ok(format!("{}/login?token={token}", self.url()))
    }

    /// A token for the demo's played people.
    pub async fn player_token(&self) -> anyhow::Result<String> {
        let d = &self.desk;
        Ok(nightbell_console::issue_bearer(&*d.store, &*d.clock, &*d.rng, &self.reader, self.simulate, TOKEN_LIFE)
            .await?)
    }

    async fn let_terminal_in(&self, dir: &Path) -> anyhow::Result<()> {
        let d = &self.desk;
        let token =
            nightbell_console::issue_bearer(&*d.store, &*d.clock, &*d.rng, &self.reader, self.simulate, TOKEN_LIFE)
                .await?;
        let text = format!("{}\n{token}\n{}\n", self.url(), self.reader);
        let path = dir.join(TERMINAL);
        write_private(&path, &text).with_context(|| format!("NB0005 cannot write {}", path.display()))
    }

    /// Serves until Ctrl-C or a termination signal, then finishes what it holds.
    pub async fn until_stopped(self) -> anyhow::Result<()> {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        }
        tracing::info!("stopping: finishing what is under way");
        let _ = self.stop.send(true);
        for t in self.tasks {
            let _ = tokio::time::timeout(std::time::Duration::from_secs(10), t).await;
        }
        self.store.close().await?;
        Ok(())
    }
}

/// Address and token of the bot that runs on a data folder.
pub fn terminal(data: &Path) -> anyhow::Result<(String, String)> {
    let text = std::fs::read_to_string(data.join(TERMINAL))
        .with_context(|| format!("NB0005 no running bot found at {}. Start one, or say --data", data.display()))?;
    let mut lines = text.lines().map(str::to_owned);
    Ok((lines.next().unwrap_or_default(), lines.next().unwrap_or_default()))
}

#[cfg(unix)]
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::remove_file(path);
    let mut f = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    f.write_all(text.as_bytes())
}

async fn serve(listener: tokio::net::TcpListener, router: axum::Router, mut stopped: watch::Receiver<bool>) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    // Live-update streams never end by themselves, so the grace is short: whoever waits is served again after the restart.
    let served = axum::serve(listener, service);
    tokio::select! {
        r = served => if let Err(e) = r {
            tracing::error!(code = "NB0006", "the web server stopped: {e}");
        },
        _ = stopped.changed() => {}
    }
}

/// Paging services and services that carry out actions.
pub type Services = (Vec<Arc<dyn Pager>>, Vec<Arc<dyn Actions>>);

/// The configured services.
pub fn services(config: &Config, http: &Arc<dyn Http>, clock: &Arc<dyn Clock>) -> anyhow::Result<Services> {
    let mut pagers: Vec<Arc<dyn Pager>> = Vec::new();
    for p in &config.pagers {
        let c = nightbell_page_webhook::Config {
            name: p.name.clone(),
            url: p.url.clone(),
            secret: Secret::new(&p.secret),
            timeout: nightbell_core::duration::Span::secs(10),
        };
        pagers.push(Arc::new(nightbell_page_webhook::PageWebhook::new(c, Arc::clone(http), Arc::clone(clock))?));
    }
    let all = nightbell_playbooks::builtin::manifests();
    let mut actions: Vec<Arc<dyn Actions>> = Vec::new();
    for a in &config.actions {
        let offered: Vec<Manifest> = all.iter().filter(|m| a.offers.contains(&m.name)).cloned().collect();
        if let Some(missing) = a.offers.iter().find(|o| !offered.iter().any(|m| m.name == **o)) {
            bail!("NB0002 actions.{}: there is no action `{missing}`", a.name);
        }
        let urls = offered.iter().map(|m| (m.name.clone(), a.url.clone())).collect();
        let c = nightbell_action_webhook::Config { base_url: None, urls, secret: Secret::new(&a.secret) };
        actions.push(Arc::new(ActionWebhook::new(c, offered, Arc::clone(http), Arc::clone(clock))?));
    }
    Ok((pagers, actions))
}

fn local_chat(
    config: &Config,
    directory: &nightbell_core::person::Directory,
    store: &Arc<dyn Store>,
    door: &Arc<Door>,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn Ids>,
) -> Arc<Local> {
    let people = directory.all().iter().filter_map(|p| {
        Some(nightbell_chat_local::Person {
            id: p.accounts.get("local")?.clone(),
            name: p.name.clone(),
            roles: p.roles.iter().map(|r| r.word().to_owned()).collect(),
            zone: p.zone.clone(),
        })
    });
    let channels = config.local.channels.iter().map(|id| nightbell_chat_local::Channel {
        id: id.clone(),
        about: match id.as_str() {
            "security" => "What the security team must know".to_owned(),
            _ => "For everybody. Mention @nightbell to ask it something.".to_owned(),
        },
        only: if id == "security" { vec!["responder".to_owned(), "lead".to_owned()] } else { Vec::new() },
    });
    let options = nightbell_chat_local::Options {
        people: people.collect(),
        channels: channels.collect(),
        upload_cap: usize::try_from(config.local.upload_mb).unwrap_or(25) * 1024 * 1024,
        links: vec![("Console".to_owned(), "/".to_owned()), ("Cases".to_owned(), "/cases".to_owned())],
    };
    Local::new(options, Arc::clone(store), Arc::clone(door) as Arc<dyn Accept>, Arc::clone(clock), Arc::clone(ids))
}

fn console(config: &Config, desk: &Arc<Desk>, metrics: &Arc<Metrics>, chat: bool) -> Console {
    let options = nightbell_console::Options {
        public_hosts: Some(config.server.host.clone()).filter(|h| !h.is_empty()).into_iter().collect(),
        secure_cookie: config.server.public,
        hooks: config.hooks.iter().map(|h| (h.name.clone(), h.secret.clone())).collect(),
        events: config.hooks.iter().filter(|h| h.kind == "event").map(|h| h.name.clone()).collect(),
        chat: chat.then(|| "/chat".to_owned()),
    };
    let people = Arc::clone(desk);
    let drawn = Arc::clone(desk);
    let looked = Arc::clone(desk);
    Console::new(
        options,
        Deps {
            store: Arc::clone(&desk.store),
            accept: Arc::clone(desk) as Arc<dyn Accept>,
            clock: Arc::clone(&desk.clock),
            rng: Arc::clone(&desk.rng),
            ids: Arc::clone(&desk.ids),
            people: Arc::new(move || people.directory.load_full()),
            changes: desk.changes.clone(),
            metrics: Arc::clone(metrics),
            nodes: Arc::new(move |row| nodes(&drawn, row)),
            evidence: Arc::new(move |bytes| looked.evidence(bytes).map_err(|e| (e.code(), e.to_string()))),
            error_page: Arc::new(|code| crate::pages::page(code).map(str::to_owned)),
        },
    )
}

/// The steps of a run as the console draws them.
fn nodes(desk: &Desk, row: &RunRow) -> Vec<nightbell_console::Node> {
    let library = desk.playbooks.load();
    let Some(playbook) = library.get(&row.digest) else { return Vec::new() };
    let run = serde_json::from_value::<nightbell_playbooks::Run>(row.state.clone()).ok();
    graph::nodes(&playbook, run.as_ref())
        .into_iter()
        .map(|n| nightbell_console::Node {
            path: n.path,
            kind: n.kind,
            label: if n.branch.is_empty() { n.label } else { format!("{}: {}", n.branch, n.label) },
            state: match n.status.as_str() {
                "running" => NodeState::Active,
                "waiting" => NodeState::Waiting,
                "succeeded" => NodeState::Done,
                "skipped" => NodeState::Skipped,
                "unknown" => NodeState::Unknown,
                "failed" | "timed_out" | "cancelled" => NodeState::Failed,
                _ => NodeState::Todo,
            },
            depth: u16::try_from(n.depth).unwrap_or(u16::MAX),
            human: n.human,
            destructive: n.destructive,
        })
        .collect()
}

fn reader(directory: &nightbell_core::person::Directory, wanted: Option<&str>) -> PersonId {
    let by_role = |r: Role| directory.all().iter().find(|p| p.roles.contains(&r));
    wanted
        .and_then(|w| directory.find(w))
        .or_else(|| by_role(Role::Admin))
        .or_else(|| by_role(Role::Responder))
        .or_else(|| directory.all().first())
        .map_or_else(|| PersonId::from("local:operator"), |p| p.id.clone())
}
