//! Opening: lock, decide whether the index can be trusted, read the journal behind it, cut a torn tail.

use super::folder::{CleanMark, Folder};
use super::frame::{GENESIS, Hash};
use super::index::{Index, IndexWrite, Meta};
use super::overlay::{Entry, Table};
use super::recovery::{self, End, Start, WalkError};
use super::{Cut, Options, Report, snapshot};
use nightbell_core::port::store::StoreError;
use std::fs::{self, File};
use std::path::PathBuf;

/// Rows applied to the index as one step.
const STEP: usize = 512;

/// What opening found.
pub(crate) struct Opened {
    pub lock: File,
    pub index: Index,
    pub meta: Meta,
    /// Replayed writes that are not in the index yet.
    pub table: Table,
    pub head: (u64, Hash),
    pub segment: Option<(PathBuf, u64)>,
    pub report: Report,
    /// Whether the folder had been set up before.
    pub existed: bool,
    /// Whether the index still has to be read whole.
    pub unchecked: bool,
}

/// Brings the folder into a state to work with.
pub(crate) fn open(folder: &Folder, options: &Options) -> Result<Opened, StoreError> {
    let lock = folder.lock()?;
    let existed = folder.check_format()?;
    if existed && !options.repair && super::folder::segments(&folder.journal())?.is_empty() {
        return Err(StoreError::Damaged(format!("{}: the journal is missing", folder.journal().display())));
    }
    folder.make_dirs()?;
    let clean = folder.read_clean()?;
    let mut report = Report::default();
    let mut unchecked = false;
    let mut index = trusted(folder, existed, clean, options.check_rows, &mut unchecked, &mut report)?;
    let durable = match clean {
        CleanMark::Missing => 0,
        CleanMark::Good { seq } | CleanMark::Wrong { seq } => seq,
    };
    let mut loader = None;
    for _ in 0..2 {
        let (opened, meta) = match index.take() {
            Some(trusted) => trusted,
            None => fresh(folder)?,
        };
        let mut load = Loader::new(opened, meta, options.flush_bytes);
        let start = Start { seq: load.meta.seq, chain: load.meta.chain, durable };
        let last = u64::MAX;
        match recovery::walk(&folder.journal(), start, last, options.repair, &mut |s, h, c| load.add(s, h, c)) {
            Ok(end) => {
                loader = Some((load, end));
                break;
            }
            Err(WalkError::Start(why)) => {
                // Closing may fail like anything else about a doubtful index.
                let _ = load.index.close();
                set_aside(folder, why, &mut report)?;
            }
            Err(WalkError::Store(error)) => return Err(error),
        }
    }
    let Some((mut load, mut end)) = loader else {
        return Err(StoreError::Damaged("the newest snapshot does not belong to this journal".to_owned()));
    };
    report.replayed = end.seq - load.first;
    settle(folder, &mut load, &mut end, &mut report)?;
    folder.remove_clean()?;
    let head = (end.seq, end.chain);
    (load.table.seq, load.table.chain) = head;
    report.seq = end.seq;
    Ok(Opened {
        lock,
        index: load.index,
        meta: load.meta,
        table: load.table,
        head,
        segment: end.segment,
        unchecked: unchecked && report.rebuilt.is_none(),
        report,
        existed,
    })
}

/// The index with its meta, when there is no reason for doubt. Otherwise it is moved out of the way.
fn trusted(
    folder: &Folder,
    existed: bool,
    clean: CleanMark,
    check_rows: u64,
    unchecked: &mut bool,
    report: &mut Report,
) -> Result<Option<(Index, Meta)>, StoreError> {
    if !folder.index().exists() {
        if existed {
            rebuilt(report, "it was missing".to_owned(), None);
        }
        return Ok(None);
    }
    if let CleanMark::Wrong { .. } = clean {
        set_aside(folder, "its files were changed after the last shutdown".to_owned(), report)?;
        return Ok(None);
    }
    let why = match Index::open(&folder.index()) {
        Err(why) => why,
        Ok(index) => {
            let meta = index.meta().and_then(|meta| meta.ok_or_else(|| StoreError::Damaged("it was empty".to_owned())));
            let checked = match (meta, clean) {
                (Err(error), _) => Err(error.to_string()),
                (Ok(meta), CleanMark::Good { .. }) => Ok(meta),
                // Synced before its meta said so: only a hand from outside can have changed it. Reading a large one takes
                // longer than a restart may.
                (Ok(meta), _) if meta.tallies.values().map(|t| t.rows).sum::<u64>() > check_rows => {
                    *unchecked = true;
                    Ok(meta)
                }
                (Ok(meta), _) => index.check(&meta).map(|()| meta),
            };
            match checked {
                Ok(meta) => return Ok(Some((index, meta))),
                Err(why) => {
                    // It is given up anyway.
                    let _ = index.close();
                    why
                }
            }
        }
    };
    set_aside(folder, why, report)?;
    Ok(None)
}

fn set_aside(folder: &Folder, why: String, report: &mut Report) -> Result<(), StoreError> {
    let aside = folder.set_index_aside()?;
    rebuilt(report, why, Some(aside));
    Ok(())
}

fn rebuilt(report: &mut Report, why: String, aside: Option<PathBuf>) {
    let code = nightbell_core::code::STORE_REBUILT.0;
    tracing::warn!(code, why = %why, "the index is rebuilt from the journal");
    report.rebuilt = Some(why);
    report.index_aside = aside;
}

/// A new index with the newest snapshot in it.
pub(crate) fn fresh(folder: &Folder) -> Result<(Index, Meta), StoreError> {
    let dir = folder.index();
    let index = Index::open(&dir).map_err(|why| StoreError::Io(format!("{}: {why}", dir.display())))?;
    let mut meta = Meta { chain: GENESIS, ..Meta::default() };
    if let Some((path, seq, chain)) = snapshot::newest(&folder.snapshots())? {
        let mut table = Table::default();
        let mut bytes = 0;
        snapshot::read(&path, &mut |coll, key, version, value| {
            bytes += value.len();
            table.set(coll, key.to_owned(), Entry { version, value: Some(value.to_vec()) });
            if table.entries >= STEP || bytes >= 4 * 1024 * 1024 {
                bytes = 0;
                let full = std::mem::take(&mut table);
                return pour(&index, &mut meta, &full);
            }
            Ok(())
        })?;
        (table.seq, table.chain) = (seq, chain);
        pour(&index, &mut meta, &table)?;
    } else {
        index.apply(&[], &mut meta)?;
    }
    index.sync()?;
    super::disk::sync_dir(&folder.root).map_err(|error| super::journal::fault(&folder.root, &error))?;
    Ok((index, meta))
}

/// Moves a table into the index in small steps, so that readers never wait long. The last step moves the point the
/// index stands for; a crash before it is harmless, because replaying the same writes again gives the same rows.
pub(crate) fn pour(index: &Index, meta: &mut Meta, table: &Table) -> Result<(), StoreError> {
    let mut step: Vec<IndexWrite<'_>> = Vec::with_capacity(STEP);
    for (coll, key, entry) in table.iter() {
        step.push((coll, key, entry.version, entry.value.as_deref()));
        if step.len() == STEP {
            index.apply(&step, meta)?;
            step.clear();
        }
    }
    if table.seq > meta.seq {
        (meta.seq, meta.chain) = (table.seq, table.chain);
    }
    index.apply(&step, meta)
}

/// Collects replayed commits and moves them into the index whenever there are many.
pub(crate) struct Loader {
    pub index: Index,
    pub meta: Meta,
    pub table: Table,
    first: u64,
    flush_bytes: usize,
}

impl Loader {
    pub fn new(index: Index, meta: Meta, flush_bytes: usize) -> Self {
        let first = meta.seq;
        Self { index, meta, table: Table::default(), first, flush_bytes }
    }

    /// One commit.
    pub fn add(&mut self, seq: u64, chain: Hash, changes: Vec<super::codec::Change>) -> Result<(), StoreError> {
        for change in changes {
            self.table.set(&change.coll, change.key, Entry { version: seq, value: change.value });
        }
        (self.table.seq, self.table.chain) = (seq, chain);
        if self.table.bytes >= self.flush_bytes { self.flush() } else { Ok(()) }
    }

    /// Everything collected goes into the index.
    pub fn flush(&mut self) -> Result<(), StoreError> {
        pour(&self.index, &mut self.meta, &std::mem::take(&mut self.table))
    }
}

/// Cuts a torn tail, or, after a repair, seals the state in a snapshot and moves the damaged segments aside.
fn settle(folder: &Folder, load: &mut Loader, end: &mut End, report: &mut Report) -> Result<(), StoreError> {
    let journal = folder.journal();
    if end.holes.is_empty() {
        if let Some(tail) = end.tail.take() {
            let aside = recovery::cut(&journal, &tail);
            let code = nightbell_core::code::STORE_TORN.0;
            tracing::warn!(code, segment = %tail.path.display(), offset = tail.offset, bytes = tail.bytes, "torn end cut");
            report.cut = Some(Cut {
                segment: tail.path,
                offset: tail.offset,
                bytes: tail.bytes,
                seq: tail.seq,
                aside: aside.as_ref().ok().cloned(),
            });
            if aside.is_err() {
                // No room for the copy: leave the bytes where they are, the next segment outranks them.
                end.segment = None;
            }
        }
        if let Some((path, _)) = &end.segment {
            // Readers will see what was read here, so it must not be lost by a power cut any more.
            let synced = File::open(path).and_then(|file| file.sync_all());
            synced.map_err(|error| super::journal::fault(path, &error))?;
        }
        return Ok(());
    }
    (load.table.seq, load.table.chain) = (end.seq, end.chain);
    load.flush()?;
    load.index.sync()?;
    let path = folder.snapshots().join(snapshot::name(end.seq));
    snapshot::write(&path, end.seq, &end.chain, |row| load.index.each(row))?;
    for segment in &end.read {
        let name = segment.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let aside = super::folder::free_name(&journal, &format!("damaged-{name}"));
        fs::rename(segment, &aside).map_err(|error| super::journal::fault(segment, &error))?;
    }
    super::disk::sync_dir(&journal).map_err(|error| super::journal::fault(&journal, &error))?;
    for hole in &end.holes {
        tracing::warn!(code = nightbell_core::code::STORE_DAMAGED.0, hole = %hole, "repaired");
    }
    end.segment = None;
    report.repaired = std::mem::take(&mut end.holes);
    Ok(())
}
