//! Is everything there and as it was written?

use super::super::folder::{CleanMark, Folder, hex};
use super::super::frame::Hash;
use super::super::index::{Index, Meta};
use super::super::recovery::{self, Start, WalkError};
use super::super::{blobs, snapshot};
use nightbell_core::port::store::StoreError;
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;

/// What [`verify`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Last commit in the journal.
    pub seq: u64,
    /// Chain hash at `seq`, hexadecimal.
    pub chain: String,
    /// Commits whose checksum and chain hold.
    pub commits: u64,
    /// Records in the index.
    pub records: u64,
    /// Blobs that match their digest.
    pub blobs: u64,
    /// Damage, in words with file and byte. Empty when all is well.
    pub findings: Vec<String>,
    /// Not damage: what the next start will mend by itself.
    pub notes: Vec<String>,
}

/// Reads the whole journal, every blob and the index, and compares the index with the journal. Changes nothing of
/// value. Errors: `Locked`, `Io`; damage is in the report.
pub fn verify(dir: &Path) -> Result<VerifyReport, StoreError> {
    let folder = super::existing(dir)?;
    let _lock = folder.lock()?;
    let mut report = VerifyReport::default();
    let end = match recovery::walk_whole(&folder.journal(), &mut |_, _, _| Ok(())) {
        Ok(end) => end,
        Err(WalkError::Start(why)) => return Err(StoreError::Damaged(why)),
        Err(WalkError::Store(error)) => return Err(error),
    };
    (report.seq, report.chain, report.commits) = (end.seq, hex(&end.chain), end.frames);
    report.findings.extend(end.holes.iter().cloned());
    if let Some(tail) = &end.tail {
        let at = format!("{}, byte {}", tail.path.display(), tail.offset);
        report.notes.push(format!("{at}: a torn end of {} bytes behind commit {}", tail.bytes, end.seq));
    }
    index(&folder, end.seq, end.holes.is_empty(), &mut report)?;
    for digest in blobs::list(&folder.blobs())? {
        match blobs::get(&folder.blobs(), &digest) {
            Ok(_) => report.blobs += 1,
            Err(error) => report.findings.push(error.to_string()),
        }
    }
    Ok(report)
}

/// Compares the index with the journal at the point it stands for.
fn index(folder: &Folder, seq: u64, whole: bool, report: &mut VerifyReport) -> Result<(), StoreError> {
    if !folder.index().exists() {
        report.notes.push("the index is missing and will be rebuilt".to_owned());
        return Ok(());
    }
    let clean = folder.read_clean()?;
    if let CleanMark::Wrong { seq: known } = clean {
        report.notes.push("the index was changed after the last shutdown and will be rebuilt".to_owned());
        if known > seq {
            report.findings.push(format!("the journal ends with commit {seq}, but commit {known} was made"));
        }
        return Ok(());
    }
    let outcome = Index::open(&folder.index()).and_then(|index| {
        let outcome = compare(folder, &index, seq, whole);
        index.close()?;
        outcome
    });
    match outcome {
        Ok(meta) => {
            report.records = meta.tallies.values().map(|tally| tally.rows).sum();
            if let CleanMark::Good { .. } = clean {
                // Looking at it may have changed its files.
                folder.mark_clean(meta.seq, &meta.chain)?;
            }
        }
        Err(why) => report.findings.push(format!("index: {why}")),
    }
    Ok(())
}

fn compare(folder: &Folder, index: &Index, seq: u64, whole: bool) -> Result<Meta, String> {
    let meta = index.meta().map_err(|error| error.to_string())?.unwrap_or_default();
    index.check(&meta)?;
    if meta.seq > seq {
        return Err(format!("it stands for commit {}, but the journal ends with commit {seq}", meta.seq));
    }
    let rows = replay(folder, meta.seq, whole).map_err(|error| format!("cannot compare it: {error:?}"))?;
    let mut expected = Meta { seq: meta.seq, chain: meta.chain, ..Meta::default() };
    for ((coll, _), row) in rows {
        let tally = expected.tallies.entry(coll).or_default();
        tally.rows += 1;
        tally.sum = tally.sum.wrapping_add(row);
    }
    if expected == meta { Ok(meta) } else { Err("its records are not those of the journal".to_owned()) }
}

/// The hash of every row at commit `last`: from the first commit where the journal is whole, else from a snapshot.
fn replay(folder: &Folder, last: u64, whole: bool) -> Result<HashMap<(String, String), u128>, WalkError> {
    let mut rows = HashMap::new();
    let segments = super::super::folder::segments(&folder.journal())?;
    let mut start = Start::BEGINNING;
    if !whole || segments.first().is_none_or(|(first, _)| *first > 1) {
        let snapshots = super::super::folder::numbered(&folder.snapshots(), ".snap")?;
        let usable = |(_, path): &(u64, std::path::PathBuf)| Some((path.clone(), snapshot::verify(path)?));
        let newest: Option<(_, (u64, Hash))> = snapshots.iter().rev().filter(|(seq, _)| *seq <= last).find_map(usable);
        if let Some((path, (seq, chain))) = newest {
            snapshot::read(&path, &mut |coll, key, version, value| {
                let row = super::super::index::row_hash(coll, key, version, value);
                rows.insert((coll.to_owned(), key.to_owned()), row);
                Ok(())
            })?;
            start = Start { seq, chain, durable: 0 };
        }
    }
    recovery::walk(&folder.journal(), start, last, false, &mut |seq, _, changes| {
        for change in changes {
            let row = change.value.map(|value| super::super::index::row_hash(&change.coll, &change.key, seq, &value));
            match row {
                Some(row) => rows.insert((change.coll, change.key), row),
                None => rows.remove(&(change.coll, change.key)),
            };
        }
        Ok(())
    })?;
    Ok(rows)
}
