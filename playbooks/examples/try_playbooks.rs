//! Checks and tests the playbooks of a folder beside the shipped ones: what an author runs while writing.
//!
//! `cargo run -p nightbell-playbooks --example try_playbooks -- FOLDER [--transcript]`

use nightbell_playbooks::{Library, builtin, testing};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let transcript = args.iter().any(|a| a == "--transcript");
    let only: Vec<&String> = args.iter().skip(1).filter(|a| !a.starts_with("--")).collect();
    let Some(folder) = args.first().map(PathBuf::from) else {
        eprintln!("which folder?");
        return ExitCode::from(2);
    };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
    files.sort();
    let name = |p: &PathBuf| p.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut bad = false;
    let mut library = Library::shipped(builtin::manifests()).unwrap_or_default();
    for path in files.iter().filter(|p| name(p).ends_with(".yaml") && !name(p).ends_with(".test.yaml")) {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let found = library.add(&name(path), &text).err().unwrap_or_default();
        bad |= !found.is_empty();
        for f in found {
            println!("{}", f.render(&text));
        }
    }
    for w in library.warnings().iter().chain(&library.cross_check()) {
        println!("{}:{}:{} {} {}", w.path, w.line, w.column, w.code, w.message);
    }
    for path in files.iter().filter(|p| name(p).ends_with(".test.yaml")) {
        if !only.is_empty() && !only.iter().any(|o| name(path).starts_with(o.as_str())) {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap_or_default();
        for r in testing::run_file(&library, &name(path), &text) {
            bad |= !r.ok;
            let mark = if r.ok { "ok  " } else { "FAIL" };
            println!("{mark} {} · {} {}", r.path, r.case, r.message);
            if transcript {
                println!("{}\n", r.transcript);
            }
        }
    }
    ExitCode::from(u8::from(bad))
}
