//! What must stay true of the rooms, read from `cargo metadata` and the sources. Every message says which room was
//! entered by whom.

#![allow(clippy::expect_used, clippy::panic, reason = "a broken invariant fails the test")]

mod arrows;
mod catalogue;
mod sources;

use std::path::{Path, PathBuf};

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Rust sources below a folder, with their text. Build output and hidden folders are left out.
fn rust_files(below: &Path) -> Vec<(String, String)> {
    let (mut out, mut todo) = (Vec::new(), vec![below.to_owned()]);
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())).flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !name.starts_with('.') && name != "target" {
                    todo.push(path);
                }
            } else if name.ends_with(".rs") {
                let shown = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
                // Somebody else may be writing right now.
                if let Ok(text) = std::fs::read_to_string(&path) {
                    out.push((shown, text));
                }
            }
        }
    }
    out.sort();
    out
}

/// All Rust sources of the workspace.
fn sources() -> Vec<(String, String)> {
    ["bot", "playbooks", "connectors", "tests"].iter().flat_map(|d| rust_files(&root().join(d))).collect()
}
