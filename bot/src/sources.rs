//! What is read from disk at the start: the store, the playbooks, the policies; and where the log goes.

use crate::config::Config;
use anyhow::{Context as _, anyhow};
use nightbell_core::code::Coded;
use nightbell_playbooks::{Finding, Library};
use nightbell_store::embedded::{CrashAt, Embedded, Options};
use std::path::{Path, PathBuf};

/// Opens the embedded store.
pub fn store(dir: &Path) -> anyhow::Result<Embedded> {
    std::fs::create_dir_all(dir).map_err(|e| anyhow!("NB0005 cannot use the data folder {}: {e}", dir.display()))?;
    let mut options = Options::default();
    if let Ok(at) = std::env::var("NIGHTBELL_CRASH_AT") {
        options.crash_at = Some(at.parse::<CrashAt>().map_err(|e| anyhow!("NIGHTBELL_CRASH_AT: {e}"))?);
    }
    Embedded::open(dir, options).map_err(|e| anyhow!("{} {e}. See: nightbell explain {}", e.code(), e.code()))
}

/// The shipped playbooks and those of the configured folder, with what the checker found.
pub fn playbooks(config: &Config) -> anyhow::Result<(Library, Vec<Finding>)> {
    let manifests = nightbell_playbooks::builtin::manifests();
    let mut library =
        Library::shipped(manifests).map_err(|f| anyhow!("{} findings in the shipped playbooks", f.len()))?;
    let mut findings = Vec::new();
    for file in files_below(&config.playbooks.folder, "yaml")? {
        let path = file.display().to_string();
        if path.ends_with(".test.yaml") {
            continue;
        }
        let bytes = std::fs::read(&file).with_context(|| format!("NB1001 cannot read {path}"))?;
        // What is not UTF-8 becomes a finding with a place, not an end of the whole start.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Err(f) = library.offer(&path, &text) {
            findings.extend(f);
        }
    }
    findings.extend(library.settle());
    Ok((library, findings))
}

/// Path (relative to the folder) and text of every policy document.
pub fn policies(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    for file in files_below(folder, "md")? {
        let name = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
        let bytes = std::fs::read(&file).with_context(|| format!("NB0401 cannot read {}", file.display()))?;
        out.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(out)
}

/// Files of a folder and the folders in it, by extension, in the order of their names.
pub fn files_below(folder: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut out = Vec::new();
    if folder.as_os_str().is_empty() {
        return Ok(out);
    }
    let mut todo = vec![folder.to_owned()];
    while let Some(dir) = todo.pop() {
        let entries =
            std::fs::read_dir(&dir).with_context(|| format!("NB0008 cannot read the folder {}", dir.display()))?;
        for e in entries.flatten() {
            let p = e.path();
            if p.is_dir() && !p.is_symlink() {
                todo.push(p);
            } else if p.extension().is_some_and(|x| x == extension) {
                out.push(p);
            }
        }
    }
    out.sort();
    Ok(out)
}

/// Logs to stderr, so that stdout stays for what was asked for.
pub fn logging(log: &crate::config::Log) {
    let filter = std::env::var("RUST_LOG").unwrap_or_else(|_| log.level.clone());
    let filter =
        tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let done = if log.format == "json" { builder.json().try_init() } else { builder.try_init() };
    if done.is_err() {
        eprintln!("logging was set up already");
    }
}
