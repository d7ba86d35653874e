//! What there is to cover in a playbook: steps, branches and deadlines.
//!
//! A branch is a way that the run can take without the author noticing which: a false condition, a case, a
//! question that is not asked, an empty list, a handler, a second try. Ways that the file itself makes
//! impossible, such as an empty literal list, are left out.

use crate::expr::{self, Part, ast};
use crate::model::{AskSpec, ForEachSpec, Handler, Kind, Playbook, RepeatSpec, Step};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// The points of a playbook, in the order of the file and in words.
#[derive(Debug, Default)]
pub struct Points {
    pub steps: Vec<String>,
    pub branches: Vec<String>,
    pub timeouts: Vec<String>,
    /// Errors that are carried on from, and further tries: told apart, because a failing message to people is one
    /// line of a report and not another way through the playbook. Handlers with steps of their own are branches.
    pub errors: Vec<String>,
}

pub fn if_true(step: &str) -> String {
    format!("{step}, condition true")
}
pub fn if_false(step: &str) -> String {
    format!("{step}, condition false")
}
pub fn case(step: &str, n: usize) -> String {
    format!("{step}, case {}", n + 1)
}
pub fn no_case(step: &str) -> String {
    format!("{step}, no case true")
}
pub fn asked(step: &str, question: &str, was: bool) -> String {
    format!("{step}, question {question} {}", if was { "asked" } else { "not asked" })
}
pub fn wins(step: &str, branch: &str) -> String {
    format!("{step}, branch {branch} first")
}
pub fn no_items(step: &str) -> String {
    format!("{step}, no items")
}
pub fn no_round(step: &str) -> String {
    format!("{step}, no round")
}
pub fn stops(step: &str) -> String {
    format!("{step}, stops by its condition")
}
pub fn exhausted(step: &str) -> String {
    format!("{step}, exhausted after all rounds")
}
pub fn on_error(step: &str) -> String {
    format!("{step}, on_error")
}
pub fn retried(step: &str) -> String {
    format!("{step}, a second try")
}

impl Points {
    pub fn of(playbook: &Playbook) -> Self {
        let mut out = Self::default();
        // The handler that the language adds by itself needs no test in every file.
        for step in playbook.walk().into_iter().filter(|s| s.id != "page_the_owner") {
            out.steps.push(step.id.clone());
            out.branches_of(step);
            if step.timeout.is_some() || matches!(step.kind, Kind::Ask(_) | Kind::Approve(_)) {
                out.timeouts.push(step.id.clone());
            }
        }
        out
    }

    fn branches_of(&mut self, step: &Step) {
        let id = step.id.as_str();
        if step.cond.is_some() {
            self.branches.extend([if_true(id), if_false(id)]);
        }
        match &step.kind {
            Kind::Switch(cases) => {
                self.branches.extend((0..cases.len()).map(|n| case(id, n)));
                if cases.iter().all(|(cond, _)| cond.is_some()) {
                    self.branches.push(no_case(id));
                }
            }
            Kind::Ask(ask) => self.questions(id, ask),
            Kind::Parallel(p) if p.any => self.branches.extend(p.branches.iter().map(|(name, _)| wins(id, name))),
            Kind::ForEach(each) if may_be_empty(each) => self.branches.push(no_items(id)),
            Kind::Repeat(repeat) => self.rounds(id, repeat),
            _ => {}
        }
        match step.on_error {
            Handler::Steps(_) => self.branches.push(on_error(id)),
            Handler::Continue => self.errors.push(on_error(id)),
            _ => {}
        }
        if step.retry.as_ref().is_some_and(|r| r.attempts > 1) {
            self.errors.push(retried(id));
        }
    }

    fn questions(&mut self, id: &str, ask: &AskSpec) {
        for q in ask.form.iter().filter(|q| q.cond.is_some()) {
            self.branches.extend([asked(id, &q.id, true), asked(id, &q.id, false)]);
        }
    }

    fn rounds(&mut self, id: &str, repeat: &RepeatSpec) {
        let first = constant(repeat, 0, true);
        if first != Some(true) {
            self.branches.push(no_round(id));
        }
        if first == Some(false) {
            return;
        }
        let later: Vec<Option<bool>> = (1..repeat.max).map(|n| constant(repeat, n, false)).collect();
        if later.iter().any(|c| *c != Some(true)) {
            self.branches.push(stops(id));
        }
        if later.iter().all(|c| *c != Some(false)) && constant(repeat, repeat.max, false) != Some(false) {
            self.branches.push(exhausted(id));
        }
    }
}

/// Whether the list can be empty: all but a literal list with something in it.
fn may_be_empty(each: &ForEachSpec) -> bool {
    let Ok(parts) = expr::parts(&each.items) else { return true };
    let [Part::Expr(one, _)] = parts.as_slice() else { return true };
    !matches!(ast::parse(one), Ok(ast::Ex::List(items)) if !items.is_empty())
}

/// What the condition gives before this round whatever happens, when the file alone decides it. Before the
/// first round the steps within are known to be pending.
fn constant(repeat: &RepeatSpec, round: u32, pending: bool) -> Option<bool> {
    let mut roots = Map::from_iter([("loop".to_owned(), json!({"index": round}))]);
    if pending {
        let state = json!({"status": "pending", "outputs": {}, "attempts": 0, "error": null});
        let steps: Map<String, Value> = repeat.steps.iter().map(|s| (s.id.clone(), state.clone())).collect();
        roots.insert("steps".to_owned(), Value::Object(steps));
    }
    if repeat.cond.contains("now(") {
        return None;
    }
    expr::condition(&repeat.cond, &expr::Context::new(&roots, Timestamp::UNIX_EPOCH)).ok()
}
