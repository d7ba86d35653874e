//! Reading what an author names: files, folders, ids of shipped playbooks.

use anyhow::{Context as _, anyhow};
use nightbell_playbooks::{Finding, Library, Playbook, Severity, builtin};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most files that one call looks at.
const MOST: usize = 10_000;
/// Deepest folder below the one that was named.
const DEEPEST: usize = 16;
/// Largest file that is read at all; the language's own limit is smaller and has a better message.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Every YAML file that is named or lies in a named folder, in order. Links to folders and hidden names are left
/// out below a folder.
pub fn yaml(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    for path in paths {
        let about = std::fs::metadata(path).map_err(|e| anyhow!("NB0008 cannot read {}: {e}", path.display()))?;
        if about.is_dir() { walk(path, 0, &mut out)? } else { out.push(path.clone()) }
    }
    let mut seen = std::collections::BTreeSet::new();
    out.retain(|p| seen.insert(p.clone()));
    Ok(out)
}

fn walk(folder: &Path, depth: usize, out: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries =
        std::fs::read_dir(folder).map_err(|e| anyhow!("NB0008 cannot read the folder {}: {e}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_none_or(|n| n.to_string_lossy().starts_with('.'));
        if hidden || out.len() >= MOST {
            continue;
        }
        if path.is_dir() {
            if !path.is_symlink() && depth < DEEPEST {
                walk(&path, depth + 1, out)?;
            }
        } else if matches!(path.extension().and_then(|e| e.to_str()), Some("yaml" | "yml")) {
            out.push(path);
        }
    }
    Ok(())
}

/// Whether the name is that of a test file.
pub fn is_test(path: &Path) -> bool {
    path.file_name().is_some_and(|n| n.to_string_lossy().ends_with(".test.yaml"))
}

/// The test file that belongs to a playbook's file.
pub fn test_of(path: &Path) -> PathBuf {
    path.with_extension("test.yaml")
}

/// The text of a file. What is not UTF-8 comes as a finding, because the author has to repair it.
pub fn text(path: &Path) -> anyhow::Result<Result<String, Finding>> {
    let unreadable = |e: std::io::Error| anyhow!("NB0008 cannot read {}: {e}", path.display());
    let about = std::fs::metadata(path).map_err(unreadable)?;
    if about.len() > LARGEST {
        return Err(anyhow!("NB0008 cannot read {}: it has {} bytes", path.display(), about.len()));
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Ok(String::from_utf8(bytes).map_err(|e| {
        let good = e.as_bytes().get(..e.utf8_error().valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good).into_owned();
        Finding {
            path: path.display().to_string(),
            code: "NB1007".to_owned(),
            severity: Severity::Error,
            line: u32::try_from(good.matches('\n').count() + 1).unwrap_or(u32::MAX),
            column: u32::try_from(good.rsplit('\n').next().unwrap_or("").chars().count() + 1).unwrap_or(u32::MAX),
            message: "the file is not UTF-8".to_owned(),
            help: "save it as UTF-8".to_owned(),
            width: 0,
        }
    }))
}

/// Text that must be readable: answers, triggers, mocks.
pub fn plain(path: &Path) -> anyhow::Result<String> {
    text(path)?.map_err(|f| anyhow!("{} {}:{}:{}: {}", f.code, f.path, f.line, f.column, f.message))
}

/// The shipped playbooks.
pub fn shipped() -> anyhow::Result<Library> {
    Library::shipped(builtin::manifests()).map_err(|f| anyhow!("{} findings in the shipped playbooks", f.len()))
}

/// Adds a file to a library; findings are printed as for a person and given as an error.
pub fn add(library: &mut Library, path: &Path) -> anyhow::Result<Arc<Playbook>> {
    let shown = path.display().to_string();
    let text = plain(path)?;
    library.add(&shown, &text).map_err(|found| {
        let all: String = found.iter().map(|f| f.render(&text)).collect();
        anyhow!("{}\n{shown} cannot be used before this is repaired", all.trim_end())
    })
}

/// What `NAME|FILE` means: a file, else the id of a playbook of `library`. The other playbooks of the file's folder are
/// added first, because it may call them; those that are broken are left out.
pub fn named(library: &mut Library, name: &str) -> anyhow::Result<Arc<Playbook>> {
    let path = PathBuf::from(name);
    if path.is_file() {
        neighbours(library, &path);
        return add(library, &path);
    }
    library.current(name).with_context(|| {
        let known: Vec<&str> = library.iter().map(|p| p.id.as_str()).collect();
        format!("NB0008 `{name}` is neither a file nor the id of a playbook. Known: {}", known.join(", "))
    })
}

/// Adds the playbooks that lie beside a file.
pub fn neighbours(library: &mut Library, path: &Path) {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).take(MOST).collect();
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "yaml") && !is_test(f) && *f != path) {
        if let Ok(Ok(text)) = text(file)
            && library.iter().all(|p| p.source() != text)
        {
            let _ = library.add(&file.display().to_string(), &text);
        }
    }
}
