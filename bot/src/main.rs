//! Nightbell: one binary. Roles are subcommands; each file under `cli/` parses, calls one thing, prints one form.

mod chats;
mod cli;
mod config;
mod demo;
mod machine;
mod mail_dns;
mod pages;
mod reload;
mod sources;
mod wire;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
