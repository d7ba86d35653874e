//! The command line (`design.md` section 8 is its contract). Exit codes: 0 done, 1 found problems, 2 wrong use.

mod ask;
mod audit;
mod cacao;
mod chat;
mod check;
mod explain;
mod guard;
mod init;
mod login;
mod playbook;
mod redact;
mod run;
mod slack;
mod store;
mod triage;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Found problems.
pub const PROBLEMS: u8 = 1;
/// Wrong use or input.
pub const USAGE: u8 = 2;

/// Result of a command: an exit code, or an error that is printed and means exit code 2.
pub type Outcome = anyhow::Result<ExitCode>;

#[derive(Parser)]
#[command(name = "nightbell", version, about = "The bell by which anyone can call the security watch", long_about = None)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try it: no credentials, no network; a story plays and you press Approve
    Demo {
        /// Port on loopback; 0 takes a free one
        #[arg(long, default_value_t = 8990)]
        port: u16,
        /// Data folder; a fresh temporary one when absent
        #[arg(long)]
        data: Option<PathBuf>,
        /// Start empty
        #[arg(long)]
        no_story: bool,
    },
    /// Run the bot
    Run(run::Run),
    /// Look at configuration, playbooks and connectors, each line with its fix
    Check(check::Check),
    /// Write a configuration file in which every key is explained
    Init(init::Init),
    /// Talk to a running bot from the terminal
    Chat(chat::Chat),
    /// Print a fresh one-time link to the console of a running bot
    Login(login::Login),
    /// Analyse mails without a bot
    Triage(triage::Triage),
    /// Ask the policies without a bot
    Ask(ask::Ask),
    /// Replace private values and secrets in texts
    Redact(redact::Redact),
    /// Tell which texts try to give orders to a machine
    Guard(guard::Guard),
    /// Check, test and draw playbooks
    #[command(subcommand)]
    Playbook(playbook::Playbook),
    /// Verify, rebuild, back up the data
    #[command(subcommand)]
    Store(store::Store),
    /// Verify or export who did what
    #[command(subcommand)]
    Audit(audit::Audit),
    /// What an error code means and what to do
    Explain {
        /// Such as NB0007; without one: all of them
        code: Option<String>,
    },
}

/// Parses, runs, and turns errors into words and exit codes.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(a) => a,
        Err(e) => {
            let _ = e.print();
            if e.use_stderr() {
                eprintln!("NB0007 see: nightbell explain NB0007");
                return ExitCode::from(USAGE);
            }
            return ExitCode::SUCCESS;
        }
    };
    let result = match args.command {
        Command::Demo { port, data, no_story } => crate::demo::run(port, data, !no_story),
        Command::Run(a) => a.run(),
        Command::Check(a) => a.run(),
        Command::Init(a) => a.run(),
        Command::Chat(a) => a.run(),
        Command::Login(a) => a.run(),
        Command::Triage(a) => a.run(),
        Command::Ask(a) => a.run(),
        Command::Redact(a) => a.run(),
        Command::Guard(a) => a.run(),
        Command::Playbook(a) => a.run(),
        Command::Store(a) => a.run(),
        Command::Audit(a) => a.run(),
        Command::Explain { code } => explain::run(code.as_deref()),
    };
    result.unwrap_or_else(|e| {
        eprintln!("{e:#}");
        ExitCode::from(USAGE)
    })
}

/// A runtime for commands that need one.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Prints one line on stdout; a closed pipe ends quietly.
pub fn line(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
