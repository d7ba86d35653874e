//! Feeds the parsers of the playbook language with inputs made from a seed: the same seed gives the same inputs.
//!
//! ```text
//! cargo run --release -p nightbell-playbooks --example fuzz -- [--target expr|yaml|test|cacao|all]
//!     [--inputs N] [--seconds T] [--seed S] [--threads K]      N inputs, or as many as fit into T seconds
//!     --file PATH --target NAME                                one input again
//! ```
//! An input that panics, takes longer than its bound or does not come back is written to `fuzz-<target>-<index>.txt`
//! in the temporary folder, and the exit code is 1. A crash of the whole process (stack, memory) is found again by
//! the supervisor: it runs the last inputs of each thread once more, one by one.

mod dice;
mod mutate;
mod seeds;
mod supervise;
mod targets;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use targets::{Ground, Target};

/// What the command line says.
#[derive(Debug, Clone)]
pub struct Args {
    /// Parsers to feed.
    pub targets: Vec<Target>,
    /// Inputs for each run of all targets.
    pub inputs: u64,
    /// Longest run.
    pub seconds: Duration,
    /// Where the dice begin.
    pub seed: u64,
    /// Side by side.
    pub threads: usize,
    /// Number of the first input.
    pub first: u64,
    /// One input again instead of made ones.
    pub file: Option<PathBuf>,
    /// Set by the supervisor: where each thread notes how far it is.
    pub notes: Option<PathBuf>,
}

const USAGE: &str =
    "fuzz [--target expr|yaml|test|cacao|all] [--inputs N] [--seconds T] [--seed S] [--threads K] [--file PATH]";

fn args() -> Result<Args, String> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let mut out = Args {
        targets: Target::ALL.to_vec(),
        inputs: 5_000_000,
        seconds: Duration::from_hours(1),
        seed: 1,
        threads,
        first: 0,
        file: None,
        notes: None,
    };
    let mut given = std::env::args().skip(1);
    while let Some(key) = given.next() {
        let value = given.next().ok_or_else(|| format!("{key} needs a value\n{USAGE}"))?;
        let number = || value.replace('_', "").parse::<u64>().map_err(|_| format!("`{value}` is not a number"));
        match key.as_str() {
            "--target" if value == "all" => {}
            "--target" => {
                let found = Target::ALL.into_iter().find(|t| t.word() == value);
                out.targets = vec![found.ok_or_else(|| format!("no target `{value}`\n{USAGE}"))?];
            }
            "--inputs" => out.inputs = number()?,
            "--seconds" => out.seconds = Duration::from_secs(number()?),
            "--seed" => out.seed = number()?,
            "--threads" => out.threads = number()?.clamp(1, 64) as usize,
            "--first" => out.first = number()?,
            "--file" => out.file = Some(value.into()),
            "--notes" => out.notes = Some(value.into()),
            _ => return Err(format!("unknown option {key}\n{USAGE}")),
        }
    }
    Ok(out)
}

fn ground() -> Result<Ground, String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    Ground::new(seeds::Seeds::load(&root))
}

fn main() -> ExitCode {
    let done = args().and_then(|args| match (&args.file, &args.notes) {
        (Some(file), _) => work::again(&ground()?, &args, file),
        (None, Some(_)) => Ok(work::all(&ground()?, &args)),
        (None, None) => supervise::run(&args, &ground()?),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
