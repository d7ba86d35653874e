//! One thing, one run: a playbook's `dedupe` key joins later starts to the first within its window.

use crate::desk::Desk;
use crate::error::Result;
use crate::records::{RunRow, coll};
use crate::tx::Tx;
use nightbell_core::ids::CaseId;
use nightbell_playbooks::Playbook;
use nightbell_playbooks::api::Input;
use nightbell_playbooks::model::OnDuplicate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Which case an equal start belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Same {
    /// The case.
    pub case: CaseId,
    /// When the first one came.
    pub at: jiff::Timestamp,
}

impl Desk {
    /// The open case that this start belongs to, if the playbook joins equal starts and one is under way.
    pub async fn join_run(&self, tx: &mut Tx<'_>, playbook: &Playbook, trigger: &Value) -> Result<Option<CaseId>> {
        let Some(dedupe) = &playbook.dedupe else { return Ok(None) };
        if dedupe.on_duplicate == OnDuplicate::New {
            return Ok(None);
        }
        let Some(key) = key_of(playbook, trigger, tx.now) else { return Ok(None) };
        let Some(same) = tx.get::<Same>(coll::SAME, &key).await? else { return Ok(None) };
        let Some(case) = self.case(tx, same.case).await? else { return Ok(None) };
        if dedupe.window.after(same.at) <= tx.now || !Self::open(&case) {
            return Ok(None);
        }
        for run in &case.runs {
            if let Some(row) = tx.get::<RunRow>(coll::RUNS, &run.0).await?
                && row.playbook == playbook.id()
                && !row.status.ended()
            {
                match dedupe.on_duplicate {
                    // The newcomer is turned away and hears of the case; nothing of it reaches the run.
                    OnDuplicate::Drop => continue,
                    OnDuplicate::Restart => {
                        let why = "the same began anew".to_owned();
                        self.feed_run(tx, run, Input::Cancel { by: "bot".to_owned(), why }).await?;
                        continue;
                    }
                    OnDuplicate::Join | OnDuplicate::New => {}
                }
                let who = trigger.pointer("/user/id").and_then(Value::as_str).unwrap_or_default().to_owned();
                self.feed_run(tx, run, Input::Joined { who }).await?;
            }
        }
        Ok((dedupe.on_duplicate != OnDuplicate::Restart).then_some(case.id))
    }

    /// Remembers a start for later equal ones.
    pub async fn remember_start(
        &self,
        tx: &mut Tx<'_>,
        playbook: &Playbook,
        trigger: &Value,
        case: CaseId,
    ) -> Result<()> {
        if playbook.dedupe.is_some()
            && let Some(key) = key_of(playbook, trigger, tx.now)
        {
            let at = tx.now;
            tx.put(coll::SAME, key, &Same { case, at })?;
        }
        Ok(())
    }
}

fn key_of(playbook: &Playbook, trigger: &Value, now: jiff::Timestamp) -> Option<String> {
    let inputs = playbook.bind(trigger, &BTreeMap::new(), now).ok()?;
    let key = playbook.dedupe_key(trigger, &inputs, now).ok().flatten()?;
    Some(format!("run:{}:{}", playbook.id(), nightbell_core::canonical::digest_bytes(key.as_bytes())))
}
