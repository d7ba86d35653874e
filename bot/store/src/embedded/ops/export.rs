//! Reading a folder from outside: the audit chain, sizes.

use super::super::codec::{Change, decode};
use super::super::folder::{Folder, segments};
use super::super::frame::{self, Frame, GENESIS, Hash};
use super::super::journal::fault;
use super::super::{blobs, snapshot};
use nightbell_core::port::store::StoreError;
use serde::Serialize;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};

/// A commit of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: u64,
    /// Chain hash after it.
    pub chain: Hash,
    /// What it changed.
    pub changes: Vec<Change>,
}

/// Commits in order. Ends at the first incomplete commit at the very end of the journal; damage before it is an
/// error and the last item.
#[derive(Debug)]
pub struct Entries {
    segments: VecDeque<(u64, PathBuf)>,
    path: PathBuf,
    bytes: Vec<u8>,
    at: usize,
    /// Number and chain hash expected next.
    next: Option<(u64, Option<Hash>)>,
    done: bool,
}

/// Every commit in the journal of `dir`, verified on the way. May run beside an open store.
pub fn journal_entries(dir: &Path) -> Result<Entries, StoreError> {
    let folder = super::existing(dir)?;
    Ok(Entries::new(segments(&folder.journal())?))
}

/// Last whole commit and its chain hash: the head of the audit chain. May run beside an open store.
pub fn chain_head(dir: &Path) -> Result<(u64, Hash), StoreError> {
    let folder = super::existing(dir)?;
    let all = segments(&folder.journal())?;
    for (i, _) in all.iter().enumerate().rev() {
        let last = Entries::new(all[i..].to_vec()).last().transpose()?;
        if let Some(entry) = last {
            return Ok((entry.seq, entry.chain));
        }
    }
    Ok(snapshot::newest(&folder.snapshots())?.map_or((0, GENESIS), |(_, seq, chain)| (seq, chain)))
}

impl Entries {
    fn new(segments: Vec<(u64, PathBuf)>) -> Self {
        let next = segments.first().map(|(first, _)| (*first, (*first == 1).then_some(GENESIS)));
        Self { segments: segments.into(), path: PathBuf::new(), bytes: Vec::new(), at: 0, next, done: false }
    }

    fn step(&mut self) -> Result<Option<Entry>, StoreError> {
        loop {
            let next_first = self.segments.front().map(|(first, _)| *first);
            let (seq, prev) = self.next.unwrap_or((1, None));
            let frame = if self.at < self.bytes.len() { frame::read(&self.bytes[self.at..]) } else { None };
            let fits = |frame: &Frame<'_>| frame.seq == seq && prev.is_none_or(|prev| prev == frame.prev);
            // Where the next segment begins with the same number, this one ends with a failed write.
            if let Some(frame) = frame.filter(|frame| fits(frame) && next_first != Some(seq)) {
                let chain = frame.hash();
                let bad = || StoreError::Damaged(format!("{}: commit {seq}", self.path.display()));
                let changes = decode(frame.payload).ok_or_else(bad)?;
                self.at += frame.size();
                self.next = Some((seq + 1, Some(chain)));
                return Ok(Some(Entry { seq, chain, changes }));
            }
            // Nothing more in this segment: fine when the next one goes on from here.
            let Some((first, path)) = self.segments.pop_front() else { return Ok(None) };
            if first != seq {
                let why = format!("{}, byte {}: commit {seq} cannot be read", self.path.display(), self.at);
                return Err(StoreError::Damaged(why));
            }
            self.bytes = fs::read(&path).map_err(|error| fault(&path, &error))?;
            (self.path, self.at) = (path, 0);
        }
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.step();
        self.done = !matches!(step, Ok(Some(_)));
        step.transpose()
    }
}

/// Sizes of a data folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Journal segments.
    pub segments: u64,
    /// Bytes in them.
    pub journal_bytes: u64,
    /// Bytes of the index.
    pub index_bytes: u64,
    /// Snapshots.
    pub snapshots: u64,
    /// Bytes in them.
    pub snapshot_bytes: u64,
    /// Blobs.
    pub blobs: u64,
    /// Files and folders set aside by recovery: worth a look, then they may be removed.
    pub set_aside: Vec<String>,
}

/// Sizes of a data folder. May run beside an open store; then they are approximate.
pub fn stats(dir: &Path) -> Result<Stats, StoreError> {
    let folder = super::existing(dir)?;
    let len = |path: &PathBuf| path.metadata().map_or(0, |meta| meta.len());
    let journal = segments(&folder.journal())?;
    let snapshots = super::super::folder::numbered(&folder.snapshots(), ".snap")?;
    let index = names(&folder.index()).into_iter().map(|name| len(&folder.index().join(name)));
    let mut set_aside = names(&folder.journal());
    set_aside.retain(|name| name.starts_with("cut-") || name.starts_with("damaged-"));
    set_aside.extend(names(dir).into_iter().filter(|name| name.starts_with("index.bad-")));
    Ok(Stats {
        segments: journal.len() as u64,
        journal_bytes: journal.iter().map(|(_, path)| len(path)).sum(),
        index_bytes: index.sum(),
        snapshots: snapshots.len() as u64,
        snapshot_bytes: snapshots.iter().map(|(_, path)| len(path)).sum(),
        blobs: blobs::list(&Folder::new(dir).blobs())?.len() as u64,
        set_aside,
    })
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
