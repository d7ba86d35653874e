//! Runs of playbooks: the engine folds, this file carries its effects into records, messages and timers.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::records::{Caller, Due, Leaving, OutLane, Prompt, PromptState, RunRow, TimerRow, coll};
use crate::tx::Tx;
use nightbell_core::action::{Call, Effect as Class, Outcome};
use nightbell_core::case::{Case, Status};
use nightbell_core::chat::{Card, To};
use nightbell_core::ids::{CaseId, RunId};
use nightbell_playbooks::api::{Effect, Input, RunStatus};
use nightbell_playbooks::engine::hide;
use nightbell_playbooks::{Failure, Playbook, Run};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Most inputs that one event may cause inside a run: a loop guard far above any real playbook.
const MAX_CHAIN: usize = 2_000;

/// How a run ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// How.
    pub status: RunStatus,
    /// Outcome word of its `end`.
    pub outcome: String,
    /// Its outputs.
    pub outputs: BTreeMap<String, serde_json::Value>,
    /// Whether people are asked how it was.
    pub feedback: bool,
    /// Why it failed.
    pub failure: Option<Failure>,
}

impl Ended {
    /// The outcome, or how it came to none.
    pub fn word(&self) -> &str {
        match self.status {
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
            _ => &self.outcome,
        }
    }

    /// What the run that called it hears.
    pub fn back(&self, caller: &Caller) -> Input {
        Input::ChildEnded {
            path: caller.path.clone(),
            attempt: caller.attempt,
            status: self.status,
            outcome: self.outcome.clone(),
            outputs: self.outputs.clone(),
            failure: self.failure.clone(),
        }
    }
}

impl Desk {
    /// Something happened to a run.
    pub async fn feed_run(&self, tx: &mut Tx<'_>, id: &RunId, input: Input) -> Result<()> {
        let Some(mut row) = tx.get::<RunRow>(coll::RUNS, &id.0).await? else { return Ok(()) };
        let playbook = self.pinned(tx, &row).await?;
        let mut run: Run = serde_json::from_value(row.state.clone())
            .map_err(|e| DeskError::Playbook(format!("run {id} cannot be read: {e}")))?;
        let advance = run.advance(&playbook, input, tx.now).map_err(|e| DeskError::Playbook(e.to_string()))?;
        let ended = self.fold(tx, id, &mut row, &playbook, run, advance).await?;
        if let (Some(end), Some(caller)) = (ended, row.caller) {
            let back = end.back(&caller);
            Box::pin(self.feed_run(tx, &caller.run, back)).await?;
        }
        Ok(())
    }

    /// The definition that the run was started with, also when the file changed since.
    pub async fn pinned(&self, tx: &mut Tx<'_>, row: &RunRow) -> Result<Arc<Playbook>> {
        self.definition(tx, &row.digest).await
    }

    /// A definition by its digest: a present one, else the one that was kept.
    pub(crate) async fn definition(&self, tx: &mut Tx<'_>, digest: &str) -> Result<Arc<Playbook>> {
        if let Some(p) = self.playbooks.load().get(digest) {
            return Ok(p);
        }
        let source: String = tx
            .get(coll::DEFINITIONS, digest)
            .await?
            .ok_or_else(|| DeskError::Playbook(format!("the definition {digest} is gone")))?;
        let manifests = self.playbooks.load().manifests().to_vec();
        nightbell_playbooks::load_kept(digest, &source, &manifests)
            .map(Arc::new)
            .map_err(|f| DeskError::Playbook(format!("{} findings in the kept definition {digest}", f.len())))
    }

    /// Carries out what a run wants and keeps its new state. Gives its end when it has ended.
    pub(crate) async fn fold(
        &self,
        tx: &mut Tx<'_>,
        id: &RunId,
        row: &mut RunRow,
        playbook: &Playbook,
        mut run: Run,
        first: nightbell_playbooks::Advance,
    ) -> Result<Option<Ended>> {
        let mut advances = VecDeque::from([first]);
        let mut ended = None;
        for _ in 0..MAX_CHAIN {
            let Some(advance) = advances.pop_front() else { break };
            if !advance.records.is_empty() {
                // What one input caused stands together: it is one step of the fold, and one row is cheaper than ten.
                tx.put(coll::RUNLOG, format!("{id}/{:08}", row.records), &advance.records)?;
                row.records += u32::try_from(advance.records.len()).unwrap_or(u32::MAX);
            }
            let masked = run.masked(playbook);
            for effect in advance.effects {
                if let Effect::Ended { status, outcome, outputs, feedback } = effect {
                    let failure = run.failure().cloned();
                    ended = Some(Ended { status, outcome, outputs, feedback, failure });
                    continue;
                }
                if let Some(input) = Box::pin(self.apply(tx, id, row, &masked, effect)).await? {
                    let next = run.advance(playbook, input, tx.now).map_err(|e| DeskError::Playbook(e.to_string()))?;
                    advances.push_back(next);
                }
            }
        }
        row.status = run.status();
        row.state = serde_json::to_value(&run).map_err(|e| DeskError::Playbook(e.to_string()))?;
        self.note_waits(tx, id, row, run.awaits(playbook));
        if let Some(end) = &ended {
            row.ended_at = Some(tx.now);
            row.outcome = end.word().to_owned();
        }
        tx.put(coll::RUNS, id.0.clone(), row)?;
        tx.touch(row.case);
        if let Some(end) = &ended {
            self.run_ended(tx, id, row, end).await?;
            self.offer_undo(tx, id, row, &run)?;
        }
        Ok(ended)
    }

    async fn run_ended(&self, tx: &mut Tx<'_>, id: &RunId, row: &RunRow, end: &Ended) -> Result<()> {
        for prompt in row.prompts.values() {
            if let Some(mut p) = tx.get::<Prompt>(coll::PROMPTS, prompt).await?
                && p.state == PromptState::Open
            {
                self.finish_prompt(tx, &mut p, PromptState::Closed, None).await?;
            }
        }
        let word = end.word();
        let text = format!("Playbook {} ended: {}", row.playbook, if word.is_empty() { "done" } else { word });
        self.note(tx, row.case, "bot", "ended", text.replace('_', " "), Vec::new()).await?;
        if end.feedback {
            self.ask_feedback(tx, id, row).await?;
        }
        if row.caller.is_none() && end.status != RunStatus::Cancelled {
            self.settle_case(tx, row.case, word).await?;
        }
        if let Some(slot) = &row.slot {
            Box::pin(self.next_turn(tx, slot, id)).await?;
        }
        Ok(())
    }

    async fn apply(
        &self,
        tx: &mut Tx<'_>,
        id: &RunId,
        row: &mut RunRow,
        masked: &[String],
        effect: Effect,
    ) -> Result<Option<Input>> {
        match effect {
            Effect::Call { path, attempt, call, class } => {
                if let Some(outcome) = self.builtin(tx, id, row, &call).await? {
                    return Ok(Some(Input::CallEnded { path, attempt, outcome }));
                }
                self.leave_call(tx, id, row, masked, path, attempt, call, class).await?;
            }
            Effect::StartChild { path, attempt, digest, start } => {
                let caller = Caller { run: id.clone(), path, attempt };
                return self
                    .start_called(tx, row, caller, &digest, *start)
                    .await
                    .map(|end| end.map(|(e, c)| e.back(&c)));
            }
            Effect::CancelChild { path, attempt } => {
                if let Some(child) = row.called.get(&format!("{path}#{attempt}")).cloned() {
                    let why = "the playbook that called it goes on without it".to_owned();
                    Box::pin(self.feed_run(tx, &child, Input::Cancel { by: "bot".to_owned(), why })).await?;
                }
            }
            Effect::SetTimer { id: timer, due } => {
                let what = Due::Run { run: id.clone(), id: timer.clone() };
                tx.arm(&format!("run-{id}-{timer}"), &TimerRow { what, due })?;
            }
            Effect::CancelTimer { id: timer, due } => tx.disarm(&format!("run-{id}-{timer}"), due),
            Effect::Ask { path, to, intro, question, number, expires, urgency, channel } => {
                let here = path.clone();
                let ask = crate::prompts::Question {
                    path,
                    to,
                    intro: intro.map(|t| hide(&t, masked)),
                    question,
                    number,
                    expires,
                    urgent: urgency == "high",
                    public: channel != "dm",
                };
                if !self.ask_question(tx, id, row, ask).await? {
                    return Ok(Some(Input::Nobody { path: here }));
                }
            }
            Effect::AskClosed { path, timed_out } => self.ask_closed(tx, row, &path, timed_out).await?,
            Effect::Approve { ref path, .. } => {
                let here = path.clone();
                if !self.ask_approval(tx, id, row, masked, effect).await? {
                    return Ok(Some(Input::Nobody { path: here }));
                }
            }
            Effect::ApproveClosed { path, decision, by } => self.approval_closed(tx, row, &path, decision, by).await?,
            Effect::Remind { path, .. } => self.remind(tx, row, &path).await?,
            Effect::Escalate { path, level } => self.widen(tx, row, &path, level).await?,
            Effect::NeedsHuman { path, call, why } => self.ask_unknown(tx, id, row, masked, path, call, why).await?,
            Effect::Refused { who, reason, text } => self.refused(tx, row, &who, &reason, &text).await?,
            // Taken by the fold.
            Effect::Ended { .. } => {}
        }
        Ok(None)
    }

    async fn leave_call(
        &self,
        tx: &mut Tx<'_>,
        id: &RunId,
        row: &RunRow,
        masked: &[String],
        path: String,
        attempt: u32,
        call: Call,
        class: Class,
    ) -> Result<()> {
        let text = format!("Doing: {}", self.action_words(&call.action));
        let details = crate::cards::argument_lines(&call.args).iter().map(|l| hide(l, masked)).collect();
        self.note(tx, row.case, "bot", "action", text, details).await?;
        let lane = if class.needs_approval() { OutLane::Incident } else { OutLane::Answer };
        Ok(tx.leave(lane, Some(row.case), Leaving::Call { run: id.clone(), path, attempt, call, class })?)
    }

    /// An action in words, from its manifest.
    pub fn action_words(&self, action: &str) -> String {
        self.playbooks
            .load()
            .manifests()
            .iter()
            .find(|m| m.name == action)
            .map_or_else(|| action.to_owned(), |m| m.about.clone())
    }

    /// An outside action came back.
    pub async fn action_result(
        &self,
        tx: &mut Tx<'_>,
        run: &RunId,
        path: &str,
        attempt: u32,
        outcome: Outcome,
    ) -> Result<()> {
        if let Some(row) = tx.get::<RunRow>(coll::RUNS, &run.0).await? {
            let text = match &outcome {
                Outcome::Done { .. } => "The action happened".to_owned(),
                Outcome::Failed { code, message, .. } => format!("The action did not happen: {code} {message}"),
                Outcome::Unknown { why } => format!("NB0505 It is unknown whether the action happened: {why}"),
            };
            self.note(tx, row.case, "bot", "action_result", text, Vec::new()).await?;
        }
        self.feed_run(tx, run, Input::CallEnded { path: path.to_owned(), attempt, outcome }).await
    }

    /// Stops a run because a person said so.
    pub async fn cancel_run(&self, tx: &mut Tx<'_>, case: &mut Case, run: &RunId, by: &str, why: &str) -> Result<()> {
        if let Some(row) = tx.get::<RunRow>(coll::RUNS, &run.0).await?
            && !row.status.ended()
        {
            self.save_case(tx, case)?;
            self.feed_run(tx, run, Input::Cancel { by: by.to_owned(), why: why.to_owned() }).await?;
            if let Some(fresh) = self.case(tx, case.id).await? {
                *case = fresh;
            }
        }
        Ok(())
    }

    /// Who is spoken to by `chat.reply`: the reporter the run was started for, else all reporters.
    pub async fn audience(&self, tx: &mut Tx<'_>, run: &RunId, row: &RunRow) -> Result<Vec<To>> {
        let state: Run = match serde_json::from_value(row.state.clone()) {
            Ok(s) => s,
            Err(_) => return self.reporters(tx, row.case).await,
        };
        let _ = run;
        match state.requester() {
            Some(r) => Ok(vec![To::Person(r.into())]),
            None => self.reporters(tx, row.case).await,
        }
    }

    async fn reporters(&self, tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<To>> {
        Ok(self.case(tx, case).await?.map(|c| c.reporters.into_iter().map(To::Person).collect()).unwrap_or_default())
    }

    /// A plain answer to somebody.
    pub fn answer(&self, tx: &mut Tx<'_>, case: Option<CaseId>, to: To, text: impl Into<String>) -> Result<()> {
        tx.say(OutLane::Answer, case, to, Card::text(text))?;
        Ok(())
    }

    /// Whether a case still takes answers.
    pub fn open(case: &Case) -> bool {
        case.status != Status::Closed
    }
}
