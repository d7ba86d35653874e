//! Starting runs: pinned definitions, turns where a playbook allows only so many at once, and called playbooks.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::records::{Caller, Queued, RunRow, Slot, coll};
use crate::runs::Ended;
use crate::tx::Tx;
use nightbell_core::case::Case;
use nightbell_core::ids::RunId;
use nightbell_playbooks::api::{RunStatus, Start};
use nightbell_playbooks::{Failure, Playbook, Run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Starts of one key that may wait for their turn.
const MAX_QUEUE: usize = 1_000;

/// What became of a start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It runs, or has already ended.
    Run(RunId),
    /// It waits until this many others have ended.
    Queued(usize),
    /// It was left out, because enough of its kind are under way.
    Dropped,
}

impl Desk {
    /// Starts a playbook for a case.
    pub async fn start_run(
        &self,
        tx: &mut Tx<'_>,
        case: &mut Case,
        playbook: &Arc<Playbook>,
        trigger: Value,
        inputs: BTreeMap<String, Value>,
        requester: Option<String>,
    ) -> Result<Started> {
        let refused = |e: nightbell_playbooks::EngineError| DeskError::Refused(Box::new(e), playbook.id().to_owned());
        let bound = playbook.bind(&trigger, &inputs, tx.now).map_err(refused)?;
        let mut slot = None;
        if let Some(limits) = &playbook.concurrency {
            let key = playbook.concurrency_key(&trigger, &bound, tx.now).map_err(refused)?;
            let key = format!("{}:{}", playbook.id(), nightbell_core::canonical::digest_bytes(key.as_bytes()));
            let mut turns = tx.get::<Slot>(coll::SLOTS, &key).await?.unwrap_or_default();
            if turns.running.len() >= limits.limit as usize {
                if limits.drop || turns.queue.len() >= MAX_QUEUE {
                    let text =
                        format!("Playbook {} was not started: enough of its kind are under way", playbook.name());
                    self.row(tx, case, "bot", "dropped", text, Vec::new())?;
                    return Ok(Started::Dropped);
                }
                let digest = self.keep_definition(tx, playbook).await?;
                turns.queue.push(Queued { case: case.id, digest, trigger, inputs, requester });
                let waiting = turns.queue.len();
                tx.put(coll::SLOTS, key, &turns)?;
                let text = format!("Playbook {} waits for its turn ({waiting} waiting)", playbook.name());
                self.row(tx, case, "bot", "queued", text, Vec::new())?;
                return Ok(Started::Queued(waiting));
            }
            slot = Some((key, turns));
        }
        let id = RunId(tx.fresh());
        if let Some((key, mut turns)) = slot.clone() {
            turns.running.push(id.clone());
            tx.put(coll::SLOTS, key, &turns)?;
        }
        let pins = self.playbooks.load().pins(playbook);
        let start = Start { inputs, requester, pins, ..self.blank_start(&id, trigger) };
        self.begin_run(tx, case, &id, playbook, start, None, slot.map(|(key, _)| key)).await?;
        Ok(Started::Run(id))
    }

    fn blank_start(&self, id: &RunId, trigger: Value) -> Start {
        let policy = self.policy.load();
        let levels = u32::try_from(policy.oncall.levels.len().max(1)).unwrap_or(1);
        Start { levels, hours: policy.company.hours(), ..Start::new(id.0.clone(), trigger) }
    }

    /// A definition is kept with the first run that uses it, for the life of all its runs.
    pub(crate) async fn keep_definition(&self, tx: &mut Tx<'_>, playbook: &Playbook) -> Result<String> {
        let digest = playbook.digest().to_owned();
        if tx.get::<String>(coll::DEFINITIONS, &digest).await?.is_none() {
            tx.put(coll::DEFINITIONS, digest.clone(), &playbook.source())?;
        }
        Ok(digest)
    }

    async fn begin_run(
        &self,
        tx: &mut Tx<'_>,
        case: &mut Case,
        id: &RunId,
        playbook: &Arc<Playbook>,
        start: Start,
        caller: Option<Caller>,
        slot: Option<String>,
    ) -> Result<Option<Ended>> {
        let digest = self.keep_definition(tx, playbook).await?;
        let called: Vec<Arc<Playbook>> = start.pins.values().filter_map(|d| self.playbooks.load().get(d)).collect();
        for pinned in called {
            self.keep_definition(tx, &pinned).await?;
        }
        let (run, advance) = Run::start(playbook, start, tx.now)
            .map_err(|e| DeskError::Refused(Box::new(e), playbook.id().to_owned()))?;
        let mut row = RunRow {
            playbook: playbook.id().to_owned(),
            digest,
            case: case.id,
            status: RunStatus::Running,
            state: Value::Null,
            records: 0,
            prompts: BTreeMap::new(),
            started_at: tx.now,
            ended_at: None,
            outcome: String::new(),
            caller,
            called: BTreeMap::new(),
            slot,
            undo: None,
            waits: Vec::new(),
        };
        case.runs.push(id.clone());
        let text = format!("Playbook {} {} started", playbook.name(), playbook.version());
        self.row(tx, case, "bot", "playbook", text, Vec::new())?;
        let ended = self.fold(tx, id, &mut row, playbook, run, advance).await?;
        // The run wrote rows of its own: what the caller holds is old.
        if let Some(fresh) = self.case(tx, case.id).await? {
            *case = fresh;
        }
        Ok(ended)
    }

    /// Starts the playbook that a step calls. Gives its end when it came at once.
    pub(crate) async fn start_called(
        &self,
        tx: &mut Tx<'_>,
        row: &mut RunRow,
        caller: Caller,
        digest: &str,
        mut start: Start,
    ) -> Result<Option<(Ended, Caller)>> {
        let (at, step) = (tx.now, caller.path.clone());
        let refused = |code: &str, message: String| {
            let failure = Failure { step: step.clone(), code: code.to_owned(), message, at };
            Ended {
                status: RunStatus::Failed,
                outcome: String::new(),
                outputs: BTreeMap::new(),
                feedback: false,
                failure: Some(failure),
            }
        };
        let Some(mut case) = self.case(tx, row.case).await? else {
            return Ok(Some((refused("NB2403", "the case is gone".to_owned()), caller)));
        };
        let playbook = match self.definition(tx, digest).await {
            Ok(p) => p,
            Err(DeskError::Playbook(why)) => return Ok(Some((refused("NB2403", why), caller))),
            Err(e) => return Err(e),
        };
        let id = RunId(tx.fresh());
        start.run.clone_from(&id.0);
        row.called.insert(format!("{}#{}", caller.path, caller.attempt), id.clone());
        match self.begin_run(tx, &mut case, &id, &playbook, start, Some(caller.clone()), None).await {
            Ok(ended) => Ok(ended.map(|e| (e, caller))),
            Err(DeskError::Refused(e, _)) => Ok(Some((refused(e.code, e.message), caller))),
            Err(e) => Err(e),
        }
    }

    /// A turn is over: the next start that waited for it begins.
    pub(crate) async fn next_turn(&self, tx: &mut Tx<'_>, key: &str, over: &RunId) -> Result<()> {
        let Some(mut turns) = tx.get::<Slot>(coll::SLOTS, key).await? else { return Ok(()) };
        turns.running.retain(|r| r != over);
        while let Some(next) = (!turns.queue.is_empty()).then(|| turns.queue.remove(0)) {
            let Some(mut case) = self.case(tx, next.case).await?.filter(Self::open) else { continue };
            let playbook = self.definition(tx, &next.digest).await?;
            let id = RunId(tx.fresh());
            turns.running.push(id.clone());
            tx.put(coll::SLOTS, key, &turns)?;
            let pins = self.playbooks.load().pins(&playbook);
            let start =
                Start { inputs: next.inputs, requester: next.requester, pins, ..self.blank_start(&id, next.trigger) };
            match self.begin_run(tx, &mut case, &id, &playbook, start, None, Some(key.to_owned())).await {
                Ok(_) => return Ok(()),
                Err(DeskError::Refused(e, name)) => {
                    turns.running.retain(|r| *r != id);
                    let text = format!("Playbook {name} could not start: {} {}", e.code, e.message);
                    self.row(tx, &mut case, "bot", "failed", text, Vec::new())?;
                }
                Err(e) => return Err(e),
            }
        }
        if turns.running.is_empty() {
            tx.delete(coll::SLOTS, key.to_owned());
        } else {
            tx.put(coll::SLOTS, key, &turns)?;
        }
        Ok(())
    }
}
