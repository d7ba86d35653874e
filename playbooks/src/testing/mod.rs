//! `playbook test`: cases of a test file on the real engine, with a clock that the test moves.

mod coverage;
mod crash;
mod expect;
mod file;
pub mod golden;
mod play;
mod points;

pub use coverage::{Coverage, Covered, Share};
pub use crash::{CrashReport, Part, crash_everywhere, crash_part};
pub use expect::Beside;

use crate::finding::did_you_mean;
use crate::library::Library;
use crate::model::Playbook;
use crate::world::{Setup, World};
use coverage::Seen;
use file::{Case, Defaults, TestFile};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How one case went. The field order is that of `playbook test --json`; what is skipped there is for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    /// The test file as named by the caller.
    pub path: String,
    /// Name of the case; `coverage` and `mocks` for what belongs to the file as a whole.
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
    /// Whether this is a case that was played.
    #[serde(skip)]
    pub ran: bool,
}

/// What a whole file gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// The playbook that the file tests; empty when the file cannot be read.
    pub playbook: String,
    /// Every case, then what belongs to the file as a whole.
    pub results: Vec<CaseResult>,
    /// What was reached and what was not.
    pub covered: Covered,
}

/// Least percentages that the caller wants; the file's own hold as well.
pub type Least = Coverage;

/// Runs every case of a file. Problems of the file itself come back as one failed case.
pub fn run_file(library: &Library, path: &str, text: &str) -> Vec<CaseResult> {
    report(library, path, text, Least::default(), &|_| None).results
}

/// The same with everything that is known about the file. `beside` gives the text of a file in its folder.
pub fn report(library: &Library, path: &str, text: &str, least: Least, beside: &Beside<'_>) -> Report {
    let whole = |case: &str, coverage: Coverage, message: String| {
        let (path, case, transcript) = (path.to_owned(), case.to_owned(), String::new());
        CaseResult { path, case, ok: false, coverage, message, transcript, ran: false }
    };
    let (file, playbook) = match read(library, path, text) {
        Ok(read) => read,
        Err(message) => {
            let results = vec![whole("", Coverage::default(), message)];
            return Report { results, ..Report::default() };
        }
    };
    let mut seen = Seen::default();
    let mut used = BTreeSet::new();
    let mut results = Vec::new();
    for case in &file.cases {
        let mut problems = Vec::new();
        let mut transcript = String::new();
        let begun = setup(case, &file.defaults).and_then(|s| World::start(library, &playbook, s, None));
        match begun {
            Err(e) => problems.push(e),
            Ok(mut world) => {
                play::case(&mut world, case, beside, &mut problems);
                seen.add(&playbook, world.lives.first().map(|l| l.journal.as_slice()).unwrap_or_default());
                let unused = case.mocks.keys().filter(|name| !world.used.contains(*name));
                problems.extend(unused.map(|name| unused_mock(library, name)));
                used.append(&mut world.used);
                transcript = world.transcript();
            }
        }
        results.push(CaseResult {
            path: path.to_owned(),
            case: case.name.clone(),
            ok: problems.is_empty(),
            coverage: Coverage::default(),
            message: problems.join("; "),
            transcript,
            ran: true,
        });
    }
    let covered = seen.result(&playbook);
    let coverage = covered.percent();
    for r in &mut results {
        r.coverage = coverage;
    }
    let unused: Vec<String> = file.defaults.mocks.keys().filter(|name| !used.contains(*name)).cloned().collect();
    if !unused.is_empty() {
        let sentences: Vec<String> = unused.iter().map(|name| unused_mock(library, name)).collect();
        results.push(whole("mocks", coverage, sentences.join("; ")));
    }
    let min = file.min_coverage;
    let enough = coverage.steps >= min.steps.max(least.steps)
        && coverage.branches >= min.branches.max(least.branches)
        && coverage.timeouts >= min.timeouts.max(least.timeouts);
    if !enough {
        results.push(whole("coverage", coverage, covered.missing().join("; ")));
    }
    Report { playbook: playbook.id.clone(), results, covered }
}

fn read(library: &Library, path: &str, text: &str) -> Result<(TestFile, Arc<Playbook>), String> {
    let node = crate::yaml::parse(path, text).map_err(|found| {
        found.iter().map(|f| format!("{}:{}: {}", f.line, f.column, f.message)).collect::<Vec<_>>().join("; ")
    })?;
    let file: TestFile =
        serde_json::from_value(node.json()).map_err(|e| format!("NB2901: the test file is wrong: {e}"))?;
    let known: Vec<&str> = library.iter().map(|p| p.id.as_str()).collect();
    let playbook = library.current(&file.playbook).ok_or_else(|| {
        let help = did_you_mean(&file.playbook, known, "no file has this id");
        format!("NB2901: there is no playbook `{}`; {help}", file.playbook)
    })?;
    Ok((file, playbook))
}

/// A mock that nothing calls says that the case does not test what it seems to test.
fn unused_mock(library: &Library, name: &str) -> String {
    let called = name.strip_prefix("playbook:");
    let known =
        called.map_or_else(|| library.manifests().iter().any(|m| m.name == name), |id| library.current(id).is_some());
    if known {
        return format!("NB2902: the mock of `{name}` is never used");
    }
    let names = library.manifests().iter().map(|m| m.name.as_str());
    format!("NB2902: a mock is named `{name}`, which does not exist; {}", did_you_mean(name, names, "remove it"))
}

/// What a case begins with: its own values over the defaults.
fn setup(case: &Case, defaults: &Defaults) -> Result<Setup, String> {
    let now = case.now.as_ref().or(defaults.now.as_ref()).map_or("2026-01-01T09:00:00Z", String::as_str);
    let mut inputs = defaults.inputs.clone();
    inputs.extend(case.inputs.clone());
    let mut mocks = defaults.mocks.clone();
    mocks.extend(case.mocks.clone());
    Ok(Setup {
        now: now.parse().map_err(|_| format!("`{now}` is not an instant"))?,
        trigger: case.trigger.clone().or_else(|| defaults.trigger.clone()).unwrap_or(Value::Null),
        inputs,
        mocks,
        answers: case.answers.clone(),
        approvals: case.approvals.clone(),
        plausible: false,
        plan: None,
    })
}
