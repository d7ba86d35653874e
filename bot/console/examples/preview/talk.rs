//! The local chat with a short conversation.

use crate::support::World;
use axum::Router;
use nightbell_chat_local::{Local, Options, Person};
use nightbell_core::chat::{Block, Card, Style, Tone};
use nightbell_core::port::chat::{Chat, Delivery, Place, SendError};
use nightbell_core::port::clock::Clock;
use std::sync::Arc;

fn person(id: &str, name: &str, role: &str) -> Person {
    let roles = vec!["employee".to_owned(), role.to_owned()];
    Person { id: id.into(), name: name.into(), roles, zone: "Europe/Berlin".into() }
}

/// The platform with a few cards of every kind.
pub async fn chat(world: &World, clock: Arc<dyn Clock>) -> Result<Router, SendError> {
    let options = Options {
        people: vec![
            person("employee", "Employee One", "employee"),
            person("second-employee", "Employee Two", "employee"),
            person("responder", "First Responder", "responder"),
            person("lead", "Security Lead", "lead"),
        ],
        links: vec![("Waiting".into(), "/".into()), ("Cases".into(), "/cases".into())],
        ..Options::default()
    };
    let d = &world.deps;
    let local = Local::new(options, d.store.clone(), d.accept.clone(), clock, d.ids.clone());
    let hello = Card::text(
        "Good morning. Send me a mail that looks odd, or ask me whether something is allowed. I answer in seconds.",
    );
    let verdict = Card::titled("This mail is dangerous", Tone::Bad)
        .with(Block::Text("Thank you for reporting it. Please do not open the link and do not answer.".into()))
        .with(Block::Heading("Why".into()))
        .with(Block::List(vec![
            "A link says post.example.com but leads to another place.".into(),
            "The sender could not be confirmed: SPF and DKIM both fail.".into(),
        ]))
        .with(Block::Fields(vec![
            ("Case".into(), "C-7".into()),
            ("Sender".into(), "parcel[@]post-service[.]example".into()),
        ]))
        .with(Block::Code("hxxps://post-service[.]example/track?id=4471".into()))
        .with(Block::Context("Seen by you and the people on call. Kept for 90 days.".into()));
    let question = Card {
        free_text: true,
        ..Card::titled("Did you open the link or type a password?", Tone::Warn)
            .with(Block::Text("Nobody is in trouble. It only helps us to help you.".into()))
            .button("p:q:0", "I only looked at the mail", Style::Plain)
            .button("p:q:1", "I opened the link", Style::Plain)
            .button("p:q:2", "I typed my password", Style::Danger)
    };
    let answer = Card::titled("Yes, with the mail app from the company portal", Tone::Good)
        .with(Block::Quote {
            text: "Private phones may read company mail only through the portal's own app.".into(),
            source: "Mobile devices, section 3.2".into(),
        })
        .with(Block::Divider)
        .with(Block::Context("From your company's policy. Not what you meant? Ask again in other words.".into()));
    for (key, card) in [("1", &hello), ("2", &answer), ("3", &verdict), ("4", &question)] {
        local.send(Delivery::of(key, &Place::User("employee".into()), card)).await?;
    }
    let page = Card::titled("C-7: a password was typed on a false page", Tone::Bad)
        .with(Block::Text("Two people reported the mail. It is still in 38 mailboxes.".into()))
        .button("p:ppg:ack", "Take C-7", Style::Primary);
    let channel = Place::Channel { id: "security".into(), thread: None, only_for: None };
    local.send(Delivery::of("5", &channel, &page)).await?;
    local
        .send(Delivery::of(
            "6",
            &channel,
            &Card::text("Employee Two <b>reported</b> the same mail. It was joined to C-7."),
        ))
        .await?;
    Ok(local.router())
}
