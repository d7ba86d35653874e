//! Comparing a run with what the test expects.

use super::file::{Calls, Expect};
use super::golden;
use crate::engine::StepStatus;
use crate::world::World;
use serde_json::Value;

/// Gives the text of a file that stands beside the test file.
pub type Beside<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Adds one sentence per difference.
pub fn check(world: &World<'_>, expect: &Expect, beside: &Beside<'_>, problems: &mut Vec<String>) {
    let run = world.run();
    let mut differ = |what: &str, expected: String, found: String| {
        if expected != found {
            problems.push(format!("{what}: expected {expected}, found {found}"));
        }
    };
    if let Some(s) = expect.status {
        differ("status", format!("{s:?}").to_lowercase(), format!("{:?}", run.status()).to_lowercase());
    }
    if let Some(o) = &expect.outcome {
        differ("outcome", o.clone(), run.outcome().to_owned());
    }
    let ran = |id: &str| {
        let (n, path) = world.place(id);
        let status = world.lives.get(n).map_or(StepStatus::Pending, |l| match l.run.step_status(path) {
            StepStatus::Pending => l.run.status_of(&l.playbook, path),
            found => found,
        });
        !matches!(status, StepStatus::Pending | StepStatus::Skipped)
    };
    for id in expect.ran.iter().chain(&expect.not_ran) {
        let (n, path) = world.place(id);
        let known = world.lives.get(n).is_some_and(|l| l.playbook.step(crate::engine::paths::leaf(path)).is_some());
        if !known && !id.contains('/') {
            differ("steps", format!("one called {id}"), "none of this name".to_owned());
        }
    }
    for id in &expect.ran {
        differ(&format!("step {id}"), "ran".into(), if ran(id) { "ran" } else { "did not run" }.into());
    }
    for id in &expect.not_ran {
        differ(&format!("step {id}"), "not run".into(), if ran(id) { "ran" } else { "not run" }.into());
    }
    for (action, calls) in &expect.calls {
        let made: Vec<_> = world.calls.iter().filter(|c| c.action == *action).collect();
        let count = match calls {
            Calls::Count(n) => *n,
            Calls::With(w) => w.count,
        };
        differ(&format!("calls of {action}"), count.to_string(), made.len().to_string());
        if let Calls::With(w) = calls {
            for (name, value) in &w.with {
                for call in &made {
                    let found = call.args.get(name).unwrap_or(&Value::Null);
                    differ(&format!("{action}, {name}"), value.to_string(), found.to_string());
                }
            }
        }
    }
    for (name, value) in expect.outputs.iter().flatten() {
        let found = run.outputs().get(name).unwrap_or(&Value::Null);
        differ(&format!("output {name}"), value.to_string(), found.to_string());
    }
    if let Some(w) = &expect.waiting_on {
        differ("waiting on", format!("{w:?}"), format!("{:?}", run.waiting_on()));
    }
    if let Some(f) = &expect.failure {
        let found = run.failure();
        if let Some(step) = &f.step {
            differ("failed step", step.clone(), found.map(|f| f.step.clone()).unwrap_or_default());
        }
        if let Some(code) = &f.code {
            differ("failure code", code.clone(), found.map(|f| f.code.clone()).unwrap_or_default());
        }
    }
    for who in &expect.contacted {
        let found = world.contacted.iter().any(|c| c == who);
        differ(&format!("contact with {who}"), "yes".into(), if found { "yes" } else { "no" }.into());
    }
    if let Some(n) = expect.late_answers {
        differ("late answers", n.to_string(), world.late_answers.to_string());
    }
    if let Some(n) = expect.refused_approvals {
        differ("refused approvals", n.to_string(), world.refused_approvals.to_string());
    }
    for (step, n) in &expect.escalations {
        differ(
            &format!("escalations of {step}"),
            n.to_string(),
            world.escalations.get(step).copied().unwrap_or(0).to_string(),
        );
    }
    if let Some(wanted) = &expect.transcript {
        transcript(&world.transcript(), wanted, beside, problems);
    }
}

/// One line that ends in `.txt` names a file; anything else is the transcript itself.
fn transcript(found: &str, wanted: &str, beside: &Beside<'_>, problems: &mut Vec<String>) {
    let name = Some(wanted.trim()).filter(|w| w.ends_with(".txt") && !w.contains('\n'));
    let text = match name {
        None => wanted.to_owned(),
        Some(name) if name.contains(['/', '\\']) => {
            return problems.push(format!("transcript: `{name}` must be the plain name of a file beside the test"));
        }
        Some(name) => match beside(name) {
            Some(text) => text,
            None => return problems.push(format!("transcript: the file `{name}` cannot be read")),
        },
    };
    if let Some(difference) = golden::difference(&text, found) {
        problems.push(format!("transcript: {difference}"));
    }
}
