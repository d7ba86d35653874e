//! A crash at every durable write (`playbooks.md` section 15): each case of a test file runs once undisturbed, then
//! once more per write with a crash before it and once with a crash after it. The end must be the same.

use super::file::{Case, Defaults};
use super::{play, read, setup};
use crate::engine::What;
use crate::library::Library;
use crate::model::Playbook;
use crate::world::{Plan, Setup, World};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How [`crash_everywhere`] went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CrashReport {
    /// Runs with a crash in them.
    pub runs: usize,
    /// One sentence per run that ended in another way than the undisturbed one.
    pub failures: Vec<String>,
}

/// Which of the runs are made: those whose number leaves `nth` when divided by `of`. The parts of a file may be
/// checked by several threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// From 0.
    pub nth: usize,
    /// How many parts there are, at least 1.
    pub of: usize,
}

/// Crashes every case of a test file before and after each of its durable writes.
pub fn crash_everywhere(library: &Library, path: &str, text: &str) -> CrashReport {
    crash_part(library, path, text, Part { nth: 0, of: 1 })
}

/// One part of [`crash_everywhere`].
pub fn crash_part(library: &Library, path: &str, text: &str, part: Part) -> CrashReport {
    let mut report = CrashReport::default();
    let mut number = 0;
    let (file, playbook) = match read(library, path, text) {
        Ok(read) => read,
        Err(message) => {
            report.failures.push(format!("{path}: {message}"));
            return report;
        }
    };
    for case in &file.cases {
        let mut due = || {
            number += 1;
            (number - 1) % part.of.max(1) == part.nth
        };
        crash_case(library, &playbook, case, &file.defaults, path, &mut due, &mut report);
    }
    report
}

fn crash_case(
    library: &Library,
    playbook: &Arc<Playbook>,
    case: &Case,
    defaults: &Defaults,
    path: &str,
    due: &mut impl FnMut() -> bool,
    report: &mut CrashReport,
) {
    let run = |plan: Plan| end_of(library, playbook, case, defaults, plan);
    let (calm, writes) = match run(Plan::default()) {
        Ok(found) => found,
        Err(e) => return report.failures.push(format!("{path}, {}: {e}", case.name)),
    };
    for at in 1..=writes {
        for after in [false, true] {
            if !due() {
                continue;
            }
            report.runs += 1;
            let word = if after { "after" } else { "before" };
            let failed = |why: String| format!("{path}, {}, crash {word} write {at} of {writes}: {why}", case.name);
            match run(Plan::at(at, after)) {
                Err(e) => report.failures.push(failed(e)),
                Ok((end, _)) => report.failures.extend(end.differs(&calm).map(failed)),
            }
        }
    }
}

/// What must be the same, crash or not.
#[derive(PartialEq)]
struct End {
    run: Value,
    performed: BTreeSet<String>,
    answers: BTreeSet<String>,
    twice: Vec<String>,
    problems: BTreeSet<String>,
}

impl End {
    /// What is different, if anything.
    fn differs(&self, calm: &Self) -> Option<String> {
        if let Some(key) = self.twice.iter().find(|k| !calm.twice.contains(k)) {
            return Some(format!("{key} was done twice"));
        }
        if self.run != calm.run {
            return Some(format!("the end is {}, without it {}", self.run, calm.run));
        }
        for (what, mine, other) in [
            ("done", &self.performed, &calm.performed),
            ("answered or decided", &self.answers, &calm.answers),
            ("wrong", &self.problems, &calm.problems),
        ] {
            if mine != other {
                let (more, less) = (mine.difference(other), other.difference(mine));
                let (more, less): (Vec<_>, Vec<_>) = (more.collect(), less.collect());
                return Some(format!("{what}: {more:?} too many, {less:?} missing"));
            }
        }
        None
    }
}

/// Plays a case to its end; gives the end and how many durable writes there were.
fn end_of(
    library: &Library,
    playbook: &Arc<Playbook>,
    case: &Case,
    defaults: &Defaults,
    plan: Plan,
) -> Result<(End, usize), String> {
    let setup = Setup { plan: Some(plan), ..setup(case, defaults)? };
    let mut world = World::start(library, playbook, setup, None)?;
    play::script(&mut world, case);
    let run = world.run();
    let end = json!({
        "status": run.status(), "outcome": run.outcome(), "outputs": run.outputs(), "waiting_on": run.waiting_on(),
        "failure": run.failure().map(|f| (&f.step, &f.code)),
        "steps": run.step_statuses(playbook),
    });
    let mut answers = BTreeSet::new();
    for live in &world.lives {
        for record in &live.journal {
            match &record.what {
                What::Answered { path, question, value, by } => {
                    answers.insert(format!("{}{path}.{question} = {value} by {by}", live.prefix));
                }
                What::ApprovalDecided { path, decision, by, .. } => {
                    answers.insert(format!("{}{path} {decision:?} by {by:?}", live.prefix));
                }
                _ => {}
            }
        }
    }
    let problems = world.problems.iter().cloned().collect();
    let plan = world.plan.take().unwrap_or_default();
    let twice = plan.risky.into_iter().filter(|(_, n)| *n > 1).map(|(k, _)| k).collect();
    Ok((End { run: end, performed: plan.performed, answers, twice, problems }, plan.writes))
}
