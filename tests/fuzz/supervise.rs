//! Runs the feeding in a process of its own: a stack that overflows or memory that runs out ends that one only, and
//! the input is found by running the last ones again, one by one.

use super::Args;
use super::targets::Ground;
use super::work::{NOTE_EVERY, keep, target_of};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Feeds all inputs under supervision; false when one of them did harm.
pub fn run(args: &Args, ground: &Ground) -> Result<bool, String> {
    let notes = std::env::temp_dir().join(format!("fuzz-notes-{}", std::process::id()));
    fs::create_dir_all(&notes).map_err(|e| format!("{}: {e}", notes.display()))?;
    let status = feed(args, args.first, args.inputs, args.threads, &notes)?;
    let done = match status {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        Some(other) => Err(format!("the feeding ended with {other}")),
        None => find(args, ground, &notes),
    };
    let _ = fs::remove_dir_all(&notes);
    done
}

/// The exit code; None when a signal ended it.
fn feed(args: &Args, first: u64, inputs: u64, threads: usize, notes: &Path) -> Result<Option<i32>, String> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut child = Command::new(own);
    let target = if let [one] = args.targets.as_slice() { one.word() } else { "all" };
    child.args(["--target", target, "--seed", &args.seed.to_string(), "--first", &first.to_string()]);
    child.args(["--inputs", &inputs.to_string(), "--seconds", &args.seconds.as_secs().to_string()]);
    child.args(["--threads", &threads.to_string(), "--notes"]).arg(notes);
    child.status().map(|s| s.code()).map_err(|e| e.to_string())
}

/// Feeds what the threads were at once more, in ever smaller parts, until one input is left.
fn find(args: &Args, ground: &Ground, notes: &Path) -> Result<bool, String> {
    println!("the process died; looking for the input");
    let noted = |n: usize| fs::read_to_string(notes.join(n.to_string())).ok()?.trim().parse::<u64>().ok();
    let starts: Vec<u64> = (0..args.threads).filter_map(noted).collect();
    let again = notes.join("again");
    fs::create_dir_all(&again).map_err(|e| e.to_string())?;
    for start in starts {
        let mut part = (start, NOTE_EVERY * args.threads as u64 + 1);
        if feed(args, part.0, part.1, 1, &again)?.is_some() {
            continue;
        }
        while part.1 > 1 {
            let half = part.1 / 2;
            part = if feed(args, part.0, half, 1, &again)?.is_none() {
                (part.0, half)
            } else {
                (part.0 + half, part.1 - half)
            };
        }
        let target = target_of(args, part.0);
        let path = keep(target, part.0, &ground.input(target, args.seed, part.0));
        println!("{} {} ends the process: {}", target.word(), part.0, path.display());
        return Ok(false);
    }
    Err("the process died, and no single input does it".to_owned())
}
