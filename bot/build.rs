//! Puts the error pages into the binary.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
    println!("cargo::rerun-if-changed={}", dir.display());
    let mut files: Vec<_> = std::fs::read_dir(&dir).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.sort();
    let mut out = String::from("/// Code and text.\npub const PAGES: &[(&str, &str)] = &[\n");
    for f in files {
        if let Some(code) = f.file_stem().and_then(|s| s.to_str()).filter(|s| s.starts_with("NB")) {
            let _ = writeln!(out, "    ({code:?}, include_str!({:?})),", f.display().to_string());
        }
    }
    out.push_str("];\n");
    let target = Path::new(&std::env::var("OUT_DIR").unwrap_or_default()).join("pages.rs");
    if let Err(e) = std::fs::write(target, out) {
        println!("cargo::error=cannot write the error pages: {e}");
    }
}
