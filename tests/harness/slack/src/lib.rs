//! A Slack workspace that is not there: for tests of what talks to Slack.
//!
//! The heart is [`SlackState`]: sync, without a socket and without a clock. Two shells let an app talk to it:
//! [`Direct`] is an HTTP client that answers from memory, for simulated time; the server speaks HTTP and sockets on the
//! loopback. `README.md` shows how to drive it.

mod api;
mod check;
mod direct;
mod fault;
mod ids;
mod ledger;
mod limits;
mod model;
mod out;
mod record;
mod seen;
mod server;
mod setup;
mod shared;
mod sign;
mod state;
mod wire;

use api::content as api_content;
pub use direct::Direct;
pub use fault::{Fault, Often};
pub use ids::random_seed;
pub use ledger::Call;
pub use model::{Channel, ChannelKind, File, Message, User, View};
pub use out::{ACK_SECONDS, Delivery, Envelope, Kind, Say, Try, Upload, mail_object, typed};
pub use seen::{Button, Seen};
pub use server::{Address, Options, Server, Variant};
pub use setup::{Hosts, SCOPES, Secrets};
pub use shared::Shared;
pub use sign::signature;
pub use state::SlackState;
pub use wire::{Cut, Reply, Request, Response};
