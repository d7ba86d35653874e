//! The data folder: names, lock, format, epoch, the mark of a clean end.
//!
//! ```text
//! LOCK  FORMAT  EPOCH  CLEAN  reserve
//! journal/<first seq>.log   index/   blobs/ab/<digest>   snapshots/<seq>.snap
//! ```

use super::disk::{sync_dir, write_file};
use super::frame::Hash;
use super::journal::fault;
use nightbell_core::port::store::StoreError;
use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Layout version written to `FORMAT`.
pub(crate) const FORMAT: &str = "nightbell store 1\n";

/// Names in the data folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub root: PathBuf,
}

impl Folder {
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }
    pub fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }
    pub fn snapshots(&self) -> PathBuf {
        self.root.join("snapshots")
    }
    pub fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }
    pub fn reserve(&self) -> PathBuf {
        self.root.join("reserve")
    }
    fn clean(&self) -> PathBuf {
        self.root.join("CLEAN")
    }

    /// Takes the lock of the folder; it ends with the returned file, also when the process is killed.
    pub fn lock(&self) -> Result<File, StoreError> {
        fs::create_dir_all(&self.root).map_err(|error| fault(&self.root, &error))?;
        let path = self.root.join("LOCK");
        let options = &mut File::options();
        let file =
            options.write(true).create(true).truncate(false).open(&path).map_err(|error| fault(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked(self.root.display().to_string())),
            Err(TryLockError::Error(error)) => Err(fault(&path, &error)),
        }
    }

    /// Whether the folder was set up before. Another layout version is an error (NB0107).
    pub fn check_format(&self) -> Result<bool, StoreError> {
        let path = self.root.join("FORMAT");
        match fs::read_to_string(&path) {
            Ok(text) if text == FORMAT => Ok(true),
            Ok(text) => Err(StoreError::Damaged(format!(
                "NB0107: {} says `{}`, this program reads `{}`",
                path.display(),
                text.trim().chars().take(80).collect::<String>(),
                FORMAT.trim()
            ))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Err(StoreError::Damaged(format!("NB0107: {}: {error}", path.display())))
            }
            Err(error) => Err(fault(&path, &error)),
        }
    }

    /// Makes the folders.
    pub fn make_dirs(&self) -> Result<(), StoreError> {
        for dir in [self.journal(), self.snapshots(), self.blobs()] {
            fs::create_dir_all(&dir).map_err(|error| fault(&dir, &error))?;
        }
        Ok(())
    }

    /// Ends the set-up: from now on a missing journal is damage, not a new store.
    pub fn write_format(&self) -> Result<(), StoreError> {
        let path = self.root.join("FORMAT");
        write_file(&path, FORMAT.as_bytes()).map_err(|error| fault(&path, &error))?;
        // The folder's own name must be durable too.
        let parent = self.root.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_dir(parent).map_err(|error| fault(parent, &error))
    }

    /// Number of this opening, durably higher than every one before.
    pub fn next_epoch(&self) -> Result<u64, StoreError> {
        let path = self.root.join("EPOCH");
        let last = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0);
        let epoch = last + 1;
        match write_file(&path, format!("{epoch}\n").as_bytes()).map_err(|error| fault(&path, &error)) {
            // Claims live in memory only, so a number used twice is harmless; a full disk must not keep us down.
            Ok(()) | Err(StoreError::Full(_)) => Ok(epoch),
            Err(error) => Err(error),
        }
    }

    /// Leaves the mark of a clean end: last commit and a digest over the files of the index.
    pub fn mark_clean(&self, seq: u64, chain: &Hash) -> Result<(), StoreError> {
        let path = self.clean();
        let text = self.clean_text(seq, chain).map_err(|error| fault(&path, &error))?;
        write_file(&path, text.as_bytes()).map_err(|error| fault(&path, &error))
    }

    /// What the mark of a clean end says.
    pub fn read_clean(&self) -> Result<CleanMark, StoreError> {
        let path = self.clean();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(self.judge_clean(&text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(CleanMark::Missing),
            Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(CleanMark::Wrong { seq: 0 }),
            Err(error) => Err(fault(&path, &error)),
        }
    }

    /// Takes the mark away, before anything changes.
    pub fn remove_clean(&self) -> Result<(), StoreError> {
        let path = self.clean();
        match fs::remove_file(&path) {
            Ok(()) => sync_dir(&self.root).map_err(|error| fault(&path, &error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(fault(&path, &error)),
        }
    }

    fn judge_clean(&self, text: &str) -> CleanMark {
        let Some((seq, chain)) = parse_clean(text) else { return CleanMark::Wrong { seq: 0 } };
        match self.clean_text(seq, &chain) {
            Ok(now) if now == text => CleanMark::Good { seq },
            _ => CleanMark::Wrong { seq },
        }
    }

    fn clean_text(&self, seq: u64, chain: &Hash) -> std::io::Result<String> {
        let mut text = format!("{seq} {}\n", hex(chain));
        let mut files = Vec::new();
        list(&self.index(), &mut files)?;
        files.sort();
        for path in files {
            let (len, crc) = digest(&path)?;
            let name = path.strip_prefix(&self.root).unwrap_or(&path);
            text.push_str(&format!("{len} {crc:08x} {}\n", name.display()));
        }
        let crc = crc32c::crc32c(text.as_bytes());
        Ok(format!("{text}end {crc:08x}\n"))
    }

    /// Moves the index aside; the name it got.
    pub fn set_index_aside(&self) -> Result<PathBuf, StoreError> {
        let aside = free_name(&self.root, "index.bad");
        fs::rename(self.index(), &aside).map_err(|error| fault(&self.index(), &error))?;
        Ok(aside)
    }
}

/// What the last shutdown left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CleanMark {
    /// It was not a clean one.
    Missing,
    /// It was, and the index is as it was left.
    Good { seq: u64 },
    /// It was, and something has changed since.
    Wrong { seq: u64 },
}

fn parse_clean(text: &str) -> Option<(u64, Hash)> {
    let body = text.strip_suffix('\n')?;
    let (body, crc) = body.rsplit_once("end ")?;
    if u32::from_str_radix(crc, 16).ok()? != crc32c::crc32c(body.as_bytes()) {
        return None;
    }
    let (seq, chain) = body.lines().next()?.split_once(' ')?;
    Some((seq.parse().ok()?, *blake3::Hash::from_hex(chain).ok()?.as_bytes()))
}

fn list(dir: &Path, into: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(&entry.path(), into)?;
        } else {
            into.push(entry.path());
        }
    }
    Ok(())
}

fn digest(path: &Path) -> std::io::Result<(u64, u32)> {
    let mut file = File::open(path)?;
    let (mut len, mut crc) = (0, 0);
    let mut buf = vec![0; 256 * 1024];
    loop {
        let n = file.read(&mut buf)?;
        if n == 0 {
            return Ok((len, crc));
        }
        len += n as u64;
        crc = crc32c::crc32c_append(crc, &buf[..n]);
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

/// Name of the segment that begins with `first`.
pub(crate) fn segment_name(first: u64) -> String {
    format!("{first:020}.log")
}

/// Segments with their first sequence number, in order.
pub(crate) fn segments(dir: &Path) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    numbered(dir, ".log")
}

/// Files named by a number and `suffix`, in order of the number.
pub(crate) fn numbered(dir: &Path, suffix: &str) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(fault(dir, &error)),
    };
    for entry in entries {
        let path = entry.map_err(|error| fault(dir, &error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(number) = name.strip_suffix(suffix).and_then(|number| number.parse().ok()) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found)
}

/// `<stem>-<n>` with the lowest free n.
pub(crate) fn free_name(dir: &Path, stem: &str) -> PathBuf {
    let mut n = 1_u32;
    loop {
        let path = dir.join(format!("{stem}-{n}"));
        if !path.exists() {
            return path;
        }
        n += 1;
    }
}
