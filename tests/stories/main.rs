//! The promises of the product, each as a story. One binary, because linking is the slow part.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a story fails by panicking, with the whole picture in the message"
)]

mod anything;
mod approvals;
mod asking;
mod commands;
mod disk;
mod ladder;
mod language;
mod listening;
mod mail_forms;
mod mail_memory;
mod mail_proof;
mod once;
mod outcomes;
mod phishing;
mod playbooks;
mod quiz;
mod quiz_year;
mod sending;
mod silence;
mod slack;
mod slack_trouble;
mod was_this_you;

use nightbell_tests::{World, mails};

/// The employee reported the mail, clicked and typed the password: the approval waits.
fn typed_password(world: &mut World) {
    world.send_file("employee", "suspicious.eml", mails::PHISH.into());
    world.press("employee", "a link");
    world.press("employee", "Yes");
}
