//! The real binary through the phishing story, dying at every group write and at random moments. The ledgers of the
//! services outside and the messages that people see decide: nothing lost, nothing twice.
//!
//! `NIGHTBELL_KILLS` is the number of random kills (24 when it is not set; the continuous integration takes 200).

use nightbell_core::port::random::Seeded;
use nightbell_tests::mails;
use nightbell_tests::process::{Process, binary, config};
use nightbell_tests::service::Services;
use nightbell_tests::verbs::below;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Stories side by side: they mostly wait.
const SIDE_BY_SIDE: usize = 4;
/// Random kills in one story.
const KILLS_PER_STORY: u64 = 5;

fn found() -> Option<std::path::PathBuf> {
    let bin = binary();
    if bin.is_none() {
        println!("left out: the binary is not built (cargo build -p nightbell, or set NIGHTBELL_BIN)");
    }
    bin
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime")
}

/// The story, finished however often the process dies.
async fn story(p: &mut Process, services: &Services) {
    p.say("employee", "c1", "Is this real?", Some(mails::PHISH)).await;
    p.press("employee", "c2", "a link", "You answered: a link").await;
    p.press("employee", "c3", "Yes", "You answered: Yes").await;
    // The first level did not take it: the timer calls the pager.
    let from = Instant::now();
    while services.ledger().pages.is_empty() {
        assert!(from.elapsed() < Duration::from_mins(1), "the pager never rang\n{}", p.log());
        if p.is_gone() {
            p.kill();
            p.start();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    p.press("responder", "c4", "Approve", "Approved by").await;
    p.press("employee", "c5", "no", "You answered: no").await;
    p.sees("employee", "you were signed out everywhere").await;
    p.say("responder", "c6", "close C-1 real", None).await;
    p.sees("employee", "It was a real attack").await;
    p.sees("responder", "C-1 is closed as real").await;
}

/// What must be true at the end, whatever happened in between.
async fn check(p: &mut Process, services: &Services, when: &str) {
    let ledger = services.ledger();
    assert_eq!(ledger.happened("identity.revoke_sessions"), 1, "{when}: {:?}", ledger.calls);
    assert_eq!(ledger.pages.len(), 1, "{when}: {:?}", ledger.pages);
    for who in ["employee", "responder"] {
        let mut texts: BTreeMap<String, usize> = BTreeMap::new();
        for m in p.messages(who).await.expect("messages") {
            *texts.entry(m["text"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
        let twice: Vec<_> = texts.iter().filter(|(_, n)| **n > 1).collect();
        assert!(twice.is_empty(), "{when}: {who} sees twice: {twice:?}");
        // The last card of the story asks how it was.
        let most = if who == "employee" { 11 } else { 5 };
        assert!(texts.len() <= most, "{when}: {who} sees more than the story has: {texts:#?}");
        for sign in ["This mail is dangerous", "You answered: a link", "You answered: Yes"] {
            let n = texts.keys().filter(|t| t.contains(sign)).count();
            assert_eq!(n, usize::from(who == "employee"), "{when}: {who}: `{sign}`: {texts:#?}");
        }
    }
}

/// Runs one story per item, some side by side; the first failure ends the test.
fn each<T: Send + Sync>(items: &[T], one: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|s| {
        let workers: Vec<_> = (0..SIDE_BY_SIDE)
            .map(|_| {
                s.spawn(|| {
                    while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                        one(item);
                    }
                })
            })
            .collect();
        for w in workers {
            if let Err(e) = w.join() {
                std::panic::resume_unwind(e);
            }
        }
    });
}

fn planned(bin: &Path, at: &str) -> usize {
    let services = Services::start();
    let mut p = Process::new(bin, &config(&services), Some(at));
    p.start();
    let rt = runtime();
    rt.block_on(async {
        story(&mut p, &services).await;
        check(&mut p, &services, at).await;
        // A restart afterwards repeats nothing.
        p.kill();
        p.start();
        tokio::time::sleep(Duration::from_millis(150)).await;
        check(&mut p, &services, &format!("{at}, and one more start")).await;
    });
    p.starts
}

#[test]
fn the_story_survives_a_death_at_every_group_write() {
    let Some(bin) = found() else { return };
    // A death that never came means that the story has fewer writes.
    let calm = planned(&bin, "after:100000");
    assert_eq!(calm, 2);
    let mut last = 0;
    for block in 0..20u64 {
        let points: Vec<String> = (block * 8 + 1..=block * 8 + 8)
            .flat_map(|n| ["before", "after", "torn"].map(|m| format!("{m}:{n}")))
            .collect();
        let deaths = AtomicU64::new(0);
        each(&points, |at| {
            if planned(&bin, at) > 2 {
                deaths.fetch_add(1, Ordering::Relaxed);
            }
        });
        last += deaths.load(Ordering::Relaxed);
        if deaths.load(Ordering::Relaxed) == 0 {
            break;
        }
    }
    println!("{last} planned deaths survived");
    assert!(last >= 30, "only {last} deaths: the story writes more often than that");
}

#[test]
fn random_kills_lose_nothing_and_double_nothing() {
    let Some(bin) = found() else { return };
    let kills: u64 = std::env::var("NIGHTBELL_KILLS").ok().and_then(|v| v.parse().ok()).unwrap_or(24);
    let seeds: Vec<u64> = (0..kills).collect();
    let landed = AtomicU64::new(0);
    each(&seeds, |seed| {
        if landed.load(Ordering::Relaxed) >= kills {
            return;
        }
        let services = Services::start();
        let mut p = Process::new(&bin, &config(&services), None);
        p.start();
        let dice = Seeded::new(*seed);
        let rt = runtime();
        rt.block_on(async {
            for _ in 0..KILLS_PER_STORY {
                // The people notice by a broken connection; here they also stop in the middle of what they do.
                let after = Duration::from_millis(below(&dice, 250));
                let progress = tokio::time::timeout(after, story(&mut p, &services)).await;
                p.kill();
                p.start();
                landed.fetch_add(1, Ordering::Relaxed);
                if progress.is_ok() {
                    break;
                }
            }
            // Every step carries its client id, so telling the story again from its start changes nothing.
            story(&mut p, &services).await;
            check(&mut p, &services, &format!("seed {seed}")).await;
        });
    });
    println!("{} random kills survived", landed.load(Ordering::Relaxed));
}
