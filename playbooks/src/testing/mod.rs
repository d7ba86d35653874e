//! `playbook test`: cases of a test file on the real engine, with a clock that the test moves.

mod coverage;
mod expect;
mod file;
mod live;
mod world;

pub use coverage::Coverage;

use crate::library::Library;
use coverage::Seen;
use file::TestFile;
use serde::{Deserialize, Serialize};
use world::World;

/// How one case went. The field order is that of `playbook test --json`; `transcript` is for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The test file as named by the caller.
    pub path: String,
    /// Name of the case; `coverage` for the last line of a file.
    pub case: String,
    /// Whether everything was as expected.
    pub ok: bool,
    /// What all cases of the file went through together.
    pub coverage: Coverage,
    /// What was not as expected; empty when all was.
    pub message: String,
    /// What each participant saw.
    #[serde(skip)]
    pub transcript: String,
}

/// Runs every case of a file. Problems of the file itself come back as one failed case.
pub fn run_file(library: &Library, path: &str, text: &str) -> Vec<CaseResult> {
    let broken = |message: String| {
        let (case, coverage, transcript) = (String::new(), Coverage::default(), String::new());
        vec![CaseResult { path: path.to_owned(), case, ok: false, coverage, message, transcript }]
    };
    let node = match crate::yaml::parse(path, text) {
        Ok(n) => n,
        Err(found) => {
            return broken(
                found.iter().map(|f| format!("{}:{}: {}", f.line, f.column, f.message)).collect::<Vec<_>>().join("; "),
            );
        }
    };
    let file: TestFile = match serde_json::from_value(node.json()) {
        Ok(f) => f,
        Err(e) => return broken(format!("NB2901: the test file is wrong: {e}")),
    };
    let Some(playbook) = library.current(&file.playbook) else {
        return broken(format!("NB2901: there is no playbook `{}`", file.playbook));
    };
    let mut seen = Seen::default();
    let mut results = Vec::new();
    for case in &file.cases {
        let mut problems = Vec::new();
        let mut transcript = String::new();
        match World::start(library, &playbook, case, &file.defaults) {
            Err(e) => problems.push(e),
            Ok(mut world) => {
                if let Some(clock) = &case.clock {
                    world.advance(clock.advance);
                }
                for item in &case.script {
                    play(&mut world, item, &mut problems);
                }
                expect::check(&world, &case.expect, &mut problems);
                problems.append(&mut world.problems);
                if !world.lives.iter_mut().all(live::Live::refold) {
                    problems.push("the replayed run differs from the live one".to_owned());
                }
                seen.add(world.lives.first().map(|l| l.journal.as_slice()).unwrap_or_default());
                transcript = world.transcript.join("\n");
            }
        }
        results.push(CaseResult {
            path: path.to_owned(),
            case: case.name.clone(),
            ok: problems.is_empty(),
            coverage: Coverage::default(),
            message: problems.join("; "),
            transcript,
        });
    }
    let (coverage, missing) = seen.result(&playbook);
    for r in &mut results {
        r.coverage = coverage;
    }
    let min = file.min_coverage;
    if coverage.steps < min.steps || coverage.branches < min.branches || coverage.timeouts < min.timeouts {
        let (case, message) = ("coverage".to_owned(), missing.join("; "));
        results.push(CaseResult {
            path: path.to_owned(),
            case,
            ok: false,
            coverage,
            message,
            transcript: String::new(),
        });
    }
    results
}

fn play(world: &mut World<'_>, item: &file::Item, problems: &mut Vec<String>) {
    use crate::api::Input;
    if let Some(by) = item.advance {
        world.advance(by);
    }
    if let Some(a) = &item.answer {
        world.answer(&a.step, a.by.as_deref(), &a.values);
    }
    if let Some(d) = &item.approve {
        match &d.step {
            Some(step) => world.decide(step, d),
            None => problems.push("`approve` in a script needs `step`".to_owned()),
        }
    }
    if let Some(e) = &item.event {
        let name = e["name"].as_str().or_else(|| e["event"].as_str()).unwrap_or_default().to_owned();
        for n in 0..world.lives.len() {
            world.feed_to(n, Input::Event { name: name.clone(), payload: e["payload"].clone() });
        }
    }
    if let Some(c) = &item.cancel {
        let text = |key: &str, or: &str| c[key].as_str().unwrap_or(or).to_owned();
        world.feed(Input::Cancel { by: text("by", "somebody"), why: text("why", "") });
    }
    match item.crash.as_deref() {
        None => {}
        Some("now") => world.crash(),
        Some(word @ ("before_write" | "after_write")) => world.crash_at_write(word == "after_write"),
        Some(other) => problems.push(format!("`crash: {other}` is none of now, before_write, after_write")),
    }
    if let Some(r) = &item.resolve {
        let (n, path) = world.place(&r.step);
        let path = path.to_owned();
        world.feed_to(n, Input::Resolve { path, by: "someone-on-call".to_owned(), choice: r.choice });
    }
    if let Some(e) = &item.expect {
        expect::check(world, e, problems);
    }
}
