//! Every shipped playbook passes its tests with full coverage, and people see what the golden files say.

#![allow(clippy::expect_used, reason = "a test may stop where a helper fails")]

use nightbell_playbooks::{Library, builtin, library, library_tests, testing};
use std::path::Path;

fn shipped() -> Library {
    Library::shipped(builtin::manifests()).map_err(show).expect("the shipped playbooks load")
}

fn show(found: Vec<nightbell_playbooks::Finding>) -> String {
    let text = |path: &str| library().iter().find(|(n, _)| *n == path).map_or("", |(_, t)| *t);
    found.iter().map(|f| f.render(text(&f.path))).collect()
}

#[test]
fn every_shipped_playbook_passes_its_tests_and_covers_itself() {
    let library = shipped();
    for (name, text) in library_tests() {
        let results = testing::run_file(&library, name, text);
        let mut golden = String::new();
        for r in &results {
            assert!(r.ok, "{name}: {}: {}\n{}", r.case, r.message, r.transcript);
            assert_eq!((r.coverage.steps, r.coverage.branches, r.coverage.timeouts), (100, 100, 100), "{name}");
            golden.push_str(&format!("== {}\n{}\n\n", r.case, r.transcript));
        }
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("library").join(name.replace(".test.yaml", ".golden.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&file, &golden).expect("write golden file");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(golden == expected, "{} differs; look at it and run with UPDATE_GOLDEN=1", file.display());
    }
}

#[test]
fn the_shipped_library_has_only_known_warnings() {
    for w in shipped().warnings() {
        // The sign-out has no inverse: signing in again is up to the person.
        assert!(w.code == "NB1705", "{w:?}");
    }
}
