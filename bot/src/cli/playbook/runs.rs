//! The runs of a data folder, read out of the journal itself: nothing is written and no lock is taken, so a bot may be
//! running on the folder.

use crate::cli::store::coded;
use anyhow::anyhow;
use nightbell_desk::records::{RunRow, coll};
use nightbell_playbooks::{Library, Playbook, Run};
use nightbell_store::ops;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What the journal keeps of runs.
#[derive(Default)]
pub struct Kept {
    /// Every run by id.
    pub runs: BTreeMap<String, RunRow>,
    /// Definitions by digest.
    definitions: BTreeMap<String, String>,
}

/// Folds the journal.
pub fn read(data: &Path) -> anyhow::Result<Kept> {
    let mut out = Kept::default();
    for entry in ops::journal_entries(data).map_err(coded)? {
        for change in entry.map_err(coded)?.changes {
            match &*change.coll {
                coll::RUNS => put(&mut out.runs, &change.key, change.value.as_deref()),
                coll::DEFINITIONS => put(&mut out.definitions, &change.key, change.value.as_deref()),
                _ => {}
            }
        }
    }
    Ok(out)
}

/// A record that cannot be read counts as absent: a list must not fail because of one of its rows.
fn put<T: DeserializeOwned>(map: &mut BTreeMap<String, T>, key: &str, value: Option<&[u8]>) {
    match value.and_then(|v| serde_json::from_slice(v).ok()) {
        Some(v) => drop(map.insert(key.to_owned(), v)),
        None => drop(map.remove(key)),
    }
}

/// One run with the definition it is pinned to. `name` must be its playbook when it is given.
pub fn one(data: &Path, id: &str, library: &mut Library, name: Option<&str>) -> anyhow::Result<(Arc<Playbook>, Run)> {
    let kept = read(data)?;
    let Some(row) = kept.runs.get(id) else {
        let mut known: Vec<(&String, &RunRow)> = kept.runs.iter().collect();
        known.sort_by_key(|(_, r)| std::cmp::Reverse(r.started_at));
        let known: Vec<String> = known.iter().take(5).map(|(id, r)| format!("{id} ({})", r.playbook)).collect();
        let newest = if known.is_empty() { "there is none".to_owned() } else { known.join(", ") };
        return Err(anyhow!(
            "NB0008 there is no run `{id}` in {}. The newest runs: {newest}{}",
            data.display(),
            console(data)
        ));
    };
    if let Some(name) = name.filter(|n| *n != row.playbook && !Path::new(n).is_file()) {
        return Err(anyhow!("NB0008 the run `{id}` belongs to the playbook `{}`, not to `{name}`", row.playbook));
    }
    let playbook = match (library.get(&row.digest), kept.definitions.get(&row.digest)) {
        (Some(playbook), _) => playbook,
        (None, Some(source)) => library
            .keep(&row.playbook, source)
            .map_err(|f| anyhow!("NB2012 the definition of the run `{id}` cannot be read: {} findings", f.len()))?,
        (None, None) => return Err(anyhow!("NB2012 the definition of the run `{id}` is not in the journal")),
    };
    let run =
        serde_json::from_value(row.state.clone()).map_err(|e| anyhow!("NB2012 the run `{id}` cannot be read: {e}"))?;
    Ok((playbook, run))
}

/// Where a bot that runs on this folder shows the same.
fn console(data: &Path) -> String {
    crate::wire::terminal(data)
        .map(|(url, _)| format!(". If a bot runs here, its console is at {url}"))
        .unwrap_or_default()
}
