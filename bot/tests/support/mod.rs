//! The binary as a person runs it in a folder of files.

#![allow(dead_code, clippy::expect_used, reason = "each test file uses its share, and a test may stop in a helper")]

use std::path::Path;
use std::process::{Command, Stdio};

/// Exit code, stdout and stderr of `nightbell FIRST ARGS` in a folder.
pub fn nightbell(dir: &Path, first: &[&str], args: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nightbell"));
    let out = command.args(first).args(args).current_dir(dir).stdin(Stdio::null()).output().expect("run the binary");
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (out.status.code().unwrap_or(-1), text(&out.stdout), text(&out.stderr))
}

/// A folder with these files; it is gone when the value is.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("folder");
    for (name, text) in files {
        std::fs::write(dir.path().join(name), text).expect("write");
    }
    dir
}
