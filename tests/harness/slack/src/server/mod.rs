//! The workspace on the loopback: Web API, files and sockets, or deliveries over HTTP.

mod control;
mod drive;
mod hub;
mod post;
mod push;
mod socket;
mod web;

pub use push::Variant;

use crate::setup::Hosts;
use crate::shared::Shared;
use crate::state::SlackState;
use hub::Hub;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Where deliveries go over HTTP.
#[derive(Debug, Clone)]
pub struct Address {
    /// Events.
    pub events: String,
    /// Clicks, forms and shortcuts.
    pub interactions: String,
    /// Slash commands.
    pub commands: String,
}

impl Address {
    /// One URL for everything.
    pub fn all(url: &str) -> Self {
        Self { events: url.to_owned(), interactions: url.to_owned(), commands: url.to_owned() }
    }
}

/// How a server is set up.
#[derive(Debug)]
pub struct Options {
    /// The workspace.
    pub state: SlackState,
    /// Port; 0 takes a free one.
    pub port: u16,
    /// Deliveries go over HTTP to there; none: over sockets.
    pub push: Option<Address>,
    /// Sockets that may be open at once; Slack allows ten.
    pub sockets: usize,
    /// Time between two pings of the server.
    pub ping: Duration,
    /// Whether `/_sim/` can be used to drive it.
    pub control: bool,
}

impl Options {
    /// Sockets on a free port.
    pub fn new(state: SlackState) -> Self {
        Self { state, port: 0, push: None, sockets: 10, ping: Duration::from_secs(5), control: false }
    }
}

/// What all tasks of a server know.
#[derive(Debug)]
struct Inner {
    shared: Shared,
    hub: Hub,
    push: std::sync::Mutex<Option<Address>>,
    sockets: usize,
    ping: Duration,
    control: bool,
}

/// A running server; it ends when this is dropped.
#[derive(Debug)]
pub struct Server {
    inner: Arc<Inner>,
    address: SocketAddr,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        for t in &self.tasks {
            t.abort();
        }
        self.inner.hub.drop_all();
    }
}

/// The time of the machine: this shell is for real programs.
#[expect(clippy::disallowed_methods, reason = "a server for real clients lives in real time")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

impl Server {
    /// Listens on 127.0.0.1. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(options: Options) -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", options.port)).await?;
        let address = listener.local_addr()?;
        let mut state = options.state;
        state.hosts = Hosts::all_at(&format!("http://{address}"));
        state.socket_base = format!("ws://{address}");
        let inner = Arc::new(Inner {
            shared: Shared::new(state),
            hub: Hub::default(),
            push: std::sync::Mutex::new(options.push),
            sockets: options.sockets,
            ping: options.ping,
            control: options.control,
        });
        let tasks = vec![
            tokio::spawn(web::accept(Arc::clone(&inner), listener)),
            tokio::spawn(socket::pump(Arc::clone(&inner))),
        ];
        Ok(Self { inner, address, tasks })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Base URL of the Web API, without a slash at the end.
    pub fn api_url(&self) -> String {
        format!("{}/api", self.base())
    }

    /// The workspace.
    pub fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// Works on the workspace at the present time.
    pub fn with<R>(&self, work: impl FnOnce(&mut SlackState, Timestamp) -> R) -> R {
        self.inner.shared.with(|s| work(s, now()))
    }

    /// Waits until the workspace looks like this. False when it does not within the time.
    pub async fn wait_until(&self, mut check: impl FnMut(&SlackState) -> bool, timeout: Duration) -> bool {
        let mut changes = self.inner.shared.changes();
        let wait = async {
            while !self.inner.shared.look(&mut check) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(timeout, wait).await.is_ok()
    }

    /// Sends deliveries over HTTP from now on, or over sockets again.
    pub fn deliver_to(&self, address: Option<Address>) {
        *self.inner.push.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = address;
    }

    /// Sockets that are open.
    pub fn sockets(&self) -> usize {
        self.inner.hub.open()
    }

    /// Sockets that were opened so far.
    pub fn sockets_so_far(&self) -> u64 {
        self.inner.hub.so_far()
    }

    /// Sends `disconnect` to every socket, with a reason such as `warning`, `refresh_requested` or `link_disabled`.
    /// All but `warning` end the socket shortly afterwards.
    pub fn disconnect(&self, reason: &str) {
        self.inner.hub.disconnect(reason);
    }

    /// Cuts every socket without a word.
    pub fn drop_sockets(&self) {
        self.inner.hub.drop_all();
    }

    /// Sends this text over the next socket, whatever it is: broken frames, unknown types. False without a socket.
    pub fn send_frame(&self, text: &str) -> bool {
        self.inner.hub.send(text.to_owned()).is_some()
    }

    /// Keeps everything back that is to be delivered, or sends it all at once.
    pub fn hold(&self, on: bool) {
        self.inner.hub.hold(on);
        self.inner.shared.with(|_| ());
    }
}
