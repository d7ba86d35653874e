//! Reading the journal: in order, with every checksum and the chain verified.
//!
//! **Promise:** a frame is either handed on exactly as written, or its loss is told. What cannot be read at the very
//! end, in a group that nobody can have been told about, is a torn tail and may be cut; anything else is damage.

use super::codec::{Change, decode};
use super::disk::sync_dir;
use super::folder::{free_name, segments};
use super::frame::{self, Frame, GENESIS, HEAD, Hash};
use super::journal::fault;
use nightbell_core::port::store::StoreError;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where to begin: the state up to here is known from elsewhere.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    pub seq: u64,
    pub chain: Hash,
    /// The journal is known to have been durable up to here: what is missing below is damage, not a torn tail.
    pub durable: u64,
}

impl Start {
    pub const BEGINNING: Self = Self { seq: 0, chain: GENESIS, durable: 0 };
}

/// An unreadable end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tail {
    pub path: PathBuf,
    pub offset: u64,
    pub bytes: u64,
    /// First sequence number that is not there.
    pub seq: u64,
}

/// The end of the journal.
#[derive(Debug, Default)]
pub(crate) struct End {
    pub seq: u64,
    pub chain: Hash,
    /// Newest segment and its good length.
    pub segment: Option<(PathBuf, u64)>,
    pub tail: Option<Tail>,
    /// What was skipped; only when asked to go on behind damage.
    pub holes: Vec<String>,
    /// Segments that were read.
    pub read: Vec<PathBuf>,
    /// Frames verified.
    pub frames: u64,
}

/// Why reading stopped.
#[derive(Debug)]
pub(crate) enum WalkError {
    /// The state the walk started from does not belong to this journal.
    Start(String),
    Store(StoreError),
}

impl From<StoreError> for WalkError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What the walk hands on for each frame behind the start: number, chain hash, changes.
pub(crate) type Sink<'a> = dyn FnMut(u64, Hash, Vec<Change>) -> Result<(), StoreError> + 'a;

/// Reads from the segment that holds `start` to the end, or to `last`. With `beyond` it goes on behind damage and
/// notes the holes.
pub(crate) fn walk(dir: &Path, start: Start, last: u64, beyond: bool, sink: &mut Sink<'_>) -> Result<End, WalkError> {
    let all = segments(dir)?;
    let mut end = End { seq: start.seq, chain: start.chain, ..End::default() };
    if all.is_empty() && start.seq.max(start.durable) == 0 {
        return Ok(end);
    }
    let Some(from) = all.iter().rposition(|(first, _)| *first <= start.seq + 1) else {
        let found = all.first().map_or("nothing".to_owned(), |(first, _)| format!("commit {first}"));
        let why = format!("the journal begins with {found}, but commit {} is needed", start.seq + 1);
        if !beyond {
            return Err(StoreError::Damaged(why).into());
        }
        end.holes.push(why);
        if all.is_empty() {
            return Ok(end);
        }
        return Walk { start, last, beyond, sink, end, next: None, prev: None }.run(&all);
    };
    let first = all[from].0;
    let prev = match first {
        1 => Some(GENESIS),
        _ if first == start.seq + 1 => Some(start.chain),
        _ => None,
    };
    Walk { start, last, beyond, sink, end, next: Some(first), prev }.run(&all[from..])
}

/// Reads everything from the first segment on and goes on behind damage, noting the holes.
pub(crate) fn walk_whole(dir: &Path, sink: &mut Sink<'_>) -> Result<End, WalkError> {
    let all = segments(dir)?;
    let first = all.first().map_or(1, |(first, _)| *first);
    let start = Start { seq: first.saturating_sub(1), ..Start::BEGINNING };
    let end = End { seq: start.seq, chain: start.chain, ..End::default() };
    let prev = (first == 1).then_some(GENESIS);
    Walk { start, last: u64::MAX, beyond: true, sink, end, next: Some(first), prev }.run(&all)
}

struct Walk<'a, 'b> {
    start: Start,
    last: u64,
    beyond: bool,
    sink: &'a mut Sink<'b>,
    end: End,
    /// Number expected next; `None` behind a hole.
    next: Option<u64>,
    /// Chain hash expected next; `None` where it is not known.
    prev: Option<Hash>,
}

impl Walk<'_, '_> {
    fn run(mut self, segments: &[(u64, PathBuf)]) -> Result<End, WalkError> {
        for (i, (first, path)) in segments.iter().enumerate() {
            if self.next.is_some_and(|next| next > self.last) {
                return Ok(self.end);
            }
            if self.next.is_some_and(|next| next != *first) {
                self.damage(format!("{}: commits {} to {} are missing", path.display(), self.expected(), first - 1))?;
            }
            let bytes = fs::read(path).map_err(|error| fault(path, &error))?;
            self.end.read.push(path.clone());
            let limit = segments.get(i + 1).map(|(first, _)| *first);
            self.segment(path, &bytes, limit)?;
        }
        let end_seq = self.next.map_or(self.end.seq, |next| next.saturating_sub(1));
        let known = self.start.durable.max(self.start.seq).min(self.last);
        if end_seq < known {
            self.damage(format!("the journal ends with commit {end_seq}, but commit {known} was made"))?;
        }
        Ok(self.end)
    }

    fn segment(&mut self, path: &Path, bytes: &[u8], limit: Option<u64>) -> Result<(), WalkError> {
        let mut at = 0;
        while at < bytes.len() {
            let read = frame::read(&bytes[at..]);
            if let Some(frame) = read {
                if limit.is_some_and(|limit| frame.seq >= limit) {
                    // The tail of a failed write that could not be cut: the next segment replaces it.
                    break;
                }
                if frame.seq > self.last {
                    self.next = Some(frame.seq);
                    return Ok(());
                }
                if self.fits(&frame) {
                    self.take(path, at, &frame)?;
                    at += frame.size();
                    continue;
                }
            }
            if limit.is_some() && limit == self.next {
                // Everything that counts is there.
                break;
            }
            // Zeros to the end were allocated ahead and never written.
            let written = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
            if limit.is_none() && written <= at && self.expected() > self.start.durable.max(self.start.seq) {
                break;
            }
            let expected = self.expected();
            let behind = later(&bytes[at..], expected, limit);
            let later_group = behind.is_some_and(|(_, first)| first > expected);
            if limit.is_none() && read.is_none() && !later_group && expected > self.start.durable.max(self.start.seq) {
                let bytes = written.saturating_sub(at).max(1) as u64;
                self.end.tail = Some(Tail { path: path.to_owned(), offset: at as u64, bytes, seq: expected });
                break;
            }
            self.damage(format!("{}, byte {at}: commit {expected} cannot be read", path.display()))?;
            match behind {
                Some((skip, _)) => at += skip,
                None => at = bytes.len(),
            }
        }
        self.end.segment = Some((path.to_owned(), at as u64));
        Ok(())
    }

    fn fits(&self, frame: &Frame<'_>) -> bool {
        self.next.is_none_or(|next| next == frame.seq)
            && self.prev.is_none_or(|prev| prev == frame.prev)
            && (self.next.is_some() || frame.seq > self.end.seq)
    }

    fn take(&mut self, path: &Path, at: usize, frame: &Frame<'_>) -> Result<(), WalkError> {
        let hash = frame.hash();
        if frame.seq == self.start.seq && hash != self.start.chain {
            return Err(WalkError::Start(format!("it stands for another journal at commit {}", frame.seq)));
        }
        self.next = Some(frame.seq + 1);
        self.prev = Some(hash);
        self.end.frames += 1;
        if frame.seq > self.start.seq {
            let bad = || format!("{}, byte {at}: commit {} makes no sense", path.display(), frame.seq);
            let changes = decode(frame.payload).ok_or_else(|| StoreError::Damaged(bad()))?;
            (self.sink)(frame.seq, hash, changes)?;
            (self.end.seq, self.end.chain) = (frame.seq, hash);
        }
        Ok(())
    }

    fn expected(&self) -> u64 {
        self.next.unwrap_or(self.end.seq + 1)
    }

    fn damage(&mut self, why: String) -> Result<(), WalkError> {
        if !self.beyond {
            return Err(StoreError::Damaged(why).into());
        }
        self.end.holes.push(why);
        (self.next, self.prev) = (None, None);
        Ok(())
    }
}

/// The next good frame behind an unreadable place: its distance, and the first number of the last group found (a
/// group that began later proves that the unreadable place had been synced).
fn later(bytes: &[u8], expected: u64, limit: Option<u64>) -> Option<(usize, u64)> {
    let most = (expected + (bytes.len() / HEAD) as u64 + 1).min(limit.unwrap_or(u64::MAX));
    let mut found: Option<(usize, u64)> = None;
    let mut at = 1;
    while at + HEAD <= bytes.len() {
        let plausible = frame::seq_at(&bytes[at..]).is_some_and(|seq| seq >= expected && seq < most);
        if let Some(frame) = plausible.then(|| frame::read(&bytes[at..])).flatten() {
            let group = frame.seq.saturating_sub(u64::from(frame.place));
            found = Some(found.map_or((at, group), |(first, newest)| (first, newest.max(group))));
            at += frame.size();
        } else {
            at += 1;
        }
    }
    found
}

/// Cuts a torn tail off and keeps the bytes beside the journal. The name of the side file.
pub(crate) fn cut(dir: &Path, tail: &Tail) -> Result<PathBuf, StoreError> {
    let aside = free_name(dir, &format!("cut-{:020}", tail.seq));
    let keep = || {
        let bytes = fs::read(&tail.path)?;
        let mut file = File::create(&aside)?;
        let (from, to) = (tail.offset as usize, (tail.offset + tail.bytes) as usize);
        file.write_all(bytes.get(from..to.min(bytes.len())).unwrap_or_default())?;
        file.sync_all()?;
        let segment = File::options().write(true).open(&tail.path)?;
        segment.set_len(tail.offset)?;
        segment.sync_all()?;
        sync_dir(dir)
    };
    keep().map_err(|error| fault(&aside, &error))?;
    Ok(aside)
}
