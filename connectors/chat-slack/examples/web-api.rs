//! Drives the connector against any Web API of Slack's kind on this machine, one line per step: `ok` or `FAILED`.
//!
//! `SLACK_API=http://127.0.0.1:PORT/api SLACK_TOKEN=xoxb-... web-api ADDRESS CHANNEL`, with a person's address and a channel
//! the bot is in. It says who it is, finds the person, writes to them, changes that, finds its own message again, answers
//! in a thread of the channel, writes more than fits into a message, and draws the person's page.

#![expect(clippy::print_stdout, reason = "its output is the point")]

use async_trait::async_trait;
use nightbell_chat_slack::{Config, Slack, Transport};
use nightbell_connector_kit::{ReqwestHttp, Secret};
use nightbell_core::chat::{Block, Card, Style, Tone};
use nightbell_core::code;
use nightbell_core::event::Event;
use nightbell_core::port::accept::{Accept, Accepted, Refused};
use nightbell_core::port::chat::{Chat as _, Delivery, Place, SendError};
use nightbell_core::port::clock::Clock;
use nightbell_core::port::random::Seeded;
use std::sync::Arc;
use std::time::Duration;

struct Nobody;

#[async_trait]
impl Accept for Nobody {
    async fn accept(&self, _: &str, _: &str, _: Event, _: &[u8]) -> Result<Accepted, Refused> {
        Err(Refused { code: code::ACCEPT_REFUSED, why: "only looking".to_owned(), retry_after: 1 })
    }

    async fn knows(&self, _: &str, _: &str) -> bool {
        false
    }
}

struct Wall;

#[async_trait]
impl Clock for Wall {
    #[expect(clippy::disallowed_methods, reason = "the other side lives in real time")]
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }

    async fn sleep_until(&self, at: jiff::Timestamp) {
        tokio::time::sleep(Duration::try_from(at.duration_since(self.now())).unwrap_or_default()).await;
    }
}

/// Sends as the outbox does: again after the wait that was asked for, in doubt about what may have arrived.
async fn deliver(slack: &Slack, d: Delivery<'_>) -> Result<String, SendError> {
    let since = Wall.now();
    let mut doubt = d.doubt;
    for _ in 0..20 {
        match slack.send(Delivery { doubt, ..d }).await {
            Err(SendError::Later { after_ms, .. }) => {
                doubt = Some(since);
                tokio::time::sleep(Duration::from_millis(after_ms.min(5_000))).await;
            }
            other => return other.map(|m| m.0),
        }
    }
    Err(SendError::Never("twenty tries were not enough".to_owned()))
}

fn say<T: std::fmt::Debug, E: std::fmt::Display>(step: &str, result: &Result<T, E>) -> bool {
    match result {
        Ok(v) => println!("ok: {step}: {v:?}"),
        Err(e) => println!("FAILED: {step}: {e}"),
    }
    result.is_ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let var = |name: &str| std::env::var(name).unwrap_or_default();
    let mut args = std::env::args().skip(1);
    let (email, channel) = (args.next().unwrap_or_default(), args.next().unwrap_or_default());
    nightbell_connector_kit::install_tls();
    let config = Config {
        api_url: var("SLACK_API"),
        bot_token: Secret::new(var("SLACK_TOKEN")),
        transport: Transport::Http { signing_secret: Secret::new("not used for calls that leave") },
        command: "/nb".to_owned(),
        team_id: None,
        app_id: None,
    };
    let built = ReqwestHttp::new().map_err(|e| e.to_string()).and_then(|http| {
        let rng = Arc::new(Seeded::new(1));
        Slack::new(config, Arc::new(http), Arc::new(Nobody), Arc::new(Wall), rng).map_err(|e| e.to_string())
    });
    let slack = match built {
        Ok(s) => s,
        Err(e) => {
            println!("FAILED: configuration: {e}");
            return std::process::ExitCode::from(2);
        }
    };
    let mut fine = say("who we are", &slack.introduce().await);
    let found = slack.find(&email).await.and_then(|p| p.ok_or_else(|| SendError::Never("nobody has it".to_owned())));
    fine &= say("find a person by address", &found);
    let user = found.map(|p| p.id).unwrap_or_default();
    fine &= say("their profile", &slack.profile(&user).await);
    let direct = Place::User(user.clone());
    let card = Card::titled("This mail is dangerous", Tone::Bad)
        .with(Block::Fields(vec![("From".to_owned(), "boss <ceo@example.com>".to_owned())]))
        .with(Block::List(vec![
            "<!channel> is only text".to_owned(),
            "and so is <https://example.com|this>".to_owned(),
        ]))
        .button("p:x:0", "I clicked", Style::Danger);
    let sent = deliver(&slack, Delivery::of("key-1", &direct, &card)).await;
    fine &= say("write to them", &sent);
    let msg = nightbell_core::port::chat::MsgRef(sent.clone().unwrap_or_default());
    let again = Delivery { doubt: Some(Wall.now()), ..Delivery::of("key-1", &direct, &card) };
    let twice = deliver(&slack, again).await;
    fine &= say("find our own message again instead of writing twice", &twice) && twice == sent;
    let after = Card::titled("Answered", Tone::Good).with(Block::Text("You answered: I clicked".to_owned()));
    let change = Delivery { replaces: Some(&msg), ..Delivery::of("key-2", &direct, &after) };
    fine &= say("change it in place", &deliver(&slack, change).await);
    let place = |thread: Option<String>| Place::Channel { id: channel.clone(), thread, only_for: None };
    let first = deliver(&slack, Delivery::of("key-3", &place(None), &card)).await;
    fine &= say("post in a channel", &first);
    let ts = first.ok().and_then(|r| r.split_once('/').map(|(_, ts)| ts.to_owned()));
    fine &= say("answer in its thread", &deliver(&slack, Delivery::of("key-4", &place(ts), &after)).await);
    let long = Card::text((0..900).map(|n| n.to_string()).collect::<Vec<_>>().join(" a long line\n"));
    fine &= say("write more than fits", &deliver(&slack, Delivery::of("key-5", &direct, &long)).await);
    fine &= say("draw their page", &deliver(&slack, Delivery::of("key-6", &Place::Home(user), &after)).await);
    if fine { std::process::ExitCode::SUCCESS } else { std::process::ExitCode::FAILURE }
}
