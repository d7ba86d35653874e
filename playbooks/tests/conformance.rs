//! Control flow as other workflow languages understand it, said in ours: one row per behaviour, each with a
//! playbook, what the world does, and what must come of it.
//!
//! The list of behaviours follows the conformance scenarios of the Open Workflow specification (calls, data flow,
//! do, emit, flow, for, fork, raise, set, switch, try); wording, playbooks and expectations are our own.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may stop where a helper fails")]

use nightbell_playbooks::{Library, builtin, testing};

/// The scenarios: `data/conformance/<name>.yaml` and `<name>.test.yaml`.
macro_rules! scenarios {
    ($($name:literal),+ $(,)?) => {
        const SCENARIOS: &[(&str, &str, &str)] = &[$((
            $name,
            include_str!(concat!("data/conformance/", $name, ".yaml")),
            include_str!(concat!("data/conformance/", $name, ".test.yaml")),
        )),+];
    };
}

scenarios![
    "call-arguments-and-result",
    "data-flow-input-filter",
    "data-flow-output-filter",
    "do-in-order",
    "do-stops-at-end",
    "emit-event-is-awaited",
    "flow-skips-over-steps",
    "flow-end-inside-a-case",
    "for-each-item-in-order",
    "for-each-of-nothing",
    "for-while-condition-holds",
    "fork-waits-for-all",
    "fork-first-one-wins",
    "raise-ends-the-run",
    "raise-with-code-of-the-action",
    "set-values-build-on-each-other",
    "switch-matching-case",
    "switch-default-and-none",
    "try-catches-and-goes-on",
    "try-uncaught-goes-up",
    "try-again-until-success",
    "try-again-in-vain",
    "sub-playbook-inputs-and-outputs",
];

#[test]
fn every_scenario_behaves_as_specified() {
    let mut library = Library::new(builtin::manifests());
    for (name, text, _) in SCENARIOS {
        if let Err(found) = library.add(&format!("{name}.yaml"), text) {
            panic!("{name}: {}", found.iter().map(|f| f.render(text)).collect::<String>());
        }
        assert!(library.current(name).is_some(), "the id of {name}.yaml is its name");
    }
    let mut cases = 0;
    for (name, _, test) in SCENARIOS {
        let results = testing::run_file(&library, name, test);
        for r in &results {
            assert!(r.ok, "{name}, {}: {}\n{}", r.case, r.message, r.transcript);
        }
        cases += results.len();
    }
    println!("{} scenarios, {cases} cases", SCENARIOS.len());
    assert!(SCENARIOS.len() >= 21 && cases > SCENARIOS.len());
}

/// The same scenarios survive a crash at any write.
#[test]
fn every_scenario_survives_a_crash_anywhere() {
    let mut library = Library::new(builtin::manifests());
    for (name, text, _) in SCENARIOS {
        library.add(&format!("{name}.yaml"), text).expect(name);
    }
    for (name, _, test) in SCENARIOS {
        let report = testing::crash_everywhere(&library, name, test);
        assert!(report.runs > 0 && report.failures.is_empty(), "{name}: {:#?}", report.failures);
    }
}
