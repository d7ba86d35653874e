//! Undo: what a run changed is taken back by a run of its own, so that the same approvals and the same timeline hold.

use crate::desk::Desk;
use crate::error::{DeskError, Result};
use crate::records::{Asked, OutLane, RunRow, coll};
use crate::starts::Started;
use crate::tx::Tx;
use nightbell_core::chat::{Block, Card, Style, To, Tone};
use nightbell_core::ids::RunId;
use nightbell_core::person::Person;
use nightbell_playbooks::Run;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Id of the playbooks that are made to take changes back.
const UNDO: &str = "undo-run";

/// What became of the wish to undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// A run asks for the approvals.
    Asked,
    /// Nothing was changed, or nothing can be taken back.
    Nothing,
    /// Somebody did it already.
    Already,
}

impl Desk {
    /// Starts taking back what a run changed.
    pub(crate) async fn undo_run(&self, tx: &mut Tx<'_>, id: &RunId, by: &Person) -> Result<Undone> {
        let Some(mut row) = tx.get::<RunRow>(coll::RUNS, &id.0).await? else { return Ok(Undone::Nothing) };
        if row.undo.is_some() {
            return Ok(Undone::Already);
        }
        let playbook = self.pinned(tx, &row).await?;
        let run: Run = serde_json::from_value(row.state.clone())
            .map_err(|e| DeskError::Playbook(format!("run {id} cannot be read: {e}")))?;
        let Some((text, given)) = run.undo_playbook(&playbook) else { return Ok(Undone::Nothing) };
        let manifests = self.playbooks.load().manifests().to_vec();
        let undo = nightbell_playbooks::load_kept("undo", &text, &manifests)
            .map_err(|f| DeskError::Playbook(format!("the undo of {id} has {} findings", f.len())))?;
        let Some(mut case) = self.case(tx, row.case).await? else { return Ok(Undone::Nothing) };
        let trigger = json!({"kind": "command", "id": tx.fresh(), "user": crate::people::as_value(by), "undo": id.0});
        let inputs = BTreeMap::from([("undo".to_owned(), given)]);
        tx.audit(&by.id.0, "run.undo", Some(case.id), id.0.clone())?;
        let text = format!("{} asked to take back what {} did", by.name, playbook.name());
        self.row(tx, &mut case, &by.id.0, "undo", text, Vec::new())?;
        let started = self.start_run(tx, &mut case, &Arc::new(undo), trigger, inputs, Some(by.id.0.clone())).await?;
        if let Started::Run(undo) = started
            && let Some(fresh) = tx.get::<RunRow>(coll::RUNS, &id.0).await?
        {
            row = fresh;
            row.undo = Some(undo);
            tx.put(coll::RUNS, id.0.clone(), &row)?;
        }
        Ok(Undone::Asked)
    }

    /// The newest run of a case whose changes can be taken back.
    pub(crate) async fn undo_case(&self, tx: &mut Tx<'_>, runs: &[RunId], by: &Person) -> Result<Undone> {
        let mut found = Undone::Nothing;
        for id in runs.iter().rev() {
            // Undoing an undo is doing it again, and that has its own playbook.
            if tx.get::<RunRow>(coll::RUNS, &id.0).await?.is_some_and(|r| r.playbook == UNDO) {
                continue;
            }
            match self.undo_run(tx, id, by).await? {
                Undone::Asked => return Ok(Undone::Asked),
                Undone::Already => found = Undone::Already,
                Undone::Nothing => {}
            }
        }
        Ok(found)
    }

    /// After a run that changed something: the team sees what, and how to take it back.
    pub(crate) fn offer_undo(&self, tx: &mut Tx<'_>, id: &RunId, row: &RunRow, run: &Run) -> Result<()> {
        let changes: Vec<String> = run.undo().map(|u| u.about.clone()).collect();
        if changes.is_empty() || row.playbook == UNDO {
            return Ok(());
        }
        let prompt = tx.fresh();
        let card = Card::titled(format!("{}: what was changed", row.case), Tone::Plain)
            .with(Block::List(changes))
            .with(Block::Context(format!("Take it back with the button or with: undo {}", row.case)))
            .button(format!("p:{prompt}:undo"), "Undo", Style::Plain);
        let to: Vec<To> = match self.channel("security") {
            Some(conv) => vec![To::Conv(conv)],
            None => self.resolve(&[on_call()], 1, &[]).into_iter().map(|p| To::Person(p.id)).collect(),
        };
        self.plain_prompt(tx, prompt, Asked::Undo { run: id.clone() }, Some(row.case), card, to, OutLane::Answer)
    }
}

fn on_call() -> nightbell_playbooks::api::Recipient {
    nightbell_playbooks::api::Recipient("role:on-call".to_owned())
}
