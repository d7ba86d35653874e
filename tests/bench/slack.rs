//! Slack beside its own frameworks: what one event costs until it is acknowledged, over HTTP and over a socket.
//!
//! Ours commits every event to its store, `fdatasync` included, before it acknowledges. The frameworks run the smallest app
//! there is, once keeping nothing and once with a commit to SQLite before the acknowledgement. Every server runs on one
//! core, this program on the other; the rounds are short and interleaved, so that trouble of the machine meets all of
//! them. Nothing is asserted about time.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a bench ends by panicking")]

use slack_feeder::Feeder;
use slack_load::{Pace, Times, burst, http};
use slack_subjects::{LOAD, Running, Subject, Whose};
use std::process::Command;
use tokio::runtime::Runtime;

mod proc;
mod serve;
mod slack_event;
mod slack_feeder;
mod slack_load;
mod slack_report;
mod slack_serve;
mod slack_subjects;

/// Events before the clock starts, so that engines have compiled what is hot.
const WARM: usize = 2_000;

/// One round of one subject.
pub struct Round {
    subject: Subject,
    /// Milliseconds of processor time per event, 64 under way.
    cpu: f64,
    /// 64 under way.
    closed: Times,
    rate: f64,
    /// At the steady rate, with its processor time.
    steady: Option<(u64, Times, f64)>,
    peak: f64,
    /// Connections given up under way.
    lost: usize,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.first().is_some_and(|a| a == "--ours") {
        return slack_serve::ours();
    }
    let number = |n: usize, default: usize| args.get(n).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (rounds, events, seconds) = (number(0, 3), number(1, 5_000), number(2, 3));
    // Threads that are started later stay on this core as well.
    let pinned = Command::new("taskset").args(["-pc", LOAD, &std::process::id().to_string()]).output();
    assert!(pinned.is_ok_and(|o| o.status.success()), "taskset (util-linux) and two cores are needed");
    let rt = Runtime::new().expect("runtime");
    let mut feeder = rt.block_on(Feeder::start());
    slack_report::machine();
    println!("{rounds} rounds, {events} events each over HTTP and over a socket, {seconds} s at a steady rate");
    let only = args.get(3).cloned().unwrap_or_default();
    let wanted = Subject::all().into_iter().filter(|s| format!("{} {}", way(*s), s.name()).contains(&only));
    let (ready, missing): (Vec<Subject>, Vec<Subject>) = wanted.partition(|s| s.ready());
    for s in missing {
        println!("LEFT OUT: {} over {}; run tests/bench/slack/install.sh", s.name(), way(s));
    }
    let mut all = Vec::new();
    for n in 1..=rounds {
        for subject in &ready {
            let r = round(*subject, &rt, &mut feeder, events, seconds);
            slack_report::line(n, &r);
            all.push(r);
        }
    }
    slack_report::table(&all);
    for socket in [false, true] {
        hanging(socket, &rt, &mut feeder);
    }
}

/// Shown name of the transport.
pub fn way(s: Subject) -> &'static str {
    if s.socket { "socket" } else { "HTTP" }
}

/// Sends events with the numbers from `first`, signed now.
fn send(s: Subject, rt: &Runtime, run: &Running, feeder: &mut Feeder, first: u64, count: usize, pace: Pace) -> Times {
    let now = proc::unix_time();
    if s.socket {
        return rt.block_on(feeder.load(first, count, now, pace));
    }
    let requests = (0..count as u64).map(|n| slack_event::request(first + n, now)).collect();
    rt.block_on(http(&run.address, requests, pace))
}

fn round(s: Subject, rt: &Runtime, feeder: &mut Feeder, events: usize, seconds: usize) -> Round {
    let run = s.start(&feeder.api, false);
    if s.socket {
        rt.block_on(feeder.opened());
    }
    feeder.lost = 0;
    let mut sent = 0;
    let mut go = |count: usize, pace: Pace| {
        let before = run.cpu();
        let times = send(s, rt, &run, feeder, sent, count, pace);
        sent += count as u64;
        (times, (run.cpu() - before) * 1000.0 / count as f64)
    };
    go(WARM, Pace::Closed);
    // Ours is so fast that as many events would be over before the clock of the system has ticked often enough.
    let events = if s.whose == Whose::Ours { events * 4 } else { events };
    let (closed, cpu) = go(events, Pace::Closed);
    let rate = events as f64 / closed.seconds;
    // The rate of the goal for ours; for the others a third of what they can do where that is less.
    let steady = (seconds > 0).then(|| {
        let paced =
            if s.whose == Whose::Ours || rate > 6_000.0 { 5_000 } else { ((rate / 3.0) as u64 / 10 * 10).max(10) };
        let (times, cpu) = go(paced as usize * seconds, Pace::Rate(paced));
        (paced, times, cpu)
    });
    let peak = run.peak();
    let said = run.stop();
    // An app that counts in memory counts what came twice as two.
    let kept: u64 = said.lines().last().and_then(|l| l.strip_prefix("kept ")?.parse().ok()).unwrap_or(0);
    assert!(kept == sent || feeder.lost > 0 && kept > sent, "{} over {}: {said} of {sent}", s.name(), way(s));
    Round { subject: s, cpu, closed, rate, steady, peak, lost: feeder.lost }
}

/// 200 events at once while every lane of the desk stands still.
fn hanging(socket: bool, rt: &Runtime, feeder: &mut Feeder) {
    let s = Subject { whose: Whose::Ours, socket, durable: true };
    let run = s.start(&feeder.api, true);
    if socket {
        rt.block_on(feeder.opened());
    }
    send(s, rt, &run, feeder, 0, 200, Pace::Closed);
    let now = proc::unix_time();
    let slowest: Vec<Times> = (1..=5)
        .map(|n| {
            let first = n * 200;
            if socket {
                return rt.block_on(feeder.feed(first, 200, now, Pace::Closed, 200));
            }
            let requests = (0..200).map(|i| slack_event::request(first + i, now)).collect();
            rt.block_on(burst(&run.address, requests))
        })
        .collect();
    slack_report::burst(way(s), &slowest, &run.stop());
}
