//! Threads that feed, and a watch over them.

use super::Args;
use super::dice::Dice;
use super::targets::{Ground, Target};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// An input that has not come back by then never will.
const HANGS: Duration = Duration::from_secs(30);
/// How often a slow input is timed again: other work on the machine is not its fault.
const AGAIN: usize = 3;
/// Inputs between two notes of how far a thread is.
pub const NOTE_EVERY: u64 = 4096;

#[derive(Default)]
struct Count {
    inputs: u64,
    accepted: u64,
    time: Duration,
    slowest: Duration,
    slowest_index: u64,
}

/// What one thread is at: input plus one, and since when in milliseconds of the run.
struct At {
    index: AtomicU64,
    since: AtomicU64,
}

/// Which target an input of `all` goes to: decided by its number, so that it can be made again.
pub fn target_of(args: &Args, index: u64) -> Target {
    if let [one] = args.targets.as_slice() {
        return *one;
    }
    let mut left = Dice::new(args.seed ^ 0x5eed, index).roll(1000);
    for target in Target::ALL {
        if left < target.share() {
            return target;
        }
        left -= target.share();
    }
    Target::Expr
}

/// Runs one saved input.
pub fn again(ground: &Ground, args: &Args, file: &Path) -> Result<bool, String> {
    let [target] = args.targets.as_slice() else { return Err("--file needs --target".to_owned()) };
    let text = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let from = Instant::now();
    let accepted = ground.feed(*target, &String::from_utf8_lossy(&text));
    println!("{}: {} in {:?}", target.word(), if accepted { "accepted" } else { "refused" }, from.elapsed());
    Ok(from.elapsed() <= target.bound())
}

/// Where an input is kept that did harm.
pub fn keep(target: Target, index: u64, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("fuzz-{}-{index}.txt", target.word()));
    if let Err(e) = fs::write(&path, text) {
        eprintln!("{}: {e}", path.display());
    }
    path
}

/// Feeds all inputs; false when one of them did harm.
pub fn all(ground: &Ground, args: &Args) -> bool {
    std::panic::set_hook(Box::new(|_| {}));
    let began = Instant::now();
    let at: Vec<At> = (0..args.threads).map(|_| At { index: AtomicU64::new(0), since: AtomicU64::new(0) }).collect();
    let (stop, left) = (AtomicBool::new(false), AtomicUsize::new(args.threads));
    let harm = AtomicUsize::new(0);
    let counts = std::thread::scope(|scope| {
        let workers: Vec<_> = at
            .iter()
            .enumerate()
            .map(|(n, at)| {
                let (stop, left, harm) = (&stop, &left, &harm);
                scope.spawn(move || {
                    let counts = work(ground, args, n as u64, at, began, stop, harm);
                    left.fetch_sub(1, Relaxed);
                    counts
                })
            })
            .collect();
        while left.load(Relaxed) > 0 {
            std::thread::sleep(Duration::from_millis(50));
            stop.fetch_or(began.elapsed() > args.seconds, Relaxed);
            for at in &at {
                let (index, since) = (at.index.load(Relaxed), Duration::from_millis(at.since.load(Relaxed)));
                if index > 0 && began.elapsed().saturating_sub(since) > HANGS {
                    let target = target_of(args, index - 1);
                    let path = keep(target, index - 1, &ground.input(target, args.seed, index - 1));
                    println!("{} does not come back: {}", target.word(), path.display());
                    std::process::exit(1);
                }
            }
        }
        workers.into_iter().filter_map(|w| w.join().ok()).collect::<Vec<_>>()
    });
    let total = report(&counts, args, began.elapsed());
    let harm = harm.load(Relaxed);
    println!("{total} inputs, {harm} did harm");
    harm == 0
}

fn work(
    ground: &Ground,
    args: &Args,
    thread: u64,
    at: &At,
    began: Instant,
    stop: &AtomicBool,
    harm: &AtomicUsize,
) -> Vec<Count> {
    let mut counts: Vec<Count> = Target::ALL.iter().map(|_| Count::default()).collect();
    let notes = args.notes.as_ref().map(|p| p.join(thread.to_string()));
    let mut index = args.first + thread;
    let mut round = 0_u64;
    while index < args.first + args.inputs && !stop.load(Relaxed) {
        if round.is_multiple_of(NOTE_EVERY)
            && let Some(path) = &notes
            && let Err(e) = fs::write(path, index.to_string())
        {
            eprintln!("{}: {e}", path.display());
        }
        let target = target_of(args, index);
        let text = ground.input(target, args.seed, index);
        at.since.store(began.elapsed().as_millis() as u64, Relaxed);
        at.index.store(index + 1, Relaxed);
        let from = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| ground.feed(target, &text)));
        let mut took = from.elapsed();
        at.index.store(0, Relaxed);
        if let Some(count) = counts.iter_mut().zip(Target::ALL).find(|(_, t)| *t == target).map(|(c, _)| c) {
            count.inputs += 1;
            count.accepted += u64::from(*result.as_ref().unwrap_or(&false));
            count.time += took;
            if took > target.bound() && result.is_ok() {
                for _ in 0..AGAIN {
                    let from = Instant::now();
                    let _ = catch_unwind(AssertUnwindSafe(|| ground.feed(target, &text)));
                    took = took.min(from.elapsed());
                }
            }
            if took > count.slowest {
                (count.slowest, count.slowest_index) = (took, index);
            }
        }
        let why = match &result {
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                Some(text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned())).unwrap_or_default())
            }
            Ok(_) if took > target.bound() => Some(format!("{took:?}, more than {:?}", target.bound())),
            Ok(_) => None,
        };
        if let Some(why) = why {
            harm.fetch_add(1, Relaxed);
            println!("{} {index}: {why}: {}", target.word(), keep(target, index, &text).display());
        }
        index += args.threads as u64;
        round += 1;
    }
    counts
}

fn report(counts: &[Vec<Count>], args: &Args, took: Duration) -> u64 {
    let mut total = 0;
    for (n, target) in Target::ALL.into_iter().enumerate().filter(|(_, t)| args.targets.contains(t)) {
        let mine: Vec<&Count> = counts.iter().filter_map(|c| c.get(n)).collect();
        let inputs: u64 = mine.iter().map(|c| c.inputs).sum();
        let accepted: u64 = mine.iter().map(|c| c.accepted).sum();
        let time: f64 = mine.iter().map(|c| c.time.as_secs_f64()).sum();
        let Some(worst) = mine.iter().max_by_key(|c| c.slowest) else { continue };
        total += inputs;
        println!(
            "{:5}  {inputs:>9} inputs, {:>7.0}/s per core, {:>2}% accepted, slowest {:?} (input {})",
            target.word(),
            inputs as f64 / time.max(0.001),
            accepted * 100 / inputs.max(1),
            worst.slowest,
            worst.slowest_index,
        );
    }
    println!("{total} inputs in {:.1} s, seed {}, most memory {}", took.as_secs_f64(), args.seed, memory());
    total
}

/// The most memory that the process ever had, as Linux tells it.
fn memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("unknown");
    line.trim().to_owned()
}
