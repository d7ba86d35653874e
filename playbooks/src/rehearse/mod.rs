//! `playbook rehearse` and `playbook dry-run`: a run in a world of its own, told as each participant sees it.

pub mod outline;
pub(crate) mod plausible;
mod script;
mod tell;

pub use plausible::{inputs, outputs, person, trigger};
pub use script::{Script, plain, value};
pub use tell::{Seen, seen, tell};

use crate::api::{Question, RunStatus};
use crate::library::Library;
use crate::model::Playbook;
use crate::world::{DecisionSpec, Outside, Setup, Word, World};
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::sync::Arc;

/// When a rehearsal begins unless its script says otherwise: a Monday morning.
pub const BEGIN: &str = "2026-01-05T09:00:00Z";
/// Things that may happen by themselves before a rehearsal is given up.
const MOST: usize = 100_000;

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// The step; that of a called playbook has its caller's before it, as in `caller/step`.
    pub step: String,
    /// Who is asked.
    pub to: Vec<String>,
    /// What they read.
    pub text: String,
    /// The question; None when it is an approval.
    pub question: Option<Question>,
}

/// A run that is played with people.
pub struct Rehearsal<'a> {
    /// The world it happens in.
    pub world: World<'a>,
    steps: usize,
}

impl<'a> Rehearsal<'a> {
    /// Starts it. What the script leaves out is filled with something believable: the trigger, needed inputs, and
    /// what actions give. `outside` may carry out `read` calls for real.
    pub fn start(
        library: &'a Library,
        playbook: &Arc<Playbook>,
        script: Script,
        outside: Option<Outside<'a>>,
    ) -> Result<Self, String> {
        let now = script.now.as_deref().unwrap_or(BEGIN);
        let now: Timestamp = now.parse().map_err(|_| format!("`{now}` is not an instant"))?;
        let trigger = script.trigger.unwrap_or_else(|| plausible::trigger(playbook, now));
        let given: Map<String, Value> = script.inputs.into_iter().collect();
        let setup = Setup {
            now,
            inputs: plausible::inputs(playbook, &trigger, &given, now).into_iter().collect(),
            trigger,
            mocks: script.mocks,
            answers: script.answers,
            approvals: script.approvals,
            plausible: true,
            plan: None,
        };
        Ok(Self { world: World::start(library, playbook, setup, outside)?, steps: 0 })
    }

    /// How it stands.
    pub fn status(&self) -> RunStatus {
        self.world.run().status()
    }

    /// Everything that waits for a person now.
    pub fn open(&self) -> Vec<Prompt> {
        let names = |to: &[crate::api::Recipient]| to.iter().map(|r| r.0.clone()).collect();
        let questions = self.world.asked.iter().map(|(step, o)| Prompt {
            step: step.clone(),
            to: names(&o.to),
            text: o.question.label.clone(),
            question: Some(o.question.clone()),
        });
        let cards = self.world.cards.iter().filter(|(_, c)| c.open);
        let approvals = cards.map(|(step, c)| Prompt {
            step: step.clone(),
            to: names(&c.by),
            text: c.text.clone(),
            question: None,
        });
        questions.chain(approvals).collect()
    }

    /// Answers an open question.
    pub fn answer(&mut self, step: &str, value: Value) {
        self.world.reply(step, value);
    }

    /// Decides an open approval as somebody who may.
    pub fn decide(&mut self, step: &str, yes: bool) {
        let by = self.world.cards.get(step).and_then(|c| c.by.first()).map(|r| r.0.clone()).unwrap_or_default();
        let by = if by.starts_with("role:") { by } else { format!("user:{by}") };
        let decision = if yes { Word::Granted } else { Word::Denied };
        self.world.decide(step, &DecisionSpec { decision, by, comment: None, step: None });
    }

    /// Nobody says anything until the next thing happens by itself; false when nothing will.
    pub fn wait(&mut self) -> bool {
        self.steps += 1;
        !self.status().ended() && self.steps <= MOST && self.world.step()
    }

    /// Silence until the end.
    pub fn finish(&mut self) {
        while self.wait() {}
    }
}
