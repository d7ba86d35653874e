//! A dump of the whole state at one commit. It bounds the replay of a rebuild and is the body of a backup.
//!
//! ```text
//! magic [8] | seq u64 | chain hash [32] | chunks: length u32, rows | length 0 | BLAKE3 of everything before [32]
//! ```
//! **Promise:** it appears under its name only when it is whole and durable; one that was changed is not used.

use super::codec::{get_bytes, get_int, get_text, put_bytes, put_int};
use super::disk::sync_dir;
use super::folder::numbered;
use super::frame::Hash;
use super::journal::fault;
use nightbell_core::port::store::StoreError;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"NBSNAP1\n";
const CHUNK: usize = 256 * 1024;
/// Snapshots kept in the data folder.
const KEEP: usize = 2;

/// Takes collection, key, version and value of a row.
pub(crate) type Row<'a> = dyn FnMut(&str, &str, u64, &[u8]) -> Result<(), StoreError> + 'a;

/// Name of the snapshot at `seq`.
pub(crate) fn name(seq: u64) -> String {
    format!("{seq:020}.snap")
}

struct Out {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    chunk: Vec<u8>,
}

impl Out {
    fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)
    }

    fn flush_chunk(&mut self) -> io::Result<()> {
        let chunk = std::mem::take(&mut self.chunk);
        self.raw(&(chunk.len() as u32).to_le_bytes())?;
        self.raw(&chunk)?;
        self.chunk = chunk;
        self.chunk.clear();
        Ok(())
    }
}

/// Writes a snapshot; `rows` calls its argument for every row.
pub(crate) fn write(
    path: &Path,
    seq: u64,
    chain: &Hash,
    rows: impl FnOnce(&mut Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let temp = path.with_extension("tmp");
    let io = |error: io::Error| fault(path, &error);
    let write = || {
        let file = BufWriter::new(File::create(&temp).map_err(io)?);
        let mut out = Out { file, hasher: blake3::Hasher::new(), chunk: Vec::new() };
        for part in [&MAGIC[..], &seq.to_le_bytes(), chain] {
            out.raw(part).map_err(io)?;
        }
        rows(&mut |coll, key, version, value| {
            put_bytes(&mut out.chunk, coll.as_bytes());
            put_bytes(&mut out.chunk, key.as_bytes());
            put_int(&mut out.chunk, version);
            put_bytes(&mut out.chunk, value);
            if out.chunk.len() >= CHUNK { out.flush_chunk().map_err(io) } else { Ok(()) }
        })?;
        if !out.chunk.is_empty() {
            out.flush_chunk().map_err(io)?;
        }
        out.flush_chunk().map_err(io)?;
        let digest = out.hasher.finalize();
        out.file.write_all(digest.as_bytes()).map_err(io)?;
        let file = out.file.into_inner().map_err(|error| io(error.into_error()))?;
        file.sync_all().map_err(io)?;
        fs::rename(&temp, path).map_err(io)?;
        path.parent().map_or(Ok(()), sync_dir).map_err(io)
    };
    let written = write();
    if written.is_err() {
        // Best effort: a leftover would only take room.
        let _ = fs::remove_file(&temp);
    }
    written
}

/// Sequence number and chain hash of a snapshot; `None` when it is not whole.
pub(crate) fn verify(path: &Path) -> Option<(u64, Hash)> {
    let mut file = File::open(path).ok()?;
    let body = file.metadata().ok()?.len().checked_sub(32)?;
    let mut hasher = blake3::Hasher::new();
    let mut limited = Read::by_ref(&mut file).take(body);
    let mut buf = vec![0; CHUNK];
    loop {
        match limited.read(&mut buf).ok()? {
            0 => break,
            n => hasher.update(&buf[..n]),
        };
    }
    let mut digest = [0; 32];
    file.read_exact(&mut digest).ok()?;
    if *hasher.finalize().as_bytes() != digest {
        return None;
    }
    head(&mut File::open(path).ok()?).ok()
}

fn head(file: &mut impl Read) -> io::Result<(u64, Hash)> {
    let (mut magic, mut seq, mut chain) = ([0; 8], [0; 8], [0; 32]);
    file.read_exact(&mut magic)?;
    file.read_exact(&mut seq)?;
    file.read_exact(&mut chain)?;
    if magic != *MAGIC {
        return Err(io::Error::other("not a snapshot"));
    }
    Ok((u64::from_le_bytes(seq), chain))
}

/// Calls `each` for every row of a snapshot that was verified before.
pub(crate) fn read(path: &Path, each: &mut Row<'_>) -> Result<(), StoreError> {
    let io = |error: io::Error| fault(path, &error);
    let bad = || StoreError::Damaged(format!("{}: a row makes no sense", path.display()));
    let mut file = BufReader::new(File::open(path).map_err(io)?);
    head(&mut file).map_err(io)?;
    let mut chunk = Vec::new();
    loop {
        let mut len = [0; 4];
        file.read_exact(&mut len).map_err(io)?;
        if len == [0; 4] {
            return Ok(());
        }
        chunk.resize(u32::from_le_bytes(len) as usize, 0);
        file.read_exact(&mut chunk).map_err(io)?;
        let mut rest = chunk.as_slice();
        while !rest.is_empty() {
            let coll = get_text(&mut rest).ok_or_else(bad)?;
            let key = get_text(&mut rest).ok_or_else(bad)?;
            let version = get_int(&mut rest).ok_or_else(bad)?;
            each(&coll, &key, version, get_bytes(&mut rest).ok_or_else(bad)?)?;
        }
    }
}

/// The newest whole snapshot in the folder.
pub(crate) fn newest(dir: &Path) -> Result<Option<(PathBuf, u64, Hash)>, StoreError> {
    for (_, path) in numbered(dir, ".snap")?.into_iter().rev() {
        if let Some((seq, chain)) = verify(&path) {
            return Ok(Some((path, seq, chain)));
        }
    }
    Ok(None)
}

/// Removes all but the newest ones.
pub(crate) fn prune(dir: &Path) -> Result<(), StoreError> {
    let all = numbered(dir, ".snap")?;
    for (_, path) in all.iter().take(all.len().saturating_sub(KEEP)) {
        fs::remove_file(path).map_err(|error| fault(path, &error))?;
    }
    Ok(())
}
