//! A crash before and after every durable write of every case of every shipped playbook. `CRASH_LIBRARY` names a
//! folder of other playbooks and test files to do the same with.
//!
//! All of them take minutes without optimisation, so a debug build makes one run of six; a release build, which
//! `tests/all proof` uses, makes all.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where a helper fails")]

use nightbell_playbooks::testing::{self, Part};
use nightbell_playbooks::{Library, builtin, library, library_tests};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

type Files = Vec<(String, String)>;

/// Playbooks, and their test files.
fn files() -> (Files, Files) {
    let Some(folder) = std::env::var_os("CRASH_LIBRARY") else {
        let own = |list: &[(&str, &str)]| list.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect();
        return (own(library()), own(library_tests()));
    };
    let read = |e: std::fs::DirEntry| (e.file_name().to_string_lossy().into_owned(), std::fs::read_to_string(e.path()));
    let entries = std::fs::read_dir(folder).expect("CRASH_LIBRARY is a folder").filter_map(Result::ok).map(read);
    let all: Files = entries.filter_map(|(n, t)| Some((n, t.ok()?))).filter(|(n, _)| n.ends_with(".yaml")).collect();
    all.into_iter().partition(|(n, _)| !n.ends_with(".test.yaml"))
}

/// Parts of each file, so that a large one does not keep one thread busy while the others are done.
const PARTS: usize = 6;

#[test]
fn a_crash_at_any_write_of_any_playbook_changes_nothing() {
    let (playbooks, tests) = files();
    let mut library = Library::new(builtin::manifests());
    for (name, text) in &playbooks {
        if let Err(found) = library.add(name, text) {
            panic!("{}", found.iter().map(|f| f.render(text)).collect::<String>());
        }
    }
    let all: Vec<(usize, Part)> =
        (0..tests.len()).flat_map(|file| (0..PARTS).map(move |nth| (file, Part { nth, of: PARTS }))).collect();
    let one = |(file, part): &(usize, Part)| !cfg!(debug_assertions) || part.nth == file % PARTS;
    let parts: Vec<(usize, Part)> = all.into_iter().filter(one).collect();
    let (next, runs, failures) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((file, part)) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (name, text) = &tests[*file];
                    let report = testing::crash_part(&library, name, text, *part);
                    runs.fetch_add(report.runs, Ordering::Relaxed);
                    failures.lock().unwrap_or_else(PoisonError::into_inner).extend(report.failures);
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    let runs = runs.load(Ordering::Relaxed);
    println!("{runs} crashed runs of {} files in {:.1} s", tests.len(), began.elapsed().as_secs_f64());
    assert!(runs > 100, "{runs} runs are too few to say anything");
    let shown: Vec<&String> = failures.iter().take(20).collect();
    assert!(failures.is_empty(), "{} of {runs} runs ended in another way: {shown:#?}", failures.len());
}
