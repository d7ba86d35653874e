//! Serves the console and the local chat over a seeded store, to look at pages while working on them:
//! `cargo run -p nightbell-console --example preview -- 8790`. Prints one sign-in link per person. Keeps nothing.

mod seed;
#[path = "../../tests/support/mod.rs"]
mod support;
mod talk;

use async_trait::async_trait;
use jiff::Timestamp;
use nightbell_console::issue_login;
use nightbell_core::port::clock::Clock;
use std::net::SocketAddr;
use std::sync::Arc;

/// Who is signed in by a link, and where it leads.
const LINKS: &[(&str, &str)] = &[
    ("lead", "/"),
    ("lead", "/cases?show=all"),
    ("lead", "/case/C-7"),
    ("lead", "/gaps"),
    ("lead", "/alerts/new"),
    ("lead", "/health"),
    ("lead", "/errors/NB0205"),
    ("lead", "/chat"),
    ("lead", "/chat?conv=security"),
    ("lead", "/chat?as=employee"),
    ("employee", "/"),
    ("employee", "/chat"),
    ("admin", "/health"),
];

struct Machine;

#[async_trait]
impl Clock for Machine {
    #[allow(clippy::disallowed_methods, reason = "this is the preview's clock port")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
    async fn sleep_until(&self, at: Timestamp) {
        let left = at.duration_since(self.now());
        tokio::time::sleep(left.try_into().unwrap_or_default()).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args().nth(1).and_then(|p| p.parse().ok()).unwrap_or(8790);
    let world = support::world(seed::nodes, Some(Arc::new(Machine)));
    let clock = Machine;
    seed::fill(world.store.as_ref(), clock.now()).await?;
    seed::errors(&world.deps.metrics);
    let chat = talk::chat(&world, Arc::new(Machine)).await?;
    let app = world.console.router().merge(world.console.guard(chat));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let address = listener.local_addr()?;
    for (who, to) in LINKS {
        // Several of each: a link works once.
        for _ in 0..12 {
            let token =
                issue_login(world.store.as_ref(), &clock, world.rng.as_ref(), &(*who).into(), *who == "lead", to)
                    .await?;
            println!("{who} {to} http://{address}/login?token={token}");
        }
    }
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
