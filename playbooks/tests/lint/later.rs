//! Findings that need a configuration, an earlier version, other files or tests.

use super::playbook;
use nightbell_playbooks::lint::{compare_versions, never_tested, no_tests, quorums, same_version, unserved};
use nightbell_playbooks::{Finding, Library, Severity, builtin, load};

/// Codes that only these functions report.
pub const CODES: &[&str] = &["NB1404", "NB1405", "NB1706", "NB1801", "NB1802", "NB1901", "NB1902"];

const APPROVE: &str = "steps:\n  - id: a\n    approve:\n      by: role:lead\n      quorum: 3\n      action: { uses: device.lock, with: { device: x } }\n    timeout: 1h\n    on_timeout: continue";

fn seen(f: &Finding) -> (&str, u32, u32) {
    (&f.code, f.line, f.column)
}

#[test]
fn actions_that_nothing_serves_here_are_named() {
    let body = "steps:\n  - { id: a, uses: mail.search }\n  - { id: b, uses: mail.search, on_error: continue }\n  - { id: c, uses: case.note, with: { text: x } }";
    let found = unserved(&playbook(body), |_| false);
    assert_eq!(found.iter().map(seen).collect::<Vec<_>>(), [("NB1404", 6, 20)]);
    assert_eq!(found[0].message, "no connector serves `mail.search` here");
    assert_eq!(found[0].severity, Severity::Warning);
    assert!(unserved(&playbook(body), |a| a == "mail.search").is_empty());
    let found = unserved(&playbook(APPROVE), |_| false);
    assert_eq!(found.iter().map(seen).collect::<Vec<_>>(), [("NB1404", 10, 23)]);
}

#[test]
fn a_quorum_above_the_size_of_its_role_is_named() {
    let found = quorums(&playbook(APPROVE), |role| (role == "lead").then_some(2));
    assert_eq!(found.iter().map(seen).collect::<Vec<_>>(), [("NB1703", 8, 11)]);
    assert_eq!(found[0].message, "the quorum of 3 is larger than the role `lead`, which has 2");
    assert!(quorums(&playbook(APPROVE), |_| Some(3)).is_empty());
    assert!(quorums(&playbook(APPROVE), |_| None).is_empty());
}

fn version(version: &str, id: &str, wait: &str) -> nightbell_playbooks::Playbook {
    let text =
        format!("nightbell: 1\nid: {id}\nversion: {version}\nname: T\nsteps: [{{ id: a, wait: {{ for: {wait} }} }}]\n");
    load("t.yaml", &text, &builtin::manifests()).expect("loads").playbook
}

#[test]
fn changed_content_needs_a_higher_version() {
    let old = version("1.2.0", "t", "1m");
    let hit = compare_versions(&old, &version("1.2.0", "t", "2m")).expect("found");
    assert_eq!((seen(&hit), hit.severity), (("NB1801", 3, 10), Severity::Warning));
    assert_eq!(hit.message, "the content changed, but `version` is still 1.2.0");
    assert_eq!(hit.help, "raise it, for instance to 1.2.1");
    let back = compare_versions(&old, &version("1.1.9", "t", "2m")).expect("found");
    assert_eq!(back.message, "the content changed, but `version` went back from 1.2.0 to 1.1.9");
    for (v, id, wait) in [("1.2.0", "t", "1m"), ("1.2.1", "t", "2m"), ("1.10.0", "t", "2m"), ("1.2.0", "u", "2m")] {
        assert_eq!(compare_versions(&old, &version(v, id, wait)), None, "{v} {id} {wait}");
    }
    let twin = same_version(&old, &version("1.2.0", "t", "2m")).expect("found");
    assert_eq!((seen(&twin), twin.severity), (("NB1802", 3, 10), Severity::Error));
    assert_eq!(same_version(&old, &version("1.2.1", "t", "2m")), None);
    assert_eq!(same_version(&old, &version("1.2.0", "t", "1m")), None);
}

#[test]
fn what_tests_never_reach_is_pointed_at() {
    let pb = playbook(
        "steps:\n  - id: a\n    if: \"run.id == 'x'\"\n    wait: { for: 1m }\n    timeout: 5m\n  - id: s\n    switch: [{ case: \"run.id == 'x'\", steps: [{ id: b, end: {} }] }]",
    );
    let none = no_tests(&pb);
    assert_eq!((seen(&none), none.message.as_str()), (("NB1901", 2, 5), "there is no test file `t.test.yaml`"));
    let missing = [
        "branch never tested: a, condition false",
        "time-out never tested: a",
        "branch never tested: s, case 1",
        "branch never tested: s, no case true",
        "step never tested: b",
        "nonsense",
        "step never tested: gone",
    ];
    let found = never_tested(&pb, &missing.map(str::to_owned));
    let shown: Vec<(u32, u32, &str)> = found.iter().map(|f| (f.line, f.column, f.message.as_str())).collect();
    assert_eq!(
        shown,
        [
            (7, 10, "in no test the condition of `a` is false"),
            (9, 14, "no test reaches the time-out of `a`"),
            (10, 9, "no test goes this way at `s`: no case true"),
            (11, 23, "no test goes this way at `s`: case 1"),
            (11, 53, "no test reaches the step `b`"),
        ]
    );
    assert!(found.iter().all(|f| f.code == "NB1902"));
}

/// The words that the coverage of a test file uses are those that are understood here.
#[test]
fn the_words_of_the_coverage_are_understood() {
    let mut library = Library::new(builtin::manifests());
    let text = "nightbell: 1\nid: t\nversion: 1.0.0\nname: T\nsteps:\n  - { id: a, if: \"run.id == 'x'\", wait: { for: 1m }, timeout: 5m }\n  - { id: b, end: {} }\n";
    library.add("t.yaml", text).expect("loads");
    let test = "playbook: t\nmin_coverage: { steps: 100, branches: 100, timeouts: 100 }\ncases:\n  - { name: one, expect: { status: succeeded } }\n";
    let results = nightbell_playbooks::testing::run_file(&library, "t.test.yaml", test);
    let last = results.last().expect("coverage");
    let missing: Vec<String> = last.message.split("; ").map(str::to_owned).collect();
    let found = never_tested(&library.current("t").expect("t"), &missing);
    assert_eq!(found.len(), missing.len(), "{missing:?}");
    assert!(!found.is_empty());
}

#[test]
fn a_playbook_that_calls_nobody_s_name_is_told_so() {
    let mut library = Library::new(builtin::manifests());
    let text = "nightbell: 1\nid: t\nversion: 1.0.0\nname: T\nsteps:\n  - { id: a, playbook: open-incidnet }\n  - { id: b, playbook: open-incident@2 }\n  - { id: c, playbook: open-incident@1 }\n";
    library.add("t.yaml", text).expect("loads");
    let other = "nightbell: 1\nid: open-incident\nversion: 1.4.0\nname: T\nsteps: [{ id: a, end: {} }]\n";
    library.add("open-incident.yaml", other).expect("loads");
    let found = library.cross_check();
    let shown: Vec<_> = found.iter().map(|f| (seen(f), f.help.as_str())).collect();
    assert_eq!(
        shown,
        [
            (("NB1405", 6, 24), "did you mean `open-incident`?"),
            (("NB1405", 7, 24), "`open-incident` is there in version 1.4.0"),
        ]
    );
}
