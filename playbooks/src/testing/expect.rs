//! Comparing a run with what the test expects.

use super::file::{Calls, Expect};
use super::world::World;
use crate::engine::StepStatus;
use serde_json::Value;

/// Adds one sentence per difference.
pub fn check(world: &World<'_>, expect: &Expect, problems: &mut Vec<String>) {
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
}
